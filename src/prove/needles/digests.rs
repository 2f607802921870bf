//! Digests without a key, as somebody in a hurry would use in place of a value: they can be guessed back.

use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// A digest that is cut to fewer bytes than this stands for too much else.
const FEWEST: usize = 8;

/// Every digest of a text, by name.
pub(super) fn all(text: &[u8]) -> [(&'static str, Vec<u8>); 5] {
    [
        ("md5", Md5::digest(text).to_vec()),
        ("sha-1", Sha1::digest(text).to_vec()),
        ("sha-256", Sha256::digest(text).to_vec()),
        ("sha-512", Sha512::digest(text).to_vec()),
        ("fnv-1a", fnv_1a(text).to_be_bytes().to_vec()),
    ]
}

/// The heads of a digest as bytes and as texts, so that a cut one is found too.
pub(super) fn rendered(digest: &[u8]) -> Vec<Vec<u8>> {
    let head = &digest[..FEWEST];
    let whole = |text: String, symbols: usize| text.as_bytes()[..symbols].to_vec();
    let base_32 = whole(BASE32.encode(head), FEWEST * 8 / 5);
    vec![
        head.to_vec(),
        head.iter().rev().copied().collect(),
        HEXLOWER.encode(head).into_bytes(),
        HEXLOWER.encode(head).to_uppercase().into_bytes(),
        whole(BASE64.encode(head), FEWEST * 8 / 6),
        whole(BASE64URL.encode(head), FEWEST * 8 / 6),
        base_32.to_ascii_lowercase(),
        base_32,
    ]
}

/// CRC-32 as eight hexadecimal digits.
pub(super) fn crc_32(text: &[u8]) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(text);
    format!("{:08x}", crc.sum())
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv).
fn fnv_1a(text: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    text.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_the_published_ones() {
        let hex = |name: &str| {
            let all = all(b"abc");
            HEXLOWER.encode(&all.iter().find(|(n, _)| *n == name).unwrap().1[..8])
        };
        // RFC 1321, A.5; FIPS 180-4's examples; the authors' test suite.
        assert_eq!(hex("md5"), "900150983cd24fb0");
        assert_eq!(hex("sha-1"), "a9993e364706816a");
        assert_eq!(hex("sha-256"), "ba7816bf8f01cfea");
        assert_eq!(hex("sha-512"), "ddaf35a193617aba");
        assert_eq!(hex("fnv-1a"), "e71fa2190541574b");
        assert_eq!(crc_32(b"123456789"), "cbf43926");
    }
}
