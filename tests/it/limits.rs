//! "It falls over when many come at once."

use crate::support::app::CLINICS;
use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{Peer, RawUpstream, TestApp, soon};

const GET: &str = "GET /a HTTP/1.1\r\nHost: p\r\n\r\n";
const MIB: u64 = 1_024 * 1_024;

#[tokio::test(flavor = "multi_thread")]
async fn further_connections_wait_for_their_turn() {
    let upstream = RawUpstream::always(OK).await;
    let settings = [("proxy.max_connections", "3")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut first = Vec::new();
    for _ in 0..3 {
        let mut client = app.client().await;
        client.send(GET).await;
        assert_eq!(client.answer().await.status, 200);
        first.push(client);
    }
    let mut fourth = app.client().await;
    fourth.send(GET).await;
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(300), fourth.head()).await;
    assert!(waiting.is_err(), "the fourth has to wait");
    drop(first.pop());
    assert_eq!(soon("the fourth's turn", fourth.answer()).await.status, 200);
    app.metric_is("accuscope_proxy_connections", 3.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_takes_the_place_of_one_that_asks_for_nothing_and_not_of_one_at_work() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while let Some(head) = peer.head().await {
            if head.starts_with("GET /slow") {
                // It never comes; the app waits for it.
                peer.closed().await;
                return;
            }
            peer.send(OK).await;
        }
    })
    .await;
    let settings = [("proxy.max_connections", "3")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut at_work = app.client().await;
    at_work.send("GET /slow HTTP/1.1\r\nHost: p\r\n\r\n").await;
    upstream.has_seen("GET /slow").await;
    let (mut idle, mut never_asked) = (app.client().await, app.client().await);
    idle.send(GET).await;
    assert_eq!(idle.answer().await.status, 200);
    // Three are there, and none waits for a minute: both idle ones go, one for each that comes.
    let mut more = Vec::new();
    for number in 0..2 {
        let mut client = app.client().await;
        client.send(GET).await;
        assert_eq!(soon("a place", client.answer()).await.status, 200, "{number}");
        more.push(client);
    }
    assert!(soon("the idle one's end", idle.is_closed()).await);
    assert!(soon("the silent one's end", never_asked.is_closed()).await);
    app.metric_is("accuscope_proxy_connections", 3.0).await;
    app.metric_is("accuscope_calls_in_flight", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_http2_peer_that_answers_no_goodbye_holds_no_place() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[("proxy.max_connections", "3")], CLINICS);
    let mut silent = Vec::new();
    for _ in 0..3 {
        let mut client = app.client().await;
        // The preface and empty SETTINGS; nothing is read or answered after that.
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
        silent.push(client);
    }
    for _ in 0..2 {
        let mut client = app.client().await;
        client.send(GET).await;
        assert_eq!(soon("a place", client.answer()).await.status, 200);
        silent.push(client);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_idle_connections_hurt_nobody() {
    let upstream = RawUpstream::always(OK).await;
    let program = Program::start(&upstream.url(), &[]).await;
    let before = program.memory();
    let mut idle = Vec::new();
    for number in 0..500 {
        let mut client = program.client().await;
        if number % 2 == 0 {
            client.send(GET).await;
            assert_eq!(client.answer().await.status, 200);
        }
        idle.push(client);
    }
    let begun = tokio::time::Instant::now();
    for client in idle.iter_mut().step_by(50) {
        client.send(GET).await;
        assert_eq!(client.answer().await.status, 200);
    }
    assert!(begun.elapsed().as_secs() < 5);
    let grown = program.memory().saturating_sub(before);
    assert!(grown < 64 * MIB, "{} MiB for 500 connections", grown / MIB);
}

/// The size of one large body. The rule is the same at any size, since nothing holds a body.
const LARGE: u64 = 256 * MIB;

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_take_no_memory_in_either_direction() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        let head = peer.head().await.unwrap();
        let part = vec![b'x'; 256 * 1_024];
        if head.starts_with("GET") {
            peer.send(format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {LARGE}\r\n\r\n")).await;
            for _ in 0..LARGE / part.len() as u64 {
                peer.socket.write_all(&part).await.unwrap();
            }
        } else {
            // The body is counted and not kept.
            let mut left = LARGE;
            let mut sink = part;
            while left > 0 {
                left -= peer.socket.read(&mut sink).await.unwrap() as u64;
            }
            peer.send(OK).await;
        }
    })
    .await;
    let program = Program::start(&upstream.url(), &[]).await;
    let mut most = 0;
    let before = program.memory();

    let mut client = program.client().await;
    client
        .send(format!(
            "POST /a HTTP/1.1\r\nHost: p\r\nExpect: 100-continue\r\nContent-Length: {LARGE}\r\n\r\n"
        ))
        .await;
    assert!(client.head().await.unwrap().contains(" 100 "));
    let part = vec![b'x'; 256 * 1_024];
    for number in 0..LARGE / part.len() as u64 {
        client.send(&part).await;
        if number % 64 == 0 {
            most = most.max(program.memory());
        }
    }
    assert_eq!(client.answer().await.status, 200);

    client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
    client.head().await.unwrap();
    let mut left = LARGE;
    let mut sink = part;
    let mut number = 0;
    left -= client.take_buffered() as u64;
    while left > 0 {
        let read = soon("the download", client.socket.read(&mut sink)).await.unwrap() as u64;
        assert!(read > 0, "{left} bytes are missing");
        left -= read;
        number += 1;
        if number % 256 == 0 {
            most = most.max(program.memory());
        }
    }
    let grown = most.saturating_sub(before);
    assert!(grown < 64 * MIB, "memory grew by {} MiB", grown / MIB);
    let events = crate::support::until("both events", || async {
        let events = crate::support::app::journal(&program.folder().join("journal"));
        (events.len() == 2).then_some(events)
    })
    .await;
    assert_eq!((&events[0]["bytes_in"], &events[1]["bytes_out"]), (&LARGE.into(), &LARGE.into()));
}
