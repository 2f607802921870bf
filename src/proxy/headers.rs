//! Header duties of a gateway: what stays here, what goes on, what is added.
//!
//! Owns RFC 9110 sections 7.6 (hop-by-hop fields, `Max-Forwards`, `Via`) and 10.1.1 (`Expect`), RFC
//! 9113 section 8.2.3 (cookies), and the removal of accuscope's own headers. Header values are never
//! recorded.

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue,
    MAX_FORWARDS, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{Method, StatusCode, Version};

use crate::domain::names::InstanceId;

/// The application's key.
pub(super) static APP_KEY: HeaderName = HeaderName::from_static("accuscope-app-key");
/// The clinic's id.
pub(super) static CLINIC: HeaderName = HeaderName::from_static("accuscope-clinic");
/// The staff member or service.
pub(super) static ACTOR: HeaderName = HeaderName::from_static("accuscope-actor");
/// What a person reads aloud.
pub(super) static SUPPORT_CODE: HeaderName = HeaderName::from_static("accuscope-support-code");
/// What became of a read that could be answered without a call of its own.
pub(super) static CACHE: HeaderName = HeaderName::from_static("accuscope-cache");
/// The app's id of the call.
pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C Trace Context.
pub(super) static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// W3C Trace Context.
pub(super) static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

static KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
static PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
static PROXY_AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("proxy-authentication-info");

/// Removes the fields that are for this hop only: the fixed ones and those that `Connection` names.
pub(super) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
            .collect();
        for name in named {
            // Framing and addressing are not a sender's to take away.
            if name != CONTENT_LENGTH && name != HOST {
                remove(headers, &name);
            }
        }
    }
    // The last three are between a client and its next proxy (RFC 9110, 11.7); here is a gateway, and
    // no proxy of Accuro's is the app's.
    for name in [
        &CONNECTION,
        &TE,
        &TRANSFER_ENCODING,
        &UPGRADE,
        &KEEP_ALIVE,
        &PROXY_CONNECTION,
        &PROXY_AUTHENTICATE,
        &PROXY_AUTHORIZATION,
        &PROXY_AUTHENTICATION_INFO,
    ] {
        remove(headers, name);
    }
}

/// Makes an answer's framing one that every reader reads the same way (RFC 9112, 6.3); `false` if the
/// answer cannot be passed on.
pub(super) fn settle_framing(status: StatusCode, headers: &mut HeaderMap) -> bool {
    let codings = headers.get_all(TRANSFER_ENCODING);
    let mut codings = codings.iter().map(|value| value.as_bytes().trim_ascii());
    if let Some(coding) = codings.next() {
        // Another coding would have to be undone, and two of them are two opinions.
        if !coding.eq_ignore_ascii_case(b"chunked") || codings.next().is_some() {
            return false;
        }
        remove(headers, &CONTENT_LENGTH);
    }
    if status == StatusCode::NO_CONTENT {
        remove(headers, &CONTENT_LENGTH);
    }
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let is_one = |value: &HeaderValue| !value.as_bytes().contains(&b',');
    if values.next().is_none_or(is_one) && values.next().is_none() {
        return true;
    }
    let lengths: Vec<&[u8]> = headers
        .get_all(CONTENT_LENGTH)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .collect();
    let Some((first, others @ [_, ..])) = lengths.split_first() else { return true };
    if others.iter().any(|length| length != first) {
        return false;
    }
    let Ok(one) = HeaderValue::from_bytes(first) else { return false };
    headers.insert(CONTENT_LENGTH, one);
    true
}

fn remove(headers: &mut HeaderMap, name: &HeaderName) {
    // Looking first is cheaper than removing what is not there.
    if headers.contains_key(name) {
        headers.remove(name);
    }
}

/// What a request expects before it sends its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// Nothing.
    None,
    /// `100-continue`.
    Continue,
    /// Something that is not known; RFC 9110 allows 417.
    Unknown,
}

/// Reads `Expect`. HTTP/1.0 has none.
pub(super) fn expectation(headers: &HeaderMap, version: Version) -> Expectation {
    if version < Version::HTTP_11 {
        return Expectation::None;
    }
    let mut values = headers.get_all(EXPECT).iter().peekable();
    if values.peek().is_none() {
        return Expectation::None;
    }
    let known = values.all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if known { Expectation::Continue } else { Expectation::Unknown }
}

/// What `Max-Forwards` asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forwards {
    /// Send it on.
    Onward,
    /// We are the last recipient.
    EndsHere,
}

/// Counts `Max-Forwards` down; it binds OPTIONS and TRACE only (RFC 9110, 7.6.2).
pub(super) fn count_forwards(method: &Method, headers: &mut HeaderMap) -> Forwards {
    if method != Method::OPTIONS && method != Method::TRACE {
        return Forwards::Onward;
    }
    let number =
        headers.get(MAX_FORWARDS).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    match number {
        None => Forwards::Onward,
        Some(0u64) => Forwards::EndsHere,
        Some(number) => {
            headers.insert(MAX_FORWARDS, HeaderValue::from(number - 1));
            Forwards::Onward
        }
    }
}

/// The mark that this process leaves in `Via`, and knows itself by.
#[derive(Clone)]
pub(super) struct ViaMark {
    comment: String,
    http_10: HeaderValue,
    http_11: HeaderValue,
    http_2: HeaderValue,
}

impl ViaMark {
    /// The mark of an instance; its id is a name without special characters.
    pub(super) fn of(instance: &InstanceId) -> Self {
        let comment = format!("({instance})");
        let value = |protocol: &str| {
            HeaderValue::from_str(&format!("{protocol} accuscope {comment}"))
                .unwrap_or_else(|_| unreachable!("an instance id is plain ASCII"))
        };
        Self { http_10: value("1.0"), http_11: value("1.1"), http_2: value("2.0"), comment }
    }

    /// Whether a request has passed here before: it goes round in a loop.
    pub(super) fn is_in(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(VIA)
            .iter()
            .any(|value| memchr::memmem::find(value.as_bytes(), self.comment.as_bytes()).is_some())
    }

    /// Adds the mark to a request that came in with `version`.
    pub(super) fn add(&self, headers: &mut HeaderMap, version: Version) {
        let value = match version {
            Version::HTTP_10 | Version::HTTP_09 => &self.http_10,
            Version::HTTP_2 => &self.http_2,
            _ => &self.http_11,
        };
        headers.append(VIA, value.clone());
    }
}

/// Whether the app takes trailers (RFC 9110, 10.1.4); asked before hop-by-hop fields go.
pub(super) fn takes_trailers(headers: &HeaderMap) -> bool {
    headers.get_all(TE).iter().any(|value| {
        let mut codings = value.as_bytes().split(|byte| *byte == b',');
        codings.any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"))
    })
}

/// Says to the upstream that trailers are taken.
pub(super) fn take_trailers(headers: &mut HeaderMap) {
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONNECTION, HeaderValue::from_static("te"));
}

/// Takes out what is only for accuscope, and `Host`, which the connection sets anew.
pub(super) fn strip_own(headers: &mut HeaderMap) {
    for name in [&APP_KEY, &CLINIC, &ACTOR, &HOST] {
        remove(headers, name);
    }
    // An underscore in the hyphen's place is the same name to many a server.
    let others = |name: &HeaderName| {
        name.as_str().strip_prefix("accuscope").is_some_and(|rest| rest.starts_with(['-', '_']))
    };
    while let Some(name) = headers.keys().find(|name| others(name)).cloned() {
        headers.remove(name);
    }
}

/// Joins the `Cookie` lines that HTTP/2 may split (RFC 9113, 8.2.3).
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let mut crumbs = headers.get_all(COOKIE).iter();
    if crumbs.next().is_none() || crumbs.next().is_none() {
        return;
    }
    let crumbs: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(mut joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        joined.set_sensitive(true);
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn hop_by_hop_fields_and_those_that_connection_names_stay_here() {
        let mut map = headers(&[
            ("connection", "keep-alive, x-hop , content-length"),
            ("connection", "close, x-other"),
            ("x-hop", "1"),
            ("x-other", "1"),
            ("x-stays", "1"),
            ("content-length", "3"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("keep-alive", "5"),
            ("proxy-connection", "x"),
            ("proxy-authenticate", "Basic"),
            ("proxy-authorization", "Basic x"),
            ("proxy-authentication-info", "x"),
            ("transfer-encoding", "chunked"),
        ]);
        assert!(takes_trailers(&map));
        strip_hop_by_hop(&mut map);
        assert_eq!(names(&map), ["content-length", "x-stays"]);
    }

    #[test]
    fn own_headers_and_host_are_not_forwarded() {
        let mut map = headers(&[
            ("accuscope-app-key", "k"),
            ("accuscope-clinic", "c"),
            ("accuscope-actor", "a"),
            ("accuscope-future", "f"),
            ("accuscope_actor", "f"),
            ("host", "h"),
            ("authorization", "Bearer x"),
        ]);
        strip_own(&mut map);
        assert_eq!(names(&map), ["authorization"]);
    }

    #[test]
    fn an_answer_has_one_framing() {
        for (status, before, settled, after) in [
            (200, &[("content-length", "3")][..], true, Some("3")),
            (200, &[("content-length", "3"), ("content-length", "3")], true, Some("3")),
            (200, &[("content-length", "3, 3")], true, Some("3")),
            (200, &[("content-length", "3"), ("transfer-encoding", "Chunked")], true, None),
            (200, &[("content-length", "3"), ("content-length", "4")], false, None),
            (204, &[("content-length", "0")], true, None),
            (304, &[("content-length", "3")], true, Some("3")),
            (200, &[("transfer-encoding", "gzip")], false, None),
            (200, &[("transfer-encoding", "gzip, chunked")], false, None),
            (
                200,
                &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
                false,
                None,
            ),
        ] {
            let mut map = headers(before);
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(settle_framing(status, &mut map), settled, "{status} {before:?}");
            let lengths: Vec<_> = map.get_all("content-length").iter().collect();
            let after: Vec<_> = after.into_iter().collect();
            assert!(!settled || lengths == after, "{status} {before:?}");
        }
    }

    #[test]
    fn max_forwards_counts_down_for_options_and_trace_only() {
        for (method, before, forwards, after) in [
            (Method::OPTIONS, "2", Forwards::Onward, "1"),
            (Method::TRACE, "0", Forwards::EndsHere, "0"),
            (Method::GET, "0", Forwards::Onward, "0"),
            (Method::OPTIONS, "x", Forwards::Onward, "x"),
        ] {
            let mut map = headers(&[("max-forwards", before)]);
            assert_eq!(count_forwards(&method, &mut map), forwards, "{method} {before}");
            assert_eq!(map["max-forwards"], after, "{method} {before}");
        }
        let mut none = HeaderMap::new();
        assert_eq!(count_forwards(&Method::TRACE, &mut none), Forwards::Onward);
        assert!(none.is_empty(), "it is never invented");
    }

    #[test]
    fn a_loop_is_known_by_the_own_mark() {
        let mark = ViaMark::of(&InstanceId::parse("i-abc").unwrap());
        let mut map = headers(&[("via", "1.0 fred")]);
        assert!(!mark.is_in(&map));
        mark.add(&mut map, Version::HTTP_11);
        let values: Vec<_> = map.get_all("via").iter().collect();
        assert_eq!(values, ["1.0 fred", "1.1 accuscope (i-abc)"]);
        assert!(mark.is_in(&map));
        assert!(!ViaMark::of(&InstanceId::parse("i-other").unwrap()).is_in(&map));
    }

    #[test]
    fn expectations_are_known_or_refused() {
        let of = |value| expectation(&headers(&[("expect", value)]), Version::HTTP_11);
        assert_eq!(of("100-Continue"), Expectation::Continue);
        assert_eq!(of("200-ok"), Expectation::Unknown);
        assert_eq!(expectation(&HeaderMap::new(), Version::HTTP_11), Expectation::None);
        let map = headers(&[("expect", "100-continue")]);
        assert_eq!(expectation(&map, Version::HTTP_10), Expectation::None);
    }

    #[test]
    fn cookie_crumbs_are_joined() {
        let mut map = headers(&[("cookie", "a=1"), ("cookie", "b=2")]);
        join_cookies(&mut map);
        assert_eq!(map.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2"]);
    }
}
