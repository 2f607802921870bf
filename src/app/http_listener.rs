//! Serves the ops site and the telemetry listener, with limits: on connections, on one address's share
//! of them, on how long a head, a request and an unread answer may take.
//!
//! Owns those limits and the graceful stop. The call path has a listener of its own, with stricter
//! rules; what is here is for people and their programs.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::telemetry::events;

/// How long a head may take, and how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a request may take from its head to the head of its answer, a form's body included.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a reader may take no bytes of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Most connections of a listener at a time; further ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 1_024;
/// How long open answers may go on once a stop was asked for.
const DRAIN: Duration = Duration::from_secs(3);
/// How long to wait after the system refused to give a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves pages until told to stop; open event streams end with the token they were given. Of one
/// address, at most `max_of_address` connections are served at a time; more are closed.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    max_of_address: usize,
    stop: CancellationToken,
) {
    let (tracker, slots) = (TaskTracker::new(), Arc::new(Semaphore::new(MAX_CONNECTIONS)));
    let shares = Shares { open: Arc::default(), most: max_of_address };
    let cut = CancellationToken::new();
    loop {
        let slot = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        // The semaphore is never closed.
        let Ok(slot) = slot else { break };
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, peer)) => {
                let Some(share) = shares.take(peer.ip()) else { continue };
                let serving = connection(socket, router.clone(), stop.clone(), cut.clone());
                tracker.spawn(async move {
                    serving.await;
                    drop((slot, share));
                });
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::ConnectionAborted {
                    events::accept_failed("the system gives no connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    tracker.close();
    let _ = tokio::time::timeout(DRAIN, tracker.wait()).await;
    cut.cancel();
    tracker.wait().await;
}

async fn connection(
    socket: TcpStream,
    router: Router,
    stop: CancellationToken,
    cut: CancellationToken,
) {
    drop(socket.set_nodelay(true));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move { Ok::<_, Infallible>(answer(router, request.map(Body::new)).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(Patient { socket, stalled: None }), service);
    let mut serving = std::pin::pin!(serving);
    let mut draining = false;
    loop {
        tokio::select! {
            _ = serving.as_mut() => return,
            () = stop.cancelled(), if !draining => {
                draining = true;
                serving.as_mut().graceful_shutdown();
            }
            () = cut.cancelled() => return,
        }
    }
}

async fn answer(router: Router, request: Request) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, router.oneshot(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            let body = r#"{"type":"about:blank","title":"Request Timeout","status":408,"detail":"The request took too long."}"#;
            let kind = [(CONTENT_TYPE, "application/problem+json")];
            (StatusCode::REQUEST_TIMEOUT, kind, body).into_response()
        }
    }
}

/// Who has how many connections.
struct Shares {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

/// One connection of an address.
struct Share {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Shares {
    /// A connection for an address; `None` if it has its share.
    fn take(&self, address: IpAddr) -> Option<Share> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { open: Arc::clone(&self.open), address })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// A socket whose reader may not stop reading for too long.
struct Patient {
    socket: TcpStream,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn timed(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let sleep = || Box::pin(tokio::time::sleep(WRITE_TIMEOUT));
        match self.stalled.get_or_insert_with(sleep).as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, out)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.timed(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.timed(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn an_address_has_its_share_and_others_have_theirs() {
        let shares = Shares { open: Arc::default(), most: 2 };
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([10, 0, 0, 1]));
        let first = shares.take(one).unwrap();
        let _second = shares.take(one).unwrap();
        assert!(shares.take(one).is_none());
        let _other = shares.take(other).unwrap();
        drop(first);
        assert!(shares.take(one).is_some());
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_let_go_and_others_are_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(async || "ok"));
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, router, 2, stop.clone()));
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HT").await.unwrap();
        let mut good = TcpStream::connect(address).await.unwrap();
        good.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        good.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok"), "{answer}");
        tokio::time::pause();
        let mut rest = Vec::new();
        drop(slow.read_to_end(&mut rest).await);
        tokio::time::resume();
        stop.cancel();
        serving.await.unwrap();
    }
}
