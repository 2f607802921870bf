//! What the history promises.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::time::Duration;

use super::*;
use crate::domain::event::json::{read_line, write_line};
use crate::domain::labels::Outcome;
use crate::domain::names::KeyId;
use crate::domain::reason::Reason;
use crate::domain::reference::ReferenceKind;
use crate::keys::Keyring;

const NOW: Timestamp = Timestamp::from_seconds(1_795_540_320);

fn make() -> Make {
    let ring = Arc::new(Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]));
    let other = Arc::clone(&ring);
    Make {
        reference: Arc::new(move |kind, clinic, id| ring.reference(kind, clinic, id)),
        shape: Arc::new(move |structure| other.shape(structure)),
    }
}

fn history(seed: u64) -> History {
    let today = TimeZone::UTC.to_datetime(NOW.to_jiff()).date();
    let world = Arc::new(World::grow(&sim_config(seed), today));
    let cast = Cast::of(&world).unwrap();
    History::new(seed, world, &cast, NOW, make()).unwrap()
}

/// The history of seed 7, made once: it is read by most tests.
fn fortnight() -> &'static [Exchange] {
    static EVENTS: OnceLock<Vec<Exchange>> = OnceLock::new();
    EVENTS.get_or_init(|| history(7).flatten().collect())
}

#[test]
fn a_fortnight_is_full_ordered_and_ends_now() {
    let events = fortnight();
    assert!((150_000..300_000).contains(&events.len()), "{}", events.len());
    assert!(events.is_sorted_by_key(|event| event.ts));
    let fortnight = Duration::from_hours(24 * 14);
    assert!(events[0].ts >= NOW.minus(fortnight));
    assert!(events[0].ts < NOW.minus(fortnight).plus(Duration::from_mins(10)));
    let last = events.last().unwrap().ts;
    assert!(last < NOW && last > NOW.minus(Duration::from_mins(10)));
    let ids: HashSet<_> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), events.len());
    let ok = events.iter().filter(|event| event.ending.outcome() == Outcome::Ok).count();
    assert!(ok * 100 / events.len() > 85, "{ok} of {}", events.len());
    let clinics: HashSet<_> = events.iter().map(|event| event.clinic.clone()).collect();
    assert_eq!(clinics.len(), 8, "one clinic has not begun");
}

#[test]
fn nothing_is_silent_for_ten_minutes_but_the_one_gap() {
    let events: Vec<Exchange> = history(7).flatten().collect();
    let gaps =
        events.windows(2).filter(|pair| pair[1].ts.since(pair[0].ts) > Duration::from_mins(10));
    assert_eq!(gaps.count(), 1);
}

#[test]
fn every_line_can_be_read_back() {
    for event in fortnight().iter().step_by(97) {
        let mut line = Vec::new();
        write_line(event, &mut line);
        assert_eq!(read_line(&line).as_ref(), Ok(event));
    }
}

#[test]
fn equal_seeds_give_equal_histories() {
    let some = |seed| history(seed).take(2).flatten().step_by(97).collect::<Vec<_>>();
    assert_eq!(some(7), some(7));
    assert_ne!(some(7), some(8));
}

#[test]
fn the_masked_chart_is_refused_to_one_person_and_references_are_the_proxys() {
    let world = history(7).world;
    let cast = Cast::of(&world).unwrap();
    let tenant = &world.tenants[cast.masked.clinic];
    let clinic = crate::domain::names::ClinicId::parse("lakeshore").unwrap();
    let of = |kind, text: &str| (make().reference)(kind, Some(&clinic), text.as_bytes());
    let patient = tenant.patients[cast.masked.patient].id.to_string();
    let patient = of(ReferenceKind::Patient, &patient);
    let actor = of(ReferenceKind::Actor, &tenant.accounts[cast.refused.account].login);
    let mut seen: HashMap<(bool, Option<Reason>), u32> = HashMap::new();
    for event in fortnight() {
        let at_chart = event.patient_ref.as_ref() == Some(&patient)
            && event.operation.as_str() == "patient.read"
            && NOW.since(event.ts) < Duration::from_hours(24 * 4);
        if at_chart {
            let mine = event.actor_ref.as_ref() == Some(&actor);
            *seen.entry((mine, event.ending.reason())).or_default() += 1;
        }
    }
    assert!(seen[&(true, Some(Reason::Forbidden))] >= 8, "{seen:?}");
    assert!(seen[&(false, None)] >= 8, "{seen:?}");
    assert!(!seen.contains_key(&(true, None)), "{seen:?}");
}

#[test]
fn every_incident_of_the_past_left_its_trace() {
    let incidents = history(7).incidents;
    for incident in incidents.iter().filter(|i| i.trouble != incidents::Trouble::Silence) {
        let during = fortnight().iter().filter(|e| incident.since <= e.ts && e.ts < incident.until);
        let worse = during
            .filter(|event| event.ending.outcome() != Outcome::Ok || event.duration_us > 1_000_000);
        assert!(worse.count() >= 5, "{}", incident.words);
    }
}
