//! "It failed once and the app gave up" and "you made our outage worse": reads are sent again, a few.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::app::CLINICS;
use crate::support::upstream::json;
use crate::support::{RawUpstream, TestApp, exchange};
use crate::{event_of, get};

/// An upstream that fails so often first, and how many requests it got.
async fn failing_first(times: usize, failure: &'static str) -> (RawUpstream, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::answering(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) < times {
            return failure.as_bytes().to_vec();
        }
        json(200, "{\"id\":1}")
    })
    .await;
    (upstream, seen)
}

const BUSY: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
const PATIENT: &str = "/rest/v1/provider-portal/patients/8812";

#[expect(clippy::disallowed_methods, reason = "a test measures how long an app waits")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_sent_again_after_what_passes_and_nothing_else_is() {
    #[rustfmt::skip]
    let table = [
        // the request line,                       what fails first,                                                  sends, status
        ("GET /rest/v1/provider-portal/patients/1", BUSY,                                                             2, 200),
        ("HEAD /rest/v1/provider-portal/patients/1", BUSY,                                                            2, 200),
        ("GET /rest/v1/provider-portal/patients/1", "HTTP/1.1 502 X\r\ncontent-length: 0\r\n\r\n",                    2, 200),
        ("GET /rest/v1/provider-portal/patients/1", "HTTP/1.1 504 X\r\ncontent-length: 0\r\n\r\n",                    2, 200),
        ("GET /rest/v1/provider-portal/patients/1", "HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n",                    1, 500),
        ("GET /rest/v1/provider-portal/patients/1", "HTTP/1.1 429 X\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",  1, 429),
        ("GET /rest/v1/provider-portal/patients/1", "HTTP/1.1 503 X\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n",  1, 503),
        ("GET /rest/v1/no-such-thing",              BUSY,                                                             2, 200),
        ("POST /rest/v1/patients",                  BUSY,                                                             1, 503),
        ("PUT /rest/v1/provider-portal/patients/1", BUSY,                                                             1, 503),
        ("DELETE /rest/v1/provider-portal/patients/1", BUSY,                                                          1, 503),
        ("OPTIONS /rest/v1/patients",               BUSY,                                                             1, 503),
        ("POST /oauth/token",                       BUSY,                                                             1, 503),
    ];
    for (line, failure, sends, status) in table {
        let (upstream, seen) = failing_first(1, failure).await;
        let app = TestApp::start(&upstream.url());
        let answer = exchange(&app, format!("{line} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
        assert_eq!(
            (answer.status, seen.load(Ordering::SeqCst)),
            (status, sends),
            "{line} {failure}"
        );
        let event = event_of(&app, &answer).await;
        assert_eq!(event["attempts"], sends, "{line} {failure}");
        assert_eq!(event["status"], status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_that_the_catalogue_calls_a_mutation_is_sent_once() {
    let (upstream, seen) = failing_first(1, BUSY).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.csv");
    let header = "operation,method,path,context,domain,mutation,list,cacheable,answer,source";
    let row = "patient.merge,GET,/rest/v1/merge/{id},any,patients,yes,no,no,json,operator";
    std::fs::write(&file, format!("{header}\n{row}\n")).unwrap();
    let file = format!("\"{}\"", file.display());
    let app = TestApp::with(&upstream.url(), &[("catalogue.file", &file)], CLINICS);
    assert_eq!(exchange(&app, get("/rest/v1/merge/1", "t")).await.status, 503);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_waited_for() {
    let (upstream, _) =
        failing_first(1, "HTTP/1.1 503 X\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n").await;
    let app = TestApp::start(&upstream.url());
    let begun = now();
    assert_eq!(exchange(&app, get(PATIENT, "t")).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_again_once_a_byte_has_reached_the_app() {
    for first in [
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"id\"",
    ] {
        let upstream = RawUpstream::scripted(move |mut peer| async move {
            peer.request().await;
            peer.send(first).await;
        })
        .await;
        let app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send(get(PATIENT, "t")).await;
        client.rest_of_answer().await;
        app.events_of(1).await;
        assert_eq!(upstream.seen_text().matches("GET ").count(), 1, "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_outage_retries_are_a_tenth_of_the_calls() {
    let (upstream, seen) = failing_first(usize::MAX, BUSY).await;
    let settings = [("breaker.enabled", "false"), ("retry.pause", "\"1ms\"")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    for _ in 0..200 {
        client.send(get(PATIENT, "t")).await;
        assert_eq!(client.answer().await.status, 503);
    }
    let retries = seen.load(Ordering::SeqCst) - 200;
    // Of each ten seconds, one more than a tenth at most; the run may touch several.
    assert!((1..=23).contains(&retries), "{retries}");
    assert!(app.metric("accuscope_retries_withheld_total{cause=\"budget\"}").await > 150.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_s_time_is_kept() {
    let (upstream, seen) = failing_first(usize::MAX, BUSY).await;
    let settings = [
        ("retry.most_sends", "9"),
        ("retry.pause", "\"500ms\""),
        ("upstream.response_timeout", "\"1s\""),
        ("retry.budget_percent", "100"),
    ];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    // Calls before it leave room in the budget.
    for _ in 0..3 {
        let begun = now();
        client.send(get(PATIENT, "t")).await;
        assert_eq!(client.answer().await.status, 503, "Accuro's own answer, not a timeout of ours");
        assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
    }
    assert!(seen.load(Ordering::SeqCst) > 3);
}
