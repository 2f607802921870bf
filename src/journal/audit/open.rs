//! The file `open-writes`: the writes without a known result as they stood at one record, so that a
//! start need not read the whole audit to know them.
//!
//! It is a memory, not a record: where it is missing, damaged or of another chain, the audit is read from
//! its first record. Owns the file's form and the check that it fits the chain.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::disk::{Place, file_name};
use crate::domain::audit::chain::{Hash, Head};
use crate::domain::audit::json::{read_line, sealed_hash};
use crate::domain::audit::ledger::Ledger;
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;
use crate::journal::private;

const FILE: &str = "open-writes";
/// Longer than any record.
const WINDOW: u64 = 64 * 1_024;

/// The state of a chain at one record.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) head: Head,
    pub(super) end: Place,
    pub(super) ledger: Ledger,
}

impl Known {
    /// Before the first record.
    pub(super) fn nothing(first_segment: u64) -> Self {
        let end = Place { segment: first_segment, offset: 0 };
        Self { head: Head::START, end, ledger: Ledger::default() }
    }
}

/// The file's text.
pub(super) fn text(head: Head, end: Place, ledger: &Ledger) -> String {
    use std::fmt::Write as _;
    let mut text = format!("1 {} {} {} {}\n", end.segment, end.offset, head, ledger.beyond());
    for (id, ts) in ledger.open() {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{id} {}", ts.micros());
    }
    text.push_str("end\n");
    text
}

/// Puts the text in the file's place.
pub(super) fn write(folder: &Path, text: &str) -> std::io::Result<()> {
    let (part, whole) = (folder.join("open-writes.part"), folder.join(FILE));
    let mut file = private::options().write(true).create(true).truncate(true).open(&part)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(part, whole)
}

/// Reads the file, if it is whole and fits the audit.
pub(super) fn read(folder: &Path) -> Option<Known> {
    let text = std::fs::read_to_string(folder.join(FILE)).ok()?;
    let known = parse(&text)?;
    let mut file = File::open(folder.join(file_name(known.end.segment))).ok()?;
    let start = known.end.offset.saturating_sub(WINDOW);
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    file.take(known.end.offset - start).read_to_end(&mut bytes).ok()?;
    let line = bytes.split_inclusive(|byte| *byte == b'\n').next_back()?;
    let record = read_line(line).ok()?;
    let fits = bytes.len() as u64 == known.end.offset - start
        && sealed_hash(line) == Some(known.head.hash)
        && record.seq == known.head.seq
        && line.ends_with(b"\n");
    fits.then_some(known)
}

fn parse(text: &str) -> Option<Known> {
    let mut lines = text.strip_suffix("end\n")?.lines();
    let first: Vec<&str> = lines.next()?.split(' ').collect();
    let ["1", segment, offset, head, beyond] = first[..] else { return None };
    let open = lines.map(|line| {
        let (id, micros) = line.split_once(' ')?;
        Some((EventId::parse(id)?, Timestamp::from_micros(micros.parse().ok()?)))
    });
    let ledger = Ledger::restored(open.collect::<Option<Vec<_>>>()?, beyond.parse().ok()?);
    let (seq, hash) = head.split_once(':')?;
    Some(Known {
        head: Head { seq: seq.parse().ok()?, hash: Hash::parse(hash)? },
        end: Place { segment: segment.parse().ok()?, offset: offset.parse().ok()? },
        ledger,
    })
}
