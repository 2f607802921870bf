//! "We restart it and calls fail, or are forgotten."

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use accuscope::store::{ExchangeFilter, Store, StoreUrl};
use tokio::net::TcpStream;

use crate::support::app::{CLINICS, journal};
use crate::support::child::Program;
use crate::support::upstream::{OK, pause};
use crate::support::{Peer, RawUpstream, TestApp, soon, until};

const GET: &str = "GET /a HTTP/1.1\r\nHost: p\r\n\r\n";

/// Answers after a while.
async fn slow(milliseconds: u64) -> RawUpstream {
    RawUpstream::scripted(move |mut peer: Peer| async move {
        while peer.request().await.is_some() {
            pause(milliseconds).await;
            peer.send(OK).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_flight_end_whole_and_are_recorded() {
    let upstream = slow(700).await;
    let mut app = TestApp::start(&upstream.url());
    let mut calls = Vec::new();
    for _ in 0..50 {
        let mut client = app.client().await;
        client.send(GET).await;
        calls.push(tokio::spawn(async move {
            let answer = client.answer().await;
            assert!(client.is_closed().await);
            answer
        }));
    }
    app.metric_is("accuscope_calls_in_flight", 50.0).await;
    let at = app.at.proxy;
    let (events, cut) = app.stop().await;
    assert_eq!((events.len(), cut), (50, 0));
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    }
    assert!(events.iter().all(|event| event["outcome"] == "ok"));
    assert!(TcpStream::connect(at).await.is_err(), "nobody is let in any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_connections_are_refused_and_readiness_ends_while_calls_go_on() {
    let upstream = slow(2_000).await;
    let mut app = TestApp::start(&upstream.url());
    let (proxy, telemetry) = (app.at.proxy, app.at.telemetry);
    let mut client = app.client().await;
    client.send(GET).await;
    app.metric_is("accuscope_calls_in_flight", 1.0).await;
    let running = app.running.take().unwrap();
    let stopping = tokio::spawn(running.stop());
    until("refusal", || async { TcpStream::connect(proxy).await.is_err().then_some(()) }).await;
    let (status, text) = crate::support::app::page(telemetry, "/readyz").await;
    assert_eq!(status, 503);
    assert!(text.contains("draining"), "{text}");
    assert_eq!(crate::support::app::page(telemetry, "/healthz").await.0, 200);
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(soon("the stop", stopping).await.unwrap(), 0);
    assert_eq!(app.events().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_delay_a_stop() {
    let upstream = RawUpstream::always(OK).await;
    let settings = [("proxy.drain_timeout", "\"15s\""), ("proxy.head_timeout", "\"2s\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut used = app.client().await;
    used.send(GET).await;
    used.answer().await;
    let mut fresh = app.client().await;
    let mut half = app.client().await;
    half.send("GET / HT").await;
    app.metric_is("accuscope_proxy_connections", 3.0).await;
    let begun = tokio::time::Instant::now();
    let (_, cut) = app.stop().await;
    assert_eq!(cut, 0);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    assert!(used.is_closed().await && fresh.is_closed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_on_its_way_at_the_stop_is_waited_for() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let (start, rest) = GET.split_at(12);
    let mut clients = Vec::new();
    for later_ms in [0, 600, 1_200] {
        let mut client = app.client().await;
        client.send(start).await;
        clients.push((client, later_ms));
    }
    app.metric_is("accuscope_proxy_connections", 3.0).await;
    let stopping = tokio::spawn(app.running.take().unwrap().stop());
    let sending = clients.into_iter().map(|(mut client, later_ms)| async move {
        // Slow apps, not a wait for anything.
        tokio::time::sleep(std::time::Duration::from_millis(later_ms)).await;
        client.send(rest).await;
        client.answer().await.status
    });
    assert_eq!(futures_util::future::join_all(sending).await, [200; 3]);
    assert_eq!(soon("the stop", stopping).await.unwrap(), 0);
    assert_eq!(app.events().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_crosses_the_stop_on_its_way_is_answered() {
    let upstream = RawUpstream::always(OK).await;
    for _ in 0..5 {
        let mut app = TestApp::start(&upstream.url());
        let mut clients = Vec::new();
        for _ in 0..20 {
            let mut client = app.client().await;
            client.send(GET).await;
            client.answer().await;
            clients.push(client);
        }
        let stopping = tokio::spawn(app.running.take().unwrap().stop());
        for client in &mut clients {
            client.send(GET).await;
        }
        for client in &mut clients {
            let answer = client.answer().await;
            assert_eq!(answer.status, 200);
        }
        soon("the stop", stopping).await.unwrap();
        assert_eq!(app.events().len(), 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_outlast_the_drain_time_are_cut_and_recorded_as_aborted() {
    let upstream = slow(60_000).await;
    let settings = [("proxy.drain_timeout", "\"500ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = app.client().await;
        client.send(GET).await;
        clients.push(client);
    }
    app.metric_is("accuscope_calls_in_flight", 5.0).await;
    let (events, cut) = app.stop().await;
    assert_eq!((events.len(), cut), (5, 5));
    for event in events {
        assert_eq!((&event["status"], &event["outcome"]), (&499.into(), &"aborted".into()));
    }
    for client in &mut clients {
        assert!(client.is_closed().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_recorded_before_a_stop_is_in_the_store_after_it() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    for _ in 0..200 {
        client.send(GET).await;
        client.answer().await;
    }
    drop(client);
    assert_eq!(app.stop().await.0.len(), 200);
    assert_eq!(stored(app.folder()).await, 200);
}

/// How many events the store of a stopped process holds.
async fn stored(folder: &std::path::Path) -> u64 {
    let url = StoreUrl::parse(&format!("sqlite:{}", folder.join("store.db").display())).unwrap();
    let store = Store::open(&url).await.unwrap();
    let count = store.count(&ExchangeFilter::default(), 1_000_000).await.unwrap();
    store.close().await;
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_program_ends_well() {
    let upstream = slow(300).await;
    let mut program = Program::start(&upstream.url(), &[]).await;
    let mut client = program.client().await;
    client.send(GET).await;
    upstream.has_seen("GET /a").await;
    let (ended, answer) = tokio::join!(program.terminate(), client.answer());
    assert_eq!((ended, answer.status), (0, 200));
    assert_eq!(journal(&program.folder().join("journal")).len(), 1);
    assert_eq!(stored(program.folder()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_forgets_nothing_old_and_counts_nothing_twice() {
    let upstream = RawUpstream::always(OK).await;
    let mut program = Program::start(&upstream.url(), &[]).await;
    let mut answered = 0;
    for round in 0..3 {
        let done = Arc::new(AtomicUsize::new(0));
        let mut clients = Vec::new();
        for _ in 0..4 {
            let mut client = program.client().await;
            let done = done.clone();
            clients.push(tokio::spawn(async move {
                while client.try_send(GET).await && client.try_answer_to("GET").await.is_some() {
                    done.fetch_add(1, Ordering::SeqCst);
                }
            }));
        }
        until("traffic", || async { (done.load(Ordering::SeqCst) > 300).then_some(()) }).await;
        // What was answered a moment ago is on disk by now; the last moment may be lost.
        let before = answered + done.load(Ordering::SeqCst);
        until("the journal to keep up", || async {
            let lines = journal(&program.folder().join("journal")).len();
            (lines >= before).then_some(())
        })
        .await;
        program = program
            .kill_and_restart(&upstream.url(), &[], |folder| {
                let segment = fs::read_dir(folder.join("journal"))
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.extension().is_some_and(|end| end == "ndjson"))
                    .max()
                    .unwrap();
                if round == 1 {
                    // A line torn in its middle, as a power cut leaves it.
                    let mut text = fs::read(&segment).unwrap();
                    text.extend(b"{\"v\":1,\"id\":\"0193");
                    fs::write(&segment, text).unwrap();
                }
            })
            .await;
        for client in clients {
            client.await.unwrap();
        }
        let events = journal(&program.folder().join("journal"));
        let all = answered + done.load(Ordering::SeqCst);
        assert!(events.len() >= before, "{} of {all}", events.len());
        assert!(events.len() <= all + 4, "{} of {all}", events.len());
        answered = events.len();
    }
    let ids: std::collections::BTreeSet<String> = journal(&program.folder().join("journal"))
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), answered, "no event is there twice");
    until("the index to catch up", || async {
        (stored(program.folder()).await == answered as u64).then_some(())
    })
    .await;
    assert_eq!(program.terminate().await, 0);
    assert_eq!(stored(program.folder()).await, answered as u64);
}
