//! How easy the texts are to read, by formulas that others use.
//!
//! English: the Flesch-Kincaid grade, 0.39 words a sentence + 11.8 syllables a word - 15.59
//! (Kincaid et al., 1975), at most 8. French: Flesch's reading ease as Kandel and Moles adapted it
//! (1958), 207 - 1.015 words a sentence - 73.6 syllables a word; 60 and more is "standard", what
//! eighth grade reads. Syllables are groups of vowels, without an `e` that is not spoken; that is
//! how most programs count.

use super::{Language, Saying};

/// Words a sentence, syllables a word.
fn measures(text: &str, language: Language) -> (f64, f64) {
    let sentences = text.split(['.', '!', '?']).filter(|part| !part.trim().is_empty()).count();
    let words: Vec<String> = text
        .split(|c: char| !(c.is_alphabetic() || c == '\'' || c == '’'))
        .map(|word| word.trim_matches(['\'', '’']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let syllables: usize = words.iter().map(|word| syllables(word, language)).sum();
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    (count(words.len()) / count(sentences), count(syllables) / count(words.len()))
}

fn syllables(word: &str, language: Language) -> usize {
    let word = match language {
        Language::English => word.to_owned(),
        // An elided article is spoken with the word that follows; the `u` of `que` is not spoken.
        Language::French => word.replace(['\'', '’'], "").replace("qu", "q").replace("gue", "ge"),
    };
    let vowel = |c: char| "aeiouyàâäéèêëîïôöùûü".contains(c);
    let groups = word.split(|c| !vowel(c)).filter(|group| !group.is_empty()).count();
    let silent: &[&str] = match language {
        Language::English => &["e", "es", "ed"],
        Language::French => &["e", "es", "ent"],
    };
    let ending = silent.iter().find(|end| word.ends_with(**end));
    let spoken = match (ending, language) {
        (None, _) => true,
        // `table`, `wanted` and `boxes` are spoken to their end.
        (Some(end), Language::English) => {
            let before = word[..word.len() - end.len()].chars().next_back();
            let stem_end = |letters: &str| before.is_some_and(|c| letters.contains(c));
            match *end {
                "ed" => stem_end("td"),
                "es" => stem_end("scxz"),
                _ => stem_end("aeiouyl"),
            }
        }
        (Some(end), Language::French) => {
            // A group of vowels that ends in a silent `e` is spoken all the same.
            word[..word.len() - end.len()].chars().next_back().is_some_and(vowel)
        }
    };
    if spoken { groups.max(1) } else { groups.saturating_sub(1).max(1) }
}

fn grade(text: &str) -> f64 {
    let (sentence, word) = measures(text, Language::English);
    0.39 * sentence + 11.8 * word - 15.59
}

fn ease(text: &str) -> f64 {
    let (sentence, word) = measures(text, Language::French);
    207.0 - 1.015 * sentence - 73.6 * word
}

#[test]
fn the_formulas_tell_plain_from_hard() {
    for (word, count) in [("request", 2), ("changed", 1), ("people", 2), ("minutes", 2), ("the", 1)]
    {
        assert_eq!(syllables(word, Language::English), count, "{word}");
    }
    for (word, count) in [("demande", 2), ("clinique", 2), ("réponse", 2), ("changement", 2)] {
        assert_eq!(syllables(word, Language::French), count, "{word}");
    }
    let hard =
        "The application's authentication credentials could not be validated by the intermediary.";
    assert!(grade(hard) > 12.0);
    assert!(grade("The cat sat on the mat. It was fat.") < 2.0);
    let hard =
        "L'authentification de l'application intermédiaire demeure irrémédiablement invalide.";
    assert!(ease(hard) < 30.0);
}

#[test]
fn every_text_can_be_read_by_an_eighth_grader() {
    for saying in Saying::ALL {
        let english = Language::English.words(*saying);
        let text = format!("{}. {}", english.title, english.detail);
        assert!(grade(&text) <= 8.0, "{saying:?}: grade {:.1}: {text}", grade(&text));
        let french = Language::French.words(*saying);
        let text = format!("{}. {}", french.title, french.detail);
        assert!(ease(&text) >= 60.0, "{saying:?}: ease {:.1}: {text}", ease(&text));
        for text in [english.detail, french.detail] {
            let longest = text.split('.').map(|part| part.split_whitespace().count()).max();
            assert!(longest <= Some(22), "{saying:?}: {longest:?} words in a sentence: {text}");
        }
    }
}

#[test]
fn every_text_says_what_to_do() {
    let asks = |text: &str, verbs: &[&str]| verbs.iter().any(|verb| text.contains(verb));
    for saying in Saying::ALL {
        let english = Language::English.words(*saying).detail;
        assert!(asks(english, &["tell the people", "try again"]), "{english}");
        let french = Language::French.words(*saying).detail;
        let verbs = ["Avisez", "avisez", "essayez", "avant de recommencer"];
        assert!(asks(french, &verbs), "{french}");
    }
}
