//! Digests of structure: eight bytes that say "the same as before" and nothing else.
//!
//! Owns the values and their hexadecimal form. What goes into one is decided by [`super::probe`] and
//! [`super::error_body`].

/// Where an FNV-1a hash begins.
pub(in crate::domain) const FNV_SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues an FNV-1a hash (Fowler, Noll, Vo; draft-eastlake-fnv): for telling the same from
/// different, not for security.
pub(in crate::domain) fn fnv1a(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// What an answer is made of: field paths and types, hashed without a key.
///
/// Field names could be guessed from it, so it is never recorded; what is recorded is the [`Digest`]
/// that `crate::keys` makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Structure(u64);

impl Structure {
    /// From its 64 bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// A keyed digest of an answer's structure, or of an error body with everything variable taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(u64);

impl Digest {
    /// From its 64 bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Reads 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain =
            text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if plain { u64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
