//! The files behind the audit.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::read::CommittedTo;
use super::{checkpoints, open};
use crate::journal::private;
use crate::journal::torn;

/// Where the next record goes: a segment's number and the bytes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) offset: u64,
}

impl From<Place> for CommittedTo {
    fn from(Place { segment, offset }: Place) -> Self {
        Self { segment, offset }
    }
}

/// A disk that takes audit records. A trait so that tests can let it fail, fill up or block.
pub(super) trait Disk: Send {
    /// Puts bytes at the chain's end and makes them durable. What an earlier failure left after `at` is
    /// cut off first.
    fn commit(&mut self, at: Place, bytes: &[u8]) -> std::io::Result<()>;

    /// Appends a line to the checkpoints.
    fn seal(&mut self, line: &str) -> std::io::Result<()>;

    /// Keeps what the next start should know at once.
    fn remember(&mut self, text: &str) -> std::io::Result<()>;
}

/// The name of a segment's file.
pub(super) fn file_name(segment: u64) -> String {
    format!("audit-{segment:08}.ndjson")
}

/// Reads a file's name; `None` if it is not a segment's.
pub(super) fn segment_of(file_name: &str) -> Option<u64> {
    let digits = file_name.strip_prefix("audit-")?.strip_suffix(".ndjson")?;
    let plain = digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// Segments in a folder.
pub(super) struct Files {
    folder: PathBuf,
    open: Option<(u64, File)>,
    /// A commit failed, and may have left bytes after the chain's end.
    torn: bool,
    /// The checkpoints, open for appending.
    seals: Option<File>,
}

impl Files {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder, open: None, torn: false, seals: None }
    }

    /// As after a commit that failed half way.
    #[cfg(test)]
    pub(super) const fn torn(folder: PathBuf) -> Self {
        Self { folder, open: None, torn: true, seals: None }
    }

    fn file(&mut self, segment: u64) -> std::io::Result<&mut File> {
        if self.open.as_ref().is_none_or(|(number, _)| *number != segment) {
            let path = self.folder.join(file_name(segment));
            let file = private::options().create(true).append(true).open(path)?;
            // A new file's name has to survive a power cut as well.
            File::open(&self.folder)?.sync_all()?;
            self.open = Some((segment, file));
        }
        self.open
            .as_mut()
            .map(|(_, file)| file)
            .ok_or_else(|| std::io::Error::other("no segment is open"))
    }
}

impl Disk for Files {
    fn commit(&mut self, at: Place, bytes: &[u8]) -> std::io::Result<()> {
        let torn = self.torn;
        let file = self.file(at.segment)?;
        if torn {
            file.set_len(at.offset)?;
        }
        self.torn = true;
        let file = self.file(at.segment)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        self.torn = false;
        Ok(())
    }

    fn seal(&mut self, line: &str) -> std::io::Result<()> {
        let mut file = if let Some(file) = self.seals.take() {
            file
        } else {
            let path = self.folder.join(checkpoints::HEADS);
            // A crash or a full disk may have left part of a line.
            torn::cut(&path, &checkpoints::BEGINNINGS)?;
            private::options().create(true).append(true).open(path)?
        };
        file.write_all(format!("{line}\n").as_bytes())?;
        self.seals = Some(file);
        Ok(())
    }

    fn remember(&mut self, text: &str) -> std::io::Result<()> {
        open::write(&self.folder, text)
    }
}
