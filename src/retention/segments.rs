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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::{InstanceId, SegmentName};

    const NEVER: [u64; 0] = [];
    const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-DDT17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}"#;

    fn write(folder: &Path, number: u64, text: &str) {
        let name = Segment::from_number(number).file_name();
        std::fs::write(folder.join(name), text).unwrap();
    }

    fn day(day: u32) -> String {
        LINE.replace("DD", &format!("{day:02}")) + "\n"
    }

    fn due(folder: &Path, indexed_to: Option<u64>, cutoff: &str) -> Vec<u64> {
        let checkpoint = indexed_to.map(|number| Checkpoint {
            instance: InstanceId::parse("i-1").unwrap(),
            segment: SegmentName::parse(&Segment::from_number(number).file_name()).unwrap(),
            offset: 0,
        });
        let segments = Segments::indexed(folder, checkpoint.as_ref());
        let due = segments.due(Timestamp::parse(cutoff).unwrap()).unwrap();
        due.into_iter().map(|(segment, _)| segment.number()).collect()
    }

    #[test]
    fn only_what_is_indexed_whole_and_over_the_limit_goes() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 1, &(day(1) + &day(2)));
        write(dir.path(), 2, &day(3));
        // A long call ended last; one before it is newer.
        write(dir.path(), 3, &(day(9) + &day(4)));
        write(dir.path(), 4, &day(10));
        let (early, late) = ("2026-11-05T00:00:00Z", "2026-12-01T00:00:00Z");
        assert_eq!(due(dir.path(), None, late), NEVER, "nobody knows what is indexed");
        assert_eq!(due(dir.path(), Some(1), late), NEVER, "the first is still being indexed");
        assert_eq!(due(dir.path(), Some(3), late), [1, 2]);
        assert_eq!(due(dir.path(), Some(4), late), [1, 2, 3], "the newest is written to");
        assert_eq!(due(dir.path(), Some(4), early), [1, 2]);
        assert_eq!(due(dir.path(), Some(4), "2026-11-02T00:00:00Z"), NEVER);
    }

    #[test]
    fn a_segment_that_cannot_be_read_stays_and_so_do_those_after_it() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 1, "damage\n");
        write(dir.path(), 2, &day(1));
        write(dir.path(), 3, &day(2));
        assert_eq!(due(dir.path(), Some(3), "2026-12-01T00:00:00Z"), NEVER);
        assert_eq!(due(&dir.path().join("none"), Some(3), "2026-12-01T00:00:00Z"), NEVER);
    }

    #[test]
    fn a_removed_segment_is_gone_and_removing_it_again_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 1, &day(1));
        write(dir.path(), 2, &day(2));
        let segments = Segments::indexed(dir.path(), None);
        assert_eq!(segments.oldest().unwrap().unwrap().to_string().get(..10), Some("2026-11-01"));
        segments.remove(Segment::from_number(1)).unwrap();
        segments.remove(Segment::from_number(1)).unwrap();
        assert_eq!(segments.oldest().unwrap().unwrap().to_string().get(..10), Some("2026-11-02"));
    }
}
