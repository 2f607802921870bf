//! How many calls Accuro can take at a time, found out by how it answers.
//!
//! Owns the limit (additive increase, multiplicative decrease, as TCP does: Chiu and Jain, 1989) and
//! who is turned away at it. It starts at its upper end and falls only when Accuro says or shows that
//! it has too much, so a healthy Accuro never notices it. There is no queue: what waits here would
//! only come too late.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::class::Priority;
use crate::domain::reason::{Ending, Reason};

/// Between which ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyRules {
    /// The lower end.
    pub min: u32,
    /// The upper end, where it starts.
    pub max: u32,
}

/// The limit falls at most this often, since one overload fails many calls at once.
const CUT_EVERY_MS: u64 = 1_000;
/// So long after the last cut Accuro is calm again.
const CALM_MS: u64 = 30_000;
/// What is left of the limit at a cut, in percent.
const CUT_PERCENT: u64 = 90;
/// The share of the limit that background work may use, in percent.
const BACKGROUND_PERCENT: u64 = 75;
/// Parts of one call, so that the limit can grow by less than one.
const PARTS: u64 = 1_000;

/// What a call's end says about Accuro's load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// It was answered.
    Fine,
    /// Accuro has too much.
    TooMuch,
    /// Nothing.
    Silent,
}

impl Load {
    /// What the end of a call that was sent says.
    #[must_use]
    pub const fn of(ending: Ending) -> Self {
        match (ending, ending.reason()) {
            (Ending::Aborted, _) => Self::Silent,
            (
                _,
                Some(
                    Reason::RateLimited
                    | Reason::UpstreamUnavailable
                    | Reason::ResponseTimeout
                    | Reason::ConnectFailed,
                ),
            ) => Self::TooMuch,
            _ => Self::Fine,
        }
    }
}

/// The limit and what is under way.
#[derive(Debug)]
pub struct Concurrency {
    rules: ConcurrencyRules,
    parts: AtomicU64,
    under_way: AtomicU32,
    cut_at_ms: AtomicU64,
}

impl Concurrency {
    /// With nothing under way.
    #[must_use]
    pub fn new(rules: ConcurrencyRules) -> Self {
        Self {
            rules,
            parts: AtomicU64::new(u64::from(rules.max) * PARTS),
            under_way: AtomicU32::new(0),
            cut_at_ms: AtomicU64::new(0),
        }
    }

    /// The limit, in calls.
    #[must_use]
    pub fn limit(&self) -> u32 {
        u32::try_from(self.parts.load(Ordering::Relaxed) / PARTS).unwrap_or(u32::MAX)
    }

    /// Calls under way.
    #[must_use]
    pub fn under_way(&self) -> u32 {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Lets a call in if there is room for one of its priority. Who is let in has to
    /// [`leave`](Self::leave).
    #[must_use]
    pub fn enter(&self, priority: Priority) -> bool {
        let before = self.under_way.fetch_add(1, Ordering::AcqRel);
        let room = before < room(self.limit(), priority);
        if !room {
            self.under_way.fetch_sub(1, Ordering::AcqRel);
        }
        room
    }

    /// A call has ended.
    pub fn leave(&self, load: Load, now_ms: u64) {
        let under_way = self.under_way.fetch_sub(1, Ordering::AcqRel);
        let parts = self.parts.load(Ordering::Relaxed);
        let max = u64::from(self.rules.max) * PARTS;
        match load {
            Load::Silent => {}
            // At the top, which is where a healthy Accuro keeps it, there is nothing to do.
            Load::Fine if parts >= max => {}
            Load::Fine => {
                let last = self.cut_at_ms.load(Ordering::Relaxed);
                let is_calm = now_ms.saturating_sub(last) >= CALM_MS;
                self.parts.store(grown(parts, under_way, is_calm).min(max), Ordering::Relaxed);
            }
            Load::TooMuch => {
                let last = self.cut_at_ms.load(Ordering::Relaxed);
                let due = last == 0 || now_ms.saturating_sub(last) >= CUT_EVERY_MS;
                let mark = |to| {
                    self.cut_at_ms.compare_exchange(last, to, Ordering::AcqRel, Ordering::Acquire)
                };
                if due && mark(now_ms.max(1)).is_ok() {
                    let cut = (parts * CUT_PERCENT / 100).max(u64::from(self.rules.min) * PARTS);
                    self.parts.store(cut.min(parts), Ordering::Relaxed);
                }
            }
        }
    }
}

/// How many calls of a priority may be under way.
const fn room(limit: u32, priority: Priority) -> u32 {
    match priority {
        Priority::Interactive => limit,
        #[expect(clippy::cast_possible_truncation, reason = "a part of a u32")]
        Priority::Background => (limit as u64 * BACKGROUND_PERCENT / 100) as u32,
    }
}

/// One more call after as many good ends as the limit has calls, if the limit is in use; one more at
/// each good end once Accuro has been calm, so that a bad night does not limit the morning.
fn grown(parts: u64, under_way: u32, is_calm: bool) -> u64 {
    let in_use = u64::from(under_way) * 2 * PARTS >= parts;
    match (is_calm, in_use) {
        (true, _) => parts + PARTS,
        (false, true) => parts + PARTS * PARTS / parts.max(1),
        (false, false) => parts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: ConcurrencyRules = ConcurrencyRules { min: 4, max: 100 };

    #[test]
    fn background_work_gives_way_first() {
        let limit = Concurrency::new(RULES);
        for _ in 0..75 {
            assert!(limit.enter(Priority::Background));
        }
        assert!(!limit.enter(Priority::Background));
        for _ in 75..100 {
            assert!(limit.enter(Priority::Interactive));
        }
        assert!(!limit.enter(Priority::Interactive));
        assert_eq!(limit.under_way(), 100, "who was turned away is not counted");
    }

    #[test]
    fn falls_by_a_tenth_a_second_and_grows_by_one_a_round() {
        let limit = Concurrency::new(RULES);
        let one = |load, now| {
            for _ in 0..60 {
                let _ = limit.enter(Priority::Interactive);
            }
            for _ in 0..60 {
                limit.leave(load, now);
            }
        };
        one(Load::TooMuch, 5);
        assert_eq!(limit.limit(), 90, "once, although sixty failed");
        one(Load::TooMuch, 1_005);
        assert_eq!(limit.limit(), 81);
        one(Load::Silent, 3_000);
        assert_eq!(limit.limit(), 81);
        one(Load::Fine, 4_000);
        assert_eq!(limit.limit(), 81, "sixty good ends are less than a round of eighty-one");
        for _ in 0..6 {
            one(Load::Fine, 4_000);
        }
        assert_eq!(limit.limit(), 82, "only ends while the limit is in use count");
    }

    #[test]
    fn a_bad_night_does_not_limit_the_morning() {
        let limit = Concurrency::new(RULES);
        for second in 0..60 {
            assert!(limit.enter(Priority::Interactive));
            limit.leave(Load::TooMuch, second * 1_000);
        }
        assert_eq!(limit.limit(), RULES.min);
        for _ in 0..96 {
            assert!(limit.enter(Priority::Interactive));
            limit.leave(Load::Fine, 100_000);
        }
        assert_eq!(limit.limit(), RULES.max);
    }

    #[test]
    fn what_shows_too_much_load() {
        for reason in Reason::ALL {
            let too_much = matches!(
                reason,
                Reason::RateLimited
                    | Reason::UpstreamUnavailable
                    | Reason::ResponseTimeout
                    | Reason::ConnectFailed
            );
            let expected = if too_much { Load::TooMuch } else { Load::Fine };
            assert_eq!(Load::of(Ending::failed(*reason)), expected, "{reason}");
        }
    }

    proptest! {
        /// Whatever Accuro does, the limit stays between its ends, and nobody is counted twice.
        #[test]
        fn the_limit_stays_between_its_ends(steps in proptest::collection::vec((any::<bool>(), 0u8..3, 0u64..2_000), 1..300)) {
            let limit = Concurrency::new(RULES);
            let (mut under_way, mut now) = (0, 0);
            for (enters, load, step) in steps {
                now += step;
                if enters {
                    under_way += u32::from(limit.enter(Priority::Interactive));
                } else if under_way > 0 {
                    limit.leave([Load::Fine, Load::TooMuch, Load::Silent][usize::from(load)], now);
                    under_way -= 1;
                }
                prop_assert!((RULES.min..=RULES.max).contains(&limit.limit()));
                prop_assert_eq!(limit.under_way(), under_way);
            }
        }
    }
}
