//! The call path: what happens to a request between an app and Accuro.
//!
//! Read [`handle`] first; it is the whole path, top to bottom. Each phase takes the value that the
//! one above produced, so a phase cannot run early or be skipped:
//!
//! | phase | file | takes | gives |
//! | --- | --- | --- | --- |
//! | guard | `guard/` | bytes | valid requests, or a marker of a refused one |
//! | identify | `identify.rs` | the head | who asks for what ([`identify::Caller`]) |
//! | admit | [`admit`] | caller and head | a call, or a refusal |
//! | intend | `audit.rs` | a mutation | the same, its intent on the disk, or a refusal |
//! | forward | `forward.rs` | the request | the head of Accuro's answer, or why there is none |
//! | watch | `watch.rs`, `inspect/` | the answer's body | the same body, watched |
//! | judge, record | `call.rs` | what was seen | one event |
//!
//! # What this module promises
//!
//! * **It adds no failure of its own to a read.** Nothing here waits for the store, and only a mutation
//!   waits for a disk: its intent is in the audit before its first byte leaves, or nothing is sent.
//! * **It changes nothing but hop-by-hop headers, `Via`, its own headers and the trace.** Path and
//!   query go on byte for byte; bodies stream through in constant memory.
//! * **It sends no write twice.** Only the app knows whether one may be repeated. A GET or HEAD that
//!   met a pooled connection just being closed is sent again.
//! * **Every call ends in exactly one event**, also when the app hangs up half way.
//!
//! It does not know the ops site, reads no store, and holds no body.

mod audit;
mod auth_states;
mod call;
mod client;
mod forward;
mod grants;
mod guard;
mod headers;
mod identify;
mod inspect;
mod line;
mod listener;
mod outgoing;
mod query;
mod refuse;
mod upload;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response};
use hyper::body::{Body as _, Incoming};

use audit::Writes;
use auth_states::AuthStates;
use call::OpenCall;
pub use client::ClientError;
use forward::{Forwarded, Target};
use grants::Grants;
use guard::ConnectionState;
use headers::{Expectation, Forwards, ViaMark};
pub use listener::{Limits, Terms, serve};
use outgoing::Outgoing;
use upload::UploadFailure;

use crate::clock::Clock;
use crate::config::{Current, ProxyConfig, UpstreamConfig};
use crate::domain::catalogue::Catalogue;
use crate::domain::labels::Environment;
use crate::domain::names::{InstanceId, ScopeName};
use crate::domain::reason::Reason;
use crate::domain::registry::Registry;
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
}

/// What every call shares.
struct Shared {
    environment: Environment,
    instance: InstanceId,
    catalogue: Arc<Catalogue>,
    registry: Current<Registry>,
    keys: Arc<Keyring>,
    recorder: Recorder,
    writes: Writes,
    metrics: Arc<Metrics>,
    spans: Option<Arc<Spans>>,
    clock: Clock,
    client: client::Upstream,
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
    /// [`ClientError`] if no connection to the upstream could ever be made.
    pub fn new(parts: Parts, upstream: &UpstreamConfig) -> Result<Self, ClientError> {
        let shared = Shared {
            client: client::client(upstream)?,
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
            writes: Writes::new(parts.audit),
            metrics: parts.metrics,
            spans: parts.spans,
            clock: parts.clock,
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

/// One request, from its head to the head of the answer. The rest of the answer is watched by
/// [`watch::watched`] as it streams.
async fn handle(
    shared: Arc<Shared>,
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
    match admit(&shared, &mut head) {
        Ok(Admitted::Onward) => {}
        Ok(Admitted::EndsHere) => return refuse::options(call),
        Err((status, reason)) => return refuse::refused_with(call, status, reason),
    }
    let is_write = call.exchange().is_some_and(|exchange| exchange.mutation);
    if is_write && shared.writes.intend(&mut call, &head.headers, &shared.keys).await.is_err() {
        return refuse::refused(call, Reason::AuditUnavailable);
    }
    let sending = {
        let (shared, connection) = (Arc::clone(&shared), Arc::clone(&connection));
        async move {
            let forwarded =
                forward::forward(&shared, &mut call, head, body, tracestate, &connection).await;
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
            let (head, body) = answer.into_parts();
            watch::watched(head, body, call)
        }
        Forwarded::Unanswered(transport) => refuse::unanswered(call, transport),
        Forwarded::BadUpload(failure) => match (connection.broken_body(), failure) {
            (Some(problem), _) => {
                shared.metrics.malformed_requests.with_label_values(&[problem.as_str()]).inc();
                refuse::bad_upload(call, 400)
            }
            (None, UploadFailure::Stalled) => refuse::bad_upload(call, 408),
            (None, UploadFailure::Broken) => refuse::hung_up(call),
        },
    }
}

/// Refuses what a gateway must not send on: tunnels, loops, unknown expectations, and requests that
/// have no hop left.
fn admit(shared: &Shared, head: &mut http::request::Parts) -> Result<Admitted, (u16, Reason)> {
    if head.method == Method::CONNECT {
        return Err((405, Reason::MethodNotAllowed));
    }
    if shared.via.is_in(&head.headers) {
        return Err((508, Reason::BadRequest));
    }
    if headers::expectation(&head.headers, head.version) == Expectation::Unknown {
        return Err((417, Reason::BadRequest));
    }
    if headers::count_forwards(&head.method, &mut head.headers) == Forwards::EndsHere {
        // RFC 9110, 7.6.2: whoever gets a 0 answers as the last recipient.
        if head.method == Method::OPTIONS {
            return Ok(Admitted::EndsHere);
        }
        return Err((405, Reason::MethodNotAllowed));
    }
    Ok(Admitted::Onward)
}

/// What becomes of a request that is not refused.
enum Admitted {
    /// It goes on to Accuro.
    Onward,
    /// It asks what can be done here.
    EndsHere,
}
