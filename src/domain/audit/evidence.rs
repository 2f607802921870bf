//! What a set of checkpoints says about a chain: where it may begin, and which hashes it must have.
//!
//! Pure: whoever reads the files feeds the lines. Without a public key, signatures are not looked at.
//! With one, a checkpoint that another key signed, or one without a signature after a signed one, is
//! wrong: who can write files but not sign would leave just that.

use std::collections::BTreeMap;

use super::chain::{Hash, Head};
use super::checkpoint::{Checkpoint, Mark, NotACheckpoint};
use super::signature::PublicKey;
use crate::domain::names::InstanceId;

/// Why a checkpoint proves nothing, or the wrong thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The line is something else.
    #[error(transparent)]
    NotACheckpoint(#[from] NotACheckpoint),
    /// The signature does not fit.
    #[error("the checkpoint of record {seq} is not signed with this key")]
    Signature {
        /// The record's number.
        seq: u64,
    },
    /// There is no signature.
    #[error("the checkpoint of record {seq} has no signature, and those before it have")]
    Unsigned {
        /// The record's number.
        seq: u64,
    },
    /// Two checkpoints cannot both be true.
    #[error("two checkpoints of record {seq} name different hashes")]
    Contradiction {
        /// The record's number.
        seq: u64,
    },
}

/// What checkpoints of one chain say.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    instance: Option<InstanceId>,
    key: Option<PublicKey>,
    heads: BTreeMap<u64, Hash>,
    anchors: BTreeMap<u64, Hash>,
    signed: u64,
    /// One of this file was signed.
    signed_here: bool,
}

impl Evidence {
    /// About the chain of an instance; `None` takes the one of the first checkpoint.
    #[must_use]
    pub fn new(instance: Option<InstanceId>, key: Option<PublicKey>) -> Self {
        Self { instance, key, ..Self::default() }
    }

    /// The next checkpoints are of another file, which was not signed from its first line on either.
    pub const fn begin_file(&mut self) {
        self.signed_here = false;
    }

    /// Takes a checkpoint into account. Those of other instances are passed over.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`].
    pub fn add(&mut self, checkpoint: &Checkpoint) -> Result<(), EvidenceError> {
        let instance = self.instance.get_or_insert_with(|| checkpoint.instance.clone());
        if *instance != checkpoint.instance {
            return Ok(());
        }
        let Head { seq, hash } = checkpoint.head;
        match self.key.and_then(|key| checkpoint.is_signed_by(&key)) {
            Some(true) => {
                // The same checkpoint stands in the log, too.
                self.signed += u64::from(!self.heads.contains_key(&seq));
                self.signed_here = true;
            }
            Some(false) => return Err(EvidenceError::Signature { seq }),
            None if self.signed_here => return Err(EvidenceError::Unsigned { seq }),
            None => {}
        }
        if checkpoint.mark == Mark::Anchor {
            self.anchors.insert(seq, hash);
        }
        match self.heads.insert(seq, hash) {
            Some(other) if other != hash => Err(EvidenceError::Contradiction { seq }),
            _ => Ok(()),
        }
    }

    /// Where a chain begins whose first record has this number, if that is said somewhere.
    #[must_use]
    pub fn start(&self, first_seq: u64) -> Head {
        let before = first_seq.saturating_sub(1);
        self.anchors.get(&before).map_or(Head::START, |hash| Head { seq: before, hash: *hash })
    }

    /// The hashes that records must have.
    #[must_use]
    pub const fn heads(&self) -> &BTreeMap<u64, Hash> {
        &self.heads
    }

    /// How many checkpoints the key has signed.
    #[must_use]
    pub const fn signed(&self) -> u64 {
        self.signed
    }

    /// Whose chain.
    #[must_use]
    pub const fn instance(&self) -> Option<&InstanceId> {
        self.instance.as_ref()
    }
}
