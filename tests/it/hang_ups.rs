//! "The user closed the page": a call that the app gives up is one aborted event, and Accuro is not
//! kept busy for nobody.

use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::support::app::CLINICS;
use crate::support::upstream::{OK, pause};
use crate::support::{Client, Peer, RawUpstream, TestApp};

async fn one_aborted_event(app: &mut TestApp) -> serde_json::Value {
    app.events_of(1).await;
    let (events, cut) = app.stop().await;
    assert_eq!((events.len(), cut), (1, 0));
    let event = events.into_iter().next().unwrap();
    assert_eq!((&event["status"], &event["outcome"]), (&499.into(), &"aborted".into()), "{event}");
    assert!(event["reason"].is_null() && event["category"].is_null());
    event
}

fn hang_up(client: Client, reset: bool) {
    if reset {
        client.socket.set_zero_linger().unwrap();
    }
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_before_the_answer_ends_the_call_at_the_upstream_too() {
    for reset in [false, true] {
        let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
            peer.request().await;
            peer.closed().await;
        })
        .await;
        let mut app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
        upstream.has_seen("GET /a").await;
        hang_up(client, reset);
        upstream.ended(1).await;
        let event = one_aborted_event(&mut app).await;
        assert!(event["upstream_status"].is_null());
        // It was sent, so it was waited for.
        assert_eq!((&event["attempts"], &event["source"]), (&1.into(), &"upstream".into()));
        assert!(event["upstream_us"].as_u64().unwrap() > 0, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_inside_the_answer_ends_the_download() {
    for reset in [false, true] {
        let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
            peer.request().await;
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            while peer.socket.writable().await.is_ok() {
                use tokio::io::AsyncWriteExt;
                if peer.socket.write_all(chunk.as_bytes()).await.is_err() {
                    return;
                }
            }
        })
        .await;
        let mut app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
        assert!(client.head().await.unwrap().contains(" 200 "));
        client.some_bytes().await;
        hang_up(client, reset);
        upstream.ended(1).await;
        let event = one_aborted_event(&mut app).await;
        assert_eq!(event["upstream_status"], 200);
        assert!(event["bytes_out"].as_u64().unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_inside_the_upload_ends_it_and_is_not_accuros_failure() {
    for reset in [false, true] {
        for head in
            ["Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"]
        {
            let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
                peer.request().await;
            })
            .await;
            let mut app = TestApp::start(&upstream.url());
            let mut client = app.client().await;
            client.send(format!("POST /a HTTP/1.1\r\nHost: p\r\n{head}")).await;
            upstream.has_seen("abc").await;
            hang_up(client, reset);
            upstream.ended(1).await;
            let event = one_aborted_event(&mut app).await;
            assert_eq!(event["bytes_in"], 3, "{event}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_inside_an_upload_that_is_answered_already_is_the_apps_doing() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.head().await;
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc").await;
        peer.closed().await;
    })
    .await;
    let mut app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 100\r\n\r\nabc").await;
    client.head().await.unwrap();
    drop(client);
    upstream.ended(1).await;
    one_aborted_event(&mut app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_inside_a_head_is_no_call() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    for half in ["G", "GET /a HTTP/1.1\r\n", "GET /a HTTP/1.1\r\nHost: p\r\n", ""] {
        let mut client = app.client().await;
        client.send(half).await;
        app.metric_is("accuscope_proxy_connections", 1.0).await;
        drop(client);
        app.metric_is("accuscope_proxy_connections", 0.0).await;
    }
    assert_eq!(upstream.connections().opened, 0);
    assert_eq!(app.stop().await.0.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_stalls_is_told_so_and_is_not_accuros_failure() {
    let upstream = RawUpstream::always(OK).await;
    let settings = [("proxy.body_idle_timeout", "\"300ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 100\r\n\r\nabc").await;
    let told = client.answer().await.is_problem(408);
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.contains("part of it was sent"), "{detail}");
    let (events, _) = app.stop().await;
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0]["attempts"], &events[0]["source"]), (&1.into(), &"upstream".into()));
    assert_eq!((&events[0]["reason"], &events[0]["bytes_in"]), (&"bad_request".into(), &3.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_bytes_is_let_go() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        use tokio::io::AsyncWriteExt;
        peer.request().await;
        let total = 64 * 1_024 * 1_024;
        peer.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n")).await;
        let part = vec![b'x'; 256 * 1_024];
        for _ in 0..total / part.len() {
            if peer.socket.write_all(&part).await.is_err() {
                return;
            }
        }
    })
    .await;
    let settings = [("proxy.body_idle_timeout", "\"500ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
    client.head().await.unwrap();
    upstream.ended(1).await;
    one_aborted_event(&mut app).await;
    app_is_gone(client).await;
}

async fn app_is_gone(mut client: Client) {
    let received = client.rest().await;
    assert!(received.len() < 60 * 1_024 * 1_024);
    pause(0).await;
}

/// An address at which connections wait: the listener's queue is full, and nobody takes from it. They
/// wait as long as what is given back lives.
async fn nobody_accepts() -> (std::net::SocketAddr, (TcpListener, Vec<TcpStream>)) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    let patience = Duration::from_millis(500);
    while let Ok(connected) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        held.push(connected.unwrap());
    }
    (address, (listener, held))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_before_a_connection_was_not_sent() {
    // The connection is never made, and not given up while the app is there.
    let (silent, _held) = nobody_accepts().await;
    let mut app = TestApp::with(
        &format!("http://{silent}"),
        &[("upstream.connect_timeout", "\"15s\""), ("proxy.body_idle_timeout", "\"15s\"")],
        CLINICS,
    );
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 100\r\n\r\nabc").await;
    app.metric_is("accuscope_calls_in_flight", 1.0).await;
    drop(client);
    app.events_of(1).await;
    let (events, _) = app.stop().await;
    assert_eq!((&events[0]["attempts"], &events[0]["source"]), (&0.into(), &"accuscope".into()));
    assert!(events[0]["upstream_us"].is_null(), "{}", events[0]);
}
