//! Keyed references: the one place where an identifier becomes a reference, and what else must not be
//! guessed back from a record becomes a digest.
//!
//! Owns the key files and the HMAC (contract, section 5.2). Identifiers come in as borrowed bytes
//! and are forgotten; keys have no `Debug`, are wiped from memory when read, and are never written
//! anywhere.

use std::path::{Path, PathBuf};

use arc_swap::ArcSwap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::digest::{Digest, Structure};
use crate::domain::ids::RequestId;
use crate::domain::names::{ClinicId, KeyId};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::trace_context::TraceId;

/// Fewest bytes of a key.
pub const MIN_KEY_BYTES: usize = 32;
/// Most bytes of a key file that are read.
const MAX_KEY_BYTES: usize = 4_096;

/// Why the keys cannot be used. It never repeats a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key {key}: the file {} cannot be read ({source}); make one with: head -c 32 /dev/urandom > {}", file.display(), file.display())]
    Unreadable {
        /// The key's name.
        key: KeyId,
        /// Its file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file has too few or too many bytes.
    #[error("the key {key}: the file {} has {len} bytes, it needs {MIN_KEY_BYTES} to {MAX_KEY_BYTES}; make one with: head -c 32 /dev/urandom > {}", file.display(), file.display())]
    Length {
        /// The key's name.
        key: KeyId,
        /// Its file.
        file: PathBuf,
        /// Bytes found.
        len: usize,
    },
    /// The active key is not among the keys.
    #[error("privacy.active_key names {0}, which is not among privacy.keys")]
    NoActiveKey(KeyId),
}

struct Key {
    id: KeyId,
    mac: Hmac<Sha256>,
}

struct Keys {
    active: usize,
    eldest: usize,
    all: Vec<Key>,
}

impl Keys {
    /// At least one key, and the place of the active one.
    fn new(active: usize, keys: Vec<Key>) -> Self {
        let age = |index: &usize| {
            let name = keys[*index].id.as_str();
            // k9 is older than k10.
            (name.len(), name)
        };
        let eldest = (0..keys.len()).min_by_key(age).unwrap_or(active);
        Self { active, eldest, all: keys }
    }
}

/// The keys of this installation: the active one makes references, all of them find.
pub struct Keyring(ArcSwap<Keys>);

impl Keyring {
    /// Reads the key files.
    ///
    /// # Errors
    ///
    /// [`KeyError`], naming the key and its file.
    pub fn load(active: &KeyId, files: &[(KeyId, PathBuf)]) -> Result<Self, KeyError> {
        let keys = files.iter().map(|(id, file)| read(id, file)).collect::<Result<Vec<_>, _>>()?;
        Self::new(active, keys)
    }

    /// A ring of one key, for tests and the demo.
    #[must_use]
    pub fn of_one(id: KeyId, bytes: &[u8]) -> Self {
        Self::of(Keys::new(0, vec![Key { id, mac: mac(bytes) }]))
    }

    /// Length of a fingerprint.
    pub const FINGERPRINT_DIGITS: usize = 16;

    /// A fingerprint of every key: hexadecimal digits of a HMAC that no reference uses, so that a key
    /// can be told from another without being kept.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<(KeyId, String)> {
        let print = |key: &Key| {
            let mut mac = key.mac.clone();
            mac.update(b"accuscope key fingerprint");
            let digest = mac.finalize().into_bytes();
            (
                key.id.clone(),
                data_encoding::HEXLOWER.encode(&digest[..Self::FINGERPRINT_DIGITS / 2]),
            )
        };
        self.0.load().all.iter().map(print).collect()
    }

    /// Keys to seal with, made for one purpose of every key, the active one first. No reference uses them.
    #[must_use]
    pub fn sealing(&self, purpose: &str) -> Vec<(KeyId, Zeroizing<[u8; 32]>)> {
        let keys = self.0.load();
        let made = |key: &Key| {
            let mut mac = key.mac.clone();
            // References begin with a kind and a zero byte.
            mac.update(b"accuscope sealing: ");
            mac.update(purpose.as_bytes());
            (key.id.clone(), Zeroizing::new(mac.finalize().into_bytes().into()))
        };
        let mut all: Vec<_> = keys.all.iter().map(made).collect();
        all.swap(0, keys.active);
        all
    }

    fn new(active: &KeyId, keys: Vec<Key>) -> Result<Self, KeyError> {
        let at = keys.iter().position(|key| key.id == *active);
        let active = at.ok_or_else(|| KeyError::NoActiveKey(active.clone()))?;
        Ok(Self::of(Keys::new(active, keys)))
    }

    fn of(keys: Keys) -> Self {
        Self(ArcSwap::from_pointee(keys))
    }

    /// Goes on with the keys of another ring: a new active key, or older ones that still find.
    pub fn replace(&self, other: Self) {
        self.0.store(other.0.into_inner());
    }

    /// Whether older keys are listed besides the active one.
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.0.load().all.len() > 1
    }

    /// The reference of an identifier under the active key.
    #[must_use]
    pub fn reference(
        &self,
        kind: ReferenceKind,
        clinic: Option<&ClinicId>,
        identifier: &[u8],
    ) -> Reference {
        let keys = self.0.load();
        keys.all[keys.active].reference(kind, clinic, identifier)
    }

    /// The references of an identifier under every key, the active one first: what a search uses.
    #[must_use]
    pub fn references(
        &self,
        kind: ReferenceKind,
        clinic: Option<&ClinicId>,
        identifier: &[u8],
    ) -> Vec<Reference> {
        let keys = self.0.load();
        let mut found: Vec<_> =
            keys.all.iter().map(|key| key.reference(kind, clinic, identifier)).collect();
        found.swap(0, keys.active);
        found
    }

    /// What an event keeps of an app's trace id: the id itself, or what stands for one that could be a
    /// number that names a person.
    #[must_use]
    pub fn recorded_trace(&self, sent: TraceId) -> TraceId {
        let keys = self.0.load();
        if sent.has_letter() { sent } else { keys.all[keys.active].trace(sent) }
    }

    /// Every id under which events of an app's trace may be kept.
    fn recorded_traces(&self, sent: TraceId) -> Vec<TraceId> {
        let keys = self.0.load();
        let stand_ins = keys.all.iter().filter(|_| !sent.has_letter()).map(|key| key.trace(sent));
        // Older events may hold numbers.
        std::iter::once(sent).chain(stand_ins).collect()
    }

    /// Every id under which events of an app's `X-Request-Id` may be kept.
    fn recorded_requests(&self, sent: &str) -> Vec<RequestId> {
        if let Some(id) = RequestId::from_app(sent) {
            return vec![id];
        }
        let references = self.references(ReferenceKind::Request, None, sent.as_bytes());
        let stand_ins = references.iter().map(RequestId::from_reference);
        // The text may be an event's own, or a number that an older event holds.
        RequestId::parse(sent).into_iter().chain(stand_ins).collect()
    }

    /// What an event keeps of an answer's structure.
    ///
    /// Made with the oldest key, by its name, so that a new active key does not make every answer
    /// look changed.
    #[must_use]
    pub fn shape(&self, structure: Structure) -> Digest {
        let keys = self.0.load();
        let mut mac = keys.all[keys.eldest].mac.clone();
        mac.update(b"shape\0");
        mac.update(&structure.bits().to_be_bytes());
        Digest::from_bits(head(&mac.finalize().into_bytes()))
    }
}

/// What a process that may lack the keys looks for: every id under which events of an app's `X-Request-Id`
/// may be kept. `None`: the id is looked up with the keys only, and there are none.
#[must_use]
pub fn recorded_requests(keys: Option<&Keyring>, sent: &str) -> Option<Vec<RequestId>> {
    match keys {
        Some(keys) => Some(keys.recorded_requests(sent)),
        None => RequestId::parse(sent).map(|id| vec![id]),
    }
}

/// The same of an app's trace id; without keys, as it was sent.
#[must_use]
pub fn recorded_traces(keys: Option<&Keyring>, sent: TraceId) -> Vec<TraceId> {
    keys.map_or_else(|| vec![sent], |keys| keys.recorded_traces(sent))
}

/// The first eight bytes of a digest.
fn head(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

impl Key {
    fn reference(
        &self,
        kind: ReferenceKind,
        clinic: Option<&ClinicId>,
        identifier: &[u8],
    ) -> Reference {
        let mut mac = self.mac.clone();
        mac.update(kind.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(clinic.map_or("", ClinicId::as_str).as_bytes());
        mac.update(&[0]);
        mac.update(identifier);
        let digest = mac.finalize().into_bytes();
        let mut head = [0; Reference::BYTES];
        head.copy_from_slice(&digest[..Reference::BYTES]);
        Reference::new(kind, self.id.clone(), head)
    }

    fn trace(&self, sent: TraceId) -> TraceId {
        let mut hash = self.mac.clone();
        hash.update(b"trace\0");
        hash.update(&sent.bits().to_be_bytes());
        let digest = hash.finalize().into_bytes();
        TraceId::from_digest(u128::from(head(&digest)) << 64 | u128::from(head(&digest[8..])))
    }
}

fn read(id: &KeyId, file: &Path) -> Result<Key, KeyError> {
    let bytes = std::fs::read(file).map(Zeroizing::new).map_err(|source| KeyError::Unreadable {
        key: id.clone(),
        file: file.to_owned(),
        source,
    })?;
    if !(MIN_KEY_BYTES..=MAX_KEY_BYTES).contains(&bytes.len()) {
        return Err(KeyError::Length { key: id.clone(), file: file.to_owned(), len: bytes.len() });
    }
    Ok(Key { id: id.clone(), mac: mac(&bytes) })
}

fn mac(bytes: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(bytes).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32])
    }

    #[test]
    fn a_reference_is_what_the_contract_says() {
        // Computed with Python: hmac.new(bytes([7])*32, b"patient\0maple-ridge\0" + b"8812", "sha256")
        let clinic = ClinicId::parse("maple-ridge").unwrap();
        let reference = ring().reference(ReferenceKind::Patient, Some(&clinic), b"8812");
        assert_eq!(reference.to_string(), "pt_k1_xtyetrmtuj24fzmdhj2cgkbm7o");
        let token = ring().reference(ReferenceKind::Token, None, b"abc");
        assert_eq!(token.to_string(), "tk_k1_rp5mpdfojakzfeqq55kpimjfvp");
    }

    #[test]
    fn one_person_at_two_clinics_is_two_references() {
        let of = |clinic: &str| {
            let clinic = ClinicId::parse(clinic).unwrap();
            ring().reference(ReferenceKind::Patient, Some(&clinic), b"8812")
        };
        assert_ne!(of("maple-ridge"), of("harbour-view"));
    }

    #[test]
    fn a_search_looks_under_every_key() {
        let keys = ["k1", "k2"]
            .map(|id| Key { id: KeyId::parse(id).unwrap(), mac: mac(&[id.as_bytes()[1]; 32]) });
        let ring = Keyring::new(&KeyId::parse("k2").unwrap(), keys.into()).ok().unwrap();
        let found = ring.references(ReferenceKind::Actor, None, b"x");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], ring.reference(ReferenceKind::Actor, None, b"x"));
        assert_ne!(found[0].digest(), found[1].digest());
    }

    fn two(active: &str) -> Keyring {
        let keys = ["k9", "k10"]
            .map(|id| Key { id: KeyId::parse(id).unwrap(), mac: mac(&[id.as_bytes()[1]; 32]) });
        Keyring::new(&KeyId::parse(active).unwrap(), keys.into()).ok().unwrap()
    }

    #[test]
    fn shapes_outlive_a_new_active_key_and_cannot_be_told_without_the_oldest() {
        let structure = Structure::from_bits(7);
        assert_eq!(two("k9").shape(structure), two("k10").shape(structure));
        assert_ne!(two("k9").shape(structure), two("k9").shape(Structure::from_bits(8)));
        assert_ne!(two("k9").shape(structure), ring().shape(structure));
        assert_ne!(two("k9").shape(structure).bits(), structure.bits());
    }

    #[test]
    fn a_trace_id_that_could_be_a_number_is_kept_under_a_key() {
        let trace = |text| TraceId::parse(text).unwrap();
        let plain = trace("4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(ring().recorded_trace(plain), plain);
        assert_eq!(ring().recorded_traces(plain), [plain]);
        let number = trace("00000000000000000000009876543210");
        let kept = ring().recorded_trace(number);
        assert!(kept.has_letter() && !kept.to_string().contains("9876543210"));
        let found = two("k10").recorded_traces(number);
        assert_eq!(found.len(), 3, "as sent, and under each key");
        assert!(found.contains(&two("k9").recorded_trace(number)));
        assert!(found.contains(&two("k10").recorded_trace(number)));
    }

    #[test]
    fn a_replaced_ring_makes_references_with_the_new_key() {
        let ring = ring();
        let before = ring.reference(ReferenceKind::Actor, None, b"x");
        ring.replace(Keyring::of_one(KeyId::parse("k2").unwrap(), &[8; 32]));
        let after = ring.reference(ReferenceKind::Actor, None, b"x");
        assert!(before.to_string().starts_with("ac_k1_"));
        assert!(after.to_string().starts_with("ac_k2_"));
    }

    #[test]
    fn a_bad_key_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let short = dir.path().join("short");
        std::fs::write(&short, [1; 31]).unwrap();
        let id = KeyId::parse("k1").unwrap();
        for (file, message) in
            [(short, "has 31 bytes"), (dir.path().join("none"), "cannot be read")]
        {
            let error = Keyring::load(&id, &[(id.clone(), file)]).err().unwrap().to_string();
            assert!(error.contains(message) && error.contains("k1"), "{error}");
        }
    }
}
