//! Who is asking for what: from a request's head to a [`Caller`].
//!
//! Owns the reading of heads. Identifiers (patient, actor, token, strange request ids) become keyed
//! references here and go no further. Pure but for the random bits it draws; decides nothing that
//! is a rule of the product (see `domain::attribution`, `domain::catalogue`).

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::grants::Grant;
use super::headers::{ACTOR, APP_KEY, CLINIC, REQUEST_ID, TRACEPARENT, TRACESTATE};
use super::query::{QueryValues, Tenant};
use super::{Shared, people};
use crate::domain::attribution::{self, Attribution, ClinicSign, KeySign, Signs, TokenSign};
use crate::domain::catalogue::{self, Answer};
use crate::domain::classify::{Accepts, Asked, Endpoint, Token};
use crate::domain::event::Exchange;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::{Context, Method, Source};
use crate::domain::names::ClinicId;
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::refusal_words::Language;
use crate::domain::registry::{AppKeyDigest, Registry, TenantOwner};
use crate::domain::time::Timestamp;
use crate::domain::trace_context::{SpanId, TraceId, TraceParent, join_tracestate};

/// Longest identifier that is turned into a reference, in bytes.
const MAX_IDENTIFIER_BYTES: usize = 512;

/// Fields by which a server may take a request for one of another method.
static METHOD_OVERRIDES: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
];

/// Who is asking for what.
pub(super) struct Caller {
    /// The event, as far as it is known before anything is sent.
    pub(super) exchange: Exchange,
    /// What the judgement needs to know of the request.
    pub(super) asked: Asked,
    /// The context that the endpoint is for.
    pub(super) endpoint_context: Option<Context>,
    /// Which bodies are read besides being passed on.
    pub(super) reads: Reads,
    /// What `X-Request-Id` goes to Accuro and back to the app.
    pub(super) request_id: HeaderValue,
    /// The trace as the app sees it.
    pub(super) parent: Option<TraceParent>,
    /// What goes on of `tracestate`.
    pub(super) tracestate: Option<HeaderValue>,
    /// Why the call is refused, if it is.
    pub(super) refusal: Option<Reason>,
    /// A tenant or clinic was named that nobody registered.
    pub(super) unknown_tenant: bool,
    /// In which language accuscope answers, if it does.
    pub(super) language: Language,
    /// It reads reference data, without patients.
    pub(super) cacheable: bool,
}

/// Which bodies are read besides being passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Only the answer, by the probe.
    AnswerShape,
    /// A token call: both bodies, for what the grant says.
    Grant,
    /// A change of office: the request's, for the office.
    Office,
}

/// Reads a request's head.
pub(super) fn identify(shared: &Shared, head: &Parts, ts: Timestamp) -> Caller {
    let method = Method::of(head.method.as_str());
    let path = head.uri.path();
    let other = catalogue::other_reading(path);
    let found = match &other {
        None => shared.catalogue.identify(method, path),
        Some(other) => shared.catalogue.identify_both(method, path, other),
    };
    let query = QueryValues::read(head.uri.query());
    let headers = &head.headers;

    let token =
        bearer(headers).map(|token| shared.keys.reference(ReferenceKind::Token, None, token));
    let grant = token.as_ref().and_then(|token| shared.grants.of(token));
    let registry = shared.registry.get();
    let signs = Signs {
        key: app_key(&registry, headers, ts),
        tenant: tenant_sign(&registry, &query),
        header: clinic_sign(&registry, headers),
        grant: grant.as_ref().and_then(|grant| grant.clinic.clone()),
        at: ts,
    };
    let (attribution, refusal) = match attribution::attribute(&registry, &signs) {
        Ok(attribution) => (attribution, None),
        Err((attribution, reason)) => (attribution, Some(reason)),
    };
    let Attribution { app, clinic, unknown_tenant } = attribution;

    let endpoint_context = found.endpoint.and_then(|endpoint| endpoint.context);
    let asked = asked(&found, method, headers, token.is_some(), grant.as_ref(), ts);
    let blank = blank(shared, &found, method, ts);
    let (request_id, sent_id) = request_id(shared, headers, blank.id);
    let parent = parent(headers);
    let tracestate = parent.and_then(|_| tracestate(headers));
    let staff = actor(headers);
    let actor_ref =
        staff.map(|staff| shared.keys.reference(ReferenceKind::Actor, clinic.as_ref(), staff));
    if let (Some(clinic), Some(staff), Some(actor_ref)) = (&clinic, staff, &actor_ref) {
        people::note(shared, &registry, clinic, staff, actor_ref, ts);
    }
    let exchange = Exchange {
        app,
        // A server may do what these say instead, and then it is no read.
        mutation: found.mutation || METHOD_OVERRIDES.iter().any(|name| headers.contains_key(name)),
        context: context(token.as_ref(), grant.as_ref(), endpoint_context),
        actor_ref,
        patient_ref: patient(shared, &found, &query, clinic.as_ref()),
        token_ref: token,
        office: query.office.or_else(|| grant.as_ref().and_then(|grant| grant.office)),
        scopes: grant.map_or_else(|| Arc::clone(&shared.no_scopes), |grant| grant.scopes),
        request_id,
        trace_id: parent
            .map_or(blank.trace_id, |parent| shared.keys.recorded_trace(parent.trace_id)),
        clinic,
        ..blank
    };
    let reads = match exchange.operation.as_str() {
        catalogue::TOKEN_OPERATION => Reads::Grant,
        catalogue::CHANGE_OFFICE_OPERATION => Reads::Office,
        _ => Reads::AnswerShape,
    };
    Caller {
        exchange,
        asked,
        endpoint_context,
        reads,
        request_id: sent_id,
        parent,
        tracestate,
        refusal,
        unknown_tenant,
        language: language(headers),
        cacheable: found.endpoint.is_some_and(|endpoint| endpoint.cacheable)
            && found.patient_segment.is_none(),
    }
}

/// A caller of whom nothing can be known, since the head is not valid.
pub(super) fn unreadable(shared: &Shared, method: Option<Method>, ts: Timestamp) -> Caller {
    let found = shared.catalogue.identify(method.unwrap_or(Method::Other), "");
    let mut exchange = blank(shared, &found, method.unwrap_or(Method::Other), ts);
    // Nothing was asked to be changed as long as nobody knows what was asked.
    exchange.mutation &= method.is_some();
    Caller {
        asked: asked(&found, exchange.method, &HeaderMap::new(), false, None, ts),
        endpoint_context: None,
        reads: Reads::AnswerShape,
        request_id: own_id(&exchange.request_id),
        parent: None,
        tracestate: None,
        refusal: None,
        unknown_tenant: false,
        language: Language::default(),
        cacheable: false,
        exchange,
    }
}

/// An event with what is known of every call.
fn blank(
    shared: &Shared,
    found: &catalogue::Match<'_, '_>,
    method: Method,
    ts: Timestamp,
) -> Exchange {
    let id = EventId::new(ts, fastrand::u128(..));
    Exchange {
        id,
        ts,
        env: shared.environment,
        clinic: None,
        app: None,
        context: Context::Unknown,
        operation: found.operation.clone(),
        domain: found.domain,
        method,
        route: found.route.clone(),
        api_version: found.api_version,
        mutation: found.mutation,
        status: 499,
        upstream_status: None,
        ending: Ending::Aborted,
        result_count: None,
        duration_us: 0,
        upstream_us: None,
        attempts: 0,
        source: Source::Accuscope,
        actor_ref: None,
        patient_ref: None,
        token_ref: None,
        office: None,
        scopes: Arc::clone(&shared.no_scopes),
        shape: None,
        error_signature: None,
        request_id: RequestId::from_event(id),
        trace_id: TraceId::from_bits(fastrand::u128(..)),
        span_id: SpanId::from_bits(fastrand::u64(..)),
        support_code: SupportCode::from_bits(fastrand::u64(..)),
        bytes_in: 0,
        bytes_out: 0,
        instance: shared.instance.clone(),
    }
}

fn asked(
    found: &catalogue::Match<'_, '_>,
    method: Method,
    headers: &HeaderMap,
    has_token: bool,
    grant: Option<&Grant>,
    now: Timestamp,
) -> Asked {
    let answer = found.endpoint.map(|endpoint| endpoint.answer);
    Asked {
        endpoint: match (found.operation.as_str(), answer) {
            (catalogue::TOKEN_OPERATION, _) => Endpoint::Token,
            (_, Some(Answer::Html)) => Endpoint::SignInPage,
            _ => Endpoint::Data,
        },
        list: found.endpoint.is_some_and(|endpoint| endpoint.list),
        read: method.is_safe(),
        answer,
        accepts: accepts(headers),
        token: match grant.and_then(|grant| grant.expires_at) {
            _ if !has_token => Token::Absent,
            Some(end) if end <= now => Token::PastLifetime,
            _ => Token::Sent,
        },
    }
}

fn context(token: Option<&Reference>, grant: Option<&Grant>, endpoint: Option<Context>) -> Context {
    let sign = match (token, grant.and_then(|grant| grant.context)) {
        (None, _) => TokenSign::Absent,
        (Some(_), Some(context)) => TokenSign::Of(context),
        (Some(_), None) => TokenSign::Strange,
    };
    attribution::context(sign, endpoint)
}

/// The token of `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

/// The key's digest. That the key was shown is noted, whatever becomes of the call: an operator who
/// takes a key back wants to see whether somebody still has it.
fn app_key(registry: &Registry, headers: &HeaderMap, at: Timestamp) -> KeySign {
    let Some(key) = sent(headers, &APP_KEY) else { return KeySign::Absent };
    let digest = AppKeyDigest(Sha256::digest(&key).into());
    if let Some((_, key)) = registry.app_of_key(digest) {
        key.last_use.note(at);
    }
    KeySign::Sent(digest)
}

fn tenant_sign(registry: &Registry, query: &QueryValues<'_>) -> ClinicSign {
    match query.tenant {
        Tenant::Absent => ClinicSign::Absent,
        Tenant::NoUuid => ClinicSign::Unknown,
        Tenant::Uuid(tenant) => match registry.owner_of_tenant(tenant) {
            TenantOwner::Of(clinic) => ClinicSign::Known(clinic.clone()),
            TenantOwner::OtherEnvironment(clinic) => ClinicSign::OtherEnvironment(clinic.cloned()),
            TenantOwner::Nobody => ClinicSign::Unknown,
        },
    }
}

fn clinic_sign(registry: &Registry, headers: &HeaderMap) -> ClinicSign {
    let Some(value) = sent(headers, &CLINIC) else { return ClinicSign::Absent };
    let id = std::str::from_utf8(&value).ok().and_then(|text| ClinicId::parse(text.trim()).ok());
    id.and_then(|id| registry.clinic(&id))
        .map_or(ClinicSign::Unknown, |clinic| ClinicSign::Known(clinic.id.clone()))
}

/// The language that the app asks for.
fn language(headers: &HeaderMap) -> Language {
    let values: Vec<&str> =
        headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok()).collect();
    if values.is_empty() { Language::default() } else { Language::preferred(&values.join(",")) }
}

/// A field's value. Lines of one name are one list (RFC 9110, 5.3), and a list is no key and names no
/// clinic, so that of two lines neither counts.
fn sent<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, [u8]>> {
    let mut lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let first = lines.next()?;
    let Some(second) = lines.next() else { return Some(first.into()) };
    let all: Vec<&[u8]> = [first, second].into_iter().chain(lines).collect();
    Some(all.join(&b", "[..]).into())
}

/// Of two nobody knows who acts.
fn actor(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(&ACTOR).iter().map(|value| value.as_bytes().trim_ascii());
    let value = values.next().filter(|_| values.next().is_none())?;
    matches!(value.len(), 1..=MAX_IDENTIFIER_BYTES).then_some(value)
}

fn patient(
    shared: &Shared,
    found: &catalogue::Match<'_, '_>,
    query: &QueryValues<'_>,
    clinic: Option<&ClinicId>,
) -> Option<Reference> {
    let reference = |id: &[u8]| {
        matches!(id.len(), 1..=MAX_IDENTIFIER_BYTES)
            .then(|| shared.keys.reference(ReferenceKind::Patient, clinic, id))
    };
    match found.patient_segment {
        Some(segment) => {
            let decoded: std::borrow::Cow<'_, [u8]> = percent_decode_str(segment).into();
            reference(&decoded)
        }
        None => query.patient.as_deref().and_then(reference),
    }
}

fn accepts(headers: &HeaderMap) -> Accepts {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Accepts::Anything;
    }
    let mut anything = false;
    for value in values {
        let lower = value.as_bytes().to_ascii_lowercase();
        if memchr::memmem::find(&lower, b"json").is_some() {
            return Accepts::Json;
        }
        anything |= memchr::memmem::find(&lower, b"*/*").is_some()
            || memchr::memmem::find(&lower, b"application/*").is_some();
    }
    if anything { Accepts::Anything } else { Accepts::Other }
}

/// The id that the event keeps, and the one that goes to Accuro and back to the app.
fn request_id(shared: &Shared, headers: &HeaderMap, event: EventId) -> (RequestId, HeaderValue) {
    let sent = headers.get(&REQUEST_ID).filter(|value| !value.is_empty());
    let Some(sent) = sent else {
        let own = RequestId::from_event(event);
        let value = own_id(&own);
        return (own, value);
    };
    let kept = sent.to_str().ok().and_then(RequestId::from_app).unwrap_or_else(|| {
        let reference = shared.keys.reference(ReferenceKind::Request, None, sent.as_bytes());
        RequestId::from_reference(&reference)
    });
    (kept, sent.clone())
}

fn own_id(id: &RequestId) -> HeaderValue {
    HeaderValue::from_str(id.as_str()).unwrap_or_else(|_| unreachable!("an id is plain ASCII"))
}

/// The app's place in a trace; more than one header is none (W3C Trace Context, 3.2.1).
fn parent(headers: &HeaderMap) -> Option<TraceParent> {
    let mut values = headers.get_all(&TRACEPARENT).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => TraceParent::parse(value.as_bytes()),
        _ => None,
    }
}

fn tracestate(headers: &HeaderMap) -> Option<HeaderValue> {
    let values = headers.get_all(&TRACESTATE).iter().map(HeaderValue::as_bytes);
    HeaderValue::from_str(&join_tracestate(values)?).ok()
}
