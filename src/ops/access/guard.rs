//! What every answer carries, and which forms are let through.
//!
//! Owns the security headers and the guard against forms that another site makes a browser send.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::visit::Visit;
use crate::ops::pages::refusal::Refusal;
use crate::ops::state::OpsState;

/// Everything comes from the site itself: no inline style, no inline script, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
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

/// Lets a form through if this site's own page sent it.
pub(crate) async fn own_forms(
    State(state): State<OpsState>,
    request: Request,
    next: Next,
) -> Response {
    if is_own(request.method(), request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, _) = request.into_parts();
    match Visit::from_request_parts(&mut parts, &state).await {
        Ok(visit) => visit.refuse(Refusal::OtherSite),
        Err(never) => match never {},
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
