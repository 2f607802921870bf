//! Secrets that have to be read again: sealed with a key made of the key folder's.
//!
//! Owns the sealing. A copy of the store opens nothing without the key files; a sealed text is bound to what
//! it is for and whose it is, so it cannot be moved to another account. A secret that was sealed under a key
//! that is gone is gone.

use data_encoding::BASE64URL_NOPAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::domain::names::KeyId;
use crate::keys::Keyring;

fn cipher(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(LessSafeKey::new)
}

/// Seals under the active key. `None` if the system gives no random numbers.
pub(crate) fn seal(keys: &Keyring, purpose: &str, whose: &str, secret: &[u8]) -> Option<String> {
    let (id, key) = keys.sealing(purpose).into_iter().next()?;
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).ok()?;
    let mut sealed = secret.to_vec();
    let aad = Aad::from(whose.as_bytes());
    let cipher = cipher(&key)?;
    let at = Nonce::assume_unique_for_key(nonce);
    cipher.seal_in_place_append_tag(at, aad, &mut sealed).ok()?;
    let sealed = [nonce.as_slice(), &sealed].concat();
    Some(format!("{id}.{}", BASE64URL_NOPAD.encode(&sealed)))
}

/// Opens what was sealed; `None` if it was for something or somebody else, or its key is gone.
pub(crate) fn open(
    keys: &Keyring,
    purpose: &str,
    whose: &str,
    text: &str,
) -> Option<Zeroizing<Vec<u8>>> {
    let (id, sealed) = text.split_once('.')?;
    let id = KeyId::parse(id).ok()?;
    let (_, key) = keys.sealing(purpose).into_iter().find(|(known, _)| *known == id)?;
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?);
    let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut opened = Zeroizing::new(sealed.to_vec());
    let aad = Aad::from(whose.as_bytes());
    let length = cipher(&key)?.open_in_place(nonce, aad, &mut opened).ok()?.len();
    opened.truncate(length);
    Some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_purpose_and_its_owner_only() {
        let keys = |byte| Keyring::of_one(KeyId::parse("k1").unwrap(), &[byte; 32]);
        let text = seal(&keys(1), "a", "zoe", b"secret").unwrap();
        assert!(!text.contains("secret"));
        assert_eq!(**open(&keys(1), "a", "zoe", &text).unwrap(), *b"secret");
        assert_ne!(seal(&keys(1), "a", "zoe", b"secret").unwrap(), text, "each time another");
        for (key, purpose, whose, text) in [
            (2, "a", "zoe", text.as_str()),
            (1, "b", "zoe", &text),
            (1, "a", "ada", &text),
            (1, "a", "zoe", &text[..text.len() - 1]),
            (1, "a", "zoe", &text.replace("k1.", "k2.")),
            (1, "a", "zoe", "k1.AAAA"),
            (1, "a", "zoe", ""),
        ] {
            assert!(open(&keys(key), purpose, whose, text).is_none(), "{key} {purpose} {whose}");
        }
    }
}
