//! A call under way, and the one place where it becomes an event.
//!
//! Owns the promise "every call ends in exactly one event": [`OpenCall`] cannot be cloned, ending it
//! consumes what it holds, and dropping it records that the app hung up.

use std::sync::Arc;
use std::time::Instant;

use http::header::HeaderValue;

use super::Shared;
use super::admit::{HeldClaim, Pass};
use super::audit::Trail;
use super::client::Sending;
use super::identify::{Caller, Reads};
use super::kept::For;
use super::reads::Asking;
use super::upload::Upload;
use crate::domain::auth_watch::AuthSign;
use crate::domain::classify::{self, Answered, Asked, BodySeen, Media, Reply, Transport};
use crate::domain::error_body::ErrorSeen;
use crate::domain::event::Exchange;
use crate::domain::labels::{Context, Outcome, Source};
use crate::domain::reason::{Ending, Reason};
use crate::domain::refusal_words::Language;
use crate::domain::trace_context::TraceParent;

/// A call that has begun. Dropping it records it as aborted.
#[must_use = "dropping a call records that the app hung up"]
pub(super) struct OpenCall {
    pub(super) shared: Arc<Shared>,
    pub(super) asked: Asked,
    pub(super) reads: Reads,
    pub(super) request_id: HeaderValue,
    pub(super) parent: Option<TraceParent>,
    pub(super) language: Language,
    /// The request's body, once it is on its way.
    pub(super) upload: Upload,
    /// The app takes fields after the answer's body.
    pub(super) takes_trailers: bool,
    /// What is in the audit about it.
    pub(super) trail: Trail,
    /// What it holds of admission until it ends.
    pub(super) pass: Pass,
    /// Its `Idempotency-Key`, claimed.
    pub(super) claim: Option<HeldClaim>,
    /// It reads reference data, without patients.
    pub(super) cacheable: bool,
    endpoint_context: Option<Context>,
    begun: Instant,
    sent: Option<Instant>,
    /// The last sending, while it is not known whether it left.
    sending: Option<Sending>,
    exchange: Option<Box<Exchange>>,
}

impl OpenCall {
    /// Begins a call.
    pub(super) fn begin(shared: Arc<Shared>, caller: Caller, begun: Instant) -> Self {
        shared.metrics.in_flight.inc();
        if caller.unknown_tenant {
            shared.metrics.unknown_clinic_calls.inc();
        }
        Self {
            shared,
            asked: caller.asked,
            reads: caller.reads,
            request_id: caller.request_id,
            parent: caller.parent,
            language: caller.language,
            upload: Upload::default(),
            takes_trailers: false,
            trail: Trail::default(),
            pass: Pass::default(),
            claim: None,
            cacheable: caller.cacheable,
            endpoint_context: caller.endpoint_context,
            begun,
            sent: None,
            sending: None,
            exchange: Some(Box::new(caller.exchange)),
        }
    }

    /// The event so far; `None` once the call has ended.
    pub(super) fn exchange(&mut self) -> Option<&mut Exchange> {
        self.exchange.as_deref_mut()
    }

    /// The request goes to Accuro now.
    pub(super) fn sent(&mut self, sending: Sending) {
        self.has_left();
        let now = self.shared.clock.instant();
        if self.sent.is_none() {
            let overhead = now.saturating_duration_since(self.begun);
            self.shared.metrics.overhead.observe(overhead.as_secs_f64());
        }
        self.sent = Some(now);
        self.sending = Some(sending);
    }

    /// Whether anything of the request may have reached Accuro. Settles the last sending: what never
    /// left is no attempt.
    pub(super) fn has_left(&mut self) -> bool {
        let left = self.sending.take().is_some_and(|sending| sending.has_left());
        if left {
            self.count_attempt();
        }
        self.exchange().is_some_and(|exchange| exchange.attempts > 0)
    }

    /// The last sending has reached Accuro for certain.
    pub(super) fn reached(&mut self) {
        if self.sending.take().is_some() {
            self.count_attempt();
        }
    }

    fn count_attempt(&mut self) {
        if let Some(exchange) = self.exchange() {
            exchange.attempts += 1;
            exchange.source = Source::Upstream;
        }
    }

    /// Accuro's first byte is here.
    pub(super) fn answered(&mut self, status: u16) {
        self.reached();
        let waited = self.waited_us();
        if let Some(exchange) = self.exchange.as_deref_mut() {
            exchange.upstream_status = Some(status);
            exchange.upstream_us = waited;
            // Before the app learns of it: what it reads after that is not older.
            self.shared.reads.wrote(exchange);
        }
    }

    /// How long it has been Accuro's turn; `None` if nothing was sent, or if it is the app that keeps
    /// Accuro waiting for the rest of a body.
    fn waited_us(&self) -> Option<u64> {
        let sent = self.sent.filter(|_| !self.upload.waits_for_app())?;
        let whole = self.upload.ended().map_or(sent, |ended| ended.into_std().max(sent));
        Some(micros(self.shared.clock.elapsed(whole)))
    }

    /// Ends the call with a whole answer from Accuro.
    pub(super) fn end_answered(&mut self, answered: Answered) {
        let count = classify::result_count(self.asked, answered);
        if let Some(exchange) = self.exchange() {
            exchange.result_count = count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
            exchange.error_signature = answered.error.signature;
        }
        self.end(answered.status, Reply::Answered(answered));
    }

    /// For whom its answer is kept: for readers of the same, or for its own write sent again.
    pub(super) fn kept_for(&self, asking: Option<Box<Asking>>) -> Option<For> {
        if let Some(asking) = asking {
            return Some(For::Reads(asking));
        }
        self.shared.admission.keyed.answers.as_ref()?;
        let held = self.claim.as_ref()?;
        Some(For::Replay(held.key(), held.whose().cloned()))
    }

    /// The call has nothing more to do with Accuro, which did not manage.
    pub(super) fn leaves_failed(&mut self, reason: Reason) {
        self.has_left();
        if let Some(exchange) = self.exchange.as_deref() {
            self.shared.admission.leave(&mut self.pass, exchange, Ending::failed(reason));
        }
    }

    /// Ends the call without a whole answer; `status` is what the app got.
    pub(super) fn end_unanswered(&mut self, status: u16, transport: Transport) {
        self.end(status, Reply::Unanswered(transport));
    }

    /// Ends the call with an answer of ours.
    pub(super) fn end_refused(&mut self, status: u16, reason: Reason) {
        self.end(status, Reply::Refused(reason));
    }

    /// Ends the call with an answer of ours that is no refusal.
    pub(super) fn end_answered_here(&mut self, status: u16) {
        self.end(
            status,
            Reply::Answered(Answered {
                status,
                media: Media::Absent,
                leads_to_sign_in: false,
                body: BodySeen::Opaque,
                error: ErrorSeen::default(),
            }),
        );
    }

    /// Ends the call because the app hung up.
    pub(super) fn end_abandoned(&mut self) {
        self.end(499, Reply::Abandoned);
    }

    fn end(&mut self, status: u16, reply: Reply) {
        let (has_left, waited) = (self.has_left(), self.waited_us());
        let Some(mut exchange) = self.exchange.take() else { return };
        if has_left {
            exchange.upstream_us = exchange.upstream_us.or(waited);
        }
        self.upload.end();
        exchange.bytes_in = self.upload.bytes();
        exchange.status = status;
        exchange.ending = classify::judge(self.asked, reply);
        exchange.duration_us = micros(self.shared.clock.elapsed(self.begun));
        self.shared.metrics.in_flight.dec();
        self.shared.admission.leave(&mut self.pass, &exchange, exchange.ending);
        self.shared.reads.wrote(&exchange);
        if let Some(claim) = self.claim.take() {
            self.shared.admission.keyed.settle(&claim, &exchange, self.shared.clock.now());
        }
        self.shared.writes.ended(&exchange, &mut self.trail);
        self.learn_context(&exchange);
        self.record(exchange);
    }

    /// A token that works at a portal is of that portal's kind.
    fn learn_context(&self, exchange: &Exchange) {
        let worked = matches!(exchange.ending, Ending::Ok | Ending::Empty);
        if let (true, Some(token), Some(context @ (Context::Patient | Context::Provider))) =
            (worked, &exchange.token_ref, self.endpoint_context)
            && exchange.context == context
        {
            self.shared.grants.learn_context(token, context);
        }
    }

    fn record(&self, exchange: Box<Exchange>) {
        let shared = &self.shared;
        // An id that is kept under a key stands for one that could be a number of a person.
        let kept_as_sent = self.parent.is_none_or(|parent| parent.trace_id == exchange.trace_id);
        shared.metrics.count(&exchange, kept_as_sent.then_some(exchange.trace_id));
        if let Some(clinic) = &exchange.clinic {
            let sign = AuthSign::of(&exchange);
            if sign != AuthSign::Silent && exchange.ending.outcome() != Outcome::Aborted {
                shared.auth.observe(clinic, &exchange, sign, &shared.metrics);
            }
        }
        if let Some(spans) = &shared.spans {
            spans.export(&exchange, self.parent);
        }
        shared.recorder.record(exchange);
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.end_abandoned();
    }
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
