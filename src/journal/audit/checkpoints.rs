//! The files that hold checkpoints: `checkpoints.ndjson`, which the chain's writer fills, and
//! `anchors.ndjson`, which pruning fills.
//!
//! Owns reading them, and appending an anchor. When a checkpoint is due is `seal.rs`'s.

use std::io::Write;
use std::path::Path;

use crate::domain::audit::chain::Head;
use crate::domain::audit::checkpoint::{Checkpoint, NotACheckpoint};
use crate::journal::private;
use crate::journal::torn;

/// How a file of checkpoints begins.
pub(super) const BEGINNINGS: [&[u8]; 1] = [b"{\"hash\":"];
/// Heads.
pub(super) const HEADS: &str = "checkpoints.ndjson";
/// Anchors.
const ANCHORS: &str = "anchors.ndjson";

/// One line of a file of checkpoints.
#[derive(Debug)]
pub struct CheckpointLine {
    /// Counted from 1 in the file.
    pub number: usize,
    /// The checkpoint, if it is one.
    pub read: Result<Checkpoint, NotACheckpoint>,
}

/// The lines of a file of checkpoints. A file that does not exist has none; a line without its end is
/// being written, and is left out.
///
/// # Errors
///
/// What the system says when the file cannot be read.
pub fn read_file(file: &Path) -> std::io::Result<Vec<CheckpointLine>> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let whole = lines.filter(|(_, line)| line.ends_with(b"\n"));
    Ok(whole
        .map(|(at, line)| CheckpointLine { number: at + 1, read: Checkpoint::parse(line) })
        .collect())
}

/// The files of a folder that hold checkpoints, whether they exist or not.
#[must_use]
pub fn files_of(folder: &Path) -> [std::path::PathBuf; 2] {
    [folder.join(ANCHORS), folder.join(HEADS)]
}

/// The latest head that a folder's own checkpoints know of.
pub(super) fn latest(folder: &Path) -> std::io::Result<Option<Head>> {
    let lines = read_file(&folder.join(HEADS))?;
    let heads = lines.iter().filter_map(|line| line.read.as_ref().ok());
    Ok(heads.map(|checkpoint| checkpoint.head).max_by_key(|head| head.seq))
}

/// Appends an anchor, durable when this returns.
pub(super) fn add_anchor(folder: &Path, anchor: &Checkpoint) -> std::io::Result<()> {
    let path = folder.join(ANCHORS);
    torn::cut(&path, &BEGINNINGS)?;
    let mut file = private::options().create(true).append(true).open(path)?;
    file.write_all(format!("{}\n", anchor.line()).as_bytes())?;
    file.sync_all()?;
    std::fs::File::open(folder)?.sync_all()
}
