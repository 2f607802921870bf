//! What is counted where.

use super::*;
use crate::domain::event::json;

fn call(status: u16, ending: &str, duration_us: u64) -> Exchange {
    let line = format!(
        r#"{{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","clinic":"maple-ridge","context":"provider","operation":"patient.search","domain":"patients","method":"GET","route":"/x","status":{status},"upstream_status":{status},{ending},"duration_us":{duration_us},"upstream_us":{duration_us},"attempts":1}}"#
    );
    json::read_line(line.as_bytes()).unwrap()
}

#[test]
fn a_known_call_lands_in_its_series_and_bucket() {
    let clinic = ClinicId::parse("maple-ridge").unwrap();
    let metrics = Metrics::new("1", "sandbox", &[&clinic]);
    metrics.count(&call(200, r#""outcome":"ok""#, 120_000), None);
    metrics.count(&call(403, r#""outcome":"failed","reason":"forbidden""#, 1_000), None);
    // Without any answer, the reason alone tells how the request came back.
    let mut unanswered = call(504, r#""outcome":"failed","reason":"response_timeout""#, 1_000);
    unanswered.upstream_status = None;
    metrics.count(&unanswered, None);
    let text = metrics.encode(Format::Text).unwrap();
    for line in [
        r#"accuscope_calls_total{category="none",clinic="maple-ridge",context="provider",domain="patients",outcome="ok"} 1"#,
        r#"accuscope_calls_total{category="auth",clinic="maple-ridge",context="provider",domain="patients",outcome="failed"} 1"#,
        r#"accuscope_operations_total{operation="patient.search",outcome="failed",reason="forbidden"} 1"#,
        r#"accuscope_call_duration_seconds_bucket{domain="patients",outcome="ok",le="0.1"} 0"#,
        r#"accuscope_call_duration_seconds_bucket{domain="patients",outcome="ok",le="0.25"} 1"#,
        r#"accuscope_upstream_requests_total{result="auth",upstream="accuro"} 1"#,
        r#"accuscope_upstream_requests_total{result="timeout",upstream="accuro"} 1"#,
        r#"accuscope_patient_searches_total{clinic="maple-ridge",outcome="ok"} 1"#,
        r#"accuscope_clinic_last_call_timestamp_seconds{clinic="maple-ridge"} 1795540325"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_bucket_shows_a_trace_whose_id_may_be_shown_and_none_otherwise() {
    let metrics = Metrics::new("1", "sandbox", &[]);
    let trace = TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
    metrics.count(&call(200, r#""outcome":"ok""#, 120_000), Some(trace));
    metrics.count(&call(200, r#""outcome":"ok""#, 2_000_000), None);
    let text = metrics.encode(Format::OpenMetrics).unwrap();
    for series in [
        r#"accuscope_call_duration_seconds_bucket{domain="patients",outcome="ok",le="0.25"} 1"#,
        r#"accuscope_upstream_request_duration_seconds_bucket{domain="patients",upstream="accuro",le="0.25"} 1"#,
    ] {
        let line = format!("{series} # {{trace_id=\"{trace}\"}} 0.12 1795540325.120\n");
        assert!(text.contains(&line), "{line}\n{text}");
    }
    assert_eq!(text.matches("trace_id").count(), 2, "{text}");
    assert!(text.ends_with("\n# EOF\n"));
    assert!(!metrics.encode(Format::Text).unwrap().contains("trace_id"));
}

#[test]
fn every_metric_has_a_prefix_and_a_unit_or_total() {
    for (name, _) in EXPORTED {
        assert!(name.starts_with("accuscope_"), "{name}");
    }
}

#[test]
fn the_objective_counts_what_accuro_and_we_owe_and_sign_ins_that_fail_in_a_row() {
    let clinic = ClinicId::parse("maple-ridge").unwrap();
    let metrics = Metrics::new("1", "sandbox", &[&clinic]);
    for (status, ending, counts, bad) in [
        (200, r#""outcome":"ok""#, 1, 0),
        (200, r#""outcome":"empty","reason":"empty_result""#, 1, 0),
        (403, r#""outcome":"failed","reason":"forbidden""#, 1, 0),
        (422, r#""outcome":"failed","reason":"unprocessable""#, 1, 0),
        (429, r#""outcome":"failed","reason":"rate_limited""#, 1, 0),
        (503, r#""outcome":"failed","reason":"upstream_unavailable""#, 1, 1),
        (503, r#""outcome":"failed","reason":"circuit_open""#, 1, 1),
        (503, r#""outcome":"failed","reason":"audit_unavailable""#, 1, 1),
        (403, r#""outcome":"failed","reason":"app_key_unknown""#, 1, 0),
        (499, r#""outcome":"aborted""#, 0, 0),
    ] {
        let events = metrics.sli_events.with_label_values(&["patients"]);
        let bads = metrics.sli_bad.with_label_values(&["patients"]);
        let before = (events.get(), bads.get());
        metrics.count(&call(status, ending, 1_000), None);
        let now = (events.get(), bads.get());
        assert_eq!((now.0 - before.0, now.1 - before.1), (counts, bad), "{ending}");
    }
    let failures = metrics.token_failures.with_label_values(&["maple-ridge"]);
    for (ending, expected) in [
        (r#""outcome":"failed","reason":"grant_rejected""#, 1),
        (r#""outcome":"failed","reason":"response_timeout""#, 2),
        (r#""outcome":"failed","reason":"bad_request""#, 2),
        (r#""outcome":"ok""#, 0),
    ] {
        let mut grant = call(200, ending, 1_000);
        grant.operation = crate::domain::names::OperationName::parse("auth.token").unwrap();
        metrics.count(&grant, None);
        assert_eq!(failures.get(), expected, "{ending}");
    }
}

/// The list of metrics as a document.
fn document() -> String {
    let mut text = String::from(
        "# Metrics\n\nWhat `/metrics` on the telemetry listener tells, in Prometheus's text format, or as OpenMetrics to whoever \
         asks for it\n(`Accept: application/openmetrics-text`): then the buckets of `accuscope_call_duration_seconds` and\n\
         `accuscope_upstream_request_duration_seconds` carry one trace id each. An id that could be a number of a \
         person, and is\nrecorded under a key, is never among them. This list is made from the code \
         (`src/telemetry/metrics/mod.rs`), and a test\nholds it; the site shows it under `/runbooks/metrics`. No identifier, path \
         or token is ever a label; the number of clinics is\nbounded by the settings.\n\n| metric | type | labels | what |\n| --- | --- | --- | --- |\n",
    );
    for Listed { name, kind, labels, what } in listed() {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let cells = [format!("`{name}`"), kind.into(), labels.join(", "), what.into()];
        text.extend(["| ", &cells.join(" | "), " |\n"]);
    }
    text
}

/// To write the list anew: `ACCUSCOPE_WRITE_DOCS=1 cargo nextest run the_list_of_metrics`.
#[test]
fn the_list_of_metrics_in_the_docs_is_the_codes() {
    let file = "docs/metrics.md";
    if std::env::var_os("ACCUSCOPE_WRITE_DOCS").is_some() {
        std::fs::write(file, document()).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert!(kept == document(), "{file} is not what the code says; see this test's comment");
}
