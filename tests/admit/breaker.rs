//! "Accuro is down and every screen hangs": it is left alone, and found again by one call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::get;
use crate::support::app::CLINICS;
use crate::support::upstream::json;
use crate::support::{RawUpstream, TestApp, exchange, until};

const SETTINGS: [(&str, &str); 3] =
    [("retry.most_sends", "1"), ("breaker.open", "\"300ms\""), ("breaker.flap_openings", "0")];
const PATIENT: &str = "/rest/v1/provider-portal/patients/8812";
const STATE: &str = "accuscope_breaker_state{route_class=\"chart\"}";

#[tokio::test(flavor = "multi_thread")]
async fn twenty_failures_open_it_and_one_good_answer_closes_it() {
    let (down, seen) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (is_down, count) = (Arc::clone(&down), Arc::clone(&seen));
    let upstream = RawUpstream::answering(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        json(if is_down.load(Ordering::SeqCst) { 500 } else { 200 }, "{}")
    })
    .await;
    let settings = [SETTINGS[0], ("breaker.open", "\"2s\""), SETTINGS[2]];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    for _ in 0..20 {
        assert_eq!(exchange(&app, get(PATIENT, "t")).await.status, 500);
    }
    let refused = exchange(&app, get(PATIENT, "t")).await;
    let problem = refused.is_problem(503);
    assert_eq!((&problem["reason"], &problem["retryable"]), (&"circuit_open".into(), &true.into()));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(seen.load(Ordering::SeqCst), 20, "the last one was not sent");
    app.metric_is(STATE, 1.0).await;
    // Another class goes its own way.
    assert_eq!(exchange(&app, get("/rest/v1/offices", "t")).await.status, 500);
    down.store(false, Ordering::SeqCst);
    until("a call that tries", || async {
        (exchange(&app, get(PATIENT, "t")).await.status == 200).then_some(())
    })
    .await;
    app.metric_is(STATE, 0.0).await;
    assert_eq!(exchange(&app, get(PATIENT, "t")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_missing_records_never_open_it() {
    for status in [400, 401, 403, 404, 409, 410, 422, 429] {
        let upstream = RawUpstream::answering(move |_| json(status, "{}")).await;
        let app = TestApp::with(&upstream.url(), &SETTINGS, CLINICS);
        let mut client = app.client().await;
        for _ in 0..40 {
            client.send(get(PATIENT, "t")).await;
            assert_eq!(client.answer().await.status, status);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_clinic_s_trouble_does_not_keep_others_out() {
    let upstream = RawUpstream::answering(|request| {
        json(if request.target().contains("bad") { 500 } else { 200 }, "{}")
    })
    .await;
    let app = TestApp::with(&upstream.url(), &SETTINGS, CLINICS);
    let good = get(PATIENT, "t").replace("maple-ridge", "cedar-hill");
    assert_eq!(exchange(&app, &good).await.status, 200);
    for _ in 0..40 {
        assert_eq!(exchange(&app, get(&format!("{PATIENT}?bad"), "t")).await.status, 500);
    }
    assert_eq!(exchange(&app, &good).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accuro_that_cannot_be_reached_opens_it_and_flapping_switches_writes_off() {
    let settings = [SETTINGS[0], SETTINGS[1], ("breaker.flap_openings", "1")];
    let app = TestApp::with("http://127.0.0.1:1", &settings, CLINICS);
    for _ in 0..20 {
        exchange(&app, get(PATIENT, "t")).await.is_problem(502);
    }
    let write = exchange(&app, crate::post("", "{}")).await.is_problem(503);
    assert_eq!(write["reason"], "read_only");
    app.metric_is("accuscope_read_only{cause=\"flapping\"}", 1.0).await;
}
