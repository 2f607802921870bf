//! The course of incidents, by table.

use std::time::Duration;

use super::*;
use crate::domain::health::State;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_764_000_000 + seconds)
}

fn finding(cause: Cause, clinic: Option<&str>) -> Finding {
    let clinic = clinic.map(|id| ClinicId::parse(id).unwrap());
    let scope = if clinic.is_some() { Scope::Clinic } else { cause.scope() };
    Finding {
        key: Key { cause, scope, clinic: clinic.clone() },
        since: at(0),
        maybe_older: false,
        state: State::Failing,
        category: cause.category(),
        operation: None,
        confidence: 0.9,
        clinics: clinic.into_iter().collect(),
        counts: Counts { clinics: 1, actors: Some(2), calls: 9 },
    }
}

/// Plays findings every five seconds, as the store would keep them; gives every incident.
fn play(seconds: i64, calls_flow: bool, holds: impl Fn(i64) -> Vec<Finding>) -> Vec<Incident> {
    let mut incidents: Vec<Incident> = Vec::new();
    for now in (0..=seconds).step_by(5) {
        let last_call = |_: Option<&ClinicId>| calls_flow.then(|| at(now));
        for change in step(&incidents, &holds(now), Moment { now: at(now), last_call: &last_call })
        {
            apply(&mut incidents, change, at(now));
        }
        let mut keys: Vec<&Key> =
            incidents.iter().filter(|i| i.is_open()).map(|i| &i.key).collect();
        let open = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), open, "one open incident per cause and scope");
    }
    incidents
}

fn apply(incidents: &mut Vec<Incident>, change: Change, now: Timestamp) {
    let number = i64::try_from(incidents.len()).unwrap() + 1;
    let find = |incidents: &mut Vec<Incident>, number: i64| {
        incidents.iter().position(|incident| incident.number == number).unwrap()
    };
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
        Change::Sight(number, _) => {
            let index = find(incidents, number);
            incidents[index].last_seen = now;
        }
        Change::Reopen(number, _) => {
            let index = find(incidents, number);
            incidents[index].last_seen = now;
            (incidents[index].closed_at, incidents[index].end) = (None, None);
        }
        Change::Close(number, end) => {
            let index = find(incidents, number);
            (incidents[index].closed_at, incidents[index].end) = (Some(now), Some(end));
        }
    }
}

fn during(
    from: i64,
    to: i64,
    cause: Cause,
    clinic: Option<&'static str>,
) -> impl Fn(i64) -> Vec<Finding> {
    move |now| {
        if (from..to).contains(&now) { vec![finding(cause, clinic)] } else { Vec::new() }
    }
}

#[test]
fn an_incident_opens_at_once_and_closes_within_a_minute_of_the_end() {
    let all = play(400, true, during(20, 200, Cause::ClinicConnectionRejected, Some("a")));
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].opened_at, all[0].end), (at(20), Some(End::Recovered)));
    assert_eq!(all[0].closed_at, Some(at(240)));
}

#[test]
fn trouble_that_comes_and_goes_every_half_minute_is_one_incident() {
    let flaps = |now: i64| {
        let on = now < 600 && (now / 30) % 2 == 0;
        if on { vec![finding(Cause::AccuroDown, None)] } else { Vec::new() }
    };
    let all = play(900, true, flaps);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].opened_at, at(0));
    assert!(all[0].closed_at > Some(at(600)));
}

#[test]
fn what_comes_back_within_a_quarter_of_an_hour_is_the_same_incident_and_later_a_new_one() {
    let twice = |gap: i64| {
        move |now: i64| {
            let on = now < 60 || (gap..gap + 60).contains(&now);
            if on { vec![finding(Cause::ClinicDown, Some("a"))] } else { Vec::new() }
        }
    };
    assert_eq!(play(1_000, true, twice(600)).len(), 1);
    assert_eq!(play(2_000, true, twice(1_500)).len(), 2);
}

#[test]
fn a_wider_trouble_swallows_the_clinics_and_leaves_no_trail_of_them() {
    let all = play(600, true, |now| match now {
        10..20 => vec![finding(Cause::ClinicDown, Some("a"))],
        20..200 => vec![finding(Cause::AccuroDown, None), finding(Cause::ClinicDown, Some("b"))],
        // The last clinic to recover is not an incident of its own.
        200..220 => vec![finding(Cause::ClinicDown, Some("b"))],
        _ => Vec::new(),
    });
    let told: Vec<_> = all.iter().map(|i| (i.key.cause, i.end)).collect();
    let (explained, recovered) = (Some(End::Explained), Some(End::Recovered));
    assert_eq!(told, [(Cause::ClinicDown, explained), (Cause::AccuroDown, recovered)]);
}

#[test]
fn two_faults_at_once_are_two_incidents() {
    let all = play(300, true, |_| {
        vec![finding(Cause::AccuroDown, None), finding(Cause::ClinicConnectionRejected, Some("a"))]
    });
    assert_eq!(all.iter().filter(|incident| incident.is_open()).count(), 2);
}

#[test]
fn two_names_of_one_outage_take_turns_without_a_second_incident() {
    let all = play(300, true, |now| {
        let cause = if (now / 10) % 2 == 0 { Cause::AccuroDown } else { Cause::AccuroUnreachable };
        vec![finding(cause, None)]
    });
    assert_eq!(all.len(), 1);
    assert!(all[0].is_open());
}

#[test]
fn without_calls_an_incident_stays_open_for_a_while_and_then_says_that_nothing_is_known() {
    let all = play(1_200, false, during(0, 60, Cause::ClinicDown, Some("a")));
    assert_eq!(all[0].end, Some(End::NoCalls));
    let closed = all[0].closed_at.unwrap();
    assert!(closed.since(all[0].last_seen) >= Duration::from_mins(15), "{closed}");
}
