//! The audit's copier: from an instance's chain into the store, in order, each record once.
//!
//! Reads only what the chain's writer has committed, since what a failed commit left behind is cut off
//! again. While the store does not answer, the chain waits on disk and nothing grows.

use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::pause;
use crate::clock::Clock;
use crate::domain::audit::json::read_line;
use crate::domain::names::InstanceId;
use crate::journal::audit::{AuditLog, CommittedTo, committed_lines};
use crate::store::{AuditCopied, AuditRow, Store, StoreError, StoreHandle};
use crate::telemetry::events;

/// Bytes of the chain that are read at once: about a thousand records, one transaction.
const READ_BYTES: usize = 1_024 * 1_024;
/// Pause after everything is copied, so that a few records share the next transaction.
const GATHER: Duration = Duration::from_millis(120);
/// Pause before a store that failed is asked again.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is looked anyway.
const LOOK: Duration = Duration::from_secs(5);

/// What the copier works with.
pub struct AuditCopier {
    /// The store, once it is reached.
    pub store: StoreHandle,
    /// The journal's folder.
    pub folder: PathBuf,
    /// Whose chain.
    pub instance: InstanceId,
    /// Tells how far the chain is committed.
    pub log: AuditLog,
    /// The time.
    pub clock: Clock,
}

enum Trouble {
    /// Which is told by the indexer of events.
    Store,
    Journal,
}

impl From<StoreError> for Trouble {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

impl AuditCopier {
    /// Copies until `stop`, and then what is left, if the store takes it at once.
    pub async fn run(self, stop: CancellationToken) {
        let mut committed = self.log.committed();
        let mut told = false;
        loop {
            let last_round = stop.is_cancelled();
            let end = *committed.borrow_and_update();
            match self.advance(end).await {
                Ok(true) => told = false,
                Ok(false) | Err(_) if last_round => return,
                Ok(false) => {
                    let news = async {
                        tokio::time::sleep(GATHER).await;
                        drop(tokio::time::timeout(LOOK, committed.changed()).await);
                    };
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = news => {}
                    }
                }
                Err(trouble) => {
                    if matches!(trouble, Trouble::Journal) && !std::mem::replace(&mut told, true) {
                        events::audit_not_copied("the audit cannot be read");
                    }
                    pause(RETRY, &stop).await;
                }
            }
        }
    }

    /// Copies the next piece; `false` if there is none, or no store yet.
    async fn advance(&self, end: CommittedTo) -> Result<bool, Trouble> {
        let Some(store) = self.store.get() else { return Ok(false) };
        // Asked each time: the database may have been put back to an earlier time.
        let from = self.begin(store, end).await?;
        let start = CommittedTo { segment: from.segment, offset: from.offset };
        let folder = self.folder.clone();
        let read = move || committed_lines(&folder, start, end, READ_BYTES);
        let piece = tokio::task::spawn_blocking(read).await.map_err(|_| Trouble::Journal)?;
        let (bytes, next) = piece.map_err(|_| Trouble::Journal)?;
        if next == start {
            return Ok(false);
        }
        let mut rows = Vec::new();
        let mut skipped = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match (read_line(line), std::str::from_utf8(line)) {
                (Ok(record), Ok(text)) => {
                    rows.push(AuditRow { record, line: text.trim_end().to_owned() });
                }
                _ => skipped += 1,
            }
        }
        if skipped > 0 {
            events::audit_lines_skipped(next.segment, skipped);
        }
        let seq = rows.last().map_or(from.seq, |row| row.record.seq);
        let CommittedTo { segment, offset } = next;
        let copied = AuditCopied { instance: self.instance.clone(), segment, offset, seq };
        store.copy_audit(&rows, &copied, self.clock.now()).await?;
        Ok(true)
    }

    /// Where to go on. A place that lies behind the chain's end is of another chain: then everything is
    /// looked at again, and what is there already stays as it is.
    async fn begin(&self, store: &Store, end: CommittedTo) -> Result<AuditCopied, Trouble> {
        let copied = store.audit_copied(&self.instance).await?;
        let fits = |copied: &AuditCopied| {
            CommittedTo { segment: copied.segment, offset: copied.offset } <= end
        };
        let (instance, segment) = (self.instance.clone(), 1);
        let nothing = AuditCopied { instance, segment, offset: 0, seq: 0 };
        Ok(copied.filter(fits).unwrap_or(nothing))
    }
}
