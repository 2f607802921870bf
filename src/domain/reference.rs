//! Keyed references: what stands for an identifier without revealing it.
//!
//! Owns the shape `pt_k1_…` and the bytes behind it. Computing one needs a key and lives in
//! `crate::keys`; this module never sees an identifier.

use super::labels::label_enum;
use super::names::KeyId;

label_enum! {
    /// What a reference stands for.
    ReferenceKind, "a kind of reference" {
        /// A patient, at one clinic.
        Patient = "patient",
        /// A staff member or service, at one clinic.
        Actor = "actor",
        /// A bearer token.
        Token = "token",
        /// An `X-Request-Id` that could name a person.
        Request = "request",
        /// The `Idempotency-Key` of a mutation.
        Idempotency = "idempotency",
    }
}

impl ReferenceKind {
    /// The two letters that a reference of this kind begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Patient => "pt",
            Self::Actor => "ac",
            Self::Token => "tk",
            Self::Request => "rq",
            Self::Idempotency => "ik",
        }
    }
}

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const SYMBOLS: usize = 26;

/// A keyed reference: kind, key and the first 130 bits of an HMAC-SHA-256.
///
/// Written as `pt_k1_` and 26 symbols of lower-case base 32 (RFC 4648, section 6, no padding).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    kind: ReferenceKind,
    key: KeyId,
    digest: [u8; Self::BYTES],
}

impl Reference {
    /// Bytes that hold the digest: 130 bits, the last six zero.
    pub const BYTES: usize = 17;

    /// A reference from the head of a digest; bits past the 130th are dropped.
    #[must_use]
    pub fn new(kind: ReferenceKind, key: KeyId, head: [u8; Self::BYTES]) -> Self {
        let mut digest = head;
        digest[Self::BYTES - 1] &= 0b1100_0000;
        Self { kind, key, digest }
    }

    /// What it stands for.
    #[must_use]
    pub const fn kind(&self) -> ReferenceKind {
        self.kind
    }

    /// The key it was made under.
    #[must_use]
    pub const fn key(&self) -> &KeyId {
        &self.key
    }

    /// The digest's 130 bits.
    #[must_use]
    pub const fn digest(&self) -> &[u8; Self::BYTES] {
        &self.digest
    }

    /// Reads the written form; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        let prefix = parts.next()?;
        let kind = *ReferenceKind::ALL.iter().find(|kind| kind.prefix() == prefix)?;
        let key = KeyId::parse(parts.next()?).ok()?;
        let symbols = parts.next()?.as_bytes();
        if symbols.len() != SYMBOLS {
            return None;
        }
        let mut digest = [0u8; Self::BYTES];
        for (index, symbol) in symbols.iter().enumerate() {
            let value = match symbol {
                b'a'..=b'z' => symbol - b'a',
                b'2'..=b'7' => symbol - b'2' + 26,
                _ => return None,
            };
            let bit = index * 5;
            let wide = u16::from(value) << (11 - bit % 8);
            digest[bit / 8] |= (wide >> 8) as u8;
            if let Some(next) = digest.get_mut(bit / 8 + 1) {
                *next |= (wide & 0xff) as u8;
            }
        }
        Some(Self { kind, key, digest })
    }

    /// Appends the written form.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.kind.prefix().as_bytes());
        out.push(b'_');
        out.extend_from_slice(self.key.as_str().as_bytes());
        out.push(b'_');
        for index in 0..SYMBOLS {
            let bit = index * 5;
            let next = self.digest.get(bit / 8 + 1).copied().unwrap_or(0);
            let wide = u16::from(self.digest[bit / 8]) << 8 | u16::from(next);
            out.push(ALPHABET[usize::from(wide >> (11 - bit % 8) & 31)]);
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::with_capacity(40);
        self.write(&mut out);
        f.write_str(std::str::from_utf8(&out).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_texts_are_no_reference() {
        let good = "pt_k1_abcdefghijklmnopqrstuvwx23";
        assert!(Reference::parse(good).is_some());
        for text in [
            "",
            "pt_k1_",
            "xx_k1_abcdefghijklmnopqrstuvwx23",
            "pt_K1_abcdefghijklmnopqrstuvwx23",
            "pt_k1_abcdefghijklmnopqrstuvwx2",
            "pt_k1_abcdefghijklmnopqrstuvwx234",
            "pt_k1_abcdefghijklmnopqrstuvwx21",
            "pt_k1_ABCDEFGHIJKLMNOPQRSTUVWX23",
        ] {
            assert_eq!(Reference::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_reference_survives_being_written(head in any::<[u8; 17]>()) {
            let key = KeyId::parse("k1").unwrap();
            let reference = Reference::new(ReferenceKind::Patient, key, head);
            let text = reference.to_string();
            prop_assert_eq!(text.len(), 32);
            let standard = data_encoding::BASE32_NOPAD.encode(&head).to_lowercase();
            prop_assert_eq!(&text[6..], &standard[..26]);
            prop_assert_eq!(Reference::parse(&text), Some(reference));
        }
    }
}
