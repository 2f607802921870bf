//! A second trouble beside the ticket's, and clinics too quiet to show much.

use super::causes::{busy, named};
use super::world::{CLINICS, HERE, World, about, app, is_at, one, with};
use crate::diagnosis::fixtures::at;
use crate::domain::labels::Context;
use crate::domain::names::{OperationName, RouteTemplate};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

const READ: &str = "patient.read";

/// A clinic where two or three people work now and then: person 1 before and after noon, others an hour away.
fn quiet() -> World {
    let mut world = World::default();
    for clinic in &CLINICS[1..] {
        for turn in -30..30i64 {
            world.add(one(turn * 240, clinic, 3, u8::try_from(turn + 40).unwrap(), READ));
        }
    }
    for (minute, patient, task) in [
        (-50, 31, "lab.list"),
        (-40, 32, READ),
        (-12, 33, READ),
        (-11, 33, "document.list"),
        (9, 34, READ),
        (20, 35, READ),
        (21, 35, "lab.list"),
    ] {
        world.add(one(minute * 60, HERE, 1, patient, task));
    }
    for (minute, patient, task) in
        [(-80, 36, READ), (-70, 1, READ), (-69, 1, "lab.list"), (75, 1, READ)]
    {
        world.add(one(minute * 60, HERE, 5, patient, task));
    }
    world
}

fn a_colleagues_token_runs_out(world: &mut World) {
    for turn in 0..12i64 {
        let task = [READ, "lab.list", "document.list"][usize::try_from(turn).unwrap() % 3];
        let patient = 40 + u8::try_from(turn / 4).unwrap();
        world.add(with(Reason::TokenExpired, one(turn * 40 - 60, HERE, 6, patient, task)));
    }
}

#[test]
fn a_colleagues_token_that_ran_out_says_nothing_of_a_refused_chart() {
    let mut world = quiet();
    a_colleagues_token_runs_out(&mut world);
    for (seconds, task) in [(0, READ), (30, "lab.list"), (60, READ)] {
        world.add(with(Reason::TokenRejected, one(seconds, HERE, 1, 1, task)));
    }
    named(&world.ask(about(1, 1)), "chart_restricted", 0.6);
}

#[test]
fn a_colleagues_token_that_ran_out_does_not_hide_a_dead_one() {
    let mut world = quiet();
    world.calls.retain(|call| !(is_at(HERE)(call) && call.ts >= at(0) && call.ts < at(60)));
    a_colleagues_token_runs_out(&mut world);
    for turn in 0..25i64 {
        let task = [READ, "lab.list", "document.list"][usize::try_from(turn).unwrap() % 3];
        let patient = 10 + u8::try_from(turn % 5).unwrap();
        world.add(with(Reason::TokenRejected, one(turn * 10, HERE, 1, patient, task)));
    }
    let mut code = about(0, 0);
    code.call = world.calls.last().map(|call| call.id);
    named(&world.ask(code), "session_expired", 0.6);
}

#[test]
fn what_one_colleague_is_refused_again_and_again_is_one_voice() {
    let mut world = World::at_work();
    // Hardly anybody looks at results here.
    world.calls.retain(|call| !(is_at(HERE)(call) && call.operation.as_str() == "lab.list"));
    for (minute, person) in [(-50, 3), (-45, 4), (-33, 2), (25, 3)] {
        world.add(one(minute * 60, HERE, person, 20, "lab.list"));
    }
    for turn in 0..5i64 {
        let patient = 30 + u8::try_from(turn).unwrap();
        world.add(one(turn * 480 - 1_900, HERE, 1, patient, READ));
        world.add(with(Reason::Forbidden, one(turn * 480 - 1_895, HERE, 1, patient, "lab.list")));
    }
    for turn in 0..8i64 {
        let patient = 40 + u8::try_from(turn / 2).unwrap();
        world.add(with(Reason::Forbidden, one(turn * 230 - 1_800, HERE, 6, patient, "lab.list")));
    }
    named(&world.ask(about(1, 34)), "section_restricted", 0.6);
}

#[test]
fn one_chart_that_is_closed_to_two_people_is_masked_for_all() {
    let mut world = World::at_work();
    busy(&mut world);
    world.calls.retain(|call| call.patient != one(0, HERE, 1, 1, READ).patient);
    world.add(with(Reason::Forbidden, one(0, HERE, 1, 1, READ)));
    // One person alone proves nothing.
    assert_eq!(world.ask(about(1, 1)).cause, "unknown");
    world.add(with(Reason::Forbidden, one(1_700, HERE, 3, 1, READ)));
    let answer = world.ask(about(1, 1));
    named(&answer, "chart_masked_for_all", 0.5);
    assert!(answer.confidence <= 0.8, "{}", answer.confidence);
}

#[test]
fn tokens_that_run_out_while_none_is_granted_are_no_rejected_connection() {
    let refused = |reason: Reason| {
        let mut world = World::at_work();
        busy(&mut world);
        world.calls.retain(|call| !(is_at(HERE)(call) && call.ts >= at(0)));
        for turn in -5..10i64 {
            for clinic in CLINICS {
                let grant = one(turn * 300, clinic, 0, 0, "auth.token");
                let fails = clinic == HERE && turn >= 0;
                world.add(if fails { with(Reason::GrantRejected, grant) } else { grant });
            }
            let person = 1 + u8::try_from((turn + 5) % 3).unwrap();
            if turn >= 0 {
                for seconds in [2, 4, 7] {
                    let patient = 20 + u8::try_from(turn).unwrap();
                    let call = one(turn * 300 + seconds, HERE, person, patient, READ);
                    world.add(with(reason, call));
                }
            }
        }
        let mut of_clinic = about(0, 0);
        of_clinic.at = at(20);
        world.ask(of_clinic)
    };
    named(&refused(Reason::TokenExpired), "clinic_sign_in_failing", 0.9);
    named(&refused(Reason::TokenRejected), "clinic_connection_rejected", 0.6);
}

#[test]
fn one_call_tells_a_tokens_kind_where_all_of_the_app_say_the_same() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in 0..4i64 {
        for clinic in CLINICS {
            let person = 30 + u8::try_from(turn).unwrap();
            let mut works = one(turn * 900 - 1_210, clinic, person, 0, READ);
            works.context = Context::Patient;
            works.route = RouteTemplate::parse("/rest/v1/patient-portal/demographics").unwrap();
            works.operation = OperationName::parse("patient.self.read").unwrap();
            let mut refused = with(
                Reason::TokenRejected,
                one(turn * 900 - 1_200, clinic, person, 20, "lab.list"),
            );
            refused.context = Context::Provider;
            let calls = if turn < 2 { vec![works, refused] } else { vec![works] };
            for mut call in calls {
                (call.app, call.actor) = (Some(app("portal")), None);
                world.add(call);
            }
        }
    }
    let code = |call: &&Sighting| {
        call.app == Some(app("portal")) && call.ending.reason().is_some() && is_at(HERE)(call)
    };
    let mut subject = about(0, 0);
    subject.call = world.calls.iter().rfind(code).map(|call| call.id);
    named(&world.ask(subject), "wrong_context", 0.7);
}

#[test]
fn slowness_is_seen_when_somebody_asks_about_one_task() {
    let mut world = World::at_work();
    let slow = |call: Sighting| Sighting { duration_us: 1_400_000, ..call };
    world.calls.retain(|call| call.ending.reason() != Some(Reason::EmptyResult));
    world.change(-18..30, |call| call.ts.seconds() % 3 != 0, slow);
    // Whoever searches most met none of it.
    for turn in 0..9 {
        world.add(one(turn * 20, HERE, 8, 0, "patient.search"));
    }
    let mut subject = about(0, 0);
    subject.operation = Some(OperationName::parse("patient.search").unwrap());
    let answer = world.ask(subject);
    named(&answer, "accuro_slow", 0.5);
}

#[test]
fn the_empty_search_nearest_to_the_moment_is_what_is_meant() {
    let mut world = World::at_work();
    for minute in [-40, -35, -30, 12, 14, 15, 16, 20, 25] {
        world.add(one(minute * 60, HERE, 1, 0, "patient.search"));
    }
    let mut subject = about(1, 0);
    subject.window = std::time::Duration::from_hours(1);
    assert_eq!(world.ask(subject.clone()).cause, "delivered");
    world.add(with(Reason::EmptyResult, one(-9 * 60, HERE, 1, 0, "patient.search")));
    named(&world.ask(subject), "no_match", 0.5);
}

#[test]
fn empty_lists_of_many_kinds_and_patients_are_one_matter() {
    let mut world = World::at_work();
    let tasks = ["document.list", "lab.list"];
    let list = |second: i64, patient: u8, turn: usize, count: u32| {
        let mut call = one(second, HERE, 1, patient, tasks[turn % 2]);
        call.result_count = Some(count);
        if count == 0 { with(Reason::EmptyResult, call) } else { call }
    };
    for turn in 0..10usize {
        let (second, patient) = (i64::try_from(turn).unwrap() * 300, u8::try_from(turn).unwrap());
        // One of them held nothing on the day before, as some do.
        let before = if turn == 4 { 0 } else { 3 };
        world.add(list(second - 86_400, 20 + patient, turn, before));
        world.add(list(second - 1_500, 30 + patient, turn, 0));
    }
    for call in world.calls.iter_mut().filter(|call| call.operation.as_str().ends_with("list")) {
        call.result_count = call.result_count.or(Some(4));
    }
    let mut subject = about(0, 0);
    let asked = world.calls.iter().filter(|call| call.actor == one(0, HERE, 1, 1, READ).actor);
    subject.call =
        asked.filter(|call| call.ts < at(8)).map(|call| (call.ts, call.id)).max().map(|it| it.1);
    let answer = world.ask(subject);
    named(&answer, "silently_filtered", 0.5);
    assert_eq!(answer.since.map(Timestamp::seconds), Some(at(-25).seconds()));
    assert_eq!((answer.affected.calls, answer.affected.patients), (10, 10));
}
