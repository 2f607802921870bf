//! What is looked for: read from an address, and written as one.
//!
//! Owns the canonical form. What an address holds beyond it is dropped, so that nothing a person
//! pasted stays in a history. A patient or a person has no parameter here.

use crate::domain::ids::{RequestId, SupportCode};
use crate::domain::labels::{Category, Outcome, WorkflowDomain};
use crate::domain::names::{AppId, ClinicId, OperationName};
use crate::domain::reason::Reason;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::domain::trace_context::TraceId;
use crate::ops::components::kind::Kind;
use crate::ops::components::parts::Chip;
use crate::ops::components::shell::Frame;
use crate::ops::words;
use crate::ops::words::language::Language;
use crate::ops::words::times::Zone;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallsQuery {
    /// What a person read aloud.
    pub(crate) support_code: Option<SupportCode>,
    /// The app's own id.
    pub(crate) request_id: Option<RequestId>,
    /// The distributed trace.
    pub(crate) trace_id: Option<TraceId>,
    /// The clinic.
    pub(crate) clinic: Option<ClinicId>,
    /// The application.
    pub(crate) app: Option<AppId>,
    /// The operation.
    pub(crate) operation: Option<OperationName>,
    /// The workflow domain.
    pub(crate) domain: Option<WorkflowDomain>,
    /// Why it failed, roughly.
    pub(crate) category: Option<Category>,
    /// Why it failed.
    pub(crate) reason: Option<Reason>,
    /// How it ended.
    pub(crate) outcome: Option<Outcome>,
    /// Not before.
    pub(crate) from: Option<Timestamp>,
    /// Before.
    pub(crate) to: Option<Timestamp>,
    /// Where the page begins.
    pub(crate) after: Option<String>,
}

/// The longest cursor that is taken from an address.
const MAX_CURSOR: usize = 64;

/// A name without a letter is a number that somebody pasted: a patient's, more likely than a clinic's.
fn is_number(name: &str) -> bool {
    !name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// What a form sends in its field for a clinic: an id, or a name that was typed.
pub(super) fn typed_clinic(form: &str) -> String {
    let sent = form.split('&').find_map(|pair| pair.strip_prefix("clinic=")).unwrap_or_default();
    let sent = sent.replace('+', " ");
    percent_encoding::percent_decode_str(&sent).decode_utf8_lossy().into_owned()
}

impl CallsQuery {
    /// Reads the query part of an address. What cannot be read is left out. `zone` is the clock of
    /// times without an offset, as a form without script sends them.
    pub(crate) fn parse(
        query: &str,
        zone: impl Fn(Option<&ClinicId>) -> jiff::tz::TimeZone,
    ) -> Self {
        let mut found = Self::default();
        let mut times = (String::new(), String::new());
        for pair in query.split('&') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            let value = value.trim();
            match name {
                "support_code" => found.support_code = SupportCode::parse(value),
                "request_id" => found.request_id = RequestId::parse(value),
                // What could be a number that names a person stands in no address, and no event of now.
                "trace_id" => {
                    found.trace_id = TraceId::parse(value).filter(|id| id.has_letter());
                }
                "clinic" if !is_number(value) => found.clinic = ClinicId::parse(value).ok(),
                "app" if !is_number(value) => found.app = AppId::parse(value).ok(),
                "operation" if !is_number(value) => {
                    found.operation = OperationName::parse(value).ok();
                }
                "domain" => found.domain = WorkflowDomain::parse(value),
                "category" => found.category = Category::parse(value),
                "reason" => found.reason = Reason::parse(value),
                "outcome" => found.outcome = Outcome::parse(value),
                "from" => value.clone_into(&mut times.0),
                "to" => value.clone_into(&mut times.1),
                "after" => {
                    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
                    let fits = value.len() <= MAX_CURSOR && value.bytes().all(plain);
                    found.after = (fits && !value.is_empty()).then(|| value.to_owned());
                }
                _ => {}
            }
        }
        let zone = zone(found.clinic.as_ref());
        (found.from, found.to) = (time(&times.0, &zone), time(&times.1, &zone));
        found
    }

    /// The address.
    pub(crate) fn address(&self) -> String {
        let pairs: Vec<String> =
            self.pairs().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { "/calls".to_owned() } else { format!("/calls?{}", pairs.join("&")) }
    }

    /// Names and values in their one order. Every value is of letters that need no escaping.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = |name: &'static str, value: Option<String>| value.map(|value| (name, value));
        [
            text("support_code", self.support_code.map(|code| code.to_string())),
            text("request_id", self.request_id.as_ref().map(|id| id.as_str().to_owned())),
            text("trace_id", self.trace_id.map(|id| id.to_string())),
            text("clinic", self.clinic.as_ref().map(ToString::to_string)),
            text("app", self.app.as_ref().map(ToString::to_string)),
            text("operation", self.operation.as_ref().map(ToString::to_string)),
            text("domain", self.domain.map(|value| value.to_string())),
            text("category", self.category.map(|value| value.to_string())),
            text("reason", self.reason.map(|value| value.to_string())),
            text("outcome", self.outcome.map(|value| value.to_string())),
            text("from", self.from.map(minute)),
            text("to", self.to.map(minute)),
            text("after", self.after.clone()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The filters as chips, each of which removes itself.
    pub(crate) fn chips(&self, registry: &Registry, zone: &Zone, frame: &Frame) -> Vec<Chip> {
        let (language, now) = (frame.language(), frame.now);
        let first = || Self { after: None, ..self.clone() };
        let mut chips = Vec::new();
        macro_rules! chip {
            ($field:ident, $english:literal, $french:literal, $say:expr) => {
                if let Some(value) = &self.$field {
                    let without = Self { $field: None, ..first() }.address();
                    let name = language.of($english, $french);
                    chips.push(Chip { name, value: $say(value), without });
                }
            };
        }
        chip!(support_code, "Code", "Code", |code: &SupportCode| code.to_string());
        chip!(request_id, "Request id", "Requête", |id: &RequestId| id.as_str().to_owned());
        chip!(trace_id, "Trace id", "Trace", |id: &TraceId| id.to_string());
        chip!(clinic, "Clinic", "Clinique", |id: &ClinicId| registry
            .clinic(id)
            .map_or_else(|| id.to_string(), |clinic| clinic.name.clone()));
        chip!(app, "App", "Application", |id: &AppId| id.to_string());
        chip!(operation, "Task", "Tâche", |name: &OperationName| words::tasks::task(
            name.as_str(),
            language
        ));
        chip!(domain, "Area", "Domaine", |domain: &WorkflowDomain| words::tasks::domain(
            *domain, language
        )
        .to_owned());
        chip!(category, "Kind", "Type", |c: &Category| Kind::of_category(*c)
            .word(language)
            .to_owned());
        chip!(reason, "Reason", "Raison", |reason: &Reason| words::endings::short(
            *reason, language
        )
        .to_owned());
        chip!(outcome, "Result", "Résultat", |outcome: &Outcome| outcome_word(*outcome, language)
            .to_owned());
        chip!(from, "From", "Du", |at: &Timestamp| zone.when(*at, now));
        chip!(to, "Until", "Au", |at: &Timestamp| zone.when(*at, now));
        chips
    }

    /// Whether nothing is looked for.
    pub(crate) fn is_everything(&self) -> bool {
        Self { after: None, ..self.clone() } == Self::default()
    }
}

/// What an outcome is called.
pub(crate) const fn outcome_word(outcome: Outcome, language: Language) -> &'static str {
    match outcome {
        Outcome::Ok => language.of("Worked", "Réussi"),
        Outcome::Empty => language.of("Nothing found", "Rien trouvé"),
        Outcome::Failed => language.of("Failed", "Échec"),
        Outcome::Aborted => language.of("Given up", "Abandonné"),
    }
}

/// `2026-11-24T17:25Z`: minutes are precise enough and short.
fn minute(at: Timestamp) -> String {
    at.to_string().get(..16).map_or_else(String::new, |text| format!("{text}Z"))
}

fn time(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    if text.is_empty() {
        return None;
    }
    if let Some(utc) = text.strip_suffix('Z').filter(|utc| utc.len() == 16) {
        return Timestamp::parse(&format!("{utc}:00Z")).ok();
    }
    if let Ok(at) = Timestamp::parse(text) {
        return Some(at.floor_to(60));
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    let at = zone.to_timestamp(local).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()).floor_to(60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;

    fn parse(query: &str) -> CallsQuery {
        CallsQuery::parse(query, |_| jiff::tz::TimeZone::get("America/Vancouver").unwrap())
    }

    #[test]
    fn an_address_survives_being_read() {
        let address = "/calls?support_code=7KQ4-M2PX&trace_id=4bf92f3577b34da6a3ce929d0e0e4736\
             &clinic=harbour-view&operation=patient.read&domain=patients&category=auth\
             &reason=forbidden&outcome=failed&from=2026-11-24T17:25Z&to=2026-11-24T17:55Z&after=AQ-_";
        let query = parse(address.split_once('?').unwrap().1);
        assert_eq!(query.address(), address);
        assert!(!query.is_everything());
        assert_eq!(parse("").address(), "/calls");
    }

    #[test]
    fn a_name_that_was_typed_is_read_as_forms_send_it() {
        for (form, typed) in [
            ("", ""),
            ("outcome=failed", ""),
            ("clinic=&outcome=failed", ""),
            ("outcome=failed&clinic=harbour-view", "harbour-view"),
            ("clinic=Clinique+de+l%E2%80%99%C3%89rable", "Clinique de l’Érable"),
        ] {
            assert_eq!(typed_clinic(form), typed, "{form}");
        }
    }

    #[test]
    fn what_could_name_a_person_is_dropped() {
        for query in [
            "chart=8812",
            "patient=9123456780",
            "clinic=Zo%C3%AB%20Tremblay",
            "request_id=zoe-tremblay",
            "operation=Tremblay",
            "reason=9123456780",
            "after=9123456780%20Tremblay",
            "from=yesterday",
        ] {
            assert_eq!(parse(query), CallsQuery::default(), "{query}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_on_the_clinics_clock() {
        let query = parse("from=2026-11-24T10:25&to=2026-11-24T10:55:00-07:00");
        assert_eq!(query.address(), "/calls?from=2026-11-24T17:25Z&to=2026-11-24T17:55Z");
    }

    #[test]
    fn removing_a_chip_goes_back_to_the_first_page() {
        let query = parse("clinic=a&outcome=failed&after=AQ");
        let registry = Registry::default();
        let chips = query.chips(&registry, &Zone::utc(), &frame("/calls", Language::English));
        let without: Vec<&str> = chips.iter().map(|chip| chip.without.as_str()).collect();
        assert_eq!(without, ["/calls?outcome=failed", "/calls?clinic=a"]);
    }
}
