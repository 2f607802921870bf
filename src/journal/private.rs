//! Files and folders that only the account of the process may read.
//!
//! Owns the modes: 0700 for folders, 0600 for files. What exists already keeps its mode.

use std::fs::{DirBuilder, OpenOptions};
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
