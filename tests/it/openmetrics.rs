//! "The graph is slow at half past two: which call was it?", asked of a real Prometheus.

use serde_json::Value;

use crate::support::prometheus::{Prometheus, page_with};
use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange, until};

/// A trace as an app sends it, and one whose id could be a health number.
const PLAIN: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const NUMBER: &str = "00000000000000000000009876543210";

async fn call(app: &TestApp, trace: &str) {
    let parent = format!("traceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
    let parent = if trace.is_empty() { String::new() } else { parent };
    exchange(app, format!("GET /a HTTP/1.1\r\nHost: p\r\n{parent}\r\n")).await;
}

/// The trace ids of a telling, and the ids of the events that the journal holds.
fn shown(text: &str) -> Vec<String> {
    let parts = text.split("# {trace_id=\"").skip(1);
    let mut ids: Vec<String> = parts.map(|part| part[..32].to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

const OPEN_METRICS: &str = "accept: application/openmetrics-text; version=1.0.0\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_for_whoever_asks_and_a_number_of_a_person_is_none() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    // The first call would be the example, were its id one that may be shown.
    call(&app, NUMBER).await;
    let event = app.events_of(1).await;
    let kept = event[0]["trace_id"].as_str().unwrap().to_owned();
    assert_ne!(kept, NUMBER);
    let (_, kind, text) = page_with(app.at.telemetry, "/metrics", OPEN_METRICS).await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(text.ends_with("\n# EOF\n") && shown(&text).is_empty(), "{text}");
    assert!(!text.contains(&kept) && !text.contains("9876543210"), "{text}");

    call(&app, PLAIN).await;
    call(&app, "").await;
    app.metric_is("accuscope_calls_in_flight", 0.0).await;
    let (_, _, text) = page_with(app.at.telemetry, "/metrics", OPEN_METRICS).await;
    assert!(shown(&text).contains(&PLAIN.to_owned()), "{text}");
    let examples = text.matches("trace_id").count();
    let with = text.lines().filter(|line| line.contains("trace_id")).count();
    assert_eq!(examples, with, "one a bucket");
    assert!(!text.contains(&kept) && !text.contains("9876543210"), "{text}");

    let (_, kind, plain) = page_with(app.at.telemetry, "/metrics", "accept: */*\r\n").await;
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert!(shown(&plain).is_empty() && !plain.contains("# EOF"));
    // The same series in both.
    let series = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("accuscope_"));
        let mut all: Vec<String> = lines
            .filter_map(|line| Some(line.split(" # ").next()?.rsplit_once(' ')?.0.to_owned()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(series(&text), series(&plain));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_reads_it_and_keeps_the_examples() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    call(&app, NUMBER).await;
    call(&app, PLAIN).await;
    let Some(prometheus) = Prometheus::scraping(app.at.telemetry) else { return };
    let found = until("the example", || async {
        let query = "/api/v1/query_exemplars?query=accuscope_call_duration_seconds_bucket&start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z";
        let told = prometheus.get(query).await?;
        told.as_array().filter(|all| !all.is_empty()).cloned()
    })
    .await;
    let ids: Vec<&Value> = found
        .iter()
        .flat_map(|series| series["exemplars"].as_array().unwrap())
        .map(|one| &one["labels"]["trace_id"])
        .collect();
    assert_eq!(ids, [PLAIN]);
    let targets = prometheus.get("/api/v1/targets").await.unwrap();
    let target = &targets["activeTargets"][0];
    assert_eq!((target["health"].as_str(), target["lastError"].as_str()), (Some("up"), Some("")));
    let calls = until("the counter", || async {
        let found = prometheus.query("sum(accuscope_calls_total)").await?;
        Some(found.first()?["value"][1].as_str()?.to_owned())
    })
    .await;
    assert_eq!(calls, "2");
    let types = prometheus.get("/api/v1/metadata?metric=accuscope_calls_total").await.unwrap();
    let base = prometheus.get("/api/v1/metadata?metric=accuscope_calls").await.unwrap();
    let told = types["accuscope_calls_total"][0]["type"].as_str();
    assert_eq!(told.or(base["accuscope_calls"][0]["type"].as_str()), Some("counter"));
}
