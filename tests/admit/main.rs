//! Admission over real sockets: which calls reach Accuro, how often, and what is said of the others.
//! The app under test, its clients and its upstreams are those of `tests/it`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod breaker;
mod duplicates;
mod hang_ups;
mod instances;
mod judged_early;
mod keys;
mod limits;
mod read_only;
mod retries;
mod shared_reads;
#[expect(dead_code, reason = "the other tests use what these do not")]
#[path = "../it/support/mod.rs"]
mod support;

use support::upstream::json;
use support::{Request, TestApp};

/// A GET of a path with a token.
fn get(path: &str, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: p\r\nAccept: application/json\r\nAuthorization: Bearer {token}\r\nAccuscope-Clinic: maple-ridge\r\n\r\n"
    )
}

/// A POST with a body and further lines.
fn post(lines: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /rest/v1/provider-portal/scheduler/appointments HTTP/1.1\r\nHost: p\r\nAuthorization: Bearer t\r\nAccuscope-Clinic: maple-ridge\r\nContent-Type: application/json\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// A POST under a key.
fn keyed(key: &str, body: &str) -> String {
    post(&format!("Idempotency-Key: \"{key}\"\r\n"), body)
}

/// An answer with a number that no other answer has.
fn numbered(request: &Request, number: usize) -> Vec<u8> {
    json(if request.method() == "POST" { 201 } else { 200 }, &format!("{{\"number\":{number}}}"))
}

/// The event of an answer.
async fn event_of(app: &TestApp, answer: &support::client::Answer) -> serde_json::Value {
    app.event(&answer.support_code()).await
}
