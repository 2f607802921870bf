//! `audit key create|show`: the key that signs the audit's checkpoints.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use zeroize::Zeroizing;

use crate::cli::exit::{Exit, Failure, settings};
use crate::domain::audit::signature::{KEY_BYTES, SigningKey};
use crate::journal::audit::key;
use crate::journal::private;

/// What to do with the key.
#[derive(Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Make a key (Ed25519, PEM); the file must not exist yet.
    Create {
        /// Where to put it.
        file: PathBuf,
    },
    /// Print the public half, to be kept where the audit is checked.
    Show {
        /// The key; default: `audit.signing_key` of the settings.
        file: Option<PathBuf>,
    },
}

/// `audit key`.
pub(super) fn run(file: &Path, command: &KeyCommand) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match command {
        KeyCommand::Create { file } => {
            let failed = |error: std::io::Error| {
                let path = file.display();
                Failure::run_time(format!("{path}: cannot be written ({error})"))
            };
            let mut seed = Zeroizing::new([0; KEY_BYTES]);
            getrandom::fill(seed.as_mut_slice())
                .map_err(|error| failed(std::io::Error::other(error)))?;
            let opened = private::options().write(true).create_new(true).open(file);
            let mut made = opened.map_err(failed)?;
            made.write_all(SigningKey::pem(&seed).as_bytes()).map_err(failed)?;
            made.sync_all().map_err(failed)?;
            writeln!(out, "{}: made. Set it in the settings:\n", file.display())?;
            writeln!(out, "[audit]\nsigning_key = {{ file = \"{}\" }}", file.display())?;
        }
        KeyCommand::Show { file: named } => {
            let of_settings = || -> Result<PathBuf, Failure> {
                let none = || Failure::usage("audit.signing_key is not set; name a file");
                settings(file)?.audit.signing_key.ok_or_else(none)
            };
            let path = named.clone().map_or_else(of_settings, Ok)?;
            let signing = key::signing(&path).map_err(|e| Failure::run_time(e.to_string()))?;
            write!(out, "{}", signing.public().pem())?;
        }
    }
    Ok(Exit::Success)
}
