//! Writing the line.

use std::io::Write as _;

use crate::domain::audit::chain::{Hash, hash_of};
use crate::domain::audit::{CallResult, Entry, Kind, Record};
use crate::domain::ids::RequestId;
use crate::domain::labels::{Context, Method};
use crate::domain::names::{AccountId, AppId, ClinicId, OperationName, RouteTemplate};
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// Appends the record as one line, newline included, and gives its hash. The record's own `hash` is
/// not looked at.
pub fn write_line(record: &Record, out: &mut Vec<u8>) -> Hash {
    let start = out.len();
    before_hash(&record.entry, out);
    let middle = out.len();
    after_hash(record, out);
    let hash = hash_of(&out[start..middle], &out[middle..]);
    let after = out.split_off(middle);
    text(out, "hash", Some(&hash.to_string()));
    out.extend_from_slice(&after);
    out.push(b'\n');
    hash
}

/// Appends an entry that has no place in a chain yet, as one line: what a spool file holds.
pub fn write_entry(entry: &Entry, ts: Timestamp, out: &mut Vec<u8>) {
    before_hash(entry, out);
    let Entry { kind, idempotency_ref, method, operation, patient_ref, .. } = entry;
    reference(out, "idempotency_ref", idempotency_ref.as_ref());
    text(out, "kind", Some(kind.as_str()));
    text(out, "method", method.map(Method::as_str));
    text(out, "operation", operation.as_ref().map(OperationName::as_str));
    reference(out, "patient_ref", patient_ref.as_ref());
    from_reason(entry, out);
    from_status(entry, ts, out);
    out.push(b'\n');
}

fn before_hash(entry: &Entry, out: &mut Vec<u8>) {
    out.push(b'{');
    reference(out, "actor_ref", entry.actor_ref.as_ref());
    text(out, "app", entry.app.as_ref().map(AppId::as_str));
    text(out, "clinic", entry.clinic.as_ref().map(ClinicId::as_str));
    text(out, "context", entry.context.map(Context::as_str));
    shown(out, "detail", entry.detail);
    shown(out, "event_id", entry.event_id);
}

fn after_hash(record: &Record, out: &mut Vec<u8>) {
    let entry = &record.entry;
    reference(out, "idempotency_ref", entry.idempotency_ref.as_ref());
    text(out, "instance", Some(record.instance.as_str()));
    text(out, "kind", Some(Kind::as_str(entry.kind)));
    text(out, "method", entry.method.map(Method::as_str));
    text(out, "operation", entry.operation.as_ref().map(OperationName::as_str));
    reference(out, "patient_ref", entry.patient_ref.as_ref());
    shown(out, "prev", Some(record.prev));
    from_reason(entry, out);
    number(out, "seq", Some(record.seq));
    from_status(entry, record.ts, out);
}

fn from_reason(entry: &Entry, out: &mut Vec<u8>) {
    text(out, "reason", entry.reason.map(Reason::as_str));
    text(out, "request_id", entry.request_id.as_ref().map(RequestId::as_str));
    text(out, "result", entry.result.map(CallResult::as_str));
    text(out, "role", entry.role.map(Role::as_str));
    text(out, "route", entry.route.as_ref().map(RouteTemplate::as_str));
}

fn from_status(entry: &Entry, ts: Timestamp, out: &mut Vec<u8>) {
    number(out, "status", entry.status.map(u64::from));
    reference(out, "token_ref", entry.token_ref.as_ref());
    shown(out, "trace_id", entry.trace_id);
    key(out, "ts");
    out.push(b'"');
    ts.write_rfc3339(out);
    out.push(b'"');
    text(out, "user", entry.user.as_ref().map(AccountId::as_str));
    number(out, "v", Some(super::VERSION));
    out.push(b'}');
}

fn key(out: &mut Vec<u8>, key: &str) {
    if !matches!(out.last(), None | Some(b'{')) {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

fn text(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    key(out, name);
    let Some(value) = value else { return out.extend_from_slice(b"null") };
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

fn shown(out: &mut Vec<u8>, name: &str, value: Option<impl std::fmt::Display>) {
    key(out, name);
    match value {
        // Writing to a `Vec` does not fail.
        Some(value) => drop(write!(out, "\"{value}\"")),
        None => out.extend_from_slice(b"null"),
    }
}

fn number(out: &mut Vec<u8>, name: &str, value: Option<u64>) {
    key(out, name);
    match value {
        Some(value) => drop(write!(out, "{value}")),
        None => out.extend_from_slice(b"null"),
    }
}

fn reference(out: &mut Vec<u8>, name: &str, value: Option<&Reference>) {
    key(out, name);
    let Some(value) = value else { return out.extend_from_slice(b"null") };
    out.push(b'"');
    value.write(out);
    out.push(b'"');
}
