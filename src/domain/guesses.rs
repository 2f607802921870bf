//! How long somebody who signs in has to wait after failures.
//!
//! Owns two rules as values with time as a parameter: one for each account, doubling with every failure
//! up to an hour, and one over all accounts. NIST SP 800-63B-4, section 3.2.2, asks for such limits;
//! none here closes an account, or everybody could close everybody's by guessing. Does not know where
//! the counts are kept.

use std::time::Duration;

use super::time::Timestamp;

/// Failures in a row that cost nothing but the time to type.
const FREE: u32 = 4;
/// The first wait.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// Failures are forgotten after so long without another.
pub const FORGET: Duration = Duration::from_hours(24);

/// Failures in a row of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// When the last one was.
    pub last: Timestamp,
}

impl Failures {
    /// One more failure.
    #[must_use]
    pub fn one_more(before: Option<Self>, now: Timestamp) -> Self {
        let count = before.filter(|before| !before.is_forgotten(now)).map_or(0, |b| b.count);
        Self { count: count.saturating_add(1), last: now }
    }

    /// How long to wait before the next try; nothing if it may be made now.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Duration {
        let Some(doublings) = self.count.checked_sub(FREE + 1) else { return Duration::ZERO };
        let whole = FIRST_WAIT.saturating_mul(1u32.checked_shl(doublings).unwrap_or(u32::MAX));
        whole.min(LONGEST_WAIT).saturating_sub(now.since(self.last))
    }

    /// Whether they are too long ago to count.
    #[must_use]
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        now.since(self.last) >= FORGET
    }
}

/// Tries at all accounts together: so many at once, then one every so often (GCRA, as in ATM's
/// traffic management 4.0, section 4.4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// When the tries so far would be used up if they came at the pace.
    used_until: Option<Timestamp>,
}

impl Pace {
    /// One try every so often.
    const EVERY: Duration = Duration::from_secs(2);
    /// So many of them may come at once.
    const AT_ONCE: u32 = 30;

    /// Takes one try.
    ///
    /// # Errors
    ///
    /// How long to wait, if there were too many.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Duration> {
        let from = self.used_until.map_or(now, |until| until.max(now));
        let ahead = from.since(now);
        let most = Self::EVERY * (Self::AT_ONCE - 1);
        if ahead > most {
            return Err(ahead.saturating_sub(most));
        }
        self.used_until = Some(from.plus(Self::EVERY));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn the_wait_doubles_and_never_passes_an_hour() {
        for (count, seconds) in [
            (0, 0),
            (1, 0),
            (4, 0),
            (5, 30),
            (6, 60),
            (7, 120),
            (11, 1_920),
            (12, 3_600),
            (50, 3_600),
            (u32::MAX, 3_600),
        ] {
            let failures = Failures { count, last: at(1_000) };
            assert_eq!(failures.wait(at(1_000)), Duration::from_secs(seconds), "{count}");
            assert_eq!(failures.wait(at(1_000 + 3_600)), Duration::ZERO, "{count}");
        }
        let five = Failures { count: 5, last: at(1_000) };
        assert_eq!(five.wait(at(1_010)), Duration::from_secs(20), "what is over counts");
    }

    #[test]
    fn failures_are_forgotten_after_a_day() {
        let mut failures = None;
        for second in 0..7 {
            failures = Some(Failures::one_more(failures, at(second)));
        }
        assert_eq!(failures.unwrap().count, 7);
        assert_eq!(Failures::one_more(failures, at(6 + 86_400)).count, 1);
    }

    #[test]
    fn many_tries_at_once_then_one_every_two_seconds() {
        let mut pace = Pace::default();
        assert!((0..30).all(|_| pace.take(at(0)).is_ok()));
        assert_eq!(pace.take(at(0)), Err(Duration::from_secs(2)));
        assert_eq!(pace.take(at(1)), Err(Duration::from_secs(1)));
        assert!(pace.take(at(2)).is_ok());
        assert!(pace.take(at(2)).is_err());
        assert!((0..30).all(|_| pace.take(at(1_000)).is_ok()), "a pause gives all of them back");
    }

    proptest::proptest! {
        #[test]
        fn whoever_waits_as_long_as_told_may_try(tries in proptest::collection::vec(0i64..9, 1..90)) {
            let mut pace = Pace::default();
            let mut now = at(0);
            for pause in tries {
                now = now.plus(Duration::from_secs(pause.unsigned_abs()));
                if let Err(wait) = pace.take(now) {
                    now = now.plus(wait);
                    proptest::prop_assert!(pace.take(now).is_ok());
                }
            }
        }
    }
}
