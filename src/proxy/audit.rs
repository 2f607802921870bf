//! Mutations and the audit: no write without an intent on the disk, and an outcome for each.
//!
//! Owns when the call path asks for audit records, and that a write that is under way is followed to
//! its end even if the app hangs up. Reads never come here. What a record says is `domain::audit`'s
//! business; how it becomes durable is `journal::audit`'s.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::call::OpenCall;
use super::forward::Forwarded;
use super::watch;
use crate::domain::audit::{Entry, Kind};
use crate::domain::event::Exchange;
use crate::domain::labels::Outcome;
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;
use crate::journal::audit::{AuditLog, AuditUnavailable};

/// What the calls share of the audit.
pub(super) struct Writes {
    log: AuditLog,
    /// Writes that are followed to their end without their app.
    followed: TaskTracker,
    cut: CancellationToken,
}

/// What a call has left in the audit so far.
#[derive(Default)]
pub(super) struct Trail {
    idempotency_ref: Option<Reference>,
    intended: bool,
}

impl Trail {
    /// The call's key is known already.
    pub(super) fn keyed(&mut self, reference: Reference) {
        self.idempotency_ref = Some(reference);
    }
}

impl Writes {
    pub(super) fn new(log: AuditLog) -> Self {
        Self { log, followed: TaskTracker::new(), cut: CancellationToken::new() }
    }

    /// Makes a mutation's intent durable. Nothing may be sent before that.
    ///
    /// # Errors
    ///
    /// [`AuditUnavailable`]; then nothing may be sent.
    pub(super) async fn intend(&self, call: &mut OpenCall) -> Result<(), AuditUnavailable> {
        let key = call.trail.idempotency_ref.clone();
        let Some(exchange) = call.exchange() else { return Err(AuditUnavailable) };
        let intent = Entry::of_call(Kind::Intent, exchange, key);
        self.log.append(intent).await?;
        call.trail.intended = true;
        Ok(())
    }

    /// A call has ended: keeps what became of it, if it was to change something.
    pub(super) fn ended(&self, call: &Exchange, trail: &mut Trail) {
        if !call.mutation {
            return;
        }
        let key = trail.idempotency_ref.take();
        let reason = call.ending.reason();
        match (trail.intended, call.attempts) {
            (true, 1..) => self.log.note(Entry::outcome(call, key)),
            (true, 0) => self.log.note(Entry::refused(call, key, reason)),
            // What the audit itself refused is counted there, and said as a gap. An app that hung up
            // before anything was durable asked for nothing that is worth a record.
            (false, _) if reason == Some(Reason::AuditUnavailable) => {}
            (false, _) if call.ending.outcome() == Outcome::Failed => {
                self.log.note(Entry::refused(call, key, reason));
            }
            (false, _) => {}
        }
    }

    /// Waits for writes whose app has hung up.
    pub(super) async fn drained(&self) {
        self.followed.close();
        self.followed.wait().await;
    }

    /// Stops following; what is under way has no known result.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    /// Sends a write, and goes on with it if the app hangs up.
    pub(super) fn follow(
        &self,
        sending: impl Future<Output = (OpenCall, Forwarded)> + Send + 'static,
        longest: Duration,
    ) -> Following {
        Following { sending: Some(Box::pin(sending)), after: self.after(longest) }
    }

    /// Where what is left of a write goes on without its app, for so long at most.
    pub(super) fn after(&self, longest: Duration) -> After {
        After { longest, followed: self.followed.clone(), cut: self.cut.clone() }
    }
}

/// What is left of a write whose app has hung up.
pub(super) struct After {
    longest: Duration,
    followed: TaskTracker,
    cut: CancellationToken,
}

impl After {
    /// Goes on to the end, or drops it: then the call is recorded as aborted, as it stands.
    pub(super) fn go_on(&self, rest: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (cut, longest) = (self.cut.clone(), self.longest);
        let to_the_end = async move {
            tokio::select! {
                () = rest => {}
                () = tokio::time::sleep(longest) => {}
                () = cut.cancelled() => {}
            }
        };
        drop(self.followed.spawn_on(to_the_end, &runtime));
    }
}

type Sending = Pin<Box<dyn Future<Output = (OpenCall, Forwarded)> + Send>>;

/// A write on its way. Whoever drops it before its end leaves it to the runtime.
pub(super) struct Following {
    sending: Option<Sending>,
    after: After,
}

impl Future for Following {
    type Output = (OpenCall, Forwarded);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(sending) = self.sending.as_mut() else { return Poll::Pending };
        let sent = ready!(sending.as_mut().poll(cx));
        self.sending = None;
        Poll::Ready(sent)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(sending) = self.sending.take() {
            self.after.go_on(async move {
                let (call, forwarded) = sending.await;
                abandoned(call, forwarded).await;
            });
        }
    }
}

/// The answer to a write whose app has hung up: its status counts, and the rest of it only where the
/// app may ask for it again.
async fn abandoned(mut call: OpenCall, forwarded: Forwarded) {
    if let Forwarded::Answered(answer) = forwarded {
        call.answered(answer.status().as_u16());
        if let Some(whom) = call.kept_for(None) {
            let (head, body) = answer.into_parts();
            return watch::to_the_end(head, body, call, whom).await;
        }
    }
    call.end_abandoned();
}
