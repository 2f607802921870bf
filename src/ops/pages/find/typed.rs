//! What was typed into the box: a support code, a request id, a trace id, a clinic, an incident, a room or a
//! runbook.
//!
//! Owns the reading of it, and what is said where it is none of them. Nothing repeats what was typed.

use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::trace_context::TraceId;
use crate::ops::components::clinic_field::Named;
use crate::ops::components::rooms::Room;
use crate::ops::pages::runbooks;
use crate::ops::words::language::Language;

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A support code.
    Code(SupportCode),
    /// A trace id, which may also be a request id of the same form.
    Trace(TraceId),
    /// A request id; accuscope's own ones are the ids of calls.
    Request(RequestId, Option<EventId>),
    /// A clinic.
    Clinic(ClinicId),
    /// An incident's number; whether there is one is to be looked up.
    Incident(i64),
    /// A page of the site's own.
    Page(String),
    /// Nothing that can be looked up; why.
    Mistake(&'static str),
}

/// Reads what was typed.
pub(crate) fn read(text: &str, registry: &Registry, language: Language) -> Typed {
    let text = text.trim();
    // A word such as a clinic's name can have eight letters of the code's alphabet; codes without
    // a single digit are rare, and none begins as a clinic does.
    if !text.bytes().any(|b| b.is_ascii_digit())
        && let Some(id) = clinic(text, registry)
    {
        return Typed::Clinic(id);
    }
    if let Some(number) = incident(text) {
        return Typed::Incident(number);
    }
    if let Some(page) = room(text) {
        return Typed::Page(page);
    }
    if let Some(code) = SupportCode::parse(text) {
        return Typed::Code(code);
    }
    if let Some(trace) = TraceId::parse(&text.to_ascii_lowercase()) {
        return Typed::Trace(trace);
    }
    if let Some(request) = RequestId::parse(text) {
        return Typed::Request(request, EventId::parse(text));
    }
    if let Some(id) = clinic(text, registry) {
        return Typed::Clinic(id);
    }
    runbook(text).map_or_else(|| Typed::Mistake(mistake(text, language)), Typed::Page)
}

/// `incident 7` or `#7`. A number alone may be a patient's, and means nothing here.
fn incident(text: &str) -> Option<i64> {
    let lower = text.to_lowercase();
    let number = lower.strip_prefix("incident ").or_else(|| lower.strip_prefix('#'))?.trim();
    let plain = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| plain)
}

/// A room by its whole name, in either language.
fn room(text: &str) -> Option<String> {
    let wanted = text.to_lowercase();
    let found = Room::ALL.into_iter().find(|room| {
        room.door().0.to_lowercase() == wanted || room.french().to_lowercase() == wanted
    });
    found.map(|room| room.door().2.to_owned())
}

/// The one runbook whose alert is called so, or whose title begins so, in either language.
fn runbook(text: &str) -> Option<String> {
    let wanted = text.to_lowercase();
    if wanted.chars().count() < 4 {
        return None;
    }
    let begins = |alert: &&str| {
        alert.to_lowercase() == wanted
            || Language::ALL.iter().any(|language| {
                runbooks::title(alert, *language).to_lowercase().starts_with(&wanted)
            })
    };
    let mut found = runbooks::alerts().filter(begins);
    let only = found.next()?;
    if found.next().is_none() { runbooks::address(only) } else { None }
}

/// The one clinic that is called so.
fn clinic(text: &str, registry: &Registry) -> Option<ClinicId> {
    if text.chars().count() < 3 {
        return None;
    }
    match Named::read(text, registry) {
        Named::One(clinic) => Some(clinic.id.clone()),
        _ => None,
    }
}

/// Why a text cannot be looked up, without repeating it.
fn mistake(text: &str, language: Language) -> &'static str {
    let symbols = text.chars().filter(|c| !matches!(c, ' ' | '-')).count();
    match symbols {
        0 => language.of("Enter the code from the error message", "Entrez le code du message d’erreur"),
        1..8 => language.of("That is too short: a code has 8 letters and numbers, like 7KQ4-M2PX", "C’est trop court : un code a 8 lettres et chiffres, comme 7KQ4-M2PX"),
        _ => language.of("That is no support code, request id or trace id, and the name of no single clinic, page or runbook", "Ce n’est ni un code de soutien, ni un identifiant de requête ou de trace, ni le nom d’une seule clinique, d’une page ou d’un guide"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::reading::fixtures;

    #[test]
    fn whatever_was_pasted_is_understood() {
        let registry = fixtures::registry();
        let read = |text| read(text, &registry, Language::English);
        assert!(matches!(read(" 7kq4 m2px "), Typed::Code(_)));
        assert!(matches!(read("4BF92F3577B34DA6A3CE929D0E0E4736"), Typed::Trace(_)));
        let id = "01939f6e-5a2b-7c3d-8e4f-0123456789ab";
        assert!(matches!(read(id), Typed::Request(_, Some(_))));
        assert!(matches!(read("01ARZ3NDEKTSV4RRFFQ69G5FAV"), Typed::Request(_, None)));
        let clinic = ClinicId::parse("harbour-view").unwrap();
        assert!(matches!(read("Foothill"), Typed::Clinic(_)), "also eight letters of a code");
        assert_eq!(read("harb"), Typed::Clinic(clinic.clone()));
        assert_eq!(read("Harbour View Medical"), Typed::Clinic(clinic));
    }

    #[test]
    fn rooms_runbooks_and_incidents_are_found_by_what_they_are_called() {
        let registry = fixtures::registry();
        let page = |path: &str| Typed::Page(path.to_owned());
        for (text, expected) in [
            ("Adoption", page("/adoption")),
            ("journal des accès", page("/access-log")),
            ("runbooks", page("/runbooks")),
            ("incident 7", Typed::Incident(7)),
            ("#12", Typed::Incident(12)),
            ("upstream outage", page("/runbooks/AccuscopeUpstreamOutage")),
            ("AccuscopeUpstreamOutage", page("/runbooks/AccuscopeUpstreamOutage")),
        ] {
            assert_eq!(read(text, &registry, Language::English), expected, "{text}");
        }
        // A number could be a patient's, and of several runbooks none is meant.
        for text in ["12", "#9123456780", "incident 9123456780", "incident Tremblay", "upst", "acc"]
        {
            let found = read(text, &registry, Language::English);
            assert!(!matches!(found, Typed::Incident(_) | Typed::Page(_)), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_mistake_never_repeats_what_was_typed() {
        let registry = fixtures::registry();
        for text in ["", "9XY", "9123456780", "Tremblay, Zoë 1984", "medical"] {
            let Typed::Mistake(why) = read(text, &registry, Language::French) else {
                panic!("{text}")
            };
            assert!(text.is_empty() || !why.contains(text), "{why}");
        }
    }
}
