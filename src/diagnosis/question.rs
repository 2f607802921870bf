//! What may be asked, and what is wrong with a question.
//!
//! Owns the reading of a question: identifiers become references and are wiped. What is said about a
//! bad one repeats nothing of it.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use utoipa::ToSchema;
use zeroize::Zeroize;

use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{RequestId, SupportCode};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::keys::{Keyring, recorded_requests};

/// A question as it is asked: a code or id of a call, or a clinic and what else is known.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DiagnosisRequest)]
pub struct Asked {
    /// The code that a person read aloud, such as 7KQ4-M2PX.
    pub support_code: Option<String>,
    /// The `X-Request-Id` that the app sent or got back.
    pub request_id: Option<String>,
    /// The clinic's id.
    pub clinic: Option<String>,
    /// The patient's number in Accuro, as the app sends it.
    #[schema(max_length = 512)]
    #[serde(default, deserialize_with = "text_or_number")]
    pub patient: Option<String>,
    /// The person's identifier in the app.
    #[schema(max_length = 512)]
    #[serde(default, deserialize_with = "text_or_number")]
    pub actor: Option<String>,
    /// The operation, such as `patient.read`.
    pub operation: Option<String>,
    /// About when it was (RFC 3339); now, where it is absent.
    pub at: Option<String>,
    /// How far before and after that, such as `2h`.
    pub window: Option<String>,
}

impl Asked {
    /// The names of the fields.
    pub(crate) const FIELDS: [&'static str; 8] =
        ["support_code", "request_id", "clinic", "patient", "actor", "operation", "at", "window"];
}

impl Drop for Asked {
    fn drop(&mut self) {
        for text in [&mut self.patient, &mut self.actor, &mut self.request_id] {
            text.zeroize();
        }
    }
}

/// Reads an identifier. Accuro's own answers have patients' numbers as numbers of JSON.
fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    struct Identifier;

    impl de::Visitor<'_> for Identifier {
        type Value = Option<String>;

        fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            to.write_str("a text or a whole number")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
            Ok(Some(text))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    from.deserialize_any(Identifier)
}

/// A question that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub(super) about: About,
    pub(super) window: Duration,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The call with this code.
    Code(SupportCode),
    /// The calls with one of these ids.
    Request(Vec<RequestId>),
    /// Somebody or something at a clinic.
    Clinic {
        clinic: ClinicId,
        actors: Vec<Reference>,
        patients: Vec<Reference>,
        operation: Option<OperationName>,
        /// `None`: now.
        at: Option<Timestamp>,
    },
}

/// What is wrong with a question. It never repeats the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct QuestionError {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it, or missing.
    pub problem: &'static str,
    /// Whether the fault is that this process has no keys.
    pub is_ours: bool,
}

const fn wrong(field: &'static str, problem: &'static str) -> QuestionError {
    QuestionError { field, problem, is_ours: false }
}

/// The window of a question that names none.
const WINDOW: Duration = Duration::from_hours(2);
/// The widest window.
const WIDEST: Duration = Duration::from_hours(31 * 24);
/// The longest identifier, in bytes.
const MAX_IDENTIFIER: usize = 512;
const NO_OPERATION: &str = "not an operation of the catalogue, such as patient.read";

impl Question {
    /// Reads a question. Identifiers become references under every key.
    ///
    /// # Errors
    ///
    /// [`QuestionError`], naming the field and what it should be.
    pub fn read(asked: &Asked, keys: Option<&Keyring>) -> Result<Self, QuestionError> {
        let window = match &asked.window {
            None => WINDOW,
            Some(text) => window(text)?,
        };
        let about = match (&asked.support_code, &asked.request_id) {
            (Some(_), Some(_)) => {
                return Err(wrong(
                    "request_id",
                    "ask by support_code or by request_id, not by both",
                ));
            }
            (Some(code), None) => {
                alone(asked)?;
                let code = SupportCode::parse(code);
                let problem = "not a support code: eight letters and digits such as 7KQ4-M2PX";
                About::Code(code.ok_or(wrong("support_code", problem))?)
            }
            (None, Some(id)) => {
                alone(asked)?;
                About::Request(request_ids(id, keys)?)
            }
            (None, None) => place(asked, keys)?,
        };
        Ok(Self { about, window })
    }

    /// Refuses an operation that the catalogue does not name: no call could be of it, so that none is found
    /// would say nothing.
    ///
    /// # Errors
    ///
    /// [`QuestionError`], naming the field.
    pub fn is_of(&self, catalogue: &Catalogue) -> Result<(), QuestionError> {
        match &self.about {
            About::Clinic { operation: Some(name), .. } if !catalogue.names(name) => {
                Err(wrong("operation", NO_OPERATION))
            }
            _ => Ok(()),
        }
    }

    /// Asks about a whole clinic at a time: no ticket, but what is the matter there.
    #[must_use]
    pub fn of_clinic(clinic: ClinicId, at: Timestamp) -> Self {
        let (actors, patients) = (Vec::new(), Vec::new());
        let about = About::Clinic { clinic, actors, patients, operation: None, at: Some(at) };
        Self { about, window: WINDOW }
    }

    /// The clinic that was named.
    #[must_use]
    pub fn clinic(&self) -> Option<&ClinicId> {
        match &self.about {
            About::Clinic { clinic, .. } => Some(clinic),
            _ => None,
        }
    }

    /// Whether it asks by a call's code or id.
    #[must_use]
    pub fn names_a_call(&self) -> bool {
        !matches!(self.about, About::Clinic { .. })
    }
}

/// A call says by itself whose it is.
fn alone(asked: &Asked) -> Result<(), QuestionError> {
    for (field, given) in [
        ("clinic", asked.clinic.is_some()),
        ("patient", asked.patient.is_some()),
        ("actor", asked.actor.is_some()),
        ("operation", asked.operation.is_some()),
        ("at", asked.at.is_some()),
    ] {
        if given {
            return Err(wrong(field, "not together with the code or id of a call"));
        }
    }
    Ok(())
}

fn request_ids(text: &str, keys: Option<&Keyring>) -> Result<Vec<RequestId>, QuestionError> {
    if !matches!(text.len(), 1..=MAX_IDENTIFIER) || text.chars().any(char::is_control) {
        return Err(wrong("request_id", "not a request id"));
    }
    recorded_requests(keys, text).ok_or(no_keys("request_id"))
}

const fn no_keys(field: &'static str) -> QuestionError {
    let problem = "this process does not have the installation's keys to look it up with";
    QuestionError { field, problem, is_ours: true }
}

fn place(asked: &Asked, keys: Option<&Keyring>) -> Result<About, QuestionError> {
    let clinic = asked.clinic.as_deref().ok_or(wrong(
        "clinic",
        "missing: ask by support_code, by request_id, or by clinic and what else is known",
    ))?;
    let clinic = ClinicId::parse(clinic).map_err(|_| wrong("clinic", "not a clinic id"))?;
    let patients = match asked.patient.as_deref() {
        None => Vec::new(),
        Some(text) => references(ReferenceKind::Patient, &clinic, text, keys)?,
    };
    let actors = match asked.actor.as_deref() {
        None => Vec::new(),
        Some(text) => references(ReferenceKind::Actor, &clinic, text, keys)?,
    };
    let operation = asked.operation.as_deref().map(OperationName::parse).transpose();
    let operation = operation.map_err(|_| wrong("operation", NO_OPERATION))?;
    let at = asked.at.as_deref().map(Timestamp::parse).transpose();
    let at = at.map_err(|_| wrong("at", "not an RFC 3339 time such as 2026-11-24T17:12:05Z"))?;
    Ok(About::Clinic { clinic, actors, patients, operation, at })
}

/// The references of an identifier: with the clinic, and as they are made where the clinic was not
/// known.
fn references(
    kind: ReferenceKind,
    clinic: &ClinicId,
    text: &str,
    keys: Option<&Keyring>,
) -> Result<Vec<Reference>, QuestionError> {
    let field = kind.as_str();
    let text = text.trim();
    if let Some(reference) = Reference::parse(text).filter(|reference| reference.kind() == kind) {
        return Ok(vec![reference]);
    }
    let plain = matches!(text.len(), 1..=MAX_IDENTIFIER) && !text.chars().any(char::is_control);
    if kind == ReferenceKind::Patient {
        // A name would find nothing, and is no business of ours.
        let number = text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b));
        if !plain || !number {
            return Err(wrong(field, "not a patient number; give the one that Accuro shows"));
        }
    } else if !plain {
        return Err(wrong(field, "not an identifier of 1 to 512 bytes"));
    }
    let keys = keys.ok_or(no_keys(field))?;
    let mut found = keys.references(kind, Some(clinic), text.as_bytes());
    found.append(&mut keys.references(kind, None, text.as_bytes()));
    Ok(found)
}

/// Reads `2h`: a whole number and `s`, `m`, `h` or `d`.
fn window(text: &str) -> Result<Duration, QuestionError> {
    const PROBLEM: &str =
        "not a length of time such as 2h (s, m, h or d), more than 0 and at most 31d";
    let read = || {
        let (number, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        let seconds = match unit {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        let length = number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)?;
        (!length.is_zero() && length <= WIDEST).then_some(length)
    };
    read().ok_or(wrong("window", PROBLEM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;

    fn keys() -> Keyring {
        Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32])
    }

    fn asked(json: &str) -> Asked {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn says_what_is_wrong_and_repeats_nothing() {
        for (json, field) in [
            ("{}", "clinic"),
            (r#"{"clinic": "Maple Ridge"}"#, "clinic"),
            (r#"{"support_code": "TREMBLAY-ZOE"}"#, "support_code"),
            (r#"{"support_code": "7KQ4-M2P"}"#, "support_code"),
            (r#"{"support_code": "7KQ4-M2PX", "clinic": "maple-ridge"}"#, "clinic"),
            (r#"{"support_code": "7KQ4-M2PX", "request_id": "x"}"#, "request_id"),
            (r#"{"clinic": "maple-ridge", "patient": "Tremblay, Zoé"}"#, "patient"),
            (r#"{"clinic": "maple-ridge", "patient": ""}"#, "patient"),
            (r#"{"clinic": "maple-ridge", "actor": ""}"#, "actor"),
            (r#"{"clinic": "maple-ridge", "window": "0h"}"#, "window"),
            (r#"{"clinic": "maple-ridge", "window": "-2h"}"#, "window"),
            (r#"{"clinic": "maple-ridge", "window": "90d"}"#, "window"),
            (r#"{"clinic": "maple-ridge", "at": "yesterday"}"#, "at"),
            (r#"{"clinic": "maple-ridge", "operation": "open chart"}"#, "operation"),
        ] {
            let error = Question::read(&asked(json), Some(&keys())).unwrap_err();
            assert_eq!(error.field, field, "{json}");
            assert!(!error.to_string().contains("emblay"), "{error}");
        }
    }

    #[test]
    fn an_operation_is_one_of_the_catalogue_and_its_overlay() {
        const OWN: &str = "operation,method,path,context,domain,mutation,list,cacheable\n\
                           xray.list,GET,/rest/v3/x-rays,provider,clinical,no,yes,no\n";
        let embedded = Catalogue::embedded().unwrap();
        let overlaid = Catalogue::with_overlay(OWN).unwrap();
        for (operation, of_embedded, of_overlaid) in [
            ("patient.read", true, true),
            ("auth.token", true, true),
            ("unknown", true, true),
            ("xray.list", false, true),
            ("patient.raed", false, false),
        ] {
            let json = format!(r#"{{"clinic": "maple-ridge", "operation": "{operation}"}}"#);
            let question = Question::read(&asked(&json), None).unwrap();
            for (catalogue, known) in [(&embedded, of_embedded), (&overlaid, of_overlaid)] {
                let read = question.is_of(catalogue);
                assert_eq!(read.is_ok(), known, "{operation}");
                if let Err(error) = read {
                    assert_eq!((error.field, error.is_ours), ("operation", false));
                    assert!(!error.to_string().contains(operation));
                }
            }
        }
    }

    #[test]
    fn an_identifier_and_its_reference_ask_the_same() {
        let clinic = ClinicId::parse("maple-ridge").unwrap();
        let reference = keys().reference(ReferenceKind::Patient, Some(&clinic), b"8812");
        let by_number = asked(r#"{"clinic": "maple-ridge", "patient": " 8812 "}"#);
        let About::Clinic { patients, .. } =
            Question::read(&by_number, Some(&keys())).unwrap().about
        else {
            panic!()
        };
        assert!(patients.contains(&reference));
        let by_reference =
            asked(&format!(r#"{{"clinic": "maple-ridge", "patient": "{reference}"}}"#));
        assert!(Question::read(&by_reference, None).is_ok(), "a reference needs no key");
        let as_number = asked(r#"{"clinic": "maple-ridge", "patient": 8812, "actor": null}"#);
        assert_eq!(
            Question::read(&as_number, Some(&keys())).unwrap(),
            Question::read(&by_number, Some(&keys())).unwrap()
        );
        for other in ["-8812", "88.12", "true", "[8812]", "1e400"] {
            let json = format!(r#"{{"clinic": "maple-ridge", "patient": {other}}}"#);
            assert!(serde_json::from_str::<Asked>(&json).is_err(), "{other}");
        }
        assert!(Question::read(&by_number, None).unwrap_err().is_ours);
    }
}
