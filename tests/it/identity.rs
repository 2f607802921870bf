//! "I cannot find my call again": request ids, traces and support codes.

use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange};

async fn started() -> (RawUpstream, TestApp) {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    (upstream, app)
}

fn get(fields: &str) -> String {
    format!("GET /a HTTP/1.1\r\nHost: p\r\n{fields}\r\n")
}

fn sent<'t>(head: &'t str, name: &str) -> Vec<&'t str> {
    crate::support::client::values(head, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_of_a_known_shape_is_kept() {
    let (upstream, app) = started().await;
    for id in [
        "01939f6e-5a2b-7c3d-8e4f-0123456789ab",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        let answer = exchange(&app, get(&format!("X-Request-Id: {id}\r\n"))).await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!(sent(&upstream.last_head(), "x-request-id").last(), Some(&id));
        let event = app.event(&answer.support_code()).await;
        assert_eq!(event["request_id"].as_str().unwrap().to_lowercase(), id.to_lowercase());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_could_name_a_person_is_passed_on_and_recorded_as_a_reference() {
    let (upstream, app) = started().await;
    let mut references = Vec::new();
    for id in ["Tremblay-Marie", "9123456780", "0123456789abcdeg", "a b", "Tremblay-Marie"] {
        let answer = exchange(&app, get(&format!("X-Request-Id: {id}\r\n"))).await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!(sent(&upstream.last_head(), "x-request-id").last(), Some(&id));
        let event = app.event(&answer.support_code()).await;
        let reference = event["request_id"].as_str().unwrap().to_owned();
        assert!(reference.starts_with("rq_k1_") && reference.len() == 32, "{reference}");
        references.push(reference);
    }
    assert_eq!(references[0], references[4], "the same id gives the same reference");
    assert_ne!(references[0], references[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_request_id_gets_one() {
    let (upstream, app) = started().await;
    for fields in ["", "X-Request-Id:\r\n"] {
        let answer = exchange(&app, get(fields)).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(sent(&upstream.last_head(), "x-request-id").last(), Some(&id));
        assert_eq!(app.event(&answer.support_code()).await["request_id"], id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_with_a_span_of_our_own() {
    let (upstream, app) = started().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (parent, flags) in [
        (format!("00-{trace}-00f067aa0ba902b7-01"), "01"),
        (format!("00-{trace}-00f067aa0ba902b7-00"), "00"),
        (format!("cc-{trace}-00f067aa0ba902b7-01-what-the-future-holds"), "01"),
    ] {
        let state = "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE";
        let answer =
            exchange(&app, get(&format!("traceparent: {parent}\r\nTraceState: {state}\r\n"))).await;
        let seen = upstream.last_head();
        let ours = sent(&seen, "traceparent")[0].to_owned();
        let event = app.event(&answer.support_code()).await;
        assert_eq!(event["trace_id"], trace);
        assert_eq!(ours, format!("00-{trace}-{}-{flags}", event["span_id"].as_str().unwrap()));
        assert_ne!(event["span_id"], "00f067aa0ba902b7");
        let state: String = sent(&seen, "tracestate").join(",").replace(' ', "");
        assert_eq!(state, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
        assert!(!event.to_string().contains("rojo"), "tracestate is never recorded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_is_not_valid_begins_anew() {
    let (_, app) = started().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let valid = format!("traceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
    for fields in [
        format!("{valid}{valid}"),
        format!("traceparent: 00-{trace}-0000000000000000-01\r\n"),
        format!("traceparent: 00-{}-00f067aa0ba902b7-01\r\n", "0".repeat(32)),
        format!("traceparent: ff-{trace}-00f067aa0ba902b7-01\r\n"),
        format!("traceparent: 00-{trace}-00f067aa0ba902b7-01-x\r\n"),
        format!("traceparent: 00-{}-00f067aa0ba902b7-01\r\n", trace.to_uppercase()),
        "traceparent: rubbish\r\n".to_owned(),
    ] {
        let upstream = RawUpstream::always(OK).await;
        let app2 = TestApp::start(&upstream.url());
        let answer = exchange(&app2, get(&format!("{fields}tracestate: a=1\r\n"))).await;
        let seen = upstream.last_head();
        let ours = sent(&seen, "traceparent");
        assert_eq!(ours.len(), 1, "{fields}");
        assert!(!ours[0].contains(trace), "{fields}");
        assert!(sent(&seen, "tracestate").is_empty(), "{fields}");
        let event = app2.event(&answer.support_code()).await;
        assert!(ours[0].contains(event["trace_id"].as_str().unwrap()));
    }
    let answer = exchange(&app, get(&format!("{valid}tracestate: not a list\r\n"))).await;
    assert_eq!(app.event(&answer.support_code()).await["trace_id"], trace);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_support_code_that_can_be_read_aloud() {
    let (_, app) = started().await;
    let mut codes = std::collections::BTreeSet::new();
    for request in [
        get(""),
        get("Expect: x\r\n"),
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
    ] {
        let code = exchange(&app, request).await.support_code();
        let plain = |c: char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !"ILOU".contains(c));
        let (left, right) = code.split_once('-').unwrap();
        assert!(left.len() == 4 && right.len() == 4 && format!("{left}{right}").chars().all(plain));
        assert!(codes.insert(code));
    }
    // The store finds the call by it too.
    let answer = exchange(&app, get("")).await;
    let store = crate::support::until("the store", || async { app.store() }).await;
    let filter = accuscope::store::ExchangeFilter {
        support_code: accuscope::domain::ids::SupportCode::parse(&answer.support_code()),
        ..Default::default()
    };
    crate::support::until("the event in the store", || async {
        let page = store.exchanges(&filter, None, 10).await.unwrap();
        (page.items.len() == 1).then_some(())
    })
    .await;
}
