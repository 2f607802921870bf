//! Accepts connections and serves each until it ends or the process stops.
//!
//! Owns the limits on connections and the graceful stop: no new connections, no new requests on old
//! ones, and calls in flight go on until the drain time is over.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::client::Upstream;
use super::guard::{ConnectionState, Guarded, Measures};
use super::lanes::Lanes;
use super::outgoing::Outgoing;
use super::room::Room;
use super::streams::Tracked;
use super::{Proxy, Shared, handle};
use crate::config::{Current, ProxyConfig};
use crate::telemetry::events;

/// How long a connection without a request is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(95);
/// How long a connection that is idle when a stop is asked for may still bring a request, which may
/// be on its way already. Its answer says that it was the last.
const LAST_REQUEST: Duration = Duration::from_millis(300);
/// How often a stop looks whether a head that was on its way is whole; its own limit bounds the wait.
const HEAD_LOOK: Duration = Duration::from_millis(20);
/// How much of an answer the system may hold for a client.
const SEND_BUFFER_BYTES: usize = 256 * 1_024;
/// How long a connection that has to make room may take to say goodbye.
const LEAVES_WITHIN: Duration = Duration::from_secs(1);
/// How often an HTTP/2 client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Most HTTP/2 streams of a connection.
const MAX_STREAMS: u32 = 200;
/// Most bytes of an answer that wait for room in one HTTP/2 stream.
const MAX_STREAM_BUFFER_BYTES: usize = 64 * 1_024;
/// How long to wait after the system refused to give a connection (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The limits of the listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of a request's head.
    pub max_head_bytes: usize,
    /// How long a request's head may take to arrive.
    pub head_timeout: Duration,
    /// Most connections at a time; a further one takes the place of one that is idle, or waits.
    pub max_connections: usize,
    /// How long calls in flight may go on after a stop was asked for.
    pub drain_timeout: Duration,
    /// How long the process says that it is not ready before it stops taking connections.
    pub readiness_delay: Duration,
}

impl Limits {
    /// What the settings say.
    #[must_use]
    pub const fn of(proxy: &ProxyConfig) -> Self {
        Self {
            max_head_bytes: proxy.max_head_bytes,
            head_timeout: proxy.head_timeout,
            max_connections: proxy.max_connections,
            drain_timeout: proxy.drain_timeout,
            readiness_delay: proxy.readiness_delay,
        }
    }
}

/// What connections are served by; a reload may change it for those that come later.
#[derive(Clone)]
pub struct Terms {
    /// The limits.
    pub limits: Current<Limits>,
    /// TLS; `None` for plain HTTP.
    pub tls: Option<Current<ServerConfig>>,
}

/// What all connections of the listener work with.
#[derive(Clone)]
struct Common {
    shared: Arc<Shared>,
    terms: Terms,
    tracker: TaskTracker,
    room: Room,
    stop: CancellationToken,
    cut: CancellationToken,
}

/// Serves until `stop`, then drains. Gives the number of calls that had to be cut.
pub async fn serve(
    listener: TcpListener,
    proxy: Proxy,
    terms: Terms,
    stop: CancellationToken,
) -> i64 {
    let Proxy { shared, lanes } = proxy;
    // Connections inherit it. The system would take in megabytes for each client that reads nothing.
    drop(SockRef::from(&listener).set_send_buffer_size(SEND_BUFFER_BYTES));
    let room = Room::new(terms.limits.get().max_connections);
    let (tracker, cut) = (TaskTracker::new(), CancellationToken::new());
    let common = Common { shared, terms, tracker, room, stop, cut };
    loop {
        let accepted = tokio::select! {
            biased;
            () = common.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted.and_then(|(socket, _)| socket.into_std()) {
            Ok(socket) => {
                let slot = tokio::select! {
                    biased;
                    // It is connected already, so that it is served too.
                    () = common.stop.cancelled() => None,
                    slot = common.room.enter() => slot,
                };
                common.serve(socket, &lanes, slot);
            }
            Err(error) => {
                // A client that is gone already is no trouble; anything else may last.
                if error.kind() != std::io::ErrorKind::ConnectionAborted {
                    events::accept_failed("the system gives no connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    // Clients that the system has connected already are served too.
    while let Some(Ok((socket, _))) = listener.accept().now_or_never() {
        if let Ok(socket) = socket.into_std() {
            common.serve(socket, &lanes, None);
        }
    }
    drop(listener);
    let Common { shared, terms, tracker, cut, .. } = common;
    tracker.close();
    let drain_timeout = terms.limits.get().drain_timeout;
    events::draining(shared.metrics.in_flight.get(), drain_timeout);
    let drain = async {
        tracker.wait().await;
        shared.writes.drained().await;
        shared.admission.keyed.settled().await;
    };
    let drained = tokio::time::timeout(drain_timeout, drain).await;
    let cut_calls = if drained.is_ok() { 0 } else { shared.metrics.in_flight.get() };
    cut.cancel();
    shared.writes.cut();
    tracker.wait().await;
    shared.writes.drained().await;
    // What is left are connections to Accuro that nobody uses.
    drop(tokio::task::spawn_blocking(move || lanes.end()).await);
    cut_calls
}

impl Common {
    /// Serves a client in the lane with the fewest of them; `slot` is its share of the limit.
    fn serve(
        &self,
        socket: std::net::TcpStream,
        lanes: &Lanes<Upstream>,
        slot: Option<OwnedSemaphorePermit>,
    ) {
        // There is a lane for each processor, so at least one.
        let Some(place) = lanes.place() else { return };
        let (runtime, common) = (place.runtime.clone(), self.clone());
        let serving = async move {
            // It is the lane that waits for its bytes from now on.
            match TcpStream::from_std(socket) {
                Ok(socket) => common.welcome(socket, Arc::clone(&place.own)).await,
                Err(_) => events::accept_failed("the system does not watch a connection"),
            }
            drop((slot, place));
        };
        self.tracker.spawn_on(serving, &runtime);
    }

    /// Speaks TLS with a client first, where that is asked for.
    async fn welcome(self, socket: TcpStream, client: Arc<Upstream>) {
        // Without it, small answers wait for the other side's delayed acknowledgement.
        drop(socket.set_nodelay(true));
        let Some(tls) = self.terms.tls.clone() else {
            return self.connection(socket, client).await;
        };
        // A handshake holds no call, so that it is not waited for longer than for a first request when
        // the process stops.
        let greeting = TlsAcceptor::from(tls.keep()).accept(socket);
        let greeting = tokio::time::timeout(self.terms.limits.get().head_timeout, greeting);
        let ending = async {
            self.stop.cancelled().await;
            tokio::time::sleep(LAST_REQUEST).await;
        };
        let greeted = tokio::select! {
            greeted = greeting => greeted,
            () = ending => return,
        };
        let cause = match greeted {
            Ok(Ok(socket)) => return self.connection(socket, client).await,
            Ok(Err(error)) => handshake_failure(&error),
            Err(_) => "timeout",
        };
        self.shared.metrics.tls_failures.with_label_values(&[cause]).inc();
    }
}

/// The cause of a failed handshake, as a label.
fn handshake_failure(error: &std::io::Error) -> &'static str {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::NoCertificatesPresented | rustls::Error::InvalidCertificate(_)) => {
            "client_certificate"
        }
        Some(rustls::Error::InvalidMessage(_)) => "not_tls",
        Some(_) => "refused",
        None => "hung_up",
    }
}

impl Common {
    /// Serves what comes over a connection until it ends.
    async fn connection<S>(self, socket: S, client: Arc<Upstream>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { shared, terms, tracker, room, stop, cut } = self;
        let (limits, tasks) = (**terms.limits.get(), Tracked::of(&tracker, &shared));
        let streams = tasks.clone();
        shared.metrics.connections.inc();
        let state = Arc::new(ConnectionState::default());
        let measures = Measures {
            max_head_bytes: limits.max_head_bytes,
            first_byte_timeout: KEEP_ALIVE,
            head_timeout: limits.head_timeout,
            write_timeout: shared.body_idle_timeout(),
        };
        let guarded = Guarded::new(socket, measures, Arc::clone(&state));
        let metrics = Arc::clone(&shared.metrics);
        let of_loop = Arc::clone(&state);
        let stopping = stop.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (shared, client) = (Arc::clone(&shared), Arc::clone(&client));
            let (state, stopping) = (Arc::clone(&state), stopping.clone());
            async move {
                let version = request.version();
                if version == Version::HTTP_2 {
                    state.note_streams();
                }
                let mut response = handle(shared, client, Arc::clone(&state), request).await;
                state.end_request();
                if stopping.is_cancelled() && version < Version::HTTP_2 {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                Ok::<Response<Outgoing>, Infallible>(response)
            }
        });
        let mut builder = auto::Builder::new(tasks);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(KEEP_ALIVE)
            .max_buf_size(limits.max_head_bytes.max(64 * 1_024))
            .keep_alive(true);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_send_buf_size(MAX_STREAM_BUFFER_BYTES)
            .max_header_list_size(u32::try_from(limits.max_head_bytes).unwrap_or(u32::MAX))
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(limits.head_timeout);
        let serving = builder.serve_connection(TokioIo::new(guarded), service);
        let mut serving = std::pin::pin!(serving);
        let ending = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST_REQUEST).await;
            while of_loop.has_part_of_a_head() {
                tokio::time::sleep(HEAD_LOOK).await;
            }
        };
        let mut ending = std::pin::pin!(ending);
        let mut draining = false;
        let mut seen = 0;
        let mut idle = std::pin::pin!(tokio::time::sleep(KEEP_ALIVE));
        let mut leaving = std::pin::pin!(tokio::time::sleep(LEAVES_WITHIN));
        let mut leaves = false;
        loop {
            tokio::select! {
                // How a connection ends is the business of its calls, which record themselves.
                _ = serving.as_mut() => break,
                () = ending.as_mut(), if !draining => {
                    draining = true;
                    serving.as_mut().graceful_shutdown();
                }
                // The library has no limit on idle HTTP/2 connections. Streams under way go on.
                () = idle.as_mut(), if !draining => {
                    let served = of_loop.served();
                    if served == seen && (served == 0 || of_loop.has_streams()) {
                        draining = true;
                        serving.as_mut().graceful_shutdown();
                    }
                    seen = served;
                    idle.as_mut().reset(tokio::time::Instant::now() + KEEP_ALIVE);
                }
                quiet = room.wanted(), if !draining => {
                    if of_loop.is_quiet(quiet) && streams.is_idle() {
                        draining = true;
                        serving.as_mut().graceful_shutdown();
                        leaving.as_mut().reset(tokio::time::Instant::now() + LEAVES_WITHIN);
                        leaves = true;
                    } else {
                        room.ask_the_next();
                    }
                }
                // A peer that does not answer the goodbye of HTTP/2 holds its place no longer, if nothing is under way.
                () = leaving.as_mut(), if leaves => {
                    leaves = false;
                    if streams.is_idle() && of_loop.is_quiet(LEAVES_WITHIN) {
                        break;
                    }
                }
                () = cut.cancelled() => break,
            }
        }
        metrics.connections.dec();
    }
}
