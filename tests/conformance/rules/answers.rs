//! Answers: interim and final ones, their bodies, and those that are none.

use super::{Row, get, got, must, should};
use crate::case::Seen;

fn status(wanted: u16) -> impl Fn(&Seen) -> bool {
    move |seen| seen.status() == wanted && seen.went_on
}

/// The whole body arrived.
fn body(bytes: &'static str) -> impl Fn(&Seen) -> bool {
    move |seen| seen.reply().is_whole && seen.reply().body == bytes.as_bytes()
}

/// The app cannot take the part that arrived for a whole answer.
fn looks_cut(seen: &Seen) -> bool {
    seen.replies.len() == 1 && !seen.reply().is_whole
}

/// The answer was none, and the app is told so.
fn is_none(seen: &Seen) -> bool {
    seen.status() == 502 && seen.reply().is_whole && seen.went_on
}

/// A GET whose answer is `answer`.
fn on(rule: &'static str, answer: &str, holds: impl Fn(&Seen) -> bool + 'static) -> Row {
    must(rule, get(""), holds).answered(answer)
}

pub(super) fn rows() -> Vec<Row> {
    let head = "HEAD /a HTTP/1.1\r\nHost: p\r\n\r\n";
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    vec![
        // Interim answers.
        on("9110 15.2: an interim answer goes on", &format!("{early}{ok}"), |seen| seen.reply().interim.len() == 1 && seen.reply().interim[0].contains("link: </a>") && status(200)(seen)),
        on("9110 15.2: several interim answers go on", &format!("{early}{early}{ok}"), |seen| seen.reply().interim.len() == 2 && status(200)(seen)),
        on("9110 15.2: an interim answer of an unknown status goes on", &format!("HTTP/1.1 199 X\r\n\r\n{ok}"), |seen| seen.reply().interim.len() == 1 && status(200)(seen)),
        must("9110 15.2: HTTP/1.0 gets no interim answer", "GET /a HTTP/1.0\r\n\r\n", |seen| seen.status() == 200 && seen.reply().interim.is_empty()).answered(format!("{early}{ok}")),
        on("9110 7.6.1: an interim answer loses this hop's fields", &format!("HTTP/1.1 103 X\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n{ok}"), |seen| seen.reply().interim.len() == 1 && !seen.reply().interim[0].contains("hop")),
        on("9110 7.8: a switch that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", is_none),
        // No body.
        must("9110 9.3.2: an answer to HEAD has no body", head, |seen| seen.status() == 200 && seen.reply().value("content-length") == "2" && seen.went_on).answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
        must("9112 6.3: an answer to HEAD ends with its head, chunked or not", head, status(200)).answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        on("9110 15.3.5: 204 has no body", "HTTP/1.1 204 No Content\r\n\r\n", status(204)),
        on("9110 8.6: 204 has no length", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", |seen| status(204)(seen) && seen.reply().values("content-length").is_empty()),
        on("9112 6.1: 204 has no coding", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", |seen| seen.reply().values("transfer-encoding").is_empty() && seen.went_on),
        on("9110 15.4.5: 304 has no body", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", |seen| status(304)(seen) && seen.reply().value("etag") == "\"a\""),
        on("9110 15.4.5: 304 with a length has no body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", status(304)),
        on("9110 15.3.6: 205 ends", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", status(205)),
        // Bodies.
        on("9112 6.3: an answer is so many bytes as Content-Length says", ok, body("hi")),
        on("9112 7.1: chunks arrive whole", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", body("hi")),
        on("9112 6.3: an end by close is a body", "HTTP/1.1 200 OK\r\n\r\nhi", |seen| body("hi")(seen) && seen.went_on).then_closed(),
        must("9112 6.1: HTTP/1.0 gets no chunks", "GET /a HTTP/1.0\r\n\r\n", |seen| seen.reply().values("transfer-encoding").is_empty() && body("hi")(seen)).answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        on("9112 2.3: an HTTP/1.0 answer goes on as ours", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", |seen| seen.reply().head.starts_with("HTTP/1.1 200 ") && body("hi")(seen)),
        on("9112 6.3: a coding beats a length", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", |seen| seen.status() == 502 || (seen.reply().values("content-length").is_empty() && body("hi")(seen))),
        on("9112 6.3: two lengths of an answer that differ", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", is_none),
        on("9112 6.3: a list of lengths of an answer that differ", "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nhi", is_none),
        on("9112 6.3: a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhi", is_none),
        on("9112 6.3: a length with a sign in an answer", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi", is_none),
        should("9110 8.6: equal lengths are made one", get(""), |seen| seen.status() == 502 || (seen.reply().value("content-length") == "2" && body("hi")(seen))).answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"),
        on("9112 6.1: a coding that was not asked for", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", is_none),
        on("9112 8: a body shorter than its length looks cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", looks_cut).then_closed(),
        on("9112 8: chunks without their end look cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", looks_cut).then_closed(),
        on("9112 7.1: chunks that break their grammar look cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n", looks_cut).then_closed(),
        must("9112 8: HTTP/1.0 is not told a cut body as whole by a length", "GET /a HTTP/1.0\r\n\r\n", looks_cut).answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi").then_closed(),
        must("9110 6.5.1: an answer's trailer is not merged", get(""), |seen| seen.reply().values("x-end").is_empty() && body("hi")(seen)).answered("HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: 1\r\n\r\n"),
        should("9110 6.5.1: a trailer goes on to whoever takes trailers", get("TE: trailers\r\nConnection: TE\r\n"), |seen| seen.reply().trailers.eq_ignore_ascii_case("x-end: 1")).answered("HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: 1\r\n\r\n"),
        should("9110 6.6.2: Trailer announces nothing that does not come", get(""), got("trailer", "")).answered("HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: 1\r\n\r\n"),
        on("9112 6.3: bytes after an answer are of no answer", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", |seen| body("hi")(seen) && !String::from_utf8_lossy(&seen.raw).contains("poison")),
        // Ranges, statuses.
        on("9110 14.4: a part goes on as it is", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nhi", |seen| seen.status() == 206 && got("content-range", "bytes 0-1/9")(seen) && body("hi")(seen)),
        on("9110 15.5.17: 416 goes on", "HTTP/1.1 416 No\r\nContent-Range: bytes */9\r\nContent-Length: 0\r\n\r\n", |seen| status(416)(seen) && got("content-range", "bytes */9")(seen)),
        on("9110 15: a status that nobody knows goes on", "HTTP/1.1 299 X\r\nContent-Length: 0\r\n\r\n", status(299)),
        should("9112 4: a reason phrase goes on", get(""), |seen| seen.reply().head.starts_with("HTTP/1.1 200 Quite Fine\r\n")).answered("HTTP/1.1 200 Quite Fine\r\nContent-Length: 0\r\n\r\n"),
        // Answers that are none.
        on("9112 4: a status line that is none", "HTTP/1.1 2x0 OK\r\n\r\n", is_none).then_closed(),
        on("9112 2.3: bytes without a status line are no answer", "hello\r\n\r\n", is_none).then_closed(),
        on("9110 15.6.3: an upstream that hangs up", "", is_none).then_closed(),
        on("9110 5.5: a NUL in an answer", "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n", |seen| !String::from_utf8_lossy(&seen.raw).contains('\0') && seen.status() == 502),
        on("9112 5.2: a folded line in an answer", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", |seen| seen.status() == 502 || (seen.reply().value("x").replace("  ", " ") == "a b")),
        on("9112 5.1: white space before a colon in an answer", "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n", |seen| seen.status() == 502 || !seen.reply().head.contains("x :")),
        must("9110 9.2.2: a write that broke is not sent again", super::post("Content-Length: 3\r\n", "abc"), |seen| seen.requests.len() == 1 && seen.status() == 502).answered("").then_closed(),
        must("9110 9.2.2: neither is a PUT", "PUT /a HTTP/1.1\r\nHost: p\r\nContent-Length: 3\r\n\r\nabc", |seen| seen.requests.len() == 1 && seen.status() == 502).answered("").then_closed(),
        must("9112 9.3.1: an early answer and its request stay in step", super::post("Content-Length: 3\r\n", "abc"), status(413)).answered("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"),
    ]
}
