//! Sinks: everything that accuscope writes, shows or says, as bytes.
//!
//! Owns the collecting of them. What is looked for in them is not its business.

pub(super) mod postgres;
pub(super) mod site;

use std::io;
use std::path::{Path, PathBuf};

/// One sink.
pub(super) struct Sink {
    /// What the report calls it.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether it proves nothing if it is empty.
    pub(super) required: bool,
}

impl Sink {
    /// A sink that may be empty.
    pub(super) fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, required: false }
    }

    /// A sink that has something in it, or the run proves nothing.
    pub(super) fn required(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, required: true }
    }
}

/// Every file of a folder: journal, audit, checkpoints, spool, database, write-ahead log, logs.
///
/// # Errors
///
/// What the system says where a file is there and cannot be read.
pub(super) fn files(folder: &Path, when: &str) -> io::Result<Vec<Sink>> {
    let mut paths = Vec::new();
    walk(folder, &mut paths)?;
    paths.sort();
    let mut sinks = Vec::new();
    for path in paths {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            // The serving process has just taken it in, or the database's last user has left.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let inside = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let required = ["exchanges-", "audit-", "store.db", "stdout.log"];
        let is_required =
            required.iter().any(|name| inside.contains(name)) && !inside.contains("-shm");
        // After the last user has left, the log of a database is empty or gone.
        let is_required = is_required && !inside.contains("-wal");
        let name = format!("{inside} ({when})");
        sinks.push(Sink { name, bytes, required: is_required });
    }
    Ok(sinks)
}

/// Adds what is new in the later state of files: a journal only grows.
pub(super) fn add_what_is_new(sinks: &mut Vec<Sink>, later: Vec<Sink>) {
    /// So much of what was there before is looked at again, since a leak may lie across.
    const ACROSS: usize = 4 * 1_024;
    for mut file in later {
        let name = |sink: &Sink| sink.name.split(" (").next().unwrap_or_default().to_owned();
        let before = sinks.iter().find(|sink| name(sink) == name(&file));
        if let Some(before) = before.filter(|before| file.bytes.starts_with(&before.bytes)) {
            file.required = false;
            file.bytes.drain(..before.bytes.len().saturating_sub(ACROSS));
        }
        sinks.push(file);
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, found)? } else { found.push(path) }
    }
    Ok(())
}
