//! What an event that comes from outside may say.
//!
//! Owns the rule for `import`: an event of our own journal holds only words that the catalogue chose,
//! and a file from elsewhere may hold anything of the same alphabet, a person's name or a health
//! number included. Words nobody knows are taken out; what stands for a clinic or an application
//! must not be a number. Does not read lines; see [`crate::domain::event::json`].

use std::sync::Arc;

use super::Catalogue;
use crate::domain::event::Exchange;
use crate::domain::names::{ApiVersion, AppId, ClinicId, OperationName, RouteTemplate, ScopeName};
use crate::domain::registry::Registry;

/// Digits in a row from which a name could be a date of birth, a phone number or a health number.
const NUMBER_DIGITS: usize = 6;
/// The same for an instance: its id is drawn at random, and may have some digits in a row.
const INSTANCE_NUMBER_DIGITS: usize = 9;

/// Why an event from outside is refused. It never repeats the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: so many digits in a row could be somebody's number")]
pub struct ForeignEvent {
    /// The field.
    pub field: &'static str,
}

impl Catalogue {
    /// Makes an event from outside fit to be kept: its operation, path template and scopes keep only
    /// words that this catalogue knows. Says whether something was taken out.
    ///
    /// # Errors
    ///
    /// [`ForeignEvent`] names the field that could hold a person's number.
    pub fn make_fit(
        &self,
        event: &mut Exchange,
        registry: &Registry,
    ) -> Result<bool, ForeignEvent> {
        let clinic = event.clinic.as_ref().filter(|id| registry.clinic(id).is_none());
        let app = event.app.as_ref().filter(|id| !registry.apps().iter().any(|app| &app.id == *id));
        for (field, text, digits) in [
            ("clinic", clinic.map(ClinicId::as_str), NUMBER_DIGITS),
            ("app", app.map(AppId::as_str), NUMBER_DIGITS),
            ("instance", Some(event.instance.as_str()), INSTANCE_NUMBER_DIGITS),
        ] {
            if text.is_some_and(|text| has_digits_in_a_row(text, digits)) {
                return Err(ForeignEvent { field });
            }
        }
        let mut fitted = false;
        if !self.knows_operation(&event.operation) {
            event.operation = self.unknown.clone();
            fitted = true;
        }
        if let Some(route) = self.known_part(&event.route) {
            event.route = route;
            fitted = true;
        }
        let known: Vec<ScopeName> =
            event.scopes.iter().filter_map(|scope| self.scopes.known(scope.as_str())).collect();
        if known.len() < event.scopes.len() {
            event.scopes = Arc::from(known);
            fitted = true;
        }
        Ok(fitted)
    }

    /// Whether an operation is one of the catalogue's, or made of its words: of a newer catalogue.
    fn knows_operation(&self, operation: &OperationName) -> bool {
        operation == &self.unknown
            || self.endpoints.iter().any(|endpoint| &endpoint.operation == operation)
            || self.scopes.known(operation.as_str()).is_some()
    }

    /// The template without the words nobody knows; `None` where it has none.
    fn known_part(&self, route: &RouteTemplate) -> Option<RouteTemplate> {
        let text = route.as_str();
        if self.endpoints.iter().any(|endpoint| &endpoint.route == route) {
            return None;
        }
        if !text.starts_with('/') {
            return Some(self.nowhere.clone());
        }
        let shown: Vec<&str> =
            text.split('/').map(|s| if self.knows_segment(s) { s } else { "{}" }).collect();
        let shown = shown.join("/");
        (shown != text)
            .then(|| RouteTemplate::parse(&shown).unwrap_or_else(|_| self.nowhere.clone()))
    }

    fn knows_segment(&self, segment: &str) -> bool {
        segment.is_empty()
            || segment == "{}"
            || ApiVersion::parse(segment).is_some()
            || self.vocabulary.contains(segment)
            || self.parameters.contains(segment)
    }
}

/// Whether so many digits stand in a row; hyphens between them do not part them.
fn has_digits_in_a_row(text: &str, digits: usize) -> bool {
    text.split(|c: char| !c.is_ascii_digit() && c != '-')
        .any(|run| run.bytes().filter(u8::is_ascii_digit).count() >= digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::json;

    fn event(from: &str, to: &str) -> Exchange {
        const LINE: &str = r#"{"v":1,"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05.123456Z","env":"sandbox","clinic":"elsewhere","app":null,"context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","mutation":false,"status":200,"outcome":"ok","scopes":["user/patients.read"],"instance":"i-1"}"#;
        assert!(LINE.contains(from));
        json::read_line(LINE.replace(from, to).as_bytes()).unwrap()
    }

    #[test]
    fn words_that_nobody_knows_are_taken_out() {
        let catalogue = Catalogue::embedded().unwrap();
        let registry = Registry::default();
        for (from, to, operation, route, scopes) in [
            (
                "patient.read",
                "patient.read",
                "patient.read",
                "/rest/v1/provider-portal/patients/{patientId}",
                1,
            ),
            (
                "patient.read",
                "zoe.tremblay",
                "unknown",
                "/rest/v1/provider-portal/patients/{patientId}",
                1,
            ),
            (
                "patients/{patientId}",
                "patients/ZoeTremblay",
                "patient.read",
                "/rest/v1/provider-portal/patients/{}",
                1,
            ),
            (
                "patients/{patientId}",
                "patients/{ZoeTremblay}",
                "patient.read",
                "/rest/v1/provider-portal/patients/{}",
                1,
            ),
            (
                "/rest/v1/provider-portal/patients/{patientId}",
                "tremblay-zoe",
                "patient.read",
                "/{}",
                1,
            ),
            (
                "user/patients.read",
                "zoe/tremblay.read",
                "patient.read",
                "/rest/v1/provider-portal/patients/{patientId}",
                0,
            ),
        ] {
            let mut event = event(from, to);
            let fitted = catalogue.make_fit(&mut event, &registry);
            assert_eq!(fitted, Ok(from != to), "{to}");
            assert_eq!(event.operation.as_str(), operation, "{to}");
            assert_eq!(event.route.as_str(), route, "{to}");
            assert_eq!(event.scopes.len(), scopes, "{to}");
        }
    }

    #[test]
    fn a_number_is_no_clinic_app_or_instance() {
        let catalogue = Catalogue::embedded().unwrap();
        for (from, to, field) in [
            (r#""elsewhere""#, r#""9123456780""#, "clinic"),
            (r#""elsewhere""#, r#""c-9123-456-780""#, "clinic"),
            (r#""app":null"#, r#""app":"19840523""#, "app"),
            (r#""i-1""#, r#""9123456780""#, "instance"),
        ] {
            let refused = catalogue.make_fit(&mut event(from, to), &Registry::default());
            assert_eq!(refused, Err(ForeignEvent { field }), "{to}");
        }
    }

    #[test]
    fn every_endpoint_of_the_catalogue_passes_unchanged() {
        let catalogue = Catalogue::embedded().unwrap();
        for endpoint in catalogue.endpoints() {
            let mut event = event("elsewhere", "elsewhere");
            event.operation = endpoint.operation.clone();
            event.route = endpoint.route.clone();
            let fitted = catalogue.make_fit(&mut event, &Registry::default());
            assert_eq!(fitted, Ok(false), "{}", endpoint.operation);
        }
    }
}
