//! The segments behind the writer: appending, syncing, and the marks that say when events were kept.
//!
//! Owns that a failed write leaves no torn or double line. When to write what is the writer's business.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::private;
use super::segment::Position;
use crate::clock::Clock;
use crate::domain::mark::{Mark, MarkKind};
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

/// How long written lines may go unsynced.
pub(super) const SYNC: Duration = Duration::from_secs(1);
/// How often the journal says that recording goes on.
const ALIVE: Duration = Duration::from_mins(1);

pub(super) struct Disk {
    file: File,
    path: PathBuf,
    pub(super) end: Position,
    segment_bytes: u64,
    /// The day of the segment's lines, since 1970: retention removes whole segments.
    day: i64,
    pub(super) unsynced_since: Option<Instant>,
    /// A failed write may have left part of a line after `end`.
    torn: bool,
    /// When the last mark was made.
    marked_at: Instant,
    instance: InstanceId,
    pub(super) clock: Clock,
    _folder: Folder,
}

fn open(folder: &std::path::Path, at: Position) -> std::io::Result<File> {
    private::options().create(true).append(true).open(folder.join(at.segment.file_name()))
}

/// The day of a moment, since 1970.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.seconds().div_euclid(86_400)
}

/// The day on which a file that is not empty was last written to.
pub(super) fn last_day(file: &std::path::Path) -> Option<i64> {
    let about = std::fs::metadata(file).ok().filter(|about| about.len() > 0)?;
    let since = about.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(day_of(Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap_or(0))))
}

impl Disk {
    /// Opens the folder's journal at its end.
    pub(super) fn open(folder: Folder, segment_bytes: u64, clock: Clock) -> std::io::Result<Self> {
        let (path, end) = (folder.path().to_owned(), folder.end());
        let file = path.join(end.segment.file_name());
        let day = last_day(&file).unwrap_or_else(|| day_of(clock.now()));
        Ok(Self {
            file: open(&path, end)?,
            path,
            end,
            segment_bytes,
            day,
            unsynced_since: None,
            torn: false,
            marked_at: clock.instant(),
            instance: folder.instance().clone(),
            clock,
            _folder: folder,
        })
    }

    pub(super) fn until_alive(&self) -> Duration {
        ALIVE.saturating_sub(self.clock.elapsed(self.marked_at))
    }

    pub(super) fn mark(&mut self, kind: MarkKind, lines: &mut Vec<u8>) {
        Mark::new(kind, self.clock.now(), self.instance.clone()).write_line(lines);
        self.marked_at = self.clock.instant();
    }

    pub(super) fn gap(&self, lost: u64, since: Option<Timestamp>, lines: &mut Vec<u8>) {
        let mark = Mark::new(MarkKind::Gap, self.clock.now(), self.instance.clone());
        Mark { since, lost: Some(lost), ..mark }.write_line(lines);
    }

    pub(super) fn write(&mut self, batch: &[u8]) -> std::io::Result<()> {
        let today = day_of(self.clock.now());
        if self.end.offset >= self.segment_bytes || (today != self.day && self.end.offset > 0) {
            self.file.sync_data()?;
            let next = Position { segment: self.end.segment.next(), offset: 0 };
            self.file = open(&self.path, next)?;
            self.end = next;
        }
        self.day = today;
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
    pub(super) fn cut_torn(&mut self) -> std::io::Result<()> {
        if self.torn {
            self.file.set_len(self.end.offset)?;
            self.torn = false;
        }
        Ok(())
    }

    pub(super) fn sync_if_due(&mut self, now: bool) {
        let Some(since) = self.unsynced_since else { return };
        if (now || self.clock.elapsed(since) >= SYNC) && self.file.sync_data().is_ok() {
            self.unsynced_since = None;
        }
    }
}
