//! Reading the line. Errors name the field and its rule, never the content.

use std::borrow::Cow;

use serde::Deserialize;

use super::{HASH_DIGITS, VERSION};
use crate::domain::audit::chain::{Hash, hash_of};
use crate::domain::audit::{CallResult, Detail, Entry, Event, Kind, Record};
use crate::domain::ids::{EventId, RequestId};
use crate::domain::labels::{Context, Method};
use crate::domain::names::{
    AccountId, AppId, ClinicId, InstanceId, NameError, OperationName, RouteTemplate,
};
use crate::domain::reason::Reason;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::domain::trace_context::TraceId;

/// Why a line is not an audit record. It never repeats the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not a JSON object, or a field is missing, repeated or of another JSON type.
    #[error("not a whole JSON object with the fields of an audit record")]
    NotJson,
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
}

type Text<'l> = Option<Cow<'l, str>>;

/// The fields as they stand in the line.
#[derive(Deserialize)]
struct Raw<'l> {
    v: u64,
    #[serde(default)]
    seq: u64,
    #[serde(borrow)]
    ts: Cow<'l, str>,
    #[serde(borrow, default)]
    instance: Text<'l>,
    #[serde(borrow)]
    kind: Cow<'l, str>,
    #[serde(borrow, default)]
    event_id: Text<'l>,
    #[serde(borrow, default)]
    request_id: Text<'l>,
    #[serde(borrow, default)]
    trace_id: Text<'l>,
    #[serde(borrow, default)]
    clinic: Text<'l>,
    #[serde(borrow, default)]
    app: Text<'l>,
    #[serde(borrow, default)]
    operation: Text<'l>,
    #[serde(borrow, default)]
    method: Text<'l>,
    #[serde(borrow, default)]
    route: Text<'l>,
    #[serde(borrow, default)]
    context: Text<'l>,
    #[serde(borrow, default)]
    actor_ref: Text<'l>,
    #[serde(borrow, default)]
    patient_ref: Text<'l>,
    #[serde(borrow, default)]
    token_ref: Text<'l>,
    #[serde(borrow, default)]
    idempotency_ref: Text<'l>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(borrow, default)]
    result: Text<'l>,
    #[serde(borrow, default)]
    user: Text<'l>,
    #[serde(borrow, default)]
    role: Text<'l>,
    #[serde(borrow, default)]
    reason: Text<'l>,
    #[serde(borrow, default)]
    detail: Text<'l>,
    #[serde(borrow, default)]
    prev: Text<'l>,
    #[serde(borrow, default)]
    hash: Text<'l>,
}

/// Reads one line of the chain. Whether its hash fits is [`sealed_hash`]'s business.
///
/// # Errors
///
/// [`RecordError`], naming the field and never its content.
pub fn read_line(line: &[u8]) -> Result<Record, RecordError> {
    let raw = raw(line)?;
    let instance = raw.instance.as_deref().unwrap_or_default();
    Ok(Record {
        seq: if raw.seq > 0 { raw.seq } else { return Err(wrong("seq", "a number from 1 on")) },
        ts: time(&raw)?,
        instance: InstanceId::parse(instance).map_err(|_| wrong("instance", "an instance id"))?,
        prev: hash("prev", raw.prev.as_deref())?,
        hash: hash("hash", raw.hash.as_deref())?,
        entry: entry(&raw)?,
    })
}

/// Reads an entry that has no place in a chain yet.
///
/// # Errors
///
/// [`RecordError`], naming the field and never its content.
pub fn read_entry(line: &[u8]) -> Result<(Entry, Timestamp), RecordError> {
    let raw = raw(line)?;
    Ok((entry(&raw)?, time(&raw)?))
}

fn raw(line: &[u8]) -> Result<Raw<'_>, RecordError> {
    let raw: Raw<'_> = serde_json::from_slice(line).map_err(|_| RecordError::NotJson)?;
    if raw.v == VERSION { Ok(raw) } else { Err(RecordError::Version) }
}

fn time(raw: &Raw<'_>) -> Result<Timestamp, RecordError> {
    Timestamp::parse(&raw.ts).map_err(|_| wrong("ts", "an RFC 3339 time"))
}

fn entry(raw: &Raw<'_>) -> Result<Entry, RecordError> {
    Ok(Entry {
        kind: Kind::parse(&raw.kind).ok_or(wrong("kind", Kind::WHAT))?,
        event_id: read("event_id", "a UUID", &raw.event_id, EventId::parse)?,
        request_id: read("request_id", "a request id", &raw.request_id, RequestId::parse)?,
        trace_id: read("trace_id", "a trace id", &raw.trace_id, TraceId::parse)?,
        clinic: named("clinic", "a clinic id", &raw.clinic, ClinicId::parse)?,
        app: named("app", "an app id", &raw.app, AppId::parse)?,
        operation: named("operation", "an operation", &raw.operation, OperationName::parse)?,
        method: read("method", Method::WHAT, &raw.method, Method::parse)?,
        route: named("route", "a route", &raw.route, RouteTemplate::parse)?,
        context: read("context", Context::WHAT, &raw.context, Context::parse)?,
        actor_ref: reference("actor_ref", &raw.actor_ref, ReferenceKind::Actor)?,
        patient_ref: reference("patient_ref", &raw.patient_ref, ReferenceKind::Patient)?,
        token_ref: reference("token_ref", &raw.token_ref, ReferenceKind::Token)?,
        idempotency_ref: reference(
            "idempotency_ref",
            &raw.idempotency_ref,
            ReferenceKind::Idempotency,
        )?,
        status: raw.status,
        result: read("result", CallResult::WHAT, &raw.result, CallResult::parse)?,
        user: named("user", "an account id", &raw.user, AccountId::parse)?,
        role: read("role", Role::WHAT, &raw.role, Role::parse)?,
        reason: read("reason", Reason::WHAT, &raw.reason, Reason::parse)?,
        detail: read("detail", Event::WHAT, &raw.detail, Detail::parse)?,
    })
}

/// The hash that the line's bytes should carry: that of the line without its member `hash`. `None` if
/// there is no such member where the canonical form has it.
#[must_use]
pub fn sealed_hash(line: &[u8]) -> Option<Hash> {
    const BEFORE: &[u8] = b",\"hash\":\"";
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    // No value of the canonical form holds a quote, so the first match is the member.
    let start = memchr::memmem::find(line, BEFORE)?;
    let end = start + BEFORE.len() + HASH_DIGITS;
    let closed = line.get(end) == Some(&b'"');
    closed.then(|| hash_of(&line[..start], &line[end + 1..]))
}

const fn wrong(field: &'static str, expected: &'static str) -> RecordError {
    RecordError::Field { field, expected }
}

fn hash(field: &'static str, text: Option<&str>) -> Result<Hash, RecordError> {
    text.and_then(Hash::parse).ok_or(wrong(field, "64 lower-case hexadecimal digits"))
}

fn read<T>(
    field: &'static str,
    expected: &'static str,
    text: &Text<'_>,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, RecordError> {
    text.as_deref().map(|text| parse(text).ok_or(wrong(field, expected))).transpose()
}

fn named<T>(
    field: &'static str,
    expected: &'static str,
    text: &Text<'_>,
    parse: fn(&str) -> Result<T, NameError>,
) -> Result<Option<T>, RecordError> {
    text.as_deref().map(|text| parse(text).map_err(|_| wrong(field, expected))).transpose()
}

fn reference(
    field: &'static str,
    text: &Text<'_>,
    kind: ReferenceKind,
) -> Result<Option<Reference>, RecordError> {
    let parse = |text| Reference::parse(text).filter(|reference| reference.kind() == kind);
    let expected = "a keyed reference of its kind";
    text.as_deref().map(|text| parse(text).ok_or(wrong(field, expected))).transpose()
}
