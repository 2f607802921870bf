//! How the API says no: a problem document (RFC 9457).
//!
//! Owns its form and the fixed words. Nothing of the request is repeated in it: where a parameter is
//! named, the name is one of the API's own.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`: the title says what the status says.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// The parameter or field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'static str>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            parameter: None,
        }
    }

    /// A parameter or field that is not what it should be.
    pub(super) fn parameter(name: &'static str, expected: &str) -> Self {
        let detail = format!("{name}: not {expected}");
        Self { parameter: Some(name), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// A field with something wrong, or missing.
    pub(super) fn field(name: &'static str, problem: &str) -> Self {
        let detail = format!("{name}: {problem}");
        Self { parameter: Some(name), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    pub(super) fn no_token() -> Self {
        let detail = "Send a token that works, as Authorization: Bearer. \
                      accuscope token create makes one.";
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no such {what}."))
    }

    pub(super) fn store_failed() -> Self {
        let detail = "The store does not answer. Calls are still forwarded and recorded; \
                      ask again in a while.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
