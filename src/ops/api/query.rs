//! The query of `GET /api/v1/exchanges`: its parameters, read and described by one table.
//!
//! Owns the table. A parameter that is not in it is an error that names the nearest one that is,
//! and never what was sent.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};

use super::problem::Problem;
use super::vocabulary;
use crate::domain::ids::SupportCode;
use crate::domain::labels::{Category, Context, Outcome, WorkflowDomain};
use crate::domain::names::{AppId, ClinicId, OperationName};
use crate::domain::reason::Reason;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::domain::trace_context::TraceId;
use crate::keys::{Keyring, recorded_requests, recorded_traces};
use crate::store::{Cursor, ExchangeFilter, MAX_PAGE};

/// Events of a page, unless the query says otherwise.
const PAGE: u32 = 100;
/// Most references of one kind: one for each key that was ever in use, with room.
const MOST_REFERENCES: usize = 20;
/// From this likeness on a name is suggested (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.75;

/// What was asked for.
#[derive(Debug, Default)]
pub(super) struct ExchangeQuery {
    pub(super) filter: ExchangeFilter,
    pub(super) cursor: Option<Cursor>,
    pub(super) limit: u32,
    request_id: Option<String>,
    trace_id: Option<TraceId>,
}

/// One parameter.
struct Known {
    name: &'static str,
    tells: &'static str,
    schema: fn() -> Object,
    expected: &'static str,
    read: fn(&mut ExchangeQuery, &str) -> Option<()>,
}

fn text() -> Object {
    Object::with_type(Type::String)
}

fn date_time() -> Object {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build()
}

/// Declares the table: name, expected, schema, what it tells, how it is read.
macro_rules! parameters {
    ($($name:expr, $expected:expr, $schema:expr, $tells:literal,
        |$query:ident, $text:ident| $read:expr;)+) => {
        &[$(Known {
            name: $name,
            tells: $tells,
            schema: $schema,
            expected: $expected,
            read: |$query, $text| { $read; Some(()) },
        },)+]
    };
}

#[rustfmt::skip]
const PARAMETERS: &[Known] = parameters! {
    "support_code", "a support code such as 7KQ4-M2PX", text, "The code that a person read aloud.",
        |query, text| query.filter.support_code = Some(SupportCode::parse(text)?);
    "request_id", "a request id", text, "The `X-Request-Id` that the app sent or got back.",
        |query, text| query.request_id = Some((!text.is_empty()).then(|| text.to_owned())?);
    "trace_id", "32 hexadecimal digits", text, "The distributed trace.",
        |query, text| query.trace_id = Some(TraceId::parse(&text.to_ascii_lowercase())?);
    "clinic", "a clinic id", text, "The clinic.",
        |query, text| query.filter.clinic = Some(ClinicId::parse(text).ok()?);
    "app", "an app id", text, "The calling application.",
        |query, text| query.filter.app = Some(AppId::parse(text).ok()?);
    "operation", "an operation such as patient.read", text, "The operation of the catalogue.",
        |query, text| query.filter.operation = Some(OperationName::parse(text).ok()?);
    "domain", WorkflowDomain::WHAT, vocabulary::domain, "The workflow domain.",
        |query, text| query.filter.domain = Some(WorkflowDomain::parse(text)?);
    "context", Context::WHAT, vocabulary::context, "Under whose authority.",
        |query, text| query.filter.context = Some(Context::parse(text)?);
    "category", Category::WHAT, vocabulary::category_filter, "Whose move it is.",
        |query, text| query.filter.category = Some(Category::parse(text)?);
    "reason", Reason::WHAT, vocabulary::reason_filter, "Why it failed.",
        |query, text| query.filter.reason = Some(Reason::parse(text)?);
    "outcome", Outcome::WHAT, vocabulary::outcome, "How it ended.",
        |query, text| query.filter.outcome = Some(Outcome::parse(text)?);
    "mutation", "true or false", || Object::with_type(Type::Boolean),
        "Whether it could change the chart.",
        |query, text| query.filter.mutation = Some(text.parse().ok()?);
    ACTOR, "a reference such as ac_k1_…", text,
        "Who; may be given several times, once for each key.",
        |query, text| query.filter.actor_refs.push(reference(ReferenceKind::Actor, text)?);
    PATIENT, "a reference such as pt_k1_…", text,
        "Which patient; may be given several times, once for each key.",
        |query, text| query.filter.patient_refs.push(reference(ReferenceKind::Patient, text)?);
    TOKEN, "a reference such as tk_k1_…", text,
        "Which token; may be given several times, once for each key.",
        |query, text| query.filter.token_refs.push(reference(ReferenceKind::Token, text)?);
    "from", "an RFC 3339 time", date_time, "Not before this time.",
        |query, text| query.filter.from = Some(Timestamp::parse(text).ok()?);
    "to", "an RFC 3339 time", date_time, "Before this time.",
        |query, text| query.filter.to = Some(Timestamp::parse(text).ok()?);
    "limit", "a number from 1 to 500", || Object::with_type(Type::Integer),
        "Most calls of the page, 1 to 500; 100 unless given.",
        |query, text| query.limit = limit(text)?;
    "cursor", "a cursor: pass on what next held, unchanged", text,
        "Where the page begins: what `next` of the page before held.",
        |query, text| query.cursor = Some(Cursor::parse(text).ok()?);
};

const ACTOR: &str = "actor_ref";
const PATIENT: &str = "patient_ref";
const TOKEN: &str = "token_ref";

fn reference(kind: ReferenceKind, text: &str) -> Option<Reference> {
    Reference::parse(text).filter(|reference| reference.kind() == kind)
}

fn limit(text: &str) -> Option<u32> {
    text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit))
}

impl ExchangeQuery {
    /// Reads the query of an address. With the keys, ids are also looked for under what stands for one
    /// that could name a person.
    pub(super) fn read(uri: &Uri, keys: Option<&Keyring>) -> Result<Self, Problem> {
        let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(uri).map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "The query is no list of name=value pairs.")
        })?;
        let mut query = Self { limit: PAGE, ..Self::default() };
        let mut seen = BTreeSet::new();
        for (name, value) in &pairs.0 {
            let known = PARAMETERS.iter().find(|known| known.name == name);
            let known = known.ok_or_else(|| unknown(name))?;
            let repeats = [ACTOR, PATIENT, TOKEN].contains(&known.name);
            if !seen.insert(known.name) && !repeats {
                return Err(Problem::parameter(known.name, "to be given twice"));
            }
            let read = (known.read)(&mut query, value);
            read.ok_or_else(|| Problem::parameter(known.name, known.expected))?;
        }
        for (name, references) in [
            (ACTOR, &query.filter.actor_refs),
            (PATIENT, &query.filter.patient_refs),
            (TOKEN, &query.filter.token_refs),
        ] {
            if references.len() > MOST_REFERENCES {
                return Err(Problem::parameter(name, "to be given more than 20 times"));
            }
        }
        let turned = |from: Timestamp| query.filter.to.is_some_and(|to| to < from);
        if query.filter.from.is_some_and(turned) {
            return Err(Problem::field("to", "before from"));
        }
        if let Some(text) = query.request_id.take() {
            let no_keys = || {
                let detail = "An id of this form is looked up with the installation's keys, \
                              which this process does not have.";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
            };
            query.filter.request_ids = recorded_requests(keys, &text).ok_or_else(no_keys)?;
        }
        if let Some(trace) = query.trace_id.take() {
            query.filter.trace_ids = recorded_traces(keys, trace);
        }
        Ok(query)
    }

    /// Whether a call is named, and not a group of them described.
    pub(super) fn names_a_call(&self) -> bool {
        self.filter.support_code.is_some()
            || !self.filter.trace_ids.is_empty()
            || !self.filter.request_ids.is_empty()
    }
}

/// A parameter that is not in the table; the nearest one that is.
fn unknown(name: &str) -> Problem {
    let likeness = |known: &&Known| strsim::jaro_winkler(known.name, name);
    let nearest = PARAMETERS
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|known| likeness(known) >= ALIKE);
    let detail = if let Some(known) = nearest {
        format!("A parameter is not known; did you mean {}?", known.name)
    } else {
        let names: Vec<&str> = PARAMETERS.iter().map(|known| known.name).collect();
        format!("A parameter is not known; these are: {}.", names.join(", "))
    };
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

impl IntoParams for ExchangeQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |known: &Known| {
            ParameterBuilder::new()
                .name(known.name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(known.tells))
                .schema(Some((known.schema)()))
                .build()
        };
        PARAMETERS.iter().map(parameter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;

    fn read(query: &str) -> Result<ExchangeQuery, Problem> {
        let uri = format!("/api/v1/exchanges?{query}").parse().unwrap();
        ExchangeQuery::read(&uri, Some(&keys()))
    }

    fn keys() -> Keyring {
        Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32])
    }

    #[test]
    fn every_parameter_is_read() {
        let query = read(
            "support_code=7kq4m2px&trace_id=0AF7651916CD43DD8448EB211C80319C&clinic=maple-ridge\
             &app=intake-web&operation=patient.read&domain=labs&context=provider&category=auth\
             &reason=forbidden&outcome=failed&mutation=false&limit=7\
             &actor_ref=ac_k1_abcdefghijklmnopqrstuvwxya&actor_ref=ac_k2_abcdefghijklmnopqrstuvwxya\
             &patient_ref=pt_k1_abcdefghijklmnopqrstuvwxya&token_ref=tk_k1_abcdefghijklmnopqrstuvwxya\
             &from=2026-11-24T10:00:00-08:00&to=2026-11-25T00:00:00Z&request_id=zoe%20tremblay",
        )
        .unwrap();
        assert_eq!(query.limit, 7);
        assert_eq!(query.filter.actor_refs.len(), 2);
        assert_eq!(
            Some(&query.filter.request_ids),
            recorded_requests(Some(&keys()), "zoe tremblay").as_ref()
        );
        assert!(query.filter.request_ids[0].as_str().starts_with("rq_k1_"));
        assert_eq!(query.filter.from, Timestamp::parse("2026-11-24T18:00:00Z").ok());
        assert!(query.names_a_call());
        let blank = read("").unwrap();
        assert_eq!((blank.filter, blank.limit), (ExchangeFilter::default(), PAGE));
    }

    #[test]
    fn a_wrong_value_is_named_by_its_parameter_and_never_repeated() {
        for (query, detail) in [
            ("support_code=Tremblay1", "support_code: not a support code such as 7KQ4-M2PX"),
            ("clinic=Zo%C3%AB+Tremblay", "clinic: not a clinic id"),
            ("limit=0", "limit: not a number from 1 to 500"),
            ("limit=501", "limit: not a number from 1 to 500"),
            ("outcome=Tremblay", "outcome: not an outcome"),
            ("patient_ref=9123456780", "patient_ref: not a reference such as pt_k1_…"),
            ("patient_ref=ac_k1_abcdefghijklmnopqrstuvwxya", "patient_ref: not a reference such"),
            ("from=yesterday", "from: not an RFC 3339 time"),
            ("cursor=Tremblay", "cursor: not a cursor"),
            ("request_id=", "request_id: not a request id"),
            ("clinic=a&clinic=b", "clinic: not to be given twice"),
            ("from=2026-11-25T00:00:00Z&to=2026-11-24T00:00:00Z", "to: before from"),
        ] {
            let detail_found = serde_json::to_value(read(query).unwrap_err()).unwrap();
            let found = detail_found["detail"].as_str().unwrap();
            assert!(found.starts_with(detail), "{query}: {found}");
            for secret in ["Tremblay", "9123456780", "yesterday"] {
                assert!(!detail_found.to_string().contains(secret), "{query}: {detail_found}");
            }
        }
    }

    #[test]
    fn a_misspelt_parameter_is_told_the_nearest_one() {
        for (query, words) in [
            ("clinc=maple-ridge", "did you mean clinic?"),
            ("patient=8812", "did you mean patient_ref?"),
            ("supportCode=x", "did you mean support_code?"),
            ("Zo%C3%AB=x", "these are: support_code, request_id"),
        ] {
            let problem = serde_json::to_value(read(query).unwrap_err()).unwrap();
            assert!(problem["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
            assert!(!problem.to_string().contains("8812") && !problem.to_string().contains("Zo"));
        }
    }
}
