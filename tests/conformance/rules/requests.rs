//! Request lines, targets, hosts and the grammar of field lines.

use super::{Row, get, must, refused, sent, should};
use crate::case::Seen;

/// A GET of a target that has to arrive as it is.
fn exact(rule: &'static str, target: &'static str) -> Row {
    let request = format!("GET {target} HTTP/1.1\r\nHost: p\r\n\r\n");
    must(rule, request, move |seen| seen.has_passed() && seen.requests[0].target() == target)
}

#[expect(clippy::too_many_lines, reason = "a table of rules")]
pub(super) fn rows() -> Vec<Row> {
    let long = "x".repeat(100_000);
    vec![
        // Request line.
        must(
            "9112 3: two spaces in the request line",
            "GET  /a HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3: white space in the target",
            "GET /a b HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 2.3: a name of HTTP in lower case",
            "GET /a http/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9110 9.1: a method that is no token",
            "G(T /a HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9110 9.1: an unknown method goes on",
            "BREW /a HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| seen.has_passed() && seen.requests[0].method() == "BREW",
        ),
        must(
            "9110 9.1: methods are case-sensitive",
            "get /a HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| seen.has_passed() && seen.requests[0].method() == "get",
        ),
        should(
            "9112 2.2: an empty line before a request is ignored",
            "\r\nGET /a HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| seen.status() == 200 && seen.went_on,
        ),
        should(
            "9110 2.5: a later minor version is served",
            "GET /a HTTP/1.2\r\nHost: p\r\n\r\n",
            |seen| seen.has_passed() && seen.requests[0].line().ends_with(" HTTP/1.1"),
        ),
        should(
            "9110 15.6.6: another major version gets 505",
            "GET /a HTTP/3.0\r\nHost: p\r\n\r\n",
            refused(&[505]),
        ),
        must(
            "9112 2.3: what was sent as HTTP/1.0 goes on as our own version",
            "GET /a HTTP/1.0\r\n\r\n",
            |seen| seen.requests.len() == 1 && seen.requests[0].line() == "GET /a HTTP/1.1",
        ),
        must(
            "9112 9.3: HTTP/1.0 without keep-alive ends the connection",
            "GET /a HTTP/1.0\r\n\r\n",
            |seen| seen.status() == 200 && !seen.went_on,
        ),
        // Targets.
        exact("9110 7.7: dot segments stay", "/a/../b"),
        exact("9110 7.7: encoded dots stay", "/a/%2e%2E/b/./c"),
        exact("9110 7.7: doubled slashes stay", "//a//b//"),
        exact("9110 7.7: parameters stay", "/a;b=1/c;d,e"),
        exact("9110 7.7: an empty query stays", "/a?"),
        exact("9110 7.7: a query stays", "/a?z=1&a=2&&=&x=%20+%2B?/"),
        exact("9110 7.7: the case of an escape stays", "/%e4%B8%ad"),
        exact("9110 7.7: an encoded slash stays", "/a%2Fb%5c"),
        exact("9110 7.7: sub-delimiters stay", "/!$&'()*+,;=:@~-._"),
        must(
            "9112 3.2: a fragment is no part of a target",
            "GET /a#b HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3.2.1: a path without its slash",
            "GET a HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3.2.2: an absolute target is taken, and sent on in origin form",
            "GET http://q.example/b?c HTTP/1.1\r\nHost: q.example\r\n\r\n",
            |seen| seen.has_passed() && seen.requests[0].target() == "/b?c",
        ),
        must(
            "9112 3.2.2: an absolute target beats Host",
            "GET http://q.example/b HTTP/1.1\r\nHost: other\r\n\r\n",
            |seen| {
                seen.has_passed()
                    && !seen.requests[0].head.contains("other")
                    && seen.sent("host").starts_with("127.0.0.1")
            },
        ),
        must(
            "9110 4.2.3: a scheme in any case",
            "GET HTTP://q.example/b HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| seen.has_passed() && seen.requests[0].target() == "/b",
        ),
        must(
            "9112 3.2.1: an absolute target without a path is /",
            "GET http://q.example HTTP/1.1\r\nHost: p\r\n\r\n",
            |seen| seen.has_passed() && seen.requests[0].target() == "/",
        ),
        should(
            "9110 4.2.4: user information in a target is refused",
            "GET http://u:p@q.example/ HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3.2.3: an authority for another method than CONNECT",
            "GET q.example:80 HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9110 9.3.6: CONNECT is not forwarded",
            "CONNECT q.example:443 HTTP/1.1\r\nHost: q.example:443\r\n\r\n",
            |seen| seen.requests.is_empty() && matches!(seen.status(), 400 | 405 | 501),
        ),
        must("9112 3.2.4: OPTIONS * goes on", "OPTIONS * HTTP/1.1\r\nHost: p\r\n\r\n", |seen| {
            seen.has_passed() && seen.requests[0].target() == "*"
        }),
        must(
            "9112 3.2.4: * for another method",
            "GET * HTTP/1.1\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        should(
            "9112 3: a request line of 8000 bytes is taken",
            format!("GET /{} HTTP/1.1\r\nHost: p\r\n\r\n", "y".repeat(7_980)),
            Seen::has_passed,
        ),
        must(
            "9112 3: a target that is too long",
            format!("GET /{long} HTTP/1.1\r\nHost: p\r\n\r\n"),
            refused(&[414, 431]),
        ),
        // Host.
        must("9112 3.2: no Host", "GET /a HTTP/1.1\r\n\r\n", refused(&[400])),
        must(
            "9112 3.2: two Hosts",
            "GET /a HTTP/1.1\r\nHost: p\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3.2: two Hosts that differ",
            "GET /a HTTP/1.1\r\nHost: p\r\nHost: q\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3.2: white space in Host",
            "GET /a HTTP/1.1\r\nHost: p q\r\n\r\n",
            refused(&[400]),
        ),
        must("9112 3.2: a path in Host", "GET /a HTTP/1.1\r\nHost: p/q\r\n\r\n", refused(&[400])),
        must(
            "9112 3.2: user information in Host",
            "GET /a HTTP/1.1\r\nHost: u@p\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9112 3.2: a port that is no number",
            "GET /a HTTP/1.1\r\nHost: p:x\r\n\r\n",
            refused(&[400]),
        ),
        must("9112 3.2: a list in Host", "GET /a HTTP/1.1\r\nHost: p, q\r\n\r\n", refused(&[400])),
        must(
            "9112 3.2: an absolute target needs a Host too",
            "GET http://q/ HTTP/1.1\r\n\r\n",
            refused(&[400]),
        ),
        must(
            "9110 7.2: Host is the upstream's own",
            "GET /a HTTP/1.1\r\nHost: proxy.example\r\n\r\n",
            |seen| seen.has_passed() && seen.sent("host").starts_with("127.0.0.1:"),
        ),
        must(
            "9110 4.2.1: an IPv6 literal is a host",
            "GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
            Seen::has_passed,
        ),
        // Field lines.
        must("9112 5.1: white space before the colon", get("X : y\r\n"), refused(&[400])),
        must("9112 5.1: a tab before the colon", get("X\t: y\r\n"), refused(&[400])),
        must("9112 5.2: a folded line", get("X: y\r\n z\r\n"), refused(&[400])),
        must(
            "9112 2.2: white space before the first field",
            "GET /a HTTP/1.1\r\n X: y\r\nHost: p\r\n\r\n",
            refused(&[400]),
        ),
        must("9112 2.2: a bare CR", get("X: a\rb\r\n"), refused(&[400])),
        should("9112 2.2: a bare LF", "GET /a HTTP/1.1\nHost: p\n\n", refused(&[400])),
        must("9110 5.5: a NUL", get("X: a\0b\r\n"), refused(&[400])),
        must("9110 5.5: another control character", get("X: a\u{1}b\r\n"), refused(&[400])),
        must("9112 5: a line without a colon", get("X\r\n"), refused(&[400])),
        must("9112 5: an empty name", get(": y\r\n"), refused(&[400])),
        must("9110 5.1: a name that is no token", get("X(: y\r\n"), refused(&[400])),
        must(
            "9110 5.1: an unknown field goes on",
            get("X-Unheard-Of: 1\r\n"),
            sent("x-unheard-of", "1"),
        ),
        must(
            "9110 5.1: names in any case",
            get("aUTHORIZATION: Bearer x\r\n"),
            sent("authorization", "Bearer x"),
        ),
        must(
            "9112 5.1: white space around a value is no part of it",
            get("X: \t y \t\r\n"),
            sent("x", "y"),
        ),
        must(
            "9110 5.3: lines of one name keep their order",
            get("X: 1\r\nY: a\r\nX: 2, 3\r\nX: 4\r\n"),
            sent("x", "1|2, 3|4"),
        ),
        must("9110 5.5: an empty value is a value", get("X:\r\nY: 1\r\n"), |seen| {
            seen.has_passed() && seen.requests[0].values("x") == [""]
        }),
        should(
            "9110 5.5: bytes above ASCII go on as they are",
            get("X: caf\u{e9}\r\n"),
            sent("x", "caf\u{e9}"),
        ),
        must(
            "9110 5.4: fields that are too large",
            get(&format!("X: {long}\r\n")),
            refused(&[431, 400]),
        ),
        must("9110 5.4: too many fields", get(&"X: y\r\n".repeat(500)), refused(&[431, 400])),
    ]
}
