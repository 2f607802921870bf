//! The only reader of clocks.
//!
//! Owns wall-clock time for time stamps and monotonic time for durations, so that a step of the
//! wall clock never makes a duration negative. Does not sleep and sets no timers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::domain::time::Timestamp;

/// Tells the time. Cloning gives a second view of the same clock.
#[derive(Clone, Debug, Default)]
pub struct Clock(Kind);

#[derive(Clone, Debug, Default)]
enum Kind {
    #[default]
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that shows the given time until it is set again.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Kind::Set(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// Sets a fixed clock; the machine's clock stays as it is.
    pub fn set(&self, at: Timestamp) {
        if let Kind::Set(micros) = &self.0 {
            micros.store(at.micros(), Ordering::SeqCst);
        }
    }

    /// The time of day, UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of clocks")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let micros = since.map_or(0, |elapsed| elapsed.as_micros());
                Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
            }
            Kind::Set(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// A point in monotonic time, to measure durations from.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of clocks")]
    pub fn instant(&self) -> Instant {
        Instant::now()
    }

    /// Monotonic time since `start`.
    #[must_use]
    pub fn elapsed(&self, start: Instant) -> Duration {
        self.instant().saturating_duration_since(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_shows_what_it_was_set_to() {
        let clock = Clock::fixed(Timestamp::from_seconds(5));
        let view = clock.clone();
        clock.set(Timestamp::from_seconds(9));
        assert_eq!(view.now(), Timestamp::from_seconds(9));
    }
}
