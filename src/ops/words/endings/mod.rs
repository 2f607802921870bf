//! What one call's ending means: what happened, whose move it is, what to say.
//!
//! Owns a sentence for every reason. It looks at one call only, so it says what is certain and
//! leaves the cause to the diagnosis, which compares calls.

mod reasons;

use self::reasons::{ABORTED, MAY_HAVE_BEEN_APPLIED, WORKED, of_reason, of_repeat};
use super::language::{Language, said};
use super::tasks::task;
use crate::domain::event::Exchange;
use crate::domain::health::Owner;
use crate::domain::labels::Outcome;
use crate::domain::reason::{Ending, Reason};
use crate::domain::refusal::Repeat;

/// What is said about one ending.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// What happened, one sentence.
    pub(crate) happened: String,
    /// What it means.
    pub(crate) means: &'static str,
    /// Whose move it is.
    pub(crate) owner: Owner,
    /// What to tell the person who asked.
    pub(crate) tell: &'static str,
}

/// Explains a call.
pub(crate) fn explain(call: &Exchange, language: Language) -> Explanation {
    let task = task(call.operation.as_str(), language);
    let (owner, happened, means, tell) = match (call.ending, repeat(call)) {
        (_, Some(repeat)) => of_repeat(repeat),
        (Ending::Ok, _) => WORKED,
        (Ending::Aborted, _) => ABORTED,
        (ending, None) => of_reason(ending.reason().unwrap_or(Reason::UpstreamError)),
    };
    let unknown_write = call.mutation
        && call.attempts > 0
        && matches!(call.ending.outcome(), Outcome::Failed | Outcome::Aborted)
        && call.upstream_status.is_none();
    let means = if unknown_write { MAY_HAVE_BEEN_APPLIED } else { means };
    let one = |[english, french]: [&'static str; 2]| language.of(english, french);
    let happened = said!(language, "{task}: {0}", "{task} : {0}", one(happened));
    Explanation { happened, means: one(means), owner, tell: one(tell) }
}

fn repeat(call: &Exchange) -> Option<Repeat> {
    Repeat::of(call.ending, call.source, call.upstream_status)
}

/// The reason of one call in a few words: what Accuro says of a change is told from what we say.
pub(crate) fn short_of(call: &Exchange, language: Language) -> Option<&'static str> {
    let of_key = |repeat| match repeat {
        Repeat::Before => {
            language.of("Sent before, so not sent twice", "Déjà envoyée, donc pas deux fois")
        }
        Repeat::Mixed => language.of("Two changes with one key", "Deux modifications avec une clé"),
        Repeat::UnderWay => short(Reason::DuplicateInFlight, language),
    };
    let reason = || call.ending.reason().map(|reason| short(reason, language));
    repeat(call).map(of_key).or_else(reason)
}

/// A reason in a few words, for lists.
pub(crate) const fn short(reason: Reason, language: Language) -> &'static str {
    match reason {
        Reason::TokenMissing => {
            language.of("The call carried no sign-in", "L’appel n’avait aucune connexion")
        }
        Reason::TokenExpired => language.of("The sign-in had expired", "La connexion avait expiré"),
        Reason::TokenRejected => {
            language.of("The sign-in was not accepted", "La connexion n’a pas été acceptée")
        }
        Reason::Forbidden => language.of("The person was refused", "La personne a été refusée"),
        Reason::GrantRejected => {
            language.of("Signing in was refused", "La connexion a été refusée")
        }
        Reason::ClientRejected => {
            language.of("The app itself was refused", "L’application elle-même a été refusée")
        }
        Reason::ScopeRejected => {
            language.of("The app lacks a permission", "Il manque une permission à l’application")
        }
        Reason::LoginRedirect => language.of(
            "A sign-in page came instead of data",
            "Une page de connexion est venue au lieu de données",
        ),
        Reason::BadRequest => {
            language.of("The request was not accepted", "La demande n’a pas été acceptée")
        }
        Reason::Unprocessable => {
            language.of("A field was not accepted", "Un champ n’a pas été accepté")
        }
        Reason::Conflict => {
            language.of("It met another change", "Elle a rencontré une autre modification")
        }
        Reason::MethodNotAllowed => {
            language.of("Accuro does not offer this here", "Accuro n’offre pas cela ici")
        }
        Reason::TooLarge => language.of("Too large for Accuro", "Trop gros pour Accuro"),
        Reason::UnsupportedType => language.of(
            "A kind of content that Accuro does not take",
            "Un type de contenu qu’Accuro n’accepte pas",
        ),
        Reason::NotFound => language.of("No such record", "Aucun dossier de ce genre"),
        Reason::Gone => language.of("The record is no longer there", "Le dossier n’est plus là"),
        Reason::EmptyResult => language.of("Nothing found", "Rien trouvé"),
        Reason::RateLimited => {
            language.of("Accuro asked to slow down", "Accuro a demandé de ralentir")
        }
        Reason::UpstreamError => {
            language.of("Accuro failed while answering", "Accuro a échoué en répondant")
        }
        Reason::UpstreamUnavailable => {
            language.of("Accuro is not available", "Accuro n’est pas disponible")
        }
        Reason::DnsFailed => {
            language.of("Accuro’s address was not found", "L’adresse d’Accuro est introuvable")
        }
        Reason::ConnectFailed => {
            language.of("No connection to Accuro", "Aucune connexion à Accuro")
        }
        Reason::TlsFailed => {
            language.of("No safe connection to Accuro", "Aucune connexion sûre à Accuro")
        }
        Reason::ResponseTimeout => {
            language.of("Accuro took too long", "Accuro a pris trop de temps")
        }
        Reason::BodyBroken => language.of("The answer broke off", "La réponse s’est interrompue"),
        Reason::MalformedBody => {
            language.of("The answer could not be read", "La réponse était illisible")
        }
        Reason::UnexpectedBody => language
            .of("A web page came instead of data", "Une page Web est venue au lieu de données"),
        Reason::AppKeyUnknown => {
            language.of("The app is not known to us", "L’application nous est inconnue")
        }
        Reason::ClinicNotAllowed => language.of(
            "The app may not work for this clinic",
            "L’application n’a pas droit à cette clinique",
        ),
        Reason::EnvironmentMismatch => {
            language.of("Test and real were mixed up", "Essai et réel ont été confondus")
        }
        Reason::RateLimit => language.of("Our own limit", "Notre propre limite"),
        Reason::CircuitOpen => language.of(
            "We left a failing Accuro alone",
            "Nous avons laissé un Accuro en panne tranquille",
        ),
        Reason::ReadOnly => {
            language.of("Changes are switched off", "Les modifications sont désactivées")
        }
        Reason::AuditUnavailable => language
            .of("No audit record could be written", "Aucune trace d’audit n’a pu être écrite"),
        Reason::DuplicateInFlight => {
            language.of("The same change was on its way", "La même modification était en route")
        }
        Reason::Overloaded => language.of("We had no capacity", "Nous n’avions plus de capacité"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_whose_move_it_is_in_plain_words() {
        for reason in Reason::ALL {
            let (_, happened, means, tell) = of_reason(*reason);
            for [english, french] in [happened, means, tell] {
                for text in [english, french] {
                    assert!(text.ends_with('.') || text.ends_with('?'), "{reason}: {text}");
                    assert!(text.split(' ').count() <= 40, "{reason}: {text}");
                    assert!(!text.contains(['!', '\'', ';']), "{reason}: {text}");
                }
                assert_ne!(english, french, "{reason}");
            }
        }
    }

    #[test]
    fn a_change_that_was_not_sent_again_is_looked_for_in_accuro() {
        const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T12:00:00Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"medication.add","domain":"clinical","method":"POST","route":"/rest/v1/provider-portal/patients/{patientId}","mutation":true,"status":409,"outcome":"failed","category":"validation","reason":"conflict","duration_us":900,"attempts":0,"source":"accuscope","instance":"i-1"}"#;
        let mut call = crate::domain::event::json::read_line(LINE.as_bytes()).unwrap();
        for reason in [Reason::Conflict, Reason::Unprocessable, Reason::DuplicateInFlight] {
            call.ending = Ending::failed(reason);
            for (language, look, never) in [
                (Language::English, "ook in Accuro", "again"),
                (Language::French, "egarde", "éessay"),
            ] {
                let explained = explain(&call, language);
                let texts = [explained.happened.as_str(), explained.means, explained.tell];
                if reason != Reason::DuplicateInFlight {
                    assert!(texts[1].contains(look) && texts[2].contains(look), "{texts:?}");
                    assert!(texts.iter().all(|text| !text.contains(never)), "{texts:?}");
                }
                assert!(!texts[2].contains("recharg") && !texts[2].contains("reload"), "{texts:?}");
                assert_ne!(short_of(&call, language), Some(short(Reason::Conflict, language)));
            }
        }
        call.ending = Ending::failed(Reason::Conflict);
        call.upstream_status = Some(409);
        assert!(explain(&call, Language::English).tell.contains("changed it first"));
    }

    #[test]
    fn a_refusal_of_ours_never_blames_accuro() {
        use crate::domain::labels::Category;
        for reason in Reason::ALL.iter().filter(|r| r.category() == Category::Policy) {
            let owner = of_reason(*reason).0;
            assert!(owner != Owner::Accuro || *reason == Reason::CircuitOpen, "{reason}");
        }
    }
}
