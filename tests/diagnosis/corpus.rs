//! The corpus itself: that it is as wide as it claims, and that its histories are what they say.

use std::collections::{BTreeMap, BTreeSet};

use accuscope::domain::event::json;
use accuscope::domain::labels::Outcome;

use crate::history::{History, grow};
use crate::question::question;
use crate::scenario::{Half, Scenario, all};
use crate::vocabulary::{CAUSES, PERSISTENCES, SCOPES};
use crate::world::{References, SUBJECT_PATIENT, clinic, patient_id};

#[test]
fn every_cause_has_a_dozen_variants_and_is_in_both_halves() {
    let mut variants: BTreeMap<String, Vec<Half>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for (half, scenario) in all() {
        assert!(names.insert(scenario.name.clone()), "twice: {}", scenario.name);
        variants.entry(scenario.cause).or_default().push(half);
    }
    let causes: BTreeSet<&str> = CAUSES.iter().map(|row| row.0).collect();
    assert_eq!(variants.keys().map(String::as_str).collect::<BTreeSet<_>>(), causes);
    for (cause, halves) in variants {
        let train = halves.iter().filter(|half| **half == Half::Train).count();
        assert!(halves.len() >= 12, "{cause} has {} variants", halves.len());
        assert!(train * 2 <= halves.len() + 1 && train * 2 + 1 >= halves.len(), "{cause}: {train}");
    }
}

#[test]
fn expectations_use_the_contracts_words() {
    for (_, scenario) in all() {
        let (name, expect) = (&scenario.name, &scenario.expect);
        for cause in scenario.accepted() {
            assert!(CAUSES.iter().any(|row| row.0 == cause), "{name}: {cause}");
        }
        assert!(expect.scope.iter().all(|s| SCOPES.contains(&s.as_str())), "{name}");
        assert!(expect.persistence.iter().all(|p| PERSISTENCES.contains(&p.as_str())), "{name}");
        assert!(expect.max_confidence.is_none_or(|most| (0.0..=1.0).contains(&most)), "{name}");
        let owners = || expect.owner.iter().all(|o| CAUSES.iter().any(|row| row.1 == o));
        assert!(owners(), "{name}");
    }
}

#[test]
fn every_history_is_what_it_says() {
    for (number, (_, scenario)) in all().into_iter().enumerate() {
        let history = grow(&scenario);
        every_line_is_taken_by_an_import(&scenario, &history);
        the_fault_shows_where_it_should(&scenario, &history);
        only_what_was_not_recorded_has_a_gap(&scenario, &history);
        what_nobody_asked_for_is_not_there(&scenario, &history);
        missing_names_are_missing(&scenario, &history);
        assert!(question(&scenario, &history).is_object());
        if number % 20 == 0 {
            assert!(grow(&scenario).events == history.events, "{}: another one", scenario.name);
        }
    }
}

fn every_line_is_taken_by_an_import(scenario: &Scenario, history: &History) {
    let mut ids = BTreeSet::new();
    for event in &history.events {
        let mut line = Vec::new();
        json::write_line(event, &mut line);
        assert_eq!(json::read_line(&line).as_ref(), Ok(event), "{}", scenario.name);
        assert!(ids.insert(event.id), "{}: an id twice", scenario.name);
        assert!(event.ts <= history.now, "{}: an event from the future", scenario.name);
    }
    assert!(history.events.len() > 20, "{}: {} events", scenario.name, history.events.len());
}

fn the_fault_shows_where_it_should(scenario: &Scenario, history: &History) {
    let (cause, name) = (scenario.cause.as_str(), scenario.name.as_str());
    let has_fault = !matches!(cause, "no_calls" | "delivered" | "not_recorded");
    // Something else that came to nothing is named, too.
    let unrelated = name.contains("after-one") || name.contains("-long-");
    assert_eq!(!history.hit.is_empty(), has_fault || unrelated, "{name}");
    if has_fault {
        assert!(!history.ticket.is_empty(), "{name}: nothing that a ticket could be about");
        let own = history.ticket.iter().filter(|id| history.hit.contains(id)).count();
        assert!(own > 0, "{name}: the ticket's calls are not touched by the fault");
    }
    if cause == "delivered" {
        for id in &history.ticket {
            assert_eq!(history.event(*id).ending.outcome(), Outcome::Ok, "{name}");
        }
    }
    if matches!(cause, "no_calls" | "not_recorded") {
        assert!(history.ticket.is_empty(), "{name}");
    }
}

fn only_what_was_not_recorded_has_a_gap(scenario: &Scenario, history: &History) {
    let seconds: Vec<i64> = history.events.iter().map(|event| event.ts.seconds()).collect();
    let longest = seconds.windows(2).map(|pair| pair[1] - pair[0]).max();
    let end = history.at.seconds() + scenario.after * 60;
    let gap = longest.unwrap() > 600 || end - seconds.last().unwrap() > 600;
    assert_eq!(gap, scenario.cause == "not_recorded", "{}: {longest:?} s", scenario.name);
}

fn what_nobody_asked_for_is_not_there(scenario: &Scenario, history: &History) {
    if scenario.cause != "no_calls" || scenario.ask != "clinic+patient" {
        return;
    }
    let clinic = clinic(0);
    let patient = References::new().patient(&clinic, &patient_id(0, SUBJECT_PATIENT));
    let window_s = if scenario.window.is_some() { 900 } else { 7_200 };
    let asked = history.events.iter().any(|event| {
        let near = (event.ts.seconds() - history.at.seconds()).abs() < window_s;
        near && event.patient_ref.as_ref() == Some(&patient)
    });
    assert!(!asked, "{}", scenario.name);
}

fn missing_names_are_missing(scenario: &Scenario, history: &History) {
    let events = &history.events;
    assert!(!scenario.no_actor || events.iter().all(|e| e.actor_ref.is_none()));
    assert!(!scenario.no_patient || events.iter().all(|e| e.patient_ref.is_none()));
}
