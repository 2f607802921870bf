//! An invented Tuesday: nine clinics, one of them refused since 10:12, documents slow since 09:50.
//!
//! Owns figures for tests and pictures. Nothing here is a real clinic.

use std::sync::Arc;

use super::{ClinicReading, HOURS, Reading, series};
use crate::domain::health::{Bucket, ClinicFacts, Tally, tally::sum_from};
use crate::domain::labels::Context;
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::{Ending, Reason};
use crate::domain::registry::{Clinic, Phase, Registry, Rollout};
use crate::domain::time::Timestamp;

/// Tue 24 Nov 2026, 10:46 in British Columbia.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T17:46:10Z").unwrap()
}

type Sketch = (&'static str, &'static str, &'static str, Phase, u64, u64, u64);

const CLINICS: [Sketch; 9] = [
    // id, name, zone, phase, calls a minute, open from, open to (their clock)
    ("harbour-view", "Harbour View Medical", "America/Vancouver", Phase::Pilot, 6, 8, 18),
    ("maple-grove", "Maple Grove Health", "America/Toronto", Phase::Live, 32, 7, 20),
    ("cedar-street", "Cedar Street Clinic", "America/Vancouver", Phase::Pilot, 0, 8, 18),
    ("lakeshore", "Lakeshore Family Practice", "America/Vancouver", Phase::Live, 21, 8, 18),
    ("foothills", "Foothills Walk-in", "America/Edmonton", Phase::Expanding, 38, 7, 21),
    ("north-shore", "North Shore Women’s Health", "America/Vancouver", Phase::Expanding, 18, 8, 17),
    ("riverbend", "Riverbend Pediatrics", "America/Winnipeg", Phase::Pilot, 14, 8, 17),
    ("prairie-rose", "Prairie Rose Clinic", "America/Regina", Phase::Pilot, 11, 8, 17),
    ("old-mill", "Old Mill Medical", "America/Toronto", Phase::Onboarding, 0, 8, 17),
];

pub(crate) fn registry() -> Arc<Registry> {
    let clinic = |(index, (id, name, zone, phase, ..)): (usize, &Sketch)| Clinic {
        id: ClinicId::parse(id).unwrap(),
        name: (*name).to_owned(),
        tenant: uuid::Uuid::from_u128(index as u128 + 1),
        time_zone: jiff::tz::TimeZone::get(zone).unwrap(),
        phase: *phase,
        went_live: (*phase != Phase::Onboarding).then(|| jiff::civil::date(2026, 11, 3)),
        rollout: Rollout { invited_staff: Some(12 + index as u64 * 3), ..Rollout::default() },
    };
    Arc::new(Registry::new(CLINICS.iter().enumerate().map(clinic).collect(), vec![]).unwrap())
}

/// The failures of a clinic in a minute that so many minutes ago began.
fn failures(id: &str, ago: i64) -> Option<(Reason, u64, bool)> {
    match (id, ago) {
        ("harbour-view", 0..=34) => Some((Reason::TokenRejected, 6, true)),
        ("maple-grove", 0..=56) => Some((Reason::ResponseTimeout, 1, false)),
        ("lakeshore", 5..=9) => Some((Reason::Forbidden, 1, false)),
        ("foothills", 1_170..=1_200) => Some((Reason::UpstreamUnavailable, 3, false)),
        ("riverbend", 200..=203 | 20..=21) => Some((Reason::Unprocessable, 1, false)),
        ("north-shore", 400..=402) => Some((Reason::EnvironmentMismatch, 1, false)),
        _ => None,
    }
}

fn minute(clinic: &Sketch, ago: i64) -> Tally {
    let (id, _, zone, _, rate, opens, closes) = *clinic;
    let at = Timestamp::from_seconds(now().floor_to(60).seconds() - ago * 60);
    let local = jiff::tz::TimeZone::get(zone).unwrap().to_datetime(at.to_jiff());
    let hour = u64::try_from(local.hour()).unwrap();
    let mut tally = Tally::default();
    if !(opens..closes).contains(&hour) || rate == 0 {
        return tally;
    }
    let bad = failures(id, ago);
    if !bad.is_some_and(|(_, _, whole)| whole) {
        tally.count(Ending::Ok, rate - rate / 7);
        tally.count(Ending::Empty, rate / 7);
    }
    if let Some((reason, calls, _)) = bad {
        tally.count(Ending::failed(reason), calls);
    }
    tally
}

fn clinic_reading(clinic: &Sketch) -> ClinicReading {
    let first_hour = first_hour();
    let minutes: Vec<Bucket> = (0..24 * 60)
        .rev()
        .map(|ago| {
            let start = Timestamp::from_seconds(now().floor_to(60).seconds() - ago * 60);
            Bucket { start, tally: minute(clinic, ago) }
        })
        .filter(|bucket| bucket.start >= first_hour)
        .collect();
    let mut hours = vec![Tally::default(); HOURS];
    for bucket in &minutes {
        let index = (bucket.start.seconds() - first_hour.seconds()) / 3_600;
        hours[usize::try_from(index).unwrap()].add(&bucket.tally);
    }
    let hour_buckets = (0..).zip(&hours).map(|(index, tally)| Bucket {
        start: Timestamp::from_seconds(first_hour.seconds() + index * 3_600),
        tally: tally.clone(),
    });
    let hour_buckets: Vec<Bucket> = hour_buckets.collect();
    let ten = sum_from(&minutes, now().minus(std::time::Duration::from_mins(10)));
    let slow = clinic.0 == "maple-grove";
    let last_call = match clinic.0 {
        "cedar-street" => Timestamp::parse("2026-11-18T22:14:00Z").ok(),
        "old-mill" => None,
        _ => Some(now().minus(std::time::Duration::from_secs(4))),
    };
    ClinicReading {
        facts: ClinicFacts {
            clinic: ClinicId::parse(clinic.0).unwrap(),
            series: series(hour_buckets, minutes, now()),
            by_context: vec![(Context::Provider, ten.clone())],
            by_operation: vec![(OperationName::parse("document.read").unwrap(), ten)],
            p95_us: Some(if slow { 4_800_000 } else { 800_000 }),
            usual_p95_us: Some(800_000),
            last_call,
            earlier_weeks: if clinic.0 == "cedar-street" { vec![0; 4] } else { vec![200; 4] },
        },
        hours,
        hour_p95_us: last_call.map(|_| if slow { 4_800_000 } else { 800_000 + clinic.4 * 9_000 }),
        staff_today: clinic.4 * 7 / 9 + u64::from(clinic.0 == "harbour-view") * 10,
    }
}

fn first_hour() -> Timestamp {
    super::first_hour(now())
}

/// The reading of that moment.
pub(crate) fn reading() -> Reading {
    let latency = (0..HOURS).map(|hour| match hour {
        23 => [40, 220, 900, 700, 380, 420, 160],
        7 => [20, 120, 300, 140, 60, 90, 80],
        9..14 => [8, 30, 22, 4, 0, 0, 0],
        _ => [60, 420, 1_100, 500, 60, 4, 0],
    });
    Reading {
        now: now(),
        recorded_until: Some(now().minus(std::time::Duration::from_secs(2))),
        first_hour: first_hour(),
        clinics: CLINICS.iter().map(clinic_reading).collect(),
        latency: latency.collect(),
        actors: Some(14),
        unattributed: Tally::default(),
        sight: None,
        alerts: Vec::new(),
        scope: crate::domain::clinic_scope::ClinicScope::all(),
        unseen: Vec::new(),
    }
}
