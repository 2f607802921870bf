//! A whole answer of Accuro's that is given to more than one call: to a keyed write sent again, to
//! reads that wait for the same, or out of the cache.
//!
//! Owns the copy that is taken while an answer passes ([`Keeping`]), its bound, and the answer made of
//! it. Who may be given which is decided where it is kept. Nothing is kept of an answer unless
//! somebody asked for it, and nothing of it ever leaves memory.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, DATE, HeaderMap, HeaderValue, SET_COOKIE};
use http::{HeaderName, Response, StatusCode};

use super::admit::SealedAnswers;
use super::call::OpenCall;
use super::headers::{CACHE, REQUEST_ID, SUPPORT_CODE};
use super::outgoing::Outgoing;
use super::reads::Asking;
use crate::domain::admission::idempotency::ClaimKey;
use crate::domain::classify::{self, Answered, Reply};
use crate::domain::digest::Digest;
use crate::domain::labels::Source;
use crate::domain::reference::Reference;

/// Largest body that is kept.
const MOST_BYTES: usize = 1_024 * 1_024;
/// Largest body of a write's answer that is kept.
const MOST_REPLAYED_BYTES: usize = 64 * 1_024;

/// What the event says of an answer: nothing of its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) answered: Answered,
    pub(super) shape: Option<Digest>,
}

impl Seen {
    /// Of an answer of which only the status is known.
    #[cfg(test)]
    pub(super) fn of_status(status: u16) -> Self {
        use crate::domain::classify::{BodySeen, Media};
        use crate::domain::error_body::ErrorSeen;
        let answered = Answered {
            status,
            media: Media::Absent,
            leads_to_sign_in: false,
            body: BodySeen::Opaque,
            error: ErrorSeen::default(),
        };
        Self { answered, shape: None }
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) status: StatusCode,
    /// End-to-end fields only.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) seen: Seen,
}

/// How a kept answer comes to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// To a keyed write that was sent again.
    Replayed,
    /// To a read that waited for another's.
    Coalesced,
    /// Out of the cache; seconds since it was kept.
    Hit(u64),
    /// Out of the cache although it is old, since Accuro is down.
    Stale(u64),
}

/// Makes the answer of a kept one.
pub(super) fn answer(mut call: OpenCall, kept: &Kept, given: Given) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(kept.body.clone()));
    *response.status_mut() = kept.status;
    let headers = response.headers_mut();
    headers.clone_from(&kept.headers);
    if !matches!(kept.status.as_u16(), 204 | 304) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(kept.body.len()));
    }
    headers.insert(&REQUEST_ID, call.request_id.clone());
    let (source, result) = match given {
        Given::Replayed => {
            headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
            (Source::Replay, None)
        }
        Given::Coalesced => (Source::Coalesced, Some("coalesced")),
        Given::Hit(age) => {
            headers.insert(AGE, HeaderValue::from(age));
            (Source::Cache, Some("hit"))
        }
        Given::Stale(age) => {
            headers.insert(AGE, HeaderValue::from(age));
            headers.append(WARNING, HeaderValue::from_static(STALE));
            (Source::Cache, Some("stale"))
        }
    };
    if let Some(result) = result {
        headers.insert(&CACHE, HeaderValue::from_static(result));
        call.shared.metrics.cache_results.with_label_values(&[result]).inc();
    }
    if let Some(exchange) = call.exchange() {
        if let Ok(code) = HeaderValue::from_bytes(&exchange.support_code.to_ascii()) {
            headers.insert(&SUPPORT_CODE, code);
        }
        exchange.source = source;
        exchange.shape = kept.seen.shape;
        exchange.bytes_out = kept.body.len() as u64;
        if source == Source::Coalesced {
            exchange.upstream_status = Some(kept.status.as_u16());
        }
    }
    call.end_answered(kept.seen.answered);
    response
}

const AGE: HeaderName = http::header::AGE;
const WARNING: HeaderName = http::header::WARNING;
/// RFC 7234, 5.5.1; RFC 9111 dropped the field, and nothing better says it to clients that know it.
const STALE: &str = "110 accuscope \"Response is Stale\"";
/// As Stripe calls it.
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// For whom an answer is kept.
pub(super) enum For {
    /// For the same write sent again.
    Replay(ClaimKey, Option<Reference>),
    /// For other reads.
    Reads(Box<Asking>),
}

/// The copy of an answer that is passing.
pub(super) struct Keeping {
    status: StatusCode,
    headers: HeaderMap,
    body: BytesMut,
    most: usize,
    whom: For,
}

impl Keeping {
    /// Begins a copy; `head` has lost its hop-by-hop fields already. `None` if it cannot be kept.
    pub(super) fn begin(head: &http::response::Parts, whom: For) -> Option<Box<Self>> {
        let most = match &whom {
            For::Replay(..) if head.status.is_success() => MOST_REPLAYED_BYTES,
            For::Reads(_) if !head.headers.contains_key(SET_COOKIE) => MOST_BYTES,
            _ => return None,
        };
        let length = head.headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: usize| length > most) {
            return None;
        }
        let mut headers = head.headers.clone();
        // Ours, of this call.
        for name in [&REQUEST_ID, &SUPPORT_CODE, &CACHE] {
            headers.remove(name);
        }
        if !headers.contains_key(DATE) && matches!(whom, For::Reads(_)) {
            // The listener adds one, which is that of the giving; `Age` tells the difference.
            headers.remove(AGE);
        }
        let body = BytesMut::with_capacity(length.unwrap_or(0));
        Some(Box::new(Self { status: head.status, headers, body, most, whom }))
    }

    /// Whether it is kept for a write sent again.
    pub(super) const fn is_of_a_write(&self) -> bool {
        matches!(self.whom, For::Replay(..))
    }

    /// Takes a piece of the body in; `false` if there is too much, and then nothing is kept.
    pub(super) fn feed(&mut self, data: &[u8]) -> bool {
        let fits = self.body.len() + data.len() <= self.most;
        if fits {
            self.body.extend_from_slice(data);
        }
        fits
    }

    /// The answer is whole.
    pub(super) fn complete(self, call: &mut OpenCall, seen: Seen) {
        let Self { status, headers, body, whom, .. } = self;
        let kept = Kept { status, headers, body: body.freeze(), seen };
        let shared = Arc::clone(&call.shared);
        match whom {
            For::Replay(key, token) => {
                let answers: Option<&SealedAnswers> = shared.admission.keyed.answers.as_ref();
                if let Some(answers) = answers {
                    answers.put(key, token, &kept, shared.clock.now());
                }
            }
            For::Reads(asking) => {
                let ending = classify::judge(call.asked, Reply::Answered(seen.answered));
                asking.answered(kept, ending);
            }
        }
    }
}
