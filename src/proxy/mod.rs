//! The call path: what happens to a request between an app and Accuro.
//!
//! Read [`handle`] first; it is the whole path, top to bottom. Each phase takes the value that the
//! one above produced, so a phase cannot run early or be skipped:
//!
//! | phase | file | takes | gives |
//! | --- | --- | --- | --- |
//! | guard | `guard/` | bytes | valid requests, or a marker of a refused one |
//! | identify | `identify.rs` | the head | who asks for what ([`identify::Caller`]) |
//! | gateway | `gateway.rs` | the head | the same, or a refusal |
//! | admit | [`admit`] | a call | the same, let through, or a refusal |
//! | look | `reads/` | a read | its answer, if another has it, else the same |
//! | claim | `admit/keyed.rs` | a keyed write | the same, its key claimed, or how the key stands |
//! | intend | `audit.rs` | a mutation | the same, its intent on the disk, or a refusal |
//! | forward | `forward.rs`, `retry.rs` | the request | the head of Accuro's answer, or why there is none |
//! | watch | `watch.rs`, `inspect/` | the answer's body | the same body, watched |
//! | judge, record | `call.rs` | what was seen | one event |
//!
//! # What this module promises
//!
//! * **It adds no failure of its own to a read.** Nothing here waits for the store, and only a mutation
//!   waits for a disk: its intent is in the audit before its first byte leaves, or nothing is sent.
//! * **It changes nothing but hop-by-hop headers, `Via`, its own headers and the trace.** Path and
//!   query go on byte for byte; bodies stream through in constant memory.
//! * **It sends no write twice.** Only the app knows whether one may be repeated; with an
//!   `Idempotency-Key` it may try, and is told how the first one ended. A read is sent again within a
//!   budget, and only while nothing of an answer has reached the app.
//! * **Every call ends in exactly one event**, also when the app hangs up half way.
//!
//! It does not know the ops site and reads no store. It holds a body only where an app asked for it with
//! an `Idempotency-Key`, or an operator by turning the sharing of reads on; and only in memory.

mod admit;
mod audit;
mod auth_states;
mod call;
mod client;
mod forward;
mod gateway;
mod grants;
mod guard;
mod headers;
mod identify;
mod inspect;
mod kept;
mod lanes;
mod line;
mod listener;
mod outgoing;
mod patience;
mod people;
mod query;
mod reads;
mod refuse;
mod retry;
mod room;
mod streams;
mod told_later;
mod turns;
mod upload;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body as _, Incoming};

use admit::{Admission, Found};
pub use admit::{AdmissionParts, LedgerUnreachable, SharedClaims};
use audit::Writes;
use auth_states::AuthStates;
use call::OpenCall;
pub use client::ClientError;
use client::Upstream;
use forward::{Forwarded, Target};
use gateway::Way;
use grants::Grants;
use guard::ConnectionState;
use headers::ViaMark;
use kept::Given;
use lanes::Lanes;
pub use listener::{Limits, Terms, serve};
use outgoing::Outgoing;
use reads::{Asking, Look, Reads};
use upload::{RequestBody, UploadFailure};

use crate::clock::Clock;
use crate::config::{AdmissionConfig, Current, ProxyConfig, UpstreamConfig};
use crate::domain::audit::Entry;
use crate::domain::catalogue::Catalogue;
use crate::domain::classify::Transport;
use crate::domain::labels::Environment;
use crate::domain::names::{InstanceId, ScopeName};
use crate::domain::reason::Reason;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::journal::Recorder;
use crate::journal::audit::AuditLog;
use crate::keys::Keyring;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::spans::Spans;

/// What the call path works with; made by the application.
pub struct Parts {
    /// Which Accuro.
    pub environment: Environment,
    /// This process.
    pub instance: InstanceId,
    /// Which operations there are.
    pub catalogue: Arc<Catalogue>,
    /// Which clinics and applications there are.
    pub registry: Current<Registry>,
    /// How long it waits for what.
    pub timeouts: Current<Timeouts>,
    /// What makes references.
    pub keys: Arc<Keyring>,
    /// Where events go.
    pub recorder: Recorder,
    /// Where mutations are kept before they are sent.
    pub audit: AuditLog,
    /// What admission goes on with.
    pub admission: AdmissionParts,
    /// Where they are counted.
    pub metrics: Arc<Metrics>,
    /// Where they become spans, if anywhere.
    pub spans: Option<Arc<Spans>>,
    /// The time.
    pub clock: Clock,
}

/// The call path, ready to serve.
pub struct Proxy {
    shared: Arc<Shared>,
    /// Each with connections to Accuro of its own.
    lanes: Lanes<Upstream>,
}

/// Why the call path cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// No connection to the upstream could ever be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The system gives no thread for calls.
    #[error("the system gives no threads for calls ({0})")]
    Threads(#[source] std::io::Error),
}

/// What every call shares.
struct Shared {
    environment: Environment,
    instance: InstanceId,
    catalogue: Arc<Catalogue>,
    registry: Current<Registry>,
    keys: Arc<Keyring>,
    recorder: Recorder,
    noted_people: people::Noted,
    writes: Writes,
    admission: Admission,
    reads: Reads,
    metrics: Arc<Metrics>,
    spans: Option<Arc<Spans>>,
    clock: Clock,
    target: Target,
    via: ViaMark,
    grants: Grants,
    auth: AuthStates,
    no_scopes: Arc<[ScopeName]>,
    timeouts: Current<Timeouts>,
}

impl Shared {
    /// How long the first byte of an answer may take once the request is sent.
    fn response_timeout(&self) -> Duration {
        self.timeouts.get().response
    }

    /// How long a body may pause.
    fn body_idle_timeout(&self) -> Duration {
        self.timeouts.get().body_idle
    }
}

/// The patience of the call path; a reload may change it.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To the first byte of an answer, once the request is sent.
    pub response: Duration,
    /// Between two bytes of a body, in either direction.
    pub body_idle: Duration,
}

impl Timeouts {
    /// What the settings say.
    #[must_use]
    pub const fn of(proxy: &ProxyConfig, upstream: &UpstreamConfig) -> Self {
        Self { response: upstream.response_timeout, body_idle: proxy.body_idle_timeout }
    }
}

impl Proxy {
    /// Puts the call path together.
    ///
    /// # Errors
    ///
    /// [`ProxyError`] if no connection to the upstream could ever be made, or there are no threads.
    pub fn new(
        parts: Parts,
        upstream: &UpstreamConfig,
        admission: &AdmissionConfig,
    ) -> Result<Self, ProxyError> {
        let shared = Shared {
            admission: Admission::new(
                admission,
                parts.admission,
                Arc::clone(&parts.metrics),
                parts.clock.clone(),
            ),
            reads: Reads::new(&admission.cache),
            target: Target::of(&upstream.base_url),
            via: ViaMark::of(&parts.instance),
            grants: Grants::default(),
            auth: AuthStates::default(),
            no_scopes: Arc::new([]),
            timeouts: parts.timeouts,
            environment: parts.environment,
            instance: parts.instance,
            catalogue: parts.catalogue,
            registry: parts.registry,
            keys: parts.keys,
            recorder: parts.recorder,
            noted_people: people::Noted::default(),
            writes: Writes::new(parts.audit),
            metrics: parts.metrics,
            spans: parts.spans,
            clock: parts.clock,
        };
        let clients = client::clients(upstream, lanes::count())?;
        let lanes = Lanes::start(clients).map_err(ProxyError::Threads)?;
        Ok(Self { shared: Arc::new(shared), lanes })
    }

    /// Tells the call path what a person found out about a write, so that its key says so at once. Takes
    /// any record of the audit; those about something else change nothing.
    pub fn settler(&self) -> impl Fn(&Entry, Timestamp) + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move |entry, ts| shared.admission.keyed.settle_by_hand(entry, ts)
    }
}

/// One request, from its head to the head of the answer. The rest of the answer is watched by
/// [`watch::watched`] as it streams.
async fn handle(
    shared: Arc<Shared>,
    client: Arc<Upstream>,
    connection: Arc<ConnectionState>,
    request: Request<Incoming>,
) -> Response<Outgoing> {
    let (begun, ts) = (shared.clock.instant(), shared.clock.now());
    if let Some(refused) = connection.begin_request() {
        return refuse::malformed(&shared, refused, begun, ts);
    }
    let (mut head, body) = request.into_parts();
    if let Some(refused) = guard::refused_stream(&head, !body.is_end_stream()) {
        return refuse::malformed(&shared, refused, begun, ts);
    }
    let mut caller = identify::identify(&shared, &head, ts);
    let (refusal, tracestate) = (caller.refusal, caller.tracestate.take());
    let mut call = OpenCall::begin(Arc::clone(&shared), caller, begun);
    if let Some(reason) = refusal {
        return refuse::refused(call, reason);
    }
    match gateway::check(&shared, &mut head) {
        Ok(Way::Onward) => {}
        Ok(Way::EndsHere) => return refuse::options(call),
        Err((status, reason)) => return refuse::refused_with(call, status, reason),
    }
    if let Err(turned) = shared.admission.may_ask(&mut call) {
        return refuse::turned(call, &turned);
    }
    let mut body = RequestBody::of(body);
    let found = shared.reads.look(&mut call, &head, !body.is_end_stream(), begun).await;
    let asking = match found {
        Look::Ask(asking) => asking,
        Look::Answer(kept, given) => return kept::answer(call, &kept, given),
        Look::Failed(transport) => return refuse::unanswered_together(call, transport),
    };
    if let Err(turned) = shared.admission.enter(&mut call) {
        return match asking.and_then(|asking| asking.stale(begun)) {
            Some((kept, given)) => kept::answer(call, &kept, given),
            None => refuse::turned(call, &turned),
        };
    }
    let is_write = call.exchange().is_some_and(|exchange| exchange.mutation);
    if is_write {
        match admit::claim(&shared, &mut call, &head, &mut body).await {
            Found::First => {}
            Found::Replay(kept) => return kept::answer(call, &kept, Given::Replayed),
            Found::Turned(turned) => return refuse::turned(call, &turned),
            Found::Applied(turned, at) => return refuse::applied(call, &turned, at),
            Found::BadUpload(failure) => return bad_upload(&connection, call, failure),
        }
        if shared.writes.intend(&mut call).await.is_err() {
            return refuse::refused(call, Reason::AuditUnavailable);
        }
    }
    let sending = {
        let (shared, connection) = (Arc::clone(&shared), Arc::clone(&connection));
        async move {
            let by = forward::By { shared: &shared, client: &client, connection: &connection };
            let forwarded = forward::forward(&by, &mut call, head, body, tracestate).await;
            (call, forwarded)
        }
    };
    let (mut call, forwarded) = if is_write {
        shared.writes.follow(sending, shared.response_timeout()).await
    } else {
        sending.await
    };
    match forwarded {
        Forwarded::Answered(answer) => {
            call.answered(answer.status().as_u16());
            let has_stale = asking.as_ref().is_some_and(|asking| asking.stale(begun).is_some());
            if has_stale && matches!(answer.status().as_u16(), 502..=504) {
                return unanswered(call, asking, Transport::Connect);
            }
            let whom = call.kept_for(asking);
            let (head, body) = answer.into_parts();
            watch::watched(head, body, call, whom)
        }
        Forwarded::Unanswered(transport) => unanswered(call, asking, transport),
        Forwarded::BadUpload(failure) => bad_upload(&connection, call, failure),
    }
}

/// Answers a call that Accuro did not: with an old answer where there is one.
fn unanswered(
    mut call: OpenCall,
    asking: Option<Box<Asking>>,
    transport: Transport,
) -> Response<Outgoing> {
    let Some(asking) = asking else { return refuse::unanswered(call, transport) };
    let stale = asking.stale(call.shared.clock.instant());
    asking.failed(transport);
    match stale {
        Some((kept, given)) => {
            call.leaves_failed(transport.reason());
            kept::answer(call, &kept, given)
        }
        None => refuse::unanswered(call, transport),
    }
}

/// Answers an app whose body broke its framing, stalled or ended.
fn bad_upload(
    connection: &ConnectionState,
    call: OpenCall,
    failure: UploadFailure,
) -> Response<Outgoing> {
    match (connection.broken_body(), failure) {
        (Some(problem), _) => {
            let malformed = &call.shared.metrics.malformed_requests;
            malformed.with_label_values(&[problem.as_str()]).inc();
            refuse::bad_upload(call, 400)
        }
        (None, UploadFailure::Stalled) => refuse::bad_upload(call, 408),
        (None, UploadFailure::Broken) => refuse::hung_up(call),
    }
}
