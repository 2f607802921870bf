//! The event: one proxied exchange, redacted by the shape of its type.
//!
//! Owns [`Exchange`], the border that no clinical data crosses: it has no field for free text, only
//! enums, numbers, digests, keyed references and names of a fixed alphabet. A test reads this file
//! and fails on a `String`. The JSON form (contract, section 5) is in [`json`].

pub mod json;

use std::sync::Arc;

use super::digest::Digest;
use super::ids::{EventId, RequestId, SupportCode};
use super::labels::{Context, Environment, Method, Source, WorkflowDomain};
use super::names::{
    ApiVersion, AppId, ClinicId, InstanceId, Office, OperationName, RouteTemplate, ScopeName,
};
use super::reason::Ending;
use super::reference::Reference;
use super::time::Timestamp;
use super::trace_context::{SpanId, TraceId};

/// One proxied exchange, from the request's first byte to the answer's last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Identifies the event; sorts by time.
    pub id: EventId,
    /// When the request's first byte came.
    pub ts: Timestamp,
    /// Which Accuro.
    pub env: Environment,
    /// The clinic; `None` where it could not be told.
    pub clinic: Option<ClinicId>,
    /// The calling application; `None` where it could not be told.
    pub app: Option<AppId>,
    /// Under whose authority.
    pub context: Context,
    /// Which operation of the catalogue.
    pub operation: OperationName,
    /// Which workflow domain.
    pub domain: WorkflowDomain,
    /// The HTTP method.
    pub method: Method,
    /// The path's template.
    pub route: RouteTemplate,
    /// The version segment of the path.
    pub api_version: Option<ApiVersion>,
    /// Whether it could change the chart.
    pub mutation: bool,
    /// What the app got; 499 where it hung up first.
    pub status: u16,
    /// What Accuro said; `None` if nothing.
    pub upstream_status: Option<u16>,
    /// Outcome, category and reason in one.
    pub ending: Ending,
    /// Items in a list answer.
    pub result_count: Option<u32>,
    /// Microseconds from the first byte in to the last byte out.
    pub duration_us: u64,
    /// Of those, microseconds of waiting for Accuro's first byte; `None` if nothing was sent.
    pub upstream_us: Option<u64>,
    /// Times sent to Accuro; 0 when answered here.
    pub attempts: u16,
    /// Where the answer came from.
    pub source: Source,
    /// Who, as a keyed reference.
    pub actor_ref: Option<Reference>,
    /// Which patient, as a keyed reference.
    pub patient_ref: Option<Reference>,
    /// Which token, as a keyed reference.
    pub token_ref: Option<Reference>,
    /// In which office.
    pub office: Option<Office>,
    /// Scopes granted to the token, where the grant went through here.
    pub scopes: Arc<[ScopeName]>,
    /// Digest of the answer's structure.
    pub shape: Option<Digest>,
    /// Digest of the error body with everything variable taken out.
    pub error_signature: Option<Digest>,
    /// What `X-Request-Id` the call is found by.
    pub request_id: RequestId,
    /// The distributed trace.
    pub trace_id: TraceId,
    /// Our span in it.
    pub span_id: SpanId,
    /// What a person reads aloud.
    pub support_code: SupportCode,
    /// Bytes of the request's body.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
    /// Which accuscope process.
    pub instance: InstanceId,
}
