//! Checks a whole sequence of audit lines and names the first that is not as it was written.
//!
//! Pure: whoever reads the files feeds the lines. What a chain cannot show by itself is a tail that was
//! cut off and everything sealed anew; for that, give heads that were kept beside it or elsewhere
//! ([`super::evidence`]).

use std::collections::BTreeMap;

use super::chain::{Hash, Head};
use super::json::{RecordError, read_line, sealed_hash};
use super::{Event, Record};
use crate::domain::names::InstanceId;

/// What is wrong with a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The line is no record.
    #[error("the line is no audit record: {0}")]
    NotARecord(RecordError),
    /// The record's hash does not fit its content.
    #[error("edited: the hash does not fit the content")]
    Edited,
    /// The record does not name the hash of the one before it.
    #[error("replaced: this record and the one before it were not written one after the other")]
    Relinked,
    /// Records are missing.
    #[error("removed: the records {from} to {to} should stand before this one")]
    Removed {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// Records stand in another order.
    #[error("reordered: record {expected} should stand here, and stands further down")]
    Reordered {
        /// Which should stand here.
        expected: u64,
    },
    /// A record stands here that belongs before others that have passed.
    #[error("repeated or put in: a record with this number or a later one has passed already")]
    Repeated,
    /// The record is of another accuscope.
    #[error("foreign: the record was written by another instance")]
    OtherInstance,
    /// The last line has no end.
    #[error("torn: the line was not written whole")]
    Torn,
    /// The sequence ends before a head that is known.
    #[error("truncated: the records from {from} on are missing; there were {head} at least")]
    Truncated {
        /// The first that is missing.
        from: u64,
        /// The number of the known head.
        head: u64,
    },
    /// The record of a known head has another hash.
    #[error("replaced: the hash is not the one that was kept for this record")]
    NotTheHead,
    /// The beginning is missing, and the audit holds no record of its removal.
    #[error(
        "removed: the records 1 to {to} are missing, and no record says that their time had come"
    )]
    BeginningMissing {
        /// The last that is missing.
        to: u64,
    },
}

/// The first place where a sequence is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which line of the whole sequence, counted from 1; one past the end for a missing tail.
    pub line: u64,
    /// The record's number: the one it says, or the one that should stand there.
    pub seq: u64,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Lines that were read.
    pub lines: u64,
    /// The end of the part that is as it was written.
    pub head: Head,
    /// The first break, if there is one.
    pub broken: Option<Broken>,
}

/// Checks a sequence line by line.
#[derive(Debug)]
pub struct Verifier {
    lines: u64,
    head: Head,
    instance: Option<InstanceId>,
    known: BTreeMap<u64, Hash>,
    broken: Option<Broken>,
    /// The record before the first.
    start: u64,
    /// Up to where the audit itself says that records were removed.
    pruned: u64,
}

impl Verifier {
    /// A check of a sequence from its first record on; `known` is a head that was kept elsewhere.
    #[must_use]
    pub fn new(known: Option<Head>) -> Self {
        Self::from(Head::START, known.into_iter().map(|head| (head.seq, head.hash)).collect())
    }

    /// A check of a sequence that goes on after `start`, with the hashes that are known of its records.
    #[must_use]
    pub const fn from(start: Head, known: BTreeMap<u64, Hash>) -> Self {
        let (lines, instance, broken, pruned) = (0, None, None, 0);
        Self { lines, head: start, instance, known, broken, start: start.seq, pruned }
    }

    /// The next line, its newline included. Gives the record if the line is one, broken or not.
    pub fn line(&mut self, line: &[u8]) -> Option<Record> {
        self.lines += 1;
        let expected = self.head.seq + 1;
        if !line.ends_with(b"\n") {
            self.breaks(expected, Wrong::Torn);
            return None;
        }
        let record = match read_line(line) {
            Ok(record) => record,
            Err(error) => {
                self.breaks(expected, Wrong::NotARecord(error));
                return None;
            }
        };
        let whole = sealed_hash(line) == Some(record.hash);
        if let Some(broken) = &mut self.broken {
            // Where a record is missing, look on: it may only have been moved.
            if let Wrong::Removed { from, .. } = broken.wrong
                && whole
                && record.seq == from
            {
                broken.wrong = Wrong::Reordered { expected: from };
            }
            return Some(record);
        }
        if let Some(wrong) = self.wrong(&record, whole) {
            self.breaks(record.seq, wrong);
        } else {
            self.head = Head::after(&record);
            let detail = record.entry.detail.filter(|detail| detail.event == Event::Pruned);
            self.pruned = self.pruned.max(detail.and_then(|detail| detail.count).unwrap_or(0));
        }
        Some(record)
    }

    fn wrong(&mut self, record: &Record, whole: bool) -> Option<Wrong> {
        let expected = self.head.seq + 1;
        let instance = self.instance.get_or_insert_with(|| record.instance.clone());
        let known = self.known.get(&record.seq);
        if !whole {
            Some(Wrong::Edited)
        } else if record.instance != *instance {
            Some(Wrong::OtherInstance)
        } else if record.seq < expected {
            Some(Wrong::Repeated)
        } else if record.seq > expected {
            Some(Wrong::Removed { from: expected, to: record.seq - 1 })
        } else if record.prev != self.head.hash {
            Some(Wrong::Relinked)
        } else if known.is_some_and(|known| *known != record.hash) {
            Some(Wrong::NotTheHead)
        } else {
            None
        }
    }

    fn breaks(&mut self, seq: u64, wrong: Wrong) {
        self.broken.get_or_insert(Broken { line: self.lines, seq, wrong });
    }

    /// Whether a break has been found.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// The sequence has ended.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let from = self.head.seq + 1;
        if let Some((&head, _)) = self.known.last_key_value().filter(|(seq, _)| **seq >= from) {
            let wrong = Wrong::Truncated { from, head };
            self.broken.get_or_insert(Broken { line: self.lines + 1, seq: from, wrong });
        }
        if self.pruned < self.start {
            let wrong = Wrong::BeginningMissing { to: self.start };
            self.broken.get_or_insert(Broken { line: 1, seq: self.start + 1, wrong });
        }
        Report { lines: self.lines, head: self.head, broken: self.broken }
    }
}
