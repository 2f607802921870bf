//! Removing records whose time has come: whole segments only, oldest first, never the newest.
//!
//! Owns what may go and in which order things happen, so that a check of what is left neither expects the
//! first record nor takes a beginning that somebody else removed. Whether the time has come is the
//! caller's business. Three steps:
//!
//! 1. [`plan`] looks what would go and changes nothing.
//! 2. The caller keeps [`Plan::entry`] in the audit (`AuditLog::append`, or the spool beside a serving
//!    process), durable before anything is removed.
//! 3. [`Plan::carry_out`] writes an anchor (signed, where there is a key) and removes, segment by
//!    segment; cut short anywhere, what is left can still be checked.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::checkpoints;
use super::read::{files, lines_of};
use crate::domain::audit::chain::Head;
use crate::domain::audit::checkpoint::{Checkpoint, Mark};
use crate::domain::audit::json::read_line;
use crate::domain::audit::signature::SigningKey;
use crate::domain::audit::{Entry, Event};
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

/// A segment that may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldSegment {
    /// The file.
    pub path: PathBuf,
    /// Records in it.
    pub records: u64,
    /// Its size.
    pub bytes: u64,
    /// Its last record.
    pub last: Head,
    /// When that was made.
    pub newest: Timestamp,
    instance: InstanceId,
}

/// What would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    folder: PathBuf,
    /// Oldest first; empty if nothing may go.
    pub segments: Vec<OldSegment>,
}

/// Looks which segments hold only records from before `before`. The newest segment stays, so that the
/// chain has an end to go on from; so does everything from the first segment on that is damaged.
/// Writes without a known result stay known (`open-writes`), as long as they are not settled.
///
/// # Errors
///
/// What the system says when a file cannot be read.
pub fn plan(folder: &Path, before: Timestamp) -> std::io::Result<Plan> {
    let mut segments = Vec::new();
    let mut files = files(folder)?;
    files.pop();
    for file in files {
        let (mut records, mut last, mut damaged) = (0, None, false);
        lines_of::<std::io::Error>(&file, |line| {
            match read_line(line.bytes) {
                Ok(record) => {
                    (records, last) = (records + 1, Some(record));
                }
                Err(_) => damaged = true,
            }
            Ok(())
        })?;
        let Some(last) = last.filter(|last| !damaged && last.ts < before) else { break };
        segments.push(OldSegment {
            bytes: std::fs::metadata(&file.path)?.len(),
            path: file.path,
            records,
            newest: last.ts,
            last: Head::after(&last),
            instance: last.instance,
        });
    }
    Ok(Plan { folder: folder.to_owned(), segments })
}

impl Plan {
    /// How many records would go.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.segments.iter().map(|segment| segment.records).sum()
    }

    /// How many bytes would go.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The last record that would go; `None` if nothing would.
    #[must_use]
    pub fn through(&self) -> Option<Head> {
        self.segments.last().map(|segment| segment.last)
    }

    /// The record that has to be in the audit before anything goes; `None` if nothing would.
    #[must_use]
    pub fn entry(&self) -> Option<Entry> {
        self.through().map(|head| Entry::system(Event::Pruned.of(head.seq)))
    }

    /// Writes the anchors and removes the segments. Gives the number of records that are gone.
    ///
    /// # Errors
    ///
    /// What the system says; what is left then can be checked as before.
    pub fn carry_out(self, signer: Option<&SigningKey>, now: Timestamp) -> std::io::Result<u64> {
        let mut gone = 0;
        for OldSegment { path, records, last, instance, .. } in self.segments {
            let anchor = Checkpoint::new(Mark::Anchor, instance, last, Some(records), now, signer);
            checkpoints::add_anchor(&self.folder, &anchor)?;
            std::fs::remove_file(path)?;
            gone += records;
        }
        File::open(&self.folder)?.sync_all()?;
        Ok(gone)
    }
}
