//! Answers of our own: problem documents (RFC 9457) that repeat nothing of the request.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderValue, RETRY_AFTER,
};
use http::{Response, StatusCode};

use super::Shared;
use super::admit::Turned;
use super::call::OpenCall;
use super::guard::RefusedHead;
use super::headers::{REQUEST_ID, SUPPORT_CODE};
use super::identify;
use super::outgoing::Outgoing;
use crate::domain::classify::Transport;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::Source;
use crate::domain::reason::Reason;
use crate::domain::refusal::{PARTLY_SENT, Refusal, refusal};
use crate::domain::refusal_words::Language;
use crate::domain::time::Timestamp;
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

/// Turns a call away, with when it may come again.
pub(super) fn turned(mut call: OpenCall, turned: &Turned) -> Response<Outgoing> {
    let mut response = document(&mut call, turned.words, turned.reason);
    if let Some(wait) = turned.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    call.end_refused(turned.words.status, turned.reason);
    response
}

/// Tells since when a keyed write is in Accuro, by the clinic's own clock.
pub(super) fn applied(mut call: OpenCall, turned: &Turned, at: Timestamp) -> Response<Outgoing> {
    let clinic = call.exchange().and_then(|exchange| exchange.clinic.clone());
    let registry = call.shared.registry.keep();
    let clinic = clinic.as_ref().and_then(|clinic| registry.clinic(clinic));
    let zone = clinic.map_or(jiff::tz::TimeZone::UTC, |clinic| clinic.time_zone.clone());
    let instant = at.to_jiff();
    let name = zone.to_offset_info(instant).abbreviation().to_owned();
    let local = format!("{} {name}", zone.to_datetime(instant).strftime("%Y-%m-%d %H:%M"));
    let code = call.exchange().map(|exchange| exchange.support_code);
    let mut response = problem_document(
        turned.words,
        (turned.reason, turned.reason.is_retryable()),
        code,
        call.language,
        Some((&local, at)),
    );
    response.headers_mut().insert(&REQUEST_ID, call.request_id.clone());
    if let (Some(exchange), Some(length)) = (call.exchange(), response.body().length()) {
        exchange.bytes_out = length;
    }
    call.end_refused(turned.words.status, turned.reason);
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

/// The same for a call that waited for another's answer.
pub(super) fn unanswered_together(mut call: OpenCall, transport: Transport) -> Response<Outgoing> {
    if let Some(exchange) = call.exchange() {
        exchange.source = Source::Coalesced;
    }
    unanswered(call, transport)
}

/// Refuses a call whose body stalled or broke its framing.
pub(super) fn bad_upload(mut call: OpenCall, status: u16) -> Response<Outgoing> {
    let words = Refusal { status, ..upload_words(&mut call) };
    let response = document(&mut call, words, Reason::BadRequest);
    call.end_refused(status, Reason::BadRequest);
    response
}

/// The app hung up inside its own body. If only its sending half is closed, it still reads this.
pub(super) fn hung_up(mut call: OpenCall) -> Response<Outgoing> {
    let words = upload_words(&mut call);
    let response = document(&mut call, words, Reason::BadRequest);
    call.end_abandoned();
    response
}

fn upload_words(call: &mut OpenCall) -> Refusal {
    if call.has_left() { PARTLY_SENT } else { refusal(Reason::BadRequest) }
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

/// Refuses a head that is not valid. It is an event like every call; bytes that are no request at
/// all are only counted, and their sender gets no support code, which nothing could be found by.
pub(super) fn malformed(
    shared: &Arc<Shared>,
    refused: RefusedHead,
    begun: Instant,
    ts: Timestamp,
) -> Response<Outgoing> {
    let RefusedHead { problem, method } = refused;
    shared.metrics.malformed_requests.with_label_values(&[problem.as_str()]).inc();
    events::malformed_request(problem.as_str());
    let reason = problem.reason();
    let words = Refusal { status: problem.status(), ..refusal(reason) };
    let mut response = if problem.is_request() {
        let caller = identify::unreadable(shared, method, ts);
        let mut call = OpenCall::begin(Arc::clone(shared), caller, begun);
        let response = document(&mut call, words, reason);
        call.end_refused(words.status, reason);
        response
    } else {
        let id = RequestId::from_event(EventId::new(ts, fastrand::u128(..)));
        let mut response = problem_document(
            words,
            (reason, reason.is_retryable()),
            None,
            Language::default(),
            None,
        );
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(&REQUEST_ID, id);
        }
        response
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn document(call: &mut OpenCall, words: Refusal, reason: Reason) -> Response<Outgoing> {
    let request_id = call.request_id.clone();
    let (code, mutation) = call
        .exchange()
        .map_or((None, false), |exchange| (Some(exchange.support_code), exchange.mutation));
    let again = reason.may_be_sent_again(mutation);
    let mut response = problem_document(words, (reason, again), code, call.language, None);
    response.headers_mut().insert(&REQUEST_ID, request_id);
    if let (Some(exchange), Some(length)) = (call.exchange(), response.body().length()) {
        exchange.bytes_out = length;
    }
    response
}

/// The document of a refusal; of one that is about a change already made, with when that was: by the
/// clinic's clock, and by ours.
fn problem_document(
    refusal: Refusal,
    (reason, retryable): (Reason, bool),
    code: Option<SupportCode>,
    language: Language,
    applied: Option<(&str, Timestamp)>,
) -> Response<Outgoing> {
    let words = language.words(refusal.saying);
    let mut detail = words.detail.to_owned();
    if let Some((local, _)) = applied {
        detail = format!("{} {local}. {detail}", language.before_time());
    }
    if let Some(code) = code {
        detail = format!("{detail} {} {code}", language.before_code());
    }
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": words.title,
        "status": refusal.status,
        "detail": detail,
        "category": reason.category().as_str(),
        "reason": reason.as_str(),
        "retryable": retryable,
    });
    if let Some(code) = code {
        body["support_code"] = code.to_string().into();
    }
    if let Some((_, at)) = applied {
        body["applied_at"] = at.to_string().into();
    }
    let mut response = Response::new(Outgoing::whole(Bytes::from(body.to_string())));
    *response.status_mut() =
        StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if refusal.status == 405 {
        headers.insert(ALLOW, HeaderValue::from_static(METHODS));
    }
    if let Some(Ok(code)) = code.map(|code| HeaderValue::from_bytes(&code.to_ascii())) {
        headers.insert(&SUPPORT_CODE, code);
    }
    response
}
