//! The guard as a stream between socket and HTTP library.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Sleep;

use super::framing::{Framing, Verdict};
use crate::domain::malformed::Malformed;

/// What stands in the place of a head that is not valid. The service knows it by its number.
const MARKER: &[u8] = b"GET / HTTP/1.1\r\nhost: accuscope\r\nconnection: close\r\n\r\n";
/// Most bytes that are read at once.
const READ_BYTES: usize = 16 * 1_024;

/// What guard and service tell each other about one connection.
#[derive(Debug, Default)]
pub(crate) struct ConnectionState {
    /// Which request is the marker (counted from 1), and what was wrong.
    refused: OnceLock<(u64, Malformed)>,
    served: AtomicU64,
    interim: Mutex<Interim>,
    broken_body: OnceLock<Malformed>,
    /// An interim response waits.
    pub(crate) interim_waits: Notify,
}

#[derive(Debug, Default)]
struct Interim {
    bytes: Vec<u8>,
    allowed: bool,
}

impl ConnectionState {
    /// Counts a request of the connection; tells if it is the marker of a refused head.
    pub(crate) fn begin_request(&self) -> Option<Malformed> {
        let number = self.served.fetch_add(1, Ordering::Relaxed) + 1;
        self.refused.get().filter(|(refused, _)| *refused == number).map(|(_, problem)| *problem)
    }

    /// What was wrong with a request's body framing.
    pub(crate) fn broken_body(&self) -> Option<Malformed> {
        self.broken_body.get().copied()
    }

    /// Leaves an interim response to be written before the final one. Dropped where the client does
    /// not take any (HTTP/1.0, HTTP/2).
    pub(crate) fn send_interim(&self, response: &[u8]) {
        let mut interim = self.interim.lock().unwrap_or_else(PoisonError::into_inner);
        if interim.allowed {
            interim.bytes.extend_from_slice(response);
            drop(interim);
            self.interim_waits.notify_one();
        }
    }

    fn allow_interim(&self, allowed: bool) {
        self.interim.lock().unwrap_or_else(PoisonError::into_inner).allowed = allowed;
    }

    fn take_interim(&self) -> Vec<u8> {
        std::mem::take(&mut self.interim.lock().unwrap_or_else(PoisonError::into_inner).bytes)
    }
}

pin_project_lite::pin_project! {
    /// A socket of which only valid requests are read.
    pub(crate) struct Guarded<S> {
        #[pin]
        socket: S,
        framing: Framing,
        state: Arc<ConnectionState>,
        // Bytes of a head that is not whole yet.
        held: Vec<u8>,
        // Ends the wait for the rest of a head.
        head_deadline: Option<Pin<Box<Sleep>>>,
        head_timeout: Duration,
        // Bytes that may pass.
        ready: Vec<u8>,
        ready_at: usize,
        refusing: bool,
        // An interim response that is being written.
        interim: Vec<u8>,
        interim_at: usize,
        // Everything that the library wrote is flushed, so an interim response may go first.
        flushed: bool,
    }
}

impl<S> Guarded<S> {
    /// Guards a socket.
    pub(crate) fn new(
        socket: S,
        max_head_bytes: usize,
        head_timeout: Duration,
        state: Arc<ConnectionState>,
    ) -> Self {
        Self {
            socket,
            framing: Framing::new(max_head_bytes),
            state,
            held: Vec::new(),
            head_deadline: None,
            head_timeout,
            ready: Vec::new(),
            ready_at: 0,
            refusing: false,
            interim: Vec::new(),
            interim_at: 0,
            flushed: true,
        }
    }
}

impl<S: AsyncRead> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut this = self.project();
        loop {
            if *this.ready_at < this.ready.len() {
                let rest = &this.ready[*this.ready_at..];
                let taken = rest.len().min(out.remaining());
                out.put_slice(&rest[..taken]);
                *this.ready_at += taken;
                if *this.ready_at == this.ready.len() {
                    this.ready.clear();
                    *this.ready_at = 0;
                }
                return Poll::Ready(Ok(()));
            }
            if *this.refusing {
                // Read on and forget, so that closing does not reset the connection before the
                // client has read why it was refused.
                let mut sink = [0; 4_096];
                let mut sink = ReadBuf::new(&mut sink);
                ready!(this.socket.as_mut().poll_read(cx, &mut sink))?;
                if sink.filled().is_empty() {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            if this.held.is_empty() {
                // The common case: bytes go straight into the library's buffer.
                let before = out.filled().len();
                ready!(this.socket.as_mut().poll_read(cx, out))?;
                let verdict = this.framing.walk(&out.filled()[before..]);
                if out.filled().len() == before {
                    return Poll::Ready(Ok(()));
                }
                match verdict {
                    Verdict::Pass(length) => {
                        this.held.extend_from_slice(&out.filled()[before + length..]);
                        out.set_filled(before + length);
                        if length > 0 {
                            this.state.allow_interim(this.framing.takes_interim());
                            return Poll::Ready(Ok(()));
                        }
                    }
                    Verdict::BadHead(length, problem) => {
                        out.set_filled(before + length);
                        refuse(this.framing, this.state, this.ready, problem);
                        *this.refusing = true;
                        if length > 0 {
                            return Poll::Ready(Ok(()));
                        }
                    }
                    Verdict::BadBody(problem) => return broken(this.state, problem),
                }
                continue;
            }
            let timeout = *this.head_timeout;
            let deadline =
                this.head_deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
            if deadline.as_mut().poll(cx).is_ready() {
                this.held.clear();
                refuse(this.framing, this.state, this.ready, Malformed::HeadTimeout);
                *this.refusing = true;
                continue;
            }
            let mut more = [0; READ_BYTES];
            let mut more = ReadBuf::new(&mut more);
            ready!(this.socket.as_mut().poll_read(cx, &mut more))?;
            if more.filled().is_empty() {
                // The client hung up inside a head: nothing of it was asked for.
                return Poll::Ready(Ok(()));
            }
            this.held.extend_from_slice(more.filled());
            match this.framing.walk(this.held) {
                Verdict::Pass(length) => {
                    if length > 0 {
                        *this.head_deadline = None;
                    }
                    this.ready.extend(this.held.drain(..length));
                    this.state.allow_interim(this.framing.takes_interim());
                }
                Verdict::BadHead(length, problem) => {
                    this.ready.extend_from_slice(&this.held[..length]);
                    this.held.clear();
                    refuse(this.framing, this.state, this.ready, problem);
                    *this.refusing = true;
                }
                Verdict::BadBody(problem) => return broken(this.state, problem),
            }
        }
    }
}

fn refuse(framing: &Framing, state: &ConnectionState, ready: &mut Vec<u8>, problem: Malformed) {
    // The first refusal is the only one: nothing further is read.
    let _ = state.refused.set((framing.heads() + 1, problem));
    ready.extend_from_slice(MARKER);
}

fn broken(state: &ConnectionState, problem: Malformed) -> Poll<io::Result<()>> {
    let _ = state.broken_body.set(problem);
    Poll::Ready(Err(io::Error::from(io::ErrorKind::InvalidData)))
}

impl<S: AsyncWrite> Guarded<S> {
    /// Writes interim responses that wait; ready when none is left.
    fn poll_interim(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        loop {
            while *this.interim_at < this.interim.len() {
                let rest = &this.interim[*this.interim_at..];
                let written = ready!(this.socket.as_mut().poll_write(cx, rest))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                *this.interim_at += written;
            }
            *this.interim_at = 0;
            // Before everything else is out, an interim response would stand inside another one.
            *this.interim = if *this.flushed { this.state.take_interim() } else { Vec::new() };
            if this.interim.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_interim(cx))?;
        let this = self.project();
        *this.flushed = false;
        this.socket.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_interim(cx))?;
        let this = self.project();
        *this.flushed = false;
        this.socket.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library flushes the socket only once its own buffer is empty.
        *self.as_mut().project().flushed = true;
        ready!(self.as_mut().poll_interim(cx))?;
        self.project().socket.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().socket.poll_shutdown(cx)
    }
}
