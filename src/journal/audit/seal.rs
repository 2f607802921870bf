//! When a checkpoint is due, and its line.
//!
//! Owns the rule: at the start, at the end of every segment, at the stop, after
//! [`MOST_RECORDS`] records or [`LONGEST`] at the latest, and shortly after the last record of a burst,
//! so that little of a tail could be cut off unseen. The line goes into `checkpoints.ndjson` and into the
//! log, the second place.

use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::domain::audit::chain::Head;
use crate::domain::audit::checkpoint::{Checkpoint, Mark};
use crate::domain::audit::signature::SigningKey;
use crate::domain::names::InstanceId;

/// Most records that one checkpoint covers.
const MOST_RECORDS: u64 = 1_000;
/// The longest time that a record is without a checkpoint.
const LONGEST: Duration = Duration::from_mins(1);
/// How long after the last record of a burst.
const QUIET: Duration = Duration::from_secs(5);

/// Makes the checkpoints of one chain.
pub(super) struct Seal {
    signer: Option<SigningKey>,
    instance: InstanceId,
    /// The last record that a checkpoint covers.
    sealed: u64,
    /// The first and the latest record after that.
    open_since: Option<Instant>,
    latest: Option<Instant>,
}

impl Seal {
    pub(super) const fn new(instance: InstanceId, signer: Option<SigningKey>) -> Self {
        Self { signer, instance, sealed: 0, open_since: None, latest: None }
    }

    /// Records were committed.
    pub(super) fn committed(&mut self, at: Instant) {
        self.open_since.get_or_insert(at);
        self.latest = Some(at);
    }

    /// How long until a checkpoint of this head is due; `None` if it has one.
    pub(super) fn due_in(&self, head: Head, clock: &Clock) -> Option<Duration> {
        if head.seq <= self.sealed {
            return None;
        }
        if head.seq - self.sealed >= MOST_RECORDS {
            return Some(Duration::ZERO);
        }
        let left = |since: Option<Instant>, limit: Duration| {
            since.map_or(Duration::ZERO, |since| limit.saturating_sub(clock.elapsed(since)))
        };
        Some(left(self.open_since, LONGEST).min(left(self.latest, QUIET)))
    }

    /// Whether one is due now.
    pub(super) fn is_due(&self, head: Head, clock: &Clock) -> bool {
        self.due_in(head, clock).is_some_and(|left| left.is_zero())
    }

    /// Whether the head has no checkpoint yet.
    pub(super) const fn is_open(&self, head: Head) -> bool {
        head.seq > self.sealed
    }

    /// The checkpoint's line, without a newline.
    pub(super) fn line(&self, head: Head, clock: &Clock) -> String {
        let (instance, signer) = (self.instance.clone(), self.signer.as_ref());
        Checkpoint::new(Mark::Head, instance, head, None, clock.now(), signer).line()
    }

    /// It is written.
    pub(super) const fn sealed(&mut self, head: Head) {
        (self.sealed, self.open_since, self.latest) = (head.seq, None, None);
    }

    /// It could not be written: to be tried again after a while.
    pub(super) const fn failed(&mut self, at: Instant) {
        (self.open_since, self.latest) = (Some(at), Some(at));
    }
}
