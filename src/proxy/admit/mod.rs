//! Admission in the call path: which calls go on to Accuro, in which order they are asked.
//!
//! | asked | file | costs, when nothing is wrong |
//! | --- | --- | --- |
//! | are writes off? | here | two loads |
//! | has this app, this clinic called too often? | `limits.rs` | nothing, or one atomic word each |
//! | is Accuro left alone? | here | one load, and two words at the call's end |
//! | can Accuro take one more? | here | two words |
//! | was this write sent before? | `keyed.rs` | a look at one header |
//!
//! Owns the state that calls share and the [`Pass`] that a call holds until it ends. The rules are in
//! `domain::admission`. Waits for nothing but the shared ledger of keyed writes.

mod keyed;
mod limits;
mod sealed;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyed::Keyed;
pub(super) use keyed::{Found, HeldClaim, claim};
pub use keyed::{LedgerUnreachable, SharedClaims};
use limits::Limits;
pub(super) use sealed::SealedAnswers;

use super::call::OpenCall;
use crate::clock::Clock;
use crate::config::AdmissionConfig;
use crate::domain::admission::breaker::{Breaker, Change, Passage, Sign, State};
use crate::domain::admission::claims::Claims;
use crate::domain::admission::class::{Priority, RouteClass};
use crate::domain::admission::concurrency::{Concurrency, Load};
use crate::domain::admission::read_only::{ReadOnly, ReadOnlyCause};
use crate::domain::admission::retry::{self, RetryRules};
use crate::domain::admission::window::Window;
use crate::domain::event::Exchange;
use crate::domain::labels::Category;
use crate::domain::reason::{Ending, Reason};
use crate::domain::refusal::{Refusal, refusal};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

/// Retries are budgeted by the calls of so many milliseconds.
const BUDGET_WINDOW_MS: u64 = 10_000;

/// What admission is given at the start.
pub struct AdmissionParts {
    /// Whether writes are off; the ops site sets it too.
    pub read_only: Arc<ReadOnly>,
    /// The keyed writes of earlier runs.
    pub claims: Claims,
    /// Where keys are claimed across instances, if there are several.
    pub shared_claims: Option<Arc<dyn SharedClaims>>,
}

/// What calls share.
pub(super) struct Admission {
    pub(super) retry: RetryRules,
    budget: Window,
    breakers: Box<[Breaker]>,
    concurrency: Concurrency,
    limits: Limits,
    read_only: Arc<ReadOnly>,
    pub(super) keyed: Keyed,
    begun: Instant,
    metrics: Arc<Metrics>,
    clock: Clock,
}

/// What a call holds until it ends; empty until it is let through.
#[derive(Default)]
pub(super) struct Pass(Option<(RouteClass, Passage)>);

/// Why a call is turned away, and what is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turned {
    pub(super) reason: Reason,
    pub(super) words: Refusal,
    /// When trying again makes sense.
    pub(super) retry_after: Option<Duration>,
}

impl Turned {
    pub(super) fn of(reason: Reason, retry_after: Option<Duration>) -> Self {
        Self { reason, words: refusal(reason), retry_after }
    }
}

impl Admission {
    pub(super) fn new(
        config: &AdmissionConfig,
        parts: AdmissionParts,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Self {
        let breakers = config.breaker.map_or_else(Box::default, |rules| {
            RouteClass::ALL.iter().map(|_| Breaker::new(rules)).collect()
        });
        let concurrency = Concurrency::new(config.limits.in_flight);
        metrics.upstream_limit.set(i64::from(concurrency.limit()));
        let configured = i64::from(config.read_only);
        metrics.read_only.with_label_values(&[ReadOnlyCause::Configured.as_str()]).set(configured);
        Self {
            retry: config.retry,
            budget: Window::new(BUDGET_WINDOW_MS),
            breakers,
            concurrency,
            limits: Limits::new(&config.limits),
            read_only: parts.read_only,
            keyed: Keyed::new(&config.idempotency, parts.claims, parts.shared_claims),
            begun: clock.instant(),
            metrics,
            clock,
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.elapsed(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether a call may ask for anything: writes are on, and its app and clinic have not called too
    /// often.
    ///
    /// # Errors
    ///
    /// Why it is turned away.
    pub(super) fn may_ask(&self, call: &mut OpenCall) -> Result<(), Turned> {
        let Some(exchange) = call.exchange() else { return Ok(()) };
        if exchange.mutation
            && let Some(cause) = self.read_only.cause(exchange.ts)
        {
            let left = self.read_only.flapping_left(exchange.ts);
            let left = (cause == ReadOnlyCause::Flapping).then_some(left);
            return Err(Turned::of(Reason::ReadOnly, left));
        }
        self.limits.check(exchange.app.as_ref(), exchange.clinic.as_ref()).map_err(|limited| {
            self.metrics.limit_refusals.with_label_values(&[limited.limit]).inc();
            Turned::of(Reason::RateLimit, Some(limited.wait))
        })
    }

    /// Lets a call through to Accuro.
    ///
    /// # Errors
    ///
    /// Why it is turned away.
    pub(super) fn enter(&self, call: &mut OpenCall) -> Result<(), Turned> {
        let Some(exchange) = call.exchange() else { return Ok(()) };
        let class = RouteClass::of(exchange.domain, exchange.mutation);
        let priority = Priority::of(exchange.context, class);
        let passage = match self.breakers.get(class.index()) {
            None => Passage::Ordinary,
            Some(breaker) => match breaker.pass(self.now_ms()) {
                Ok(Passage::Ordinary) => Passage::Ordinary,
                Ok(Passage::Probe) => {
                    self.show(class, State::HalfOpen);
                    Passage::Probe
                }
                Err(wait_ms) => {
                    let wait = Duration::from_millis(wait_ms);
                    return Err(Turned::of(Reason::CircuitOpen, Some(wait)));
                }
            },
        };
        if self.concurrency.enter(priority) {
            call.pass = Pass(Some((class, passage)));
            return Ok(());
        }
        if let (Passage::Probe, Some(breaker)) = (passage, self.breakers.get(class.index())) {
            breaker.ended(passage, Sign::Nothing, 0, self.now_ms());
            self.show(class, breaker.state());
        }
        let limit = match priority {
            Priority::Background => "in_flight_background",
            Priority::Interactive => "in_flight",
        };
        self.metrics.limit_refusals.with_label_values(&[limit]).inc();
        Err(Turned::of(Reason::Overloaded, Some(Duration::from_secs(1))))
    }

    /// A call that was let through has ended, or has nothing more to do with Accuro.
    pub(super) fn leave(&self, pass: &mut Pass, exchange: &Exchange, ending: Ending) {
        let Some((class, passage)) = pass.0.take() else { return };
        // Without a connection nothing was sent, and that is a sign too.
        let failed = ending.category() == Some(Category::Transient);
        let (sign, load) = if exchange.attempts > 0 || failed {
            (Sign::of(ending), Load::of(ending))
        } else {
            (Sign::Nothing, Load::Silent)
        };
        let now_ms = self.now_ms();
        self.concurrency.leave(load, now_ms);
        if load == Load::TooMuch || self.concurrency.limit() != self.shown_limit() {
            self.metrics.upstream_limit.set(i64::from(self.concurrency.limit()));
        }
        let Some(breaker) = self.breakers.get(class.index()) else { return };
        let change = breaker.ended(passage, sign, clinic_number(exchange), now_ms);
        if change.is_some() || passage == Passage::Probe {
            self.show(class, breaker.state());
        }
        match change {
            Some(Change::Opened) => self.opened(class),
            Some(Change::Closed) => events::circuit_closed(class.as_str()),
            Some(Change::StaysOpen) | None => {}
        }
    }

    fn shown_limit(&self) -> u32 {
        u32::try_from(self.metrics.upstream_limit.get()).unwrap_or(0)
    }

    fn opened(&self, class: RouteClass) {
        events::circuit_opened(class.as_str());
        self.metrics.breaker_openings.with_label_values(&[class.as_str()]).inc();
        if self.read_only.opened(self.clock.now()) {
            events::accuro_flaps();
        }
    }

    fn show(&self, class: RouteClass, state: State) {
        self.metrics.breaker_state.with_label_values(&[class.as_str()]).set(state.number());
    }

    /// Counts a call for the budget of retries.
    pub(super) fn count_for_budget(&self) {
        self.budget.count(self.now_ms(), false);
    }

    /// Spends one retry of the budget; `false` if there is none.
    pub(super) fn spend_retry(&self) -> bool {
        self.budget.try_hit(self.now_ms(), |counts| retry::budget_allows(self.retry, counts))
    }

    /// Whether the breaker of a call lets others through, and the call is no probe.
    pub(super) fn circuit_closed(&self, pass: &Pass) -> bool {
        pass.0.is_none_or(|(class, passage)| {
            let closed = |breaker: &Breaker| breaker.state() == State::Closed;
            passage == Passage::Ordinary && self.breakers.get(class.index()).is_none_or(closed)
        })
    }
}

/// A number for a clinic, for counting different ones.
fn clinic_number(exchange: &Exchange) -> u64 {
    let mut hasher = DefaultHasher::new();
    exchange.clinic.hash(&mut hasher);
    hasher.finish()
}
