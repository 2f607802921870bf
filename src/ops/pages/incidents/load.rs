//! What the page of an incident reads.
//!
//! Owns which calls are compared: those of the trouble, and those that worked meanwhile; where too few
//! did, those that worked in the hour before it. Each read is bounded, so the page costs the same for
//! an incident of a minute and of a day.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::alert::silence::Silence;
use crate::domain::alert::tie::incident_of;
use crate::domain::alert::{Alert, BELIEVED_FOR};
use crate::domain::cause::Cause;
use crate::domain::event::Exchange;
use crate::domain::incident::differs::{Differences, compared, differences, first_seen};
use crate::domain::incident::note::Noted;
use crate::domain::incident::{Incident, Update};
use crate::domain::labels::{Environment, Outcome};
use crate::domain::names::ClinicId;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{ExchangeFilter, Scoped, StoreError};

/// Calls that are read of each sort.
const MOST: u32 = 400;
/// With fewer working calls meanwhile, those of before are compared, too.
const ENOUGH: usize = 50;
/// How far before.
const BEFORE: Duration = Duration::from_hours(1);
/// Calls that are listed.
const SAMPLES: usize = 8;
/// How far incidents lie apart among which an alert may choose.
const NEIGHBOURS: Duration = Duration::from_hours(24);
/// Reasons that are listed.
const REASONS: usize = 4;

/// The incident and all that is shown of it.
pub(crate) struct IncidentModel {
    /// The incident.
    pub(crate) incident: Incident,
    /// Its course.
    pub(crate) updates: Vec<Update>,
    /// What people noted.
    pub(crate) notes: Vec<Noted>,
    /// The alerts that are about it, the oldest first.
    pub(crate) alerts: Vec<Alert>,
    /// The silences of its alerts, where they were asked for.
    pub(crate) silences: Silences,
    /// What became of what was asked of Alertmanager just now.
    pub(crate) said: Option<&'static str>,
    /// The comparison of its calls.
    pub(crate) calls: Calls,
    /// Messages are shown in French.
    pub(crate) french: bool,
}

/// What is known of silences.
pub(crate) enum Silences {
    /// No Alertmanager is set.
    Off,
    /// The incident is long over.
    NotAsked,
    /// It did not say.
    Unknown(&'static str),
    /// These.
    Known(Vec<Silence>),
}

/// Its calls, compared.
#[derive(Default)]
pub(crate) struct Calls {
    /// What differs.
    pub(crate) differences: Differences,
    /// Calls of before it are among those that worked.
    pub(crate) with_before: bool,
    /// Why its calls failed, the most frequent first.
    pub(crate) reasons: Vec<(Reason, u64)>,
    /// Clinics at which calls worked meanwhile.
    pub(crate) working_clinics: u64,
    /// Clinics, people and tasks of its calls, as far as they were read.
    pub(crate) of: Touched,
    /// Some of its calls, the newest first.
    pub(crate) samples: Vec<Exchange>,
}

/// How many different ones.
#[derive(Clone, Copy, Default)]
pub(crate) struct Touched {
    /// Clinics.
    pub(crate) clinics: u64,
    /// People.
    pub(crate) people: u64,
    /// Tasks.
    pub(crate) tasks: u64,
}

/// Reads everything about an incident; `None` if there is no such incident.
pub(super) async fn load(
    store: &Scoped,
    environment: Environment,
    number: i64,
    now: Timestamp,
) -> Result<Option<IncidentModel>, StoreError> {
    let Some((incident, updates)) = store.incident(number).await? else { return Ok(None) };
    let calls = calls(store, environment, &incident, now).await?;
    Ok(Some(IncidentModel {
        updates,
        notes: store.incident_notes(&incident).await?,
        alerts: alerts(store, &incident).await?,
        incident,
        calls,
        silences: Silences::Off,
        said: None,
        french: false,
    }))
}

/// The alerts that are about an incident, and about no other one that fits better.
async fn alerts(store: &Scoped, incident: &Incident) -> Result<Vec<Alert>, StoreError> {
    let told = store.alerts(incident.since.minus(BELIEVED_FOR)).await?;
    if told.is_empty() {
        return Ok(told);
    }
    let mut others = store.incidents(incident.since.minus(NEIGHBOURS)).await?;
    others.retain(|other| other.number != incident.number);
    others.push(incident.clone());
    let about = |alert: &Alert| incident_of(alert, &others) == Some(incident.number);
    let mut found: Vec<Alert> = told.into_iter().filter(about).collect();
    found.sort_by_key(|alert| (alert.starts_at, alert.fingerprint));
    Ok(found)
}

async fn calls(
    store: &Scoped,
    environment: Environment,
    incident: &Incident,
    now: Timestamp,
) -> Result<Calls, StoreError> {
    // The first call lies on the edge; the last one may have begun as the incident closed.
    let until = incident.closed_at.unwrap_or(now).plus(Duration::from_secs(1));
    let during = ExchangeFilter {
        env: Some(environment),
        from: Some(incident.since),
        to: Some(until),
        ..ExchangeFilter::default()
    };
    let worked = ExchangeFilter { outcome: Some(Outcome::Ok), ..during.clone() };
    let before = ExchangeFilter {
        from: Some(incident.since.minus(BEFORE)),
        to: Some(incident.since),
        ..worked.clone()
    };
    let read = async |filter: &ExchangeFilter| store.exchanges(filter, None, MOST).await;
    let mut working = read(&worked).await?.items;
    let earlier = read(&before).await?.items;
    let slow = is_slow(incident).then(|| slow_from(&earlier));
    let of = ExchangeFilter {
        clinic: incident.key.clinic.clone(),
        operation: incident.operation.clone(),
        category: incident.category.filter(|_| slow.is_none()),
        ..during
    };
    let mut failing = read(&of).await?.items;
    failing.retain(|call| is_of(incident, call, slow));
    if let Some(slow) = slow {
        working.retain(|call| call.duration_us < slow);
    }
    let with_before = working.len() < ENOUGH;
    let working_clinics = clinics(&working);
    if with_before {
        working.extend(earlier.iter().cloned());
    }
    let tokens = first_seen(failing.iter().chain(&working).chain(&earlier));
    let sides = [(true, &failing), (false, &working)];
    let all: Vec<_> = sides
        .into_iter()
        .flat_map(|(fails, calls)| calls.iter().map(move |call| (fails, call)))
        .map(|(fails, call)| compared(call, fails, &tokens))
        .collect();
    Ok(Calls {
        differences: differences(&all),
        with_before,
        reasons: reasons(&failing),
        working_clinics,
        of: touched(&failing),
        samples: failing.into_iter().take(SAMPLES).collect(),
    })
}

const fn is_slow(incident: &Incident) -> bool {
    matches!(incident.key.cause, Cause::AccuroSlow)
}

/// What is slow: twice of what one in twenty took before, and a second at least.
fn slow_from(before: &[Exchange]) -> u64 {
    let mut took: Vec<u64> = before.iter().map(|call| call.duration_us).collect();
    took.sort_unstable();
    let p95 = took.get(took.len() * 95 / 100).copied().unwrap_or(0);
    (p95 * 2).max(1_000_000)
}

/// Whether a call is one of the trouble's; `slow` is what counts as slow, where slowness is the trouble.
fn is_of(incident: &Incident, call: &Exchange, slow: Option<u64>) -> bool {
    match slow {
        Some(slow) => call.duration_us >= slow,
        None => match incident.category {
            Some(category) => call.ending.category() == Some(category),
            None => call.ending.outcome() == Outcome::Failed,
        },
    }
}

fn reasons(failing: &[Exchange]) -> Vec<(Reason, u64)> {
    let mut counts: BTreeMap<&str, (Reason, u64)> = BTreeMap::new();
    for reason in failing.iter().filter_map(|call| call.ending.reason()) {
        counts.entry(reason.as_str()).or_insert((reason, 0)).1 += 1;
    }
    let mut counts: Vec<(Reason, u64)> = counts.into_values().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(REASONS);
    counts
}

fn clinics(calls: &[Exchange]) -> u64 {
    calls.iter().filter_map(|call| call.clinic.as_ref()).collect::<BTreeSet<&ClinicId>>().len()
        as u64
}

fn touched(failing: &[Exchange]) -> Touched {
    let people: BTreeSet<_> = failing.iter().filter_map(|call| call.actor_ref.as_ref()).collect();
    let tasks: BTreeSet<_> = failing.iter().map(|call| &call.operation).collect();
    Touched { clinics: clinics(failing), people: people.len() as u64, tasks: tasks.len() as u64 }
}
