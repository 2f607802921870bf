//! A verdict in one sentence, in the reader's language.
//!
//! Owns the French sentences. The English ones are `crate::domain::health::say`'s, since the API says them too.

use super::language::Language;
use crate::domain::health::{ClinicHealth, Few, State, Trouble, Verdict, say};
use crate::domain::names::ClinicId;

/// The sentence that is the answer, as [`say::sentence`]. `name` gives a clinic's name.
pub(crate) fn sentence<'n>(
    verdict: &Verdict,
    name: impl Fn(&ClinicId) -> &'n str,
    language: Language,
) -> String {
    if language == Language::English {
        return say::sentence(verdict, name);
    }
    if let Some(few) = &verdict.few {
        return of_few(few, name);
    }
    let Some(trouble) = verdict.trouble else {
        return match verdict.state {
            State::Working => "Tout fonctionne.",
            _ => "Aucun appel en ce moment, et aucun n’est attendu.",
        }
        .to_owned();
    };
    match verdict.touched.as_slice() {
        [only] if !trouble.is_everywhere() => {
            let clinic = &verdict.clinics[*only];
            of_one(trouble, clinic, name(&clinic.clinic), language)
        }
        [first, ..] if !trouble.is_everywhere() => {
            of_one(trouble, &verdict.clinics[*first], "plusieurs cliniques", language)
        }
        _ => of_everyone(trouble).to_owned(),
    }
}

/// What is known where it is too little to name a trouble.
fn of_few<'n>(few: &Few, name: impl Fn(&ClinicId) -> &'n str) -> String {
    let place = match few.clinics.as_slice() {
        [only] => name(only),
        _ => "plusieurs cliniques",
    };
    let calls = if few.of < 2 { "appel" } else { "appels" };
    format!(
        "Échecs à {place} : {} sur {} {calls}. C’est trop peu pour dire ce qui ne va pas.",
        few.failed, few.of
    )
}

/// The sentence for one clinic's trouble, as [`say::of_one`].
pub(crate) fn of_one(
    trouble: Trouble,
    clinic: &ClinicHealth,
    name: &str,
    language: Language,
) -> String {
    of_incident(trouble, clinic.state != State::Failing, name, language)
}

/// The sentence for a trouble of a clinic, or of several, as [`say::of_incident`].
pub(crate) fn of_incident(
    trouble: Trouble,
    partly: bool,
    name: &str,
    language: Language,
) -> String {
    if language == Language::English {
        return say::of_incident(trouble, partly, name);
    }
    match trouble {
        Trouble::ClinicConnectionRejected => {
            format!("{name} : aucun accès à Accuro. Les autres cliniques y ont accès.")
        }
        Trouble::ClinicSignInFailing => {
            format!("Le personnel de {name} ne peut se connecter à Accuro.")
        }
        Trouble::ClinicDown if partly => format!("Accuro ne répond pas toujours à {name}."),
        Trouble::ClinicDown => {
            format!("Accuro ne répond pas à {name}. Les autres cliniques vont bien.")
        }
        Trouble::ClinicSlow => format!("Accuro est lent pour {name}."),
        Trouble::RateLimited => format!("Accuro reçoit trop d’appels de {name}."),
        Trouble::RequestRejected => {
            format!("Accuro rejette ce que l’application envoie pour {name}.")
        }
        Trouble::AnswerChanged => {
            format!("Accuro répond à {name} sous une forme que l’application ne peut lire.")
        }
        Trouble::SomeRefused => format!("Accuro refuse certains appels de {name}."),
        Trouble::RefusedByAccuscope => format!("Nos propres règles refusent des appels de {name}."),
        Trouble::GoneSilent => format!("Aucun appel de {name}, là où il y en a toujours."),
        everywhere => of_everyone(everywhere).to_owned(),
    }
}

const fn of_everyone(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AccuscopeFailing => "Notre service est en panne.",
        Trouble::AccuroUnreachable => "Nous ne pouvons joindre Accuro.",
        Trouble::AccuroDown => "Accuro ne répond pas.",
        Trouble::AccuroSlow => "Accuro est lent.",
        Trouble::AppCredentialsRejected => {
            "Accuro rejette notre application à plusieurs cliniques."
        }
        Trouble::NotRecorded => "Nous ne savons pas : aucun appel n’est enregistré.",
        Trouble::ClinicConnectionRejected
        | Trouble::ClinicSignInFailing
        | Trouble::ClinicDown
        | Trouble::ClinicSlow
        | Trouble::RateLimited
        | Trouble::RequestRejected
        | Trouble::AnswerChanged
        | Trouble::SomeRefused
        | Trouble::RefusedByAccuscope
        | Trouble::GoneSilent => "Une clinique a un problème.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_trouble_says_the_same_in_both_languages() {
        for trouble in Trouble::ALL {
            for partly in [false, true] {
                let of = |language| of_incident(*trouble, partly, "Lakeshore", language);
                let (english, french) = (of(Language::English), of(Language::French));
                assert_ne!(english, french, "{trouble}");
                assert_eq!(
                    english.contains("Lakeshore"),
                    french.contains("Lakeshore"),
                    "{trouble}"
                );
            }
        }
    }
}
