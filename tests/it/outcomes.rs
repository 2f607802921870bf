//! "The failure is filed under the wrong heading": every row of the table of reasons, over real
//! sockets.

use std::io::Write;

use crate::support::app::CLINICS;
use crate::support::upstream::json;
use crate::support::{Peer, RawUpstream, TestApp, exchange};

const LIST: &str = "/rest/v1/provider-portal/patients";
const READ: &str = "/rest/v1/provider-portal/patients/8812";
const TOKEN: &str = "/oauth/token";

fn answer(status: u16, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Said\r\n{fields}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// What one answer has to become: outcome, category, reason.
type Row = (&'static str, &'static str, Vec<u8>, [&'static str; 3]);

fn rows() -> Vec<Row> {
    const HTML: &str = "content-type: text/html; charset=utf-8\r\n";
    const JSON: &str = "content-type: application/json\r\n";
    let auth = |reason| ["failed", "auth", reason];
    let validation = |reason| ["failed", "validation", reason];
    let missing = |reason| ["failed", "not_found", reason];
    let transient = |reason| ["failed", "transient", reason];
    let empty = ["empty", "not_found", "empty_result"];
    let ok = ["ok", "", ""];
    let (get, bearer) = ("GET", "GET+");
    vec![
        (get, READ, json(401, "{}"), auth("token_missing")),
        (
            bearer,
            READ,
            json(401, r#"{"error":"invalid_token","error_description":"Access token expired"}"#),
            auth("token_expired"),
        ),
        (
            bearer,
            READ,
            answer(
                401,
                "www-authenticate: Bearer error=\"invalid_token\", error_description=\"expired\"\r\n",
                "",
            ),
            auth("token_expired"),
        ),
        (bearer, READ, json(401, r#"{"message":"Unauthorized"}"#), auth("token_rejected")),
        (bearer, READ, json(403, "{}"), auth("forbidden")),
        ("POST", TOKEN, json(400, r#"{"error":"invalid_grant"}"#), auth("grant_rejected")),
        ("POST", TOKEN, json(401, r#"{"error":"invalid_client"}"#), auth("client_rejected")),
        ("POST", TOKEN, json(400, r#"{"error":"unauthorized_client"}"#), auth("client_rejected")),
        ("POST", TOKEN, json(400, r#"{"error":"invalid_scope"}"#), auth("scope_rejected")),
        (
            bearer,
            READ,
            answer(403, "www-authenticate: Bearer error=\"insufficient_scope\"\r\n", ""),
            auth("scope_rejected"),
        ),
        (
            bearer,
            READ,
            answer(302, "location: https://sso.example/login?next=x\r\n", ""),
            auth("login_redirect"),
        ),
        (bearer, READ, answer(302, "location: /rest/v1/elsewhere\r\n", ""), ok),
        (bearer, READ, json(400, "{}"), validation("bad_request")),
        (bearer, READ, json(418, "{}"), validation("bad_request")),
        (bearer, READ, json(422, "{}"), validation("unprocessable")),
        (bearer, READ, json(409, "{}"), validation("conflict")),
        (bearer, READ, json(412, "{}"), validation("conflict")),
        (bearer, READ, json(428, "{}"), validation("conflict")),
        (bearer, READ, json(405, "{}"), validation("method_not_allowed")),
        (bearer, READ, json(413, "{}"), validation("too_large")),
        (bearer, READ, json(414, "{}"), validation("too_large")),
        (bearer, READ, json(431, "{}"), validation("too_large")),
        (bearer, READ, json(406, "{}"), validation("unsupported_type")),
        (bearer, READ, json(415, "{}"), validation("unsupported_type")),
        (bearer, READ, json(404, "{}"), missing("not_found")),
        (bearer, READ, json(410, "{}"), missing("gone")),
        (bearer, LIST, json(200, "[]"), empty),
        (bearer, LIST, json(200, r#"{"contents":[],"total":0}"#), empty),
        (bearer, LIST, answer(200, JSON, ""), empty),
        (bearer, LIST, answer(204, "", ""), empty),
        (bearer, LIST, json(200, r#"[{"id":1}]"#), ok),
        (bearer, READ, json(429, "{}"), transient("rate_limited")),
        (bearer, READ, json(500, "{}"), transient("upstream_error")),
        (bearer, READ, json(501, "{}"), transient("upstream_error")),
        (bearer, READ, json(502, "{}"), transient("upstream_unavailable")),
        (
            bearer,
            READ,
            answer(503, HTML, "<html>maintenance</html>"),
            transient("upstream_unavailable"),
        ),
        (bearer, READ, json(504, "{}"), transient("upstream_unavailable")),
        (bearer, READ, json(408, "{}"), transient("response_timeout")),
        (bearer, READ, json(200, r#"{"id":"#), transient("malformed_body")),
        (bearer, READ, json(200, "<html>"), transient("malformed_body")),
        (bearer, READ, answer(200, HTML, "<html>maintenance</html>"), transient("unexpected_body")),
        (bearer, LIST, answer(200, HTML, "<html>sign in</html>"), transient("unexpected_body")),
        (bearer, READ, json(200, r#"{"id":1}"#), ok),
        ("DELETE", READ, answer(204, "", ""), ok),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_table_of_reasons_is_reached() {
    let rows = rows();
    let answers: Vec<Vec<u8>> = rows.iter().map(|row| row.2.clone()).collect();
    let upstream = RawUpstream::scripted(move |mut peer: Peer| {
        let answers = answers.clone();
        async move {
            while let Some(request) = peer.request().await {
                let number: usize = request.header("x-row").unwrap().parse().unwrap();
                peer.send(&answers[number]).await;
            }
        }
    })
    .await;
    // Each row is about one answer of Accuro's, so none is asked for twice.
    let once = [("retry.most_sends", "1")];
    let app = TestApp::with(&upstream.url(), &once, CLINICS);
    for (number, (method, path, _, [outcome, category, reason])) in rows.iter().enumerate() {
        let token =
            if *method == "GET" || *path == TOKEN { "" } else { "Authorization: Bearer t1\r\n" };
        let method = method.trim_end_matches('+');
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: p\r\nX-Row: {number}\r\nAccept: application/json\r\n{token}\r\n"
        );
        let got = exchange(&app, request).await;
        let event = app.event(&got.support_code()).await;
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(
            [text("outcome"), text("category"), text("reason")],
            [*outcome, *category, *reason],
            "row {number}: {event}"
        );
        assert_eq!(
            (&event["status"], &event["upstream_status"]),
            (&got.status.into(), &got.status.into())
        );
        assert_eq!((&event["source"], &event["attempts"]), (&"upstream".into(), &1.into()));
        assert!(event["bytes_out"] == got.body.len());
    }
}

/// A list of three, in a coding.
fn coded(coding: &str, plain: &[u8]) -> Vec<u8> {
    match coding {
        "gzip" => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::encode_all(plain, 3).unwrap(),
        // An uncompressed meta-block: the library at hand only decodes.
        "br" => {
            let length = plain.len() - 1;
            // WBITS 16 (0), ISLAST 0, MNIBBLES 4 (00), MLEN-1 in 16 bits, ISUNCOMPRESSED 1; then an
            // empty last block.
            let bits = (length << 4) | (1 << 20);
            let mut bytes = bits.to_le_bytes()[..3].to_vec();
            bytes.extend(plain);
            bytes.push(3);
            bytes
        }
        _ => plain.to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_counted_behind_every_coding_and_passed_on_untouched() {
    let items: Vec<String> =
        (0..3).map(|n| format!("{{\"id\":{n},\"name\":\"Tremblay\"}}")).collect();
    let plain = format!("[{}]", items.join(","));
    let upstream = RawUpstream::scripted({
        let plain = plain.clone();
        move |mut peer: Peer| {
            let plain = plain.clone();
            async move {
                while let Some(request) = peer.request().await {
                    let coding = request.header("accept-encoding").unwrap();
                    let plain = if request.target().contains("none") { "[]" } else { &plain };
                    let body = coded(coding, plain.as_bytes());
                    peer.send(format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n")).await;
                    for byte in body {
                        peer.send([b'1', b'\r', b'\n', byte, b'\r', b'\n']).await;
                    }
                    peer.send("0\r\n\r\n").await;
                }
            }
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let mut shapes = std::collections::BTreeSet::new();
    for coding in ["identity", "gzip", "deflate", "zstd", "br"] {
        for (query, count, outcome) in [("?all", 3, "ok"), ("?none", 0, "empty")] {
            let request = format!(
                "GET {LIST}{query} HTTP/1.1\r\nHost: p\r\nAccept-Encoding: {coding}\r\n\r\n"
            );
            let got = exchange(&app, request).await;
            let wanted = if count == 0 { "[]" } else { &plain };
            assert_eq!(got.body, coded(coding, wanted.as_bytes()), "{coding}");
            let event = app.event(&got.support_code()).await;
            assert_eq!(
                (&event["result_count"], &event["outcome"]),
                (&count.into(), &outcome.into()),
                "{coding} {event}"
            );
            shapes.insert((count, event["shape"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(shapes.len(), 2, "one structure, whatever the coding: {shapes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_coded_list_is_counted_piece_by_piece_and_passed_on_untouched() {
    let scattered = |n: u64| (n.wrapping_mul(6_364_136_223_846_793_005) >> 33).to_string();
    let items: Vec<String> = (0..20_000).map(scattered).collect();
    let plain = format!("[{}]", items.join(","));
    let body = coded("gzip", plain.as_bytes());
    assert!(body.len() > 64 * 1_024, "{}", body.len());
    let sent = body.clone();
    let upstream = RawUpstream::answering(move |_| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            sent.len()
        );
        [head.as_bytes(), &sent].concat()
    })
    .await;
    let app = TestApp::start(&upstream.url());
    let request = format!("GET {LIST} HTTP/1.1\r\nHost: p\r\nAccept-Encoding: gzip\r\n\r\n");
    let got = exchange(&app, request).await;
    assert!(got.body == body, "untouched");
    let event = app.event(&got.support_code()).await;
    assert_eq!((&event["result_count"], &event["outcome"]), (&20_000.into(), &"ok".into()));
    assert!(event["bytes_out"] == body.len());
}
