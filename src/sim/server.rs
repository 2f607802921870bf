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
use super::control;
use super::faults::{self, Effect};
use super::refusal::{self, ErrorBody};
use super::state::Everything;
use super::wire::{Socket, Wire, cut, stalled};
use crate::domain::catalogue::{Catalogue, CatalogueError};
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

impl Accuro {
    fn new(config: SimConfig, clock: SimClock, stop: CancellationToken) -> Result<Self, SimError> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(clock().to_jiff()).date();
        let state = Mutex::new(Everything::new(&config, today, stop.child_token()));
        Ok(Self { catalogue: Catalogue::embedded()?, config, clock, stop, state })
    }

    /// The state; never held across a wait. A panic elsewhere leaves nothing half done that matters
    /// to a simulator.
    pub(super) fn lock(&self) -> MutexGuard<'_, Everything> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        answer = accuro.lock().answer(&call);
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
