//! A read that is sent again: the pause, and what has to be true for it.
//!
//! Owns the waiting. The decision is `domain::admission::retry`'s, the budget `admit`'s, and what is
//! sent is `forward.rs`'s. A call keeps its app's time: all sends and pauses together take no longer
//! than `upstream.response_timeout`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::Response;
use http::header::RETRY_AFTER;
use hyper::body::Incoming;

use super::Shared;
use super::call::OpenCall;
use crate::domain::admission::retry::{self, Failed, SendFailure};
use crate::domain::classify::Transport;

/// What is known of the sends of one read.
pub(super) struct Sends {
    begun: Instant,
    number: u32,
    /// Something of an answer has gone to the app: an interim response.
    pub(super) app_has_seen: Arc<AtomicBool>,
}

impl Sends {
    pub(super) fn begin(shared: &Shared) -> Self {
        Self { begun: shared.clock.instant(), number: 0, app_has_seen: Arc::default() }
    }

    /// One more.
    pub(super) const fn count(&mut self) {
        self.number += 1;
    }

    /// The last one met nobody.
    pub(super) const fn uncount(&mut self) {
        self.number -= 1;
    }

    /// What is left of the app's time.
    pub(super) fn left(&self, shared: &Shared) -> Duration {
        shared.response_timeout().saturating_sub(shared.clock.elapsed(self.begun))
    }

    /// Waits if the read may be sent again after an answer; `false` if the answer is for the app.
    pub(super) async fn again_after(
        &self,
        shared: &Shared,
        call: &OpenCall,
        answer: &Response<Incoming>,
    ) -> bool {
        let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let asked = asked.and_then(|value| retry::retry_after(value, shared.clock.now()));
        self.again(shared, call, SendFailure::Status(answer.status().as_u16()), asked).await
    }

    /// Waits if the read may be sent again after there was no answer.
    pub(super) async fn again_without(
        &self,
        shared: &Shared,
        call: &OpenCall,
        transport: Transport,
    ) -> bool {
        let failure = match transport {
            Transport::Dns | Transport::Connect | Transport::Tls => SendFailure::Connect,
            Transport::ResponseTimeout | Transport::Broken => SendFailure::Other,
        };
        self.again(shared, call, failure, None).await
    }

    async fn again(
        &self,
        shared: &Shared,
        call: &OpenCall,
        failure: SendFailure,
        retry_after: Option<Duration>,
    ) -> bool {
        if self.app_has_seen.load(Ordering::Acquire) {
            return false;
        }
        let failed = Failed {
            failure,
            sends: self.number,
            retry_after,
            left: self.left(shared),
            circuit_closed: shared.admission.circuit_closed(&call.pass),
            random: fastrand::f64(),
        };
        let withheld = match retry::pause(shared.admission.retry, failed) {
            Ok(pause) if shared.admission.spend_retry() => {
                tokio::time::sleep(pause).await;
                shared.metrics.retries.inc();
                return true;
            }
            Ok(_) => retry::Withheld::Budget,
            Err(Some(withheld)) => withheld,
            Err(None) => return false,
        };
        shared.metrics.retries_withheld.with_label_values(&[withheld.as_str()]).inc();
        false
    }
}
