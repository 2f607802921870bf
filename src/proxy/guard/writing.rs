//! The guard as a stream between socket and HTTP library: the writing half.
//!
//! Owns three things that the library does not do: interim responses, a limit on how long a client
//! may take no bytes, and a close that lets a client which is still sending read its answer first.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::io::{Guarded, poll_deadline};
use crate::proxy::patience::MIN_PROGRESS_BYTES;

/// How long a client that is still sending may go on after its answer has been written.
const LINGER: Duration = Duration::from_secs(2);

/// What the writing half remembers.
pub(super) struct Writing {
    /// An interim response that is being written.
    interim: Vec<u8>,
    interim_at: usize,
    /// Everything that the library wrote is flushed, so an interim response may go first.
    flushed: bool,
    /// Runs while the client takes nothing, or next to nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    /// What it took since that began.
    taken_bytes: usize,
    /// Runs once the sending side is shut.
    lingering: Option<Pin<Box<Sleep>>>,
    is_shut: bool,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            interim: Vec::new(),
            interim_at: 0,
            flushed: true,
            stalled: None,
            taken_bytes: 0,
            lingering: None,
            is_shut: false,
        }
    }
}

impl Writing {
    fn restart(&mut self) {
        (self.stalled, self.taken_bytes) = (None, 0);
    }
}

impl<S: AsyncWrite> Guarded<S> {
    /// Writes with a limit on how long nothing may be taken.
    fn poll_timed(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        if let Poll::Ready(written) = write(this.socket, cx) {
            this.writing.taken_bytes += written.as_ref().map_or(0, |bytes| *bytes);
            if this.writing.taken_bytes >= MIN_PROGRESS_BYTES {
                this.writing.restart();
            }
            return Poll::Ready(written);
        }
        ready!(poll_deadline(&mut this.writing.stalled, this.measures.write_timeout, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Writes interim responses that wait; ready when none is left.
    fn poll_interim(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while self.writing.interim_at < self.writing.interim.len() {
                let interim = std::mem::take(&mut self.as_mut().project().writing.interim);
                let at = self.writing.interim_at;
                let written = self
                    .as_mut()
                    .poll_timed(cx, |socket, cx| socket.poll_write(cx, &interim[at..]));
                let writing = self.as_mut().project().writing;
                writing.interim = interim;
                match ready!(written)? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    written => writing.interim_at += written,
                }
            }
            let this = self.as_mut().project();
            this.writing.interim_at = 0;
            // Before everything else is out, an interim response would stand inside another one.
            this.writing.interim =
                if this.writing.flushed { this.state.take_interim() } else { Vec::new() };
            if this.writing.interim.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_interim(cx))?;
        self.as_mut().project().writing.flushed = false;
        self.poll_timed(cx, |socket, cx| socket.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_interim(cx))?;
        self.as_mut().project().writing.flushed = false;
        self.poll_timed(cx, |socket, cx| socket.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library flushes the socket only once its own buffer is empty.
        self.as_mut().project().writing.flushed = true;
        ready!(self.as_mut().poll_interim(cx))?;
        // Everything is taken; the next answer has its own time.
        self.as_mut().project().writing.restart();
        self.project().socket.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        if !this.writing.is_shut {
            ready!(this.socket.as_mut().poll_shutdown(cx))?;
            this.writing.is_shut = true;
        }
        // Closing with bytes unread resets the connection, and the client may lose the answer that
        // says what was wrong.
        if !*this.refusing && this.framing.is_between_requests() {
            return Poll::Ready(Ok(()));
        }
        let mut sink = [0; 4_096];
        loop {
            if poll_deadline(&mut this.writing.lingering, LINGER, cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut sink = ReadBuf::new(&mut sink);
            let read = ready!(this.socket.as_mut().poll_read(cx, &mut sink));
            if read.is_err() || sink.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
