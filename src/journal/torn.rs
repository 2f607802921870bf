//! A last line that a sudden end left half written is cut off; what is not ours is left alone.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

const WINDOW: u64 = 64 * 1_024;

/// How a file of lines ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// With a newline now.
    Ours {
        /// The file's length.
        length: u64,
        /// Bytes of a torn last line that were cut off.
        torn: u64,
    },
    /// It begins with nothing that we write, so nothing was done to it.
    Foreign,
}

impl Tail {
    /// Bytes that were cut off.
    pub(super) const fn torn(self) -> u64 {
        match self {
            Self::Ours { torn, .. } => torn,
            Self::Foreign => 0,
        }
    }
}

/// Cuts a file back to its last newline, if it begins with one of `beginnings`, or with part of one
/// where there is no more. A file that is not there is empty.
pub(super) fn cut(path: &Path, beginnings: &[&[u8]]) -> std::io::Result<Tail> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Tail::Ours { length: 0, torn: 0 });
        }
        Err(error) => return Err(error),
    };
    if !is_ours(&mut file, beginnings)? {
        return Ok(Tail::Foreign);
    }
    let length = file.metadata()?.len();
    let mut end = length;
    let mut window = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(WINDOW);
        window.clear();
        file.seek(SeekFrom::Start(start))?;
        Read::by_ref(&mut file).take(end - start).read_to_end(&mut window)?;
        if let Some(at) = memchr::memrchr(b'\n', &window) {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok(Tail::Ours { length: end, torn: length - end })
}

/// A power cut may leave zeros where the first line should be, which is a torn one.
fn is_ours(file: &mut File, beginnings: &[&[u8]]) -> std::io::Result<bool> {
    let longest = beginnings.iter().map(|beginning| beginning.len()).max().unwrap_or(0);
    let mut head = Vec::with_capacity(longest);
    Read::by_ref(file).take(longest as u64).read_to_end(&mut head)?;
    let is_blank = head.iter().all(|byte| *byte == 0);
    Ok(is_blank || beginnings.iter().any(|b| head.starts_with(b) || b.starts_with(&head)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_like_ours_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let ours = |length, torn| Tail::Ours { length, torn };
        for (text, tail) in [
            ("", ours(0, 0)),
            ("{\"v\":1}\n", ours(8, 0)),
            ("{\"v\":1}\n{\"v", ours(8, 3)),
            ("{\"v", ours(0, 3)),
            ("{\"mark\":\"start\"}\nx", ours(17, 1)),
            ("\0\0\0\0\0\0\0\0\0\0\0\0", ours(0, 12)),
            ("a letter without an end", Tail::Foreign),
            ("{\"other\":1}\n", Tail::Foreign),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(cut(&path, &[b"{\"v\":", b"{\"mark\":"]).unwrap(), tail, "{text:?}");
            let left = std::fs::read(&path).unwrap();
            let kept = match tail {
                Tail::Ours { length, .. } => usize::try_from(length).unwrap(),
                Tail::Foreign => text.len(),
            };
            assert_eq!(left, &text.as_bytes()[..kept]);
        }
        assert_eq!(cut(&folder.path().join("none"), &[b"x"]).unwrap(), ours(0, 0));
    }
}
