//! The audit record: what was about to change a chart, what became of it, and who looked at what.
//!
//! Owns the record as a type without free text: enums, numbers, keyed references and names of a fixed
//! alphabet. Its canonical JSON is in [`json`], the hash chain in [`chain`], checking a whole sequence
//! in [`verify`], heads that are kept beside it in [`checkpoint`], [`evidence`] and [`signature`], the
//! writes whose result nobody knows in [`ledger`], and other forms in [`export`].
//! Does not write files.

pub mod access;
pub mod chain;
pub mod checkpoint;
mod detail;
pub mod evidence;
pub mod export;
pub mod json;
pub mod ledger;
mod result;
pub mod signature;
pub mod verify;

pub use detail::{Detail, Event};
pub use result::CallResult;

use super::event::Exchange;
use super::ids::{EventId, RequestId};
use super::labels::{Context, Method, label_enum};
use super::names::{AccountId, AppId, ClinicId, InstanceId, OperationName, RouteTemplate};
use super::reason::Reason;
use super::reference::Reference;
use super::role::Role;
use super::time::Timestamp;
use super::trace_context::TraceId;
use chain::Hash;

label_enum! {
    /// What a record is about.
    Kind, "a kind of audit record" {
        /// A mutation is about to be sent.
        Intent = "intent",
        /// How a mutation ended, as far as it is known.
        Outcome = "outcome",
        /// A mutation that was not sent.
        Refused = "refused",
        /// Somebody looked for a patient, a person or a call.
        Lookup = "lookup",
        /// Signing in and out, and failing to.
        SignIn = "sign_in",
        /// Somebody took records out.
        Export = "export",
        /// Somebody changed who may do what.
        Admin = "admin",
        /// The audit itself: start, stop, gaps, damage.
        System = "system",
    }
}

/// What a record says, before it has a place in the chain.
///
/// Invariant: no field can hold text that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub kind: Kind,
    /// The call's event.
    pub event_id: Option<EventId>,
    /// The call's request id.
    pub request_id: Option<RequestId>,
    /// The call's trace.
    pub trace_id: Option<TraceId>,
    /// At which clinic.
    pub clinic: Option<ClinicId>,
    /// By which application.
    pub app: Option<AppId>,
    /// Which operation of the catalogue.
    pub operation: Option<OperationName>,
    /// The HTTP method.
    pub method: Option<Method>,
    /// The path's template.
    pub route: Option<RouteTemplate>,
    /// Under whose authority.
    pub context: Option<Context>,
    /// Who, in the calling application.
    pub actor_ref: Option<Reference>,
    /// Whose chart.
    pub patient_ref: Option<Reference>,
    /// Which token.
    pub token_ref: Option<Reference>,
    /// Which `Idempotency-Key`.
    pub idempotency_ref: Option<Reference>,
    /// What Accuro said; `None` if nothing.
    pub status: Option<u16>,
    /// What became of the mutation.
    pub result: Option<CallResult>,
    /// Who, at accuscope itself.
    pub user: Option<AccountId>,
    /// As what.
    pub role: Option<Role>,
    /// Why.
    pub reason: Option<Reason>,
    /// What exactly.
    pub detail: Option<Detail>,
}

impl Entry {
    /// An entry that says what exactly happened, and no more.
    #[must_use]
    pub fn of(detail: Detail) -> Self {
        Self { detail: Some(detail), ..Self::new(detail.event.kind()) }
    }

    /// An entry that says nothing but its kind.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            event_id: None,
            request_id: None,
            trace_id: None,
            clinic: None,
            app: None,
            operation: None,
            method: None,
            route: None,
            context: None,
            actor_ref: None,
            patient_ref: None,
            token_ref: None,
            idempotency_ref: None,
            status: None,
            result: None,
            user: None,
            role: None,
            reason: None,
            detail: None,
        }
    }

    /// An entry about a call.
    #[must_use]
    pub fn of_call(kind: Kind, call: &Exchange, idempotency_ref: Option<Reference>) -> Self {
        Self {
            event_id: Some(call.id),
            request_id: Some(call.request_id.clone()),
            trace_id: Some(call.trace_id),
            clinic: call.clinic.clone(),
            app: call.app.clone(),
            operation: Some(call.operation.clone()),
            method: Some(call.method),
            route: Some(call.route.clone()),
            context: Some(call.context),
            actor_ref: call.actor_ref.clone(),
            patient_ref: call.patient_ref.clone(),
            token_ref: call.token_ref.clone(),
            idempotency_ref,
            ..Self::new(kind)
        }
    }

    /// How a mutation that was sent ended.
    #[must_use]
    pub fn outcome(call: &Exchange, idempotency_ref: Option<Reference>) -> Self {
        Self {
            status: call.upstream_status,
            result: Some(CallResult::of(call.upstream_status, call.ending)),
            reason: call.ending.reason(),
            ..Self::of_call(Kind::Outcome, call, idempotency_ref)
        }
    }

    /// A mutation that was not sent.
    #[must_use]
    pub fn refused(
        call: &Exchange,
        idempotency_ref: Option<Reference>,
        reason: Option<Reason>,
    ) -> Self {
        Self { reason, ..Self::of_call(Kind::Refused, call, idempotency_ref) }
    }

    /// What follows an intent whose caller had given up when it became durable.
    #[must_use]
    pub fn never_sent(&self) -> Self {
        Self { kind: Kind::Refused, detail: Some(Event::NeverSent.plain()), ..self.clone() }
    }

    /// Something about the audit itself.
    #[must_use]
    pub const fn system(detail: Detail) -> Self {
        let mut entry = Self::new(Kind::System);
        entry.detail = Some(detail);
        entry
    }
}

/// One record of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1, without a gap, per instance.
    pub seq: u64,
    /// When it was asked for.
    pub ts: Timestamp,
    /// Which accuscope process.
    pub instance: InstanceId,
    /// What it says.
    pub entry: Entry,
    /// The hash of the record before it.
    pub prev: Hash,
    /// The hash of this record.
    pub hash: Hash,
}

#[cfg(test)]
mod tests;
