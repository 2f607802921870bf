//! Reading back: whole lines from a position on, across segments, while the journal grows.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::folder::segments;
use super::segment::{Position, Segment};
use crate::domain::mark::is_mark;

/// Longest line that is read; a longer one is damage and is skipped.
const MAX_LINE_BYTES: usize = 64 * 1_024;

/// Whole lines, and where the next ones begin.
#[derive(Debug)]
pub struct Batch {
    /// The lines, each with its newline.
    pub lines: Vec<u8>,
    /// The position after them.
    pub next: Position,
    /// Bytes that were skipped because they are no lines.
    pub skipped_bytes: u64,
}

/// A reader of one journal folder.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
}

impl Tail {
    /// A reader; nothing is opened yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Reads about `max_bytes` of whole lines after `from`; empty at the end of the journal.
    ///
    /// # Errors
    ///
    /// What the system says when a segment cannot be read.
    pub fn read(&self, from: Position, max_bytes: usize) -> std::io::Result<Batch> {
        let existing = segments(&self.path)?;
        let mut at = match existing.iter().find(|segment| **segment >= from.segment) {
            Some(segment) if *segment == from.segment => from,
            // The segment was removed, or does not exist yet: go on with the next one.
            Some(segment) => Position { segment: *segment, offset: 0 },
            None => return Ok(Batch { lines: Vec::new(), next: from, skipped_bytes: 0 }),
        };
        loop {
            let mut lines = Vec::new();
            let mut file = File::open(self.path.join(at.segment.file_name()))?;
            file.seek(SeekFrom::Start(at.offset))?;
            file.take(max_bytes.max(MAX_LINE_BYTES) as u64).read_to_end(&mut lines)?;
            let read = lines.len();
            if let Some(end) = memchr::memrchr(b'\n', &lines) {
                lines.truncate(end + 1);
                let next = Position { offset: at.offset + lines.len() as u64, ..at };
                return Ok(Batch { lines, next, skipped_bytes: 0 });
            }
            if read >= MAX_LINE_BYTES {
                let next = Position { offset: at.offset + read as u64, ..at };
                return Ok(Batch { lines: Vec::new(), next, skipped_bytes: read as u64 });
            }
            let Some(following) = existing.iter().find(|segment| **segment > at.segment) else {
                return Ok(Batch { lines: Vec::new(), next: at, skipped_bytes: 0 });
            };
            at = Position { segment: *following, offset: 0 };
        }
    }

    /// Counts the lines after `from` that are no marks.
    ///
    /// # Errors
    ///
    /// What the system says when a segment cannot be read.
    pub fn count_lines(&self, from: Position) -> std::io::Result<u64> {
        let mut count = 0;
        let mut line = Vec::new();
        for segment in segments(&self.path)?.into_iter().filter(|s| *s >= from.segment) {
            let mut file = File::open(self.path.join(segment.file_name()))?;
            if segment == from.segment {
                file.seek(SeekFrom::Start(from.offset))?;
            }
            let mut reader = BufReader::with_capacity(256 * 1_024, file);
            loop {
                line.clear();
                let mut piece = reader.by_ref().take(MAX_LINE_BYTES as u64);
                if piece.read_until(b'\n', &mut line)? == 0 {
                    break;
                }
                count += u64::from(line.ends_with(b"\n") && !is_mark(&line));
            }
        }
        Ok(count)
    }

    /// The oldest segment there is.
    ///
    /// # Errors
    ///
    /// What the system says when the folder cannot be read.
    pub fn oldest(&self) -> std::io::Result<Option<Segment>> {
        Ok(segments(&self.path)?.first().copied())
    }
}
