//! How often an app and a clinic may call: token buckets (GCRA, from the crate `governor`).
//!
//! Owns one bucket for each app and each clinic; calls whose app or clinic is not known share one, so
//! that hiding is no way around. Without limits, nothing is looked up.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::config::LimitsConfig;
use crate::domain::names::{AppId, ClinicId};

/// A burst may take so much of a minute's calls at once: ten seconds' worth.
const BURST_PART: u32 = 6;

/// The buckets.
pub(super) struct Limits {
    apps: Option<Buckets<AppId>>,
    clinics: Option<Buckets<ClinicId>>,
    clock: DefaultClock,
}

/// A call that came too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limited {
    /// Whose limit it was.
    pub(super) limit: &'static str,
    /// When there is room again.
    pub(super) wait: Duration,
}

impl Limits {
    pub(super) fn new(config: &LimitsConfig) -> Self {
        Self {
            apps: Buckets::new(config.app_per_minute),
            clinics: Buckets::new(config.clinic_per_minute),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one call out of each bucket.
    pub(super) fn check(
        &self,
        app: Option<&AppId>,
        clinic: Option<&ClinicId>,
    ) -> Result<(), Limited> {
        if let Some(apps) = &self.apps {
            apps.check(app, &self.clock).map_err(|wait| Limited { limit: "app", wait })?;
        }
        if let Some(clinics) = &self.clinics {
            clinics.check(clinic, &self.clock).map_err(|wait| Limited { limit: "clinic", wait })?;
        }
        Ok(())
    }
}

/// A bucket for each name that the registry knows, so there are never many.
struct Buckets<Name> {
    quota: Quota,
    of: RwLock<HashMap<Option<Name>, Arc<DefaultDirectRateLimiter>>>,
}

impl<Name: Clone + Eq + Hash> Buckets<Name> {
    fn new(per_minute: u32) -> Option<Self> {
        let per_minute = NonZeroU32::new(per_minute)?;
        let burst = NonZeroU32::new(per_minute.get() / BURST_PART).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        Some(Self { quota, of: RwLock::default() })
    }

    fn check(&self, name: Option<&Name>, clock: &DefaultClock) -> Result<(), Duration> {
        let checked = self.bucket(name.cloned()).check();
        checked.map_err(|not_yet| not_yet.wait_time_from(clock.now()))
    }

    fn bucket(&self, name: Option<Name>) -> Arc<DefaultDirectRateLimiter> {
        let known = self.of.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        known.unwrap_or_else(|| {
            let mut buckets = self.of.write().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(RateLimiter::direct(self.quota));
            Arc::clone(buckets.entry(name).or_insert_with(new))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::admission::concurrency::ConcurrencyRules;

    fn limits(app_per_minute: u32, clinic_per_minute: u32) -> Limits {
        let in_flight = ConcurrencyRules { min: 1, max: 1 };
        Limits::new(&LimitsConfig { app_per_minute, clinic_per_minute, in_flight })
    }

    #[test]
    fn each_app_and_each_clinic_has_a_bucket_of_ten_seconds() {
        let clinics = ["a", "b"].map(|id| ClinicId::parse(id).ok());
        let limits = limits(0, 60);
        for clinic in [clinics[0].as_ref(), clinics[1].as_ref(), None] {
            for _ in 0..10 {
                assert_eq!(limits.check(None, clinic), Ok(()));
            }
            let limited = limits.check(None, clinic).unwrap_err();
            assert_eq!(limited.limit, "clinic");
            assert!(limited.wait <= Duration::from_secs(1), "{:?}", limited.wait);
        }
    }

    #[test]
    fn without_a_limit_there_is_none() {
        let limits = limits(0, 0);
        assert!((0..10_000).all(|_| limits.check(None, None).is_ok()));
    }
}
