//! Segments of the journal over their limit.
//!
//! Owns the choice: a segment goes when the store has indexed all of it, a newer one is written to,
//! and its newest event is over the limit. Where any of that is not known, it stays.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::domain::event::json;
use crate::domain::time::Timestamp;
use crate::journal::{Segment, segments};
use crate::store::Checkpoint;

/// Bytes at the end of a segment whose events tell how new it is.
const TAIL_BYTES: u64 = 256 * 1_024;

/// The segments of one journal, and how many of them are indexed.
pub struct Segments {
    folder: PathBuf,
    /// The first one that is not indexed whole.
    indexed_to: Option<Segment>,
}

impl Segments {
    /// The journal in a folder, indexed as far as a checkpoint says.
    #[must_use]
    pub fn indexed(folder: &Path, checkpoint: Option<&Checkpoint>) -> Self {
        let indexed_to = checkpoint.and_then(|at| Segment::parse(at.segment.as_str()));
        Self { folder: folder.to_owned(), indexed_to }
    }

    /// The segments that may go, with their sizes, the oldest first.
    ///
    /// # Errors
    ///
    /// What the system says when the folder or a segment cannot be read.
    pub fn due(&self, cutoff: Timestamp) -> std::io::Result<Vec<(Segment, u64)>> {
        let Some(indexed_to) = self.indexed_to else { return Ok(Vec::new()) };
        let mut due = Vec::new();
        for segment in self.all()?.into_iter().filter(|segment| *segment < indexed_to) {
            let (newest, bytes) = newest(&self.path(segment))?;
            // Segments follow each other in time: the next ones are newer.
            if newest.is_none_or(|newest| newest >= cutoff) {
                break;
            }
            due.push((segment, bytes));
        }
        Ok(due)
    }

    /// Removes a segment.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self, segment: Segment) -> std::io::Result<()> {
        match std::fs::remove_file(self.path(segment)) {
            // Another run was faster.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// The time of the first event of the oldest segment.
    ///
    /// # Errors
    ///
    /// What the system says when the folder or a segment cannot be read.
    pub fn oldest(&self) -> std::io::Result<Option<Timestamp>> {
        for segment in self.all()? {
            let mut line = Vec::new();
            let file = File::open(self.path(segment))?;
            BufReader::new(file.take(TAIL_BYTES)).read_until(b'\n', &mut line)?;
            if let Ok(event) = json::read_line(&line) {
                return Ok(Some(event.ts));
            }
        }
        Ok(None)
    }

    fn all(&self) -> std::io::Result<Vec<Segment>> {
        match segments(&self.folder) {
            // Nothing was ever recorded here.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            found => found,
        }
    }

    fn path(&self, segment: Segment) -> PathBuf {
        self.folder.join(segment.file_name())
    }
}

/// The time of the newest event of a segment, and its size. Events stand in the order of their ends,
/// so the last ones tell.
fn newest(path: &Path) -> std::io::Result<(Option<Timestamp>, u64)> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    file.seek(SeekFrom::Start(bytes.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let lines = tail.split_inclusive(|byte| *byte == b'\n');
    let newest = lines.filter_map(|line| json::read_line(line).ok()).map(|event| event.ts).max();
    Ok((newest, bytes))
}
