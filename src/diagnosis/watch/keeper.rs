//! The loop: looks, lets incidents open and close, and tells the board.
//!
//! Owns the pace, and what a look costs when nothing happens: two reads. The store decides between
//! two instances that see the same, so each change is told (in the log, in the metrics) once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::evidence::{self, Evidence};
use super::{Board, Sight, rule, usual};
use crate::clock::Clock;
use crate::domain::cause::Cause;
use crate::domain::incident::step::REOPEN_WITHIN;
use crate::domain::incident::{Change, Finding, Incident, Moment, Ongoing, step};
use crate::domain::labels::Environment;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::store::{By, RollupQuery, RollupRow, Span, Store, StoreError, StoreHandle};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What is usual is read again after so long.
const USUAL_FOR: Duration = Duration::from_mins(10);
/// A sight is written down this often; more often only if the trouble grows.
const WRITE_EVERY: Duration = Duration::from_secs(10);
/// How far back the beginning of a trouble is looked for that began before the calls that were read.
const FAR_BACK: Duration = Duration::from_hours(3);

/// The watch of one process.
pub struct Watch {
    /// The store, once it is reached.
    pub store: StoreHandle,
    /// Which Accuro.
    pub environment: Environment,
    /// Where it leaves what it sees.
    pub board: Board,
    /// Counts open incidents.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
}

/// What one look hands to the next.
#[derive(Default)]
struct Memory {
    usual: Option<(Timestamp, HashMap<ClinicId, u64>)>,
    /// The clinics that an incident touched when it was seen last.
    clinics: HashMap<i64, Vec<ClinicId>>,
}

impl Watch {
    /// Looks until the process stops. While the store is not reached or does not answer, nothing is
    /// seen, and the board grows old.
    pub async fn run(self, stop: CancellationToken) {
        let mut memory = Memory::default();
        while !stop.is_cancelled() {
            if let Some(store) = self.store.get() {
                // A look that failed is made again; that the store fails is told by whoever writes.
                let _ = self.look(store, &mut memory).await;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn look(&self, store: &Store, memory: &mut Memory) -> Result<(), StoreError> {
        let now = self.clock.now();
        let known = store.incidents(now.minus(REOPEN_WITHIN)).await?;
        let watched: Vec<ClinicId> = memory.clinics.values().flatten().cloned().collect();
        let usual = self.usual(store, memory, now).await?;
        let seen =
            evidence::gather(store, self.environment, usual, &watched, now).await?.after(&known);
        let findings = rule::findings(&seen);
        let last_call = |clinic: Option<&ClinicId>| seen.last_call(clinic);
        let changes = step(&known, &findings, Moment { now, last_call: &last_call });
        let is_news = changes.iter().any(|change| !matches!(change, Change::Sight(..)));
        for change in changes {
            self.make(store, &known, memory, &seen, change).await?;
        }
        let known = if is_news { store.incidents(now).await? } else { known };
        self.tell(known, memory, now);
        Ok(())
    }

    async fn usual<'m>(
        &self,
        store: &Store,
        memory: &'m mut Memory,
        now: Timestamp,
    ) -> Result<&'m HashMap<ClinicId, u64>, StoreError> {
        let near = |at: Timestamp| now.since(at).max(at.since(now)) <= USUAL_FOR;
        let kept = match memory.usual.take().filter(|(at, _)| near(*at)) {
            Some(kept) => kept,
            None => (now, usual::load(store, now).await?),
        };
        Ok(&memory.usual.insert(kept).1)
    }

    async fn make(
        &self,
        store: &Store,
        known: &[Incident],
        memory: &mut Memory,
        seen: &Evidence,
        change: Change,
    ) -> Result<(), StoreError> {
        let now = seen.now;
        match change {
            Change::Open(mut found) => {
                if found.maybe_older {
                    found.since = older(store, &found, now).await?;
                }
                if let Some(number) = store.open_incident(&found, now).await? {
                    let key = &found.key;
                    let clinic = key.clinic.as_ref().map_or("", ClinicId::as_str);
                    events::incident_opened(number, key.cause.as_str(), clinic);
                    memory.clinics.insert(number, found.clinics);
                }
            }
            Change::Sight(number, found) => {
                let before = known.iter().find(|incident| incident.number == number);
                let Some(before) = before else { return Ok(()) };
                let wider = found.counts.clinics > before.peak.clinics;
                let due = now.since(before.last_seen) >= WRITE_EVERY;
                if wider || due || found.state != before.state {
                    store.sight_incident(number, &found, wider, now).await?;
                }
                memory.clinics.insert(number, found.clinics);
            }
            Change::Reopen(number, found) => {
                if store.reopen_incident(number, &found, now).await? {
                    events::incident_reopened(number, found.key.cause.as_str());
                    memory.clinics.insert(number, found.clinics);
                }
            }
            Change::Close(number, end) => {
                let before = known.iter().find(|incident| incident.number == number);
                if let Some(incident) = before
                    && store.close_incident(incident, end, now).await?
                {
                    events::incident_closed(number, incident.key.cause.as_str(), end.as_str());
                    memory.clinics.remove(&number);
                }
            }
        }
        Ok(())
    }

    /// Puts the open incidents on the board and into the metrics.
    fn tell(&self, known: Vec<Incident>, memory: &mut Memory, now: Timestamp) {
        let open: Vec<Ongoing> = known
            .into_iter()
            .filter(Incident::is_open)
            .map(|incident| Ongoing {
                clinics: memory.clinics.get(&incident.number).cloned().unwrap_or_default(),
                incident,
            })
            .collect();
        memory.clinics.retain(|number, _| open.iter().any(|o| o.incident.number == *number));
        for cause in Cause::ALL.iter().filter(|cause| cause.is_trouble()) {
            let count = open.iter().filter(|ongoing| ongoing.incident.key.cause == *cause).count();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.metrics.incidents_open.with_label_values(&[cause.as_str()]).set(count);
        }
        self.board.set(Sight { at: now, open });
    }
}

/// The beginning of a trouble that is older than the calls that were read, by the minutes of its
/// clinics' figures: the oldest bad minute of those that follow each other up to now.
async fn older(store: &Store, found: &Finding, now: Timestamp) -> Result<Timestamp, StoreError> {
    let slow = found.key.cause == Cause::AccuroSlow;
    let with = if slow { By::Latency } else { By::Ending };
    let by = [By::Bucket, By::Clinic, with];
    let query = RollupQuery::new(Span::Minute, now.minus(FAR_BACK), now, &by);
    let rows = store.rollup(&query).await?;
    let touched =
        |row: &&RollupRow| row.clinic.as_ref().is_some_and(|clinic| found.clinics.contains(clinic));
    let usual = if slow { usual::load(store, now).await? } else { HashMap::new() };
    let began = usual::oldest_bad_minute(rows.iter().filter(touched), found.category, &usual);
    // Within the minute of the first call that was read, that call is nearer to the truth.
    let older = began.filter(|began| *began < found.since.floor_to(60));
    Ok(older.unwrap_or(found.since))
}
