//! Reading the line. Errors name the field and its rule, never the content.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::VERSION;
use crate::domain::digest::Digest;
use crate::domain::event::Exchange;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::{
    Category, Context, Environment, Method, Outcome, Source, WorkflowDomain,
};
use crate::domain::names::{
    ApiVersion, AppId, ClinicId, InstanceId, NameError, Office, OperationName, RouteTemplate,
    ScopeName,
};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::domain::trace_context::{SpanId, TraceId};

/// Why a line is not an event. It never repeats the line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not a JSON object, or a field is missing or of another JSON type.
    #[error("not an event: {problem} at column {column}")]
    NotJson {
        /// What is wrong, in fixed words.
        problem: &'static str,
        /// Byte position in the line, counted from 1.
        column: usize,
    },
    /// A version that this program does not read.
    #[error("field v: this program reads version 1")]
    Version,
    /// A field breaks its rule.
    #[error("field {field}: not {expected}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A name breaks its rule.
    #[error("field {field}: {problem}")]
    Name {
        /// The field's name.
        field: &'static str,
        /// Which rule.
        problem: NameError,
    },
    /// Outcome, category and reason contradict each other.
    #[error("fields outcome, category and reason contradict each other")]
    Ending,
}

/// A text of the line: a part of it, unless something in it is escaped. The library would copy an optional one.
struct Text<'l>(Cow<'l, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for Text<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;

        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Texts)
    }
}

/// The fields as they stand in the line. Unknown fields are dropped: nothing outside the contract
/// may get in.
#[derive(serde::Deserialize)]
struct Raw<'l> {
    #[serde(default = "version")]
    v: u64,
    #[serde(borrow)]
    id: Text<'l>,
    #[serde(borrow)]
    ts: Text<'l>,
    #[serde(borrow)]
    env: Text<'l>,
    #[serde(borrow, default)]
    clinic: Option<Text<'l>>,
    #[serde(borrow, default)]
    app: Option<Text<'l>>,
    #[serde(borrow, default)]
    context: Option<Text<'l>>,
    #[serde(borrow)]
    operation: Text<'l>,
    #[serde(borrow)]
    domain: Text<'l>,
    #[serde(borrow)]
    method: Text<'l>,
    #[serde(borrow)]
    route: Text<'l>,
    #[serde(borrow, default)]
    api_version: Option<Text<'l>>,
    #[serde(default)]
    mutation: bool,
    status: u16,
    #[serde(default)]
    upstream_status: Option<u16>,
    #[serde(borrow)]
    outcome: Text<'l>,
    #[serde(borrow, default)]
    category: Option<Text<'l>>,
    #[serde(borrow, default)]
    reason: Option<Text<'l>>,
    #[serde(default)]
    result_count: Option<u32>,
    #[serde(default)]
    duration_us: u64,
    #[serde(default)]
    upstream_us: Option<u64>,
    #[serde(default)]
    attempts: u16,
    #[serde(borrow, default)]
    source: Option<Text<'l>>,
    #[serde(borrow, default)]
    actor_ref: Option<Text<'l>>,
    #[serde(borrow, default)]
    patient_ref: Option<Text<'l>>,
    #[serde(borrow, default)]
    token_ref: Option<Text<'l>>,
    #[serde(borrow, default)]
    office: Option<Text<'l>>,
    #[serde(borrow, default)]
    scopes: Option<Vec<Text<'l>>>,
    #[serde(borrow, default)]
    shape: Option<Text<'l>>,
    #[serde(borrow, default)]
    error_signature: Option<Text<'l>>,
    #[serde(borrow, default)]
    request_id: Option<Text<'l>>,
    #[serde(borrow, default)]
    trace_id: Option<Text<'l>>,
    #[serde(borrow, default)]
    span_id: Option<Text<'l>>,
    #[serde(borrow, default)]
    support_code: Option<Text<'l>>,
    #[serde(default)]
    bytes_in: u64,
    #[serde(default)]
    bytes_out: u64,
    #[serde(borrow, default)]
    instance: Option<Text<'l>>,
}

const fn version() -> u64 {
    VERSION
}

/// Reads one line.
///
/// Fields that the contract lets be null may be absent; ids that are absent are derived from the
/// event's id, so that reading a line twice gives the same event.
///
/// # Errors
///
/// Names the field and its rule, never the content; see [`EventError`].
pub fn read_line(line: &[u8]) -> Result<Exchange, EventError> {
    let raw: Raw<'_> = serde_json::from_slice(line).map_err(|error| EventError::NotJson {
        problem: match error.classify() {
            serde_json::error::Category::Syntax => "no well-formed JSON",
            serde_json::error::Category::Eof => "the line ends early",
            _ => "a field is missing, repeated or of another JSON type",
        },
        column: error.column(),
    })?;
    if raw.v != VERSION {
        return Err(EventError::Version);
    }
    let id = EventId::parse(&raw.id).ok_or(field("id", "a UUID"))?;
    let bits = id.0.as_u128();
    let low_bits = id.0.as_u64_pair().1;
    Ok(Exchange {
        id,
        ts: Timestamp::parse(&raw.ts).map_err(|_| field("ts", "an RFC 3339 time"))?,
        env: need("env", Environment::WHAT, Environment::parse(&raw.env))?,
        clinic: named("clinic", raw.clinic.as_deref(), ClinicId::parse)?,
        app: named("app", raw.app.as_deref(), AppId::parse)?,
        context: optional("context", Context::WHAT, raw.context.as_deref(), Context::parse)?
            .unwrap_or(Context::Unknown),
        operation: OperationName::parse(&raw.operation).map_err(name("operation"))?,
        domain: need("domain", WorkflowDomain::WHAT, WorkflowDomain::parse(&raw.domain))?,
        method: need("method", Method::WHAT, Method::parse(&raw.method))?,
        route: RouteTemplate::parse(&raw.route).map_err(name("route"))?,
        api_version: optional(
            "api_version",
            "a version",
            raw.api_version.as_deref(),
            ApiVersion::parse,
        )?,
        mutation: raw.mutation,
        status: status("status", raw.status)?,
        upstream_status: raw
            .upstream_status
            .map(|code| status("upstream_status", code))
            .transpose()?,
        ending: ending(&raw)?,
        result_count: raw.result_count,
        duration_us: raw.duration_us,
        upstream_us: raw.upstream_us,
        attempts: raw.attempts,
        source: optional("source", Source::WHAT, raw.source.as_deref(), Source::parse)?
            .unwrap_or(Source::Upstream),
        actor_ref: reference("actor_ref", raw.actor_ref.as_deref(), ReferenceKind::Actor)?,
        patient_ref: reference("patient_ref", raw.patient_ref.as_deref(), ReferenceKind::Patient)?,
        token_ref: reference("token_ref", raw.token_ref.as_deref(), ReferenceKind::Token)?,
        office: optional("office", "an office number", raw.office.as_deref(), Office::parse)?,
        scopes: scopes(raw.scopes.as_deref().unwrap_or_default())?,
        shape: optional("shape", "a digest", raw.shape.as_deref(), Digest::parse)?,
        error_signature: optional(
            "error_signature",
            "a digest",
            raw.error_signature.as_deref(),
            Digest::parse,
        )?,
        request_id: optional(
            "request_id",
            "a UUID, a ULID, hexadecimal digits or a reference",
            raw.request_id.as_deref(),
            RequestId::parse,
        )?
        .unwrap_or_else(|| RequestId::from_event(id)),
        trace_id: optional("trace_id", "a trace id", raw.trace_id.as_deref(), TraceId::parse)?
            .unwrap_or(TraceId::from_bits(bits)),
        span_id: optional("span_id", "a span id", raw.span_id.as_deref(), SpanId::parse)?
            .unwrap_or(SpanId::from_bits(low_bits)),
        support_code: optional(
            "support_code",
            "a support code",
            raw.support_code.as_deref(),
            SupportCode::parse_written,
        )?
        .unwrap_or(SupportCode::from_bits(low_bits)),
        bytes_in: raw.bytes_in,
        bytes_out: raw.bytes_out,
        instance: named(
            "instance",
            Some(raw.instance.as_deref().unwrap_or("imported")),
            InstanceId::parse,
        )?
        .ok_or(field("instance", "an instance id"))?,
    })
}

/// An HTTP status is three digits (RFC 9110, section 15).
fn status(name: &'static str, code: u16) -> Result<u16, EventError> {
    need(name, "an HTTP status", (100..1_000).contains(&code).then_some(code))
}

fn ending(raw: &Raw<'_>) -> Result<Ending, EventError> {
    let outcome = need("outcome", Outcome::WHAT, Outcome::parse(&raw.outcome))?;
    let category = optional("category", Category::WHAT, raw.category.as_deref(), Category::parse)?;
    let reason = optional("reason", Reason::WHAT, raw.reason.as_deref(), Reason::parse)?;
    Ending::of(outcome, category, reason).ok_or(EventError::Ending)
}

fn scopes(texts: &[Text<'_>]) -> Result<Arc<[ScopeName]>, EventError> {
    const MOST: usize = 64;
    if texts.len() > MOST {
        return Err(field("scopes", "a list of at most 64"));
    }
    texts.iter().map(|scope| ScopeName::parse(scope).map_err(name("scopes"))).collect()
}

const fn field(field: &'static str, expected: &'static str) -> EventError {
    EventError::Field { field, expected }
}

fn name(field: &'static str) -> impl Fn(NameError) -> EventError {
    move |problem| EventError::Name { field, problem }
}

fn need<T>(name: &'static str, expected: &'static str, value: Option<T>) -> Result<T, EventError> {
    value.ok_or(field(name, expected))
}

fn optional<T>(
    name: &'static str,
    expected: &'static str,
    text: Option<&str>,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, EventError> {
    text.map(|text| need(name, expected, parse(text))).transpose()
}

fn named<T>(
    field: &'static str,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, NameError>,
) -> Result<Option<T>, EventError> {
    text.map(|text| parse(text).map_err(name(field))).transpose()
}

fn reference(
    name: &'static str,
    text: Option<&str>,
    kind: ReferenceKind,
) -> Result<Option<Reference>, EventError> {
    let read = |text| Reference::parse(text).filter(|reference| reference.kind() == kind);
    text.map(|text| need(name, "a keyed reference of its kind", read(text))).transpose()
}
