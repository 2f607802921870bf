//! Whether the keys of references are those that were used before under the same names.
//!
//! Owns the file `key-prints` beside the journal: a name and a fingerprint a line. A key whose bytes
//! changed under its name would make references that find nothing, and nobody would notice for months, so
//! the process does not start with one. Fingerprints reveal nothing of a key.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::StartError;
use crate::domain::names::KeyId;
use crate::journal::{JournalError, private};
use crate::keys::Keyring;

const FILE: &str = "key-prints";

/// Compares the keys with the prints of a folder, and adds those of new keys. Gives how many are new
/// besides those of the first start.
///
/// # Errors
///
/// [`StartError::KeyChanged`], naming the key; [`StartError::Journal`] if the file cannot be used.
pub fn compare(folder: &Path, keys: &Keyring) -> Result<u64, StartError> {
    let Looked { added, is_first } = look(folder, keys)?;
    if added.is_empty() {
        return Ok(0);
    }
    let path = folder.join(FILE);
    let failed = |source| StartError::Journal(JournalError::Folder { path: path.clone(), source });
    let opened = private::options().create(true).append(true).open(&path);
    let mut file = opened.map_err(failed)?;
    file.write_all(added.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let count = added.lines().count() as u64;
    Ok(if is_first { 0 } else { count })
}

/// What a comparison found.
pub struct Looked {
    /// The lines of keys that are new.
    added: String,
    /// There are no prints yet.
    is_first: bool,
}

/// Compares without adding anything.
///
/// # Errors
///
/// As [`compare`].
pub fn look(folder: &Path, keys: &Keyring) -> Result<Looked, StartError> {
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(StartError::Journal(JournalError::Folder { path, source })),
    };
    let known: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once(' ')).collect();
    let mut added = String::new();
    for (id, print) in keys.fingerprints() {
        match known.get(id.as_str()) {
            Some(before) if *before == print => {}
            Some(_) => return Err(changed(&id, path)),
            None => added.extend([id.as_str(), " ", &print, "\n"]),
        }
    }
    Ok(Looked { added, is_first: known.is_empty() })
}

fn changed(key: &KeyId, prints: std::path::PathBuf) -> StartError {
    StartError::KeyChanged { key: key.clone(), prints }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_is_welcome_and_a_new_key_under_an_old_name_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, byte| {
            let path = dir.path().join(name);
            std::fs::write(&path, [byte; 32]).unwrap();
            (KeyId::parse(name).unwrap(), path)
        };
        let ring = |files: &[_]| Keyring::load(&KeyId::parse("k1").unwrap(), files).ok().unwrap();
        let one = [file("k1", 1)];
        assert_eq!(compare(dir.path(), &ring(&one)).unwrap(), 0, "the first start");
        let two = [file("k1", 1), file("k2", 2)];
        assert_eq!(compare(dir.path(), &ring(&two)).unwrap(), 1, "a rotation");
        assert_eq!(compare(dir.path(), &ring(&two)).unwrap(), 0);
        let before = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
        let changed = [file("k1", 1), file("k2", 3)];
        let error = compare(dir.path(), &ring(&changed)).unwrap_err().to_string();
        assert!(error.contains("the key k2 is not the one"), "{error}");
        assert_eq!(std::fs::read_to_string(dir.path().join(FILE)).unwrap(), before);
    }
}
