//! One connection to Accuro, and the little of its life that decides whether a failed request was
//! never seen by anybody.
//!
//! A pooled connection may be closed by the other side in the moment it is used again. If it had
//! answered before and not one byte came back this time, the request met a closing connection; RFC
//! 9110, 9.2.2 lets a safe one be sent again then. The decision is `forward.rs`'s.
//!
//! It also lets an early answer be read: a server that refuses an upload may answer and close while
//! bytes are still on their way to it. Those then fail to be written, while the answer waits to be
//! read. So a write that fails is no end; what is read next tells.

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
    /// Something was written since the last answer.
    written: AtomicBool,
}

impl Life {
    /// An answer has come on this connection.
    pub(super) fn answered(&self) {
        self.0.answered.store(true, Ordering::Relaxed);
        self.0.written.store(false, Ordering::Relaxed);
    }

    /// Whether something was written since the last answer, or ever.
    pub(super) fn was_written_to(&self) -> bool {
        self.0.written.load(Ordering::Relaxed)
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
    /// A write has failed; further ones go nowhere.
    is_deaf: bool,
}

impl Line {
    /// A connection that has just been made.
    pub(super) fn of(stream: MaybeHttpsStream<TokioIo<TcpStream>>) -> Self {
        Self { stream: TokioIo::new(stream), life: Life::default(), is_deaf: false }
    }

    /// Judges a write of so many bytes.
    fn wrote(
        &mut self,
        length: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let written = ready!(written).unwrap_or_else(|_| {
            self.is_deaf = true;
            length
        });
        self.life.0.waiting.store(true, Ordering::Relaxed);
        Poll::Ready(Ok(written))
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
        if self.is_deaf {
            return Poll::Ready(Ok(bytes.len()));
        }
        // Before the bytes leave, since the other side may act on them at once.
        self.life.0.written.store(true, Ordering::Relaxed);
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(bytes.len(), written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = slices.iter().map(|slice| slice.len()).sum();
        if self.is_deaf {
            return Poll::Ready(Ok(length));
        }
        self.life.0.written.store(true, Ordering::Relaxed);
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(length, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_deaf {
            return Poll::Ready(Ok(()));
        }
        // TLS writes here too.
        if ready!(Pin::new(&mut self.stream).poll_flush(cx)).is_err() {
            self.is_deaf = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
