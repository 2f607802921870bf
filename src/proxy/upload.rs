//! The request's body on its way to Accuro: counted, timed, and held back until it is wanted.
//!
//! Owns `Expect: 100-continue` (RFC 9110, 10.1.1): the body waits until Accuro asks for it or a
//! second has passed, and is not sent at all if Accuro has answered without asking. Keeps nothing of
//! a body but the small ones of token calls, and the start of one that is under an `Idempotency-Key`
//! until it is sent.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::task::AtomicWaker;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};
use zeroize::Zeroizing;

use super::identify::Reads;
use super::patience::{MIN_PROGRESS_BYTES, Patience};
use super::{grants, headers};

/// How long a body waits for Accuro to ask for it; a server may never ask.
const CONTINUE_WAIT: Duration = Duration::from_secs(1);
/// What the call knows of its upload; a body without bytes has none.
#[derive(Clone, Default)]
pub(super) struct Upload(Option<Arc<State>>);

#[derive(Default)]
struct State {
    bytes: AtomicU64,
    /// When the last byte was sent.
    ended: OnceLock<Instant>,
    /// It is the app's turn to send.
    waits_for_app: AtomicBool,
    failure: OnceLock<UploadFailure>,
    held: AtomicBool,
    /// The exchange is over, so a body that is still held is not wanted.
    over: AtomicBool,
    release: AtomicWaker,
    copy: Option<Mutex<Zeroizing<Vec<u8>>>>,
}

/// Why an upload failed. Neither is Accuro's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UploadFailure {
    /// The app sent nothing for too long.
    Stalled,
    /// The app hung up, or broke the framing.
    Broken,
}

/// The app's body broke off.
#[derive(Debug, thiserror::Error)]
#[error("the request's body stopped early")]
pub(super) struct UploadFailed;

/// A request's body, the start of which may have been read already.
pub(super) struct RequestBody {
    start: BytesMut,
    trailers: Option<HeaderMap>,
    rest: Incoming,
    /// The end has been read.
    over: bool,
}

impl RequestBody {
    /// A body of which nothing has been read.
    pub(super) fn of(rest: Incoming) -> Self {
        Self { start: BytesMut::new(), trailers: None, rest, over: false }
    }

    /// What has been read.
    pub(super) fn start(&self) -> &[u8] {
        &self.start
    }

    /// Whether all of it has been read.
    pub(super) fn is_read(&self) -> bool {
        self.over || self.trailers.is_some() || self.rest.is_end_stream()
    }

    /// Reads until there are so many bytes, or all of them.
    ///
    /// # Errors
    ///
    /// Why the body broke.
    pub(super) async fn read_ahead(
        &mut self,
        most: usize,
        idle_timeout: Duration,
    ) -> Result<(), UploadFailure> {
        while self.start.len() < most && self.trailers.is_none() && !self.rest.is_end_stream() {
            let frame = tokio::time::timeout(idle_timeout, self.rest.frame()).await;
            match frame.map_err(|_| UploadFailure::Stalled)? {
                None => {
                    self.over = true;
                    break;
                }
                Some(Err(_)) => return Err(UploadFailure::Broken),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.start.extend_from_slice(&data),
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
            }
        }
        Ok(())
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        if !this.start.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(this.start.split().freeze()))));
        }
        match this.trailers.take() {
            Some(trailers) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            None => Pin::new(&mut this.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.start.is_empty() && self.trailers.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, start) = (self.rest.size_hint(), self.start.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + start);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + start);
        }
        hint
    }
}

/// The body that is sent to Accuro.
pub(super) struct UploadBody {
    body: Option<RequestBody>,
    state: Option<Arc<State>>,
    patience: Patience,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Upload {
    /// Wraps a request's body. `held` bodies wait for [`Upload::release`].
    pub(super) fn of(
        body: RequestBody,
        reads: Reads,
        held: bool,
        idle_timeout: Duration,
    ) -> (Self, UploadBody) {
        if body.is_end_stream() {
            return (Self::default(), UploadBody::empty());
        }
        let state = Arc::new(State {
            held: AtomicBool::new(held),
            copy: (reads != Reads::AnswerShape).then(Mutex::default),
            ..State::default()
        });
        let upload = Self(Some(Arc::clone(&state)));
        let (body, state) = (Some(body), Some(state));
        (
            upload,
            UploadBody {
                body,
                state,
                patience: Patience::new(idle_timeout, MIN_PROGRESS_BYTES),
                wait: None,
            },
        )
    }

    /// Whether there is no body.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Accuro asks for the body.
    pub(super) fn release(&self) {
        if let Some(state) = &self.0 {
            state.held.store(false, Ordering::Release);
            state.release.wake();
        }
    }

    /// The exchange is over: a body that Accuro never asked for is not sent any more.
    pub(super) fn end(&self) {
        if let Some(state) = &self.0 {
            state.over.store(true, Ordering::Release);
            state.release.wake();
        }
    }

    /// Bytes sent so far.
    pub(super) fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |state| state.bytes.load(Ordering::Relaxed))
    }

    /// Since when it is Accuro's turn, as everything has been sent; `None` before, and without a body.
    pub(super) fn ended(&self) -> Option<Instant> {
        self.0.as_ref().and_then(|state| state.ended.get().copied())
    }

    /// Whether it is the app that keeps Accuro waiting.
    pub(super) fn waits_for_app(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.waits_for_app.load(Ordering::Acquire))
    }

    /// Why the app's body broke, if it did.
    pub(super) fn failure(&self) -> Option<UploadFailure> {
        self.0.as_ref().and_then(|state| state.failure.get().copied())
    }

    /// The body of a token call, to be read once; empty for others.
    pub(super) fn take_copy(&self) -> Zeroizing<Vec<u8>> {
        let copy = self.0.as_ref().and_then(|state| state.copy.as_ref());
        copy.map(|copy| std::mem::take(&mut *copy.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }
}

impl State {
    fn take(&self, data: &[u8]) {
        self.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        if let Some(copy) = &self.copy {
            let mut copy = copy.lock().unwrap_or_else(PoisonError::into_inner);
            let room = grants::MAX_BODY_BYTES.saturating_sub(copy.len());
            copy.extend_from_slice(&data[..data.len().min(room)]);
        }
    }

    fn end(&self) {
        self.ended.get_or_init(Instant::now);
    }

    fn fail(&self, failure: UploadFailure) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        // The first failure is the cause.
        let _ = self.failure.set(failure);
        Poll::Ready(Some(Err(UploadFailed)))
    }
}

impl UploadBody {
    /// No body.
    pub(super) const fn empty() -> Self {
        Self { body: None, state: None, patience: Patience::new(Duration::ZERO, 0), wait: None }
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = UploadFailed;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        let this = self.get_mut();
        let (Some(body), Some(state)) = (&mut this.body, &this.state) else {
            return Poll::Ready(None);
        };
        if state.held.load(Ordering::Acquire) {
            state.release.register(cx.waker());
            if state.over.load(Ordering::Acquire) {
                return Poll::Ready(Some(Err(UploadFailed)));
            }
            let wait = this.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(CONTINUE_WAIT)));
            if state.held.load(Ordering::Acquire) {
                ready!(wait.as_mut().poll(cx));
                state.held.store(false, Ordering::Release);
            }
        }
        let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else {
            state.waits_for_app.store(true, Ordering::Release);
            ready!(this.patience.poll_wait(cx));
            return state.fail(UploadFailure::Stalled);
        };
        state.waits_for_app.store(false, Ordering::Release);
        let length = |frame: &Frame<Bytes>| frame.data_ref().map_or(0, Bytes::len);
        this.patience.progress(frame.as_ref().and_then(|f| f.as_ref().ok()).map_or(0, length));
        match frame {
            Some(Ok(mut frame)) => {
                if let Some(data) = frame.data_ref() {
                    state.take(data);
                }
                if let Some(trailers) = frame.trailers_mut() {
                    headers::strip_own(trailers);
                    headers::strip_hop_by_hop(trailers);
                }
                if body.is_end_stream() {
                    state.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => state.fail(UploadFailure::Broken),
            None => {
                state.end();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
