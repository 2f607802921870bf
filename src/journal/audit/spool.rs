//! Records of commands that run beside a serving process, which alone may write the chain.
//!
//! A command leaves its record as a file in `spool/`, durable before it does what the record says; the
//! process takes the file in and removes it. A crash in between takes a record in twice, never not at
//! all. Only what commands do is taken: a spool file cannot claim that a write was sent.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{AuditLog, AuditUnavailable};
use crate::domain::audit::json::{read_entry, write_entry};
use crate::domain::audit::{Entry, Event, Kind};
use crate::domain::time::Timestamp;
use crate::journal::private;
use crate::telemetry::events;

const FOLDER: &str = "spool";

/// Leaves a record, durable when this returns.
///
/// # Errors
///
/// What the system says when the file cannot be written.
pub fn leave(journal: &Path, entry: &Entry, ts: Timestamp, random: u64) -> std::io::Result<()> {
    let folder = journal.join(FOLDER);
    private::create_folder(&folder)?;
    let name = format!("{:020}-{random:016x}", ts.micros());
    let (partial, whole) =
        (folder.join(format!("{name}.part")), folder.join(format!("{name}.json")));
    let mut line = Vec::new();
    write_entry(entry, ts, &mut line);
    let mut file = private::options().write(true).create_new(true).open(&partial)?;
    file.write_all(&line)?;
    file.sync_all()?;
    std::fs::rename(partial, whole)?;
    File::open(&folder)?.sync_all()?;
    File::open(journal)?.sync_all()
}

/// Takes in what commands have left, oldest first, and tells of each record that is kept. Blocks on the
/// disk only in a thread of its own.
///
/// # Errors
///
/// [`AuditUnavailable`] if the audit could not be kept; the files stay.
pub async fn take_in(
    journal: &Path,
    log: &AuditLog,
    tell: &(dyn Fn(&Entry, Timestamp) + Send + Sync),
) -> Result<(), AuditUnavailable> {
    let folder = journal.join(FOLDER);
    let left = tokio::task::spawn_blocking(move || waiting(&folder)).await;
    for (path, entry) in left.unwrap_or_default() {
        let taken = if let Some((entry, ts)) = entry {
            log.append_at(entry.clone(), ts).await?;
            tell(&entry, ts);
            true
        } else {
            events::spool_rejected();
            false
        };
        let removed = tokio::task::spawn_blocking(move || {
            if taken {
                std::fs::remove_file(path)
            } else {
                std::fs::rename(&path, path.with_extension("rejected"))
            }
        });
        // A file that cannot be removed is taken in again.
        drop(removed.await);
    }
    Ok(())
}

type Left = (PathBuf, Option<(Entry, Timestamp)>);

fn waiting(folder: &Path) -> Vec<Left> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort_unstable();
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).ok();
        let entry = bytes.and_then(|bytes| read_entry(&bytes).ok());
        (path, entry.filter(|(entry, _)| may_be_left(entry)))
    };
    paths.into_iter().map(read).collect()
}

fn may_be_left(entry: &Entry) -> bool {
    let says = |event| entry.detail.is_some_and(|detail| detail.event == event);
    matches!(entry.kind, Kind::Admin | Kind::Export)
        || (entry.kind == Kind::Lookup && says(Event::Diagnosed))
        || (entry.kind == Kind::Outcome && says(Event::Settled))
        || (entry.kind == Kind::System && says(Event::Pruned))
}
