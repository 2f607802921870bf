//! `prove-redaction`: canaries through this very installation, and a search for them in every sink.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Failure, block_on, settings};
use super::serve::stop_signal;
use super::token::secret;
use crate::clock::Clock;
use crate::prove::{self, Coverage, ProveError, Settings};

/// Sends invented identities and secrets through this installation and looks for them in every sink.
///
/// Starts this program once more with these settings, on free loopback ports, in front of an upstream of
/// its own; Accuro is never called. Journal, audit and an SQLite store are in a folder of its own; with
/// PostgreSQL a schema is made in the store's database and dropped at the end. Of the installation only
/// the settings, the keys and the endpoint catalogue are read. A serving process is not touched.
///
/// Exit status: 0 if nothing was found and that is proven; 1 with a table of leaks, or with the reason
/// why the run proves nothing: a planted leak not found, an empty sink, requests that did not arrive.
#[derive(Args)]
pub(super) struct ProveArguments {
    /// What the canaries grow from; the same seed gives the same canaries.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Every placement with a few kinds of canaries instead of all; for every build.
    #[arg(long)]
    quick: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Keep journal, store and logs of the run in this folder, which must not exist yet.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Be the child whose panic is looked at.
    #[arg(long, hide = true)]
    panic: bool,
}

/// A folder of the run, removed at the end unless it is to be kept.
struct Place {
    path: PathBuf,
    kept: bool,
}

impl Place {
    fn new(asked: Option<&Path>) -> Result<Self, Failure> {
        let path = match asked {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(format!("accuscope-{}", &*secret("prove")?)),
        };
        DirBuilder::new().mode(0o700).create(&path).map_err(|error| {
            Failure::usage(format!("{}: cannot be made ({error})", path.display()))
        })?;
        // The child works in the operator's folder, where the settings' own paths begin.
        let path = path.canonicalize()?;
        Ok(Self { path, kept: asked.is_some() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is left to the system's own cleaning of temporary files.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}

/// `prove-redaction`.
pub(super) fn run(file: &Path, arguments: &ProveArguments) -> Result<Exit, Failure> {
    if arguments.panic {
        prove::panic::be_the_child()?;
        return Ok(Exit::Trouble);
    }
    let config = settings(file)?;
    let program = std::env::current_exe()?;
    let place = Place::new(arguments.keep.as_deref())?;
    let coverage = if arguments.quick { Coverage::Quick } else { Coverage::Full };
    let run =
        Settings { program: &program, file, seed: arguments.seed, coverage, folder: &place.path };
    let report = block_on(async {
        let stopped = stop_signal()?;
        Ok(Box::pin(prove::prove(&run, &config, &Clock::system(), stopped)).await?)
    })?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(if report.is_clean() { Exit::Success } else { Exit::Trouble })
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        Self::run_time(error.to_string())
    }
}
