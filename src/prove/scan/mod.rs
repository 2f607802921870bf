//! The scanner: looks for a great many needles at once, in the bytes of a sink and in what they decode to.
//!
//! Owns the search (a table by the first eight bytes of each needle) and nothing of what is searched.

mod views;

use std::collections::BTreeSet;

use super::needles::{Needle, SHORTEST};

/// An end of a chain, and an empty place of the table.
const NONE: u32 = u32::MAX;

/// One needle in the table.
struct Entry {
    start: u32,
    length: u32,
    /// Which canary it is of.
    canary: u32,
    form: &'static str,
    alone: bool,
    /// The next entry of the same place.
    next: u32,
}

/// What was found: a canary, and in which form. The value itself is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    /// Which canary.
    pub(super) canary: u32,
    /// The needle's form.
    pub(super) form: &'static str,
    /// How the sink's bytes were decoded before it was seen.
    pub(super) view: &'static str,
}

/// The needles, ready to be looked for.
pub(super) struct Scanner {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    table: Vec<u32>,
    shift: u32,
}

impl Scanner {
    /// Puts the needles together; each comes with the number of its canary.
    pub(super) fn new(needles: Vec<(u32, Needle)>) -> Self {
        let bits = (needles.len() * 4).next_power_of_two().trailing_zeros().max(8);
        let mut scanner = Self {
            bytes: Vec::new(),
            entries: Vec::with_capacity(needles.len()),
            table: vec![NONE; 1 << bits],
            shift: 64 - bits,
        };
        for (canary, needle) in needles {
            let start = u32::try_from(scanner.bytes.len()).unwrap_or(u32::MAX);
            let length = u32::try_from(needle.bytes.len()).unwrap_or(u32::MAX);
            let place = place(key(&needle.bytes), scanner.shift);
            let number = u32::try_from(scanner.entries.len()).unwrap_or(NONE);
            scanner.entries.push(Entry {
                start,
                length,
                canary,
                form: needle.form,
                alone: needle.alone,
                next: scanner.table[place],
            });
            scanner.table[place] = number;
            scanner.bytes.extend_from_slice(&needle.bytes);
        }
        scanner
    }

    /// How many needles there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Looks at a sink's bytes and at everything that they decode to.
    pub(super) fn scan(&self, sink: &[u8]) -> BTreeSet<Hit> {
        let mut hits = BTreeSet::new();
        self.look("as it is", sink, &mut hits);
        views::each(sink, &mut |view, bytes| self.look(view, bytes, &mut hits));
        hits
    }

    fn look(&self, view: &'static str, bytes: &[u8], hits: &mut BTreeSet<Hit>) {
        let Some(last) = bytes.len().checked_sub(SHORTEST) else { return };
        let mut window = key(bytes) << 8;
        for at in 0..=last {
            window = window >> 8 | u64::from(bytes[at + SHORTEST - 1]) << 56;
            let mut number = self.table[place(window, self.shift)];
            while number != NONE {
                let entry = &self.entries[number as usize];
                if self.is_at(entry, bytes, at) {
                    hits.insert(Hit { canary: entry.canary, form: entry.form, view });
                }
                number = entry.next;
            }
        }
    }

    fn is_at(&self, entry: &Entry, bytes: &[u8], at: usize) -> bool {
        let (start, length) = (entry.start as usize, entry.length as usize);
        let needle = &self.bytes[start..start + length];
        if bytes.get(at..at + length) != Some(needle) {
            return false;
        }
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !entry.alone || !(digit(before) || digit(bytes.get(at + length)))
    }
}

/// The first eight bytes as a number, the first one lowest.
fn key(bytes: &[u8]) -> u64 {
    let mut head = [0; SHORTEST];
    let length = bytes.len().min(SHORTEST);
    head[..length].copy_from_slice(&bytes[..length]);
    u64::from_le_bytes(head)
}

/// Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
fn place(key: u64, shift: u32) -> usize {
    // The table is far smaller than the address space.
    usize::try_from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanner(texts: &[&str]) -> Scanner {
        let needle = |text: &&str| Needle {
            form: "plain",
            bytes: text.as_bytes().to_vec(),
            alone: text.bytes().all(|b| b.is_ascii_digit()),
        };
        let numbered =
            texts.iter().enumerate().map(|(n, text)| (u32::try_from(n).unwrap(), needle(text)));
        Scanner::new(numbered.collect())
    }

    fn found(scanner: &Scanner, sink: &[u8]) -> Vec<u32> {
        let mut found: Vec<u32> = scanner.scan(sink).iter().map(|hit| hit.canary).collect();
        found.dedup();
        found
    }

    #[test]
    fn finds_what_is_there_at_both_ends_and_nothing_else() {
        let scanner = scanner(&["Tremblay, Zoë", "Tremblay, Ann", "9123456780", "12345678"]);
        assert_eq!(found(&scanner, "Tremblay, Ann".as_bytes()), [1]);
        assert_eq!(found(&scanner, "x Tremblay, Zoë".as_bytes()), [0]);
        assert_eq!(found(&scanner, b"Tremblay, An"), [0u32; 0]);
        assert_eq!(found(&scanner, b""), [0u32; 0]);
        assert_eq!(found(&scanner, b"1234567"), [0u32; 0]);
        assert_eq!(found(&scanner, b"phn=9123456780&"), [2]);
        assert_eq!(found(&scanner, b"af9123456780"), [0u32; 0], "digits within an id");
    }

    #[test]
    fn sees_through_what_is_around_it() {
        use std::io::Write as _;
        let scanner = scanner(&["Tremblay, Zoë"]);
        let text = "a=Tremblay, Zoë;";
        let percent = "%54remblay%2C%20Zo%C3%AB";
        let mut gzip = flate2::write::GzEncoder::new(b"head".to_vec(), flate2::Compression::fast());
        gzip.write_all(percent.as_bytes()).unwrap();
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let base64 = data_encoding::BASE64.encode(text.as_bytes());
        for sink in [
            percent.as_bytes().to_vec(),
            percent.replace('%', "%25").into_bytes(),
            b"\\x54remblay,\\u0020Zo\\u00eb".to_vec(),
            b"Tremblay, Zo\\303\\253".to_vec(),
            b"Tremblay&#44; Zo&#xEB;".to_vec(),
            format!("key={base64}&x").into_bytes(),
            data_encoding::HEXUPPER.encode(text.as_bytes()).into_bytes(),
            data_encoding::BASE32.encode(text.as_bytes()).into_bytes(),
            gzip.finish().unwrap(),
            utf_16,
        ] {
            assert_eq!(found(&scanner, &sink), [0], "{}", String::from_utf8_lossy(&sink));
        }
    }
}
