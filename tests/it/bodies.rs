//! "My upload never arrives, or the answer is not the one that Accuro gave."

use crate::support::upstream::{OK, json, pause};
use crate::support::{Client, Peer, RawUpstream, Request, TestApp, exchange};

fn post(head: &str, body: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: p\r\n{head}\r\n{body}")
}

/// Keeps what it was sent, to be looked at: head, a line, body, a line, trailers.
async fn recorder() -> (RawUpstream, TestApp) {
    let upstream = RawUpstream::answering(|request| {
        let framing = request.header("transfer-encoding").or(request.header("content-length"));
        let body = serde_json::json!({
            "framing": framing,
            "body": String::from_utf8_lossy(&request.body),
            "trailers": request.trailers,
        });
        json(200, &body.to_string())
    })
    .await;
    let app = TestApp::start(&upstream.url());
    (upstream, app)
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_keep_their_framing_and_every_byte() {
    let (_upstream, app) = recorder().await;
    for (request, framing, body, trailers) in [
        (post("Content-Length: 5\r\n", "hello"), "5", "hello", ""),
        (post("Content-Length: 0\r\n", ""), "0", "", ""),
        (
            post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
            "chunked",
            "abcde",
            "",
        ),
        (post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), "chunked", "", ""),
        (
            post(
                "Transfer-Encoding: chunked\r\nTrailer: x-sum, accuscope-actor\r\n",
                "1\r\na\r\n0\r\nX-Sum: 7\r\nAccuscope-Actor: zoe\r\n\r\n",
            ),
            "chunked",
            "a",
            "x-sum: 7",
        ),
    ] {
        let answer = exchange(&app, &request).await;
        assert_eq!(answer.status, 200, "{request}");
        let seen = answer.json();
        assert_eq!(
            (seen["framing"].as_str(), seen["body"].as_str()),
            (Some(framing), Some(body)),
            "{request}"
        );
        let lines: Vec<_> = seen["trailers"].as_array().unwrap().iter().collect();
        assert_eq!(lines.first().map_or("", |line| line.as_str().unwrap()), trailers, "{request}");
        assert!(lines.len() < 2, "{seen}");
        let event = app.event(&answer.support_code()).await;
        assert_eq!(event["bytes_in"], body.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_an_app_takes_over_its_body_is_not_the_upstreams_time() {
    // The app dawdles from when its head has reached the upstream, so that the call has begun by
    // then whatever the machine is busy with.
    let (came, mut heads) = tokio::sync::mpsc::unbounded_channel();
    let upstream = RawUpstream::scripted(move |mut peer: Peer| {
        let came = came.clone();
        async move {
            let Some(head) = peer.head().await else { return };
            came.send(()).unwrap();
            let mut request = Request { head, body: Vec::new(), trailers: Vec::new() };
            peer.body_of(&mut request).await;
            assert_eq!(request.body, b"hellohello");
            peer.send(OK).await;
            peer.closed().await;
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 10\r\n\r\nhello").await;
    heads.recv().await.unwrap();
    pause(900).await;
    client.send("hello").await;
    let event = app.event(&client.answer().await.support_code()).await;
    let of = |name: &str| event[name].as_u64().unwrap();
    assert!(
        of("duration_us") >= 900_000 && of("upstream_us") < of("duration_us") - 800_000,
        "{event}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_with_many_fields_pass() {
    let fields: Vec<String> = (0..200).map(|number| format!("X-{number}: v")).collect();
    let fields = fields.join("\r\n");
    let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\nContent-Length: 2\r\n\r\n{{}}");
    let upstream = RawUpstream::always(answer.leak()).await;
    let app = TestApp::start(&upstream.url());
    let answer = exchange(&app, "GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
    assert_eq!((answer.status, answer.header("x-199")), (200, Some("v")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_cut_into_single_bytes_arrives_whole() {
    let (_upstream, app) = recorder().await;
    let mut client = app.client().await;
    let request = post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n");
    for byte in request.as_bytes() {
        client.send([*byte]).await;
    }
    assert_eq!(client.answer().await.json()["body"], "abc");
}

/// Sends a request that waits for 100 and tells whether the 100 came.
async fn ask_to_continue(client: &mut Client) {
    client.send(post("Content-Length: 4\r\nExpect: 100-continue\r\n", "")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_waits_until_the_upstream_asks_for_it() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        let Some(head) = peer.head().await else { return };
        assert!(head.to_ascii_lowercase().contains("expect: 100-continue"), "{head}");
        peer.send("HTTP/1.1 100 Continue\r\n\r\n").await;
        let mut request = Request { head, body: Vec::new(), trailers: Vec::new() };
        peer.body_of(&mut request).await;
        assert_eq!(request.body, b"body");
        peer.send(OK).await;
        peer.closed().await;
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    ask_to_continue(&mut client).await;
    assert_eq!(client.head().await.unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 200);
    assert_eq!(app.event(&answer.support_code()).await["bytes_in"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_the_upstream_does_not_want_is_neither_asked_for_nor_sent() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.head().await;
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno").await;
        peer.closed().await;
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    ask_to_continue(&mut client).await;
    let head = client.head().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 413"), "no 100 before it: {head}");
    upstream.ended(1).await;
    // The app may send the body or not; the connection is in step or closed.
    client.try_send("bodyGET /next HTTP/1.1\r\nHost: p\r\n\r\n").await;
    drop(client);
    assert!(upstream.seen_text().ends_with("\r\n\r\n"), "{}", upstream.seen_text());
    assert!(!upstream.seen_text().contains("body"));
    let event = &app.events_of(1).await[0];
    assert_eq!((&event["reason"], &event["bytes_in"]), (&"too_large".into(), &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_sent_anyway_when_the_upstream_never_asks() {
    let (_upstream, app) = recorder().await;
    let mut client = app.client().await;
    ask_to_continue(&mut client).await;
    assert!(client.head().await.unwrap().starts_with("HTTP/1.1 100"));
    client.send("body").await;
    assert_eq!(client.answer().await.json()["body"], "body");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_sent_without_waiting_is_taken() {
    let (_upstream, app) = recorder().await;
    let mut client = app.client().await;
    ask_to_continue(&mut client).await;
    client.send("body").await;
    assert_eq!(client.answer().await.json()["body"], "body");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expectation_that_is_not_known_is_refused() {
    let (upstream, app) = recorder().await;
    let answer = exchange(&app, "GET / HTTP/1.1\r\nHost: p\r\nExpect: 200-ok\r\n\r\n").await;
    answer.is_problem(417);
    assert_eq!(upstream.connections().opened, 0);
    assert_eq!(app.event(&answer.support_code()).await["status"], 417);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_1_0_client_gets_no_interim_answer_and_no_chunks() {
    let upstream = RawUpstream::answering(|request| {
        assert_eq!(request.header("expect"), None);
        assert!(request.header("via").unwrap().starts_with("1.0 accuscope"), "{}", request.head);
        let mut answer = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".to_vec();
        answer.extend(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        answer
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx").await;
    let head = client.head().await.unwrap();
    assert!(head.starts_with("HTTP/1.0 200"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{head}");
    assert_eq!(client.rest().await, b"hi");

    let mut client = app.client().await;
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
    assert_eq!(client.answer().await.text(), "hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn early_hints_reach_the_app_before_the_answer() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.send(
                "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n",
            )
            .await;
            peer.send("HTTP/1.1 102 Processing\r\n\r\n").await;
            pause(50).await;
            peer.send(OK).await;
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    for _ in 0..2 {
        client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
        let hints = client.head().await.unwrap();
        assert!(hints.starts_with("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n"), "{hints}");
        assert!(!hints.contains("hop"), "{hints}");
        assert!(client.head().await.unwrap().starts_with("HTTP/1.1 102"));
        assert_eq!(client.answer().await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_without_a_body_end_at_their_head() {
    let upstream = RawUpstream::answering(|request| {
        let head = match request.target() {
            "/head" => "200 OK\r\nContent-Length: 1234\r\nETag: \"x\"",
            "/head-chunked" => "200 OK\r\nTransfer-Encoding: chunked",
            "/204" => "204 No Content",
            "/204-length" => "204 No Content\r\nContent-Length: 0",
            "/304" => "304 Not Modified\r\nContent-Length: 1234\r\nETag: \"x\"",
            _ => "200 OK\r\nContent-Length: 0",
        };
        format!("HTTP/1.1 {head}\r\n\r\n").into_bytes()
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    for (method, target, length) in [
        ("HEAD", "/head", Some("1234")),
        ("HEAD", "/head-chunked", None),
        ("GET", "/204", None),
        ("GET", "/204-length", None),
        ("GET", "/304", None),
        ("GET", "/empty", Some("0")),
    ] {
        client.send(format!("{method} {target} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
        let answer = client.answer_to(method).await;
        assert!(answer.head.starts_with("HTTP/1.1 "), "{}", answer.head);
        assert_eq!(answer.header("content-length"), length, "{target}\n{}", answer.head);
        if answer.status == 204 {
            assert_eq!(answer.header("transfer-encoding"), None);
        }
        let event = app.event(&answer.support_code()).await;
        assert_eq!((&event["outcome"], &event["bytes_out"]), (&"ok".into(), &0.into()), "{event}");
    }
    assert_eq!(upstream.connections().opened, 1, "all on one connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_keep_every_byte_in_every_framing() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            match request.target() {
                "/chunked" => {
                    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nab").await;
                    pause(20).await;
                    peer.send("c\r\n1\r\nd\r\n0\r\nX-Sum: 9\r\n\r\n").await;
                }
                "/part" => {
                    peer.send("HTTP/1.1 206 Partial\r\nContent-Range: bytes 2-3/9\r\nContent-Length: 2\r\n\r\ncd").await;
                }
                _ => {
                    peer.send("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil ").await;
                    pause(20).await;
                    peer.send("the end").await;
                    return;
                }
            }
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send("GET /chunked HTTP/1.1\r\nHost: p\r\nTE: trailers\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.text().as_str(), answer.trailers.join("")), ("abcd", "x-sum: 9".to_owned()));
    // Fields after the body end the call as its last byte does, whether the app takes them or not.
    let event = app.event(&answer.support_code()).await;
    assert_eq!((&event["outcome"], &event["status"]), (&"ok".into(), &200.into()), "{event}");
    client.send("GET /chunked HTTP/1.1\r\nHost: p\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.text().as_str(), answer.trailers.len()), ("abcd", 0));
    let event = app.event(&answer.support_code()).await;
    assert_eq!((&event["outcome"], &event["status"]), (&"ok".into(), &200.into()), "{event}");
    client.send("GET /part HTTP/1.1\r\nHost: p\r\nRange: bytes=2-3\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.text().as_str()), (206, "cd"));
    assert_eq!(answer.header("content-range"), Some("bytes 2-3/9"));
    client.send("GET /to-the-end HTTP/1.1\r\nHost: p\r\n\r\n").await;
    let answer = client.answer().await;
    assert!(answer.head.starts_with("HTTP/1.1 200"), "a gateway speaks its own version");
    assert_eq!(answer.text(), "until the end");
    let event = app.event(&answer.support_code()).await;
    assert_eq!((&event["outcome"], &event["bytes_out"]), (&"ok".into(), &13.into()));
    assert!(upstream.seen_text().contains("te: trailers"), "{}", upstream.seen_text());
}
