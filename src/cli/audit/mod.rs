//! `audit verify|export|unresolved|settle|key`: is the audit whole, what does it say, which writes are open.

mod copy;
mod evidence;
mod export;
mod key;
mod settle;
mod under_way;
mod unresolved;
mod verify;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::exit::{Exit, Failure, settings};

/// What to do with the audit.
#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Check the hash chain and its checkpoints; names the first record that is not as it was written, and exits 1.
    Verify(verify::VerifyArguments),
    /// Write the audit out.
    Export(export::ExportArguments),
    /// List the writes whose result nobody knows, and what to look for in Accuro.
    Unresolved(unresolved::UnresolvedArguments),
    /// Say what became of such a write, after looking in Accuro.
    Settle(settle::SettleArguments),
    /// The key that signs the audit's checkpoints.
    #[command(subcommand)]
    Key(key::KeyCommand),
}

/// `audit`.
pub(super) fn run(file: &Path, command: &AuditCommand) -> Result<Exit, Failure> {
    match command {
        AuditCommand::Verify(arguments) => verify::run(file, arguments),
        AuditCommand::Export(arguments) => export::run(file, arguments),
        AuditCommand::Unresolved(arguments) => unresolved::run(file, arguments),
        AuditCommand::Settle(arguments) => settle::run(file, arguments),
        AuditCommand::Key(command) => key::run(file, command),
    }
}

/// The folder that was named, or the one of the settings.
fn folder(file: &Path, named: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    named.map_or_else(|| Ok(settings(file)?.journal.dir), |folder| Ok(folder.clone()))
}

/// Why the folder cannot be read.
fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::run_time(format!("{}: cannot be read ({error})", folder.display()))
}
