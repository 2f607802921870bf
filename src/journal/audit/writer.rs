//! The thread that writes the audit: everything that waits becomes one write and one sync.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::AuditLog;
use super::disk::{Disk, Files, Place};
use super::open;
use super::queue::{Pending, Queue, Waiting};
use super::seal::Seal;
use super::start::{self, Found, Remembered};
use crate::clock::Clock;
use crate::domain::audit::chain::Head;
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::signature::SigningKey;
use crate::domain::audit::{Entry, Event, Kind, Record};
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;
use crate::journal::disk::day_of;
use crate::journal::{Folder, JournalError, Position};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

/// How long to wait before a failed commit is tried again.
const RETRY: Duration = Duration::from_millis(200);
/// How often a commit is tried once the process stops.
const LAST_TRIES: u32 = 3;
/// How long stopping may take; a disk that blocks must not keep the process.
const STOP: Duration = Duration::from_secs(3);

/// The thread that writes. [`AuditWriter::stop`] writes what is left; so does dropping it.
pub struct AuditWriter {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
    unresolved: u64,
    remembered: Remembered,
}

impl AuditWriter {
    /// Goes on where the folder's audit ended. A torn last line is cut off, damaged last lines are left
    /// where they are; the audit says so.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if the folder cannot be read or no thread can be started.
    pub fn start(
        folder: &Folder,
        segment_bytes: u64,
        signer: Option<SigningKey>,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Result<Self, JournalError> {
        let path = folder.path().to_owned();
        let failed = |source| JournalError::Folder { path: path.clone(), source };
        let mut found = start::find_end(&path)?;
        // Where calls were recorded before, there was an audit.
        if found.head.seq == 0 && found.missing == 0 && folder.end() != Position::START {
            found.missing = 1;
            events::audit_tail_missing(1);
        }
        let disk = Files::new(path.clone());
        let seal = Seal::new(folder.instance().clone(), signer);
        Self::over(disk, found, seal, folder.instance().clone(), segment_bytes, metrics, clock)
            .map_err(failed)
    }

    pub(super) fn over(
        disk: impl Disk + 'static,
        found: Found,
        seal: Seal,
        instance: InstanceId,
        segment_bytes: u64,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> std::io::Result<Self> {
        let unresolved = found.ledger.len();
        let remembered = found.remembered();
        events::audit_opened(found.head.seq, &found.head.hash.to_string(), unresolved);
        let queue = Arc::new(Queue::new(metrics, clock, found.end));
        for detail in found.details() {
            queue.note(Entry::system(detail));
        }
        let mut chain = Chain {
            disk,
            seal,
            instance,
            head: found.head,
            end: found.end,
            day: found.day,
            segment_bytes,
            ledger: found.ledger,
            line: Vec::new(),
        };
        chain.show(&queue);
        let of_thread = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || chain.run(&of_thread))?;
        Ok(Self { queue, thread: Some(thread), unresolved, remembered })
    }

    /// A handle for those who have something to keep.
    #[must_use]
    pub fn log(&self) -> AuditLog {
        AuditLog { queue: Arc::clone(&self.queue) }
    }

    /// Writes of earlier runs whose result nobody knows, as far back as was looked.
    #[must_use]
    pub const fn unresolved(&self) -> u64 {
        self.unresolved
    }

    /// How much was there, at the start, of what was recorded.
    #[must_use]
    pub const fn remembered(&self) -> Remembered {
        self.remembered
    }

    /// Writes what is left and ends the thread. Blocks until that is done, a few seconds at most: a
    /// disk that does not answer is left alone.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        if let Some((head, lost)) = self.queue.stop(STOP) {
            // It has nothing left to do.
            drop(thread.join());
            events::audit_closed(head.seq, &head.hash.to_string(), lost);
        }
    }
}

impl Drop for AuditWriter {
    fn drop(&mut self) {
        self.end();
    }
}

/// The chain, and the disk that it grows on.
struct Chain<D> {
    disk: D,
    seal: Seal,
    instance: InstanceId,
    head: Head,
    end: Place,
    /// The day of the last record in this segment, so that the segments of old days can go.
    day: Option<i64>,
    segment_bytes: u64,
    ledger: Ledger,
    line: Vec<u8>,
}

/// Everything that is written at once.
struct Batch {
    records: Vec<Waiting>,
    refused: u64,
    gap: bool,
    stopping: bool,
}

impl<D: Disk> Chain<D> {
    /// The thread's life: take what waits, commit it, until told to stop and nothing is left.
    fn run(&mut self, queue: &Queue) {
        let mut last_tries = LAST_TRIES;
        if self.seal.is_open(self.head) {
            self.checkpoint(queue);
        }
        loop {
            match gather(queue, self.seal.due_in(self.head, &queue.clock)) {
                Gathered::Nothing => break,
                Gathered::TimeToSeal => {}
                Gathered::Batch(batch) => {
                    let stopping = batch.stopping;
                    if !self.commit(queue, batch) && stopping {
                        last_tries -= 1;
                        if last_tries == 0 {
                            break;
                        }
                    }
                }
            }
            if self.seal.is_due(self.head, &queue.clock) {
                self.checkpoint(queue);
            }
        }
        if self.seal.is_open(self.head) {
            self.checkpoint(queue);
        }
        queue.end(self.head);
    }

    /// Keeps the chain's head beside the chain and in the log. A disk that does not take it is asked
    /// again later; no write waits for that.
    fn checkpoint(&mut self, queue: &Queue) {
        let line = self.seal.line(self.head, &queue.clock);
        if self.disk.seal(&line).is_err() {
            self.seal.failed(queue.clock.instant());
            return;
        }
        events::audit_checkpoint(&line);
        self.seal.sealed(self.head);
        let text = open::text(self.head, self.end, &self.ledger);
        // Without it, the next start reads more.
        drop(self.disk.remember(&text));
    }

    /// Commits a batch; `false` if the disk did not take it.
    fn commit(&mut self, queue: &Queue, mut batch: Batch) -> bool {
        batch.records.retain(Waiting::is_wanted);
        if batch.gap {
            let entry = Entry::system(Event::Gap.of(batch.refused));
            batch.records.push(Waiting { entry, ts: queue.clock.now(), ack: None });
        }
        if batch.records.is_empty() {
            return true;
        }
        let today = day_of(queue.clock.now());
        let other_day = self.day.is_some_and(|day| day != today) && self.end.offset > 0;
        if self.end.offset >= self.segment_bytes || other_day {
            if self.seal.is_open(self.head) {
                self.checkpoint(queue);
            }
            self.end = Place { segment: self.end.segment + 1, offset: 0 };
        }
        self.line.clear();
        let mut head = self.head;
        let written: Vec<Record> = batch
            .records
            .iter()
            .map(|w| head.append(w.entry.clone(), w.ts, &self.instance, &mut self.line))
            .collect();
        let begun = queue.clock.instant();
        let committed = self.disk.commit(self.end, &self.line);
        let mut pending = queue.lock();
        if committed.is_err() {
            // Whoever waits is told by the end of its channel; what nobody waits for is kept.
            pending.refused += batch.refused;
            queue.fail(&mut pending);
            if batch.gap {
                batch.records.pop();
            }
            batch.records.append(&mut pending.records.drain(..).collect());
            batch.records.retain(|waiting| waiting.ack.is_none());
            pending.records.extend(batch.records);
            return false;
        }
        queue.recover(&mut pending, batch.refused);
        drop(pending);
        queue.metrics.audit_commit_duration.observe(queue.clock.elapsed(begun).as_secs_f64());
        (self.head, self.day) = (head, Some(today));
        self.end.offset += self.line.len() as u64;
        for record in &written {
            self.ledger.note(&record.entry, record.ts);
        }
        queue.committed.send_replace(self.end.into());
        self.seal.committed(queue.clock.instant());
        self.show(queue);
        acknowledge(queue, batch.records);
        true
    }

    fn show(&self, queue: &Queue) {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        queue.metrics.writes_unresolved.set(number(self.ledger.len()));
        let oldest = self.ledger.oldest().map_or(0, Timestamp::seconds);
        queue.metrics.writes_oldest_unresolved.set(oldest);
    }
}

enum Gathered {
    Batch(Batch),
    /// A checkpoint is due and nothing waits.
    TimeToSeal,
    /// There is nothing left to write and nobody to come.
    Nothing,
}

/// Waits for records and takes them, or for the time of a checkpoint.
fn gather(queue: &Queue, seal_in: Option<Duration>) -> Gathered {
    let mut pending = queue.lock();
    if pending.failing {
        // Trying is how it is found out that the disk takes records again.
        pending = queue.pause(pending, RETRY);
    }
    let idle = |p: &Pending| !p.failing && p.records.is_empty() && p.refused == 0;
    while idle(&pending) {
        if pending.stopping {
            return Gathered::Nothing;
        }
        let Some(limit) = seal_in else {
            pending = queue.wait(pending);
            continue;
        };
        let (woken, is_over) = queue.wait_at_most(pending, limit);
        pending = woken;
        if is_over && idle(&pending) {
            return Gathered::TimeToSeal;
        }
    }
    let refused = std::mem::take(&mut pending.refused);
    let gap = pending.failing || refused > 0;
    let records = pending.records.drain(..).collect();
    Gathered::Batch(Batch { records, refused, gap, stopping: pending.stopping })
}

/// Tells those who wait. What nobody waited for any more is taken back.
fn acknowledge(queue: &Queue, records: Vec<Waiting>) {
    for Waiting { entry, ack, .. } in records {
        let given_up = ack.is_some_and(|ack| ack.send(()).is_err());
        if given_up && entry.kind == Kind::Intent {
            queue.note(entry.never_sent());
        }
    }
}
