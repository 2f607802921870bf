//! The subject of a diagnosis and its peers over time: who got through when, and who did not.
//!
//! Owns the picture's data, bounded: a few lanes, a few dozen marks in each. It compares nothing; the
//! verdict does not depend on it. It names people by references only.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::Diagnosis;
use super::lane::{Lane, lane, short};
use super::question::{About as Asks, Question};
use crate::domain::cause::Scope;
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;
use crate::store::{Around, ExchangeFilter, Scoped, Sighting, Store, StoreError};

/// The longest time that is shown.
const LONGEST: Duration = Duration::from_hours(14 * 24);
/// The shortest.
const SHORTEST: Duration = Duration::from_mins(20);
/// Calls that are read for each part of it.
const READ: u32 = 800;
/// Of the time that is shown, a trouble that lasts fills one part in so many.
const SHARE: u32 = 8;
/// Peers that get a lane.
const PEERS: usize = 4;
/// Calls of the ticket that are asked what they have in common.
const ASKED: usize = 6;

/// What the lanes are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Each lane is a person; all calls are about the patient.
    Patient,
    /// Each lane is a person; all calls are of one task.
    Task,
    /// Each lane is a clinic; all calls are of one task.
    Clinics,
}

/// Whom a diagnosis is about, and when what worked. Times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What the lanes are about.
    pub about: About,
    /// The clinic.
    pub clinic: Option<String>,
    /// The references of the person, if it is one.
    pub actors: Vec<String>,
    /// The references of the patient, if it is one.
    pub patients: Vec<String>,
    /// The task.
    pub operation: Option<String>,
    /// The moment in question.
    pub at: i64,
    /// Where the lanes begin.
    pub from: i64,
    /// Where they end.
    pub to: i64,
    /// The subject's lane first, where it is known; then the busiest peers.
    pub lanes: Vec<Lane>,
    /// Peers without a lane.
    pub more: usize,
}

/// Reads the picture of a diagnosis.
///
/// # Errors
///
/// What the store says.
pub async fn picture(
    store: &Scoped,
    question: &Question,
    diagnosis: &Diagnosis,
    now: Timestamp,
) -> Result<Picture, StoreError> {
    let calls = in_question(store, diagnosis).await?;
    let subject = Subject::of(question, &calls, now);
    let about = about(diagnosis.scope, &subject);
    let to = subject.at.plus(question.window.max(SHORTEST)).min(now.max(subject.at));
    let earliest = to.minus(length(about, diagnosis, to));
    let (seen, complete_from) = read(store.to_compare(), about, &subject, earliest, to).await?;
    let from = from(&seen, diagnosis, complete_from, to);
    let (lanes, more) = lanes(&seen, about, &subject, from, to);
    Ok(Picture {
        about,
        clinic: subject.clinic.as_ref().map(ToString::to_string),
        actors: subject.actors.iter().map(ToString::to_string).collect(),
        patients: subject.patients.iter().map(ToString::to_string).collect(),
        operation: subject.operation.as_ref().map(ToString::to_string),
        at: subject.at.micros(),
        from: from.micros(),
        to: to.micros(),
        lanes,
        more,
    })
}

impl Picture {
    /// The calls of which one that works means that the trouble is over; `None` where that cannot be
    /// told.
    #[must_use]
    pub fn waits_for(&self) -> Option<ExchangeFilter> {
        let references = |all: &[String]| -> Vec<Reference> {
            all.iter().filter_map(|text| Reference::parse(text)).collect()
        };
        let clinic = ClinicId::parse(self.clinic.as_deref()?).ok()?;
        let operation = self.operation.as_deref().and_then(|name| OperationName::parse(name).ok());
        let person = self.about != About::Clinics;
        let filter = ExchangeFilter {
            clinic: Some(clinic),
            operation,
            actor_refs: if person { references(&self.actors) } else { Vec::new() },
            patient_refs: match self.about {
                About::Patient => references(&self.patients),
                About::Task | About::Clinics => Vec::new(),
            },
            ..ExchangeFilter::default()
        };
        // Any call of a clinic that works would say too little about one person.
        let told = filter.operation.is_some() || !filter.actor_refs.is_empty();
        told.then_some(filter)
    }
}

/// The last few calls that the diagnosis is about.
async fn in_question(store: &Scoped, diagnosis: &Diagnosis) -> Result<Vec<Exchange>, StoreError> {
    let from = diagnosis.exchanges.len().saturating_sub(ASKED);
    let mut calls = Vec::new();
    for text in &diagnosis.exchanges[from..] {
        if let Some(id) = EventId::parse(text)
            && let Some(call) = store.exchange(id).await?
        {
            calls.push(call);
        }
    }
    Ok(calls)
}

struct Subject {
    clinic: Option<ClinicId>,
    actors: Vec<Reference>,
    patients: Vec<Reference>,
    operation: Option<OperationName>,
    at: Timestamp,
}

impl Subject {
    /// What was named counts; else what the calls have in common.
    fn of(question: &Question, calls: &[Exchange], now: Timestamp) -> Self {
        let last = calls.last();
        let common = |of: fn(&Exchange) -> Option<&Reference>| {
            let first = calls.first().and_then(of)?;
            calls.iter().all(|call| of(call) == Some(first)).then(|| first.clone())
        };
        let mut subject = Self {
            clinic: last.and_then(|call| call.clinic.clone()),
            actors: common(|call| call.actor_ref.as_ref()).into_iter().collect(),
            patients: common(|call| call.patient_ref.as_ref()).into_iter().collect(),
            operation: last.map(|call| call.operation.clone()),
            at: last.map_or(now, |call| call.ts),
        };
        if let Asks::Clinic { clinic, actors, patients, operation, at } = &question.about {
            subject.clinic = Some(clinic.clone());
            if !actors.is_empty() {
                subject.actors.clone_from(actors);
            }
            if !patients.is_empty() {
                subject.patients.clone_from(patients);
            }
            subject.operation = operation.clone().or(subject.operation);
            if last.is_none() {
                subject.at = at.unwrap_or(now);
            }
        }
        subject
    }
}

fn about(scope: &str, subject: &Subject) -> About {
    let patient = !subject.patients.is_empty();
    match Scope::parse(scope) {
        Some(Scope::Platform | Scope::App | Scope::Clinic) => About::Clinics,
        Some(Scope::Actor | Scope::Operation) => About::Task,
        _ if patient => About::Patient,
        _ => About::Task,
    }
}

/// How far back is looked: a chart is opened a few times a week, a clinic calls all the time.
fn length(about: About, diagnosis: &Diagnosis, to: Timestamp) -> Duration {
    let least = match about {
        About::Patient => return LONGEST,
        About::Task => Duration::from_hours(24),
        About::Clinics => Duration::from_hours(1),
    };
    let began = diagnosis.worked_until.or(diagnosis.since);
    began.map_or(least * 6, |at| to.since(at) * SHARE).clamp(least, LONGEST)
}

/// The calls, and from when on none is left out.
async fn read(
    store: &Store,
    about: About,
    subject: &Subject,
    earliest: Timestamp,
    to: Timestamp,
) -> Result<(Vec<Sighting>, Timestamp), StoreError> {
    let around = Around { at: to, before: READ, after: 0 };
    let all = ExchangeFilter { from: Some(earliest), to: Some(to), ..ExchangeFilter::default() };
    let here = ExchangeFilter { clinic: subject.clinic.clone(), ..all.clone() };
    let operation = subject.operation.clone();
    let mut reads = match about {
        About::Patient => {
            vec![ExchangeFilter { patient_refs: subject.patients.clone(), ..here.clone() }]
        }
        About::Task => vec![ExchangeFilter { operation, ..here.clone() }],
        About::Clinics => vec![
            ExchangeFilter { operation: operation.clone(), ..here.clone() },
            ExchangeFilter { operation, ..all },
        ],
    };
    if about == About::Task && !subject.actors.is_empty() {
        let actor_refs = subject.actors.clone();
        reads.push(ExchangeFilter { actor_refs, operation: subject.operation.clone(), ..here });
    }
    let (mut seen, mut complete_from) = (Vec::new(), earliest);
    for filter in reads {
        let mut found = store.sightings(&filter, around).await?;
        if found.len() >= READ as usize {
            let oldest = found.iter().map(|call| call.ts).min().unwrap_or(earliest);
            complete_from = complete_from.max(oldest);
        }
        seen.append(&mut found);
    }
    seen.sort_by_key(|call| (call.ts, call.id));
    seen.dedup_by_key(|call| call.id);
    Ok((seen, complete_from))
}

/// A little before the first call, and before the last success if that is known.
fn from(seen: &[Sighting], diagnosis: &Diagnosis, earliest: Timestamp, to: Timestamp) -> Timestamp {
    let first = seen.iter().map(|call| call.ts).find(|ts| *ts >= earliest).unwrap_or(to);
    let first = diagnosis.worked_until.map_or(first, |until| first.min(until));
    let first = first.min(to.minus(SHORTEST)).max(earliest);
    first.minus(to.since(first) / 40).max(earliest)
}

fn lanes(
    seen: &[Sighting],
    about: About,
    subject: &Subject,
    from: Timestamp,
    to: Timestamp,
) -> (Vec<Lane>, usize) {
    let mut own = Vec::new();
    let mut peers: BTreeMap<String, Vec<&Sighting>> = BTreeMap::new();
    for call in seen {
        match about {
            About::Clinics if call.clinic == subject.clinic => own.push(call),
            About::Clinics => {
                if let Some(clinic) = &call.clinic {
                    peers.entry(clinic.to_string()).or_default().push(call);
                }
            }
            About::Patient | About::Task => match &call.actor {
                Some(actor) if subject.actors.contains(actor) => own.push(call),
                Some(actor) => peers.entry(actor.to_string()).or_default().push(call),
                None => {}
            },
        }
    }
    let has_subject = match about {
        About::Clinics => subject.clinic.is_some(),
        About::Patient | About::Task => !subject.actors.is_empty(),
    };
    let mut all = Vec::new();
    if has_subject {
        let name = match about {
            About::Clinics => subject.clinic.as_ref().map(ToString::to_string),
            About::Patient | About::Task => {
                subject.actors.first().map(|actor| short(&actor.to_string()))
            }
        };
        all.push(lane(true, name.unwrap_or_default(), &own, from, to));
    }
    let mut peers: Vec<_> = peers.into_iter().collect();
    peers.sort_by_key(|(name, calls)| (std::cmp::Reverse(calls.len()), name.clone()));
    let more = peers.len().saturating_sub(PEERS);
    all.extend(peers.into_iter().take(PEERS).map(|(name, calls)| {
        let name = if about == About::Clinics { name } else { short(&name) };
        lane(false, name, &calls, from, to)
    }));
    (all, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_persons_trouble_waits_for_that_person_and_patient() {
        let mut picture = Picture {
            about: About::Patient,
            clinic: Some("lakeshore".into()),
            actors: vec!["ac_k1_abcdefghijklmnopqrstuvwxya".into()],
            patients: vec!["pt_k1_abcdefghijklmnopqrstuvwxya".into()],
            operation: Some("patient.read".into()),
            at: 0,
            from: 0,
            to: 1,
            lanes: vec![],
            more: 0,
        };
        let filter = picture.waits_for().unwrap();
        assert_eq!((filter.actor_refs.len(), filter.patient_refs.len()), (1, 1));
        picture.about = About::Clinics;
        let filter = picture.waits_for().unwrap();
        assert!(filter.actor_refs.is_empty() && filter.patient_refs.is_empty());
        picture.operation = None;
        assert_eq!(picture.waits_for(), None, "any call at all would say nothing");
    }
}
