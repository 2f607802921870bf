//! Silence, lost events, and records that end too early.

use std::time::Duration;

use accuscope::domain::mark::{Mark, MarkKind};
use accuscope::domain::names::InstanceId;
use accuscope::domain::time::Timestamp;

use crate::ask::{Said, ask_with_marks};
use crate::history::{History, grow};
use crate::question::question;
use crate::scenario::{Scenario, all};

fn scenario(name: &str) -> Scenario {
    all().into_iter().map(|(_, scenario)| scenario).find(|one| one.name == name).unwrap()
}

fn mark(kind: MarkKind, ts: Timestamp) -> Mark {
    Mark::new(kind, ts, InstanceId::parse("i-1").unwrap())
}

fn ask(scenario: &Scenario, history: &History, marks: &[Mark]) -> Said {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let question = question(scenario, history);
    runtime.block_on(ask_with_marks(scenario, history, marks, &question))
}

const HOURS: Duration = Duration::from_hours(5);

#[test]
fn silence_that_an_instance_vouches_for_is_no_gap() {
    let scenario = scenario("not_recorded/an-hour-around");
    let history = grow(&scenario);
    assert_eq!(ask(&scenario, &history, &[]).cause, "not_recorded");
    let (start, stop) = (history.at.minus(HOURS), history.at.plus(HOURS));
    let marks = [mark(MarkKind::Start, start), mark(MarkKind::Stop, stop)];
    let said = ask(&scenario, &history, &marks);
    assert_eq!(said.cause, "no_calls", "{said:?}");
    // The instance knows that it lost events in between.
    let lost = Mark {
        since: Some(history.at.minus(Duration::from_mins(70))),
        lost: Some(12),
        ..mark(MarkKind::Gap, history.at.plus(Duration::from_mins(9)))
    };
    let [start, stop] = marks;
    let said = ask(&scenario, &history, &[start, lost, stop]);
    assert_eq!(said.cause, "not_recorded", "{said:?}");
}

#[test]
fn records_that_end_before_the_question_does_are_said_and_believed_less() {
    let scenario = scenario("chart_restricted/403-by-code");
    let mut history = grow(&scenario);
    let said = ask(&scenario, &history, &[]);
    assert!(!said.lagging && said.confidence > 0.9, "{said:?}");
    // Nothing was indexed since, for hours.
    let end = history.now;
    history.now = end.plus(HOURS);
    let said = ask(&scenario, &history, &[]);
    assert_eq!(said.cause, "chart_restricted");
    assert!(said.lagging && said.confidence <= 0.9, "{said:?}");
    // There was nothing to index: the instance was alive all the time.
    let alive = [mark(MarkKind::Start, end), mark(MarkKind::Alive, history.now)];
    let said = ask(&scenario, &history, &alive);
    assert!(!said.lagging && said.confidence > 0.9, "{said:?}");
    // It says that it ran until a while ago, and nothing is known of what came then.
    let behind =
        [mark(MarkKind::Start, end), mark(MarkKind::Alive, end.plus(Duration::from_mins(5)))];
    let said = ask(&scenario, &history, &behind);
    assert!(said.lagging && said.confidence <= 0.9, "{said:?}");
}
