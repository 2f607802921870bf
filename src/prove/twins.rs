//! Twins: two calls that differ in their canaries alone must leave events that do not differ.
//!
//! A digest over a value, a count of its letters or a word of it cannot be searched for, but it changes
//! with the value. Owns the comparison; which fields may differ is listed here and nowhere else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::canaries::CanaryKind;

/// Fields that differ between any two calls, and references, which `super::references` checks.
const MAY_DIFFER: [&str; 15] = [
    "id",
    "ts",
    "duration_us",
    "upstream_us",
    "attempts",
    "actor_ref",
    "patient_ref",
    "token_ref",
    "idempotency_ref",
    "request_id",
    "trace_id",
    "span_id",
    "support_code",
    "bytes_in",
    "bytes_out",
];

/// One call that has a twin.
pub(super) struct Twin {
    /// Its placement.
    pub(super) placement: &'static str,
    /// Its canary's kind.
    pub(super) kind: CanaryKind,
    /// What its event is found by.
    pub(super) support_code: String,
}

/// A field that told twins apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// The placement.
    pub(super) placement: &'static str,
    /// The event's field.
    pub(super) field: String,
}

/// Compares twins; also how many pairs there were.
pub(super) fn compare(twins: &[Twin], events: &[Value]) -> (Vec<Difference>, usize) {
    let by_code: BTreeMap<&str, &Value> = events
        .iter()
        .filter_map(|event| Some((event.get("support_code")?.as_str()?, event)))
        .collect();
    let mut groups: BTreeMap<(&'static str, CanaryKind), Vec<&Value>> = BTreeMap::new();
    for twin in twins {
        if let Some(event) = by_code.get(twin.support_code.as_str()) {
            groups.entry((twin.placement, twin.kind)).or_default().push(event);
        }
    }
    let (mut found, mut pairs) = (Vec::new(), 0);
    for ((placement, _), events) in groups {
        // A machine that is busy with something else tells twins apart by their timing.
        let events: Vec<&Value> = events.into_iter().filter(|event| !is_late(event)).collect();
        for pair in events.windows(2) {
            pairs += 1;
            found.extend(fields(pair[0], pair[1]).map(|field| Difference { placement, field }));
        }
    }
    found.sort();
    found.dedup();
    (found, pairs)
}

/// How calls end on a machine that is busy with something else.
const LATE: [&str; 7] = [
    "response_timeout",
    "body_broken",
    "connect_failed",
    "audit_unavailable",
    "overloaded",
    "circuit_open",
    "rate_limit",
];

/// Whether a call ended by a limit of time or load, or by somebody hanging up.
fn is_late(event: &Value) -> bool {
    let is = |field: &str, text: &str| event.get(field).is_some_and(|value| value == text);
    is("outcome", "aborted") || LATE.iter().any(|reason| is("reason", reason))
}

fn fields<'e>(one: &'e Value, other: &'e Value) -> impl Iterator<Item = String> + 'e {
    let names = [one, other].into_iter().filter_map(Value::as_object).flat_map(|o| o.keys());
    names
        .filter(|name| !MAY_DIFFER.contains(&name.as_str()))
        .filter(|name| one.get(name.as_str()) != other.get(name.as_str()))
        .cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn twins_differ_in_ids_and_references_only() {
        let event = |code: &str, shape: &str| json!({"support_code": code, "id": code, "patient_ref": code, "shape": shape});
        let twin = |code: &str| Twin {
            placement: "answer.value",
            kind: CanaryKind::Name,
            support_code: code.to_owned(),
        };
        let twins = [twin("a"), twin("b"), twin("gone")];
        assert_eq!(compare(&twins, &[event("a", "1"), event("b", "1")]), (vec![], 1));
        let (found, pairs) = compare(&twins, &[event("a", "1"), event("b", "2")]);
        assert_eq!((found[0].field.as_str(), found.len(), pairs), ("shape", 1, 1));
        assert_eq!(compare(&twins, &[event("a", "1")]).1, 0, "without its twin");
        let mut late = event("b", "2");
        late["reason"] = "response_timeout".into();
        assert_eq!(compare(&twins, &[event("a", "1"), late]), (vec![], 0));
    }
}
