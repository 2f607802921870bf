//! "Some text of a request nobody thought of is in a log": random requests and random failures, and no
//! run of eight bytes of them in any event, problem document, log line or metric.

use std::collections::HashMap;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::support::child::Program;
use crate::support::upstream::json;
use crate::support::{RawUpstream, Request, until};

/// Bytes that make a run.
const RUN: usize = 8;
/// Requests of one case.
const REQUESTS: usize = 25;

/// The parts of a request that are drawn.
#[derive(Clone, Debug)]
struct Drawn {
    method: usize,
    route: usize,
    segment: String,
    query: String,
    fields: Vec<String>,
    body: String,
    status: usize,
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const ROUTES: [&str; 6] = [
    "/rest/v1/provider-portal/patients/",
    "/rest/v1/provider-portal/patients/8812/documents/",
    "/rest/v1/",
    "/oauth/",
    "/",
    "/rest/v2/materials/appointments/",
];
const FIELDS: [&str; 8] = [
    "Authorization: Bearer ",
    "Accuscope-Actor: ",
    "Accuscope-Clinic: ",
    "X-Request-Id: ",
    "Cookie: s=",
    "Idempotency-Key: ",
    "tracestate: a=",
    "X-Anything: ",
];
const STATUSES: [u16; 9] = [200, 400, 401, 403, 404, 409, 422, 500, 503];

/// Text as a person, a program or an attacker would put it: letters, digits, dots, some accents. At
/// least one letter past `f`, since ids of hexadecimal digits are kept on purpose.
fn text() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        8 => prop::char::range('a', 'z'),
        4 => prop::char::range('A', 'Z'),
        4 => prop::char::range('0', '9'),
        1 => prop::sample::select(vec!['-', '.', '_', '~', 'é', 'ß', '名']),
    ];
    prop::collection::vec(letter, 9..40).prop_map(|letters| {
        letters.into_iter().enumerate().map(|(at, c)| if at % 7 == 3 { 'q' } else { c }).collect()
    })
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let fields = prop::collection::vec(text(), FIELDS.len());
    let choices = (0..METHODS.len(), 0..ROUTES.len(), 0..STATUSES.len());
    (choices, text(), text(), fields, text()).prop_map(
        |((method, route, status), segment, query, fields, body)| Drawn {
            method,
            route,
            segment,
            query,
            fields,
            body,
            status,
        },
    )
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl Drawn {
    fn request(&self) -> String {
        let (method, route) = (METHODS[self.method], ROUTES[self.route]);
        let (segment, query) = (percent(&self.segment), percent(&self.query));
        let fields: Vec<String> = FIELDS
            .iter()
            .zip(&self.fields)
            .map(|(name, value)| match *name {
                // Anything else than visible ASCII is no key, and the request goes no further.
                "Idempotency-Key: " => format!("{name}{}\r\n", percent(value)),
                _ => format!("{name}{value}\r\n"),
            })
            .collect();
        let fields = fields.concat();
        // A body of GET goes no further either.
        let body = match method {
            "GET" => String::new(),
            _ => format!(r#"{{"{}":"{}"}}"#, self.body, self.segment),
        };
        format!(
            "{method} {route}{segment}?phn={query}&{query}=1 HTTP/1.1\r\nHost: p\r\n{fields}X-Status: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            STATUSES[self.status],
            body.len()
        )
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        [&self.segment, &self.query, &self.body].into_iter().chain(&self.fields)
    }
}

/// Says back what it was asked, as a careless server does.
fn echo(request: &Request) -> Vec<u8> {
    let status = request.header("x-status").and_then(|status| status.parse().ok()).unwrap_or(200);
    let body = String::from_utf8_lossy(&request.body).into_owned();
    json(status, &format!(r#"{{"error":{body},"path":"{}"}}"#, request.target()))
}

/// Every run of the bytes, in small letters, as a number.
fn runs(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let small = bytes.to_ascii_lowercase();
    let numbers = small.windows(RUN).map(|run| u64::from_le_bytes(run.try_into().unwrap()));
    numbers.collect::<Vec<_>>().into_iter()
}

#[test]
fn no_run_of_eight_bytes_of_a_request_is_in_anything_that_is_kept() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (upstream, program) = runtime.block_on(async {
        let upstream = RawUpstream::answering(echo).await;
        // Half of the answers are failures, after which a breaker would let nothing through.
        let settings = [("telemetry.log_level", "\"trace\""), ("breaker.enabled", "false")];
        let program = Program::start(&upstream.url(), &settings).await;
        (upstream, program)
    });
    let check = |drawn: Vec<Drawn>| {
        runtime.block_on(async {
            let mut kept = Vec::new();
            for one in &drawn {
                let mut client = program.client().await;
                client.send(one.request()).await;
                let answer = client.answer().await;
                if answer.header("content-type") == Some("application/problem+json") {
                    kept.extend(answer.body);
                }
            }
            until("the events", || async {
                let (_, metrics) = program.page("/metrics").await;
                metrics.contains("accuscope_journal_unindexed_events 0").then_some(())
            })
            .await;
            for file in ["journal", "."] {
                for entry in fs::read_dir(program.folder().join(file)).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_file() && path.extension().is_none_or(|end| end != "toml") {
                        kept.extend(fs::read(path).unwrap());
                    }
                }
            }
            kept.extend(program.page("/metrics").await.1.into_bytes());
            let texts: HashMap<u64, &String> = drawn
                .iter()
                .flat_map(Drawn::texts)
                .flat_map(|text| runs(text.as_bytes()).map(move |run| (run, text)))
                .collect();
            let leak = runs(&kept).find_map(|run| texts.get(&run));
            prop_assert!(leak.is_none(), "a part of {:?} was kept", leak);
            Ok::<(), TestCaseError>(())
        })
    };
    let config =
        Config { cases: 4, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let cases = prop::collection::vec(drawn(), REQUESTS);
    TestRunner::new(config).run(&cases, check).unwrap();
    let arrived = upstream.seen_text().to_lowercase().matches("x-status: ").count();
    assert!(arrived >= 2 * REQUESTS, "only {arrived} requests went through");
    // The child's end needs the runtime.
    let _inside = runtime.enter();
    drop((program, upstream));
}
