//! "Something about a patient turned up in a log": names, numbers and secrets are pushed through every
//! place of a call, and every sink is searched for them, for their digests, and for their encodings.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::support::child::Program;
use crate::support::upstream::json;
use crate::support::{RawUpstream, Request, until};

/// One canary for each place, so that a leak tells where it came from.
fn canary(place: &str) -> String {
    // Shaped like a health number, and like nothing else in the program.
    let digest = Sha256::digest(format!("canary {place}"));
    let number = u64::from_be_bytes(digest[..8].try_into().unwrap()) % 10_000_000_000;
    format!("{number:010}")
}

fn name(place: &str) -> String {
    format!("Zzyx{}", data_encoding::BASE32_NOPAD.encode(place.as_bytes()))
}

const PLACES: [&str; 24] = [
    "path",
    "path-deep",
    "query",
    "query-name",
    "patient",
    "tenant",
    "office",
    "header",
    "actor",
    "token",
    "cookie",
    "app-key",
    "request-id",
    "tracestate",
    "request-body",
    "method",
    "form-password",
    "form-refresh",
    "answer-body",
    "answer-key",
    "error-body",
    "location",
    "challenge",
    "granted-token",
];

fn upstream_answer(request: &Request) -> Vec<u8> {
    let body = |place: &str| format!("{} {}", canary(place), name(place));
    match request.target() {
        target if target.starts_with("/oauth/token") && request.header("x-fail").is_none() => json(
            200,
            &format!(
                r#"{{"access_token":"{}{}","refresh_token":"r{}","expires_in":60,"scope":"{}"}}"#,
                canary("granted-token"),
                name("granted-token"),
                canary("granted-token"),
                name("granted-token")
            ),
        ),
        target if target.starts_with("/oauth/token") => json(
            400,
            &format!(
                r#"{{"error":"invalid_grant","error_description":"Bad {}"}}"#,
                body("error-body")
            ),
        ),
        target if target.contains("error") => {
            let text = format!("<html>Patient {} not found</html>", body("error-body"));
            format!(
                "HTTP/1.1 401 Patient {}\r\nWWW-Authenticate: Bearer realm=\"{}\", error=\"invalid_token\"\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{text}",
                name("error-body"),
                body("challenge"),
                text.len()
            )
            .into_bytes()
        }
        target if target.contains("redirect") => format!(
            "HTTP/1.1 302 Found\r\nLocation: /login/{}?name={}\r\nContent-Length: 0\r\n\r\n",
            canary("location"),
            name("location")
        )
        .into_bytes(),
        target if target.contains("broken") => {
            format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}", body("answer-body"))
                .into_bytes()
        }
        _ => json(
            200,
            &format!(
                r#"[{{"phn":"{}","name":"{}","{}":{{"{}":1}}}}]"#,
                canary("answer-body"),
                name("answer-body"),
                canary("answer-key"),
                name("answer-key")
            ),
        ),
    }
}

fn requests() -> Vec<String> {
    let id = |place: &str| format!("{}{}", canary(place), name(place));
    let fields = format!(
        "Host: p\r\nX-Patient: {}\r\nAccuscope-Actor: {}\r\nAuthorization: Bearer {}\r\nCookie: s={}\r\nAccuscope-App-Key: {}\r\nAccuscope-Clinic: {}\r\nX-Request-Id: {}\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: a={}\r\n",
        id("header"),
        id("actor"),
        id("token"),
        id("cookie"),
        id("app-key"),
        id("app-key"),
        id("request-id"),
        id("tracestate"),
    );
    let mut all = Vec::new();
    for path in [
        format!("/rest/v1/provider-portal/patients/{}", id("patient")),
        format!(
            "/rest/v1/provider-portal/patients?phn={}&{}=1&patientId={}&uuid={}&officeId={}",
            id("query"),
            id("query-name"),
            id("patient"),
            id("tenant"),
            canary("office")
        ),
        format!("/{}/{}/deep", id("path"), id("path-deep")),
        format!("/rest/v1/{}/error", id("path")),
        format!("/rest/v1/provider-portal/patients/{}/redirect", id("patient")),
        format!("/rest/v1/provider-portal/patients/{}/broken", id("patient")),
    ] {
        all.push(format!("GET {path} HTTP/1.1\r\n{fields}\r\n"));
        let body = format!(
            r#"{{"name":"{}","phn":{}}}"#,
            name("request-body"),
            canary("request-body").trim_start_matches('0')
        );
        all.push(format!(
            "PUT {path} HTTP/1.1\r\n{fields}Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
    }
    for fail in ["", "X-Fail: 1\r\n"] {
        let form = format!(
            "grant_type=password&username={}&password={}&refresh_token={}&scope={}",
            id("form-password"),
            id("form-password"),
            id("form-refresh"),
            id("form-refresh")
        );
        all.push(format!(
            "POST /oauth/token HTTP/1.1\r\n{fields}{fail}Content-Length: {}\r\n\r\n{form}",
            form.len()
        ));
    }
    // Refused here: rubbish, an unknown expectation, a strange method, a strange version.
    all.push(format!("GET /{} HTTP/1.1\r\n{fields}Expect: {}\r\n\r\n", id("path"), id("header")));
    all.push(format!("{} / HTTP/1.1\r\n{fields}\r\n", name("method")));
    all.push(format!("GET /{}\r\n\r\n", id("path")));
    all.push(format!("GET /{} HTTP/1.1\r\nHost: {} x\r\n\r\n", id("path"), id("header")));
    all.push(format!("GET / HTTP/1.1\r\nHost: p\r\n{}\r\n\r\n", id("header")));
    all
}

/// What a canary could look like in a sink.
fn needles() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for place in PLACES {
        let (number, name) = (canary(place), name(place));
        for text in [number.clone(), name.clone(), format!("{number}{name}")] {
            let mut add = |kind: &str, bytes: Vec<u8>| all.push((format!("{place} {kind}"), bytes));
            add("plain", text.clone().into_bytes());
            add("lower", text.to_lowercase().into_bytes());
            add("hex", data_encoding::HEXLOWER.encode(text.as_bytes()).into_bytes());
            // Base64 of a text inside a longer one, from each of its three offsets.
            for offset in 0..3 {
                let padded = [&b"xyz"[..offset], text.as_bytes()].concat();
                let coded = data_encoding::BASE64_NOPAD.encode(&padded);
                let skip = if offset == 0 { 0 } else { offset + 1 };
                add("base64", coded.as_bytes()[skip..coded.len() - 2].to_vec());
            }
            let digest = Sha256::digest(text.as_bytes());
            add("sha256", digest.to_vec());
            add("sha256 hex", data_encoding::HEXLOWER.encode(&digest).as_bytes()[..24].to_vec());
            add("sha256 base64", data_encoding::BASE64.encode(&digest).as_bytes()[..16].to_vec());
            add(
                "sha256 base32",
                data_encoding::BASE32.encode(&digest)[..20].to_lowercase().into_bytes(),
            );
            add("reversed", text.bytes().rev().collect());
        }
        let number: u64 = number.parse().unwrap();
        all.push((format!("{place} integer"), number.to_be_bytes().to_vec()));
        all.push((format!("{place} integer"), number.to_le_bytes().to_vec()));
    }
    all
}

pub(crate) fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_identifier_and_no_secret_reaches_any_sink() {
    let upstream = RawUpstream::answering(upstream_answer).await;
    let settings = [("telemetry.log_level", "\"trace\"")];
    let mut program = Program::start(&upstream.url(), &settings).await;
    let requests = requests();
    for request in &requests {
        let mut client = program.client().await;
        client.send(request).await;
        client.rest_of_answer().await;
    }
    // Half a request, and a reset.
    let mut client = program.client().await;
    client.send(&requests[1][..requests[1].len() - 5]).await;
    client.socket.set_zero_linger().unwrap();
    drop(client);
    let seen = upstream.seen_text();
    for place in ["path", "query", "patient", "token", "request-body", "form-password", "header"] {
        assert!(seen.contains(&name(place)), "{place} went through");
    }
    until("everything to be indexed", || async {
        let (_, metrics) = program.page("/metrics").await;
        let done = metrics.contains("accuscope_journal_unindexed_events 0")
            && metrics.contains("accuscope_calls_in_flight 0");
        done.then_some(())
    })
    .await;
    let (_, metrics) = program.page("/metrics").await;
    let (_, ready) = program.page("/readyz").await;
    let mut sinks = vec![
        ("metrics".to_owned(), metrics.into_bytes()),
        ("readyz".to_owned(), ready.into_bytes()),
    ];
    let mut paths = Vec::new();
    files(program.folder(), &mut paths);
    sinks.extend(paths.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())));
    assert!(program.terminate().await == 0);
    let mut paths = Vec::new();
    files(program.folder(), &mut paths);
    sinks.extend(paths.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())));
    for wanted in ["exchanges-", "store.db", "/log"] {
        assert!(sinks.iter().any(|(sink, bytes)| sink.contains(wanted) && !bytes.is_empty()));
    }
    let needles = needles();
    let mut leaks = Vec::new();
    for (sink, bytes) in &sinks {
        for (what, needle) in &needles {
            if memchr::memmem::find(bytes, needle).is_some() {
                leaks.push(format!("{what} in {sink}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
