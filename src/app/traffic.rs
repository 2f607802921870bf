//! How many calls each clinic is expected to make, and how many of them did not come, as metrics.
//!
//! Owns how often it is looked. What is expected is `domain::health`'s rule. While the store is behind,
//! nobody is silent: the last numbers stand.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Current;
use crate::domain::health::{expected_per_second, missed};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::earlier_weeks;
use crate::store::{Store, StoreError, StoreHandle};
use crate::telemetry::metrics::Metrics;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(30);
/// A store that is further behind says nothing about silence.
const FRESH: Duration = Duration::from_mins(1);

/// What is looked at, and what was seen.
pub(super) struct Traffic {
    pub(super) store: StoreHandle,
    pub(super) registry: Current<Registry>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    seen: Seen,
}

/// What was seen at the last look.
#[derive(Default)]
struct Seen {
    looked: Option<Timestamp>,
    /// The hour whose expectation is known.
    hour: Option<Timestamp>,
    per_second: HashMap<ClinicId, f64>,
    missed: HashMap<ClinicId, f64>,
}

impl Traffic {
    /// Before the first look.
    pub(super) fn new(
        store: StoreHandle,
        registry: Current<Registry>,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Self {
        Self { store, registry, metrics, clock, seen: Seen::default() }
    }

    /// Until the process stops.
    pub(super) async fn show(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Some(store) = self.store.get().cloned() {
                // A look that failed is made again; that the store fails is a metric of its own.
                let _ = self.look(&store).await;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn look(&mut self, store: &Store) -> Result<(), StoreError> {
        let now = self.clock.now();
        let indexed = store.freshness().await?.indexed_at;
        if indexed.is_none_or(|at| now.since(at) > FRESH) {
            return Ok(());
        }
        let hour = now.floor_to(3_600);
        let seen = &mut self.seen;
        if seen.hour != Some(hour) {
            let weeks = earlier_weeks(store, now).await?;
            let expected = |(clinic, weeks): (ClinicId, Vec<u64>)| {
                Some((clinic, expected_per_second(&weeks)?))
            };
            seen.per_second = weeks.into_iter().filter_map(expected).collect();
            seen.hour = Some(hour);
        }
        let looked = seen.looked.unwrap_or(hour);
        let last: HashMap<ClinicId, Timestamp> = store
            .clinics_seen()
            .await?
            .into_iter()
            .filter_map(|seen| Some((seen.clinic?, seen.last)))
            .collect();
        let registry = self.registry.keep();
        for clinic in registry.clinics() {
            let id = &clinic.id;
            // Of a clinic that is part of another one nothing is expected any more.
            let goes_on = registry.part_of(id, now).is_none();
            let per_second = seen.per_second.get(id).copied().filter(|_| goes_on);
            let before = seen.missed.get(id).copied().unwrap_or(0.0);
            let missed = missed(before, per_second, last.get(id).copied(), looked, now);
            seen.missed.insert(id.clone(), missed);
            let labels = [id.as_str()];
            self.metrics.clinic_missed.with_label_values(&labels).set(missed);
            let expected = per_second.unwrap_or(0.0);
            self.metrics.clinic_expected.with_label_values(&labels).set(expected);
        }
        seen.looked = Some(now);
        Ok(())
    }
}
