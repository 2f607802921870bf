//! The hash chain: each record's hash covers the hash of the record before it.
//!
//! Owns SHA-256 over the canonical record without `hash`. Checking a sequence is in [`super::verify`].

use sha2::{Digest as _, Sha256};

use super::json::{self, HASH_DIGITS};
use super::{Entry, Record};
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

/// A SHA-256, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first record has for `prev`.
    pub const ZERO: Self = Self([0; 32]);

    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != HASH_DIGITS {
            return None;
        }
        let mut bytes = [0; 32];
        data_encoding::HEXLOWER.decode_mut(text.as_bytes(), &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// The end of a chain: what the next record is linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last record's number; 0 before the first.
    pub seq: u64,
    /// The last record's hash.
    pub hash: Hash,
}

impl Head {
    /// Before the first record.
    pub const START: Self = Self { seq: 0, hash: Hash::ZERO };

    /// Reads `SEQ:HASH`, as it is printed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.split_once(':')?;
        Some(Self { seq: seq.parse().ok()?, hash: Hash::parse(hash)? })
    }

    /// The head after a record.
    #[must_use]
    pub const fn after(record: &Record) -> Self {
        Self { seq: record.seq, hash: record.hash }
    }

    /// Gives an entry the next place in the chain, and appends its line, newline included.
    pub fn append(
        &mut self,
        entry: Entry,
        ts: Timestamp,
        instance: &InstanceId,
        out: &mut Vec<u8>,
    ) -> Record {
        let instance = instance.clone();
        let mut record =
            Record { seq: self.seq + 1, ts, instance, entry, prev: self.hash, hash: Hash::ZERO };
        record.hash = json::write_line(&record, out);
        *self = Self::after(&record);
        record
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// The hash of the parts of a canonical record before and after its member `hash`.
pub(super) fn hash_of(before: &[u8], after: &[u8]) -> Hash {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(after);
    Hash(digest.finalize().into())
}
