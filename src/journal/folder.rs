//! The journal's folder: made if missing, locked while in use, with the instance id kept in it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::private;
use super::segment::{Position, Segment};
use super::torn::{self, Tail};
use crate::domain::names::InstanceId;

/// How the first line of a segment begins: with an event or with a mark.
const BEGINNINGS: [&[u8]; 2] = [b"{\"v\":", b"{\"mark\":"];

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder cannot be made, read or written.
    #[error("the journal cannot be used: {}: {source}", path.display())]
    Folder {
        /// The folder or a file in it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process writes here.
    #[error("the journal folder {} is in use by another accuscope", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The file with the instance id holds something else.
    #[error("the file {} does not hold an instance id; remove it to get a new one", path.display())]
    Instance {
        /// The file.
        path: PathBuf,
    },
}

/// A journal folder that this process alone writes to. Dropping it gives the lock back.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    instance: InstanceId,
    /// Where the next line goes.
    end: Position,
    /// Bytes of a torn last line that were cut off.
    torn_bytes: u64,
    /// The newest segment, if it is none of ours.
    foreign: Option<Segment>,
    _lock: File,
}

impl Folder {
    /// Opens the folder, takes the lock, and cuts off a last line that was not written whole.
    ///
    /// # Errors
    ///
    /// [`JournalError`], naming the path.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Folder { path: path.to_owned(), source };
        private::create_folder(path).map_err(failed)?;
        let lock = private::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(JournalError::InUse { path: path.to_owned() });
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        let instance = instance(path)?;
        let last = named(path, Segment::parse).map_err(failed)?.last().copied();
        let (segment, is_folder) = last.unwrap_or((Segment::FIRST, false));
        let file = path.join(segment.file_name());
        let tail = if is_folder { Ok(Tail::Foreign) } else { torn::cut(&file, &BEGINNINGS) };
        let tail = tail.map_err(|source| JournalError::Folder { path: file, source })?;
        let (end, torn_bytes, foreign) = match tail {
            Tail::Ours { length, torn } => (Position { segment, offset: length }, torn, None),
            // What somebody else wrote stays as it is, and is no place to go on.
            Tail::Foreign => (Position { segment: segment.next(), offset: 0 }, 0, Some(segment)),
        };
        Ok(Self { path: path.to_owned(), instance, end, torn_bytes, foreign, _lock: lock })
    }

    /// The folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The id of the process that writes here, the same after a restart.
    #[must_use]
    pub const fn instance(&self) -> &InstanceId {
        &self.instance
    }

    /// Where the next line goes.
    #[must_use]
    pub const fn end(&self) -> Position {
        self.end
    }

    /// Bytes of a torn last line that were cut off when the folder was opened.
    #[must_use]
    pub const fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    /// The newest segment, if something else than a journal is in it. It is left as it is.
    #[must_use]
    pub const fn foreign(&self) -> Option<Segment> {
        self.foreign
    }
}

/// Whether some process writes to a journal folder.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    let Ok(lock) = File::open(path.join("lock")) else { return false };
    matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
}

/// The segments of a folder, oldest first. Other files are left alone, and so are folders.
///
/// # Errors
///
/// What the system says when the folder cannot be read.
pub fn segments(path: &Path) -> std::io::Result<Vec<Segment>> {
    let named = named(path, Segment::parse)?.into_iter();
    Ok(named.filter(|(_, is_folder)| !is_folder).map(|(segment, _)| segment).collect())
}

/// Whatever has a segment's name, oldest first, and whether it is a folder.
pub(super) fn named<S: Ord>(
    path: &Path,
    parse: impl Fn(&str) -> Option<S>,
) -> std::io::Result<Vec<(S, bool)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if let Some(segment) = entry.file_name().to_str().and_then(&parse) {
            found.push((segment, entry.file_type()?.is_dir()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The id of the process that writes to a folder; `None` if none ever did.
#[must_use]
pub fn instance_of(path: &Path) -> Option<InstanceId> {
    let text = std::fs::read_to_string(path.join("instance")).ok()?;
    InstanceId::parse(text.trim_end()).ok()
}

fn instance(folder: &Path) -> Result<InstanceId, JournalError> {
    let path = folder.join("instance");
    let failed = |source| JournalError::Folder { path: path.clone(), source };
    match std::fs::read_to_string(&path) {
        Ok(text) => InstanceId::parse(text.trim_end())
            .map_err(|_| JournalError::Instance { path: path.clone() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut random = [0; 5];
            getrandom::fill(&mut random).map_err(|error| failed(std::io::Error::other(error)))?;
            let text = format!("i-{}", data_encoding::BASE32_DNSSEC.encode(&random));
            let opened = private::options().write(true).create_new(true).open(&path);
            let mut file = opened.map_err(failed)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
            InstanceId::parse(&text).map_err(|_| JournalError::Instance { path: path.clone() })
        }
        Err(error) => Err(failed(error)),
    }
}
