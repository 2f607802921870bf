//! "Answers get mixed up, or calls fail when nothing is wrong with Accuro."

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::upstream::{OK, json, pause};
use crate::support::{Peer, RawUpstream, TestApp, exchange, soon};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: p\r\n\r\n")
}

/// Tells each request's target.
async fn echo() -> (RawUpstream, TestApp) {
    let upstream =
        RawUpstream::answering(|request| json(200, &format!("\"{}\"", request.target()))).await;
    let app = TestApp::start(&upstream.url());
    (upstream, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_requests_are_answered_in_their_order() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            // The first is the slowest.
            pause(if request.target() == "/0" { 100 } else { 0 }).await;
            peer.send(json(200, &format!("\"{}\"", request.target()))).await;
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    let mut requests = String::new();
    for number in 0..20 {
        requests += &get(&format!("/{number}"));
        if number % 3 == 0 {
            requests += "\r\n";
        }
        let post = format!("POST /{number}b HTTP/1.1\r\nHost: p\r\nContent-Length: 3\r\n\r\nGET");
        requests += &post;
    }
    client.send(&requests).await;
    for number in 0..20 {
        assert_eq!(client.answer().await.text(), format!("\"/{number}\""));
        assert_eq!(client.answer().await.text(), format!("\"/{number}b\""));
    }
    assert_eq!(app.events_of(40).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_the_upstream_are_used_again() {
    let (upstream, app) = echo().await;
    let app = Arc::new(app);
    let clients = (0..4).map(|number| {
        let app = app.clone();
        tokio::spawn(async move {
            let mut client = app.client().await;
            for _ in 0..250 {
                client.send(get(&format!("/{number}"))).await;
                assert_eq!(client.answer().await.text(), format!("\"/{number}\""));
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let opened = upstream.connections().opened;
    assert!(opened <= 10, "{opened} connections for 1000 requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooled_connection_that_the_upstream_closed_fails_no_later_call() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        if peer.request().await.is_some() {
            peer.send(OK).await;
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    for number in 0..30 {
        let post = "POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 1\r\n\r\nx".to_owned();
        client.send(if number % 2 == 0 { get("/a") } else { post }).await;
        assert_eq!(client.answer().await.status, 200, "call {number}");
        upstream.ended(number + 1).await;
        // The close has left the upstream; it reaches the proxy's pool within this moment.
        pause(5).await;
    }
}

/// Answers the first request of a connection, and closes at the second one without a byte.
async fn closes_when_used_again(arrivals: Arc<AtomicUsize>) -> RawUpstream {
    RawUpstream::scripted(move |mut peer: Peer| {
        let arrivals = arrivals.clone();
        async move {
            if peer.request().await.is_some() {
                arrivals.fetch_add(1, Ordering::SeqCst);
                peer.send(OK).await;
            }
            if peer.request().await.is_some() {
                arrivals.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_met_a_closing_connection_is_sent_again_and_a_write_never() {
    let arrivals = Arc::new(AtomicUsize::new(0));
    let upstream = closes_when_used_again(arrivals.clone()).await;
    let app = TestApp::start(&upstream.url());
    // One connection, so one lane and the same connections to Accuro.
    let mut client = app.client().await;
    client.send(get("/a")).await;
    assert_eq!(client.answer().await.status, 200);
    client.send(get("/a")).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 200, "it met a closing connection and was sent again");
    let event = app.event(&answer.support_code()).await;
    assert_eq!((&event["attempts"], &event["outcome"]), (&2.into(), &"ok".into()));
    assert_eq!(arrivals.load(Ordering::SeqCst), 3);

    for write in [
        "POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: p\r\nContent-Length: 1\r\n\r\nx",
        "DELETE /a HTTP/1.1\r\nHost: p\r\n\r\n",
    ] {
        let upstream = closes_when_used_again(arrivals.clone()).await;
        let app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send(get("/a")).await;
        assert_eq!(client.answer().await.status, 200);
        arrivals.store(0, Ordering::SeqCst);
        client.send(write).await;
        let answer = client.answer().await;
        assert_eq!(answer.is_problem(502)["reason"], "body_broken", "{write}");
        assert_eq!(arrivals.load(Ordering::SeqCst), 1, "{write}");
        assert_eq!(app.event(&answer.support_code()).await["attempts"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_on_a_fresh_connection_or_with_a_broken_answer_is_not_sent_again() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        if peer.number == 1 {
            peer.send("HTTP/1.1 2").await;
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    for number in 1..=2 {
        exchange(&app, get("/a")).await.is_problem(502);
        assert_eq!(upstream.connections().opened, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_during_the_upload_reaches_the_app_and_the_next_request_is_in_step() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while let Some(head) = peer.head().await {
            peer.send(json(200, "\"early\"")).await;
            let mut request =
                crate::support::Request { head, body: Vec::new(), trailers: Vec::new() };
            if peer.body_of(&mut request).await.is_none() {
                return;
            }
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 40\r\n\r\n").await;
    client.send("GET /body HTTP/1.1\r\n").await;
    assert_eq!(client.answer().await.text(), "\"early\"");
    client.try_send("x".repeat(19)).await;
    // Either the connection goes on in step, or it is closed; it never takes the body for a request.
    if client.try_send(get("/next")).await
        && let Some(answer) = client.try_answer_to("GET").await
    {
        assert_eq!(answer.text(), "\"early\"");
    }
    assert!(!upstream.seen_text().contains("\r\n\r\nGET /body HTTP/1.1\r\nhost"));
    let events = app.events_of(1).await;
    assert_eq!(events[0]["outcome"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_upload_that_the_upstream_closes_upon_is_read_whole_by_the_app() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.head().await;
        peer.send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig")
            .await;
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    let total = 64 * 1_024 * 1_024;
    client.send(format!("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: {total}\r\n\r\n")).await;
    let chunk = vec![b'x'; 256 * 1_024];
    for _ in 0..16 {
        if !client.try_send(&chunk).await {
            break;
        }
    }
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.text().as_str()), (413, "big"));
    assert_eq!(app.event(&answer.support_code()).await["reason"], "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_reads_is_not_taken_for_the_next_request() {
    let (upstream, app) = echo().await;
    let mut client = app.client().await;
    let smuggled = get("/smuggled");
    let length = smuggled.len();
    // Refused before its body is read, with the body in the same packet.
    client
        .send(format!(
            "POST /a HTTP/1.1\r\nHost: p\r\nExpect: x\r\nContent-Length: {length}\r\n\r\n{smuggled}"
        ))
        .await;
    client.answer().await.is_problem(417);
    if client.try_send(get("/next")).await
        && let Some(answer) = client.try_answer_to("GET").await
    {
        assert_eq!(answer.text(), "\"/next\"");
    }
    assert!(!upstream.seen_text().contains("/smuggled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn extra_bytes_of_the_upstream_are_never_the_next_answer() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            let mut answer = json(200, &format!("\"{}\"", request.target()));
            answer.extend(json(200, "\"forged\""));
            peer.send(answer).await;
        }
    })
    .await;
    let app = Arc::new(TestApp::start(&upstream.url()));
    let clients = (0..4).map(|_| {
        let app = app.clone();
        tokio::spawn(async move {
            let mut client = app.client().await;
            for number in 0..50 {
                client.send(get(&format!("/{number}"))).await;
                let answer = client.answer().await;
                if answer.status == 200 {
                    assert_eq!(answer.text(), format!("\"/{number}\""));
                } else {
                    answer.is_problem(502);
                }
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_when_either_side_asks_for_it() {
    let (_upstream, app) = echo().await;
    let mut client = app.client().await;
    client.send("GET /a HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n").await;
    assert_eq!(client.answer().await.header("connection"), Some("close"));
    assert!(client.is_closed().await);

    // The upstream's wish to close its connection is not the app's business.
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    for _ in 0..5 {
        client.send(get("/a")).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
    soon("its connections to end", upstream.ended(5)).await;
}
