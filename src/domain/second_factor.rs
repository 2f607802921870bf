//! The second factor: a code that changes every thirty seconds (RFC 6238), and codes for the day on which
//! the phone is lost.
//!
//! Owns what a code is and which moment it is of. That a code counts once is the store's business, how often
//! somebody may try the throttle's. SHA-1 and six digits, since that is what every app can do.

use data_encoding::{BASE32_NOPAD, Specification};
use totp_rs::Builder;

use super::time::Timestamp;

/// Bytes of a secret: what RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
/// Recovery codes that are given at once.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one: sixteen letters and digits.
pub const RECOVERY_BYTES: usize = 10;
/// Whom the app shows beside the account.
const ISSUER: &str = "accuscope";

/// What somebody typed as a second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Six digits from the app.
    Code(String),
    /// A recovery code, in the form that is kept as a digest.
    Recovery(String),
    /// Neither.
    Nothing,
}

impl Typed {
    /// Reads it; blanks and dashes are as good as none.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let plain = plain.to_ascii_lowercase();
        if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
            Self::Code(plain)
        } else if plain.len() == 16 && plain.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Self::Recovery(plain)
        } else {
            Self::Nothing
        }
    }
}

/// The step of thirty seconds that a code is of: this one, or the one before or after, since clocks differ.
#[must_use]
pub fn step(secret: &[u8], code: &str, at: Timestamp) -> Option<i64> {
    let now = u64::try_from(at.seconds()).ok()?;
    let totp = Builder::new().with_secret(secret.to_vec()).build().ok()?;
    totp.check(code, now).and_then(|step| i64::try_from(step).ok())
}

/// The secret as somebody types it.
#[must_use]
pub fn spelled(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// What the picture says to the app.
#[must_use]
pub fn address(account: &str, secret: &[u8]) -> String {
    let secret = spelled(secret);
    let account = account.replace('@', "%40");
    format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}")
}

/// A recovery code as it is shown, in fours.
#[must_use]
pub fn recovery_code(random: &[u8; RECOVERY_BYTES]) -> String {
    let mut spelling = Specification::new();
    // Without letters that are taken for digits.
    spelling.symbols.push_str("abcdefghjkmnpqrstuvwxyz023456789");
    let text = spelling.encoding().map(|of| of.encode(random)).unwrap_or_default();
    let fours: Vec<&str> = (0..4).filter_map(|four| text.get(four * 4..four * 4 + 4)).collect();
    fours.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the SHA-1 column; the last six digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let at = |off: i64| Timestamp::from_seconds(seconds + off);
            assert_eq!(step(secret, code, at(0)), Some(seconds / 30), "{seconds}");
            assert_eq!(step(secret, code, at(-30)), Some(seconds / 30), "a clock that is behind");
            assert_eq!(step(secret, code, at(30)), Some(seconds / 30), "a clock that is ahead");
            assert_eq!(step(secret, code, at(90)), None, "{seconds}");
            assert_eq!(step(b"09876543210987654321", code, at(0)), None);
        }
        assert_eq!(step(b"short", "287082", Timestamp::from_seconds(59)), None);
    }

    #[test]
    fn what_was_typed_is_a_code_a_recovery_code_or_nothing() {
        let recovery = recovery_code(&[7; RECOVERY_BYTES]);
        assert_eq!(recovery.len(), 19);
        let kept = Typed::Recovery(recovery.replace('-', ""));
        for (text, read) in [
            ("287082", Typed::Code("287082".into())),
            (" 287 082 ", Typed::Code("287082".into())),
            (recovery.as_str(), kept.clone()),
            (recovery.to_uppercase().as_str(), kept),
            ("", Typed::Nothing),
            ("28708", Typed::Nothing),
            ("28708a", Typed::Nothing),
            ("heron moss lamp kettle", Typed::Nothing),
        ] {
            assert_eq!(Typed::read(text), read, "{text}");
        }
    }

    #[test]
    fn the_app_is_told_whose_secret_it_is() {
        assert_eq!(
            address("zoe@clinic", &[0; 20]),
            "otpauth://totp/accuscope:zoe%40clinic?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=accuscope"
        );
    }
}
