//! The writing side: callers leave lines in memory, one thread brings them to disk in batches.
//!
//! A caller never waits for the disk. While the disk does not take lines, they gather up to a bound
//! (see `pending.rs`); further ones are dropped and counted exactly.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::disk::{Disk, SYNC};
use super::folder::{Folder, JournalError};
use super::fresh::{Beside, Fresh, FreshEvents};
use super::pending::{Counts, Pending};
use super::segment::Position;
use crate::clock::Clock;
use crate::domain::event::{Exchange, json};
use crate::domain::mark::MarkKind;
use crate::domain::same_person::SamePerson;
use crate::domain::time::Timestamp;

/// How long lines gather before they are written.
const BATCH: Duration = Duration::from_millis(40);
/// How long to wait before a failed write is tried again.
const RETRY: Duration = Duration::from_millis(200);

struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
    /// Since when the disk does not take lines, in microseconds since 1970; 0 if it does.
    unwritable_since: AtomicI64,
    written: watch::Sender<Position>,
    fresh: Fresh,
    clock: Clock,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes events. Cheap to clone; recording never blocks on the disk.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

impl Recorder {
    /// Records one event.
    pub fn record(&self, event: Box<Exchange>) {
        thread_local! {
            static LINE: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            json::write_line(&event, line);
            self.append(line, Some(event));
        });
    }

    /// Notes that references stand for one person. It is no event and is counted nowhere. `false` if there is
    /// no room for it right now.
    #[must_use]
    pub fn note(&self, same: &SamePerson) -> bool {
        let mut line = Vec::new();
        same.write_line(&mut line);
        // The event of the same call follows and wakes the thread.
        self.shared.pending().take_note(&line)
    }

    fn append(&self, line: &[u8], event: Option<Box<Exchange>>) {
        let mut pending = self.shared.pending();
        if !pending.take_event(line, event, || self.shared.clock.now()) {
            return;
        }
        let wake = std::mem::take(&mut pending.asleep);
        drop(pending);
        if wake {
            self.shared.wake.notify_one();
        }
    }

    /// What became of every event so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.pending().counts
    }

    /// Events that were lost because the disk did not take them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.counts().dropped
    }

    /// Events taken since the start.
    #[must_use]
    pub fn recorded(&self) -> u64 {
        let counts = self.counts();
        counts.recorded + counts.queued
    }

    /// Whether the last write reached the disk.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.unwritable_since().is_none()
    }

    /// Since when the disk does not take lines; `None` if it does.
    #[must_use]
    pub fn unwritable_since(&self) -> Option<Timestamp> {
        let micros = self.shared.unwritable_since.load(Ordering::Relaxed);
        (micros != 0).then(|| Timestamp::from_micros(micros))
    }

    /// Takes the events that follow a position in the journal, if they were written so lately that they need
    /// not be read back: at most `most`, and each only once.
    #[must_use]
    pub fn fresh(&self, at: Position, most: usize) -> Option<FreshEvents> {
        self.shared.fresh.take(at, most)
    }

    /// Follows how far the journal is written.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<Position> {
        self.shared.written.subscribe()
    }
}

/// The thread that writes. [`Writer::stop`] writes what is left; so does dropping it.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts writing at the end of the folder's journal.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if the segment cannot be opened or no thread can be started.
    pub fn start(folder: Folder, segment_bytes: u64, clock: Clock) -> Result<Self, JournalError> {
        let path = folder.path().to_owned();
        let failed = |source| JournalError::Folder { path: path.clone(), source };
        let end = folder.end();
        let shared = Arc::new(Shared {
            pending: Mutex::default(),
            wake: Condvar::new(),
            unwritable_since: AtomicI64::new(0),
            written: watch::Sender::new(end),
            fresh: Fresh::default(),
            clock: clock.clone(),
        });
        let mut disk = Disk::open(folder, segment_bytes, clock).map_err(failed)?;
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || run(&of_thread, &mut disk))
            .map_err(failed)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// A handle for those who record.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        Recorder { shared: Arc::clone(&self.shared) }
    }

    /// Writes and syncs what was recorded, then ends the thread. Blocks until that is done, at most
    /// until a last failed write.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.pending().stopping = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread does not panic; if it did, there is nothing left to write.
            drop(thread.join());
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

/// The thread's life: gather, write, sync, until told to stop and nothing is left.
fn run(shared: &Shared, disk: &mut Disk) {
    let mut batch = Gathered::default();
    batch.mark(|lines| disk.mark(MarkKind::Start, lines));
    loop {
        let stopping =
            if batch.lines.is_empty() { gather(shared, disk, &mut batch) } else { false };
        let mut failures = 0;
        while !batch.lines.is_empty() {
            match disk.write(&batch.lines) {
                Ok(()) => {
                    shared.unwritable_since.store(0, Ordering::Relaxed);
                    shared.written(&mut batch, disk.end);
                }
                Err(_) if shared.pending().stopping && failures > 0 => {
                    shared.gives_up(std::mem::take(&mut batch).events);
                }
                Err(_) => {
                    failures += 1;
                    shared.fails(disk.clock.now());
                    std::thread::park_timeout(RETRY);
                }
            }
        }
        disk.sync_if_due(stopping);
        if stopping && shared.pending().lines.is_empty() {
            last_mark(shared, disk);
            return;
        }
    }
}

/// Lines on their way to the disk.
#[derive(Default)]
struct Gathered {
    lines: Vec<u8>,
    /// How many of them are events.
    events: u64,
    beside: Beside,
}

impl Gathered {
    fn mark(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.lines);
        self.beside.other_line();
    }
}

/// Waits for lines and takes them; true if the writer is to stop.
fn gather(shared: &Shared, disk: &mut Disk, batch: &mut Gathered) -> bool {
    let mut pending = shared.pending();
    if pending.lines.is_empty() && !pending.stopping {
        pending.asleep = true;
        // With lines unsynced, wake up in time to sync them; otherwise for the next sign of life.
        let wait = if disk.unsynced_since.is_some() { SYNC } else { disk.until_alive() };
        pending = wait_at_most(shared, pending, wait);
        pending.asleep = false;
    }
    if !pending.lines.is_empty() && !pending.stopping {
        // More lines come while these gather; nobody notifies, so this wait is the batch's length.
        pending = wait_at_most(shared, pending, BATCH);
    }
    std::mem::swap(&mut pending.lines, &mut batch.lines);
    batch.beside = std::mem::take(&mut pending.beside);
    batch.events = pending.counts.queued;
    if pending.lost > 0 && !pending.stopping {
        let (lost, since) = (std::mem::take(&mut pending.lost), pending.lost_since.take());
        batch.mark(|lines| disk.gap(lost, since, lines));
    } else if disk.until_alive().is_zero() {
        batch.mark(|lines| disk.mark(MarkKind::Alive, lines));
    }
    pending.stopping
}

/// Says that recording ends in order, if the disk takes it.
fn last_mark(shared: &Shared, disk: &mut Disk) {
    let mut lines = Vec::new();
    let mut pending = shared.pending();
    let (lost, since) = (std::mem::take(&mut pending.lost), pending.lost_since.take());
    drop(pending);
    if lost > 0 {
        disk.gap(lost, since, &mut lines);
    }
    disk.mark(MarkKind::Stop, &mut lines);
    if disk.write(&lines).is_ok() {
        disk.sync_if_due(true);
        shared.written.send_replace(disk.end);
    }
}

fn wait_at_most<'g>(
    shared: &'g Shared,
    pending: MutexGuard<'g, Pending>,
    limit: Duration,
) -> MutexGuard<'g, Pending> {
    let waited = shared.wake.wait_timeout(pending, limit);
    waited.map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard)
}

impl Shared {
    /// A batch is on disk.
    fn written(&self, batch: &mut Gathered, end: Position) {
        let mut pending = self.pending();
        pending.counts.queued -= batch.events;
        pending.counts.recorded += batch.events;
        drop(pending);
        let beside = std::mem::take(&mut batch.beside);
        if !beside.has_other_lines {
            let from = Position { offset: end.offset - batch.lines.len() as u64, ..end };
            self.fresh.put(from, end, beside.events);
        }
        batch.lines.clear();
        batch.events = 0;
        self.written.send_replace(end);
    }

    /// Events of a batch that no disk will take any more.
    fn gives_up(&self, events: u64) {
        // The first of them came when the disk began to fail, however long ago that was.
        let micros = self.unwritable_since.load(Ordering::Relaxed);
        let mut pending = self.pending();
        pending.counts.queued -= events;
        pending.lose(events, Timestamp::from_micros(micros).minus(BATCH));
    }

    fn fails(&self, now: Timestamp) {
        let (order, since) = (Ordering::Relaxed, now.micros().max(1));
        // It may be failing since earlier.
        let _ = self.unwritable_since.compare_exchange(0, since, order, order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mark::Mark;

    #[test]
    fn what_was_lost_is_counted_and_stands_in_the_journal_once_the_disk_takes_lines_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let (file, clock) = (dir.path().join(folder.end().segment.file_name()), Clock::system());
        let writer = Writer::start(folder, u64::MAX, clock).unwrap();
        let recorder = writer.recorder();
        let since = Timestamp::from_seconds(1_795_000_000);
        {
            // As when the memory for waiting lines is full.
            let mut pending = writer.shared.pending();
            pending.counts.events += 7;
            pending.lose(7, since);
        }
        recorder.append(b"{\"an\":\"event\"}\n", None);
        writer.stop();
        let counts = recorder.counts();
        assert_eq!(counts, Counts { events: 8, recorded: 1, queued: 0, dropped: 7 });
        let text = std::fs::read_to_string(file).unwrap();
        let marks = text.lines().filter_map(|line| Mark::parse(line.as_bytes()));
        let gaps: Vec<_> = marks.filter(|mark| mark.kind == MarkKind::Gap).collect();
        assert_eq!(gaps.len(), 1, "{text}");
        assert_eq!((gaps[0].since, gaps[0].lost), (Some(since), Some(7)));
    }

    #[test]
    fn what_is_given_up_is_lost_since_the_disk_began_to_fail() {
        let shared = Shared {
            pending: Mutex::default(),
            wake: Condvar::new(),
            unwritable_since: AtomicI64::new(0),
            written: watch::Sender::new(Position::START),
            fresh: Fresh::default(),
            clock: Clock::system(),
        };
        let [began, later] = [1_795_000_000, 1_795_000_060].map(Timestamp::from_seconds);
        shared.fails(began);
        shared.fails(later);
        shared.pending().counts = Counts { events: 9, recorded: 0, queued: 7, dropped: 0 };
        // For the last ones there was no room, a minute on.
        shared.pending().lose(2, later);
        shared.gives_up(7);
        let pending = shared.pending();
        assert_eq!(pending.counts, Counts { events: 9, recorded: 0, queued: 0, dropped: 9 });
        assert_eq!((pending.lost, pending.lost_since), (9, Some(began.minus(BATCH))));
    }

    #[test]
    fn a_disk_that_never_takes_a_line_costs_events_and_not_their_number() {
        let dir = tempfile::tempdir().unwrap();
        let full = dir.path().join(Position::START.segment.file_name());
        std::os::unix::fs::symlink("/dev/full", full).unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let writer = Writer::start(folder, u64::MAX, Clock::system()).unwrap();
        let recorder = writer.recorder();
        for _ in 0..5 {
            recorder.append(b"{\"an\":\"event\"}\n", None);
        }
        writer.stop();
        assert!(recorder.unwritable_since().is_some());
        assert_eq!(recorder.counts(), Counts { events: 5, recorded: 0, queued: 0, dropped: 5 });
    }
}
