//! Troubles whose beginning, and times that are usual only, outside of what a question names.

use std::time::Duration;

use accuscope::domain::time::Timestamp;

use crate::ask::{Said, ask};
use crate::history::{History, grow};
use crate::question::question;
use crate::scenario::{Scenario, all};

/// A scenario whose trouble began so many hours before the time that is asked about.
fn hours_before(name: &str, hours: i64) -> Scenario {
    let mut scenario = all()
        .into_iter()
        .map(|(_, scenario)| scenario)
        .find(|one| one.name == name)
        .unwrap_or_else(|| panic!("{name}"));
    (scenario.start, scenario.end) = (hours * 60, None);
    scenario.before = (hours + 5) * 60;
    scenario
}

fn told(scenario: &Scenario) -> (History, Said) {
    let history = grow(scenario);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let question = question(scenario, &history);
    let said = runtime.block_on(ask(scenario, &history, &question));
    (history, said)
}

/// The moment that a question is about; the answer looks two hours beyond it.
fn asked_about(scenario: &Scenario, history: &History) -> Timestamp {
    let question = question(scenario, history);
    let code = question.get("support_code").and_then(|code| code.as_str());
    let named = history.events.iter().find(|event| Some(&*event.support_code.to_string()) == code);
    named.map_or(history.at, |event| event.ts)
}

#[test]
fn a_trouble_of_many_is_told_from_its_beginning_however_far_before_the_window() {
    for (name, hours) in [
        ("clinic_connection_rejected/403-by-code", 7),
        ("clinic_connection_rejected/403-by-code", 50),
        ("clinic_connection_rejected/401-by-clinic", 20),
        ("clinic_down/503-by-code", 9),
    ] {
        let scenario = hours_before(name, hours);
        let (history, said) = told(&scenario);
        assert_eq!(said.cause, scenario.cause, "{name} {hours}: {said:?}");
        let first = history.hit.iter().map(|id| history.event(*id).ts).min().unwrap();
        let began = said.began().unwrap();
        let apart = began.since(first).max(first.since(began));
        assert!(apart.as_secs() <= 60, "{name} {hours}: {began} for {first}");
        let end = asked_about(&scenario, &history).plus(Duration::from_hours(2));
        let hit = history.hit.iter().filter(|id| history.event(**id).ts < end).count();
        assert_eq!(said.affected.calls, hit as u64, "{name} {hours}");
        assert_eq!(said.persistence, "persistent", "{name} {hours}");
    }
}

#[test]
fn slowness_of_the_whole_window_is_no_usual_time() {
    for hours in [4, 7] {
        let scenario = hours_before("accuro_slow/nine-times-as-slow", hours);
        let (_, said) = told(&scenario);
        assert_eq!(said.cause, "accuro_slow", "{hours}: {said:?}");
    }
}
