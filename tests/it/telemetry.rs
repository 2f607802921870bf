//! "Prometheus cannot read it, or the balancer sends calls to a process that cannot serve."

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::app::CLINICS;
use crate::support::upstream::{OK, json};
use crate::support::{RawUpstream, TestApp, exchange};

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_after_every_kind_of_call_are_good_prometheus() {
    let upstream = RawUpstream::answering(|request| match request.target() {
        "/401" => json(401, "{}"),
        "/404" => json(404, "{}"),
        "/503" => json(503, "{}"),
        "/broken" => b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_vec(),
        target if target.starts_with("/rest/v1/provider-portal/patients") => json(200, "[]"),
        _ => OK.as_bytes().to_vec(),
    })
    .await;
    let app = TestApp::start(&upstream.url());
    for target in [
        "/401",
        "/404",
        "/503",
        "/broken",
        "/a",
        "/rest/v1/provider-portal/patients?uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330",
    ] {
        exchange(&app, format!("GET {target} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
    }
    exchange(&app, "GET / HTTP/1.1\r\nHost: p\r\nExpect: x\r\n\r\n").await;
    exchange(&app, "rubbish\r\n\r\n").await;
    let (status, text) = app.telemetry("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "accuscope_calls_total{category=\"auth\",clinic=\"none\",context=\"none\",domain=\"unknown\",outcome=\"failed\"} 1",
        "accuscope_calls_total{category=\"not_found\",clinic=\"maple-ridge\",context=\"none\",domain=\"patients\",outcome=\"empty\"} 1",
        "accuscope_operations_total{operation=\"patient.search\",outcome=\"empty\",reason=\"empty_result\"} 1",
        "accuscope_patient_searches_total{clinic=\"maple-ridge\",outcome=\"empty\"} 1",
        "accuscope_upstream_requests_total{result=\"server_error\",upstream=\"accuro\"} 2",
        "accuscope_upstream_requests_total{result=\"auth\",upstream=\"accuro\"} 1",
        "accuscope_malformed_requests_total{problem=\"request_line\"} 1",
        "accuscope_calls_in_flight 0",
        "accuscope_recorder_dropped_events_total 0",
        "accuscope_journal_writable 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let checker = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut checker) = checker else { return };
    checker.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = checker.wait_with_output().unwrap();
    let words =
        String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{words}");
    assert_eq!(words, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_as_often_as_they_are_recorded() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    for _ in 0..100 {
        client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
        client.answer().await;
    }
    let (_, text) = app.telemetry("/metrics").await;
    let counted: f64 = text
        .lines()
        .filter(|line| line.starts_with("accuscope_calls_total{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum();
    let (events, _) = app.stop().await;
    assert_eq!((counted, events.len()), (100.0, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_reached_is_told_and_stops_nothing() {
    let upstream = RawUpstream::always(OK).await;
    let settings = [("store.url", "\"postgres://nobody:secret@127.0.0.1:1/none\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    assert_eq!(exchange(&app, "GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await.status, 200);
    let (status, text) = app.telemetry("/readyz").await;
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, told["store"].as_str()), (200, Some("unreachable")));
    assert_eq!(
        (told["proxy"].as_str(), told["journal"].as_str()),
        (Some("serving"), Some("writable"))
    );
    assert!(!text.contains("secret"));
    assert_eq!(app.telemetry("/healthz").await, (200, "ok\n".to_owned()));
    app.metric_is("accuscope_store_up", 0.0).await;
    assert_eq!(app.stop().await.0.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_serves_says_so() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    crate::support::until("readiness with the store", || async {
        let (status, text) = app.telemetry("/readyz").await;
        (status == 200 && text.contains("\"status\":\"ready\"")).then_some(())
    })
    .await;
    assert_eq!(app.telemetry("/elsewhere").await.0, 404);
}
