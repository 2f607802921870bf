//! One connection to Accuro, and the little of its life that decides whether a failed request was
//! never seen by anybody.
//!
//! A pooled connection may be closed by the other side in the moment it is used again. If it had
//! answered before and not one byte came back this time, the request met a closing connection; RFC
//! 9110, 9.2.2 lets a safe one be sent again then. The decision is `forward.rs`'s.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

type Stream = TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>;

/// What is known of a connection's life; travels with answers and errors.
#[derive(Clone, Default)]
pub(super) struct Life(Arc<Flags>);

#[derive(Default)]
struct Flags {
    answered: AtomicBool,
    waiting: AtomicBool,
}

impl Life {
    /// An answer has come on this connection.
    pub(super) fn answered(&self) {
        self.0.answered.store(true, Ordering::Relaxed);
    }

    /// It has answered before, and not one byte has come since something was written last.
    pub(super) fn broke_before_an_answer(&self) -> bool {
        self.0.answered.load(Ordering::Relaxed) && self.0.waiting.load(Ordering::Relaxed)
    }
}

/// One connection.
pub(super) struct Line {
    stream: Stream,
    life: Life,
}

impl Line {
    /// A connection that has just been made.
    pub(super) fn of(stream: MaybeHttpsStream<TokioIo<TcpStream>>) -> Self {
        Self { stream: TokioIo::new(stream), life: Life::default() }
    }

    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(_))) {
            self.life.0.waiting.store(true, Ordering::Relaxed);
        }
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        self.stream.inner().connected().extra(self.life.clone())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        if out.filled().len() > before {
            self.life.0.waiting.store(false, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(&written);
        written
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
