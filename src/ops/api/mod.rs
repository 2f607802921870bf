//! The JSON API, for programs: the same store that the pages read.
//!
//! Owns `/api/v1/…`: its routes, its answers' types, its errors. The OpenAPI document is generated
//! from those types. Everything but that document needs a bearer token; managers' tokens reach
//! figures and never a single call. Never repeats what it was sent, and writes nothing but the alerts
//! that Alertmanager tells of.
//!
//! | file | what |
//! | --- | --- |
//! | [`caller`], [`problem`] | who asks, and how they are told no |
//! | [`query`], [`exchanges`], [`event`] | calls |
//! | [`clinics`], [`status`] | figures and the verdict of this moment |
//! | [`adoption`], [`stretch`] | the figures behind the adoption report |
//! | [`references`] | what stands for an identifier |
//! | [`alertmanager`] | alerts as Alertmanager tells of them |
//! | [`diagnoses`] | why somebody could not see what they asked for |
//! | [`document`], [`vocabulary`] | the OpenAPI document |

mod adoption;
mod alertmanager;
mod body;
mod caller;
mod clinics;
mod diagnoses;
mod document;
mod event;
mod exchanges;
mod problem;
mod query;
mod references;
mod status;
mod stretch;
mod vocabulary;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

#[cfg(test)]
pub(crate) use self::adoption::lines;
pub(crate) use self::adoption::sheet_of;
use self::problem::Problem;
use super::state::OpsState;

/// The longest body: an identifier and where it belongs.
const MAX_BODY: usize = 8 * 1_024;

/// The longest body that tells of alerts: a group of a thousand.
const MAX_ALERTS_BODY: usize = 2 * 1_024 * 1_024;

/// The API's routes, to be put under `/api/v1`.
pub(super) fn router(state: OpsState) -> Router {
    // A limit of its own, since a group may hold many alerts.
    let alerts = Router::new()
        .route("/alertmanager", post(alertmanager::take))
        .layer(RequestBodyLimitLayer::new(MAX_ALERTS_BODY));
    Router::new()
        .route("/exchanges", get(exchanges::list))
        .route("/exchanges/{id}", get(exchanges::one))
        .route("/clinics", get(clinics::list))
        .route("/clinics/{id}", get(clinics::one))
        .route("/adoption", get(adoption::figures))
        .route("/status", get(status::now))
        .route("/references", post(references::make))
        .route("/diagnoses", post(diagnoses::make))
        .route("/openapi.json", get(document::serve))
        .fallback(async || nothing_here())
        .method_not_allowed_fallback(async || not_that_way())
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .merge(alerts)
        .layer(CompressionLayer::new())
        .layer(from_fn(headers))
        .with_state(state)
}

const fn refused_by_the_framework(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "The body is too long.",
        StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong here. Please try again.",
        _ => "The request is not one that the API takes; openapi.json lists them.",
    }
}

fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "The API has no such address; openapi.json lists them.")
}

/// The answer for the API's root, which its own router does not get.
pub(super) async fn root() -> Response {
    nothing_here().into_response()
}

fn not_that_way() -> Problem {
    let detail = "This address is asked for with another method; openapi.json lists them.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// Nothing that the API says is kept on the way, and what the framework refuses in words of its own is
/// said as a problem document.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    if (status.is_client_error() || status.is_server_error()) && !is_problem {
        response = Problem::new(status, refused_by_the_framework(status)).into_response();
    }
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
