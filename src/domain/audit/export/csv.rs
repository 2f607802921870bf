//! One record as the cells of one row, safe to open in a spreadsheet.

use crate::domain::audit::{CallResult, Record, json};
use crate::domain::ids::RequestId;
use crate::domain::labels::{Context, Method};
use crate::domain::reason::Reason;
use crate::domain::role::Role;

/// The columns, in the order of the contract.
pub const COLUMNS: [&str; 26] = [
    "v",
    "seq",
    "ts",
    "instance",
    "kind",
    "request_id",
    "trace_id",
    "event_id",
    "clinic",
    "app",
    "operation",
    "method",
    "route",
    "context",
    "actor_ref",
    "patient_ref",
    "token_ref",
    "idempotency_ref",
    "status",
    "result",
    "user",
    "role",
    "reason",
    "detail",
    "prev",
    "hash",
];

/// The cells of a record; empty where there is nothing to say.
#[must_use]
pub fn cells(record: &Record) -> [String; 26] {
    let entry = &record.entry;
    [
        text(Some(json::VERSION)),
        text(Some(record.seq)),
        text(Some(record.ts)),
        text(Some(&record.instance)),
        text(Some(entry.kind)),
        text(entry.request_id.as_ref().map(RequestId::as_str)),
        text(entry.trace_id),
        text(entry.event_id),
        text(entry.clinic.as_ref()),
        text(entry.app.as_ref()),
        text(entry.operation.as_ref()),
        text(entry.method.map(Method::as_str)),
        text(entry.route.as_ref()),
        text(entry.context.map(Context::as_str)),
        text(entry.actor_ref.as_ref()),
        text(entry.patient_ref.as_ref()),
        text(entry.token_ref.as_ref()),
        text(entry.idempotency_ref.as_ref()),
        text(entry.status),
        text(entry.result.map(CallResult::as_str)),
        text(entry.user.as_ref()),
        text(entry.role.map(Role::as_str)),
        text(entry.reason.map(Reason::as_str)),
        text(entry.detail),
        text(Some(record.prev)),
        text(Some(record.hash)),
    ]
}

fn text(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, |value| closed(value.to_string()))
}

/// Spreadsheets take a cell that begins like this for a formula; an apostrophe makes it text.
///
/// Source: OWASP, "CSV Injection".
fn closed(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
