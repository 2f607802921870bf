//! What every answer carries, and which forms are let through.
//!
//! Owns the security headers, the guard against forms that another site makes a browser send (by what the
//! browser says, and by [`form_token`]), the names that a site without sign-in answers to, and addresses without what nobody asked for.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION, ORIGIN,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::form_token::{self, NotOurs};
use super::visit::{Visit, address};
use crate::ops::MAX_FORM;
use crate::ops::pages::refusal::Refusal;
use crate::ops::state::{Auth, OpsState};

/// Everything comes from the site itself: no inline style, no inline script, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    // What `frame-ancestors` says, for browsers that do not know it.
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// Adds the headers. What is not said to be kept is not kept.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Where nobody signs in, whoever reaches the site is an admin. A page of another site reaches it from its
/// reader's browser once that site's name is made to point at this machine, so only this machine's own
/// names are answered. Programs that name no host at all are no browser.
pub(crate) async fn own_name(
    State(state): State<OpsState>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(HOST).map(HeaderValue::as_bytes);
    if state.auth != Auth::Off || host.is_none_or(is_loopback_name) {
        return next.run(request).await;
    }
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    (StatusCode::MISDIRECTED_REQUEST, kind, NOT_THIS_NAME).into_response()
}

const NOT_THIS_NAME: &str = "accuscope answers here only as 127.0.0.1, [::1] or localhost, since nobody has \
    to sign in (ops.auth is \"off\").\n";

fn is_loopback_name(host: &[u8]) -> bool {
    let host = host.to_ascii_lowercase();
    let names: [&[u8]; 3] = [b"127.0.0.1", b"[::1]", b"localhost"];
    names.into_iter().any(|name| match host.strip_prefix(name) {
        Some([]) => true,
        Some([b':', port @ ..]) => {
            matches!(port.len(), 1..=5) && port.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    })
}

/// Leads away from an address with parameters that the site does not know, so that what somebody pasted
/// into one stays in no history.
pub(crate) async fn plain_address(request: Request, next: Next) -> Response {
    let uri = request.uri();
    // The first reads its own; the second's are the provider's.
    let own = ["/calls", "/sign-in/back"].contains(&uri.path());
    if own || request.method() != Method::GET || uri.query().is_none() {
        return next.run(request).await;
    }
    let plain = address(uri);
    if uri.path_and_query().is_some_and(|asked| asked.as_str() == plain) {
        return next.run(request).await;
    }
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, plain)]).into_response()
}

/// Lets a form through if this site's own page sent it.
pub(crate) async fn own_forms(
    State(state): State<OpsState>,
    request: Request,
    next: Next,
) -> Response {
    if !is_own(request.method(), request.headers()) {
        let (mut parts, _) = request.into_parts();
        return match Visit::from_request_parts(&mut parts, &state).await {
            Ok(visit) => visit.refuse(Refusal::OtherSite),
            Err(never) => match never {},
        };
    }
    // Whoever signs in shows what opens the door, and may have opened the page before another session.
    let proves_itself = request.headers().contains_key(AUTHORIZATION)
        || request.uri().path().starts_with("/sign-in");
    if request.method().is_safe() || proves_itself || state.auth == Auth::Off {
        return next.run(request).await;
    }
    let mut parts =
        Request::builder().uri(request.uri()).body(()).unwrap_or_default().into_parts().0;
    parts.headers = request.headers().clone();
    match form_token::take_off(request, MAX_FORM).await {
        Ok(request) => next.run(request).await,
        Err(NotOurs::TooLong) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(NotOurs::OtherSession) => match Visit::from_request_parts(&mut parts, &state).await {
            Ok(visit) => visit.refuse(Refusal::OtherSession),
            Err(never) => match never {},
        },
    }
}

/// Whether a request may change something. A browser says where a form comes from, in
/// `Sec-Fetch-Site` on secure and on local connections, else in `Origin`. Programs say neither; they
/// carry no cookie that another site could ride on, and those with a token prove themselves by it.
fn is_own(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() || headers.contains_key(AUTHORIZATION) {
        return true;
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(HeaderName::from_static("sec-fetch-site")), text(ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            origin.split_once("://").is_some_and(|(_, host)| Some(host) == text(HOST))
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_sign_in_only_this_machines_names_are_answered() {
        for (host, answered) in [
            ("127.0.0.1", true),
            ("127.0.0.1:8081", true),
            ("[::1]:8081", true),
            ("LocalHost:9", true),
            ("localhost.", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:8081", false),
            ("127.0.0.1:", false),
            ("127.0.0.1:80a", false),
            ("127.0.0.1@evil.example", false),
            ("evil.example:8081", false),
            ("0.0.0.0:8081", false),
            ("::1", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_name(host.as_bytes()), answered, "{host}");
        }
    }

    #[test]
    fn only_forms_of_this_site_change_anything() {
        #[rustfmt::skip]
        let table: [(&[(&str, &str)], bool); 8] = [
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://evil.example"), ("host", "ops.example")], false),
            (&[("origin", "null"), ("host", "ops.example")], false),
            (&[("origin", "https://ops.example"), ("host", "ops.example")], true),
            (&[("host", "ops.example")], true),
            (&[("sec-fetch-site", "cross-site"), ("authorization", "Bearer x")], true),
        ];
        for (pairs, own) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_own(&Method::POST, &headers), own, "{pairs:?}");
            assert!(is_own(&Method::GET, &headers), "reading is always let through");
        }
    }
}
