//! Ed25519 over checkpoints: who sealed the head of a chain.
//!
//! Owns the forms of the keys (PEM as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`
//! write them) and of the signature. Does not read files. Sources: RFC 8032, RFC 8410.

use data_encoding::{BASE64_MIME, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Bytes of a private key's seed and of a public key.
pub const KEY_BYTES: usize = 32;
/// What stands before the seed in PKCS #8 (RFC 8410, section 7, without the public key).
const PRIVATE_PREFIX: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What stands before the key in a `SubjectPublicKeyInfo` (RFC 8410, section 4).
const PUBLIC_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";
/// Bytes of a public key's digest that name it.
const NAME_BYTES: usize = 8;

/// Why a text is no key. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFormError {
    /// Not the private half.
    #[error("not an Ed25519 private key in PEM, as accuscope audit key create writes it")]
    NoPrivateKey,
    /// Not the public half.
    #[error("not an Ed25519 public key in PEM, as accuscope audit key show prints it")]
    NoPublicKey,
}

/// A signature, written as 128 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Signature {
    /// Reads 128 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Which key, as 16 hexadecimal digits: the beginning of the SHA-256 of the public key's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName([u8; NAME_BYTES]);

impl KeyName {
    /// Reads 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// The half that signs. It has no `Debug`.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads a PEM text.
    ///
    /// # Errors
    ///
    /// [`KeyFormError::NoPrivateKey`].
    pub fn parse(pem: &str) -> Result<Self, KeyFormError> {
        let der = Zeroizing::new(unwrapped(pem, PRIVATE).ok_or(KeyFormError::NoPrivateKey)?);
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
        pair.map(Self).map_err(|_| KeyFormError::NoPrivateKey)
    }

    /// The PEM text of a key with this seed, which has to be random.
    #[must_use]
    pub fn pem(seed: &[u8; KEY_BYTES]) -> Zeroizing<String> {
        let der = Zeroizing::new([PRIVATE_PREFIX.as_slice(), seed].concat());
        Zeroizing::new(wrapped(&der, PRIVATE))
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.0.sign(message).as_ref());
        Signature(bytes)
    }

    /// The other half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; KEY_BYTES];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }
}

/// The half that checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// Reads a PEM text.
    ///
    /// # Errors
    ///
    /// [`KeyFormError::NoPublicKey`].
    pub fn parse(pem: &str) -> Result<Self, KeyFormError> {
        let der = unwrapped(pem, PUBLIC).ok_or(KeyFormError::NoPublicKey)?;
        let bytes = der.strip_prefix(&PUBLIC_PREFIX).ok_or(KeyFormError::NoPublicKey)?;
        bytes.try_into().map(Self).map_err(|_| KeyFormError::NoPublicKey)
    }

    /// The PEM text.
    #[must_use]
    pub fn pem(&self) -> String {
        wrapped(&[PUBLIC_PREFIX.as_slice(), &self.0].concat(), PUBLIC)
    }

    /// What checkpoints call it.
    #[must_use]
    pub fn name(&self) -> KeyName {
        let mut name = [0; NAME_BYTES];
        name.copy_from_slice(&Sha256::digest(self.0)[..NAME_BYTES]);
        KeyName(name)
    }

    /// Whether the other half signed this.
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, &signature.0).is_ok()
    }
}

fn wrapped(der: &[u8], label: &str) -> String {
    let body = Zeroizing::new(BASE64_MIME.encode(der));
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", body.trim_end())
}

fn unwrapped(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (_, body) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = body.split_once(&format!("-----END {label}-----"))?;
    BASE64_MIME.decode(body.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with: openssl genpkey -algorithm ed25519; openssl pkey -pubout
    const OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    #[test]
    fn a_signature_is_that_of_rfc_8032() {
        // Section 7.1, test 1: the empty message; the seed is the one above.
        let key = SigningKey::parse(OPENSSL).ok().unwrap();
        assert_eq!(
            key.sign(b"").to_string(),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
    }

    #[test]
    fn keys_survive_being_written_and_read() {
        let key = SigningKey::parse(&SigningKey::pem(&[7; KEY_BYTES])).ok().unwrap();
        let public = PublicKey::parse(&key.public().pem()).unwrap();
        assert_eq!(public, key.public());
        assert_eq!(KeyName::parse(&public.name().to_string()), Some(public.name()));
        let signature = Signature::parse(&key.sign(b"head").to_string()).unwrap();
        assert!(public.signed(b"head", &signature) && !public.signed(b"heat", &signature));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let public = SigningKey::parse(OPENSSL).ok().unwrap().public().pem();
        assert_eq!(SigningKey::parse(&public).err(), Some(KeyFormError::NoPrivateKey));
        assert_eq!(PublicKey::parse(OPENSSL).err(), Some(KeyFormError::NoPublicKey));
        assert_eq!(PublicKey::parse("").err(), Some(KeyFormError::NoPublicKey));
    }
}
