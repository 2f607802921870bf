//! Whether the keys of references are those that were used before under the same names.
//!
//! Owns the file `key-prints` beside the journal: a name and a fingerprint a line. A key whose bytes
//! changed under its name would make references that find nothing, and nobody would notice for months, so
//! the process does not start with one; nor with a file of which a line cannot be read, since a key that
//! is not found there would pass for a new one. Fingerprints reveal nothing of a key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    let Looked { known, added, is_first } = look(folder, keys)?;
    if added.is_empty() {
        return Ok(0);
    }
    private::replace(folder, FILE, (known + &added).as_bytes())
        .map_err(|source| unusable(folder, source))?;
    let count = added.lines().count() as u64;
    Ok(if is_first { 0 } else { count })
}

/// What a comparison found.
pub struct Looked {
    /// The lines that are there.
    known: String,
    /// The lines of keys that are new.
    added: String,
    /// There are no prints yet.
    is_first: bool,
}

/// Compares without adding anything.
///
/// # Errors
///
/// As [`compare`], and [`StartError::KeyPrints`] if a line cannot be read.
pub fn look(folder: &Path, keys: &Keyring) -> Result<Looked, StartError> {
    let path = folder.join(FILE);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(source) => return Err(unusable(folder, source)),
    };
    let damaged = |line| StartError::KeyPrints { prints: path.clone(), line };
    let known = String::from_utf8(text).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        damaged(1 + memchr::memchr_iter(b'\n', before).count())
    })?;
    let mut prints = BTreeMap::new();
    for (line, text) in (1..).zip(known.split_inclusive('\n')) {
        let (id, print) = read(text).ok_or_else(|| damaged(line))?;
        if prints.insert(id, print).is_some_and(|before| before != print) {
            return Err(damaged(line));
        }
    }
    let mut added = String::new();
    for (id, print) in keys.fingerprints() {
        match prints.get(id.as_str()) {
            Some(before) if *before == print => {}
            Some(_) => return Err(StartError::KeyChanged { key: id.clone(), prints: path }),
            None => added.extend([id.as_str(), " ", &print, "\n"]),
        }
    }
    let is_first = prints.is_empty();
    Ok(Looked { known, added, is_first })
}

/// A key's name and its fingerprint.
fn read(line: &str) -> Option<(&str, &str)> {
    let (id, print) = line.strip_suffix('\n')?.split_once(' ')?;
    KeyId::parse(id).ok()?;
    let is_print = print.len() == Keyring::FINGERPRINT_DIGITS
        && print.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_print.then_some((id, print))
}

fn unusable(folder: &Path, source: std::io::Error) -> StartError {
    let path: PathBuf = folder.join(FILE);
    StartError::Journal(JournalError::Folder { path, source })
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
    #[test]
    fn a_file_that_cannot_be_read_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("k1");
        std::fs::write(&key, [1; 32]).unwrap();
        let id = KeyId::parse("k1").unwrap();
        let ring = Keyring::load(&id, &[(id.clone(), key)]).ok().unwrap();
        assert_eq!(compare(dir.path(), &ring).unwrap(), 0);
        let path = dir.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        let other = [b"k1 ", &b"0".repeat(Keyring::FINGERPRINT_DIGITS)[..], b"\n"].concat();
        for (damaged, line) in [
            (whole[..whole.len() - 1].to_vec(), 1),
            (whole[..whole.len() / 2].to_vec(), 1),
            (vec![0; whole.len()], 1),
            (b"k1\n".to_vec(), 1),
            ([&whole[..], b"\n"].concat(), 2),
            ([&whole[..], b"k2 \xff\n"].concat(), 2),
            ([&whole[..], &other].concat(), 2),
        ] {
            std::fs::write(&path, &damaged).unwrap();
            let error = compare(dir.path(), &ring).unwrap_err();
            assert!(
                matches!(&error, StartError::KeyPrints { line: named, .. } if *named == line),
                "{error}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), damaged);
        }
        std::fs::write(&path, [&whole[..], &whole].concat()).unwrap();
        assert_eq!(compare(dir.path(), &ring).unwrap(), 0, "the same twice is no contradiction");
    }
}
