//! Where an audit ended: the last record, what stands after it, and the writes whose result nobody
//! knows.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::checkpoints;
use super::disk::{Place, file_name, segment_of};
use super::open::{self, Known};
use super::read::{MAX_LINE_BYTES, segments};
use crate::domain::audit::chain::Head;
use crate::domain::audit::json::{read_line, sealed_hash};
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::{Detail, Event};
use crate::journal::JournalError;
use crate::journal::disk::last_day;
use crate::journal::folder::named;
use crate::journal::torn;

/// How a record begins.
const BEGINNINGS: [&[u8]; 1] = [b"{\"actor_ref\":"];

/// Where an audit ended.
#[derive(Debug)]
pub(super) struct Found {
    /// The last record.
    pub(super) head: Head,
    /// Where the next one goes.
    pub(super) end: Place,
    /// The day on which that segment was last written to.
    pub(super) day: Option<i64>,
    /// Bytes of a torn last line that were cut off.
    pub(super) torn: u64,
    /// Bytes after the last record that are no records.
    pub(super) damaged: u64,
    /// Records that a checkpoint knows of and that are not there.
    pub(super) missing: u64,
    /// Writes whose result nobody knows.
    pub(super) ledger: Ledger,
}

/// How much of what was recorded is there; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remembered {
    /// All of it, as far as anybody knows.
    Everything,
    /// There is no record: this is the first start, or the folder is lost.
    Nothing,
    /// Records are damaged, or missing of which a checkpoint knows.
    Damaged,
}

impl Found {
    /// How much is there of what was recorded.
    pub(super) const fn remembered(&self) -> Remembered {
        if self.damaged > 0 || self.missing > 0 {
            Remembered::Damaged
        } else if self.head.seq == 0 {
            Remembered::Nothing
        } else {
            Remembered::Everything
        }
    }

    /// What the audit says about it.
    pub(super) fn details(&self) -> impl Iterator<Item = Detail> {
        let said = |event: Event, count: u64| (count > 0).then(|| event.of(count));
        [
            said(Event::TornLineCut, self.torn),
            said(Event::TailDamaged, self.damaged),
            said(Event::TailMissing, self.missing),
            said(Event::UnresolvedFound, self.ledger.len()),
        ]
        .into_iter()
        .flatten()
    }
}

/// Finds the end of a folder's audit, and cuts off a torn last line.
///
/// What was known at the last checkpoint is read from its file; from there on, or from the first record
/// where there is no such file, every record is looked at, one at a time.
///
/// # Errors
///
/// [`JournalError::Folder`], naming the segment or the folder that cannot be read.
pub(super) fn find_end(folder: &Path) -> Result<Found, JournalError> {
    let of_folder = |source| JournalError::Folder { path: folder.to_owned(), source };
    let of_segment = |segment| {
        move |source| JournalError::Folder { path: folder.join(file_name(segment)), source }
    };
    let segments = segments(folder).map_err(of_folder)?;
    let (last, torn) = match segments.last() {
        Some(last) => {
            let cut = torn::cut(&folder.join(file_name(*last)), &BEGINNINGS);
            (*last, cut.map_err(of_segment(*last))?.torn())
        }
        None => (1, 0),
    };
    let first = segments.first().copied().unwrap_or(1);
    let mut known = open::read(folder).unwrap_or_else(|| Known::nothing(first));
    let mut damaged = 0;
    let from = known.end.segment;
    for segment in segments.into_iter().filter(|segment| *segment >= from) {
        let failed = of_segment(segment);
        let mut file = File::open(folder.join(file_name(segment))).map_err(failed)?;
        if segment == known.end.segment {
            file.seek(SeekFrom::Start(known.end.offset)).map_err(failed)?;
        } else {
            known.end = Place { segment, offset: 0 };
        }
        damaged = follow(&mut known, file, damaged).map_err(failed)?;
    }
    if damaged > 0 {
        crate::telemetry::events::audit_damaged(damaged);
        known.end = Place { segment: last + 1, offset: 0 };
    }
    // A folder where the next segment would be made is no reason to refuse writes.
    if let Some((last, true)) = named(folder, segment_of).map_err(of_folder)?.last().copied()
        && last >= known.end.segment
    {
        crate::telemetry::events::foreign_audit_segment(last);
        known.end = Place { segment: last + 1, offset: 0 };
    }
    let sealed = checkpoints::latest(folder).map_err(of_folder)?;
    let missing = sealed.map_or(0, |sealed| sealed.seq.saturating_sub(known.head.seq));
    if missing > 0 {
        crate::telemetry::events::audit_tail_missing(missing);
    }
    let Known { head, end, ledger } = known;
    let day = last_day(&folder.join(file_name(end.segment)));
    Ok(Found { head, end, day, torn, damaged, missing, ledger })
}

/// Reads on to the file's end; gives the bytes after the last record that are none.
fn follow(known: &mut Known, file: File, mut damaged: u64) -> std::io::Result<u64> {
    let mut reader = BufReader::with_capacity(256 * 1_024, file);
    let mut line = Vec::with_capacity(2_048);
    loop {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            return Ok(damaged);
        }
        known.end.offset += read;
        let record = read_line(&line).ok();
        if let Some(record) = &record {
            known.ledger.note(&record.entry, record.ts);
        }
        if let Some(record) = record.filter(|record| sealed_hash(&line) == Some(record.hash)) {
            (known.head, damaged) = (Head::after(&record), 0);
        } else {
            damaged += read;
        }
    }
}
