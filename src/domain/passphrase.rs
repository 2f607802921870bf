//! Which passphrases may protect an account.
//!
//! Owns the rules of NIST SP 800-63B-4, section 3.1.1.2, for a passphrase that is the only factor: at
//! least 15 characters, no rules about kinds of characters, no expiry, and a list of what guessers try
//! first. Characters are those after Unicode normalisation (NFC), so that one keyboard's "é" is
//! another's. Does not hash; a passphrase has no `Debug` here or anywhere.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The fewest characters.
pub const SHORTEST: usize = 15;
/// The most characters: more than anybody types, and few enough that hashing them costs nothing.
pub const LONGEST: usize = 128;
/// What has to be left once words that everybody thinks of here are taken away.
const OWN_PART: usize = 8;
/// The fewest different characters.
const DIFFERENT: usize = 5;

/// Words that guessers put together for this service.
const OBVIOUS: [&str; 14] = [
    "accuscope",
    "accuro",
    "passphrase",
    "password",
    "passwort",
    "motdepasse",
    "letmein",
    "welcome",
    "support",
    "oncall",
    "manager",
    "admin",
    "clinic",
    "secret",
];

/// Rows of keys and the alphabets, as fingers run along them.
const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "0123456789012345678901234567890123456789",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbnazertyuiopqsdfghjklmwxcvbn",
    "qwertzuiopasdfghjklyxcvbnmqwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p1qaz2wsx3edc4rfv",
];

/// Long passphrases that lists of leaked ones are full of, without spaces and marks.
const LEAKED: [&str; 12] = [
    "correcthorsebatterystaple",
    "iloveyouforever",
    "thequickbrownfox",
    "thequickbrownfoxjumpsoverthelazydog",
    "tobeornottobethatisthequestion",
    "maytheforcebewithyou",
    "ihaveadreamtoday",
    "loremipsumdolorsitamet",
    "opensesameopensesame",
    "onceuponatimeinaland",
    "allyourbasearebelongtous",
    "nevergonnagiveyouup",
];

/// Why a passphrase is not taken. It never repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Too few characters.
    #[error("Use at least 15 characters: a few words are easier to remember than signs")]
    TooShort,
    /// Too many characters.
    #[error("Use at most 128 characters")]
    TooLong,
    /// A character that no keyboard types.
    #[error("Use characters that can be typed: a line break or a tab is none")]
    Control,
    /// Little else than one pattern.
    #[error("That is one pattern again and again, which is guessed first. Use a few words")]
    Pattern,
    /// Little else than words that guessers begin with.
    #[error(
        "That is made of words that are guessed first, such as the service’s name or yours. Use other words"
    )]
    Obvious,
}

/// A passphrase as it is hashed: normalised (NFC), nothing cut off, blanks kept.
#[must_use]
pub fn prepare(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.nfc().collect())
}

/// Whether a prepared passphrase may protect an account of that name.
///
/// # Errors
///
/// [`PassphraseError`], in words for the person who chose it.
pub fn check(passphrase: &str, account: &str) -> Result<(), PassphraseError> {
    let length = passphrase.chars().count();
    if length < SHORTEST {
        return Err(PassphraseError::TooShort);
    }
    if length > LONGEST {
        return Err(PassphraseError::TooLong);
    }
    if passphrase.chars().any(char::is_control) {
        return Err(PassphraseError::Control);
    }
    let squeezed = squeeze(passphrase);
    let different: BTreeSet<char> = passphrase.chars().collect();
    if different.len() < DIFFERENT || is_pattern(&squeezed) {
        return Err(PassphraseError::Pattern);
    }
    if LEAKED.contains(&squeezed.as_str()) || own_part(&squeezed, account) < OWN_PART {
        return Err(PassphraseError::Obvious);
    }
    Ok(())
}

/// Lower-case letters and digits only. A passphrase without any is left as it is.
fn squeeze(passphrase: &str) -> Zeroizing<String> {
    let lower = Zeroizing::new(passphrase.to_lowercase());
    let kept: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    if kept.is_empty() { lower } else { Zeroizing::new(kept) }
}

/// A run along a row of keys in either direction, or a short piece again and again.
fn is_pattern(squeezed: &str) -> bool {
    let letters: Vec<char> = squeezed.chars().collect();
    let backwards: String = letters.iter().rev().collect();
    let backwards = Zeroizing::new(backwards);
    let in_a_row = |text: &str| ROWS.iter().any(|row| row.contains(text));
    let repeats = |piece: usize| letters.iter().skip(piece).zip(&letters).all(|(a, b)| a == b);
    in_a_row(squeezed)
        || in_a_row(&backwards)
        || (1..OWN_PART).any(|piece| letters.len() > piece && repeats(piece))
}

/// Characters that are left without the words that everybody thinks of here.
fn own_part(squeezed: &str, account: &str) -> usize {
    let mut left = Zeroizing::new(squeezed.to_owned());
    let lower = account.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() >= 3);
    for word in OBVIOUS.into_iter().chain(parts) {
        *left = left.replace(word, "");
    }
    left.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_the_only_rule_about_form() {
        let account = "r.okafor";
        for (passphrase, expected) in [
            ("", Err(PassphraseError::TooShort)),
            ("Tr0ub4dor&3", Err(PassphraseError::TooShort)),
            ("fourteen chars", Err(PassphraseError::TooShort)),
            ("heron moss lamp", Ok(())),
            ("heron moss lamp seven", Ok(())),
            ("日本語の長い合言葉をここに書く", Ok(())),
            ("été à la plage dorée", Ok(())),
            (&"lamp moss heron kettle ".repeat(5), Ok(())),
            (&"lamp moss heron kettle ".repeat(6), Err(PassphraseError::TooLong)),
            ("heron moss\nlamp seven", Err(PassphraseError::Control)),
        ] {
            assert_eq!(check(&prepare(passphrase), account), expected, "{passphrase}");
        }
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        use PassphraseError::{Obvious, Pattern};
        for (passphrase, expected) in [
            ("aaaaaaaaaaaaaaaaaaaa", Pattern),
            ("abcabcabcabcabcabc", Pattern),
            ("qwerty qwerty qwerty", Pattern),
            ("1234567890123456", Pattern),
            ("zyxwvutsrqponmlk", Pattern),
            ("qwertyuiop asdfghjkl", Pattern),
            ("correct horse battery staple", Obvious),
            ("accuscope-accuscope-2026", Obvious),
            ("MyAccuroPassword2026!", Obvious),
            ("Okafor Okafor 123", Obvious),
            ("password password1", Obvious),
        ] {
            assert_eq!(check(&prepare(passphrase), "r.okafor"), Err(expected), "{passphrase}");
        }
    }

    #[test]
    fn one_text_typed_on_two_keyboards_is_one_passphrase() {
        assert_eq!(*prepare("caf\u{e9} lampadaire"), *prepare("cafe\u{301} lampadaire"));
        assert_eq!(*prepare("  two blanks "), "  two blanks ", "blanks count");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange_to_be_judged(text in "\\PC{0,140}", account in "[a-z.]{0,12}") {
            let verdict = check(&prepare(&text), &account);
            let length = prepare(&text).chars().count();
            if !(SHORTEST..=LONGEST).contains(&length) {
                proptest::prop_assert!(verdict.is_err());
            }
        }
    }
}
