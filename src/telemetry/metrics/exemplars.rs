//! Trace ids as examples of what lies in a histogram's bucket.
//!
//! Owns where they wait between two scrapes: one a bucket, no more. A bucket takes the first call after a
//! scrape that asked for examples; from then on a call costs one look. Which ids may be shown is decided by
//! those who count: an id that is kept under a key stands for one that could be a number of a person, and is
//! no trace that anybody could open.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::SECONDS;
use crate::domain::labels::{Outcome, WorkflowDomain};
use crate::domain::time::Timestamp;
use crate::domain::trace_context::TraceId;

/// The bounds, and what is above them.
const BUCKETS: usize = SECONDS.len() + 1;

/// One example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exemplar {
    /// The trace in which it was measured.
    pub(super) trace: TraceId,
    /// What was measured, in seconds.
    pub(super) value: f64,
    /// When.
    pub(super) at: Timestamp,
}

/// What one bucket holds.
struct Place {
    wanted: AtomicBool,
    kept: Mutex<Option<Exemplar>>,
}

/// The examples of one series.
pub(super) type OfSeries = [Option<Exemplar>; BUCKETS];

/// The examples of one histogram, by the numbers of its series.
pub(super) struct Exemplars(Box<[Place]>);

impl Exemplars {
    fn new(series: usize) -> Self {
        let place = |_| Place { wanted: AtomicBool::new(true), kept: Mutex::new(None) };
        Self((0..series * BUCKETS).map(place).collect())
    }

    /// Keeps an example where its bucket has none yet since the last look. Every call comes by, so it is
    /// written for few instructions also without the optimiser.
    fn keep(&self, series: usize, value: f64, trace: TraceId, began: Timestamp) {
        let mut bucket = 0;
        while bucket < SECONDS.len() && SECONDS[bucket] < value {
            bucket += 1;
        }
        if let Some(place) = self.0.get(series * BUCKETS + bucket)
            && place.wanted.load(Ordering::Relaxed)
        {
            place.take(value, trace, began);
        }
    }

    /// The examples of a series. The next call in each bucket takes their places.
    fn of(&self, series: usize) -> OfSeries {
        std::array::from_fn(|bucket| {
            let place = self.0.get(series * BUCKETS + bucket)?;
            let kept = *place.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            place.wanted.store(true, Ordering::Relaxed);
            kept
        })
    }
}

impl Place {
    fn take(&self, value: f64, trace: TraceId, began: Timestamp) {
        // Whoever holds it writes one, too, or reads: this call is no better an example.
        if let Ok(mut kept) = self.kept.try_lock() {
            let took = Duration::try_from_secs_f64(value).unwrap_or_default();
            *kept = Some(Exemplar { trace, value, at: began.plus(took) });
            self.wanted.store(false, Ordering::Relaxed);
        }
    }
}

/// The examples of the histograms that have any.
pub(super) struct Kept {
    calls: Exemplars,
    upstream: Exemplars,
}

impl Default for Kept {
    fn default() -> Self {
        let domains = WorkflowDomain::ALL.len();
        Self {
            calls: Exemplars::new(domains * Outcome::ALL.len()),
            upstream: Exemplars::new(domains),
        }
    }
}

const fn series(domain: WorkflowDomain, outcome: Outcome) -> usize {
    domain as usize * Outcome::ALL.len() + outcome as usize
}

impl Kept {
    /// A call that took so long.
    pub(super) fn call(
        &self,
        (domain, outcome): (WorkflowDomain, Outcome),
        seconds: f64,
        trace: TraceId,
        began: Timestamp,
    ) {
        self.calls.keep(series(domain, outcome), seconds, trace, began);
    }

    /// A request that Accuro took so long to begin to answer.
    pub(super) fn upstream(
        &self,
        domain: WorkflowDomain,
        seconds: f64,
        trace: TraceId,
        began: Timestamp,
    ) {
        self.upstream.keep(domain as usize, seconds, trace, began);
    }

    /// The examples of a series, by the histogram's name and the series's labels.
    pub(super) fn of(
        &self,
        name: &str,
        label: impl Fn(&str) -> Option<String>,
    ) -> Option<OfSeries> {
        let domain = || WorkflowDomain::parse(&label("domain")?);
        match name {
            "accuscope_call_duration_seconds" => {
                let outcome = Outcome::parse(&label("outcome")?)?;
                Some(self.calls.of(series(domain()?, outcome)))
            }
            "accuscope_upstream_request_duration_seconds" => {
                Some(self.upstream.of(domain()? as usize))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(bits: u128) -> TraceId {
        TraceId::from_bits(bits)
    }

    #[test]
    fn a_bucket_keeps_one_until_somebody_has_looked() {
        let at = Timestamp::from_seconds(1_800_000_000);
        let kept = Exemplars::new(2);
        kept.keep(1, 0.12, trace(0xa), at);
        kept.keep(1, 0.13, trace(0xb), at);
        kept.keep(1, 0.25, trace(0xc), at);
        kept.keep(1, 99.0, trace(0xd), at);
        kept.keep(9, 1.0, trace(0xe), at);
        let ids = |series: OfSeries| -> Vec<(usize, u128)> {
            let found = series.iter().enumerate();
            found.filter_map(|(n, one)| one.map(|one| (n, one.trace.bits()))).collect()
        };
        // 0.25 is the bound of the bucket of 0.12, and the last bucket has none.
        let expected = [(5, 0xa), (13, 0xd)];
        assert_eq!(ids(kept.of(1)), expected);
        assert_eq!(ids(kept.of(1)), expected, "without a new one the old one stays");
        kept.keep(1, 0.13, trace(0xb), at);
        assert_eq!(ids(kept.of(1)), [(5, 0xb), (13, 0xd)]);
        assert_eq!(ids(kept.of(0)), []);
    }

    #[test]
    fn every_domain_and_outcome_has_a_place_of_its_own() {
        let all = WorkflowDomain::ALL
            .iter()
            .flat_map(|domain| Outcome::ALL.iter().map(|outcome| series(*domain, *outcome)));
        let all: Vec<usize> = all.collect();
        assert_eq!(all, (0..all.len()).collect::<Vec<_>>());
    }
}
