//! "Somebody sends us rubbish": it is refused with words, counted, never repeated, and hurts nobody.

use std::sync::Arc;

use tokio::time::Instant;

use crate::support::app::CLINICS;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange};

/// What a request carries that must not come back.
const SECRET: &str = "Tremblay9123456780";

#[expect(clippy::too_many_lines, reason = "most of it is one table")]
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_rubbish_gets_its_status_and_is_counted() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let long = "x".repeat(40_000);
    let table = [
        (format!("GET /{SECRET}"), 0, ""),
        (format!("GET /{SECRET} HTTP/1.1\r\n\r\n"), 400, "host"),
        (format!("GET /{SECRET} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400, "host"),
        (format!("GET /{SECRET} HTTP/1.1\r\nHost: a b\r\n\r\n"), 400, "host"),
        (format!("GET /{SECRET} HTTP/1.1\r\nHost: a\r\nX-{SECRET} : b\r\n\r\n"), 400, "field_line"),
        (format!("GET /{SECRET} HTTP/1.1\r\nHost: a\r\n {SECRET}: b\r\n\r\n"), 400, "field_line"),
        (
            format!("GET /{SECRET} HTTP/1.1\r\nHost: a\r\nX_Forwarded_{SECRET}: b\r\n\r\n"),
            400,
            "field_name",
        ),
        (
            format!("GET /{SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
            400,
            "unexpected_body",
        ),
        (format!("GET /{SECRET} HTTP/1.1\nHost: a\n\n"), 400, "line_end"),
        (format!("GET {SECRET} HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "target"),
        (format!("GET /<{SECRET}> HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "target"),
        (format!("{SECRET}\r\n\r\n"), 400, "request_line"),
        (format!("GET /{SECRET} HTTP/3.0\r\nHost: a\r\n\r\n"), 505, "version"),
        (format!("GET /{SECRET} FTP/1.1\r\nHost: a\r\n\r\n"), 400, "request_line"),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 431, "head_too_large"),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", &long[..20_000]), 414, "target_too_long"),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"), 431, "head_too_large"),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(101)),
            431,
            "head_too_large",
        ),
        (
            format!(
                "POST /{SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"
            ),
            400,
            "content_length",
        ),
        (
            format!("POST /{SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx"),
            400,
            "content_length",
        ),
        (
            format!(
                "POST /{SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            400,
            "transfer_encoding",
        ),
        (
            format!(
                "POST /{SECRET} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n"
            ),
            400,
            "transfer_encoding",
        ),
        (
            format!("POST /{SECRET} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400,
            "transfer_encoding",
        ),
        (
            format!(
                "POST /{SECRET} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
            ),
            501,
            "unknown_coding",
        ),
    ];
    let mut codes = Vec::new();
    let good_calls = table.len() - 1;
    for (request, status, problem) in &table {
        let series = format!("accuscope_malformed_requests_total{{problem=\"{problem}\"}}");
        let before = app.metric(&series).await;
        let mut client = app.client().await;
        client.send(request).await;
        if *status == 0 {
            continue;
        }
        let answer = client.answer().await;
        // Bytes that are no request at all are no event, so no code is given for them.
        let document = if *problem == "request_line" {
            assert_eq!(answer.header("accuscope-support-code"), None);
            answer.json()
        } else {
            codes.push(answer.support_code());
            answer.is_problem(*status)
        };
        assert_eq!(
            answer.header("connection"),
            Some("close"),
            "{}",
            &request[..60.min(request.len())]
        );
        assert!(client.is_closed().await);
        assert_eq!(document["category"], "validation");
        assert!(!format!("{}{}", answer.head, answer.text()).contains(SECRET));
        app.metric_is(&series, before + 1.0).await;
        assert_eq!(exchange(&app, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 200);
    }
    assert!(!upstream.seen_text().contains(SECRET));
    let (events, _) = app.stop().await;
    assert_eq!(events.len(), good_calls + codes.len());
    for code in codes {
        let event = events.iter().find(|event| event["support_code"] == *code).unwrap();
        assert_eq!(event["category"], "validation", "{event}");
        assert_eq!(
            (&event["source"], &event["attempts"], &event["operation"]),
            (&"accuscope".into(), &0.into(), &"unknown".into()),
        );
        assert!(event["upstream_us"].is_null() && event["upstream_status"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_its_framing_is_the_apps_failure() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let broken = [
        "zz\r\n",
        "3\r\nabcd\r\n",
        "3\nabc\n",
        "-1\r\n",
        "0x3\r\nabc\r\n",
        "1\r\na\r\n0\r\nX Y: z\r\n\r\n",
    ];
    for chunks in broken {
        let mut client = app.client().await;
        client
            .send(format!("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"))
            .await;
        client.answer().await.is_problem(400);
        assert!(client.is_closed().await, "{chunks:?}");
    }
    assert!(!upstream.seen_text().contains("/smuggled"));
    let (events, _) = app.stop().await;
    assert_eq!(events.len(), broken.len());
    for event in events {
        assert_eq!(
            (&event["status"], &event["reason"]),
            (&400.into(), &"bad_request".into()),
            "{event}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_after_a_good_request_lets_the_good_one_be_answered_first() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\nrubbish\r\n\r\nGET /late HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(client.answer().await.status, 400);
    assert!(client.is_closed().await);
    assert!(!upstream.seen_text().contains("/late"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_client_that_goes_on_sending_still_reads_why() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    let line = format!("X-Long: {}\r\n", "y".repeat(8_000));
    client.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
    for _ in 0..200 {
        if !client.try_send(&line).await {
            break;
        }
    }
    client.answer().await.is_problem(431);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_heads_are_ended_in_time_while_a_good_client_is_served() {
    let upstream = RawUpstream::always(OK).await;
    let settings = [("proxy.head_timeout", "\"1s\"")];
    let app = Arc::new(TestApp::with(&upstream.url(), &settings, CLINICS));
    let begun = Instant::now();
    let mut slow = Vec::new();
    for number in 0..300 {
        let app = app.clone();
        slow.push(tokio::spawn(async move {
            let mut client = app.client().await;
            client
                .send(if number % 2 == 0 { "GET / HT" } else { "GET / HTTP/1.1\r\nHost: a\r\n" })
                .await;
            let answer = client.answer().await;
            answer.is_problem(408);
            assert!(client.is_closed().await);
        }));
    }
    let mut waits = Vec::new();
    while slow.iter().any(|task| !task.is_finished()) {
        let asked = Instant::now();
        assert_eq!(exchange(&app, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 200);
        waits.push(asked.elapsed());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for task in slow {
        task.await.unwrap();
    }
    waits.sort_unstable();
    let median = waits[waits.len() / 2];
    assert!(median.as_millis() < 500, "the good client waited {median:?}");
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    app.metric_is("accuscope_malformed_requests_total{problem=\"head_timeout\"}", 300.0).await;
    app.metric_is("accuscope_proxy_connections", 0.0).await;
}
