//! The simulator as a process: two listeners, one state, an orderly end.
//!
//! Owns starting, the way of one request from socket to socket, and stopping. What is answered is
//! decided in [`super::desk`], what is broken in [`super::faults`].

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use http_body_util::{BodyExt as _, Limited};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::call::Call;
use super::config::SimConfig;
use super::deliveries::Deliveries;
use super::faults::{self, Effect, Faults, Plan, Subject};
use super::refusal::{self, ErrorBody};
use super::tokens::{Grant, Presented, Vault, Who};
use super::wire::{Socket, Wire, cut, stalled};
use super::world::World;
use super::{control, desk, oauth};
use crate::domain::catalogue::{Catalogue, CatalogueError, TOKEN_OPERATION};
use crate::domain::time::Timestamp;

/// Where the simulator takes the time from.
pub type SimClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long open connections may take to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The endpoint catalogue cannot be read.
    #[error("the endpoint catalogue cannot be used")]
    Catalogue(#[from] CatalogueError),
    /// An address cannot be listened on.
    #[error("the simulated Accuro cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A running simulated Accuro. Dropping it stops it at once; [`Sim::stop`] does so in order.
#[derive(Debug)]
pub struct Sim {
    address: SocketAddr,
    control_address: SocketAddr,
    stop: CancellationToken,
    tasks: [JoinHandle<()>; 2],
}

impl Sim {
    /// Grows the clinics and starts to listen.
    ///
    /// # Errors
    ///
    /// [`SimError`] where the catalogue is broken or an address is taken.
    pub async fn start(config: SimConfig, clock: SimClock) -> Result<Self, SimError> {
        let (listener, address) = listen(config.listen).await?;
        let (control_listener, control_address) = listen(config.control_listen).await?;
        let stop = CancellationToken::new();
        let accuro = Arc::new(Accuro::new(config, clock, stop.clone())?);
        let api = axum::Router::new().fallback(handle).with_state(accuro.clone());
        let api = api.into_make_service_with_connect_info::<Wire>();
        let api = axum::serve(Socket(listener), api)
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let control = axum::serve(control_listener, control::router(accuro))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        // Serving ends with the shutdown and has no errors of its own.
        let tasks =
            [tokio::spawn(async { drop(api.await) }), tokio::spawn(async { drop(control.await) })];
        Ok(Self { address, control_address, stop, tasks })
    }

    /// Where the API listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the control API listens.
    #[must_use]
    pub const fn control_address(&self) -> SocketAddr {
        self.control_address
    }

    /// Stops listening, ends what stalls, and waits a little for the rest.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for task in &mut self.tasks {
            // What is still open after that is aborted by the drop.
            drop(tokio::time::timeout(PATIENCE, task).await);
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SimError> {
    let problem = |source| SimError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(problem)?;
    let bound = listener.local_addr().map_err(problem)?;
    Ok((listener, bound))
}

/// What both listeners share.
pub(super) struct Accuro {
    pub(super) config: SimConfig,
    pub(super) catalogue: Catalogue,
    pub(super) clock: SimClock,
    pub(super) stop: CancellationToken,
    state: Mutex<Everything>,
}

/// Everything that changes.
pub(super) struct Everything {
    pub(super) world: World,
    pub(super) vault: Vault,
    pub(super) faults: Faults,
    pub(super) deliveries: Deliveries,
    /// Cancelled and replaced when what was scheduled is forgotten.
    pub(super) scheduled: CancellationToken,
}

impl Accuro {
    fn new(config: SimConfig, clock: SimClock, stop: CancellationToken) -> Result<Self, SimError> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(clock().to_jiff()).date();
        let state = Mutex::new(Everything {
            world: World::grow(&config, today),
            vault: Vault::new(config.seed, config.token_life),
            faults: Faults::new(config.seed),
            deliveries: Deliveries::default(),
            scheduled: stop.child_token(),
        });
        Ok(Self { catalogue: Catalogue::embedded()?, config, clock, stop, state })
    }

    /// The state; never held across a wait. A panic elsewhere leaves nothing half done that matters
    /// to a simulator.
    pub(super) fn lock(&self) -> MutexGuard<'_, Everything> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Everything {
    /// The clinic and the user that a call is for, as far as rules may name them.
    fn whose(&self, call: &Call) -> (Option<String>, Option<String>) {
        if call.operation() == TOKEN_OPERATION {
            let form = call.form();
            let client = call.client(&form);
            let found = client.as_ref().and_then(|(id, _)| oauth::client_at(&self.world, id));
            let acronym = form.get("acronym").map(str::to_owned);
            let tenant = found.map(|(_, tenant, _)| tenant.spec.acronym.clone()).or(acronym);
            return (tenant, form.get("username").map(str::to_owned));
        }
        let token = call.bearer.as_deref().unwrap_or_default();
        let Presented::Good(Grant { tenant, who, .. }) = self.vault.present(token, call.at) else {
            return (None, None);
        };
        let tenant = &self.world.tenants[*tenant];
        let user = match who {
            Who::Account(at) => tenant.accounts[*at].login.clone(),
            Who::Patient(at) => tenant.patients[*at].id.to_string(),
        };
        (Some(tenant.spec.acronym.clone()), Some(user))
    }

    fn plan(&mut self, call: &Call) -> (Plan, u64) {
        let (tenant, user) = self.whose(call);
        let plan = self.faults.plan(&Subject {
            tenant: tenant.as_deref(),
            operation: call.operation(),
            domain: call.endpoint.as_ref().map_or("unknown", |e| e.domain.as_str()),
            user: user.as_deref(),
            token: call.bearer.as_deref(),
        });
        (plan, self.deliveries.arrived(call, tenant, user))
    }
}

/// One request, from the socket to the socket.
async fn handle(
    State(accuro): State<Arc<Accuro>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let read = Limited::new(body, accuro.config.max_body_bytes).collect().await;
    let too_large = read.is_err();
    let body = read.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let call = Call::read(&accuro.catalogue, (accuro.clock)(), &parts, body);
    let (plan, seq) = accuro.lock().plan(&call);
    if too_large {
        accuro.lock().deliveries.ended(seq, Some(413), false);
        return respond(refusal::error(413, ErrorBody::Html, &call), None, &accuro);
    }
    if !plan.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(plan.delay) => {}
            () = accuro.stop.cancelled() => {}
        }
    }
    let effect = plan.effect.as_ref();
    let mut answer = Answer::empty(500);
    if faults::does_the_work(effect) {
        let everything = &mut *accuro.lock();
        let (world, vault) = (&mut everything.world, &mut everything.vault);
        answer = desk::answer(world, vault, &call, accuro.config.seed);
    }
    let answer = faults::instead(effect, answer, &call);
    let unanswered = matches!(effect, Some(Effect::StallHead { .. } | Effect::Reset { .. }));
    let status = (!unanswered).then_some(answer.status);
    accuro.lock().deliveries.ended(seq, status, answer.applied);
    match effect {
        Some(Effect::StallHead { .. }) => accuro.stop.cancelled().await,
        Some(Effect::Reset { .. }) => wire.reset(),
        _ => {}
    }
    let zipped = call.accepts_gzip && !answer.body.is_empty();
    respond(if zipped { answer.gzipped() } else { answer }, effect, &accuro)
}

fn respond(answer: Answer, effect: Option<&Effect>, accuro: &Accuro) -> Response {
    let length = answer.body.len();
    let body = match effect {
        Some(Effect::CutBody { after_bytes }) => cut(&answer.body, *after_bytes),
        Some(Effect::StallBody { after_bytes }) => {
            stalled(&answer.body, *after_bytes, accuro.stop.clone())
        }
        _ => Body::from(answer.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    let promised = matches!(effect, Some(Effect::CutBody { .. } | Effect::StallBody { .. }));
    if promised {
        // The whole length is promised, so that the caller can tell that something is missing.
        headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    if let Some(content_type) = answer.content_type {
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in answer.headers {
        // Names of people may not fit a header; then they are left out, as servers do.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}
