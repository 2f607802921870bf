//! Sign-ins that failed, counted in memory.
//!
//! Owns the counts; how long they make somebody wait is `domain::guesses`. A name counts whether or not
//! there is such an account, so waiting tells nothing about that. A browser from which the person has
//! signed in before counts for itself: strangers cannot lock anybody out. Counts begin with the process
//! and are each instance's own; argon2 and the pace over all bound what a restart gives away.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::guesses::{Failures, Pace};
use crate::domain::time::Timestamp;
use crate::store::SecretDigest;

/// Counts that are forgotten are swept out so often. The pace bounds how many can come together.
const SWEEP: Duration = Duration::from_hours(1);

/// Where somebody tries from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A browser that nobody knows, at this name.
    Stranger(SecretDigest),
    /// A browser from which the person has signed in.
    Known(SecretDigest),
}

impl Lane {
    const fn key(self) -> SecretDigest {
        match self {
            Self::Stranger(key) | Self::Known(key) => key,
        }
    }
}

#[derive(Default)]
struct Counts {
    of: HashMap<SecretDigest, Failures>,
    all: Pace,
    /// Of refused sign-ins that name nobody: by link, by token, from the provider.
    unnamed: Pace,
    /// Of links to the adoption page that do not work.
    shared: Pace,
    swept: Option<Timestamp>,
}

/// The counts.
#[derive(Default)]
pub(crate) struct Tries(Mutex<Counts>);

impl Tries {
    /// Takes a try, which counts as failed until it succeeds: of many at the same moment none is free.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub(crate) fn take(&self, lane: Lane, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = counts.of.get(&lane.key()).copied();
        let wait = before.map_or(Duration::ZERO, |failures| failures.wait(now));
        if !wait.is_zero() {
            return Err(wait);
        }
        if matches!(lane, Lane::Stranger(_)) {
            counts.all.take(now)?;
        }
        if counts.swept.is_none_or(|swept| now.since(swept) > SWEEP) {
            counts.of.retain(|_, failures| !failures.is_forgotten(now));
            counts.swept = Some(now);
        }
        counts.of.insert(lane.key(), Failures::one_more(before, now));
        Ok(())
    }

    /// Counts a refused sign-in that names nobody. Such a secret cannot be guessed, so this only bounds
    /// what a flood of them writes into the audit; whoever has a secret that works never waits for it.
    ///
    /// # Errors
    ///
    /// How long to wait, where there were too many: then it is not kept.
    pub(crate) fn refused(&self, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.unnamed.take(now)
    }

    /// Counts the opening of a link to the adoption page that does not work. Apart from sign-ins, so that
    /// a flood of the one keeps no record of the other out.
    ///
    /// # Errors
    ///
    /// How long to wait, where there were too many.
    pub(crate) fn no_such_share(&self, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.shared.take(now)
    }

    /// It succeeded.
    pub(crate) fn succeeded(&self, lane: Lane) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.of.remove(&lane.key());
    }

    /// It was not judged, so it does not count.
    pub(crate) fn give_back(&self, lane: Lane) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = counts.of.get_mut(&lane.key()) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn lane(name: &str) -> Lane {
        Lane::Stranger(SecretDigest::of(name.as_bytes()))
    }

    #[test]
    fn one_name_waits_and_others_do_not() {
        let tries = Tries::default();
        assert!((0..5).all(|_| tries.take(lane("zoe"), at(0)).is_ok()));
        assert_eq!(tries.take(lane("zoe"), at(0)), Err(Duration::from_secs(30)));
        assert!(tries.take(lane("ada"), at(0)).is_ok());
        assert!(tries.take(lane("zoe"), at(30)).is_ok());
        tries.succeeded(lane("zoe"));
        assert!((0..5).all(|_| tries.take(lane("zoe"), at(31)).is_ok()), "success clears");
    }

    #[test]
    fn what_strangers_guess_makes_a_known_browser_wait_for_nothing() {
        let tries = Tries::default();
        while tries.take(lane("zoe"), at(0)).is_ok() {}
        for name in 0..100 {
            let _ = tries.take(lane(&name.to_string()), at(0));
        }
        assert!(tries.take(lane("somebody else"), at(0)).is_err(), "the pace over all is used up");
        let known = Lane::Known(SecretDigest::of(b"cookie"));
        assert!((0..5).all(|_| tries.take(known, at(0)).is_ok()));
        assert!(tries.take(known, at(0)).is_err(), "and is no way around the wait");
    }

    #[test]
    fn a_try_that_was_not_judged_does_not_count() {
        let tries = Tries::default();
        for _ in 0..20 {
            assert!(tries.take(lane("zoe"), at(0)).is_ok());
            tries.give_back(lane("zoe"));
        }
    }

    #[test]
    fn counts_do_not_grow_for_ever() {
        let tries = Tries::default();
        for day in 0..50 {
            let _ = tries.take(lane(&day.to_string()), at(day * 90_000));
        }
        assert!(tries.0.lock().unwrap().of.len() <= 2);
    }
}
