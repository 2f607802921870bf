//! The latest calls, by clinic.
//!
//! Owns what is read and its bounds. One read takes the newest calls of everybody. Where calls come so
//! fast that it does not reach back far enough, the clinics whose minutes show failures get a read of
//! their own. So a look costs the same however large the store is.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::run::Sort;
use crate::domain::cause::Cause;
use crate::domain::health::Tally;
use crate::domain::incident::{End, Incident};
use crate::domain::labels::Environment;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::store::{Around, By, ExchangeFilter, RollupQuery, Sighting, Span, Store, StoreError};

/// Calls older than this say nothing about now.
pub(super) const WINDOW: Duration = Duration::from_mins(20);
/// Newest calls of everybody.
const OF_ALL: u32 = 800;
/// Newest calls of one clinic.
const OF_ONE: u32 = 240;
/// Clinics with a read of their own; of more, these stand for the rest.
const CLINICS: usize = 16;
/// Minutes that are asked which clinics have failures.
const MINUTES: Duration = Duration::from_mins(3);

/// The latest calls of one clinic.
pub(super) struct ClinicCalls {
    pub(super) clinic: ClinicId,
    /// In the order of their beginning.
    pub(super) calls: Vec<Sighting>,
    /// What one call in twenty usually takes longer than, in microseconds.
    pub(super) usual_us: Option<u64>,
    /// Troubles of it that are over, and when each held last.
    pub(super) ended: Vec<(Cause, Timestamp)>,
}

impl ClinicCalls {
    /// Until when its calls belong to a trouble of a sort that is over.
    pub(super) fn over(&self, sort: Sort) -> Option<Timestamp> {
        let of_sort = self.ended.iter().filter(|(cause, _)| sort.is_of(*cause));
        of_sort.map(|(_, at)| *at).max()
    }
}

/// What a look sees.
pub(super) struct Evidence {
    pub(super) now: Timestamp,
    pub(super) clinics: Vec<ClinicCalls>,
}

/// When a call ended.
pub(super) fn ended_at(call: &Sighting) -> Timestamp {
    call.ts.plus(Duration::from_micros(call.duration_us))
}

impl Evidence {
    /// Sorts calls by clinic. Calls of no known clinic are of nobody.
    pub(super) fn new(
        now: Timestamp,
        calls: impl IntoIterator<Item = Sighting>,
        usual: &HashMap<ClinicId, u64>,
    ) -> Self {
        let mut clinics: BTreeMap<ClinicId, Vec<Sighting>> = BTreeMap::new();
        for call in calls {
            if let Some(clinic) = &call.clinic {
                clinics.entry(clinic.clone()).or_default().push(call);
            }
        }
        let clinics = clinics.into_iter().map(|(clinic, mut calls)| {
            calls.sort_by_key(|call| (call.ts, call.id));
            calls.dedup_by_key(|call| call.id);
            let ended = Vec::new();
            ClinicCalls { usual_us: usual.get(&clinic).copied(), clinic, calls, ended }
        });
        Self { now, clinics: clinics.collect() }
    }

    /// The same, knowing which incidents are over: their calls are not the next one's.
    pub(super) fn after(mut self, known: &[Incident]) -> Self {
        let over = known
            .iter()
            .filter(|one| !one.is_open() && one.end.is_some_and(|end| end != End::Explained));
        for incident in over {
            let key = &incident.key;
            let touches = |clinic: &&mut ClinicCalls| {
                key.clinic.as_ref().is_none_or(|touched| *touched == clinic.clinic)
            };
            for clinic in self.clinics.iter_mut().filter(touches) {
                clinic.ended.push((key.cause, incident.last_seen));
            }
        }
        self
    }

    /// When the last call of a clinic, or of any clinic, ended.
    pub(super) fn last_call(&self, clinic: Option<&ClinicId>) -> Option<Timestamp> {
        let of = self.clinics.iter().filter(|c| clinic.is_none_or(|wanted| c.clinic == *wanted));
        of.flat_map(|c| &c.calls).map(ended_at).max()
    }
}

/// Reads a look's evidence. `watched` are clinics with an open incident.
pub(super) async fn gather(
    store: &Store,
    env: Environment,
    usual: &HashMap<ClinicId, u64>,
    watched: &[ClinicId],
    now: Timestamp,
) -> Result<Evidence, StoreError> {
    let filter = ExchangeFilter {
        env: Some(env),
        from: Some(now.minus(WINDOW)),
        ..ExchangeFilter::default()
    };
    // Clocks of instances differ a little, so "now" is not the end.
    let at = now.plus(Duration::from_mins(1));
    let newest = Around { at, before: OF_ALL, after: 0 };
    let mut calls = store.sightings(&filter, newest).await?;
    if calls.len() >= OF_ALL as usize {
        for clinic in troubled(store, watched, now).await? {
            let own = ExchangeFilter { clinic: Some(clinic), ..filter.clone() };
            let newest = Around { at, before: OF_ONE, after: 0 };
            calls.append(&mut store.sightings(&own, newest).await?);
        }
    }
    Ok(Evidence::new(now, calls, usual))
}

/// The clinics whose last minutes show the most failures, those with an open incident first.
async fn troubled(
    store: &Store,
    watched: &[ClinicId],
    now: Timestamp,
) -> Result<Vec<ClinicId>, StoreError> {
    let by = [By::Clinic, By::Ending];
    let query = RollupQuery::new(Span::Minute, now.minus(MINUTES), now, &by);
    let mut tallies: HashMap<ClinicId, Tally> = HashMap::new();
    for row in store.rollup(&query).await? {
        if let (Some(clinic), Some(ending)) = (row.clinic, row.ending) {
            tallies.entry(clinic).or_default().count(ending, row.calls);
        }
    }
    let mut found: Vec<(bool, u64, ClinicId)> = tallies
        .into_iter()
        .map(|(clinic, tally)| (watched.contains(&clinic), tally.failed(), clinic))
        .filter(|(watched, failed, _)| *watched || *failed > 0)
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    Ok(found.into_iter().take(CLINICS).map(|(.., clinic)| clinic).collect())
}
