//! Are writes switched off, and by what?
//!
//! Owns the state that the call path asks and the ops site sets: by configuration, by a person, or for
//! a while because Accuro flaps, when a write has a good chance of an unknown end. While the audit
//! cannot be kept writes are refused as well; that is the audit's own business.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::labels::label_enum;
use crate::domain::time::Timestamp;

label_enum! {
    /// What switched writes off.
    ReadOnlyCause, "a cause of read-only" {
        /// The settings.
        Configured = "configured",
        /// A person, on the ops site.
        Switched = "switched",
        /// Accuro went down again and again within a short time.
        Flapping = "flapping",
    }
}

/// When Accuro is said to flap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlapRules {
    /// Openings of circuit breakers; 0: never.
    pub openings: usize,
    /// Within so long.
    pub within: Duration,
    /// Writes stay off so long after the last opening that counted.
    pub hold: Duration,
}

impl FlapRules {
    /// Whatever Accuro does.
    pub const NEVER: Self = Self { openings: 0, within: Duration::ZERO, hold: Duration::ZERO };
}

/// Whether a person has switched writes off, and since when that has been so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switch {
    /// Off.
    pub is_on: bool,
    /// When it was set last; `None`: never.
    pub since: Option<Timestamp>,
}

/// Whether writes are off. One for the process, shared by the call path and the ops site.
#[derive(Debug)]
pub struct ReadOnly {
    configured: bool,
    switched: AtomicBool,
    /// Until when Accuro counts as flapping, in microseconds since 1970; 0: not.
    flapping_until: AtomicU64,
    rules: FlapRules,
    slow: Mutex<Slow>,
}

/// What only changes of the state touch.
#[derive(Debug, Default)]
struct Slow {
    since: Option<Timestamp>,
    openings: Vec<Timestamp>,
}

impl ReadOnly {
    /// As configured.
    #[must_use]
    pub fn new(configured: bool, rules: FlapRules) -> Self {
        Self {
            configured,
            switched: AtomicBool::new(false),
            flapping_until: AtomicU64::new(0),
            rules,
            slow: Mutex::default(),
        }
    }

    /// Why writes are off; `None`: they are on. Costs two loads.
    #[must_use]
    pub fn cause(&self, now: Timestamp) -> Option<ReadOnlyCause> {
        if self.configured {
            return Some(ReadOnlyCause::Configured);
        }
        if self.switched.load(Ordering::Acquire) {
            return Some(ReadOnlyCause::Switched);
        }
        (self.flapping_left(now) > Duration::ZERO).then_some(ReadOnlyCause::Flapping)
    }

    /// How long writes stay off because Accuro flaps.
    #[must_use]
    pub fn flapping_left(&self, now: Timestamp) -> Duration {
        match self.flapping_until.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            until => Timestamp::from_micros(until.cast_signed()).since(now),
        }
    }

    /// What a person has set.
    #[must_use]
    pub fn switch(&self) -> Switch {
        let since = self.slow.lock().unwrap_or_else(PoisonError::into_inner).since;
        Switch { is_on: self.switched.load(Ordering::Acquire), since }
    }

    /// A person sets it, here or at another instance. What was set later counts.
    pub fn set(&self, is_on: bool, at: Timestamp) {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        if slow.since.is_none_or(|since| since <= at) {
            slow.since = Some(at);
            self.switched.store(is_on, Ordering::Release);
        }
    }

    /// A circuit breaker has opened. `true` if Accuro flaps because of that.
    pub fn opened(&self, at: Timestamp) -> bool {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        slow.openings.retain(|opening| at.since(*opening) < self.rules.within);
        slow.openings.push(at);
        let flaps = self.rules.openings > 0 && slow.openings.len() >= self.rules.openings;
        if flaps {
            let until = at.plus(self.rules.hold).micros();
            self.flapping_until.store(until.max(0).cast_unsigned(), Ordering::Release);
        }
        flaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: FlapRules =
        FlapRules { openings: 3, within: Duration::from_mins(10), hold: Duration::from_mins(5) };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + minutes * 60)
    }

    #[test]
    fn writes_are_on_until_something_switches_them_off() {
        assert_eq!(ReadOnly::new(false, RULES).cause(at(0)), None);
        assert_eq!(ReadOnly::new(true, RULES).cause(at(0)), Some(ReadOnlyCause::Configured));
        let switched = ReadOnly::new(false, RULES);
        switched.set(true, at(1));
        assert_eq!(switched.cause(at(1)), Some(ReadOnlyCause::Switched));
        switched.set(false, at(0));
        assert_eq!(switched.switch(), Switch { is_on: true, since: Some(at(1)) }, "an older word");
        switched.set(false, at(2));
        assert_eq!(switched.cause(at(2)), None);
    }

    #[test]
    fn three_openings_within_ten_minutes_are_flapping_for_five() {
        let read_only = ReadOnly::new(false, RULES);
        let said: Vec<bool> = [0, 4, 11].map(|minute| read_only.opened(at(minute))).into();
        assert_eq!(said, [false, false, false], "the first has been forgotten by then");
        assert!(read_only.opened(at(12)));
        assert_eq!(read_only.cause(at(16)), Some(ReadOnlyCause::Flapping));
        assert_eq!(read_only.cause(at(17)), None);
    }

    #[test]
    fn zero_openings_means_never() {
        let read_only = ReadOnly::new(false, FlapRules { openings: 0, ..RULES });
        assert!(!(0..10).any(|_| read_only.opened(at(0))));
    }
}
