//! Answers of our own: problem documents (RFC 9457) that repeat nothing of the request.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use super::Shared;
use super::call::OpenCall;
use super::headers::{REQUEST_ID, SUPPORT_CODE};
use super::outgoing::Outgoing;
use crate::domain::classify::Transport;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::malformed::Malformed;
use crate::domain::reason::Reason;
use crate::domain::refusal::{Refusal, refusal};
use crate::telemetry::events;

/// What apps may do here.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Refuses a call before anything is sent.
pub(super) fn refused(mut call: OpenCall, reason: Reason) -> Response<Outgoing> {
    let words = refusal(reason);
    let response = document(&mut call, words, reason);
    call.end_refused(words.status, reason);
    response
}

/// Refuses a call with a status of its own.
pub(super) fn refused_with(mut call: OpenCall, status: u16, reason: Reason) -> Response<Outgoing> {
    let words = Refusal { status, ..refusal(reason) };
    let response = document(&mut call, words, reason);
    call.end_refused(status, reason);
    response
}

/// Tells the app that there was no whole answer from Accuro.
pub(super) fn unanswered(mut call: OpenCall, transport: Transport) -> Response<Outgoing> {
    let reason = transport.reason();
    let words = refusal(reason);
    let response = document(&mut call, words, reason);
    call.end_unanswered(words.status, transport);
    response
}

/// The app hung up inside its own body. If only its sending half is closed, it still reads this.
pub(super) fn hung_up(mut call: OpenCall) -> Response<Outgoing> {
    let response = document(&mut call, refusal(Reason::BadRequest), Reason::BadRequest);
    call.end_abandoned();
    response
}

/// Tells what can be done here, to an OPTIONS request that may go no further.
pub(super) fn options(mut call: OpenCall) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(Bytes::new()));
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(METHODS));
    headers.insert(&REQUEST_ID, call.request_id.clone());
    if let Some(Ok(code)) =
        call.exchange().map(|exchange| HeaderValue::from_bytes(&exchange.support_code.to_ascii()))
    {
        headers.insert(&SUPPORT_CODE, code);
    }
    call.end_answered_here(200);
    response
}

/// Tells a sender that its bytes are no request. There is no call, so it is counted and no event.
pub(super) fn malformed(shared: &Shared, problem: Malformed) -> Response<Outgoing> {
    shared.metrics.malformed_requests.with_label_values(&[problem.as_str()]).inc();
    events::malformed_request(problem.as_str());
    let words = Refusal { status: problem.status(), ..refusal(Reason::BadRequest) };
    let id = EventId::new(shared.clock.now(), fastrand::u128(..));
    let code = SupportCode::from_bits(fastrand::u64(..));
    let request_id = HeaderValue::from_str(RequestId::from_event(id).as_str()).ok();
    let mut response = problem_document(words, Reason::BadRequest, code);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    if let Some(request_id) = request_id {
        response.headers_mut().insert(&REQUEST_ID, request_id);
    }
    response
}

fn document(call: &mut OpenCall, words: Refusal, reason: Reason) -> Response<Outgoing> {
    let request_id = call.request_id.clone();
    let code = call.exchange().map_or(SupportCode::from_bits(0), |exchange| exchange.support_code);
    let mut response = problem_document(words, reason, code);
    response.headers_mut().insert(&REQUEST_ID, request_id);
    if let (Some(exchange), Some(length)) = (call.exchange(), response.body().length()) {
        exchange.bytes_out = length;
    }
    response
}

fn problem_document(words: Refusal, reason: Reason, code: SupportCode) -> Response<Outgoing> {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": words.title,
        "status": words.status,
        "detail": words.detail,
        "category": reason.category().as_str(),
        "reason": reason.as_str(),
        "retryable": reason.is_retryable(),
        "support_code": code.to_string(),
    });
    let mut response = Response::new(Outgoing::whole(Bytes::from(body.to_string())));
    *response.status_mut() =
        StatusCode::from_u16(words.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if words.status == 405 {
        headers.insert(ALLOW, HeaderValue::from_static(METHODS));
    }
    if let Ok(code) = HeaderValue::from_bytes(&code.to_ascii()) {
        headers.insert(&SUPPORT_CODE, code);
    }
    response
}
