//! What is wrong with an entry of the settings that somebody typed, in French.
//!
//! Owns the French sentences. The English ones are the settings' own, since the command line says them of a file
//! as well; each is found here by its text. One that is not here stays English, and is marked so.

/// The sentence in French, where it is known.
pub(crate) fn french(words: &str) -> Option<String> {
    if let Some((_, french)) = WHOLE.iter().find(|(english, _)| *english == words) {
        return Some((*french).to_owned());
    }
    if let Some(error) = words.strip_prefix("is not right: ") {
        return Some(format!("n’est pas juste : doit être {}", of_a_name(error)?));
    }
    if let Some(words) = words.strip_prefix("the clinic ") {
        return of_a_merger(words);
    }
    let (expected, example) = match words.strip_prefix("must be ")?.split_once("; example: ") {
        Some((expected, example)) => (expected, format!("; exemple : {example}")),
        None => (words.strip_prefix("must be ")?, String::new()),
    };
    let known = EXPECTED.iter().find(|(english, _)| *english == expected);
    let expected = match known {
        Some((_, french)) => (*french).to_owned(),
        None => of_a_name(expected)?,
    };
    Some(format!("doit être {expected}{example}"))
}

/// What is wrong with a merger.
fn of_a_merger(words: &str) -> Option<String> {
    if let Some(clinic) = words.strip_suffix(" would be part of itself") {
        return Some(format!("la clinique {clinic} ferait partie d’elle-même"));
    }
    let (clinic, rest) = words.split_once(" became part of ")?;
    let (into, why) = rest.split_once(", ")?;
    let why = match why {
        "which is not registered" => "qui n’est pas inscrite",
        "whose own entry does not count" => "dont l’entrée même ne vaut pas",
        _ => return None,
    };
    Some(format!("la clinique {clinic} s’est jointe à {into}, {why}"))
}

/// What a name has to be: the sentences of [`crate::domain::names::NameError`], and of a line's length.
fn of_a_name(expected: &str) -> Option<String> {
    if expected.ends_with(" cannot be empty") || expected.ends_with(", not empty") {
        return Some("rempli".to_owned());
    }
    let either = |one, other| expected.split_once(one).or_else(|| expected.split_once(other));
    if let Some((_, rest)) = either(" has only ", " of only ") {
        let (alphabet, at) = rest.split_once("; the character at position ")?;
        let (alphabet, at) = (alphabet.replace(" and ", " et "), at.strip_suffix(" is not one")?);
        return Some(format!("fait seulement de {alphabet}; le caractère {at} n’en est pas"));
    }
    let long = either(" has at most ", " of at most ").and_then(|(_, rest)| {
        let parts = rest.split_once(" characters, this one has ");
        parts.or_else(|| rest.split_once(" characters; this one has "))
    });
    if let Some((most, length)) = long {
        return Some(format!("d’au plus {most} caractères; celui-ci en a {length}"));
    }
    let most = expected.strip_prefix("one line of at most ")?.strip_suffix(" characters")?;
    Some(format!("une ligne d’au plus {most} caractères"))
}

const WHOLE: &[(&str, &str)] = &[
    (
        "must be another one: there is an entry of that id already",
        "doit être un autre : il y a déjà une entrée de cet identifiant",
    ),
    (
        "must be another one: the settings file has an entry of that id",
        "doit être un autre : le fichier de configuration a une entrée de cet identifiant",
    ),
    (
        "must be another name: the app has a key of that name already",
        "doit être un autre nom : l’application a déjà une clé de ce nom",
    ),
    ("must be a UUID, or left empty", "doit être un UUID, ou laissé vide"),
    (
        "it is the first key of all, and from then on every call needs one: say that this is meant",
        "c’est la toute première clé, et dès lors chaque appel en demande une : dites que c’est voulu",
    ),
    (
        "no app would have a key any more, so that everybody could call; revoke the key and keep the app",
        "aucune application n’aurait plus de clé, et tous pourraient donc appeler; révoquez la clé et gardez \
         l’application",
    ),
    (
        "others are changing the registry at this moment; try again",
        "d’autres modifient le registre en ce moment; réessayez",
    ),
];

const EXPECTED: &[(&str, &str)] = &[
    ("there", "présent"),
    ("a text in quotes", "un texte"),
    ("a UUID", "un UUID"),
    ("a date", "une date"),
    ("a whole number", "un nombre entier"),
    ("a list of days with hours", "une liste de jours avec des heures"),
    ("days with hours, a line each", "des jours avec des heures, une ligne chacun"),
    ("a list of dates", "une liste de dates"),
    (
        "gates such as staff_percent = 50 (0 to 100), first_time_percent = 97.5, weeks = 2 (1 to 12), tasks = 3 (0 to 8), active_days = 8 (0 to 14)",
        "des seuils tels que staff_percent = 50 (0 à 100), first_time_percent = 97.5, weeks = 2 (1 à 12), tasks = 3 (0 à 8), active_days = 8 (0 à 14)",
    ),
    ("there, since merged_on is", "rempli, puisque le jour de la fusion l’est"),
    ("there, since merged_into is", "rempli, puisque la clinique de la fusion l’est"),
    ("a date from 2000 to a year from now", "une date de 2000 à dans un an"),
    ("a list of clinic ids", "une liste d’identifiants de cliniques"),
    ("a name of the IANA time zone database", "un nom de la base de fuseaux horaires IANA"),
    (
        "one of onboarding, pilot, expanding, live, paused",
        "l’un de onboarding, pilot, expanding, live, paused",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_settings_say_of_a_field_is_said_in_french() {
        for (english, expected) in [
            ("must be a date; example: 2027-01-31", "doit être une date; exemple : 2027-01-31"),
            (
                "must be one line of at most 80 characters; example: Lakeshore",
                "doit être une ligne d’au plus 80 caractères; exemple : Lakeshore",
            ),
            (
                "must be a clinic id of only a-z, 0-9 and '-'; the character at position 3 is not one; \
                 example: lakeshore",
                "doit être fait seulement de a-z, 0-9 et '-'; le caractère 3 n’en est pas; \
                 exemple : lakeshore",
            ),
        ] {
            assert_eq!(french(english).as_deref(), Some(expected));
        }
        let words = "must be a clinic id of at most 40 characters; this one has 41";
        assert_eq!(
            french(words).as_deref(),
            Some("doit être d’au plus 40 caractères; celui-ci en a 41")
        );
        for (english, expected) in [
            (
                "the clinic a became part of b, which is not registered",
                "la clinique a s’est jointe à b, qui n’est pas inscrite",
            ),
            ("the clinic a would be part of itself", "la clinique a ferait partie d’elle-même"),
            (
                "the clinic a became part of b, whose own entry does not count",
                "la clinique a s’est jointe à b, dont l’entrée même ne vaut pas",
            ),
        ] {
            assert_eq!(french(english).as_deref(), Some(expected));
        }
        assert_eq!(french("something that nobody says"), None);
    }
}
