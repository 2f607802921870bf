//! "Our gateway speaks HTTP/2 without TLS": it works, and is as strict.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::h2c::{H2c, empty, full, whole};
use crate::support::upstream::{OK, json};
use crate::support::{Client, Peer, RawUpstream, TestApp, exchange, soon};

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_answers_go_through() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let mut client = H2c::connect(app.at.proxy).await;
    let request = Request::post("http://api.example/a/../b;c?q=%20&")
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .header("te", "trailers")
        .header("x-order", "1")
        .header("x-order", "2")
        .header("accuscope-actor", "zoe")
        .body(full("hello"))
        .unwrap();
    let (status, headers, body) = whole(client.send(request).await).await;
    assert_eq!((status, &body[..]), (200, &b"{\"id\":1}"[..]));
    assert!(headers.get("connection").is_none());
    let seen = upstream.seen_text();
    assert!(seen.starts_with("POST /a/../b;c?q=%20& HTTP/1.1\r\n"), "{seen}");
    for wanted in [
        "cookie: a=1; b=2\r\n",
        "te: trailers\r\n",
        "via: 2.0 accuscope",
        "x-order: 1\r\nx-order: 2\r\n",
    ] {
        assert!(seen.contains(wanted), "{wanted} in {seen}");
    }
    assert!(seen.contains(&format!("host: {}\r\n", upstream.address)), "{seen}");
    assert!(seen.ends_with("\r\n\r\nhello"), "{seen}");
    assert!(!seen.contains("accuscope-") && !seen.contains("api.example"), "{seen}");
    let code = headers["accuscope-support-code"].to_str().unwrap();
    let event = app.event(code).await;
    assert_eq!((&event["bytes_in"], &event["outcome"]), (&5.into(), &"ok".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_go_both_ways() {
    let upstream = RawUpstream::answering(|request| {
        assert_eq!(request.trailers, ["x-sum: 7"]);
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n1\r\nx\r\n0\r\nX-End: 1\r\n\r\n".to_vec()
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = H2c::connect(app.at.proxy).await;
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("7"));
    let frames = [Ok(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(trailers))];
    let body = StreamBody::new(futures_util::stream::iter(frames)).boxed();
    let request = Request::post("http://a/").header("trailer", "x-sum").body(body).unwrap();
    let answer = client.send(request).await.into_body().collect().await.unwrap();
    assert_eq!(answer.trailers().unwrap()["x-end"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_streams_at_once_are_a_hundred_events() {
    let upstream =
        RawUpstream::answering(|request| json(200, &format!("\"{}\"", request.target()))).await;
    let mut app = TestApp::start(&upstream.url());
    let client = H2c::connect(app.at.proxy).await;
    let calls = (0..100).map(|number| {
        let mut client = H2c(client.0.clone());
        tokio::spawn(async move {
            let (status, _, body) = client.get(&format!("/{number}")).await;
            assert_eq!((status, body), (200, Bytes::from(format!("\"/{number}\""))));
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!(app.stop().await.0.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_the_app_resets_is_one_aborted_event() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let mut app = TestApp::start(&upstream.url());
    let mut client = H2c::connect(app.at.proxy).await;
    let call = client.0.send_request(Request::get("http://a/slow").body(empty()).unwrap());
    let call = tokio::spawn(call);
    upstream.has_seen("GET /slow").await;
    call.abort();
    upstream.ended(1).await;
    app.events_of(1).await;
    let (events, _) = app.stop().await;
    assert_eq!((events.len(), &events[0]["status"]), (1, &499.into()));
    assert_eq!(events[0]["outcome"], "aborted");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_problem_documents_here_too() {
    let app = TestApp::start("http://accuro.invalid");
    let mut client = H2c::connect(app.at.proxy).await;
    let (status, headers, body) = client.get("/a").await;
    assert_eq!(
        (status, &headers["content-type"]),
        (502, &HeaderValue::from_static("application/problem+json"))
    );
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["reason"], "dns_failed");
    assert_eq!(problem["support_code"], headers["accuscope-support-code"].to_str().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_waits_for_the_upstreams_wish_or_a_second() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let mut client = H2c::connect(app.at.proxy).await;
    let request =
        Request::post("http://a/a").header("expect", "100-continue").body(full("body")).unwrap();
    assert_eq!(client.send(request).await.status(), 200);
    assert!(upstream.seen_text().ends_with("body"));
}

/// One HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A field, literally, without the table (RFC 7541, 6.2.2).
fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0, u8::try_from(name.len()).unwrap()];
    bytes.extend(name.as_bytes());
    bytes.push(u8::try_from(value.len()).unwrap());
    bytes.extend(value.as_bytes());
    bytes
}

/// Sends one head and tells whether the stream or the connection was refused without an answer.
async fn is_refused(app: &TestApp, fields: &[(&str, &str)]) -> bool {
    let Client { mut socket, .. } = app.client().await;
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    let head: Vec<u8> = fields.iter().flat_map(|(name, value)| literal(name, value)).collect();
    bytes.extend(frame(1, 0x5, 1, &head));
    socket.write_all(&bytes).await.unwrap();
    soon("frames", async {
        loop {
            let mut head = [0; 9];
            if socket.read_exact(&mut head).await.is_err() {
                return true;
            }
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            socket.read_exact(&mut payload).await.unwrap();
            match (head[3], payload.first()) {
                // RST_STREAM, GOAWAY, HEADERS whose first field is `:status 400` of the static table.
                (3 | 7, _) | (1, Some(0x8c)) => return true,
                (1, _) => return false,
                _ => {}
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_http_2_forbids_reach_nobody() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let good = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/good")];
    assert!(!is_refused(&app, &good).await);
    let with = |extra: &[(&'static str, &'static str)]| [&good[..], extra].concat();
    for bad in [
        with(&[("connection", "close")]),
        with(&[("transfer-encoding", "chunked")]),
        with(&[("keep-alive", "5")]),
        with(&[("upgrade", "x")]),
        with(&[("te", "gzip")]),
        with(&[("X-Upper", "x")]),
        with(&[(":path", "/twice")]),
        with(&[("x", "1"), (":late", "x")]),
        with(&[("x", "a\r\nb: c")]),
        vec![(":method", "GET"), (":scheme", "http"), (":authority", "a")],
        vec![(":scheme", "http"), (":authority", "a"), (":path", "/x")],
        vec![(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "")],
        vec![(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/a b")],
        vec![(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "no-slash")],
    ] {
        assert!(is_refused(&app, &bad).await, "{bad:?}");
    }
    let seen = upstream.seen_text();
    assert_eq!(seen.matches("HTTP/1.1\r\n").count(), 1, "{seen}");
    assert_eq!(exchange(&app, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_streams_end_and_cuts_those_that_do_not() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let settings = [("proxy.drain_timeout", "\"500ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, crate::support::app::CLINICS);
    let client = Arc::new(H2c::connect(app.at.proxy).await);
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let mut sender = client.0.clone();
            tokio::spawn(async move {
                sender.send_request(Request::get("http://a/slow").body(empty()).unwrap()).await
            })
        })
        .collect();
    app.metric_is("accuscope_calls_in_flight", 5.0).await;
    let (events, cut) = app.stop().await;
    assert_eq!((events.len(), cut), (5, 5));
    assert!(events.iter().all(|event| event["outcome"] == "aborted"));
    for call in calls {
        assert!(call.await.unwrap().is_err());
    }
}
