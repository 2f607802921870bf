//! A circuit breaker for one upstream: is a class of routes to be left alone for a while?
//!
//! Owns the three states and what moves between them. Only trouble of Accuro's own counts; a refused
//! sign-in, a missing record or a rejected request is an answer. One clinic's trouble never closes the
//! door to the others. A call that meets a closed breaker costs one atomic load.
//!
//! Modelled on Nygard, "Release It!"; the bar (samples, share, half-open with one probe) is the one
//! that Envoy and linkerd have in spirit, for a single upstream that cannot be replaced by another.

use std::sync::atomic::{AtomicU64, Ordering};

use super::window::{Counts, Marks, Window};
use crate::domain::labels::Category;
use crate::domain::reason::{Ending, Reason};

/// When it opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRules {
    /// Fewest calls in the window for a judgement.
    pub min_samples: u64,
    /// Share of failed ones from which it opens, in percent.
    pub failure_percent: u64,
    /// The window.
    pub window_ms: u64,
    /// How long it stays open before one call may try.
    pub open_ms: u64,
}

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Lets them through.
    Closed,
    /// Refuses them until a moment.
    Open {
        /// Monotonic, in milliseconds.
        until_ms: u64,
    },
    /// Has let one through, and waits for its end.
    HalfOpen,
}

impl State {
    /// The value of the metric: 0 closed, 1 open, 2 half open.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Closed => 0,
            Self::Open { .. } => 1,
            Self::HalfOpen => 2,
        }
    }

    const fn pack(self) -> u64 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 2,
            Self::Open { until_ms } => until_ms << 2 | 1,
        }
    }

    const fn unpack(word: u64) -> Self {
        match word & 3 {
            0 => Self::Closed,
            1 => Self::Open { until_ms: word >> 2 },
            _ => Self::HalfOpen,
        }
    }
}

/// How a call may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// As one of many.
    Ordinary,
    /// As the one whose end decides.
    Probe,
}

/// What a call's end says about Accuro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Accuro answered, with whatever.
    Answered,
    /// Accuro or the way to it did not manage.
    Failed,
    /// Nothing: the app hung up.
    Nothing,
}

impl Sign {
    /// The sign of a call that was sent. A 429 is an answer; the limit on concurrent calls heeds it.
    #[must_use]
    pub fn of(ending: Ending) -> Self {
        match (ending, ending.category(), ending.reason()) {
            (Ending::Aborted, ..) => Self::Nothing,
            (_, Some(Category::Transient), reason) if reason != Some(Reason::RateLimited) => {
                Self::Failed
            }
            _ => Self::Answered,
        }
    }
}

/// What changed at a call's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It opened.
    Opened,
    /// A probe failed, so it stays open.
    StaysOpen,
    /// A probe came back.
    Closed,
}

/// A breaker of one class of routes.
#[derive(Debug)]
pub struct Breaker {
    rules: BreakerRules,
    state: AtomicU64,
    samples: Window,
    seen: Marks,
    failing: Marks,
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub fn new(rules: BreakerRules) -> Self {
        Self {
            rules,
            state: AtomicU64::new(State::Closed.pack()),
            samples: Window::new(rules.window_ms),
            seen: Marks::new(rules.window_ms),
            failing: Marks::new(rules.window_ms),
        }
    }

    /// What it does now.
    #[must_use]
    pub fn state(&self) -> State {
        State::unpack(self.state.load(Ordering::Acquire))
    }

    /// Asks to pass.
    ///
    /// # Errors
    ///
    /// Milliseconds after which asking again makes sense.
    pub fn pass(&self, now_ms: u64) -> Result<Passage, u64> {
        match self.state() {
            State::Closed => Ok(Passage::Ordinary),
            State::Open { until_ms } if now_ms < until_ms => Err(until_ms - now_ms),
            // Of those that come at the same moment, one is let through.
            open @ State::Open { .. } if self.becomes(open, State::HalfOpen) => Ok(Passage::Probe),
            State::Open { .. } | State::HalfOpen => Err(1_000),
        }
    }

    /// Takes the end of a call in, at the clinic with the number `clinic`.
    pub fn ended(&self, passage: Passage, sign: Sign, clinic: u64, now_ms: u64) -> Option<Change> {
        if passage == Passage::Probe {
            return self.probed(sign, now_ms);
        }
        if sign == Sign::Nothing || self.state() != State::Closed {
            return None;
        }
        self.samples.count(now_ms, sign == Sign::Failed);
        self.seen.set(now_ms, clinic);
        if sign != Sign::Failed {
            return None;
        }
        self.failing.set(now_ms, clinic);
        let spread =
            Spread { seen: self.seen.number(now_ms), failing: self.failing.number(now_ms) };
        let opens = opens(self.rules, self.samples.counts(now_ms), spread)
            && self.becomes(State::Closed, self.open_from(now_ms));
        opens.then_some(Change::Opened)
    }

    fn probed(&self, sign: Sign, now_ms: u64) -> Option<Change> {
        let (next, change) = match sign {
            Sign::Answered => (State::Closed, Some(Change::Closed)),
            Sign::Failed => (self.open_from(now_ms), Some(Change::StaysOpen)),
            // It told nothing, so the next call may try at once.
            Sign::Nothing => (State::Open { until_ms: now_ms }, None),
        };
        if next == State::Closed {
            self.samples.clear();
        }
        self.becomes(State::HalfOpen, next).then_some(change).flatten()
    }

    const fn open_from(&self, now_ms: u64) -> State {
        State::Open { until_ms: now_ms + self.rules.open_ms }
    }

    fn becomes(&self, from: State, to: State) -> bool {
        let (from, to) = (from.pack(), to.pack());
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// How many clinics called, and at how many of them calls failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spread {
    seen: u32,
    failing: u32,
}

/// Whether a closed breaker opens.
const fn opens(rules: BreakerRules, counts: Counts, spread: Spread) -> bool {
    counts.all >= rules.min_samples
        && counts.hits * 100 >= rules.failure_percent * counts.all
        && (spread.failing >= 2 || spread.seen < 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: BreakerRules =
        BreakerRules { min_samples: 20, failure_percent: 50, window_ms: 10_000, open_ms: 10_000 };

    fn breaker_after(answered: u64, failed: u64) -> Breaker {
        let breaker = Breaker::new(RULES);
        for _ in 0..answered {
            breaker.ended(Passage::Ordinary, Sign::Answered, 0, 0);
        }
        for _ in 0..failed {
            breaker.ended(Passage::Ordinary, Sign::Failed, 0, 0);
        }
        breaker
    }

    #[test]
    fn only_accuro_s_own_trouble_is_a_failure() {
        for reason in Reason::ALL {
            let sign = Sign::of(Ending::failed(*reason));
            let transient = reason.category() == Category::Transient;
            let expected = if transient && *reason != Reason::RateLimited {
                Sign::Failed
            } else {
                Sign::Answered
            };
            assert_eq!(sign, expected, "{reason}");
        }
        assert_eq!(Sign::of(Ending::Aborted), Sign::Nothing);
        assert_eq!(Sign::of(Ending::Ok), Sign::Answered);
    }

    #[test]
    fn opens_from_twenty_samples_of_which_half_failed() {
        let open = |answered, failed| breaker_after(answered, failed).state() != State::Closed;
        for (answered, failed, expected) in
            [(0, 19, false), (0, 20, true), (10, 9, false), (10, 10, true), (11, 10, false)]
        {
            assert_eq!(open(answered, failed), expected, "{answered} {failed}");
        }
    }

    #[test]
    fn one_clinic_s_trouble_does_not_close_the_door_to_others() {
        let breaker = Breaker::new(RULES);
        breaker.ended(Passage::Ordinary, Sign::Answered, 1, 0);
        for _ in 0..100 {
            assert_eq!(breaker.ended(Passage::Ordinary, Sign::Failed, 0, 0), None);
        }
        assert_eq!(breaker.ended(Passage::Ordinary, Sign::Failed, 1, 0), Some(Change::Opened));
    }

    #[test]
    fn one_probe_decides() {
        for (sign, change, then) in [
            (Sign::Answered, Some(Change::Closed), State::Closed),
            (Sign::Failed, Some(Change::StaysOpen), State::Open { until_ms: 20_500 }),
            (Sign::Nothing, None, State::Open { until_ms: 10_500 }),
        ] {
            let breaker = breaker_after(0, 20);
            assert_eq!(breaker.pass(4_000), Err(6_000));
            // What was on its way when it opened tells nothing.
            assert_eq!(breaker.ended(Passage::Ordinary, Sign::Answered, 0, 5_000), None);
            assert_eq!(breaker.pass(10_000), Ok(Passage::Probe));
            assert_eq!(breaker.pass(10_000), Err(1_000), "one at a time");
            assert_eq!(breaker.ended(Passage::Probe, sign, 0, 10_500), change);
            assert_eq!(breaker.state(), then);
        }
    }

    #[test]
    fn old_failures_do_not_open_it_again() {
        let breaker = breaker_after(0, 20);
        assert_eq!(breaker.pass(10_000), Ok(Passage::Probe));
        breaker.ended(Passage::Probe, Sign::Answered, 0, 10_000);
        assert_eq!(breaker.ended(Passage::Ordinary, Sign::Failed, 0, 10_001), None);
    }

    proptest! {
        /// Whatever happens, an open breaker lets a call through again, and never two probes at once.
        #[test]
        fn it_never_stays_shut_and_never_has_two_probes(steps in proptest::collection::vec((0u64..4_000, 0u8..3), 1..200)) {
            let breaker = breaker_after(0, 20);
            let (mut now, mut probe) = (0, false);
            for (step, sign) in steps {
                now += step;
                let sign = [Sign::Answered, Sign::Failed, Sign::Nothing][usize::from(sign)];
                match breaker.pass(now) {
                    Ok(Passage::Probe) => {
                        prop_assert!(!probe);
                        probe = true;
                    }
                    Ok(Passage::Ordinary) => { breaker.ended(Passage::Ordinary, sign, 0, now); }
                    Err(_) if probe => { breaker.ended(Passage::Probe, sign, 0, now); probe = false; }
                    Err(wait) => prop_assert!(wait <= 10_000),
                }
            }
            if probe { breaker.ended(Passage::Probe, Sign::Answered, 0, now); }
            prop_assert!(breaker.pass(now + 10_000).is_ok());
        }
    }
}
