//! The rules for one HTTP/2 request, whose bytes the library has read already.
//!
//! Owns what the library leaves to us and what would become ambiguous in HTTP/1.1, which Accuro may
//! speak. Sources: RFC 9113 sections 8.2.1, 8.3.1 and 10.3; RFC 9110 sections 7.2 and 9.3. What the
//! library refuses itself (upper case, fields of a connection, pseudo-header fields that are missing,
//! doubled or late, a length that is not the body's) never comes here.

use http::header::{CONTENT_LENGTH, HOST};
use http::request::Parts;
use http::{Method, Version};

use super::connection::RefusedHead;
use super::head::{self, MAX_FIELDS, MAX_TARGET_BYTES};
use crate::domain::labels;
use crate::domain::malformed::Malformed;

/// What is wrong with a request that came over HTTP/2; `None` for others, which the guard has read.
pub(crate) fn refused_stream(request: &Parts, has_body: bool) -> Option<RefusedHead> {
    if request.version != Version::HTTP_2 {
        return None;
    }
    let method = Some(labels::Method::of(request.method.as_str()));
    problem(request, has_body).map(|problem| RefusedHead { problem, method })
}

fn problem(request: &Parts, has_body: bool) -> Option<Malformed> {
    let headers = &request.headers;
    if headers.len() > MAX_FIELDS {
        return Some(Malformed::HeadTooLarge);
    }
    if headers.keys().any(|name| head::is_mistakable(name.as_str().as_bytes())) {
        return Some(Malformed::FieldName);
    }
    let mut hosts = headers.get_all(HOST).iter().map(|host| host.as_bytes().trim_ascii());
    let authority = request.uri.authority().map(|authority| authority.as_str().as_bytes());
    let named = match (authority, hosts.next(), hosts.next()) {
        (Some(authority), None, None) => Some(authority),
        (None, Some(host), None) => Some(host),
        (Some(authority), Some(host), None) if authority.eq_ignore_ascii_case(host) => Some(host),
        _ => None,
    };
    if !named.is_some_and(head::is_host) {
        return Some(Malformed::Host);
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let is_number =
        |value: &[u8]| matches!(value.len(), 1..=18) && value.iter().all(u8::is_ascii_digit);
    if lengths.next().is_some_and(|length| !is_number(length.as_bytes()))
        || lengths.next().is_some()
    {
        return Some(Malformed::ContentLength);
    }
    if has_body
        && [Method::GET, Method::HEAD, Method::CONNECT, Method::TRACE].contains(&request.method)
    {
        return Some(Malformed::UnexpectedBody);
    }
    let target = request.uri.path_and_query().map_or("", |target| target.as_str());
    if target.len() > MAX_TARGET_BYTES {
        return Some(Malformed::TargetTooLong);
    }
    let fits = request.method == Method::CONNECT
        || head::is_target(request.method.as_str().as_bytes(), target.as_bytes());
    (!fits).then_some(Malformed::Target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_ambiguous_in_http_1_is_refused() {
        let request = |method: &str, uri: &str, fields: &[(&'static str, &str)]| {
            let mut builder =
                http::Request::builder().method(method).uri(uri).version(Version::HTTP_2);
            for (name, value) in fields {
                builder = builder.header(*name, *value);
            }
            builder.body(()).unwrap().into_parts().0
        };
        let at = "http://a/b?c";
        for (parts, has_body, expected) in [
            (request("GET", at, &[]), false, None),
            (request("POST", at, &[("content-length", "3")]), true, None),
            (request("GET", at, &[("host", "A")]), false, None),
            (request("GET", at, &[("host", "b")]), false, Some(Malformed::Host)),
            (request("GET", at, &[("host", "a"), ("host", "a")]), false, Some(Malformed::Host)),
            (request("GET", "/b", &[]), false, Some(Malformed::Host)),
            (request("GET", "/b", &[("host", "a")]), false, None),
            (request("GET", "http://u@a/b", &[]), false, Some(Malformed::Host)),
            (request("GET", at, &[("x_request_id", "1")]), false, Some(Malformed::FieldName)),
            (request("GET", at, &[]), true, Some(Malformed::UnexpectedBody)),
            (
                request("POST", at, &[("content-length", "+3")]),
                true,
                Some(Malformed::ContentLength),
            ),
        ] {
            let found = refused_stream(&parts, has_body).map(|refused| refused.problem);
            assert_eq!(found, expected, "{parts:?}");
            let mut older = parts;
            older.version = Version::HTTP_11;
            assert_eq!(refused_stream(&older, has_body), None);
        }
    }
}
