//! What was typed into the box: a support code, a request id, a trace id, or a clinic.
//!
//! Owns the reading of it, and what is said where it is none of them. Nothing repeats what was typed.

use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::trace_context::TraceId;
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
    if let Some(code) = SupportCode::parse(text) {
        return Typed::Code(code);
    }
    if let Some(trace) = TraceId::parse(&text.to_ascii_lowercase()) {
        return Typed::Trace(trace);
    }
    if let Some(request) = RequestId::parse(text) {
        return Typed::Request(request, EventId::parse(text));
    }
    match clinic(text, registry) {
        Some(id) => Typed::Clinic(id),
        None => Typed::Mistake(mistake(text, language)),
    }
}

/// The one clinic whose id or name begins so, or holds a word that does.
fn clinic(text: &str, registry: &Registry) -> Option<ClinicId> {
    if text.chars().count() < 3 {
        return None;
    }
    let wanted = text.to_lowercase();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        name.starts_with(&wanted) || name.split([' ', '-']).any(|word| word.starts_with(&wanted))
    };
    let mut found = registry.clinics().iter().filter(|c| fits(&c.name) || fits(c.id.as_str()));
    let only = found.next()?;
    found.next().is_none().then(|| only.id.clone())
}

/// Why a text cannot be looked up, without repeating it.
fn mistake(text: &str, language: Language) -> &'static str {
    let symbols = text.chars().filter(|c| !matches!(c, ' ' | '-')).count();
    match symbols {
        0 => language.of("Enter the code from the error message", "Entrez le code du message d’erreur"),
        1..8 => language.of("That is too short: a code has 8 letters and numbers, like 7KQ4-M2PX", "C’est trop court : un code a 8 lettres et chiffres, comme 7KQ4-M2PX"),
        _ => language.of("That is no support code, request id or trace id, and no single clinic’s name", "Ce n’est ni un code de soutien, ni un identifiant de requête ou de trace, ni le nom d’une seule clinique"),
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
