//! HTTP/2 as an attacker speaks it: what floods the server, what stalls it, and what would become
//! another request once it is HTTP/1.1.

use std::time::Duration;

use tokio::io::AsyncReadExt;

use crate::support::app::CLINICS;
use crate::support::upstream::{OK, json};
use crate::support::{Client, Peer, RawUpstream, TestApp, exchange, soon};

/// How an HTTP/2 connection begins.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const GET: &str = "GET /good HTTP/1.1\r\nHost: p\r\n\r\n";

/// One frame (RFC 9113, 4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A field, literally, without the table (RFC 7541, 6.2.2).
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0, u8::try_from(name.len()).unwrap()];
    bytes.extend(name.as_bytes());
    bytes.push(u8::try_from(value.len()).unwrap());
    bytes.extend(value.as_bytes());
    bytes
}

fn fields(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let first = [(":method", method), (":scheme", "http"), (":authority", "p"), (":path", path)];
    first.iter().chain(more).flat_map(|(name, value)| literal(name, value)).collect()
}

/// A whole GET.
pub(crate) fn head(stream: u32, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &fields("GET", path, more))
}

async fn started() -> (RawUpstream, TestApp) {
    let upstream = RawUpstream::always(OK).await;
    let settings = [("proxy.head_timeout", "\"1s\""), ("proxy.body_idle_timeout", "\"1s\"")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    (upstream, app)
}

async fn connected(app: &TestApp, settings: &[u8]) -> Client {
    let mut client = app.client().await;
    client.send([PREFACE, &frame(SETTINGS, 0, 0, settings)].concat()).await;
    client
}

/// Frames until one is of a kind; `None` if the connection ends first.
async fn next_frame(client: &mut Client, kinds: &[u8]) -> Option<(u8, u32, Vec<u8>)> {
    soon("frames", async {
        loop {
            let mut start = [0; 9];
            client.socket.read_exact(&mut start).await.ok()?;
            let mut payload =
                vec![0; u32::from_be_bytes([0, start[0], start[1], start[2]]) as usize];
            client.socket.read_exact(&mut payload).await.ok()?;
            if kinds.contains(&start[3]) {
                let stream = u32::from_be_bytes([start[5], start[6], start[7], start[8]]);
                return Some((start[3], stream, payload));
            }
        }
    })
    .await
}

async fn others_are_served(app: &TestApp) {
    app.metric_is("accuscope_calls_in_flight", 0.0).await;
    assert_eq!(exchange(app, GET).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_goes_on_and_on_ends_the_connection() {
    let (upstream, app) = started().await;
    let mut client = connected(&app, &[]).await;
    client.send(frame(HEADERS, END_STREAM, 1, &fields("GET", "/flood", &[]))).await;
    for _ in 0..100_000 {
        if !client.try_send(frame(CONTINUATION, 0, 1, &literal("x", "y"))).await {
            break;
        }
    }
    soon("the end", client.rest()).await;
    assert!(!upstream.seen_text().contains("/flood"));
    others_are_served(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_ends_the_connection() {
    let (upstream, app) = started().await;
    let mut client = connected(&app, &[]).await;
    client.send(frame(HEADERS, END_STREAM, 1, &fields("GET", "/half", &[]))).await;
    // Its sender cannot answer a ping, whatever it does, before the head is whole.
    soon("the end", client.rest()).await;
    assert!(!upstream.seen_text().contains("/half"));
    others_are_served(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_are_reset_at_once_end_the_connection() {
    let (_upstream, app) = started().await;
    let mut client = connected(&app, &[]).await;
    for number in 0..20_000u32 {
        let stream = number * 2 + 1;
        let both = [head(stream, "/reset", &[]), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])];
        if !client.try_send(both.concat()).await {
            break;
        }
    }
    soon("the end", client.rest()).await;
    others_are_served(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_without_bytes_do_not_keep_a_body_alive() {
    let (_upstream, app) = started().await;
    let mut client = connected(&app, &[]).await;
    client.send(frame(HEADERS, END_HEADERS, 1, &fields("POST", "/empty", &[]))).await;
    let flood = frame(DATA, 0, 1, &[]).repeat(100);
    // Either the connection ends, or the body is told that it stalled.
    let (mut reading, mut writing) = client.socket.into_split();
    let flooding = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while writing.write_all(&flood).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let ended = async {
        let mut bytes = vec![0; 4_096];
        let mut seen = Vec::new();
        loop {
            let read = reading.read(&mut bytes).await.unwrap_or(0);
            seen.extend_from_slice(&bytes[..read]);
            if read == 0 || memchr::memmem::find(&seen, b"problem+json").is_some() {
                return;
            }
        }
    };
    soon("the end of the call", ended).await;
    flooding.abort();
    others_are_served(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_app_gives_no_room_is_let_go() {
    let upstream = RawUpstream::answering(|_| json(200, &"1".repeat(300_000))).await;
    let settings =
        [("proxy.body_idle_timeout", "\"500ms\""), ("upstream.response_timeout", "\"3s\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    // SETTINGS_INITIAL_WINDOW_SIZE 0: not one byte of a body may come.
    let mut client = connected(&app, &[0, 4, 0, 0, 0, 0]).await;
    for number in 0..50u32 {
        client.send(head(number * 2 + 1, "/stalled", &[])).await;
    }
    let (kind, ..) = next_frame(&mut client, &[RST_STREAM, GOAWAY]).await.unwrap();
    assert_eq!(kind, RST_STREAM);
    app.metric_is("accuscope_calls_in_flight", 0.0).await;
    let (events, _) = app.stop().await;
    assert_eq!(events.len(), 50);
    assert!(events.iter().all(|event| event["outcome"] == "aborted"), "{}", events[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_streams_than_allowed_are_refused() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut client = connected(&app, &[]).await;
    let (_, _, settings) = next_frame(&mut client, &[SETTINGS]).await.unwrap();
    let most = settings.chunks(6).find(|setting| setting[..2] == [0, 3]).expect("a limit");
    let most = u32::from_be_bytes(most[2..].try_into().unwrap());
    assert!((100..=250).contains(&most), "{most}");
    for number in 0..=most {
        client.send(head(number * 2 + 1, "/slow", &[])).await;
    }
    let refused = next_frame(&mut client, &[RST_STREAM, GOAWAY]).await.unwrap();
    assert_eq!(refused, (RST_STREAM, most * 2 + 1, vec![0, 0, 0, 7]), "REFUSED_STREAM");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_another_request_in_http_1_reaches_nobody() {
    let (upstream, mut app) = started().await;
    let smuggled = "x\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: p";
    let post = |more: &[(&str, &str)]| fields("POST", "/bad", more);
    let all = |list: &[(&str, &str)]| -> Vec<u8> {
        list.iter().flat_map(|(name, value)| literal(name, value)).collect()
    };
    let (scheme, authority) = ((":scheme", "http"), (":authority", "p"));
    let table: Vec<(&str, Vec<u8>, &[u8])> = vec![
        (
            "a coding",
            post(&[("transfer-encoding", "chunked")]),
            b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        ),
        // Its head may go on before its body shows that it lies; the body never does.
        (
            "a length below the body's",
            fields("POST", "/short", &[("content-length", "0")]),
            b"GET /smuggled HTTP/1.1\r\n\r\n",
        ),
        ("two lengths", post(&[("content-length", "3"), ("content-length", "0")]), b"abc"),
        ("a line end in a value", post(&[("x", smuggled)]), b""),
        ("a line end in a name", post(&[("x: y\r\nz", "1")]), b""),
        ("a colon in a name", post(&[("x:y", "1")]), b""),
        ("an underscore in a name", post(&[("content_length", "3")]), b"abc"),
        ("a line end in the path", fields("POST", "/a HTTP/1.1\r\nx: y", &[]), b""),
        ("a space in the path", fields("POST", "/a b", &[]), b""),
        ("a request in the method", fields("GET /smuggled HTTP/1.1\r\nx:", "/bad", &[]), b""),
        (
            "a path in the authority",
            all(&[(":method", "POST"), scheme, (":authority", "p/smuggled"), (":path", "/bad")]),
            b"",
        ),
        ("another host", post(&[("host", "other")]), b""),
        (
            "a URL in the scheme",
            all(&[
                (":method", "POST"),
                (":scheme", "http://p/smuggled?"),
                authority,
                (":path", "/bad"),
            ]),
            b"",
        ),
        ("a body of GET", fields("GET", "/bad", &[]), b"GET /smuggled HTTP/1.1\r\n\r\n"),
        ("an unknown pseudo-header", post(&[(":x", "y")]), b""),
        ("an upgrade", post(&[("connection", "upgrade"), ("upgrade", "websocket")]), b""),
        (
            "settings of an upgrade",
            post(&[("http2-settings", "AAMAAABkAAQAAP__"), ("connection", "http2-settings")]),
            b"",
        ),
    ];
    let count = table.len();
    for (case, block, body) in table {
        let mut client = connected(&app, &[]).await;
        client.send(frame(HEADERS, END_HEADERS, 1, &block)).await;
        client.try_send(frame(DATA, END_STREAM, 1, body)).await;
        let answered = next_frame(&mut client, &[HEADERS, RST_STREAM, GOAWAY]).await;
        let is_refused = match answered {
            None | Some((RST_STREAM | GOAWAY, ..)) => true,
            // `:status 400` is 12 in the static table (RFC 7541, appendix A).
            Some((_, _, payload)) => payload.first() == Some(&0x8c),
        };
        assert!(is_refused, "{case}");
    }
    let seen = upstream.seen_text();
    assert!(!seen.contains("smuggled") && !seen.contains("/bad"), "{seen}");
    others_are_served(&app).await;
    // Those that are refused with an answer carry a code, and are events.
    let (events, _) = app.stop().await;
    let refused: Vec<_> = events.iter().filter(|event| event["outcome"] == "failed").collect();
    assert!(!refused.is_empty() && refused.len() < count);
    assert!(refused.iter().all(|event| event["reason"] == "bad_request" && event["attempts"] == 0));
}
