//! What people and services do in a scenario, before anybody knows how it ends.
//!
//! Owns life as usual (who asks for what, how often) and the calls that a scenario names. Does not
//! decide how a call ends; see [`super::history`].

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of made-up calls and minutes"
)]

use crate::scenario::{Calls, Scenario};
use crate::world::{PATIENTS, SUBJECT_PATIENT, Who};

/// Microseconds of a minute.
pub(crate) const MINUTE_US: i64 = 60_000_000;

/// One call to be made. `at_us` is microseconds from the ticket's `at`.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) at_us: i64,
    pub(crate) clinic: usize,
    pub(crate) who: Who,
    pub(crate) operation: String,
    pub(crate) patient: Option<u32>,
    pub(crate) office: Option<u32>,
    pub(crate) answer: Option<String>,
    pub(crate) ticket: bool,
    /// Whether the scenario names it: sporadic failures leave such calls alone.
    pub(crate) named: bool,
}

/// What people do all day, with how often.
const STAFF: [(&str, u32); 18] = [
    ("patient.search", 16),
    ("patient.read", 24),
    ("appointment.list", 18),
    ("lab.list", 8),
    ("document.list", 6),
    ("medication.list", 6),
    ("allergy.list", 3),
    ("history.list", 2),
    ("letter.list", 2),
    ("prescription.list", 2),
    ("provider.list", 2),
    ("schedule.list", 3),
    ("appointment.create", 2),
    ("appointment.update", 2),
    ("patient.update", 2),
    ("document.create", 1),
    ("patient.create", 1),
    ("billing.procedures.list", 1),
];

const SERVICE: [(&str, u32); 5] = [
    ("schedule.list", 4),
    ("provider.list", 2),
    ("office.list", 2),
    ("patient.public_search", 2),
    ("platform.api_version", 1),
];

const PORTAL: [(&str, u32); 4] = [
    ("patient.self.read", 3),
    ("appointment.self.list", 4),
    ("lab.self.list", 2),
    ("document.self.list", 2),
];

/// Every call of a scenario, in the order of time.
pub(crate) fn plan(scenario: &Scenario, rng: &mut fastrand::Rng) -> Vec<Planned> {
    let mut planned = Vec::new();
    for clinic in 0..scenario.clinics {
        let own = (clinic == 0).then_some(scenario.own_pace).flatten();
        let pace = own.unwrap_or(scenario.pace);
        usual(scenario, clinic, pace, &mut planned, rng);
    }
    let subject = |rng: &mut fastrand::Rng| of_staff(0, 0, scenario, rng);
    every(scenario, scenario.subject_pace, &mut planned, rng, subject);
    let ended = scenario.end.is_some();
    for calls in scenario.calls.iter().filter(|calls| ended || !calls.if_ended) {
        named(scenario, calls, &mut planned, rng);
    }
    planned.sort_by_key(|call| call.at_us);
    planned
}

fn usual(
    scenario: &Scenario,
    clinic: usize,
    pace: f64,
    planned: &mut Vec<Planned>,
    rng: &mut fastrand::Rng,
) {
    // The ticket's person has a pace of their own.
    let first = usize::from(clinic == 0);
    if scenario.staff > first {
        let anybody = |rng: &mut fastrand::Rng| {
            let number = rng.usize(first..scenario.staff);
            of_staff(clinic, number, scenario, rng)
        };
        every(scenario, pace, planned, rng, anybody);
    }
    if scenario.portal {
        let patient = |rng: &mut fastrand::Rng| life(clinic, Who::Portal, drawn(&PORTAL, rng));
        every(scenario, (pace / 4.0).min(20.0), planned, rng, patient);
    }
    if clinic > 0 || scenario.service {
        // One service is regular enough that the records have no gap; the others are rarer where
        // there are many clinics.
        let regular = clinic == scenario.clinics.min(2) - 1;
        let minutes = if regular || scenario.clinics < 4 { 5 } else { 12 };
        let mut at = -scenario.before * MINUTE_US + rng.i64(0..minutes * MINUTE_US);
        while at < scenario.after * MINUTE_US {
            let call = life(clinic, Who::Service, drawn(&SERVICE, rng));
            planned.push(Planned { at_us: at, ..call });
            at += minutes * MINUTE_US + rng.i64(-MINUTE_US..MINUTE_US);
        }
    }
}

/// Calls at random times, so many an hour.
fn every(
    scenario: &Scenario,
    an_hour: f64,
    planned: &mut Vec<Planned>,
    rng: &mut fastrand::Rng,
    mut make: impl FnMut(&mut fastrand::Rng) -> Planned,
) {
    let mut at = -scenario.before as f64;
    if an_hour <= 0.0 {
        return;
    }
    loop {
        at += -(1.0 - rng.f64()).ln() * 60.0 / an_hour;
        if at >= scenario.after as f64 {
            break;
        }
        let call = make(rng);
        planned.push(Planned { at_us: (at * MINUTE_US as f64) as i64, ..call });
    }
}

fn life(clinic: usize, who: Who, operation: &str) -> Planned {
    Planned {
        at_us: 0,
        clinic,
        who,
        operation: operation.to_owned(),
        patient: None,
        office: None,
        answer: None,
        ticket: false,
        named: false,
    }
}

fn of_staff(clinic: usize, number: usize, scenario: &Scenario, rng: &mut fastrand::Rng) -> Planned {
    let office = (scenario.offices > 1).then(|| 1 + number as u32 % scenario.offices);
    let patient = Some(other_patient(rng));
    Planned { patient, office, ..life(clinic, Who::Person(number), drawn(&STAFF, rng)) }
}

fn other_patient(rng: &mut fastrand::Rng) -> u32 {
    rng.u32(SUBJECT_PATIENT + 1..PATIENTS)
}

fn drawn<'o>(table: &[(&'o str, u32)], rng: &mut fastrand::Rng) -> &'o str {
    let whole: u32 = table.iter().map(|row| row.1).sum();
    let mut roll = rng.u32(..whole);
    for (operation, weight) in table {
        if roll < *weight {
            return operation;
        }
        roll -= weight;
    }
    unreachable!("the roll is below the sum")
}

/// The calls of one entry: evenly spread over its time, a little off the beat.
fn named(scenario: &Scenario, calls: &Calls, planned: &mut Vec<Planned>, rng: &mut fastrand::Rng) {
    let count = i64::from(scenario.count(&calls.count));
    let (from, to) = (scenario.minute(&calls.from), scenario.minute(&calls.to));
    let to = to.min(scenario.after);
    assert!(from < to || count == 0, "{}: calls from {from} to {to}", scenario.name);
    for number in 0..count {
        let step = (to - from) * MINUTE_US / count;
        let at_us = from * MINUTE_US + number * step + rng.i64(step / 8..step * 7 / 8);
        let clinic = match calls.clinic.as_str() {
            "subject" => 0,
            "second" => 1,
            "others" => 1 + number as usize % (scenario.clinics - 1),
            "all" => number as usize % scenario.clinics,
            other => panic!("{}: no such clinic: {other}", scenario.name),
        };
        let person = match calls.who.as_str() {
            "subject" => Who::Person(0),
            "colleagues" => Who::Person(1 + number as usize % (scenario.staff - 1)),
            "everyone" => Who::Person(rng.usize(..scenario.staff)),
            "service" => Who::Service,
            "portal" => Who::Portal,
            other => panic!("{}: no such person: {other}", scenario.name),
        };
        let patient = match calls.patient.as_str() {
            "subject" => Some(SUBJECT_PATIENT),
            "others" => Some(other_patient(rng)),
            "none" => None,
            other => panic!("{}: no such patient: {other}", scenario.name),
        };
        planned.push(Planned {
            at_us,
            patient,
            office: calls.office.or_else(|| usual_office(scenario, person)),
            answer: calls.answer.clone(),
            ticket: calls.ticket,
            named: true,
            ..life(clinic, person, &calls.operation)
        });
    }
}

fn usual_office(scenario: &Scenario, who: Who) -> Option<u32> {
    match who {
        Who::Person(number) if scenario.offices > 1 => Some(1 + number as u32 % scenario.offices),
        _ => None,
    }
}
