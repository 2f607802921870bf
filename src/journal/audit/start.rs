//! Where an audit ended: the last record, what stands after it, and the writes whose result nobody
//! knows.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::disk::{Place, file_name};
use super::read::segments;
use crate::domain::audit::chain::Head;
use crate::domain::audit::json::{read_line, sealed_hash};
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::{Detail, Event};
use crate::journal::folder::cut_torn_line;

/// How far back writes without a known result are looked for: about forty thousand records, so that
/// the start stays short. `audit unresolved` looks through everything.
const LOOK_BACK: u64 = 32 * 1_024 * 1_024;

/// Where an audit ended.
#[derive(Debug)]
pub(super) struct Found {
    /// The last record.
    pub(super) head: Head,
    /// Where the next one goes.
    pub(super) end: Place,
    /// Bytes of a torn last line that were cut off.
    pub(super) torn: u64,
    /// Bytes after the last record that are no records.
    pub(super) damaged: u64,
    /// Writes whose result nobody knows.
    pub(super) ledger: Ledger,
}

impl Found {
    /// What the audit says about it.
    pub(super) fn details(&self) -> impl Iterator<Item = Detail> {
        let said = |event: Event, count: u64| (count > 0).then(|| event.of(count));
        [
            said(Event::TornLineCut, self.torn),
            said(Event::TailDamaged, self.damaged),
            said(Event::UnresolvedFound, self.ledger.len()),
        ]
        .into_iter()
        .flatten()
    }
}

/// Finds the end of a folder's audit, and cuts off a torn last line.
pub(super) fn find_end(folder: &Path) -> std::io::Result<Found> {
    let segments = segments(folder)?;
    let Some(last) = segments.last().copied() else {
        let end = Place { segment: 1, offset: 0 };
        let ledger = Ledger::default();
        return Ok(Found { head: Head::START, end, torn: 0, damaged: 0, ledger });
    };
    let (offset, torn) = cut_torn_line(&folder.join(file_name(last)))?;
    let mut found = look_back(folder, &segments, LOOK_BACK)?;
    if found.head == Head::START {
        found = look_back(folder, &segments, u64::MAX)?;
    }
    found.torn = torn;
    found.end = if found.damaged > 0 {
        crate::telemetry::events::audit_damaged(found.damaged);
        Place { segment: last + 1, offset: 0 }
    } else {
        Place { segment: last, offset }
    };
    Ok(found)
}

/// Looks through about the last `limit` bytes.
fn look_back(folder: &Path, segments: &[u64], limit: u64) -> std::io::Result<Found> {
    let mut left = limit;
    let mut pieces = Vec::new();
    for segment in segments.iter().rev() {
        let mut file = File::open(folder.join(file_name(*segment)))?;
        let length = file.metadata()?.len();
        let skipped = length.saturating_sub(left);
        file.seek(SeekFrom::Start(skipped))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if skipped > 0 {
            // The first line is most likely only part of one.
            let cut = memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
            drop(bytes.drain(..cut));
        }
        pieces.push(bytes);
        left = left.saturating_sub(length);
        if left == 0 {
            break;
        }
    }
    pieces.reverse();
    let lines = || pieces.iter().flat_map(|bytes| bytes.split_inclusive(|b| *b == b'\n'));
    let mut ledger = Ledger::default();
    for record in lines().filter_map(|line| read_line(line).ok()) {
        ledger.note(&record.entry, record.ts);
    }
    let (mut head, mut damaged) = (Head::START, 0);
    let backwards: Vec<&[u8]> = lines().collect();
    for line in backwards.into_iter().rev() {
        let record = read_line(line).ok();
        if let Some(record) = record.filter(|record| sealed_hash(line) == Some(record.hash)) {
            head = Head::after(&record);
            break;
        }
        damaged += line.len() as u64;
    }
    let end = Place { segment: 0, offset: 0 };
    Ok(Found { head, end, torn: 0, damaged, ledger })
}
