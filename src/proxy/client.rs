//! Connections to Accuro: pooled, HTTP/1.1 or HTTP/2, over TCP or TLS.
//!
//! Owns the client's settings and the reading of its errors. It never follows a redirect, never
//! sends a request twice that may have been seen (only one that was never written), and adds no
//! header of its own but `Host`.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Extensions, Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientFailure};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::Service;

use super::line::{Life, Line};
use super::upload::UploadBody;
use crate::config::{Scheme, UpstreamConfig};
use crate::domain::classify::Transport;

/// Most fields of an answer's head; more end the call as broken.
const MOST_FIELDS: usize = 256;

/// The client.
pub(super) type Upstream = Client<TimedConnector, UploadBody>;

/// Why no client can be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The system has no root certificates, and the upstream uses TLS.
    #[error(
        "upstream.base_url uses https, but the system's root certificates cannot be read ({0}); install ca-certificates"
    )]
    Roots(#[source] io::Error),
}

/// Makes so many clients for an upstream, each with connections of its own. What they trust and how they
/// connect is made once.
///
/// # Errors
///
/// [`ClientError`] if TLS is needed and there are no root certificates.
pub(super) fn clients(config: &UpstreamConfig, count: usize) -> Result<Vec<Upstream>, ClientError> {
    let mut tcp = HttpConnector::new_with_resolver(MarkedResolver(GaiResolver::new()));
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(config.connect_timeout));
    tcp.enforce_http(false);
    tcp.set_keepalive(Some(Duration::from_mins(1)));
    let builder = match config.base_url.scheme() {
        Scheme::Https => HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(ClientError::Roots)?,
        // No TLS will be spoken; an empty root store spares reading the system's.
        Scheme::Http => HttpsConnectorBuilder::new().with_tls_config(no_roots()),
    };
    let https = builder.https_or_http().enable_all_versions().wrap_connector(MarkedTcp(tcp));
    let connector = TimedConnector { inner: https, limit: config.connect_timeout };
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(config.pool_idle_timeout)
        .http1_max_buf_size(256 * 1_024)
        .http1_max_headers(MOST_FIELDS)
        .http2_adaptive_window(true);
    Ok((0..count).map(|_| builder.build(connector.clone())).collect())
}

fn no_roots() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|_| unreachable!("the provider speaks the default versions"))
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// A connector whose whole work, TLS included, has a time limit.
#[derive(Clone)]
pub(super) struct TimedConnector {
    inner: HttpsConnector<MarkedTcp>,
    limit: Duration,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// Connecting took too long.
#[derive(Debug, thiserror::Error)]
#[error("connecting took too long")]
struct ConnectTimeout;

impl Service<Uri> for TimedConnector {
    type Response = TokioIo<Line>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.inner.call(uri);
        let limit = self.limit;
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(connected) => Ok(TokioIo::new(Line::of(connected?))),
                Err(_) => Err(ConnectTimeout.into()),
            }
        })
    }
}

/// TCP connections whose errors are known again: what fails later is TLS.
#[derive(Clone)]
struct MarkedTcp(HttpConnector<MarkedResolver>);

/// No TCP connection.
#[derive(Debug, thiserror::Error)]
#[error("no TCP connection")]
struct TcpFailed(#[source] BoxError);

impl Service<Uri> for MarkedTcp {
    type Response = TokioIo<TcpStream>;
    type Error = TcpFailed;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<TcpStream>, TcpFailed>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TcpFailed>> {
        self.0.poll_ready(cx).map_err(|error| TcpFailed(error.into()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move { connecting.await.map_err(|error| TcpFailed(error.into())) })
    }
}

/// A resolver whose errors are known again.
#[derive(Clone)]
pub(super) struct MarkedResolver(GaiResolver);

/// The name did not resolve.
#[derive(Debug, thiserror::Error)]
#[error("the name did not resolve")]
pub(super) struct NameUnresolved;

impl Service<Name> for MarkedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NameUnresolved;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NameUnresolved>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NameUnresolved>> {
        self.0.poll_ready(cx).map_err(|_| NameUnresolved)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolving = self.0.call(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = resolving.await.map_err(|_| NameUnresolved)?.collect();
            if found.is_empty() { Err(NameUnresolved) } else { Ok(found.into_iter()) }
        })
    }
}

/// Reads why the client gave no answer.
pub(super) fn transport(error: &ClientFailure) -> Transport {
    if !error.is_connect() {
        return Transport::Broken;
    }
    // Only TLS fails after the TCP connection and within the time.
    let mut found = Transport::Tls;
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NameUnresolved>() {
            return Transport::Dns;
        }
        if error.is::<TcpFailed>() || error.is::<ConnectTimeout>() {
            found = Transport::Connect;
        }
        cause = error.source();
    }
    found
}

/// One sending of a request: tells whether anything of it can have left this process.
pub(super) struct Sending(CaptureConnection);

impl Sending {
    /// Watches a request that is about to be sent.
    pub(super) fn of<B>(request: &mut Request<B>) -> Self {
        Self(capture_connection(request))
    }

    /// Whether something of it may have reached Accuro. Over HTTP/2, where calls share a connection,
    /// it may as soon as there is one.
    pub(super) fn has_left(&self) -> bool {
        let connected = self.0.connection_metadata();
        let Some(connected) = connected.as_ref() else { return false };
        let mut extensions = Extensions::new();
        connected.get_extras(&mut extensions);
        extensions.get::<Life>().is_none_or(Life::was_written_to)
    }
}

/// Whether a request met a pooled connection that was just closing, so that nobody has seen it.
pub(super) fn met_a_closing_connection(error: &ClientFailure) -> bool {
    let Some(connected) = error.connect_info() else { return false };
    let mut extensions = Extensions::new();
    connected.get_extras(&mut extensions);
    extensions.get::<Life>().is_some_and(Life::broke_before_an_answer)
}

/// Notes that a connection has answered.
pub(super) fn note_answer(answer: &mut Response<Incoming>) {
    if let Some(life) = answer.extensions_mut().remove::<Life>() {
        life.answered();
    }
}
