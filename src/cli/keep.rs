//! Keeps what a command is about to do in the audit, before it does it.
//!
//! Where no process serves, the command writes the chain itself; otherwise it leaves the record for
//! the serving process. Either way it is durable before the command goes on, or the command does not.

use std::path::Path;
use std::sync::Arc;

use super::exit::Failure;
use crate::app::VERSION;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::Entry;
use crate::domain::names::AccountId;
use crate::journal::audit::{AuditWriter, key, spool};
use crate::journal::{Folder, JournalError};
use crate::telemetry::metrics::Metrics;

/// Keeps a record of what the person at this terminal does.
pub(super) async fn keep(config: &Config, entry: Entry) -> Result<(), Failure> {
    let entry = Entry { user: Some(person()), ..entry };
    let clock = Clock::system();
    match Folder::open(&config.journal.dir) {
        Ok(folder) => {
            let metrics = Arc::new(Metrics::new(VERSION, config.environment.as_str(), &[]));
            let bytes = config.journal.segment_bytes;
            let signer = config.audit.signing_key.as_deref().map(key::signing).transpose();
            let signer = signer.map_err(|error| refused(&error.to_string()))?;
            let writer = AuditWriter::start(&folder, bytes, signer, metrics, clock)
                .map_err(|error| refused(&error.to_string()))?;
            let kept = writer.log().append(entry).await;
            writer.stop();
            kept.map_err(|_| refused("its disk is full, read-only or does not answer"))
        }
        Err(JournalError::InUse { .. }) => leave(&config.journal.dir, &entry),
        Err(error) => Err(refused(&error.to_string())),
    }
}

/// Leaves a record for the process that serves, which may be this one.
pub(super) fn leave(journal: &Path, entry: &Entry) -> Result<(), Failure> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| refused(&error.to_string()))?;
    let (now, random) = (Clock::system().now(), u64::from_be_bytes(random));
    spool::leave(journal, entry, now, random).map_err(|error| refused(&error.to_string()))
}

fn refused(why: &str) -> Failure {
    Failure::run_time(format!("the audit cannot be kept ({why}), so nothing was done"))
}

/// Who sits at this terminal, as far as the system says.
pub(super) fn person() -> AccountId {
    let name = std::env::var("USER").unwrap_or_default().to_ascii_lowercase();
    AccountId::parse(&format!("shell.{name}"))
        .or_else(|_| AccountId::parse("shell"))
        .unwrap_or_else(|_| unreachable!("the name is of the alphabet"))
}
