//! Files and folders that only the account of the process may read.
//!
//! Owns the modes: 0700 for folders, 0600 for files. What exists already keeps its mode.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes a folder and those above it, if they are missing.
///
/// # Errors
///
/// What the system says.
pub fn create_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// How to open a file that is made private if it is made.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Puts a file in its place, whole or not at all, and durable when this returns.
///
/// # Errors
///
/// What the system says; then what was there before is there still.
pub fn replace(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let part = folder.join(format!("{name}.new"));
    let mut file = options().write(true).create(true).truncate(true).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, folder.join(name))?;
    File::open(folder)?.sync_all()
}
