//! What goes back: a status, a type, a body.
//!
//! Owns the shapes that lists and creations are answered in, which differ from endpoint to endpoint
//! as they do at Accuro, but never from call to call. Refusals are in [`super::refusal`].

use std::io::Write as _;

use serde_json::{Value, json};

use super::call::Call;
use super::world::chart::mix;

/// One answer, before anything is broken on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: Option<&'static str>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// Whether something was changed by the call.
    pub(super) applied: bool,
}

impl Answer {
    pub(super) const JSON: &'static str = "application/json;charset=UTF-8";
    pub(super) const HTML: &'static str = "text/html;charset=UTF-8";

    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self::of(status, Some(Self::JSON), value.to_string().into_bytes())
    }

    pub(super) fn html(status: u16, body: &str) -> Self {
        Self::of(status, Some(Self::HTML), body.as_bytes().to_vec())
    }

    pub(super) const fn empty(status: u16) -> Self {
        Self::of(status, None, Vec::new())
    }

    pub(super) const fn of(status: u16, content_type: Option<&'static str>, body: Vec<u8>) -> Self {
        Self { status, content_type, headers: Vec::new(), body, applied: false }
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Marks that the chart was changed.
    pub(super) const fn applied(mut self) -> Self {
        self.applied = true;
        self
    }

    /// The same content, compressed (RFC 1952).
    pub(super) fn gzipped(mut self) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        // Writing to a `Vec` does not fail.
        if encoder.write_all(&self.body).is_ok()
            && let Ok(body) = encoder.finish()
        {
            self.body = body;
            self.headers.push(("content-encoding", "gzip".to_owned()));
        }
        self
    }
}

/// Most items of one page, whatever the call asks for.
const MOST_ITEMS: usize = 200;
/// Items of one page where the call asks for nothing.
const USUAL_ITEMS: usize = 50;

/// Answers with a list: `pageSize` items from the one with the number `startingId` on.
pub(super) fn list(call: &Call, items: Vec<(i64, Value)>) -> Answer {
    let total = items.len();
    let size = call.query_number("pageSize").and_then(|n| usize::try_from(n).ok());
    let size = size.filter(|n| *n > 0).unwrap_or(USUAL_ITEMS).min(MOST_ITEMS);
    let from = call.query_number("startingId");
    let start = from.map_or(0, |id| items.iter().position(|(own, _)| *own == id).unwrap_or(total));
    let next = items.get(start + size).map(|(id, _)| *id);
    let page: Vec<Value> = items.into_iter().skip(start).take(size).map(|(_, item)| item).collect();
    Answer::json(200, &in_shape(call.operation(), page, total, next))
}

/// A bare array, or one of four envelopes, by the operation's name.
fn in_shape(operation: &str, page: Vec<Value>, total: usize, next: Option<i64>) -> Value {
    let count = page.len();
    match hash(operation) % 7 {
        0..3 => Value::Array(page),
        3 => json!({"contents": page, "count": count, "totalCount": total, "nextId": next}),
        4 => json!({"items": page, "total": total, "startingId": next}),
        5 => json!({"results": page, "count": total}),
        _ => json!({"data": page, "paging": {"total": total, "next": next}}),
    }
}

/// Answers a creation: a bare number, `[id]`, an object, a `Location`, or nothing.
pub(super) fn created(operation: &str, path: &str, id: i64, object: &Value) -> Answer {
    let location = format!("{}/{id}", path.trim_end_matches('/'));
    let answer = match operation {
        "patient.create" => Answer::json(201, &json!(id)),
        "appointment.create" => Answer::json(201, &json!([id])),
        "document.create" => Answer::empty(201).with("location", location),
        "letter.create" => Answer::empty(204),
        _ => Answer::json(201, object),
    };
    answer.applied()
}

/// A number of an operation's name that never changes.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0, |hash, byte| mix(hash, u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_keeps_its_shape_and_operations_differ() {
        let keys = |operation: &str| match in_shape(operation, vec![json!(1)], 1, None) {
            Value::Object(object) => object.keys().cloned().collect::<Vec<_>>().join(","),
            _ => "bare".to_owned(),
        };
        assert_eq!(keys("patient.search"), keys("patient.search"));
        let all = [
            "patient.search",
            "document.list",
            "lab.list",
            "medication.list",
            "office.list",
            "provider.list",
            "appointment.list",
            "allergy.list",
            "history.list",
            "letter.list",
        ];
        let distinct: std::collections::BTreeSet<String> = all.into_iter().map(keys).collect();
        assert!(distinct.len() >= 3, "{distinct:?}");
        assert!(distinct.contains("bare"));
    }

    #[test]
    fn creations_are_answered_in_many_ways() {
        let answer = |operation| created(operation, "/rest/x", 7, &json!({"id": 7}));
        assert_eq!(answer("patient.create").body, b"7");
        assert_eq!(answer("appointment.create").body, b"[7]");
        assert_eq!(answer("document.create").headers, [("location", "/rest/x/7".to_owned())]);
        assert_eq!(answer("letter.create").status, 204);
        assert_eq!(answer("prescription.create").body, b"{\"id\":7}");
    }
}
