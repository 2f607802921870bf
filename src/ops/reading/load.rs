//! Gets a [`super::Reading`] from the store's roll-ups.
//!
//! Owns which sums are asked for. Whoever sees some clinics only gets a reading of theirs; what the
//! others are judged by goes along unseen, since trouble that all share is told by all. Nothing here
//! reads single calls, but for the people whom a trouble touches and for the minute in which it began.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::slow::SlowFigures;
use super::{ClinicReading, HOURS, Reading, series};
use crate::diagnosis::watch::{Sight, p95_by_clinic};
use crate::domain::alert::{Alert, BELIEVED_FOR};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::health::{Bucket, ClinicFacts, Tally, Trouble, Verdict};
use crate::domain::labels::{Context, Outcome};
use crate::domain::latency::BUCKETS;
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::components::heat::{ROWS, rows};
use crate::store::{
    ActorQuery, By, ExchangeFilter, Freshness, MAX_PAGE, RollupQuery, RollupRow, Scoped, Span,
    StoreError,
};

/// Clinics of a trouble whose people are counted; of more, the number would cost more than it says.
const COUNTED_CLINICS: usize = 5;

/// Up to when calls are recorded: when an indexer last wrote, or the newest event of an import.
pub(crate) fn recorded_until(freshness: Freshness) -> Option<Timestamp> {
    freshness.indexed_at.max(freshness.newest)
}

/// Reads a moment. `store` is everybody's: what somebody may not see is taken out by [`within`].
pub(crate) async fn load(
    store: &Scoped,
    registry: &Registry,
    slow: &SlowFigures,
    sight: Option<Arc<Sight>>,
    now: Timestamp,
) -> Result<Reading, StoreError> {
    let first_hour = super::first_hour(now);
    let minutes_ago = |minutes: u64| now.minus(Duration::from_secs(minutes * 60));
    let sums = |span, from, by: &[By]| {
        let query = RollupQuery::new(span, from, now, by);
        async move { store.rollup(&query).await }
    };
    let (minutes, hours, contexts, operations, latency) = tokio::try_join!(
        sums(Span::Minute, minutes_ago(60), &[By::Bucket, By::Clinic, By::Ending]),
        sums(Span::Hour, first_hour, &[By::Bucket, By::Clinic, By::Ending]),
        sums(Span::Minute, minutes_ago(10), &[By::Clinic, By::Context, By::Ending]),
        sums(Span::Minute, minutes_ago(10), &[By::Clinic, By::Operation, By::Ending]),
        sums(Span::Minute, minutes_ago(10), &[By::Clinic, By::Latency]),
    )?;
    let (hour_latency, heat, seen, freshness, staff) = tokio::try_join!(
        sums(Span::Minute, minutes_ago(60), &[By::Clinic, By::Latency]),
        sums(Span::Hour, first_hour, &[By::Bucket, By::Latency]),
        store.clinics_seen(),
        store.freshness(),
        staff_today(store, registry, now),
    )?;
    let last: HashMap<ClinicId, Timestamp> =
        seen.iter().filter_map(|seen| Some((seen.clinic.clone()?, seen.last))).collect();
    let mut minutes = buckets(&minutes);
    let mut hours = buckets(&hours);
    let (mut contexts, mut operations) = (by_context(&contexts), by_operation(&operations));
    let (p95, hour_p95) = (p95_by_clinic(&latency), p95_by_clinic(&hour_latency));
    let mut unattributed = Tally::default();
    for bucket in minutes.remove(&None).unwrap_or_default() {
        unattributed.add(&bucket.tally);
    }
    let clinic = |id: &ClinicId| {
        let key = Some(id.clone());
        let hours = hours.remove(&key).unwrap_or_default();
        ClinicReading {
            hours: by_hour(&hours, first_hour),
            facts: ClinicFacts {
                clinic: id.clone(),
                series: series(hours, minutes.remove(&key).unwrap_or_default(), now),
                by_context: contexts.remove(&key).unwrap_or_default(),
                by_operation: operations.remove(&key).unwrap_or_default(),
                p95_us: p95.get(&key).copied(),
                usual_p95_us: slow.usual_p95_us.get(id).copied(),
                last_call: last.get(id).copied(),
                earlier_weeks: match registry.part_of(id, now) {
                    // Its calls come from another one now, and are missed nowhere.
                    Some(_) => Vec::new(),
                    None => slow.earlier_weeks.get(id).cloned().unwrap_or_default(),
                },
            },
            hour_p95_us: hour_p95.get(&key).copied(),
            staff_today: staff.get(id).copied().unwrap_or(0),
        }
    };
    let mut reading = Reading {
        now,
        recorded_until: recorded_until(freshness),
        first_hour,
        clinics: registry.clinics().iter().map(|c| &c.id).map(clinic).collect(),
        scope: ClinicScope::all(),
        unseen: Vec::new(),
        latency: heat_of(&heat, first_hour),
        actors: None,
        unattributed,
        sight,
        alerts: firing(store, now).await?,
    };
    if let Some(sight) = reading.sight.clone() {
        super::begin::cut(store.to_compare(), &mut reading.clinics, &sight, now).await?;
    }
    reading.actors = touched_actors(store, &reading.verdict()).await?;
    Ok(reading)
}

/// The alerts that fire and tell of a trouble, those that page first.
async fn firing(store: &Scoped, now: Timestamp) -> Result<Vec<Alert>, StoreError> {
    let mut alerts = store.alerts(now.minus(BELIEVED_FOR)).await?;
    alerts.retain(|alert| alert.fires(now) && alert.tells_of_trouble());
    alerts.sort_by_key(|alert| (alert.severity, alert.starts_at));
    Ok(alerts)
}

/// A reading of everything as somebody sees it whose store that is.
pub(crate) async fn within(whole: &Reading, store: &Scoped) -> Result<Reading, StoreError> {
    let scope = store.scope().clone();
    let (mut clinics, mut unseen) = (Vec::new(), whole.unseen.clone());
    for clinic in &whole.clinics {
        if scope.covers(Some(&clinic.facts.clinic)) {
            clinics.push(clinic.clone());
        } else {
            unseen.push(clinic.facts.clone());
        }
    }
    let query =
        RollupQuery::new(Span::Hour, whole.first_hour, whole.now, &[By::Bucket, By::Latency]);
    let mut reading = Reading {
        now: whole.now,
        recorded_until: whole.recorded_until,
        first_hour: whole.first_hour,
        clinics,
        scope,
        unseen,
        latency: heat_of(&store.rollup(&query).await?, whole.first_hour),
        actors: None,
        unattributed: Tally::default(),
        sight: whole.sight.clone(),
        alerts: firing(store, whole.now).await?,
    };
    reading.actors = touched_actors(store, &reading.verdict()).await?;
    Ok(reading)
}

type ByClinic<T> = HashMap<Option<ClinicId>, T>;

/// Time series by clinic, each in the order of time.
pub(crate) fn buckets(rows: &[RollupRow]) -> ByClinic<Vec<Bucket>> {
    let mut found: ByClinic<Vec<Bucket>> = HashMap::new();
    for row in rows {
        let (Some(start), Some(ending)) = (row.bucket, row.ending) else { continue };
        let series = found.entry(row.clinic.clone()).or_default();
        if series.last().is_none_or(|bucket| bucket.start != start) {
            series.push(Bucket { start, tally: Tally::default() });
        }
        if let Some(bucket) = series.last_mut() {
            bucket.tally.count(ending, row.calls);
        }
    }
    found
}

fn by_hour(hours: &[Bucket], first_hour: Timestamp) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); HOURS];
    for bucket in hours {
        let index = (bucket.start.seconds() - first_hour.seconds()).div_euclid(3_600);
        if let Some(tally) = usize::try_from(index).ok().and_then(|index| tallies.get_mut(index)) {
            tally.add(&bucket.tally);
        }
    }
    tallies
}

fn by_context(rows: &[RollupRow]) -> ByClinic<Vec<(Context, Tally)>> {
    grouped(rows, |row| row.context)
}

fn by_operation(rows: &[RollupRow]) -> ByClinic<Vec<(OperationName, Tally)>> {
    grouped(rows, |row| row.operation.clone())
}

/// Tallies by clinic and something else.
fn grouped<K: PartialEq>(
    rows: &[RollupRow],
    key: impl Fn(&RollupRow) -> Option<K>,
) -> ByClinic<Vec<(K, Tally)>> {
    let mut found: ByClinic<Vec<(K, Tally)>> = HashMap::new();
    for row in rows {
        let (Some(key), Some(ending)) = (key(row), row.ending) else { continue };
        let tallies = found.entry(row.clinic.clone()).or_default();
        if let Some((_, tally)) = tallies.iter_mut().find(|(other, _)| *other == key) {
            tally.count(ending, row.calls);
        } else {
            let mut tally = Tally::default();
            tally.count(ending, row.calls);
            tallies.push((key, tally));
        }
    }
    found
}

fn heat_of(found: &[RollupRow], first_hour: Timestamp) -> Vec<[u64; ROWS]> {
    let mut histograms = vec![[0; BUCKETS as usize]; HOURS];
    for row in found {
        let (Some(start), Some(bucket)) = (row.bucket, row.latency) else { continue };
        let hour = (start.seconds() - first_hour.seconds()).div_euclid(3_600);
        let slot = usize::try_from(hour).ok().and_then(|hour| histograms.get_mut(hour));
        if let Some(count) = slot.and_then(|counts| counts.get_mut(usize::from(bucket))) {
            *count += row.calls;
        }
    }
    histograms.iter().map(|counts| rows(counts)).collect()
}

/// People by clinic, of the day that it is there.
async fn staff_today(
    store: &Scoped,
    registry: &Registry,
    now: Timestamp,
) -> Result<HashMap<ClinicId, u64>, StoreError> {
    let day = |id: &ClinicId| registry.local_day(Some(id), now);
    let days: BTreeSet<_> = registry.clinics().iter().map(|clinic| day(&clinic.id)).collect();
    let (Some(from), Some(to)) = (days.first(), days.last()) else { return Ok(HashMap::new()) };
    let query = ActorQuery {
        clinic: None,
        from: *from,
        to: *to,
        by_day: true,
        by_clinic: true,
        by_domain: false,
    };
    let rows = store.active_actors(&query).await?;
    let today = rows.into_iter().filter_map(|row| {
        let clinic = row.clinic?;
        (row.day == Some(day(&clinic))).then_some((clinic, row.actors))
    });
    Ok(today.collect())
}

/// Distinct people whose calls failed since the trouble began; at least, where there were very many.
async fn touched_actors(store: &Scoped, verdict: &Verdict) -> Result<Option<u64>, StoreError> {
    // Slowness happens to calls; who waits for them is not known.
    let slow = matches!(verdict.trouble, Some(Trouble::AccuroSlow | Trouble::ClinicSlow));
    if slow || verdict.touched.is_empty() || verdict.touched.len() > COUNTED_CLINICS {
        return Ok(None);
    }
    let mut actors = BTreeSet::new();
    for clinic in verdict.touched.iter().filter_map(|index| verdict.clinics.get(*index)) {
        let filter = ExchangeFilter {
            clinic: Some(clinic.clinic.clone()),
            outcome: Some(Outcome::Failed),
            category: clinic.category,
            from: clinic.since,
            ..ExchangeFilter::default()
        };
        let page = store.exchanges(&filter, None, MAX_PAGE).await?;
        actors.extend(page.items.into_iter().filter_map(|call| call.actor_ref));
    }
    Ok((!actors.is_empty()).then_some(actors.len() as u64))
}
