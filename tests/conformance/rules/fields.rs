//! Which fields of a request and of an answer go on, and as what.

use super::{Row, get, got, must, sent, should};
use crate::case::Seen;

const SOME: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";

/// An answer with further field lines.
fn answer(fields: &str) -> String {
    format!("{SOME}{fields}\r\nhi")
}

/// A field that an answer keeps.
fn kept(rule: &'static str, name: &'static str, value: &'static str) -> Row {
    must(rule, get(""), got(name, value)).answered(answer(&format!("{name}: {value}\r\n")))
}

pub(super) fn rows() -> Vec<Row> {
    let absent = |name: &'static str| sent(name, "");
    vec![
        // This hop's own (9110 7.6.1).
        must("9110 7.6.1: Connection stays", get("Connection: keep-alive\r\n"), absent("connection")),
        must("9110 7.6.1: what Connection names stays", get("Connection: X-Hop\r\nX-Hop: 1\r\n"), absent("x-hop")),
        must("9110 7.6.1: what Connection names in another case stays", get("Connection: x-HOP\r\nX-Hop: 1\r\n"), absent("x-hop")),
        must("9110 7.6.1: what a list in Connection names stays", get("Connection: keep-alive , X-Hop\r\nX-Hop: 1\r\n"), absent("x-hop")),
        must("9110 7.6.1: every Connection line counts", get("Connection: keep-alive\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"), absent("x-hop")),
        must("9110 5.6.1: empty members of Connection are skipped", get("Connection: ,, X-Hop,\r\nX-Hop: 1\r\n"), absent("x-hop")),
        must("9110 7.6.1: Connection cannot take Host away", get("Connection: host\r\n"), |seen| seen.has_passed() && !seen.sent("host").is_empty()),
        must("9110 7.6.1: Connection cannot take a length away", super::post("Connection: content-length\r\nContent-Length: 3\r\n", "abc"), |seen| seen.has_passed() && seen.requests[0].body == b"abc"),
        should("9110 7.6.1: Keep-Alive stays", get("Keep-Alive: timeout=5\r\n"), absent("keep-alive")),
        should("9110 7.6.1: Proxy-Connection stays", get("Proxy-Connection: keep-alive\r\n"), absent("proxy-connection")),
        should("9110 7.6.1: TE without Connection stays", get("TE: gzip\r\n"), absent("te")),
        should("9110 7.6.1: Upgrade without Connection stays", get("Upgrade: h2c\r\n"), |seen| seen.status() == 200 && seen.sent("upgrade").is_empty()),
        must("9110 7.8: Upgrade in HTTP/1.0 means nothing", "GET /a HTTP/1.0\r\nConnection: keep-alive, upgrade\r\nUpgrade: x\r\n\r\n", |seen| seen.status() == 200 && seen.went_on && seen.sent("upgrade").is_empty()),
        must("9110 7.8: Upgrade is not sent on", get("Connection: upgrade\r\nUpgrade: h2c\r\n"), |seen| seen.requests[0].values("upgrade").is_empty()),
        must("9110 10.1.4: TE is this hop's own", get("Connection: TE\r\nTE: trailers, deflate;q=0.5\r\n"), |seen| seen.has_passed() && !seen.sent("te").contains("deflate")),
        should("9110 11.7.2: Proxy-Authorization is for the next proxy only", get("Proxy-Authorization: Basic x\r\n"), absent("proxy-authorization")),
        must("9110 7.6.1: an answer's Connection stays", get(""), got("connection", "")).answered(answer("Connection: X-Hop\r\n")),
        must("9110 7.6.1: what an answer's Connection names stays", get(""), got("x-hop", "")).answered(answer("Connection: X-Hop\r\nX-Hop: 1\r\n")),
        should("9110 7.6.1: an answer's Keep-Alive stays", get(""), got("keep-alive", "")).answered(answer("Keep-Alive: timeout=5\r\n")),
        should("9110 7.6.1: an answer's Proxy-Connection stays", get(""), got("proxy-connection", "")).answered(answer("Proxy-Connection: x\r\n")),
        must("9110 7.8: an answer's Upgrade stays", get(""), got("upgrade", "")).answered(answer("Connection: upgrade\r\nUpgrade: h2c\r\n")),
        should("9110 11.7.1: Proxy-Authenticate is for this hop only", get(""), got("proxy-authenticate", "")).answered(answer("Proxy-Authenticate: Basic\r\n")),
        // Via and Max-Forwards.
        must("9110 7.6.3: a gateway adds Via", get(""), |seen| seen.has_passed() && seen.sent("via").starts_with("1.1 accuscope")),
        must("9110 7.6.3: Via is added behind what is there", get("Via: 1.0 fred\r\n"), |seen| seen.has_passed() && seen.sent("via").starts_with("1.0 fred|1.1 accuscope")),
        must("9110 7.6.3: Via tells the version that came in", "GET /a HTTP/1.0\r\n\r\n", |seen| seen.requests[0].values("via")[0].starts_with("1.0 accuscope")),
        must("9110 7.6.2: OPTIONS that may go no further is answered here", "OPTIONS /a HTTP/1.1\r\nHost: p\r\nMax-Forwards: 0\r\n\r\n", |seen| seen.status() == 200 && seen.requests.is_empty() && seen.went_on),
        must("9110 7.6.2: TRACE that may go no further is answered here", "TRACE /a HTTP/1.1\r\nHost: p\r\nMax-Forwards: 0\r\n\r\n", |seen| seen.requests.is_empty() && seen.status() != 0),
        must("9110 7.6.2: OPTIONS counts down", "OPTIONS /a HTTP/1.1\r\nHost: p\r\nMax-Forwards: 5\r\n\r\n", sent("max-forwards", "4")),
        must("9110 7.6.2: TRACE counts down", "TRACE /a HTTP/1.1\r\nHost: p\r\nMax-Forwards: 1\r\n\r\n", sent("max-forwards", "0")),
        must("9110 7.6.2: Max-Forwards is never invented", "OPTIONS /a HTTP/1.1\r\nHost: p\r\n\r\n", absent("max-forwards")),
        must("9110 7.6.2: Max-Forwards of another method is not counted", get("Max-Forwards: 0\r\n"), Seen::has_passed),
        // What goes on as it is.
        must("9110 11.6.2: Authorization goes on", get("Authorization: Bearer a.b-c\r\n"), sent("authorization", "Bearer a.b-c")),
        must("9110 12.5: what is accepted goes on", get("Accept: a/b;q=0.5, */*\r\nAccept-Encoding: br\r\n"), |seen| sent("accept", "a/b;q=0.5, */*")(seen) && seen.sent("accept-encoding") == "br"),
        must("9110 7.7: nothing is asked for that the app did not", get(""), |seen| seen.has_passed() && ["accept", "accept-encoding", "user-agent"].iter().all(|name| seen.sent(name).is_empty())),
        must("9110 14.2: Range goes on", get("Range: bytes=0-1\r\nIf-Range: \"x\"\r\n"), sent("range", "bytes=0-1")),
        must("9110 13.1: conditions go on", get("If-None-Match: \"a\", W/\"b\"\r\n"), sent("if-none-match", "\"a\", W/\"b\"")),
        should("9110 10.1.5: User-Agent is the app's", get("User-Agent: x/1\r\n"), sent("user-agent", "x/1")),
        kept("9110 11.6.1: WWW-Authenticate goes on", "www-authenticate", "Bearer realm=\"x\", error=\"y\""),
        kept("9110 10.2.1: Allow goes on", "allow", "GET, PUT"),
        kept("9110 6.6.1: Date is the origin's", "date", "Tue, 24 Nov 2026 17:12:00 GMT"),
        kept("9110 10.2.4: Server is the origin's", "server", "x/1"),
        kept("9110 10.2.2: Location goes on", "location", "http://q.example/../a"),
        kept("9110 8.8.3: ETag goes on", "etag", "W/\"a\""),
        kept("9111 5.2: Cache-Control goes on", "cache-control", "no-transform, x-y=1"),
        kept("9110 12.5.5: Vary goes on", "vary", "accept, x-y"),
        kept("9110 8.4: Content-Encoding goes on", "content-encoding", "strange"),
        must("9110 6.6.1: an answer without a Date gets one", get(""), |seen| seen.reply().values("date").len() == 1),
        must("9110 5.3: Set-Cookie lines are not joined", get(""), got("set-cookie", "a=1|b=2, c")).answered(answer("Set-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2, c\r\n")),
        must("9110 7.7: no-transform, and the content is as it was", get(""), |seen| seen.reply().body == b"\x1f\x8b\x08\x00\xff").answered([&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nCache-Control: no-transform\r\nContent-Length: 5\r\n\r\n"[..], b"\x1f\x8b\x08\x00\xff"].concat()),
    ]
}
