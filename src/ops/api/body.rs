//! Bodies that hold identifiers.
//!
//! Owns reading and wiping them, and what is said of a bad one: the name of a field of ours, and nothing of the body.

use std::collections::HashMap;
use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroize;

use super::problem::Problem;

/// Reads a body that holds identifiers, and wipes its bytes. `what` is what the object is of; `texts` are its fields, if
/// all of them are texts.
pub(super) fn body_of<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    what: &str,
    texts: &[&'static str],
) -> Result<T, Problem> {
    let is_json =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
            value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON)
        });
    if !is_json {
        let detail = "Send the body as application/json.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let too_long = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too long.");
    let body = body.map_err(|_| too_long())?;
    let asked = serde_json::from_slice::<T>(&body).map_err(|_| {
        problem_of(&body, texts).unwrap_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST, format!("The body is no JSON object of {what}."))
        })
    });
    // Where nobody else holds them, the bytes can be wiped.
    if let Ok(mut bytes) = body.try_into_mut() {
        bytes.as_mut().zeroize();
    }
    asked
}

const JSON: &str = "application/json";

/// Which field is wrong: one that nobody knows, or one that is no text.
fn problem_of(body: &[u8], texts: &[&'static str]) -> Option<Problem> {
    let given: HashMap<String, IsText> = serde_json::from_slice(body).ok()?;
    if texts.is_empty() {
        return None;
    }
    if given.keys().any(|name| !texts.contains(&name.as_str())) {
        let detail = format!("One of the fields is not known. There are: {}.", texts.join(", "));
        return Some(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let wrong = texts.iter().find(|name| given.get(**name).is_some_and(|is_text| !is_text.0))?;
    Some(Problem::field(wrong, "not a text, in quotes"))
}

/// Whether a value is a text or null; the value itself is passed over.
struct IsText(bool);

impl<'de> Deserialize<'de> for IsText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Kind)
    }
}

struct Kind;

impl<'de> Visitor<'de> for Kind {
    type Value = IsText;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_str<E>(self, _: &str) -> Result<IsText, E> {
        Ok(IsText(true))
    }

    fn visit_unit<E>(self) -> Result<IsText, E> {
        Ok(IsText(true))
    }

    fn visit_bool<E>(self, _: bool) -> Result<IsText, E> {
        Ok(IsText(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<IsText, E> {
        Ok(IsText(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<IsText, E> {
        Ok(IsText(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<IsText, E> {
        Ok(IsText(false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<IsText, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(IsText(false))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<IsText, A::Error> {
        while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(IsText(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_named_and_nothing_is_repeated() {
        let texts = ["patient", "window"];
        for (body, told) in [
            (
                r#"{"patiant": "Tremblay"}"#,
                Some("One of the fields is not known. There are: patient, window."),
            ),
            (
                r#"{"tremblay": 1, "patient": "1"}"#,
                Some("One of the fields is not known. There are: patient, window."),
            ),
            (r#"{"window": 120}"#, Some("window: not a text, in quotes")),
            (
                r#"{"patient": ["Tremblay"], "window": null}"#,
                Some("patient: not a text, in quotes"),
            ),
            (r#"{"patient": {"a": "Tremblay"}}"#, Some("patient: not a text, in quotes")),
            (r#"{"patient": true}"#, Some("patient: not a text, in quotes")),
            (r#"{"patient": -1.5}"#, Some("patient: not a text, in quotes")),
            (r#"{"patient": "1"}"#, None),
            ("Tremblay", None),
            ("[1]", None),
        ] {
            let said = problem_of(body.as_bytes(), &texts)
                .map(|problem| serde_json::to_value(problem).unwrap());
            let detail = said.as_ref().and_then(|said| said["detail"].as_str());
            assert_eq!(detail, told, "{body}");
        }
        assert!(problem_of(br#"{"other": 1}"#, &[]).is_none());
    }
}
