//! A question as a text, so that it can be asked again later.
//!
//! Owns that text. It holds references, codes and ids of calls; no identifier survives the reading of
//! a question, so none can stand here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::question::{About, Question};
use crate::domain::ids::{RequestId, SupportCode};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Kept {
    code: Option<String>,
    requests: Vec<String>,
    clinic: Option<String>,
    actors: Vec<String>,
    patients: Vec<String>,
    operation: Option<String>,
    at: Option<i64>,
    window_seconds: u64,
}

fn texts<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(T::to_string).collect()
}

impl Question {
    /// The question as a text. Where it named no time, it means the moment it is kept.
    #[must_use]
    pub fn to_text(&self, now: Timestamp) -> String {
        let mut kept = Kept { window_seconds: self.window.as_secs(), ..Kept::default() };
        match &self.about {
            About::Code(code) => kept.code = Some(code.to_string()),
            About::Request(ids) => {
                kept.requests = ids.iter().map(|id| id.as_str().to_owned()).collect();
            }
            About::Clinic { clinic, actors, patients, operation, at } => {
                kept.clinic = Some(clinic.to_string());
                kept.actors = texts(actors);
                kept.patients = texts(patients);
                kept.operation = operation.as_ref().map(ToString::to_string);
                kept.at = Some(at.unwrap_or(now).micros());
            }
        }
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// Reads such a text; `None` for anything else.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let references = |all: &[String]| -> Option<Vec<Reference>> {
            all.iter().map(|text| Reference::parse(text)).collect()
        };
        let about = if let Some(code) = &kept.code {
            About::Code(SupportCode::parse_written(code)?)
        } else if let Some(clinic) = &kept.clinic {
            About::Clinic {
                clinic: ClinicId::parse(clinic).ok()?,
                actors: references(&kept.actors)?,
                patients: references(&kept.patients)?,
                operation: match &kept.operation {
                    Some(name) => Some(OperationName::parse(name).ok()?),
                    None => None,
                },
                at: kept.at.map(Timestamp::from_micros),
            }
        } else {
            let ids: Option<Vec<_>> = kept.requests.iter().map(|id| RequestId::parse(id)).collect();
            About::Request(ids.filter(|ids| !ids.is_empty())?)
        };
        Some(Self { about, window: Duration::from_secs(kept.window_seconds) })
    }

    /// The reference of the patient that was named.
    #[must_use]
    pub fn patient(&self) -> Option<&Reference> {
        match &self.about {
            About::Clinic { patients, .. } => patients.first(),
            _ => None,
        }
    }

    /// The reference of the person that was named.
    #[must_use]
    pub fn actor(&self) -> Option<&Reference> {
        match &self.about {
            About::Clinic { actors, .. } => actors.first(),
            _ => None,
        }
    }

    /// How far the question reaches into time; `None` where a call says when it was.
    #[must_use]
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.about {
            About::Clinic { at, .. } => Some(at.unwrap_or(now).plus(self.window)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;
    use crate::domain::reference::ReferenceKind;

    #[test]
    fn a_question_can_be_asked_again_from_its_text() {
        let now = Timestamp::from_seconds(1_764_000_000);
        let window = Duration::from_mins(30);
        let of = |kind| Reference::new(kind, KeyId::parse("k1").unwrap(), [7; 17]);
        let place = About::Clinic {
            clinic: ClinicId::parse("lakeshore").unwrap(),
            actors: vec![of(ReferenceKind::Actor)],
            patients: vec![of(ReferenceKind::Patient)],
            operation: Some(OperationName::parse("patient.read").unwrap()),
            at: Some(now),
        };
        let id = RequestId::parse("01939f6e-5a2b-7c3d-8e4f-0123456789ab").unwrap();
        for about in [place, About::Code(SupportCode::from_bits(77)), About::Request(vec![id])] {
            let question = Question { about, window };
            assert_eq!(Question::of_text(&question.to_text(now)), Some(question));
        }
        for text in ["", "{}", "{\"code\":\"x\"}", "{\"clinic\":\"a\",\"patients\":[\"9\"]}"] {
            assert_eq!(Question::of_text(text), None, "{text}");
        }
    }
}
