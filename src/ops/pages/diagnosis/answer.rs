//! A kept answer, read back.
//!
//! Owns the reading of the JSON that the diagnosis wrote. Fields that an older version did not write
//! are empty.

use serde::Deserialize;

use crate::domain::cause::{Cause, Persistence};
use crate::domain::labels::Category;
use crate::domain::time::Timestamp;
use crate::ops::components::kind::Kind;

/// What the page shows of an answer. The fields are those of the API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    pub(crate) cause: String,
    pub(crate) category: Option<String>,
    pub(crate) persistence: String,
    pub(crate) confidence: f64,
    pub(crate) since: Option<String>,
    pub(crate) worked_until: Option<String>,
    pub(crate) works_again: Option<String>,
    pub(crate) affected: Affected,
    pub(crate) checks: Vec<Check>,
    pub(crate) checks_without_calls: Vec<String>,
    pub(crate) ruled_out_reasons: Vec<RuledOut>,
    pub(crate) alternatives: Vec<Alternative>,
    pub(crate) advice: Advice,
    pub(crate) exchanges: Vec<String>,
    pub(crate) as_of: Option<String>,
    pub(crate) incident: Option<i64>,
}

/// How many were touched.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Affected {
    pub(crate) clinics: u64,
    pub(crate) actors: u64,
    pub(crate) patients: u64,
    pub(crate) calls: u64,
}

/// A comparison.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Check {
    #[serde(rename = "check")]
    pub(crate) name: String,
    pub(crate) worked: u64,
    pub(crate) empty: u64,
    pub(crate) failed: u64,
    pub(crate) supports: bool,
    pub(crate) tells: String,
}

/// A cause that is ruled out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RuledOut {
    pub(crate) cause: String,
    pub(crate) reason: String,
}

/// A cause that remains.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Alternative {
    pub(crate) cause: String,
    pub(crate) confidence: f64,
}

/// Steps and messages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Advice {
    pub(crate) steps: Vec<String>,
    pub(crate) message_for_admin: String,
    pub(crate) message_for_user: String,
    pub(crate) fr: French,
}

/// The same in French.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct French {
    pub(crate) steps: Vec<String>,
    pub(crate) message_for_admin: String,
    pub(crate) message_for_user: String,
}

/// Reads a time of the answer.
pub(crate) fn time(text: Option<&String>) -> Option<Timestamp> {
    Timestamp::parse(text?).ok()
}

impl Answer {
    /// The cause.
    pub(crate) fn cause(&self) -> Cause {
        Cause::parse(&self.cause).unwrap_or(Cause::Unknown)
    }

    /// Whether the trouble was over.
    pub(crate) fn is_over(&self) -> bool {
        Persistence::parse(&self.persistence) == Some(Persistence::Recovered)
    }

    /// Whether it comes and goes.
    pub(crate) fn takes_turns(&self) -> bool {
        Persistence::parse(&self.persistence) == Some(Persistence::Intermittent)
    }

    /// The kind of the trouble.
    pub(crate) fn kind(&self) -> Kind {
        match self.category.as_deref().and_then(Category::parse) {
            Some(category) => Kind::of_category(category),
            None if self.cause() == Cause::Delivered => Kind::Ok,
            None => Kind::GivenUp,
        }
    }
}
