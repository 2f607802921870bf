//! The writing side: callers leave lines in memory, one thread brings them to disk in batches.
//!
//! A caller never waits for the disk. While the disk does not take lines, they gather up to
//! [`MAX_PENDING_BYTES`]; further ones are dropped and counted exactly.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::folder::{Folder, JournalError};
use super::private;
use super::segment::Position;
use crate::clock::Clock;
use crate::domain::event::{Exchange, json};

/// How long lines gather before they are written.
const BATCH: Duration = Duration::from_millis(40);
/// How long written lines may go unsynced.
const SYNC: Duration = Duration::from_secs(1);
/// How long to wait before a failed write is tried again.
const RETRY: Duration = Duration::from_millis(200);
/// Most bytes that wait in memory.
const MAX_PENDING_BYTES: usize = 32 * 1_024 * 1_024;

#[derive(Default)]
struct Pending {
    lines: Vec<u8>,
    /// The thread waits to be woken rather than for the end of a batch.
    asleep: bool,
    stopping: bool,
}

struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
    dropped: AtomicU64,
    recorded: AtomicU64,
    writable: AtomicBool,
    written: watch::Sender<Position>,
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
    pub fn record(&self, event: &Exchange) {
        thread_local! {
            static LINE: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            json::write_line(event, line);
            self.append(line);
        });
    }

    fn append(&self, line: &[u8]) {
        let mut pending = self.shared.pending();
        if pending.lines.len() + line.len() > MAX_PENDING_BYTES {
            drop(pending);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        pending.lines.extend_from_slice(line);
        let wake = std::mem::take(&mut pending.asleep);
        drop(pending);
        self.shared.recorded.fetch_add(1, Ordering::Relaxed);
        if wake {
            self.shared.wake.notify_one();
        }
    }

    /// Events that were lost because the disk did not take them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Events taken since the start.
    #[must_use]
    pub fn recorded(&self) -> u64 {
        self.shared.recorded.load(Ordering::Relaxed)
    }

    /// Whether the last write reached the disk.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.shared.writable.load(Ordering::Relaxed)
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
            dropped: AtomicU64::new(0),
            recorded: AtomicU64::new(0),
            writable: AtomicBool::new(true),
            written: watch::Sender::new(end),
        });
        let mut disk = Disk {
            file: open(&path, end).map_err(failed)?,
            path: path.clone(),
            end,
            segment_bytes,
            unsynced_since: None,
            torn: false,
            clock,
            _folder: folder,
        };
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

struct Disk {
    file: File,
    path: PathBuf,
    end: Position,
    segment_bytes: u64,
    unsynced_since: Option<Instant>,
    /// A failed write may have left part of a line after `end`.
    torn: bool,
    clock: Clock,
    _folder: Folder,
}

fn open(folder: &std::path::Path, at: Position) -> std::io::Result<File> {
    private::options().create(true).append(true).open(folder.join(at.segment.file_name()))
}

/// The thread's life: gather, write, sync, until told to stop and nothing is left.
fn run(shared: &Shared, disk: &mut Disk) {
    let mut batch = Vec::new();
    loop {
        let stopping = gather(shared, disk, &mut batch);
        let mut failures = 0;
        while !batch.is_empty() {
            match disk.write(&batch) {
                Ok(()) => {
                    batch.clear();
                    shared.writable.store(true, Ordering::Relaxed);
                    shared.written.send_replace(disk.end);
                }
                Err(_) if shared.pending().stopping && failures > 0 => {
                    let lines = memchr::memchr_iter(b'\n', &batch).count();
                    shared.dropped.fetch_add(lines as u64, Ordering::Relaxed);
                    batch.clear();
                }
                Err(_) => {
                    failures += 1;
                    shared.writable.store(false, Ordering::Relaxed);
                    std::thread::park_timeout(RETRY);
                }
            }
        }
        disk.sync_if_due(stopping);
        if stopping && shared.pending().lines.is_empty() {
            return;
        }
    }
}

/// Waits for lines and takes them; true if the writer is to stop.
fn gather(shared: &Shared, disk: &Disk, batch: &mut Vec<u8>) -> bool {
    let mut pending = shared.pending();
    if pending.lines.is_empty() && !pending.stopping {
        pending.asleep = true;
        // With lines unsynced, wake up in time to sync them; otherwise sleep until something comes.
        let wait = disk.unsynced_since.map(|_| SYNC);
        pending = match wait {
            Some(wait) => shared
                .wake
                .wait_timeout(pending, wait)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard),
            None => shared.wake.wait(pending).unwrap_or_else(PoisonError::into_inner),
        };
        pending.asleep = false;
    }
    if !pending.lines.is_empty() && !pending.stopping {
        // More lines come while these gather; nobody notifies, so this wait is the batch's length.
        pending = shared
            .wake
            .wait_timeout(pending, BATCH)
            .map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard);
    }
    std::mem::swap(&mut pending.lines, batch);
    pending.stopping
}

impl Disk {
    fn write(&mut self, batch: &[u8]) -> std::io::Result<()> {
        if self.end.offset >= self.segment_bytes {
            self.file.sync_data()?;
            let next = Position { segment: self.end.segment.next(), offset: 0 };
            self.file = open(&self.path, next)?;
            self.end = next;
        }
        self.cut_torn()?;
        if let Err(error) = self.file.write_all(batch) {
            self.torn = true;
            // If this fails, it is done before the next write.
            let _ = self.cut_torn();
            return Err(error);
        }
        self.end.offset += batch.len() as u64;
        self.unsynced_since.get_or_insert(self.clock.instant());
        Ok(())
    }

    /// After a failure part of a batch may be on disk: it is cut off, so that trying again makes no
    /// torn or double line.
    fn cut_torn(&mut self) -> std::io::Result<()> {
        if self.torn {
            self.file.set_len(self.end.offset)?;
            self.torn = false;
        }
        Ok(())
    }

    fn sync_if_due(&mut self, now: bool) {
        let Some(since) = self.unsynced_since else { return };
        if (now || self.clock.elapsed(since) >= SYNC) && self.file.sync_data().is_ok() {
            self.unsynced_since = None;
        }
    }
}
