//! "Accuro is broken, and I cannot tell how": what goes wrong behind the proxy gets the right status,
//! the right reason, and one event; and an app never takes half an answer for a whole one.

use std::process::Command;

use serde_json::Value;

use crate::support::app::CLINICS;
use crate::support::upstream::pause;
use crate::support::{Peer, RawUpstream, TestApp, exchange, soon};

const GET: &str = "GET /rest/v1/offices HTTP/1.1\r\nHost: p\r\nAccept: application/json\r\n\r\n";

/// Runs a script for every connection and asks once: the answer's problem and the event.
async fn trouble(app: &mut TestApp, status: u16, reason: &str) -> Value {
    let answer = exchange(app, GET).await;
    let problem = answer.is_problem(status);
    assert_eq!(problem["category"], "transient");
    assert_eq!(problem["reason"], reason);
    assert_eq!(problem["retryable"], true);
    let event = app.event(&answer.support_code()).await;
    assert_eq!(
        (&event["status"], &event["outcome"], &event["category"], &event["reason"]),
        (&status.into(), &"failed".into(), &"transient".into(), &reason.into()),
        "{event}"
    );
    assert_eq!(app.stop().await.0.len(), 1, "one call, one event");
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_http_is_none() {
    for bytes in [
        "",
        "garbage without any sense\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Len",
    ] {
        let upstream = RawUpstream::scripted(move |mut peer: Peer| async move {
            peer.request().await;
            peer.send(bytes).await;
        })
        .await;
        let mut app = TestApp::start(&upstream.url());
        let event = soon(bytes, trouble(&mut app, 502, "body_broken")).await;
        assert_eq!(event["attempts"], 1, "{bytes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_measure_is_no_answer() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\n").await;
        for _ in 0..40 {
            peer.send(format!("X-Long: {}\r\n", "y".repeat(16_000))).await;
        }
        peer.send("Content-Length: 0\r\n\r\n").await;
        peer.closed().await;
    })
    .await;
    let mut app = TestApp::start(&upstream.url());
    trouble(&mut app, 502, "body_broken").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_framings_at_once_are_read_as_chunks_and_passed_on_as_chunks_only() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n").await;
        peer.closed().await;
    })
    .await;
    let app = TestApp::start(&upstream.url());
    assert_eq!(exchange(&app, GET).await.text(), "hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_length_said_twice_is_passed_on_once() {
    let upstream =
        RawUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi")
            .await;
    let app = TestApp::start(&upstream.url());
    assert_eq!(exchange(&app, GET).await.text(), "hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_cut_off_for_the_app_too() {
    for bytes in [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[1,2",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2xx\r\n0\r\n\r\n",
        "HTTP/1.1 500 Oh\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"err",
    ] {
        for reset in [false, true] {
            let upstream = RawUpstream::scripted(move |mut peer: Peer| async move {
                peer.request().await;
                peer.send(bytes).await;
                pause(30).await;
                if reset {
                    peer.reset();
                }
            })
            .await;
            let mut app = TestApp::start(&upstream.url());
            let mut client = app.client().await;
            client.send(GET).await;
            let head = client.head().await.unwrap();
            let status: u16 = head[9..12].parse().unwrap();
            let rest = client.rest().await;
            assert!(!rest.ends_with(b"0\r\n\r\n"), "{bytes:?}: a whole answer was pretended");
            let (events, _) = app.stop().await;
            assert_eq!(events.len(), 1, "{bytes:?}");
            assert_eq!(
                (&events[0]["status"], &events[0]["reason"], &events[0]["upstream_status"]),
                (&status.into(), &"body_broken".into(), &status.into()),
                "{bytes:?} {}",
                events[0]
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_the_answer_is_told_as_that() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.reset();
    })
    .await;
    let mut app = TestApp::start(&upstream.url());
    trouble(&mut app, 502, "body_broken").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_was_lost_is_not_to_be_sent_again_by_itself() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.reset();
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let request = "PUT /rest/v1/a HTTP/1.1\r\nHost: p\r\nContent-Length: 2\r\n\r\n{}";
    let problem = exchange(&app, request).await.is_problem(502);
    assert_eq!((&problem["reason"], &problem["retryable"]), (&"body_broken".into(), &false.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_says_nothing_is_left_after_the_time_limit() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let settings = [("upstream.response_timeout", "\"300ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let event = trouble(&mut app, 504, "response_timeout").await;
    assert!(event["upstream_us"].as_u64().unwrap() >= 300_000, "{event}");
    upstream.ended(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn interim_answers_without_end_are_no_answer() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        for _ in 0..2_000 {
            peer.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(50)).await;
            pause(1).await;
        }
    })
    .await;
    let settings = [("upstream.response_timeout", "\"500ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    trouble(&mut app, 504, "response_timeout").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_stalls_in_its_body_ends_after_the_idle_time() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").await;
        peer.closed().await;
    })
    .await;
    let settings = [("proxy.body_idle_timeout", "\"300ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    client.send(GET).await;
    assert!(client.try_answer_to("GET").await.is_none(), "the answer is not whole");
    upstream.ended(1).await;
    let (events, _) = app.stop().await;
    assert_eq!((events.len(), &events[0]["reason"]), (1, &"body_broken".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_is_no_silence_of_the_upstream() {
    let upstream = RawUpstream::always(crate::support::upstream::OK).await;
    let settings = [("upstream.response_timeout", "\"300ms\"")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 10\r\n\r\n").await;
    for _ in 0..5 {
        pause(100).await;
        client.send("x").await;
    }
    // Longer than the upstream may be silent, while the next word is the app's.
    pause(1_000).await;
    client.send("xxxxx").await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_to_answer_begins_with_the_last_byte_of_the_upload() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        pause(1_200).await;
        peer.send(crate::support::upstream::OK).await;
    })
    .await;
    let settings = [("upstream.response_timeout", "\"2s\"")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 2\r\n\r\nx").await;
    // Upload and answer take longer than the limit, the answer alone does not.
    pause(1_200).await;
    client.send("x").await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_takes_no_bytes_of_an_upload_is_left_after_the_time_limit() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.head().await;
        pause(60_000).await;
    })
    .await;
    let settings = [("upstream.response_timeout", "\"500ms\"")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    let part = vec![b'x'; 1_024 * 1_024];
    client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 268435456\r\n\r\n").await;
    let sending = tokio::spawn(async move {
        let mut sent = 0;
        while sent < 256 && client.try_send_for(&part, 2_000).await {
            sent += 1;
        }
        client
    });
    let mut client = soon("the refusal", sending).await.unwrap();
    let answer = client.answer().await;
    assert_eq!(answer.is_problem(504)["reason"], "response_timeout");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_dies_inside_the_upload_is_the_cause() {
    for reset in [false, true] {
        let upstream = RawUpstream::scripted(move |mut peer: Peer| async move {
            peer.head().await;
            pause(50).await;
            if reset {
                peer.reset();
            }
        })
        .await;
        let mut app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send("POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 100\r\n\r\nabc").await;
        assert_eq!(client.answer().await.is_problem(502)["reason"], "body_broken");
        let (events, _) = app.stop().await;
        assert_eq!((events.len(), &events[0]["reason"]), (1, &"body_broken".into()));
        assert_eq!((&events[0]["attempts"], &events[0]["bytes_in"]), (&1.into(), &3.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_told_to_a_head_request_has_no_body() {
    let app = TestApp::start("http://accuro.invalid");
    let mut client = app.client().await;
    for _ in 0..2 {
        client.send("HEAD /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
        let answer = client.answer_to("HEAD").await;
        assert_eq!(answer.status, 502);
        assert!(answer.header("content-length").unwrap().parse::<u32>().unwrap() > 100);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_connection_is_told_with_its_cause() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let mut app = TestApp::start(&format!("http://{closed}"));
    let event = trouble(&mut app, 502, "connect_failed").await;
    assert_eq!((&event["attempts"], &event["upstream_status"]), (&0.into(), &Value::Null));
    assert_eq!((&event["source"], &event["upstream_us"]), (&"accuscope".into(), &Value::Null));

    let mut app = TestApp::start("http://accuro.invalid");
    trouble(&mut app, 502, "dns_failed").await;

    // A plain server where TLS is expected; one that hangs up; one with a certificate of its own.
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.more().await;
        peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    })
    .await;
    let mut app = TestApp::start(&format!("https://{}", upstream.address));
    trouble(&mut app, 502, "tls_failed").await;
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.more().await;
    })
    .await;
    let mut app = TestApp::start(&format!("https://{}", upstream.address));
    trouble(&mut app, 502, "tls_failed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"])
        .args(["-keyout", &of("key"), "-out", &of("cert")])
        .output();
    let Ok(made) = made else { return };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mut server = Command::new("openssl")
        .args(["s_server", "-www", "-quiet", "-accept", &port.to_string()])
        .args(["-key", &of("key"), "-cert", &of("cert")])
        .spawn()
        .unwrap();
    crate::support::until("the TLS server", || async {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
    })
    .await;
    let mut app = TestApp::start(&format!("https://127.0.0.1:{port}"));
    trouble(&mut app, 502, "tls_failed").await;
    server.kill().unwrap();
    server.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_never_made_is_given_up_in_time() {
    // A listener that takes nobody, with a queue that is full.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(tokio::spawn(tokio::net::TcpStream::connect(address)));
    }
    crate::support::until("a full queue", || async {
        let probe = tokio::net::TcpStream::connect(address);
        let tried = tokio::time::timeout(std::time::Duration::from_millis(200), probe).await;
        tried.is_err().then_some(())
    })
    .await;
    let settings = [("upstream.connect_timeout", "\"300ms\"")];
    let mut app = TestApp::with(&format!("http://{address}"), &settings, CLINICS);
    let event = trouble(&mut app, 502, "connect_failed").await;
    let waited = event["duration_us"].as_u64().unwrap();
    assert!((300_000..3_000_000).contains(&waited), "{waited}");
}
