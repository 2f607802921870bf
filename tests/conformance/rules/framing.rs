//! Where a request's body ends.

use super::{Row, must, post, refused, should};
use crate::case::Seen;

/// The body arrived, and nothing else.
fn body(bytes: &'static str) -> impl Fn(&Seen) -> bool {
    move |seen| seen.has_passed() && seen.requests[0].body == bytes.as_bytes()
}

/// The call was told off, the connection ended, and no whole body arrived.
fn broken(seen: &Seen) -> bool {
    seen.status() == 400 && !seen.went_on && seen.requests.len() <= 1
}

fn chunked(chunks: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", chunks)
}

#[expect(clippy::too_many_lines, reason = "a table of rules")]
pub(super) fn rows() -> Vec<Row> {
    vec![
        must(
            "9112 6.3: so many bytes as Content-Length says",
            post("Content-Length: 3\r\n", "abc"),
            body("abc"),
        ),
        must("9112 6.3: no framing field is no body", post("", ""), body("")),
        must("9112 6.3: Content-Length 0 is no body", post("Content-Length: 0\r\n", ""), body("")),
        must(
            "9112 6.1: a length beside a coding",
            post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            refused(&[400]),
        ),
        must(
            "9112 6.1: a coding beside a length",
            post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
            refused(&[400]),
        ),
        must(
            "9112 6.3: two lengths that differ",
            post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"),
            refused(&[400]),
        ),
        must(
            "9112 6.3: a list of lengths that differ",
            post("Content-Length: 3, 4\r\n", "abc"),
            refused(&[400]),
        ),
        should(
            "9110 8.6: a list of equal lengths is refused or made one",
            post("Content-Length: 3, 3\r\n", "abc"),
            |seen| seen.is_refused(&[400]) || body("abc")(seen),
        ),
        should(
            "9110 8.6: two equal lengths are refused or made one",
            post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
            |seen| seen.is_refused(&[400]) || body("abc")(seen),
        ),
        must(
            "9110 8.6: a length with a sign",
            post("Content-Length: +3\r\n", "abc"),
            refused(&[400]),
        ),
        must(
            "9110 8.6: a length below zero",
            post("Content-Length: -3\r\n", "abc"),
            refused(&[400]),
        ),
        must(
            "9110 8.6: a length in hexadecimal",
            post("Content-Length: 0x3\r\n", "abc"),
            refused(&[400]),
        ),
        must("9110 8.6: an empty length", post("Content-Length:\r\n", "abc"), refused(&[400])),
        must(
            "9110 8.6: a length with a space in it",
            post("Content-Length: 1 3\r\n", "abc"),
            refused(&[400]),
        ),
        must(
            "9110 8.6: a length beyond any number",
            post("Content-Length: 99999999999999999999999\r\n", "abc"),
            refused(&[400, 413]),
        ),
        must(
            "9112 6.3: chunked is not last",
            post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
            refused(&[400]),
        ),
        must(
            "9112 6.3: chunked is not there",
            post("Transfer-Encoding: gzip\r\n", "x"),
            refused(&[400, 501]),
        ),
        should(
            "9112 6.1: a coding that is not known",
            post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
            refused(&[501, 400]),
        ),
        must(
            "9112 6.1: chunked twice",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            refused(&[400, 501]),
        ),
        must(
            "9112 6.1: chunked twice in a list",
            post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
            refused(&[400, 501]),
        ),
        must(
            "9112 6.1: a coding in HTTP/1.0 is faulty",
            "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 7: chunked in any case",
            post("Transfer-Encoding: CHUNKED\r\n", "1\r\na\r\n0\r\n\r\n"),
            body("a"),
        ),
        must(
            "9112 6.3: identity is not a coding",
            post("Transfer-Encoding: identity\r\n", ""),
            refused(&[400, 501]),
        ),
        must(
            "9112 6.1: a coding with white space of another kind",
            post("Transfer-Encoding: \u{b}chunked\r\n", "0\r\n\r\n"),
            refused(&[400, 501]),
        ),
        must(
            "9112 7.1: chunks are put together",
            chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            body("abc0123456789"),
        ),
        must("9112 7.1: leading zeros in a size", chunked("0003\r\nabc\r\n0\r\n\r\n"), body("abc")),
        must(
            "9112 7.1.1: extensions are ignored and not sent on",
            chunked("3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n\r\n"),
            body("abc"),
        ),
        must("9112 7.1: a size that is no number", chunked("zz\r\nabc\r\n0\r\n\r\n"), broken),
        must("9112 7.1: an empty size", chunked("\r\nabc\r\n0\r\n\r\n"), broken),
        must("9112 7.1: a size below zero", chunked("-3\r\nabc\r\n0\r\n\r\n"), broken),
        must("9112 7.1: a size with a prefix", chunked("0x3\r\nabc\r\n0\r\n\r\n"), broken),
        must("9112 7.1: a size with an underscore", chunked("1_0\r\nabc\r\n0\r\n\r\n"), broken),
        must(
            "9112 7.1: a size beyond any number",
            chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"),
            broken,
        ),
        must("9112 7.1: white space after a size", chunked("3 \r\nabc\r\n0\r\n\r\n"), broken),
        must("9112 7.1: data longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n"), broken),
        must("9112 7.1: data without its line end", chunked("3\r\nabc0\r\n\r\n"), broken),
        must("9112 7.1: a size that ends with LF alone", chunked("3\nabc\r\n0\r\n\r\n"), broken),
        must("9112 7.1: data that end with LF alone", chunked("3\r\nabc\n0\r\n\r\n"), broken),
        must("9112 7.1.1: LF alone in an extension", chunked("3;a\nb\r\nabc\r\n0\r\n\r\n"), broken),
        must(
            "9112 7.1.2: a trailer that is no field",
            chunked("3\r\nabc\r\n0\r\nX Y: z\r\n\r\n"),
            broken,
        ),
        must(
            "9110 6.5.1: a trailer is not merged into the fields",
            chunked("3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n"),
            |seen| body("abc")(seen) && seen.requests[0].values("authorization").is_empty(),
        ),
        must(
            "9110 6.5.1: a length in the trailers",
            chunked("3\r\nabc\r\n0\r\nContent-Length: 1\r\n\r\n"),
            broken,
        ),
        must(
            "9110 9.3.1: a body of GET is no request",
            "GET /a HTTP/1.1\r\nHost: p\r\nContent-Length: 33\r\n\r\nGET /b HTTP/1.1\r\nHost: smuggled\r\n\r\n",
            |seen| seen.requests.iter().all(|request| request.target() != "/b"),
        ),
        must(
            "9110 9.3.8: TRACE has no body",
            "TRACE /a HTTP/1.1\r\nHost: p\r\nContent-Length: 1\r\n\r\nx",
            refused(&[400]),
        ),
        must(
            "9112 9.3.2: requests that follow one another are answered in order",
            "GET /a HTTP/1.1\r\nHost: p\r\n\r\nGET /b HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| {
                seen.requests.iter().map(crate::support::Request::target).eq(["/a", "/b"])
                    && seen.replies.len() == 3
            },
        ),
        must(
            "9112 9.6: after a close nothing is read",
            "GET /a HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| seen.requests.len() == 1 && seen.replies.len() == 1,
        ),
        must(
            "9110 7.8: bytes after a wish to upgrade wait for 101",
            "GET /a HTTP/1.1\r\nHost: p\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}\u{3}",
            |seen| seen.requests.len() == 1 && !seen.went_on,
        ),
        must(
            "9110 10.1.1: a body that was announced arrives",
            post("Content-Length: 3\r\nExpect: 100-continue\r\n", "abc"),
            body("abc"),
        ),
        must(
            "9110 10.1.1: Expect in HTTP/1.0 is ignored",
            "POST /a HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
            |seen| {
                seen.requests.len() == 1
                    && seen.requests[0].body == b"abc"
                    && seen.reply().interim.is_empty()
            },
        ),
        should(
            "9110 10.1.1: another expectation gets 417",
            post("Content-Length: 0\r\nExpect: x\r\n", ""),
            |seen| seen.status() == 417,
        ),
    ]
}
