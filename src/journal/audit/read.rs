//! Reading back: the files of an audit, and their lines one by one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::disk::{file_name, segment_of};

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

/// The numbers of a folder's segments, oldest first. Other files are left alone.
pub(super) fn segments(folder: &Path) -> std::io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        found.extend(entry?.file_name().to_str().and_then(segment_of));
    }
    found.sort_unstable();
    Ok(found)
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
