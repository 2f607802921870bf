//! Reading back: the files of an audit, and their lines one by one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::disk::{file_name, segment_of};
use crate::journal::folder::named;

/// Longest line that is read whole; a longer one is damage.
pub(super) const MAX_LINE_BYTES: u64 = 64 * 1_024;

/// One file of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its number.
    pub segment: u64,
}

/// One line of an audit, and where it stands.
#[derive(Debug)]
pub struct AuditLine<'l> {
    /// The file.
    pub file: &'l AuditFile,
    /// Counted from 1 in the file.
    pub number: u64,
    /// The bytes, the newline included where there is one.
    pub bytes: &'l [u8],
}

/// How far a chain is committed, or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommittedTo {
    /// The segment.
    pub segment: u64,
    /// Bytes from its start.
    pub offset: u64,
}

/// Whole lines between two places of a chain, about `max_bytes`, and the place after them. Where the
/// first segment is gone, the next one is begun.
///
/// # Errors
///
/// What the system says when a file cannot be read.
pub fn committed_lines(
    folder: &Path,
    from: CommittedTo,
    end: CommittedTo,
    max_bytes: usize,
) -> std::io::Result<(Vec<u8>, CommittedTo)> {
    for segment in segments(folder)? {
        if segment < from.segment || segment > end.segment {
            continue;
        }
        let offset = if segment == from.segment { from.offset } else { 0 };
        let mut file = File::open(folder.join(file_name(segment)))?;
        file.seek(SeekFrom::Start(offset))?;
        let left =
            if segment == end.segment { end.offset.saturating_sub(offset) } else { u64::MAX };
        let mut bytes = Vec::new();
        file.take(left.min(MAX_LINE_BYTES.max(max_bytes as u64))).read_to_end(&mut bytes)?;
        // What has no end in this much is damage; the rest of an old segment is passed over.
        if let Some(last) = memchr::memrchr(b'\n', &bytes) {
            bytes.truncate(last + 1);
            let offset = offset + bytes.len() as u64;
            return Ok((bytes, CommittedTo { segment, offset }));
        }
    }
    Ok((Vec::new(), from))
}

/// The numbers of a folder's segments, oldest first. Other files are left alone, and so are folders.
pub(super) fn segments(folder: &Path) -> std::io::Result<Vec<u64>> {
    let named = named(folder, segment_of)?.into_iter();
    Ok(named.filter(|(_, is_folder)| !is_folder).map(|(segment, _)| segment).collect())
}

/// The files of an audit, oldest first.
///
/// # Errors
///
/// What the system says when the folder cannot be read.
pub fn files(folder: &Path) -> std::io::Result<Vec<AuditFile>> {
    let of = |segment| AuditFile { path: folder.join(file_name(segment)), segment };
    Ok(segments(folder)?.into_iter().map(of).collect())
}

/// Gives every line of an audit, oldest first. A line longer than any record comes in pieces.
///
/// # Errors
///
/// What the system says when a file cannot be read, or what `each` says.
pub fn lines<E: From<std::io::Error>>(
    folder: &Path,
    mut each: impl FnMut(AuditLine<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for file in files(folder)? {
        lines_of(&file, &mut each)?;
    }
    Ok(())
}

/// Gives every line of one file.
pub(super) fn lines_of<E: From<std::io::Error>>(
    file: &AuditFile,
    mut each: impl FnMut(AuditLine<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = BufReader::with_capacity(256 * 1_024, File::open(&file.path)?);
    let mut bytes = Vec::with_capacity(2_048);
    let mut number = 0;
    loop {
        bytes.clear();
        if reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        number += 1;
        each(AuditLine { file, number, bytes: &bytes })?;
    }
}
