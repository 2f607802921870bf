//! The audit journal: hash-chained records that are durable before what depends on them happens.
//!
//! Owns the segments `audit-00000001.ndjson`, the chain's numbers, the thread that writes them, and
//! what happens when the disk is full, read-only or does not answer. What a record says is
//! `domain::audit`'s business; whether a call needs one is the caller's.
//!
//! | file | what |
//! | --- | --- |
//! | here | [`AuditLog`]: asking for a record, with a deadline |
//! | `queue.rs` | what waits for the disk, and whether the audit can be kept |
//! | `writer.rs` | the thread: group commit, retries, the chain |
//! | `disk.rs` | the files behind it, as a trait, so that tests can block one |
//! | `seal.rs`, `checkpoints.rs` | the chain's heads, kept beside it and in the log, signed if there is a key |
//! | `key.rs` | reading the keys for that |
//! | `prune.rs` | removing whole segments whose time has come |
//! | `open.rs` | the writes nobody knows the result of, as they stood at the last checkpoint |
//! | `start.rs` | where the chain ended, and which writes nobody knows the result of |
//! | `read.rs` | reading back, line by line |
//! | `spool.rs` | records of commands that run beside a serving process |
//!
//! # What is promised
//!
//! * [`AuditLog::append`] answers `Ok` only when the record is on the disk (`fdatasync`), and answers
//!   within [`DEADLINE`] in any case. A disk that blocks holds up the writer's thread and nobody else.
//! * **A record whose caller was told "no" does not stand alone.** If its caller gave up before it was
//!   written, it is not written. If it became durable after that, a `refused` record (`never_sent`)
//!   follows it. If the process dies in between, the intent has no outcome, and is listed as a write
//!   whose result nobody knows: the safe side.
//! * While the audit cannot be kept, requests for records are refused at once and counted; the first
//!   record after that is a `gap` with the number. Outcomes are never refused: they wait in memory.
//! * Numbers have no gap, also across restarts and failed writes: what was not committed has none.

pub mod checkpoints;
mod disk;
pub mod key;
mod open;
pub mod prune;
mod queue;
mod read;
mod seal;
pub mod spool;
mod start;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

pub use read::{AuditFile, AuditLine, CommittedTo, committed_lines, files, lines};
pub use start::Remembered;
pub use writer::AuditWriter;

use crate::domain::audit::{Entry, Kind};
use crate::domain::time::Timestamp;
use queue::{Queue, Waiting};

/// The longest wait for a record to become durable.
pub const DEADLINE: Duration = Duration::from_millis(500);

/// The audit cannot be kept, so what depends on it must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit cannot be kept")]
pub struct AuditUnavailable;

/// Keeps records. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    queue: Arc<Queue>,
}

impl AuditLog {
    /// Keeps a record and waits until it is durable, at most [`DEADLINE`]. Dropping the future gives
    /// the record up.
    ///
    /// # Errors
    ///
    /// [`AuditUnavailable`]: the record is not durable, or is followed by one that takes it back.
    pub async fn append(&self, entry: Entry) -> Result<(), AuditUnavailable> {
        let kept = self.append_at(entry, self.queue.clock.now()).await;
        if kept.is_err() {
            self.queue.refused();
        }
        kept
    }

    /// Keeps a record of an earlier time that waits elsewhere and is brought again: if it cannot be kept now, it
    /// is not counted as refused. Otherwise like [`AuditLog::append`].
    ///
    /// # Errors
    ///
    /// [`AuditUnavailable`], as for [`AuditLog::append`].
    pub async fn append_at(&self, entry: Entry, ts: Timestamp) -> Result<(), AuditUnavailable> {
        let taken_back = (entry.kind == Kind::Intent).then(|| entry.never_sent());
        let (ack, durable) = oneshot::channel();
        if !self.queue.ask(entry, ts, ack) {
            return Err(AuditUnavailable);
        }
        let mut waiter = Waiter { queue: &self.queue, durable, taken_back };
        match tokio::time::timeout(DEADLINE, &mut waiter.durable).await {
            Ok(Ok(())) => {
                waiter.taken_back = None;
                Ok(())
            }
            Ok(Err(_)) => Err(AuditUnavailable),
            Err(_) => {
                self.queue.does_not_answer();
                Err(AuditUnavailable)
            }
        }
    }

    /// Keeps a record without waiting. It is written as soon as the disk takes it, at the latest when
    /// the process stops.
    pub fn note(&self, entry: Entry) {
        self.queue.note(entry);
    }

    /// Whether records can be kept, as far as is known.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.queue.is_available()
    }

    /// Since when records cannot be kept; `None` if they can.
    #[must_use]
    pub fn unavailable_since(&self) -> Option<Timestamp> {
        self.queue.unavailable_since()
    }

    /// Follows how far the chain is committed.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<CommittedTo> {
        self.queue.committed.subscribe()
    }
}

/// Somebody who waits for a record, and may give up at any moment.
struct Waiter<'q> {
    queue: &'q Queue,
    durable: oneshot::Receiver<()>,
    taken_back: Option<Entry>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let Some(taken_back) = self.taken_back.take() else { return };
        // From here on the writer knows that nobody waits. What it acknowledged before that is durable,
        // and nobody has seen it.
        self.durable.close();
        if self.durable.try_recv().is_ok() {
            self.queue.note(taken_back);
        }
    }
}

impl Waiting {
    /// Whether the record is still wanted.
    fn is_wanted(&self) -> bool {
        self.ack.as_ref().is_none_or(|ack| !ack.is_closed())
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_checkpoints;
