//! What waits for the disk, and whether the audit can be kept.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::disk::Place;
use super::read::CommittedTo;
use crate::clock::Clock;
use crate::domain::audit::chain::Head;
use crate::domain::audit::{Entry, Kind};
use crate::domain::time::Timestamp;
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

/// Most records that callers wait for at a time.
const MOST_WAITING: usize = 10_000;
/// Most records in memory, those nobody waits for included. They are outcomes of writes that were
/// admitted, so there are no more of them than there were calls in flight; this is a last bound.
const MOST: usize = 20_000;

/// One record that is to be written.
pub(super) struct Waiting {
    pub(super) entry: Entry,
    pub(super) ts: Timestamp,
    /// Who waits for it, if anybody.
    pub(super) ack: Option<oneshot::Sender<()>>,
}

/// What the callers and the thread share.
pub(super) struct Queue {
    pending: Mutex<Pending>,
    wake: Condvar,
    ended: Condvar,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    pub(super) committed: watch::Sender<CommittedTo>,
}

#[derive(Default)]
pub(super) struct Pending {
    pub(super) records: VecDeque<Waiting>,
    /// The disk failed or does not answer. Only a commit changes that.
    pub(super) failing: bool,
    /// Since when.
    failing_since: Option<Timestamp>,
    /// Refused since the last commit that said so.
    pub(super) refused: u64,
    pub(super) stopping: bool,
    /// How it ended: the chain's end, and records that could not be written.
    pub(super) ended: Option<(Head, u64)>,
}

impl Queue {
    pub(super) fn new(metrics: Arc<Metrics>, clock: Clock, end: Place) -> Self {
        let (pending, wake, ended) = (Mutex::default(), Condvar::new(), Condvar::new());
        let committed = watch::Sender::new(end.into());
        Self { pending, wake, ended, metrics, clock, committed }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a record that somebody waits for; `false` if it is refused at once.
    pub(super) fn ask(&self, entry: Entry, ts: Timestamp, ack: oneshot::Sender<()>) -> bool {
        let mut pending = self.lock();
        if pending.failing || pending.ended.is_some() || pending.records.len() >= MOST_WAITING {
            return false;
        }
        pending.records.push_back(Waiting { entry, ts, ack: Some(ack) });
        drop(pending);
        self.wake.notify_one();
        true
    }

    /// Leaves a record that nobody waits for.
    pub(super) fn note(&self, entry: Entry) {
        let ts = self.clock.now();
        // While the disk is bad, what was not sent is only counted: the room is for what was.
        let was_sent = entry.kind != Kind::Refused || entry.detail.is_some();
        let mut pending = self.lock();
        let full = pending.records.len() >= MOST || (pending.failing && !was_sent);
        if pending.ended.is_some() || full {
            pending.refused += 1;
            return;
        }
        pending.records.push_back(Waiting { entry, ts, ack: None });
        drop(pending);
        self.wake.notify_one();
    }

    /// A caller was told "no".
    pub(super) fn refused(&self) {
        self.lock().refused += 1;
        self.wake.notify_one();
    }

    /// A caller waited in vain.
    pub(super) fn does_not_answer(&self) {
        self.fail(&mut self.lock());
        self.wake.notify_one();
    }

    /// The audit cannot be kept from now on.
    pub(super) fn fail(&self, pending: &mut Pending) {
        if !std::mem::replace(&mut pending.failing, true) {
            pending.failing_since = Some(self.clock.now());
            self.metrics.audit_available.set(0);
            events::audit_unavailable();
        }
    }

    /// The audit can be kept from now on.
    pub(super) fn recover(&self, pending: &mut Pending, refused: u64) {
        if std::mem::take(&mut pending.failing) {
            self.metrics.audit_available.set(1);
            events::audit_available(refused);
        }
    }

    pub(super) fn is_available(&self) -> bool {
        let pending = self.lock();
        !pending.failing && pending.ended.is_none()
    }

    pub(super) fn unavailable_since(&self) -> Option<Timestamp> {
        let pending = self.lock();
        pending.failing_since.filter(|_| pending.failing)
    }

    /// Waits to be woken.
    pub(super) fn wait<'g>(&self, pending: MutexGuard<'g, Pending>) -> MutexGuard<'g, Pending> {
        self.wake.wait(pending).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits to be woken, at most so long; true if that time is over.
    pub(super) fn wait_at_most<'g>(
        &self,
        pending: MutexGuard<'g, Pending>,
        limit: Duration,
    ) -> (MutexGuard<'g, Pending>, bool) {
        let waited = self.wake.wait_timeout(pending, limit);
        let (guard, result) = waited.unwrap_or_else(PoisonError::into_inner);
        (guard, result.timed_out())
    }

    /// Waits so long, or until a stop is asked for; other calls are no reason to go on.
    pub(super) fn pause<'g>(
        &self,
        pending: MutexGuard<'g, Pending>,
        limit: Duration,
    ) -> MutexGuard<'g, Pending> {
        let waited = self.wake.wait_timeout_while(pending, limit, |pending| !pending.stopping);
        waited.map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard)
    }

    /// Asks the thread to write what is left and end; waits at most so long. `None` if it does not.
    pub(super) fn stop(&self, limit: Duration) -> Option<(Head, u64)> {
        let mut pending = self.lock();
        pending.stopping = true;
        self.wake.notify_one();
        let still_runs = |pending: &mut Pending| pending.ended.is_none();
        let waited = self.ended.wait_timeout_while(pending, limit, still_runs);
        waited.map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard).ended
    }

    /// The thread ends.
    pub(super) fn end(&self, head: Head) {
        let mut pending = self.lock();
        let lost = pending.records.len() as u64;
        pending.records.clear();
        pending.ended = Some((head, lost));
        self.ended.notify_all();
    }
}
