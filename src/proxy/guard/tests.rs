//! A request for every rule that it breaks, and valid ones over every cut.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::framing::{Framing, Verdict};
use super::*;
use crate::domain::labels::Method;
use crate::domain::malformed::Malformed;

const MAX: usize = 32 * 1_024;
const MEASURES: Measures = Measures {
    max_head_bytes: MAX,
    first_byte_timeout: Duration::from_secs(50),
    head_timeout: Duration::from_secs(5),
    write_timeout: Duration::from_secs(50),
};

fn first_problem(bytes: &str) -> Option<Malformed> {
    match Framing::new(MAX).walk(&mut bytes.as_bytes().to_vec()) {
        Verdict::Pass(_) => None,
        Verdict::BadHead(_, problem) | Verdict::BadBody(_, problem) => Some(problem),
    }
}

#[test]
fn every_rule_has_a_request_that_breaks_it() {
    use Malformed::{
        Chunk, ContentLength, FieldLine, FieldName, Host, LineEnd, RequestLine, Target,
        TransferEncoding, UnexpectedBody, UnknownCoding, Version,
    };
    let body = |framing: &str, body: &str| {
        format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n{body}")
    };
    let field = |line: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n");
    #[rustfmt::skip]
    let table = [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), None),
        ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), None),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), None),
        ("GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), None),
        ("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n".to_owned(), None),
        (body("Content-Length: 3", "abcGET / HTTP/1.1\r\nHost: a\r\n\r\n"), None),
        (body("Transfer-Encoding: chunked", "3;ext=\"x\"\r\nabc\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), None),
        (field("X: \u{e9}\t y"), None),
        ("GET /\r\n\r\n".to_owned(), Some(RequestLine)),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(RequestLine)),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n".to_owned(), Some(RequestLine)),
        ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(RequestLine)),
        ("GET / http/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(RequestLine)),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n".to_owned(), Some(Version)),
        ("GET a/b HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(Target)),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(Target)),
        ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(Target)),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(Target)),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Some(Target)),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(17_000)), Some(Malformed::TargetTooLong)),
        (field(&format!("X: {}", "x".repeat(33_000))), Some(Malformed::HeadTooLarge)),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(200)), Some(Malformed::HeadTooLarge)),
        ("GET / HTTP/1.1\nHost: a\n\n".to_owned(), Some(LineEnd)),
        ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n".to_owned(), Some(LineEnd)),
        (field("X: a\rb"), Some(LineEnd)),
        (field("X: a\0b"), Some(LineEnd)),
        (field("X : y"), Some(FieldLine)),
        (field("X: y\r\n folded"), Some(FieldLine)),
        (field(" X: y"), Some(FieldLine)),
        (field("X_Request_Id: z"), Some(FieldName)),
        (field("Transfer___Encoding: z"), Some(FieldName)),
        (field("X_Y: z"), None),
        (field("Content_Length: 5"), Some(FieldName)),
        (field("Transfer---Encoding: chunked"), Some(FieldName)),
        (field("ContentLength: 5"), Some(FieldName)),
        (field("Content-Length-Of: 5"), None),
        (body("Transfer-Encoding: chunked", "0\r\nContent_Length: z\r\n\r\n"), Some(Chunk)),
        ("GET / HTTP/1.7\r\nHost: a\r\n\r\n".to_owned(), None),
        ("GET / HTTP/1.7\r\n\r\n".to_owned(), Some(Host)),
        (field("Content-Length: 0"), None),
        (field("Content-Length: 1"), Some(UnexpectedBody)),
        ("HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(), Some(UnexpectedBody)),
        (field("X"), Some(FieldLine)),
        (field(": y"), Some(FieldLine)),
        (field("X: \u{7f}"), Some(FieldLine)),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), Some(Host)),
        (field("Host: a"), Some(Host)),
        ("GET / HTTP/1.1\r\nHost: \r\n\r\n".to_owned(), Some(Host)),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n".to_owned(), Some(Host)),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n".to_owned(), Some(Host)),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n".to_owned(), Some(Host)),
        (body("Content-Length: +5", "abcde"), Some(ContentLength)),
        (body("Content-Length: 5, 5", "abcde"), Some(ContentLength)),
        (body("Content-Length: 5\r\nContent-Length: 5", "abcde"), Some(ContentLength)),
        (body("Content-Length: 0x5", "abcde"), Some(ContentLength)),
        (body("Content-Length:", "abcde"), Some(ContentLength)),
        (body("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), Some(TransferEncoding)),
        (body("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), Some(TransferEncoding)),
        (body("Transfer-Encoding: chunked, identity", "0\r\n\r\n"), Some(TransferEncoding)),
        (body("Transfer-Encoding: xchunked", "0\r\n\r\n"), Some(TransferEncoding)),
        (body("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), Some(UnknownCoding)),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), Some(TransferEncoding)),
        (body("Transfer-Encoding: chunked", "0\r\nHost: b\r\n\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "0\r\nContent-Length: 3\r\n\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "3\nabc\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "3 x\r\nabc\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "-1\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "3\r\nabcd\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "3\r\nabc\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "ffffffffffffffff\r\n"), Some(Chunk)),
        (body("Transfer-Encoding: chunked", "0\r\n x\r\n\r\n"), Some(Chunk)),
    ];
    for (request, expected) in table {
        let shown: String = request.chars().take(120).collect();
        assert_eq!(first_problem(&request), expected, "{shown:?}");
    }
}

#[tokio::test]
async fn valid_bytes_pass_unchanged_and_a_bad_head_becomes_the_marker() {
    let good = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    let bad = b"GET /Tremblay HTTP/1.1\nHost: a\n\n";
    let (mut client, socket) = tokio::io::duplex(4_096);
    let state = Arc::new(ConnectionState::default());
    let mut guarded = Guarded::new(socket, MEASURES, Arc::clone(&state));
    for chunk in [good.as_slice(), bad].concat().chunks(7) {
        client.write_all(chunk).await.unwrap();
    }
    drop(client);
    let mut read = Vec::new();
    guarded.read_to_end(&mut read).await.unwrap();
    assert!(read.starts_with(good));
    let rest = String::from_utf8(read[good.len()..].to_vec()).unwrap();
    assert!(rest.starts_with("GET / HTTP/1.1\r\n") && !rest.contains("Tremblay"), "{rest}");
    assert_eq!(state.begin_request(), None);
    assert_eq!(
        state.begin_request(),
        Some(RefusedHead { problem: Malformed::LineEnd, method: Some(Method::Get) })
    );
}

#[tokio::test]
async fn an_interim_response_goes_out_before_the_final_one() {
    let (mut client, socket) = tokio::io::duplex(4_096);
    let state = Arc::new(ConnectionState::default());
    let mut guarded = Guarded::new(socket, MEASURES, Arc::clone(&state));
    client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut head = [0; 27];
    guarded.read_exact(&mut head[..25]).await.unwrap();
    state.send_interim(b"HTTP/1.1 103 Early Hints\r\n\r\n");
    guarded.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    drop(guarded);
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_refused_in_time() {
    let (mut client, socket) = tokio::io::duplex(4_096);
    let state = Arc::new(ConnectionState::default());
    let mut guarded = Guarded::new(socket, MEASURES, Arc::clone(&state));
    client.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let mut marker = [0; 16];
    guarded.read_exact(&mut marker).await.unwrap();
    assert_eq!(&marker, b"GET / HTTP/1.1\r\n");
    let refused = RefusedHead { problem: Malformed::HeadTimeout, method: Some(Method::Get) };
    assert_eq!(state.begin_request(), Some(refused));
}

proptest! {
    /// However valid requests are cut, all of their bytes pass and the walk ends between requests.
    #[test]
    fn cuts_make_no_difference(sizes in proptest::collection::vec(0usize..40, 1..6), cut in 1usize..50) {
        let mut bytes = Vec::new();
        for (index, size) in sizes.iter().enumerate() {
            if index % 2 == 0 {
                bytes.extend(format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n").bytes());
                bytes.extend(std::iter::repeat_n(b'\n', *size));
            } else {
                bytes.extend(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
                if *size > 0 {
                    bytes.extend(format!("{size:x}\r\n").bytes());
                    bytes.extend(std::iter::repeat_n(b'\r', *size));
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
        }
        let mut framing = Framing::new(MAX);
        let mut held: Vec<u8> = Vec::new();
        let mut passed = 0;
        for chunk in bytes.chunks(cut) {
            held.extend_from_slice(chunk);
            match framing.walk(&mut held) {
                Verdict::Pass(length) => { passed += length; held.drain(..length); }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert_eq!(passed, bytes.len());
        prop_assert!(framing.is_between_requests());
        prop_assert_eq!(framing.heads(), sizes.len() as u64);
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Framing::new(MAX).walk(&mut bytes);
    }

    /// The guard refuses, and counts, whatever the library would; so no refusal is the library's.
    #[test]
    fn what_passes_is_taken_by_the_library_too(
        target in proptest::collection::vec(any::<u8>(), 1..30),
        at in 0usize..60,
        byte in any::<u8>(),
        absolute in any::<bool>(),
    ) {
        let start = if absolute { &b"http://a"[..] } else { b"" };
        let mut bytes = [b"PUT ", start, b"/", &target, b" HTTP/1.1\r\nHost: a\r\nX-Y: z\r\n\r\n"].concat();
        let length = bytes.len();
        bytes[at % length] = byte;
        for bytes in [&bytes[..], &[b"GET /", &target[..1], b"?", &target[..1], b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat()] {
            // The version of a later HTTP/1 is lowered before the library sees it.
            if head::check(bytes).map_or(true, |head| head.later_minor_at.is_some()) {
                continue;
            }
            let mut fields = [httparse::EMPTY_HEADER; 100];
            let mut request = httparse::Request::new(&mut fields);
            prop_assert!(request.parse(bytes).is_ok_and(|status| status.is_complete()));
            let target: Result<http::Uri, _> = request.path.unwrap().parse();
            prop_assert!(target.is_ok(), "{:?}", request.path);
            prop_assert!(http::Method::from_bytes(request.method.unwrap().as_bytes()).is_ok());
            for field in request.headers.iter() {
                prop_assert!(http::HeaderName::from_bytes(field.name.as_bytes()).is_ok());
                prop_assert!(http::HeaderValue::from_bytes(field.value).is_ok());
            }
        }
    }
}
