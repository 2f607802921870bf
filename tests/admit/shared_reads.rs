//! "I saw somebody else's list" and "it still shows the old one": answers given to more than one call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::support::app::CLINICS;
use crate::support::upstream::json;
use crate::support::{RawUpstream, TestApp, exchange, until};
use crate::{event_of, get, numbered, post};

const OFFICES: &str = "/rest/v1/offices";
const PATIENT: &str = "/rest/v1/provider-portal/patients/8812";
const CACHE: [(&str, &str); 2] = [("cache.ttl", "\"1m\""), ("retry.most_sends", "1")];

async fn counting() -> (RawUpstream, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::answering(move |request| {
        numbered(request, count.fetch_add(1, Ordering::SeqCst) + 1)
    })
    .await;
    (upstream, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_data_is_given_again_to_the_same_token_at_the_same_clinic_only() {
    let (upstream, seen) = counting().await;
    let app = TestApp::with(&upstream.url(), &CACHE, CLINICS);
    let first = exchange(&app, get(OFFICES, "one")).await;
    assert_eq!(first.header("accuscope-cache"), Some("miss"));
    let hit = exchange(&app, get(OFFICES, "one")).await;
    assert_eq!((hit.header("accuscope-cache"), &hit.body), (Some("hit"), &first.body));
    assert!(hit.header("age").is_some());
    let event = event_of(&app, &hit).await;
    assert_eq!((&event["source"], &event["attempts"]), (&"cache".into(), &0.into()));
    #[rustfmt::skip]
    let others = [
        get(OFFICES, "two"),
        get(OFFICES, "one").replace("maple-ridge", "cedar-hill"),
        get("/rest/v1/offices?pageSize=5", "one"),
        get(OFFICES, "one").replace("application/json", "text/csv"),
        get(OFFICES, "one").replace("Accept:", "Cookie: a=b\r\nAccept:"),
        get(OFFICES, "one").replace("Accept:", "Cache-Control: no-cache\r\nAccept:"),
        get(PATIENT, "one"), get(PATIENT, "one"),
        get("/rest/v1/offices?patientId=8812", "one"), get("/rest/v1/offices?patientId=8812", "one"),
        get("/rest/v1/schedules", "one"), get("/rest/v1/schedules", "one"),
    ];
    for (number, other) in others.iter().enumerate() {
        let answer = exchange(&app, other).await;
        assert_ne!(answer.header("accuscope-cache"), Some("hit"), "{other}");
        assert_eq!(seen.load(Ordering::SeqCst), number + 2, "{other}");
    }
    // Without a token nothing is shared.
    let nobody = get(OFFICES, "x").replace("Authorization: Bearer x\r\n", "");
    for _ in 0..2 {
        assert_eq!(exchange(&app, &nobody).await.header("accuscope-cache"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_related_write_ends_what_is_kept_of_its_clinic() {
    let (upstream, _) = counting().await;
    let app = TestApp::with(&upstream.url(), &CACHE, CLINICS);
    let elsewhere = get(OFFICES, "t").replace("maple-ridge", "cedar-hill");
    let cache = async |request: &str| {
        exchange(&app, request).await.header("accuscope-cache").map(str::to_owned).unwrap()
    };
    for request in [&get(OFFICES, "t"), &elsewhere] {
        assert_eq!(cache(request).await, "miss");
    }
    // An appointment is no reference data.
    exchange(&app, post("", "{}")).await;
    assert_eq!(cache(&get(OFFICES, "t")).await, "hit");
    let related = post("", "{}").replace("/provider-portal/scheduler/appointments", "/offices");
    exchange(&app, related).await;
    assert_eq!(cache(&get(OFFICES, "t")).await, "miss");
    assert_eq!(cache(&elsewhere).await, "hit");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_accuro_is_down_reference_data_is_given_stale_and_patients_never() {
    let down = Arc::new(AtomicBool::new(false));
    let is_down = Arc::clone(&down);
    let upstream = RawUpstream::answering(move |_| {
        json(if is_down.load(Ordering::SeqCst) { 503 } else { 200 }, "[1]")
    })
    .await;
    let settings = [("cache.ttl", "\"1ms\""), CACHE[1]];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    for path in [OFFICES, PATIENT] {
        assert_eq!(exchange(&app, get(path, "t")).await.status, 200);
    }
    down.store(true, Ordering::SeqCst);
    for _ in 0..30 {
        let stale = exchange(&app, get(OFFICES, "t")).await;
        assert_eq!((stale.status, stale.header("accuscope-cache")), (200, Some("stale")));
        assert!(stale.header("warning").unwrap().starts_with("110 "));
    }
    // The breaker of its class has opened meanwhile, and it is still given.
    app.metric_is("accuscope_breaker_state{route_class=\"reference\"}", 1.0).await;
    assert_eq!(exchange(&app, get(OFFICES, "other")).await.status, 503);
    assert_eq!(exchange(&app, get(PATIENT, "t")).await.status, 503);
    down.store(false, Ordering::SeqCst);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_not_given_twice_and_whoever_is_refused_gets_nothing_old() {
    const PAGE: &str =
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    let turn = Arc::new(AtomicUsize::new(0));
    let turns = Arc::clone(&turn);
    let upstream = RawUpstream::answering(move |_| match turns.load(Ordering::SeqCst) {
        0 => PAGE.into(),
        1 => json(200, "{\"x"),
        2 => json(200, "[1]"),
        3 => json(401, "{}"),
        _ => json(503, "{}"),
    })
    .await;
    let settings = [("cache.ttl", "\"1ms\""), CACHE[1]];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    for (now, status, cache) in [
        (0, 200, "miss"),
        (1, 200, "miss"),
        // Nothing of what looked like a success is there to be given now.
        (4, 503, "miss"),
        (2, 200, "miss"),
        (4, 200, "stale"),
        (3, 401, "miss"),
        (4, 503, "miss"),
    ] {
        turn.store(now, Ordering::SeqCst);
        // It is fresh for a millisecond.
        let answer = until("an answer that is not fresh", || async {
            let answer = exchange(&app, get(OFFICES, "t")).await;
            Some(answer).filter(|answer| answer.header("accuscope-cache") != Some("hit"))
        })
        .await;
        let given = answer.header("accuscope-cache").unwrap_or_default();
        assert_eq!((answer.status, given), (status, cache), "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_reads_of_one_token_at_one_time_are_one_call() {
    let (gate, seen) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, count) = (Arc::clone(&gate), Arc::clone(&seen));
    let upstream = RawUpstream::scripted(move |mut peer| {
        let (gate, count) = (Arc::clone(&held), Arc::clone(&count));
        async move {
            while let Some(request) = peer.request().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                if request.method() == "GET" {
                    gate.acquire().await.unwrap().forget();
                }
                peer.send(numbered(&request, number)).await;
            }
        }
    })
    .await;
    let app = TestApp::with(&upstream.url(), &[("cache.coalesce", "true")], CLINICS);
    let sent = async |wanted: usize| {
        until("requests at Accuro", || async {
            (seen.load(Ordering::SeqCst) == wanted).then_some(())
        })
        .await;
    };
    let ask = async |request: String| {
        let mut client = app.client().await;
        client.send(request).await;
        client
    };
    let mut first = ask(get(PATIENT, "one")).await;
    sent(1).await;
    let mut joined = Vec::new();
    for _ in 0..10 {
        joined.push(ask(get(PATIENT, "one")).await);
    }
    app.metric_is("accuscope_calls_in_flight", 11.0).await;
    let mut others = Vec::new();
    for (number, other) in
        [get(PATIENT, "two"), get(PATIENT, "one").replace("maple-ridge", "cedar-hill")]
            .into_iter()
            .enumerate()
    {
        others.push(ask(other).await);
        sent(number + 2).await;
    }
    // A read that begins after a write has been answered does not join one from before it.
    assert_eq!(exchange(&app, post("", "{}")).await.status, 201);
    others.push(ask(get(PATIENT, "one")).await);
    sent(5).await;
    gate.add_permits(9);
    let original = first.answer().await;
    assert_eq!(original.header("accuscope-cache"), None);
    for mut client in joined {
        let answer = client.answer().await;
        assert_eq!(
            (answer.header("accuscope-cache"), &answer.body),
            (Some("coalesced"), &original.body)
        );
        assert_eq!(event_of(&app, &answer).await["source"], "coalesced");
    }
    for mut client in others {
        assert_ne!(client.answer().await.body, original.body);
    }
}
