//! Invented words: unique in a run, like nothing else in the program, and with accents.

/// Beginnings and middles; no English, French or program word is made of them by accident.
const SYLLABLES: [&str; 32] = [
    "qwy", "xho", "zju", "vrë", "bjö", "kzé", "wlî", "fnô", "gdà", "mçu", "qtï", "xrü", "zvé",
    "vlo", "bwi", "kfâ", "wge", "fzu", "gxô", "mqé", "qbi", "xda", "zkè", "vpu", "bqo", "kxy",
    "wvé", "fjï", "gqâ", "mzo", "qvë", "xgu",
];

/// A word of so many syllables, with a capital letter.
pub(super) fn word(syllables: usize, rng: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    for _ in 0..syllables {
        text.push_str(SYLLABLES[rng.usize(..SYLLABLES.len())]);
    }
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

/// Letters and digits as tokens have them.
pub(super) fn token(length: usize, rng: &mut fastrand::Rng) -> String {
    (0..length).map(|_| rng.alphanumeric()).collect()
}

/// The text in ASCII, its accents dropped.
pub(in crate::prove) fn folded(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfd().filter(char::is_ascii).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_capitals_and_fold_to_ascii() {
        let mut rng = fastrand::Rng::with_seed(1);
        let word = word(4, &mut rng);
        assert!(word.starts_with(char::is_uppercase), "{word}");
        assert_eq!(folded("Zoë Côté"), "Zoe Cote");
        assert_eq!(token(40, &mut rng).len(), 40);
    }
}
