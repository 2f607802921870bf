//! The socket under the API, and how a connection is broken on purpose.
//!
//! Owns accepting, resetting (an RST instead of an answer) and bodies that stop. Does not decide
//! when; see [`super::faults`].

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use bytes::Bytes;
use futures_util::stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How long what was sent has to get out before the connection ends.
const FLUSH: Duration = Duration::from_millis(30);
/// How long accepting rests after the system refused a socket.
const AFTER_ERROR: Duration = Duration::from_millis(50);

/// A handle on one connection, for the call that came over it.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<AtomicBool>);

impl Wire {
    /// Makes the next write reset the connection.
    pub(super) fn reset(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Socket>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Socket>) -> Self {
        stream.io().wire.clone()
    }
}

/// The API's listener.
#[derive(Debug)]
pub(super) struct Socket(pub(super) TcpListener);

impl Listener for Socket {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // Without Nagle's delay; if it cannot be had, it is only slower.
                    drop(stream.set_nodelay(true));
                    let wire = Wire(Arc::new(AtomicBool::new(false)));
                    return (Connection { stream, wire }, address);
                }
                Err(_) => tokio::time::sleep(AFTER_ERROR).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    wire: Wire,
}

impl Connection {
    fn if_whole(&self) -> io::Result<()> {
        if self.wire.0.load(Ordering::Acquire) {
            // With no linger, closing sends RST instead of FIN.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.if_whole()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.if_whole()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A body that gives its head and then ends the connection.
pub(super) fn cut(body: &[u8], after: usize) -> Body {
    let head = Bytes::copy_from_slice(&body[..after.min(body.len())]);
    Body::from_stream(stream::unfold(Some(head), async |state| match state {
        Some(head) if !head.is_empty() => Some((Ok(head), Some(Bytes::new()))),
        _ => {
            tokio::time::sleep(FLUSH).await;
            Some((Err(io::Error::from(io::ErrorKind::BrokenPipe)), None))
        }
    }))
}

/// A body that gives its head and then nothing until the simulator stops.
pub(super) fn stalled(body: &[u8], after: usize, stop: CancellationToken) -> Body {
    let head = Bytes::copy_from_slice(&body[..after.min(body.len())]);
    let state = (Some(head), stop);
    Body::from_stream(stream::unfold(state, async |(head, stop)| {
        if let Some(head) = head {
            return Some((Ok::<_, Infallible>(head), (None, stop)));
        }
        stop.cancelled().await;
        None
    }))
}
