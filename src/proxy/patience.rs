//! How long one side of a body may keep the other one waiting.
//!
//! Owns the difference between a side that is slow and one that is not asked: time in which nobody
//! wants more bytes does not count, else a slow app would look like a slow Accuro, or the reverse.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// What an app has to send or take, at least, while it is waited for as long as a body may pause. One
/// byte now and then would hold a connection for ever.
pub(super) const MIN_PROGRESS_BYTES: usize = 1_024;

/// How long a side has been waited for since it last made progress.
pub(super) struct Patience {
    timeout: Duration,
    least_bytes: usize,
    waited: Duration,
    since: Option<Instant>,
    fresh_bytes: usize,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// Patience that is renewed by every so many bytes; 0: by anything.
    pub(super) const fn new(timeout: Duration, least_bytes: usize) -> Self {
        let (waited, since, fresh_bytes, sleep) = (Duration::ZERO, None, 0, None);
        Self { timeout, least_bytes, waited, since, fresh_bytes, sleep }
    }

    /// Nothing is there; ready once that has lasted too long.
    pub(super) fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (left, now) = (self.timeout.saturating_sub(self.waited), Instant::now());
        let begins = self.since.is_none();
        let end = *self.since.get_or_insert(now) + left;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        if begins {
            sleep.as_mut().reset(end);
        }
        sleep.as_mut().poll(cx)
    }

    /// So many bytes are there.
    pub(super) fn progress(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
        self.fresh_bytes += bytes;
        if self.fresh_bytes >= self.least_bytes {
            (self.fresh_bytes, self.waited) = (0, Duration::ZERO);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_over(patience: &mut Patience) -> bool {
        std::future::poll_fn(|cx| Poll::Ready(patience.poll_wait(cx).is_ready())).await
    }

    #[tokio::test(start_paused = true)]
    async fn only_time_that_is_waited_counts_and_single_bytes_do_not_renew_it() {
        let second = Duration::from_secs(1);
        let mut patience = Patience::new(second * 10, 100);
        assert!(!is_over(&mut patience).await);
        tokio::time::advance(second * 6).await;
        patience.progress(1);
        // Nobody asks for more.
        tokio::time::advance(second * 60).await;
        assert!(!is_over(&mut patience).await);
        tokio::time::advance(second * 5).await;
        assert!(is_over(&mut patience).await, "eleven seconds for one byte");

        let mut patience = Patience::new(second * 10, 100);
        for _ in 0..5 {
            assert!(!is_over(&mut patience).await);
            tokio::time::advance(second * 6).await;
            patience.progress(100);
        }
    }
}
