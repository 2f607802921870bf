//! What is read for a question: bounded, along indices, nearest to the moment first.
//!
//! Owns the reads and their sizes. First the ticket and what is around it at its clinic; then, around
//! the time that the ticket turned out to lie in, the other clinics and what was usual before.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::DiagnosisError;
use super::alike::{self, Core};
use super::question::{About, Question};
use super::recorded::{self, Lag, Stretch};
use super::scene::{Reach, Scene, Subject};
use super::symptom::Symptom;
use super::ticket;
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::event::Exchange;
use crate::domain::labels::{Environment, Outcome};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::store::{Around, ExchangeFilter, RecordedSpan, Scoped, Sighting, Store, StoreError};

/// Calls read on either side of the moment.
const OF_PERSON: (u32, u32) = (400, 250);
const OF_PATIENT: (u32, u32) = (400, 250);
const OF_CLINIC: (u32, u32) = (1_200, 1_200);
const OF_EVERYBODY: (u32, u32) = (1_500, 1_500);
const OF_TASK: (u32, u32) = (80, 60);
const OF_GRANTS: (u32, u32) = (60, 60);
const OF_OTHER_CLINIC: (u32, u32) = (25, 25);
const OF_THE_PAST: (u32, u32) = (20, 0);
const OF_BEFORE: (u32, u32) = (150, 0);
/// Other clinics that are looked at one by one.
const OTHER_CLINICS: usize = 8;
/// How far back a person's, a task's and a patient's calls are looked for: a patient may not
/// have been seen for weeks.
const LOOK_BACK: Duration = Duration::from_hours(14 * 24);
const LOOK_BACK_FOR_PATIENT: Duration = Duration::from_hours(92 * 24);
/// The newest calls of all, among which a code is looked for first: few enough days to look into each.
const NEWEST: Duration = Duration::from_hours(6 * 24);
/// Calls of one id that are looked at.
const MOST_OF_AN_ID: u32 = 50;
/// How long before the moment "the past" is, in hours.
const PAST_HOURS: [u64; 5] = [2, 6, 24, 72, 168];
/// How long before the window calls are read that tell how long an answer usually takes, in hours.
const BEFORE_HOURS: [u64; 5] = [0, 6, 24, 72, 168];
/// Events no further apart than this are a record without a gap.
pub(super) const SILENCE: Duration = Duration::from_mins(10);
/// A time that is further ahead than this is in the future; clocks differ.
const AHEAD: Duration = Duration::from_mins(5);

/// Reads what a question needs.
pub(super) async fn gather(
    seen: &Scoped,
    registry: &Registry,
    env: Environment,
    question: &Question,
    now: Timestamp,
) -> Result<Scene, DiagnosisError> {
    let store = seen.to_compare();
    let newest = store.freshness().await?.newest;
    let (subject, call) = subject(seen, registry, question, newest, now).await?;
    let operation = call.as_ref().map(|call| call.operation.clone()).or(subject.operation.clone());
    let ((mut calls, here), before) =
        tokio::try_join!(near(store, &subject, operation.as_ref()), before(store, &subject))?;
    let ours = env;
    let env = call.map(|call| call.env).or_else(|| env_of(&calls, &subject)).unwrap_or(ours);
    let scene =
        |calls, silences| Scene::new(subject.clone(), env, calls, &before, silences, newest);
    let core = core_of(&scene(calls.clone(), Vec::new()));
    let centre = core.as_ref().map_or(subject.at, |core| subject.at.clamp(core.first, core.last));
    let operation = core.as_ref().map(|core| core.operation.clone()).or(operation);
    let last = newest.map_or(subject.to(), |newest| newest.max(subject.at).min(subject.to()));
    let (more, (others, everywhere), silences, running, gaps) = tokio::try_join!(
        unnamed(store, &subject, core.as_ref()),
        far(store, &subject, operation.as_ref(), centre),
        store.silences(env, subject.from(), last, SILENCE),
        spans(store, &subject, env == ours),
        store.recording_gaps(subject.from(), last),
    )?;
    calls.extend(more.into_iter().chain(others));
    let gaps = gaps.iter().filter(|_| env == ours).map(|gap| (gap.began, gap.until));
    let gaps: Vec<Stretch> = gaps.collect();
    let covered: Vec<Stretch> = running.iter().map(covered).collect();
    let silences = recorded::unrecorded(silences, &covered, &gaps, (subject.from(), last));
    let alive = covered.iter().map(|(_, until)| *until).max();
    // Where an instance says that it runs, silence needs no guess.
    let allowed = if running.iter().any(|span| !span.stopped) { Duration::ZERO } else { SILENCE };
    let lag = Lag::of(newest.max(alive), subject.at, subject.to().min(now), allowed);
    let mut scene = scene(calls, silences);
    scene.lag = lag;
    scene.reach = Reach { here, everywhere };
    Ok(scene)
}

/// What instances cover of the window by their own marks. They are of the environment that is set; of
/// another one there are only imported events.
async fn spans(
    store: &Store,
    subject: &Subject,
    ours: bool,
) -> Result<Vec<RecordedSpan>, StoreError> {
    if !ours {
        return Ok(Vec::new());
    }
    store.recorded_spans(subject.from(), subject.to()).await
}

fn covered(span: &RecordedSpan) -> Stretch {
    recorded::covered(span.began, span.until, span.stopped)
}

async fn subject(
    store: &Scoped,
    registry: &Registry,
    question: &Question,
    newest: Option<Timestamp>,
    now: Timestamp,
) -> Result<(Subject, Option<Exchange>), DiagnosisError> {
    let window = question.window;
    let filter = match &question.about {
        About::Code(code) => ExchangeFilter { support_code: Some(*code), ..Default::default() },
        About::Request(ids) => ExchangeFilter { request_ids: ids.clone(), ..Default::default() },
        About::Clinic { clinic, actors, patients, operation, at } => {
            if registry.clinic(clinic).is_none() || !store.scope().covers(Some(clinic)) {
                let seen = store.clinics_seen().await?;
                if !seen.iter().any(|seen| seen.clinic.as_ref() == Some(clinic)) {
                    return Err(DiagnosisError::NoSuchClinic);
                }
            }
            let at = at.unwrap_or(now);
            let recorded = newest.map_or(now, |newest| newest.max(now));
            if at > recorded.plus(AHEAD) {
                return Err(DiagnosisError::Future);
            }
            let subject = Subject {
                clinic: Some(clinic.clone()),
                actors: actors.clone(),
                patients: patients.clone(),
                operation: operation.clone(),
                at,
                window,
                call: None,
            };
            return Ok((subject, None));
        }
    };
    let found = ids(store, &filter, newest).await?;
    // One id may stand for several calls: what went wrong is what is asked about.
    let in_vain = found.iter().find(|call| call.ending.outcome() == Outcome::Failed);
    let in_vain = in_vain.or_else(|| found.iter().find(|c| c.ending.outcome() == Outcome::Empty));
    let call = in_vain.or(found.first()).ok_or(DiagnosisError::NoSuchCall)?.clone();
    let subject = Subject {
        clinic: call.clinic.clone(),
        actors: call.actor_ref.iter().cloned().collect(),
        patients: call.patient_ref.iter().cloned().collect(),
        operation: None,
        at: call.ts,
        window,
        call: Some(call.id),
    };
    Ok((subject, Some(call)))
}

/// The calls that a code or an id stands for. A ticket is mostly about the last days, and a code is of one call in
/// a million millions; so where the newest week has it, months need not be looked through.
async fn ids(
    store: &Scoped,
    filter: &ExchangeFilter,
    newest: Option<Timestamp>,
) -> Result<Vec<Exchange>, StoreError> {
    if let Some(newest) = newest.filter(|_| filter.support_code.is_some()) {
        let (from, to) = (newest.minus(NEWEST), newest.plus(AHEAD));
        let newest = ExchangeFilter { from: Some(from), to: Some(to), ..filter.clone() };
        let found = store.exchanges(&newest, None, MOST_OF_AN_ID).await?.items;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(store.exchanges(filter, None, MOST_OF_AN_ID).await?.items)
}

/// From when on a reading has every call: from where it began, unless it was full before.
fn reach(calls: &[Sighting], from: Timestamp, at: Timestamp, most: u32) -> Timestamp {
    let before = calls.iter().filter(|call| call.ts < at);
    let full = before.clone().count() >= most as usize;
    before.map(|call| call.ts).min().filter(|_| full).unwrap_or(from)
}

/// What happened at the clinic, and from when on that is all that did.
async fn near(
    store: &Store,
    subject: &Subject,
    operation: Option<&OperationName>,
) -> Result<(Vec<Sighting>, Timestamp), StoreError> {
    let here = ExchangeFilter {
        clinic: subject.clinic.clone(),
        from: Some(subject.from().minus(LOOK_BACK)),
        to: Some(subject.to()),
        ..ExchangeFilter::default()
    };
    let clinic = ExchangeFilter { from: Some(subject.from()), ..here.clone() };
    let clinic = read(store, std::iter::once((clinic, OF_CLINIC, subject.at)));
    let mut reads = Vec::new();
    if !subject.actors.is_empty() {
        let person = ExchangeFilter { actor_refs: subject.actors.clone(), ..here.clone() };
        reads.push((person, OF_PERSON));
    }
    if !subject.patients.is_empty() {
        let patient = ExchangeFilter {
            patient_refs: subject.patients.clone(),
            from: Some(subject.from().minus(LOOK_BACK_FOR_PATIENT)),
            ..here.clone()
        };
        reads.push((patient, OF_PATIENT));
    }
    let operations = operation.cloned().into_iter().map(|operation| (operation, OF_TASK));
    let grants = OperationName::parse(TOKEN_OPERATION).ok().map(|grants| (grants, OF_GRANTS));
    for (operation, size) in operations.chain(grants) {
        if subject.clinic.is_some() {
            reads.push((ExchangeFilter { operation: Some(operation), ..here.clone() }, size));
        }
    }
    let others = read(store, reads.into_iter().map(|(filter, size)| (filter, size, subject.at)));
    let (clinic, others) = tokio::try_join!(clinic, others)?;
    let reach = reach(&clinic, subject.from(), subject.at, OF_CLINIC.0);
    Ok(([clinic, others].concat(), reach))
}

/// What happened elsewhere at the time, and in the same task before; and from when on it is all that did.
async fn far(
    store: &Store,
    subject: &Subject,
    operation: Option<&OperationName>,
    centre: Timestamp,
) -> Result<(Vec<Sighting>, Timestamp), StoreError> {
    let (from, to) = (Some(subject.from()), Some(subject.to()));
    let everybody = ExchangeFilter { from, to, ..ExchangeFilter::default() };
    let everybody = read(store, std::iter::once((everybody, OF_EVERYBODY, centre)));
    let mut reads = Vec::new();
    let mut clinics: Vec<ClinicId> =
        store.clinics_seen().await?.into_iter().filter_map(|seen| seen.clinic).collect();
    clinics.sort();
    clinics.retain(|clinic| Some(clinic) != subject.clinic.as_ref());
    clinics.truncate(OTHER_CLINICS);
    if let Some(operation) = operation {
        let at = |clinic: &ClinicId| ExchangeFilter {
            clinic: Some(clinic.clone()),
            operation: Some(operation.clone()),
            from: Some(subject.from().minus(LOOK_BACK)),
            to,
            ..ExchangeFilter::default()
        };
        reads.extend(clinics.iter().map(|clinic| (at(clinic), OF_OTHER_CLINIC, centre)));
        for clinic in subject.clinic.iter().chain(clinics.first()) {
            let past = |hours| centre.minus(Duration::from_hours(hours));
            let past = PAST_HOURS.map(past);
            reads.extend(past.map(|moment| (at(clinic), OF_THE_PAST, moment)));
        }
    }
    let (everybody, others) = tokio::try_join!(everybody, read(store, reads.into_iter()))?;
    let reach = reach(&everybody, subject.from(), centre, OF_EVERYBODY.0);
    Ok(([everybody, others].concat(), reach))
}

/// What anybody did before the window: how long answers usually take.
async fn before(store: &Store, subject: &Subject) -> Result<Vec<Sighting>, StoreError> {
    let from = subject.from();
    let moment = |hours| from.minus(Duration::from_hours(hours));
    let earliest = Some(from.minus(LOOK_BACK));
    let filter = ExchangeFilter { from: earliest, to: Some(from), ..ExchangeFilter::default() };
    read(store, BEFORE_HOURS.map(|hours| (filter.clone(), OF_BEFORE, moment(hours))).into_iter())
        .await
}

async fn read(
    store: &Store,
    reads: impl Iterator<Item = (ExchangeFilter, (u32, u32), Timestamp)>,
) -> Result<Vec<Sighting>, StoreError> {
    let reads = reads.map(async |(filter, (before, after), at)| {
        store.sightings(&filter, Around { at, before, after }).await
    });
    Ok(try_join_all(reads).await?.concat())
}

/// The environment of the call nearest to the moment, the person's or patient's before others.
fn env_of(calls: &[Sighting], subject: &Subject) -> Option<Environment> {
    let named = |call: &&Sighting| {
        ticket::is_one_of(call.actor.as_ref(), &subject.actors)
            || ticket::is_one_of(call.patient.as_ref(), &subject.patients)
    };
    let apart =
        |call: &&Sighting| (call.ts.since(subject.at).max(subject.at.since(call.ts)), call.id);
    let nearest = calls.iter().filter(named).min_by_key(apart);
    nearest.or_else(|| calls.iter().min_by_key(apart)).map(|call| call.env)
}

/// What the ticket turned out to be about.
fn core_of(scene: &Scene) -> Option<Core> {
    let ticket = ticket::calls(scene);
    let mut symptoms = ticket::symptoms(scene, &ticket);
    symptoms.push((Symptom::Worked, 1.0));
    symptoms.iter().find_map(|(symptom, share)| alike::core(scene, &ticket, *symptom, *share))
}

/// The history of the person and the patient that the question did not name, but its calls do.
async fn unnamed(
    store: &Store,
    subject: &Subject,
    core: Option<&Core>,
) -> Result<Vec<Sighting>, StoreError> {
    let Some(core) = core else { return Ok(Vec::new()) };
    let here = ExchangeFilter {
        clinic: subject.clinic.clone(),
        to: Some(subject.to()),
        ..ExchangeFilter::default()
    };
    let mut reads = Vec::new();
    if subject.actors.is_empty() && !core.actors.is_empty() {
        let from = Some(subject.from().minus(LOOK_BACK));
        let person = ExchangeFilter { actor_refs: core.actors.clone(), from, ..here.clone() };
        reads.push((person, OF_PERSON, subject.at));
    }
    if subject.patients.is_empty() && !core.patients.is_empty() {
        let from = Some(subject.from().minus(LOOK_BACK_FOR_PATIENT));
        let patient = ExchangeFilter { patient_refs: core.patients.clone(), from, ..here };
        reads.push((patient, OF_PATIENT, subject.at));
    }
    read(store, reads.into_iter()).await
}
