//! What the watch says of made-up calls, by table, and how incidents follow it.

use std::collections::HashMap;

use super::evidence::Evidence;
use super::rule::findings;
use crate::diagnosis::fixtures::{NOON, call, reference};
use crate::domain::cause::{Cause, Scope};
use crate::domain::health::State;
use crate::domain::ids::EventId;
use crate::domain::incident::step::REOPEN_WITHIN;
use crate::domain::incident::{Change, Finding, Incident, Moment, step};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::ReferenceKind;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOON + seconds)
}

/// How a call of a clinic ends, by person and second; [`NO_CALL`]: there is none then.
type Script = fn(clinic: &str, person: u8, second: i64) -> (Ending, u64);

const TASKS: [&str; 3] = ["patient.read", "appointment.list", "document.read"];
const CLINICS: [&str; 3] = ["harbour-view", "lakeshore", "foothills"];

/// Three people at each of three clinics, each with a call every six seconds, two seconds apart.
fn calls(script: Script, until: i64) -> Vec<Sighting> {
    let mut all = Vec::new();
    for second in (0..until).step_by(2) {
        for (clinic_number, clinic) in (0..).zip(CLINICS) {
            let person = u8::try_from((second / 2) % 3).unwrap() + 10 * clinic_number;
            let (ending, duration_us) = script(clinic, person % 10, second);
            if ending == NO_CALL.0 {
                continue;
            }
            let mut one = call(0);
            one.ts = at(second);
            one.id = EventId::new(one.ts, u128::from(person) + 1);
            one.clinic = ClinicId::parse(clinic).ok();
            let task = TASKS[usize::try_from(second / 6 % 3).unwrap()];
            one.operation = OperationName::parse(task).unwrap();
            one.actor = Some(reference(ReferenceKind::Actor, person + 1));
            one.token = Some(reference(ReferenceKind::Token, person + 1));
            one.ending = ending;
            one.duration_us = duration_us;
            if let Some(reason) = ending.reason() {
                one.status = if reason == Reason::TokenRejected { 401 } else { 503 };
                one.upstream_status = Some(one.status);
            }
            all.push(one);
        }
    }
    all
}

const OK: (Ending, u64) = (Ending::Ok, 90_000);
const NO_CALL: (Ending, u64) = (Ending::Aborted, 0);

fn failed(reason: Reason) -> (Ending, u64) {
    (Ending::failed(reason), 90_000)
}

fn look(script: Script, now: i64) -> Vec<Finding> {
    let usual = CLINICS.map(|clinic| (ClinicId::parse(clinic).unwrap(), 200_000));
    let calls = calls(script, now);
    findings(&Evidence::new(at(now), calls, &HashMap::from(usual)))
}

/// What is told: cause, scope, clinic, people.
fn told(findings: &[Finding]) -> Vec<(Cause, Scope, Option<&str>, Option<u64>)> {
    let one = |finding: &Finding| {
        let clinic = finding.key.clinic.as_ref();
        let clinic = clinic.and_then(|id| CLINICS.into_iter().find(|c| *c == id.as_str()));
        (finding.key.cause, finding.key.scope, clinic, finding.counts.actors)
    };
    findings.iter().map(one).collect()
}

fn all_down(_: &str, _: u8, second: i64) -> (Ending, u64) {
    if second >= 300 { failed(Reason::UpstreamUnavailable) } else { OK }
}

fn unreachable(_: &str, _: u8, second: i64) -> (Ending, u64) {
    if second >= 300 { failed(Reason::ConnectFailed) } else { OK }
}

fn one_rejected(clinic: &str, _: u8, second: i64) -> (Ending, u64) {
    let rejected = clinic == "harbour-view" && second >= 300;
    if rejected { failed(Reason::TokenRejected) } else { OK }
}

fn one_down(clinic: &str, _: u8, second: i64) -> (Ending, u64) {
    let down = clinic == "harbour-view" && second >= 300;
    if down { failed(Reason::UpstreamError) } else { OK }
}

fn all_slow(_: &str, _: u8, second: i64) -> (Ending, u64) {
    let usual = if second >= 300 { 1_500_000 } else { 90_000 };
    (Ending::Ok, usual)
}

fn one_person(clinic: &str, person: u8, second: i64) -> (Ending, u64) {
    let refused = clinic == "lakeshore" && person == 1 && second >= 120;
    if refused { failed(Reason::TokenRejected) } else { OK }
}

fn two_faults(clinic: &str, person: u8, second: i64) -> (Ending, u64) {
    match clinic {
        "harbour-view" => one_rejected(clinic, person, second),
        _ => all_down(clinic, person, second),
    }
}

fn app_rejected(_: &str, _: u8, second: i64) -> (Ending, u64) {
    if second >= 300 { failed(Reason::TokenRejected) } else { OK }
}

fn one_task(_: &str, _: u8, second: i64) -> (Ending, u64) {
    let rejected = second >= 300 && second / 6 % 3 == 2;
    if rejected { failed(Reason::Unprocessable) } else { OK }
}

fn quiet(clinic: &str, _: u8, second: i64) -> (Ending, u64) {
    // Two clinics are closed; one calls every other minute and is refused.
    if clinic != "harbour-view" || second % 122 != 0 {
        return NO_CALL;
    }
    if second >= 480 { failed(Reason::TokenRejected) } else { OK }
}

fn fine(_: &str, _: u8, _: i64) -> (Ending, u64) {
    OK
}

#[test]
fn each_trouble_is_named_once_for_those_whom_it_concerns() {
    use Cause::{
        AccuroDown, AccuroSlow, AccuroUnreachable, AppCredentialsRejected,
        ClinicConnectionRejected, ClinicDown, RequestRejected,
    };
    use Scope::{App, Clinic, Operation, Platform};
    let harbour = Some("harbour-view");
    #[rustfmt::skip]
    let table: Vec<(Script, i64, Vec<_>)> = vec![
        (fine, 360, vec![]),
        (all_down, 330, vec![(AccuroDown, Platform, None, Some(9))]),
        (unreachable, 330, vec![(AccuroUnreachable, Platform, None, Some(9))]),
        (one_rejected, 330, vec![(ClinicConnectionRejected, Clinic, harbour, Some(3))]),
        (one_down, 330, vec![(ClinicDown, Clinic, harbour, Some(3))]),
        (all_slow, 360, vec![(AccuroSlow, Platform, None, None)]),
        (one_person, 330, vec![]),
        (two_faults, 330, vec![
            (AccuroDown, Platform, None, Some(6)),
            (ClinicConnectionRejected, Clinic, harbour, Some(3)),
        ]),
        (app_rejected, 330, vec![(AppCredentialsRejected, App, None, Some(9))]),
        (one_task, 360, vec![(RequestRejected, Operation, None, Some(9))]),
        (quiet, 1_000, vec![(ClinicConnectionRejected, Clinic, harbour, Some(3))]),
    ];
    for (index, (script, now, expected)) in table.into_iter().enumerate() {
        let found = look(script, now);
        assert_eq!(told(&found), expected, "row {index}");
    }
}

#[test]
fn the_beginning_is_the_first_call_that_failed_or_was_slow() {
    for script in [all_down as Script, one_rejected, one_down, all_slow, app_rejected] {
        let found = look(script, 400);
        assert_eq!(found[0].since, at(300));
        assert!(!found[0].maybe_older);
    }
    // An outage that fills what was read may be older than that.
    let found = look(|_, _, _| failed(Reason::UpstreamError), 100);
    assert!(found[0].maybe_older);
}

#[test]
fn a_trouble_is_told_within_ten_seconds_of_its_first_call() {
    for script in [all_down as Script, one_rejected, one_down, app_rejected] {
        let found = look(script, 310);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].state, found[0].since), (State::Failing, at(300)));
    }
}

#[test]
fn two_people_who_are_refused_in_the_same_task_are_a_part_of_the_clinic() {
    let found = look(
        |clinic, person, second| {
            let task = second / 6 % 3 == 2;
            let refused = clinic == "lakeshore" && person < 2 && task && second >= 240;
            if refused { failed(Reason::TokenRejected) } else { OK }
        },
        360,
    );
    let expected = (Cause::SectionRestricted, Scope::Clinic, Some("lakeshore"), Some(2));
    assert_eq!(told(&found), [expected]);
    assert_eq!(found[0].state, State::SomeFailures);
    assert_eq!(found[0].operation, OperationName::parse("document.read").ok());
}

/// Plays a script second by second; gives every incident.
fn play(script: Script, until: i64) -> Vec<Incident> {
    let mut incidents: Vec<Incident> = Vec::new();
    let all = calls(script, until);
    for now in (2..until).step_by(2) {
        let calls = all.iter().filter(|call| call.ts < at(now) && call.ts > at(now - 600)).cloned();
        let usual = CLINICS.map(|clinic| (ClinicId::parse(clinic).unwrap(), 200_000));
        let known: Vec<Incident> = incidents
            .iter()
            .filter(|i| i.closed_at.is_none_or(|closed| at(now).since(closed) <= REOPEN_WITHIN))
            .cloned()
            .collect();
        let evidence = Evidence::new(at(now), calls, &HashMap::from(usual)).after(&known);
        let last_call = |clinic: Option<&ClinicId>| evidence.last_call(clinic);
        let moment = Moment { now: at(now), last_call: &last_call };
        for change in step(&known, &findings(&evidence), moment) {
            apply(&mut incidents, change, at(now));
        }
    }
    incidents
}

fn apply(incidents: &mut Vec<Incident>, change: Change, now: Timestamp) {
    let number = i64::try_from(incidents.len()).unwrap();
    match change {
        Change::Open(found) => incidents.push(Incident {
            number,
            key: found.key,
            state: found.state,
            category: found.category,
            operation: found.operation,
            confidence: found.confidence,
            since: found.since,
            opened_at: now,
            last_seen: now,
            closed_at: None,
            end: None,
            peak: found.counts,
        }),
        Change::Sight(number, _) => incidents[usize::try_from(number).unwrap()].last_seen = now,
        Change::Reopen(number, _) => {
            let incident = &mut incidents[usize::try_from(number).unwrap()];
            (incident.last_seen, incident.closed_at, incident.end) = (now, None, None);
        }
        Change::Close(number, end) => {
            let incident = &mut incidents[usize::try_from(number).unwrap()];
            (incident.closed_at, incident.end) = (Some(now), Some(end));
        }
    }
}

#[test]
fn each_incident_is_opened_within_ten_seconds_and_closed_within_two_minutes() {
    let scripts: [(Script, Cause); 4] = [
        (
            |clinic, person, second| {
                all_down(clinic, person, if second < 420 { second } else { 0 })
            },
            Cause::AccuroDown,
        ),
        (
            |clinic, person, second| {
                one_rejected(clinic, person, if second < 420 { second } else { 0 })
            },
            Cause::ClinicConnectionRejected,
        ),
        (
            |clinic, person, second| {
                one_down(clinic, person, if second < 420 { second } else { 0 })
            },
            Cause::ClinicDown,
        ),
        (
            |clinic, person, second| {
                all_slow(clinic, person, if second < 420 { second } else { 0 })
            },
            Cause::AccuroSlow,
        ),
    ];
    for (script, cause) in scripts {
        let all = play(script, 600);
        let causes: Vec<Cause> = all.iter().map(|incident| incident.key.cause).collect();
        assert_eq!(causes, [cause]);
        let limit = if cause == Cause::AccuroSlow { 330 } else { 310 };
        assert!(all[0].opened_at <= at(limit), "{cause} {}", all[0].opened_at);
        let closed = all[0].closed_at.unwrap();
        assert!(closed <= at(540), "{cause} {closed}");
    }
}

#[test]
fn half_a_minute_on_and_half_a_minute_off_is_one_incident() {
    let all = play(
        |_, _, second| {
            let on = (120..480).contains(&second) && second / 30 % 2 == 0;
            if on { failed(Reason::UpstreamUnavailable) } else { OK }
        },
        660,
    );
    let told: Vec<Cause> = all.iter().map(|incident| incident.key.cause).collect();
    assert_eq!(told, [Cause::AccuroDown]);
    assert_eq!(all[0].opened_at.max(at(120)).min(at(130)), all[0].opened_at);
    assert!(all[0].closed_at.is_some());
}

#[test]
fn what_belonged_to_a_trouble_that_is_over_does_not_begin_the_next_one() {
    fn half(second: i64) -> (Ending, u64) {
        let bad = second / 6 % 2 == 0;
        if bad { (Ending::failed(Reason::UpstreamUnavailable), 90_000) } else { OK }
    }
    let script: Script = |clinic, _, second| match second {
        100..160 => half(second),
        // So few good calls that they alone would end no row.
        160..420 if second % 60 < 2 => OK,
        160..420 => NO_CALL,
        _ if clinic == "harbour-view" && second >= 420 => half(second),
        _ => OK,
    };
    let all = play(script, 520);
    let told: Vec<Cause> = all.iter().map(|incident| incident.key.cause).collect();
    assert_eq!(told, [Cause::AccuroDown, Cause::ClinicDown]);
    assert!(all[0].closed_at.is_some());
    assert!(all[1].since >= at(420), "{}", all[1].since);
}
