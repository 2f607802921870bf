//! The request's body on its way to Accuro: counted, timed, and held back until it is wanted.
//!
//! Owns `Expect: 100-continue` (RFC 9110, 10.1.1): the body waits until Accuro asks for it, answers,
//! or a second has passed. Keeps nothing of a body but the small ones of token calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};
use zeroize::Zeroizing;

use super::grants;
use super::identify::Reads;

/// How long a body waits for Accuro to ask for it; a server may never ask.
const CONTINUE_WAIT: Duration = Duration::from_secs(1);

/// What the call knows of its upload; a body without bytes has none.
#[derive(Clone, Default)]
pub(super) struct Upload(Option<Arc<State>>);

#[derive(Default)]
struct State {
    bytes: AtomicU64,
    ended: AtomicBool,
    /// The app's body broke, stalled or stopped: the failure is not Accuro's.
    failed: AtomicBool,
    held: AtomicBool,
    release: AtomicWaker,
    copy: Option<Mutex<Zeroizing<Vec<u8>>>>,
}

/// The app's body broke off.
#[derive(Debug, thiserror::Error)]
#[error("the request's body stopped early")]
pub(super) struct UploadFailed;

pin_project_lite::pin_project! {
    /// The body that is sent to Accuro.
    pub(super) struct UploadBody {
        #[pin]
        body: Incoming,
        state: Option<Arc<State>>,
        idle_timeout: Duration,
        idle: Option<Pin<Box<Sleep>>>,
        wait: Option<Pin<Box<Sleep>>>,
    }
}

impl Upload {
    /// Wraps a request's body. `held` bodies wait for [`Upload::release`].
    pub(super) fn of(
        body: Incoming,
        reads: Reads,
        held: bool,
        idle_timeout: Duration,
    ) -> (Self, UploadBody) {
        let state = (!body.is_end_stream()).then(|| {
            Arc::new(State {
                held: AtomicBool::new(held),
                copy: (reads != Reads::AnswerShape).then(Mutex::default),
                ..State::default()
            })
        });
        let upload = Self(state.clone());
        (upload, UploadBody { body, state, idle_timeout, idle: None, wait: None })
    }

    /// Accuro asks for the body.
    pub(super) fn release(&self) {
        if let Some(state) = &self.0 {
            state.held.store(false, Ordering::Release);
            state.release.wake();
        }
    }

    /// Bytes sent so far.
    pub(super) fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |state| state.bytes.load(Ordering::Relaxed))
    }

    /// Whether everything has been sent, so that it is Accuro's turn.
    pub(super) fn has_ended(&self) -> bool {
        self.0.as_ref().is_none_or(|state| state.ended.load(Ordering::Acquire))
    }

    /// Whether the app's body broke.
    pub(super) fn has_failed(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.failed.load(Ordering::Acquire))
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
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = UploadFailed;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        let mut this = self.project();
        let Some(state) = this.state else { return Poll::Ready(None) };
        if state.held.load(Ordering::Acquire) {
            state.release.register(cx.waker());
            let wait = this.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(CONTINUE_WAIT)));
            if state.held.load(Ordering::Acquire) {
                ready!(wait.as_mut().poll(cx));
                state.held.store(false, Ordering::Release);
            }
        }
        let Poll::Ready(frame) = this.body.as_mut().poll_frame(cx) else {
            let timeout = *this.idle_timeout;
            let idle = this.idle.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
            ready!(idle.as_mut().poll(cx));
            state.failed.store(true, Ordering::Release);
            return Poll::Ready(Some(Err(UploadFailed)));
        };
        if let Some(idle) = this.idle {
            idle.as_mut().reset(Instant::now() + *this.idle_timeout);
        }
        match frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    state.take(data);
                }
                if this.body.is_end_stream() {
                    state.ended.store(true, Ordering::Release);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => {
                state.failed.store(true, Ordering::Release);
                Poll::Ready(Some(Err(UploadFailed)))
            }
            None => {
                state.ended.store(true, Ordering::Release);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
