//! The event's JSON form: the structured log line, the journal's record, export and import at once.
//!
//! Owns writing (by hand, since every value is of a fixed alphabet and needs no escaping, and since
//! this runs once a call) and reading with errors that name the field and never its content.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use super::Exchange;
use crate::domain::digest::Digest;
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

/// The version of the form that this program writes and reads.
pub const VERSION: u64 = 1;

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

/// Appends the event as one line of JSON, newline included.
pub fn write_line(event: &Exchange, out: &mut Vec<u8>) {
    let mut line = Line { out };
    line.raw(b"{\"v\":1,\"id\":\"");
    let mut uuid = uuid::Uuid::encode_buffer();
    line.raw(event.id.0.hyphenated().encode_lower(&mut uuid).as_bytes());
    line.raw(b"\",\"ts\":\"");
    event.ts.write_rfc3339(line.out);
    line.raw(b"\"");
    line.text("env", event.env.as_str());
    line.maybe("clinic", event.clinic.as_ref().map(ClinicId::as_str));
    line.maybe("app", event.app.as_ref().map(AppId::as_str));
    line.text("context", event.context.as_str());
    line.text("operation", event.operation.as_str());
    line.text("domain", event.domain.as_str());
    line.text("method", event.method.as_str());
    line.text("route", event.route.as_str());
    line.maybe_display("api_version", event.api_version);
    line.key("mutation");
    line.raw(if event.mutation { b"true" } else { b"false" });
    line.number("status", Some(u64::from(event.status)));
    line.number("upstream_status", event.upstream_status.map(u64::from));
    line.text("outcome", event.ending.outcome().as_str());
    line.maybe("category", event.ending.category().map(Category::as_str));
    line.maybe("reason", event.ending.reason().map(Reason::as_str));
    line.number("result_count", event.result_count.map(u64::from));
    line.number("duration_us", Some(event.duration_us));
    line.number("upstream_us", event.upstream_us);
    line.number("attempts", Some(u64::from(event.attempts)));
    line.text("source", event.source.as_str());
    line.reference("actor_ref", event.actor_ref.as_ref());
    line.reference("patient_ref", event.patient_ref.as_ref());
    line.reference("token_ref", event.token_ref.as_ref());
    line.maybe_display("office", event.office);
    line.key("scopes");
    line.raw(b"[");
    for (index, scope) in event.scopes.iter().enumerate() {
        line.raw(if index == 0 { b"\"" } else { b",\"" });
        line.raw(scope.as_str().as_bytes());
        line.raw(b"\"");
    }
    line.raw(b"]");
    line.hex("shape", event.shape.map(Digest::bits));
    line.hex("error_signature", event.error_signature.map(Digest::bits));
    line.text("request_id", event.request_id.as_str());
    line.key("trace_id");
    line.raw(b"\"");
    line.hex_digits(event.trace_id.bits(), 32);
    line.raw(b"\"");
    line.hex("span_id", Some(event.span_id.bits()));
    line.key("support_code");
    line.raw(b"\"");
    line.raw(&event.support_code.to_ascii());
    line.raw(b"\"");
    line.number("bytes_in", Some(event.bytes_in));
    line.number("bytes_out", Some(event.bytes_out));
    line.text("instance", event.instance.as_str());
    line.raw(b"}\n");
}

struct Line<'o> {
    out: &'o mut Vec<u8>,
}

impl Line<'_> {
    fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn key(&mut self, key: &str) {
        self.raw(b",\"");
        self.raw(key.as_bytes());
        self.raw(b"\":");
    }

    fn text(&mut self, key: &str, value: &str) {
        self.maybe(key, Some(value));
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        self.key(key);
        let Some(value) = value else { return self.raw(b"null") };
        self.raw(b"\"");
        self.raw(value.as_bytes());
        self.raw(b"\"");
    }

    fn maybe_display(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        use std::io::Write as _;
        self.key(key);
        match value {
            // Writing to a `Vec` does not fail.
            Some(value) => drop(write!(self.out, "\"{value}\"")),
            None => self.raw(b"null"),
        }
    }

    fn number(&mut self, key: &str, value: Option<u64>) {
        self.key(key);
        let Some(mut rest) = value else { return self.raw(b"null") };
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.raw(&digits[at..]);
    }

    fn hex(&mut self, key: &str, bits: Option<u64>) {
        self.key(key);
        let Some(bits) = bits else { return self.raw(b"null") };
        self.raw(b"\"");
        self.hex_digits(u128::from(bits), 16);
        self.raw(b"\"");
    }

    fn hex_digits(&mut self, bits: u128, digits: u32) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for index in (0..digits).rev() {
            self.out.push(HEX[(bits >> (4 * index) & 15) as usize]);
        }
    }

    fn reference(&mut self, key: &str, reference: Option<&Reference>) {
        self.key(key);
        let Some(reference) = reference else { return self.raw(b"null") };
        self.raw(b"\"");
        reference.write(self.out);
        self.raw(b"\"");
    }
}

type Text<'l> = Cow<'l, str>;

/// The fields as they stand in the line. Unknown fields are dropped: nothing outside the contract
/// may get in.
#[derive(Deserialize)]
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
        status: raw.status,
        upstream_status: raw.upstream_status,
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

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
