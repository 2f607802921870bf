//! Checkpoints: the head of a chain at one moment, signed where there is a key.
//!
//! A chain alone cannot show that its tail was cut off; a checkpoint that is kept beside it, or
//! elsewhere, can. An anchor is a checkpoint, too: it says where a chain goes on whose oldest records
//! were removed as their time had come. Owns the line's form; what follows from a set of them is
//! [`super::evidence`]'s.
//!
//! The form is canonical JSON (RFC 8785) on one line. The signature is Ed25519 over the bytes of that
//! line without the member `signature` and the newline.

use std::borrow::Cow;

use serde::Deserialize;

use super::chain::{Hash, Head};
use super::signature::{KeyName, PublicKey, Signature, SigningKey};
use crate::domain::labels::label_enum;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

label_enum! {
    /// What a checkpoint is for.
    Mark, "a kind of checkpoint" {
        /// The chain's end at that moment.
        Head = "head",
        /// The last record that was removed as its time had come.
        Anchor = "anchor",
    }
}

/// The head of a chain at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What it is for.
    pub mark: Mark,
    /// Whose chain.
    pub instance: InstanceId,
    /// The record's number, which is also how many records there were, and its hash.
    pub head: Head,
    /// Of an anchor: how many records were removed with it.
    pub removed: Option<u64>,
    /// When it was made.
    pub ts: Timestamp,
    /// Which key signed.
    pub key: Option<KeyName>,
    /// The signature.
    pub signature: Option<Signature>,
}

/// Why a line is no checkpoint. It never repeats the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line is no checkpoint")]
pub struct NotACheckpoint;

#[derive(Deserialize)]
struct Raw<'l> {
    #[serde(borrow)]
    hash: Cow<'l, str>,
    #[serde(borrow)]
    instance: Cow<'l, str>,
    #[serde(borrow, default)]
    key: Option<Cow<'l, str>>,
    #[serde(borrow)]
    kind: Cow<'l, str>,
    #[serde(default)]
    removed: Option<u64>,
    seq: u64,
    #[serde(borrow, default)]
    signature: Option<Cow<'l, str>>,
    #[serde(borrow)]
    ts: Cow<'l, str>,
    v: u64,
}

impl Checkpoint {
    /// A checkpoint, signed if there is a key.
    #[must_use]
    pub fn new(
        mark: Mark,
        instance: InstanceId,
        head: Head,
        removed: Option<u64>,
        ts: Timestamp,
        signer: Option<&SigningKey>,
    ) -> Self {
        let key = signer.map(|signer| signer.public().name());
        let mut checkpoint = Self { mark, instance, head, removed, ts, key, signature: None };
        checkpoint.signature =
            signer.map(|signer| signer.sign(checkpoint.signed_text().as_bytes()));
        checkpoint
    }

    /// What the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> String {
        self.text(None)
    }

    /// The line, without a newline.
    #[must_use]
    pub fn line(&self) -> String {
        let signature = self.signature.map_or_else(|| "null".to_owned(), |s| format!("\"{s}\""));
        self.text(Some(&format!("\"signature\":{signature},")))
    }

    fn text(&self, signature: Option<&str>) -> String {
        let key = self.key.map_or_else(|| "null".to_owned(), |key| format!("\"{key}\""));
        let removed = self.removed.map_or_else(|| "null".to_owned(), |count| count.to_string());
        let Self { mark, instance, head, ts, .. } = self;
        format!(
            "{{\"hash\":\"{}\",\"instance\":\"{instance}\",\"key\":{key},\"kind\":\"{mark}\",\
             \"removed\":{removed},\"seq\":{},{}\"ts\":\"{ts}\",\"v\":1}}",
            head.hash,
            head.seq,
            signature.unwrap_or_default()
        )
    }

    /// Reads a line: a checkpoint's own, or a line of accuscope's log that holds one.
    ///
    /// # Errors
    ///
    /// [`NotACheckpoint`].
    pub fn parse(line: &[u8]) -> Result<Self, NotACheckpoint> {
        #[derive(Deserialize)]
        struct Logged<'l> {
            #[serde(borrow)]
            checkpoint: Cow<'l, str>,
        }
        serde_json::from_slice::<Logged<'_>>(line).map_or_else(
            |_| Self::parse_own(line),
            |logged| Self::parse_own(logged.checkpoint.as_bytes()),
        )
    }

    fn parse_own(line: &[u8]) -> Result<Self, NotACheckpoint> {
        let raw: Raw<'_> = serde_json::from_slice(line).map_err(|_| NotACheckpoint)?;
        let read = || {
            let optional = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
            Some(Self {
                mark: Mark::parse(&raw.kind)?,
                instance: InstanceId::parse(&raw.instance).ok()?,
                head: Head { seq: raw.seq, hash: Hash::parse(&raw.hash)? },
                removed: raw.removed,
                ts: Timestamp::parse(&raw.ts).ok()?,
                key: match optional(&raw.key) {
                    Some(text) => Some(KeyName::parse(&text)?),
                    None => None,
                },
                signature: match optional(&raw.signature) {
                    Some(text) => Some(Signature::parse(&text)?),
                    None => None,
                },
            })
        };
        if raw.v == 1 { read().ok_or(NotACheckpoint) } else { Err(NotACheckpoint) }
    }

    /// Whether this key signed it; `None` if it is not signed at all.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> Option<bool> {
        let signature = self.signature.as_ref()?;
        Some(key.signed(self.signed_text().as_bytes(), signature))
    }
}
