//! Needles: every form that a canary could have in a sink.
//!
//! Owns the forms: as it is, in other letters, encoded, in pieces, and as a digest without a key. What
//! is encoded once more around it (a page, an archive, a query) is undone by `super::scan` instead.

mod digests;

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

use super::canaries::words::folded;
use super::canaries::{Canary, CanaryKind};

/// Fewest bytes of a needle: fewer turn up by chance.
pub(super) const SHORTEST: usize = 8;
/// Bytes of the two ends of a secret that count as the secret.
const PIECE: usize = 12;

/// One needle.
pub(super) struct Needle {
    /// Which form of the canary it is.
    pub(super) form: &'static str,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Digits within more digits are somebody else's: it counts only where it stands alone.
    pub(super) alone: bool,
}

/// The needles of a canary, each once.
pub(super) fn of(canary: &Canary) -> Vec<Needle> {
    let mut all = Needles::default();
    for text in std::iter::once(&canary.text).chain(&canary.others) {
        all.letters(text);
        all.encodings(text);
    }
    if canary.kind.is_secret() {
        all.pieces(&canary.text, canary.kind);
    }
    all.digests(&canary.text);
    let lower = canary.text.to_lowercase();
    if lower != canary.text {
        all.digests(&lower);
    }
    all.0
}

/// The needles of a secret of which the store rightly keeps a digest: a token of the ops site.
pub(super) fn without_digests(canary: &Canary) -> Vec<Needle> {
    let mut all = Needles::default();
    all.letters(&canary.text);
    all.encodings(&canary.text);
    all.pieces(&canary.text, canary.kind);
    all.0
}

#[derive(Default)]
struct Needles(Vec<Needle>);

impl Needles {
    fn add(&mut self, form: &'static str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        if bytes.len() < SHORTEST || self.0.iter().any(|needle| needle.bytes == bytes) {
            return;
        }
        let alone = bytes.iter().all(u8::is_ascii_digit);
        self.0.push(Needle { form, bytes, alone });
    }

    fn letters(&mut self, text: &str) {
        self.add("plain", text);
        self.add("lower", text.to_lowercase());
        self.add("upper", text.to_uppercase());
        self.add("reversed", text.chars().rev().collect::<String>());
        let plain = folded(text);
        self.add("squeezed", squeezed(&plain));
        self.add("squeezed", squeezed(&plain).to_lowercase());
        if text.is_ascii() {
            return;
        }
        self.add("composed", text.nfc().collect::<String>());
        self.add("decomposed", text.nfd().collect::<String>());
        self.add("folded", plain.to_lowercase());
        self.add("folded", plain);
        self.add("latin-1", latin_1(text));
    }

    fn encodings(&mut self, text: &str) {
        let once = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        self.add("percent twice", utf8_percent_encode(&once, NON_ALPHANUMERIC).to_string());
        self.add("percent", once.replace("%20", "+"));
        self.add("percent", once);
        for offset in 0..3 {
            // Inside a longer text the first and the last symbol hold bits of the neighbours too.
            let padded = [&b"xy"[..offset], text.as_bytes()].concat();
            let (standard, url) = (BASE64.encode(&padded), BASE64URL.encode(&padded));
            let from = if offset == 0 { 0 } else { offset + 1 };
            let to = padded.len() * 8 / 6;
            self.add("base64", standard.get(from..to).unwrap_or_default());
            self.add("base64", url.get(from..to).unwrap_or_default());
        }
        self.add("hex", HEXLOWER.encode(text.as_bytes()));
        if !text.is_ascii() {
            self.add("escapes", escaped(text, |code| format!("\\u{code:04x}")));
            self.add("entities", escaped(text, |code| format!("&#{code};")));
        }
    }

    fn pieces(&mut self, text: &str, kind: CanaryKind) {
        let bytes = text.as_bytes();
        if bytes.len() < 2 * PIECE {
            return;
        }
        // Every JSON Web Token begins alike.
        if kind != CanaryKind::Jwt {
            self.add("prefix", &bytes[..PIECE]);
        }
        self.add("suffix", &bytes[bytes.len() - PIECE..]);
    }

    fn digests(&mut self, text: &str) {
        for (form, digest) in digests::all(text.as_bytes()) {
            for rendered in digests::rendered(&digest) {
                self.add(form, rendered);
            }
        }
        let bytes = digests::crc_32(text.as_bytes()).into_bytes();
        self.0.push(Needle { form: "crc-32", bytes, alone: true });
    }
}

/// Only the letters and digits, as a name of a field has to have them.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The bytes of ISO 8859-1; what it lacks is a question mark.
pub(super) fn latin_1(text: &str) -> Vec<u8> {
    text.nfc().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn escaped(text: &str, escape: impl Fn(u32) -> String) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&escape(u32::from(c)));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::super::canaries::Aviary;
    use super::*;

    #[test]
    fn a_name_has_all_its_forms() {
        let canary =
            Canary { kind: CanaryKind::Name, text: "Zoë Qwyxhozj".to_owned(), others: vec![] };
        let all = of(&canary);
        for expected in [
            "Zoë Qwyxhozj",
            "zoë qwyxhozj",
            "ZOË QWYXHOZJ",
            "Zoe\u{308} Qwyxhozj",
            "Zoe Qwyxhozj",
            "jzohxywQ ëoZ",
            "ZoeQwyxhozj",
            "Zo%C3%AB%20Qwyxhozj",
            "Zo%C3%AB+Qwyxhozj",
            "Zo%25C3%25AB%2520Qwyxhozj",
            "Wm/DqyBRd3l4aG96a",
            "Zo\\u00eb Qwyxhozj",
            "Zo&#235; Qwyxhozj",
            "5a6fc3ab2051777978686f7a6a",
        ] {
            assert!(all.iter().any(|n| n.bytes == expected.as_bytes()), "{expected}");
        }
        assert!(all.iter().any(|n| n.bytes == b"Zo\xeb Qwyxhozj"));
    }

    #[test]
    fn every_kind_has_needles_and_its_pieces() {
        let mut aviary = Aviary::new(1);
        for kind in CanaryKind::ALL {
            let canary = aviary.draw(*kind);
            let all = of(&canary);
            for form in ["plain", "reversed", "base64", "hex", "md5", "sha-512", "fnv-1a"] {
                assert!(all.iter().any(|needle| needle.form == form), "{kind} {form}");
            }
            assert!(all.iter().all(|needle| needle.bytes.len() >= SHORTEST), "{kind}");
            assert_eq!(
                all.iter().any(|n| n.form == "suffix"),
                canary.text.len() >= 24 && kind.is_secret()
            );
        }
    }
}
