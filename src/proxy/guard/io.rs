//! The guard as a stream between socket and HTTP library: the reading half.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Sleep;

use super::connection::{ConnectionState, RefusedHead};
use super::framing::{Framing, Verdict};
use super::head;
use super::writing::Writing;
use crate::domain::malformed::Malformed;

/// What stands in the place of a head that is not valid. The service knows it by its number.
const MARKER: &[u8] = b"GET / HTTP/1.1\r\nhost: accuscope\r\nconnection: close\r\n\r\n";
/// Most bytes that are read at once.
const READ_BYTES: usize = 16 * 1_024;

/// The patience and the measure of a guard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measures {
    /// Most bytes of a head.
    pub(crate) max_head_bytes: usize,
    /// How long a new connection may be silent.
    pub(crate) first_byte_timeout: Duration,
    /// How long a head may take from its first byte on.
    pub(crate) head_timeout: Duration,
    /// How long the client may take no bytes of an answer.
    pub(crate) write_timeout: Duration,
}

pin_project_lite::pin_project! {
    /// A socket of which only valid requests are read.
    pub(crate) struct Guarded<S> {
        #[pin]
        pub(super) socket: S,
        pub(super) framing: Framing,
        pub(super) state: Arc<ConnectionState>,
        pub(super) measures: Measures,
        // Bytes of a head that is not whole yet.
        held: Vec<u8>,
        // Ends the wait for the first byte, or for the rest of a head.
        deadline: Option<Pin<Box<Sleep>>>,
        begun: bool,
        // Bytes that may pass.
        ready: Vec<u8>,
        ready_at: usize,
        pub(super) refusing: bool,
        // A body broke its framing, so nothing more can be read.
        broken: bool,
        pub(super) writing: Writing,
    }
}

impl<S> Guarded<S> {
    /// Guards a socket.
    pub(crate) fn new(socket: S, measures: Measures, state: Arc<ConnectionState>) -> Self {
        Self {
            socket,
            framing: Framing::new(measures.max_head_bytes),
            state,
            measures,
            held: Vec::new(),
            deadline: None,
            begun: false,
            ready: Vec::new(),
            ready_at: 0,
            refusing: false,
            broken: false,
            writing: Writing::default(),
        }
    }
}

/// Moves bytes that may pass into the library's buffer.
fn hand_over(ready: &mut Vec<u8>, at: &mut usize, out: &mut ReadBuf<'_>) {
    let rest = &ready[*at..];
    let taken = rest.len().min(out.remaining());
    out.put_slice(&rest[..taken]);
    *at += taken;
    if *at == ready.len() {
        ready.clear();
        *at = 0;
    }
}

/// Reads on and forgets, so that closing does not reset the connection before the client has read
/// why it was refused. Ready once the client has nothing more to say.
fn poll_forget<S: AsyncRead>(
    mut socket: Pin<&mut S>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    loop {
        let mut sink = [0; 4_096];
        let mut sink = ReadBuf::new(&mut sink);
        ready!(socket.as_mut().poll_read(cx, &mut sink))?;
        if sink.filled().is_empty() {
            return Poll::Ready(Ok(()));
        }
    }
}

impl<S: AsyncRead> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = self.as_mut().poll_passed(cx, out);
        let this = self.project();
        this.state.note_part_of_a_head(!this.held.is_empty());
        polled
    }
}

impl<S: AsyncRead> Guarded<S> {
    /// Reads what may pass to the library.
    fn poll_passed(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut this = self.as_mut().project();
            if *this.ready_at < this.ready.len() {
                hand_over(this.ready, this.ready_at, out);
                return Poll::Ready(Ok(()));
            }
            if *this.broken {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
            if *this.refusing {
                return poll_forget(this.socket, cx);
            }
            if this.held.is_empty() {
                // The common case: bytes go straight into the library's buffer.
                let before = out.filled().len();
                let Poll::Ready(read) = this.socket.as_mut().poll_read(cx, out) else {
                    if !*this.begun {
                        // The library's own timer runs only between requests.
                        let timeout = this.measures.first_byte_timeout;
                        ready!(poll_deadline(this.deadline, timeout, cx));
                        return Poll::Ready(Ok(()));
                    }
                    return Poll::Pending;
                };
                read?;
                if !*this.begun {
                    *this.begun = true;
                    *this.deadline = None;
                }
                if out.filled().len() == before {
                    return Poll::Ready(Ok(()));
                }
                this.framing.answered(this.state.answered());
                let verdict = this.framing.walk(&mut out.filled_mut()[before..]);
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
                        let bad = &out.filled()[before + length..];
                        refuse(this.framing, this.state, this.ready, problem, bad);
                        out.set_filled(before + length);
                        *this.refusing = true;
                        if length > 0 {
                            return Poll::Ready(Ok(()));
                        }
                    }
                    Verdict::BadBody(length, problem) => {
                        out.set_filled(before + length);
                        this.state.break_body(problem);
                        *this.broken = true;
                        if length > 0 {
                            return Poll::Ready(Ok(()));
                        }
                    }
                }
                continue;
            }
            if !ready!(self.as_mut().poll_held(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Reads on inside a head, of which the library sees nothing before it is whole; `false` if the
    /// client hung up.
    fn poll_held(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let this = self.project();
        if poll_deadline(this.deadline, this.measures.head_timeout, cx).is_ready() {
            refuse(this.framing, this.state, this.ready, Malformed::HeadTimeout, this.held);
            this.held.clear();
            *this.refusing = true;
            return Poll::Ready(Ok(true));
        }
        let mut more = [0; READ_BYTES];
        let mut more = ReadBuf::new(&mut more);
        ready!(this.socket.poll_read(cx, &mut more))?;
        if more.filled().is_empty() {
            return Poll::Ready(Ok(false));
        }
        this.held.extend_from_slice(more.filled());
        this.framing.answered(this.state.answered());
        match this.framing.walk(this.held) {
            Verdict::Pass(length) => {
                if length > 0 {
                    *this.deadline = None;
                }
                this.ready.extend(this.held.drain(..length));
                this.state.allow_interim(this.framing.takes_interim());
            }
            Verdict::BadHead(length, problem) => {
                this.ready.extend_from_slice(&this.held[..length]);
                let bad = &this.held[length..];
                refuse(this.framing, this.state, this.ready, problem, bad);
                this.held.clear();
                *this.refusing = true;
            }
            Verdict::BadBody(length, problem) => {
                this.ready.extend_from_slice(&this.held[..length]);
                this.held.clear();
                this.state.break_body(problem);
                *this.broken = true;
            }
        }
        Poll::Ready(Ok(true))
    }
}

fn refuse(
    framing: &Framing,
    state: &ConnectionState,
    ready: &mut Vec<u8>,
    problem: Malformed,
    bad: &[u8],
) {
    state.refuse(framing.heads(), RefusedHead { problem, method: head::method(bad) });
    ready.extend_from_slice(MARKER);
}

/// Ready once a time has passed since the first poll.
pub(super) fn poll_deadline(
    deadline: &mut Option<Pin<Box<Sleep>>>,
    timeout: Duration,
    cx: &mut Context<'_>,
) -> Poll<()> {
    deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout))).as_mut().poll(cx)
}
