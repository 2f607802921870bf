//! "The dashboard is empty", asked of a real Prometheus that scrapes an app at work.
//!
//! Each query of each dashboard is evaluated, and has to give data but for those that should not. How the
//! dashboards look is in `tests/alerts.rs`.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::prometheus::Prometheus;
use crate::support::upstream::json;
use crate::support::{RawUpstream, TestApp, exchange, until};

/// What is empty while all is well, and why.
const EMPTY: &[(&str, &str)] = &[
    ("ALERTS{", "no rules are loaded here"),
    ("changes(process_start_time_seconds", "nothing was restarted"),
    ("/ 3600 > 24)", "every clinic has called today"),
    ("rate(accuscope_malformed_requests_total", "the series comes with its first request"),
];

/// Every `expr` anywhere in a dashboard, with Grafana's variables filled in.
fn exprs(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, inner)| match inner.as_str() {
                Some(text) if key == "expr" => {
                    vec![text.replace("$__rate_interval", "1m").replace("$clinic", ".*")]
                }
                _ => exprs(inner),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(exprs).collect(),
        _ => Vec::new(),
    }
}

fn all() -> BTreeSet<(String, String)> {
    let files = fs::read_dir("dashboards").unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files
        .flat_map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let board: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            exprs(&board).into_iter().map(move |expr| (name.clone(), expr))
        })
        .collect()
}

/// Calls of every sort at one clinic.
async fn work(app: &TestApp) {
    const PORTAL: &str = "/rest/v1/provider-portal";
    const TENANT: &str = "uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330";
    for _ in 0..12 {
        for target in ["patients", "patients?q=none", "refused", "broken", "scheduler/appointments"]
        {
            let joint = if target.contains('?') { '&' } else { '?' };
            let target = format!("{PORTAL}/{target}{joint}{TENANT}");
            let head = "Authorization: Bearer one\r\n";
            exchange(app, format!("GET {target} HTTP/1.1\r\nHost: p\r\n{head}\r\n")).await;
        }
    }
    exchange(app, "GET / HTTP/1.1\r\nHost: p\r\nExpect: x\r\n\r\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_every_dashboard_gives_data_while_apps_work() {
    let upstream = RawUpstream::answering(|request| match request.target() {
        target if target.contains("/refused") => json(403, "{}"),
        target if target.contains("/broken") => json(503, "{}"),
        target if target.contains("q=none") => json(200, "[]"),
        _ => json(200, r#"[{"id":1}]"#),
    })
    .await;
    let app = TestApp::start(&upstream.url());
    work(&app).await;
    let Some(prometheus) = Prometheus::scraping(app.at.telemetry) else { return };
    // A counter counts from its first scrape on.
    until("the first scrape", || async {
        let seen = prometheus.query("accuscope_calls_total").await?;
        (!seen.is_empty()).then_some(())
    })
    .await;
    work(&app).await;
    work(&app).await;
    let all = all();
    assert!(all.len() > 60, "only {} queries were found", all.len());
    for (board, expression) in all {
        if let Some((_, why)) = EMPTY.iter().find(|(part, _)| expression.contains(part)) {
            let answered = until(&expression, || prometheus.query(&expression)).await;
            assert!(answered.is_empty(), "{board}: {expression} gives data, though {why}");
            continue;
        }
        until(&format!("{board}: data of {expression}"), || async {
            let found = prometheus.query(&expression).await?;
            (!found.is_empty()).then_some(())
        })
        .await;
    }
}
