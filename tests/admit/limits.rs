//! "One app took everything": limits, and who gives way when Accuro cannot take everybody.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::get;
use crate::support::app::CLINICS;
use crate::support::upstream::OK;
use crate::support::{Peer, RawUpstream, TestApp, exchange};

const PATIENT: &str = "/rest/v1/provider-portal/patients/8812";

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_that_calls_too_often_is_told_when_to_come_again_and_others_are_not_touched() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[("limits.clinic_per_minute", "12")], CLINICS);
    for _ in 0..2 {
        assert_eq!(exchange(&app, get(PATIENT, "t")).await.status, 200);
    }
    let limited = exchange(&app, get(PATIENT, "t")).await;
    assert_eq!(limited.is_problem(429)["reason"], "rate_limit");
    let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=5).contains(&wait), "{wait}");
    let other = get(PATIENT, "t").replace("maple-ridge", "cedar-hill");
    assert_eq!(exchange(&app, other).await.status, 200);
    assert!(app.metric("accuscope_limit_refusals_total{limit=\"clinic\"}").await > 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn background_work_gives_way_to_people() {
    let gate = Arc::new(Semaphore::new(0));
    let opens = Arc::clone(&gate);
    let upstream = RawUpstream::scripted(move |mut peer: Peer| {
        let gate = Arc::clone(&opens);
        async move {
            while peer.request().await.is_some() {
                gate.acquire().await.unwrap().forget();
                peer.send(OK).await;
            }
        }
    })
    .await;
    let settings = [("limits.max_in_flight", "4"), ("limits.min_in_flight", "4")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let background = get("/rest/v1/patients/search?name=x", "service");
    let mut open = Vec::new();
    for number in 1..=3 {
        let mut client = app.client().await;
        client.send(&background).await;
        app.metric_is("accuscope_calls_in_flight", f64::from(number)).await;
        open.push(client);
    }
    upstream.has_seen("name=x").await;
    let shed = exchange(&app, &background).await;
    assert_eq!(shed.is_problem(503)["reason"], "overloaded");
    let mut person = app.client().await;
    person.send(get(PATIENT, "person")).await;
    app.metric_is("accuscope_calls_in_flight", 4.0).await;
    let full = exchange(&app, get(PATIENT, "another")).await;
    assert_eq!(full.is_problem(503)["reason"], "overloaded");
    gate.add_permits(9);
    assert_eq!(person.answer().await.status, 200);
    for mut client in open {
        assert_eq!(client.answer().await.status, 200);
    }
    assert_eq!(exchange(&app, background).await.status, 200);
}
