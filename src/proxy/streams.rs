//! The streams of HTTP/2 connections: how many are under way, and that none sleeps for ever.
//!
//! Owns the tasks that the library makes of them. What a stream carries is a call like any other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use hyper::rt::Executor;
use tokio_util::task::TaskTracker;

use super::Shared;

/// What an HTTP/2 stream may sleep beyond the longest limit that would wake it.
const STREAM_GRACE: Duration = Duration::from_secs(1);

/// Runs the tasks that the library makes of HTTP/2 streams, so that a stop waits for them too, and
/// ends those whose app takes nothing any more.
#[derive(Clone)]
pub(super) struct Tracked {
    tracker: TaskTracker,
    patience: Duration,
    /// The connection's streams that are under way.
    under_way: Arc<AtomicUsize>,
}

impl Tracked {
    pub(super) fn of(tracker: &TaskTracker, shared: &Shared) -> Self {
        let longest = shared.response_timeout().max(shared.body_idle_timeout());
        let under_way = Arc::default();
        Self { tracker: tracker.clone(), patience: longest + STREAM_GRACE, under_way }
    }

    /// Whether no stream is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }
}

/// A stream that is under way, until it is dropped.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn of(all: &Arc<AtomicUsize>) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(all))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<F> Executor<F> for Tracked
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        // An app that gives a stream no room lets it sleep for ever, and its call with it. Everything
        // else that a stream waits for has a limit of its own that wakes it.
        let patience = self.patience;
        let under_way = UnderWay::of(&self.under_way);
        self.tracker.spawn(async move {
            let _under_way = under_way;
            let mut task = std::pin::pin!(task);
            let mut stalled = std::pin::pin!(tokio::time::sleep(patience));
            std::future::poll_fn(|cx| {
                if task.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                // Woken by the limit itself, or by something that moves the stream?
                if stalled.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                stalled.as_mut().reset(tokio::time::Instant::now() + patience);
                stalled.as_mut().poll(cx)
            })
            .await;
        });
    }
}
