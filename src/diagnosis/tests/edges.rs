//! Where a trouble begins, whom it reaches, and what is one matter with it.

use super::causes::{busy, named};
use super::world::{CLINICS, HERE, World, about, app, is_at, one, with};
use crate::diagnosis::fixtures::at;
use crate::diagnosis::scene::Scene;
use crate::diagnosis::{judge, verdict};
use crate::domain::labels::{Context, Environment, Source};
use crate::domain::names::{Office, OperationName, RouteTemplate};
use crate::domain::reason::Reason;
use crate::store::Sighting;

const READ: &str = "patient.read";

#[test]
fn a_failure_after_which_it_worked_is_not_the_beginning() {
    let mut world = World::at_work();
    busy(&mut world);
    // Eight minutes before, one call of a colleague was refused for another reason.
    world.change(-10..0, is_at(HERE), |call| call);
    world.add(with(Reason::TokenRejected, one(-200, HERE, 3, 33, "lab.list")));
    world.add(one(-150, HERE, 3, 33, READ)).add(one(-100, HERE, 4, 31, READ));
    world.change(0..120, is_at(HERE), |call| with(Reason::TokenRejected, call));
    world.add(with(Reason::TokenRejected, one(30, HERE, 1, 1, READ)));
    let answer = world.ask(about(1, 1));
    named(&answer, "clinic_connection_rejected", 0.8);
    assert!(answer.since.unwrap() >= at(0), "{:?}", answer.since);
}

#[test]
fn how_long_answers_usually_take_is_what_they_took_before_the_window() {
    let took = |micros| move |call: Sighting| Sighting { duration_us: micros, ..call };
    let mut world = World::at_work();
    busy(&mut world);
    world.add(one(0, HERE, 1, 1, READ)).add(one(90, HERE, 1, 1, READ));
    // All of the window is slow, so within it nothing is unusual.
    world.change(-130..130, |_| true, took(2_400_000));
    named(&world.ask(about(1, 1)), "delivered", 0.5);
    let mut earlier = World::at_work();
    earlier.change(-130..130, |_| true, took(90_000));
    for call in &mut earlier.calls {
        call.ts = call.ts.minus(std::time::Duration::from_hours(6));
    }
    let newest = world.calls.iter().map(|call| call.ts).max();
    let scene = Scene::new(
        about(1, 1),
        Environment::Sandbox,
        world.calls.clone(),
        &earlier.calls,
        Vec::new(),
        newest,
    );
    let answer = verdict::diagnosis(&scene, &judge::judge(&scene));
    named(&answer, "accuro_slow", 0.7);
    assert_eq!(answer.scope, "platform");
}

#[test]
fn lists_of_several_kinds_that_hold_nothing_are_no_mistyped_search() {
    let mut world = World::at_work();
    busy(&mut world);
    let mine = |call: &Sighting| call.actor == one(0, HERE, 1, 0, READ).actor;
    world.change(-25..60, mine, |call| with(Reason::EmptyResult, call));
    for turn in 0..4 {
        world.add(with(Reason::EmptyResult, one(60 + turn * 90, HERE, 1, 0, "appointment.list")));
    }
    let answer = world.ask(about(1, 0));
    named(&answer, "silently_filtered", 0.6);
    assert!(answer.affected.calls > 6, "{:?}", answer.affected);
}

#[test]
fn a_limit_reaches_as_far_as_it_is_met() {
    let ours = |reason, mut call: Sighting| {
        call = with(reason, call);
        (call.source, call.upstream_status) = (Source::Accuscope, None);
        call
    };
    let other = |call: &Sighting| call.ts.seconds() / 60 % 3 == 0;
    for (whose, scope, clinics) in [
        ("the app's at all clinics", "app", 4),
        ("the clinic's, whatever the app", "clinic", 1),
        ("everybody's", "platform", 4),
    ] {
        for reason in [Reason::RateLimited, Reason::RateLimit, Reason::ClinicNotAllowed] {
            let mut world = World::at_work();
            busy(&mut world);
            world.change(-120..120, other, |call| Sighting { app: Some(app("other-app")), ..call });
            let limited = |call: &Sighting| match scope {
                "app" => call.app != Some(app("other-app")),
                "clinic" => is_at(HERE)(call),
                _ => true,
            };
            let made = |call| {
                if reason == Reason::RateLimited { with(reason, call) } else { ours(reason, call) }
            };
            for clinic in CLINICS {
                world.add(one(40, clinic, 1, 1, READ)).add(one(70, clinic, 1, 1, READ));
            }
            world.change(-8..12, limited, made);
            let answer = world.ask(about(1, 1));
            let what = format!("{whose} {reason}: {} {:?}", answer.scope, answer.affected);
            assert_eq!((answer.scope, answer.affected.clinics), (scope, clinics), "{what}");
        }
    }
}

#[test]
fn a_rule_of_ours_is_named_with_what_to_do_about_it() {
    for (reason, told, step) in [
        (Reason::AppKeyUnknown, "did not know the app's key", "which key the app sends"),
        (Reason::ClinicNotAllowed, "not registered for the clinic", "registered for"),
        (Reason::EnvironmentMismatch, "mixed up", "at once"),
        (Reason::ReadOnly, "switched off", "until when"),
    ] {
        let mut world = World::at_work();
        busy(&mut world);
        let refused = |call: Sighting| {
            let mutation = reason == Reason::ReadOnly;
            let (source, upstream_status) = (Source::Accuscope, None);
            Sighting { mutation, upstream_status, source, ..with(reason, call) }
        };
        world.add(one(0, HERE, 1, 1, READ));
        world.change(0..120, |_| true, refused);
        let answer = world.ask(about(1, 1));
        named(&answer, "refused_by_accuscope", 0.8);
        let check = answer.checks.iter().find(|c| c.check == "refused_by_accuscope").unwrap();
        assert!(check.tells.contains(told), "{reason}: {}", check.tells);
        assert!(answer.advice.steps[0].contains(step), "{reason}: {:?}", answer.advice.steps);
        assert!(answer.ruled_out_reasons.iter().all(|ruled| ruled.reason.len() > 20));
    }
}

#[test]
fn one_colleagues_dead_token_in_the_same_minute_is_not_the_clinics_connection() {
    let mut world = World::at_work();
    busy(&mut world);
    for seconds in [0, 25, 50] {
        world.add(with(Reason::TokenRejected, one(seconds, HERE, 1, 1, READ)));
    }
    let quiet = |call: &Sighting| {
        let second = call.ts.seconds() - at(0).seconds();
        is_at(HERE)(call) && (-20..75).contains(&second) && call.ending.reason().is_none()
    };
    world.calls.retain(|call| !quiet(call));
    for seconds in [5, 20, 35, 45] {
        world.add(with(Reason::TokenExpired, one(seconds, HERE, 6, 40, "lab.list")));
    }
    // Others open the chart, and the person others' charts.
    world.add(one(900, HERE, 3, 1, READ));
    let answer = world.ask(about(1, 1));
    assert_ne!(answer.cause, "clinic_connection_rejected");
    assert!(answer.alternatives.iter().all(|other| other.cause != "clinic_connection_rejected"));
}

#[test]
fn a_token_that_ran_out_and_was_renewed_at_once_is_nobodys_trouble() {
    let mut world = World::at_work();
    busy(&mut world);
    let renewed = |mut call: Sighting| {
        call.token = one(0, HERE, 9, 0, READ).token;
        call
    };
    world.add(with(Reason::TokenExpired, one(-30, HERE, 1, 1, READ)));
    world.add(renewed(one(-28, HERE, 1, 1, READ)));
    for seconds in [60, 120, 200] {
        world.add(renewed(one(seconds, HERE, 1, 1, READ)));
    }
    let answer = world.ask(about(1, 1));
    named(&answer, "delivered", 0.8);
    // Refused again and again, it is what was asked about.
    for seconds in [-26, -20, -10] {
        world.add(with(Reason::TokenExpired, one(seconds, HERE, 1, 1, READ)));
    }
    let answer = world.ask(about(1, 1));
    assert_ne!(answer.cause, "delivered");
}

#[test]
fn a_token_is_of_the_kind_with_which_it_works_whatever_the_path_says() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in 0..6i64 {
        for clinic in CLINICS {
            // As it is recorded where the grant was not seen: the kind is the path's.
            let mut refused = with(Reason::Forbidden, one(turn * 120, clinic, 45, 45, READ));
            refused.context = Context::Provider;
            let mut works = one(turn * 120 + 9, clinic, 45, 45, READ);
            works.context = Context::Patient;
            works.route = RouteTemplate::parse("/rest/v1/patient-portal/demographics").unwrap();
            works.operation = OperationName::parse("patient.self.read").unwrap();
            for mut call in [refused, works] {
                call.app = Some(app("portal"));
                world.add(call);
            }
        }
    }
    let mut subject = about(0, 45);
    subject.operation = Some(OperationName::parse(READ).unwrap());
    named(&world.ask(subject), "wrong_context", 0.7);
}

#[test]
fn lists_that_hold_nothing_in_the_wrong_office_are_not_lost_among_what_worked() {
    let mut world = World::at_work();
    let in_office = |office: &str, mut call: Sighting| {
        call.office = Office::parse(office);
        call.result_count = Some(if office == "2" { 0 } else { 12 });
        call
    };
    for (from, step, office) in [(-3600, 300, "1"), (-1200, 240, "2"), (100, 60, "1")] {
        for turn in 0..4 {
            let task = ["appointment.list", "patient.search"][usize::try_from(turn).unwrap() % 2];
            let call = one(from + step * turn, HERE, 1, 0, task);
            let call = if office == "2" { with(Reason::EmptyResult, call) } else { call };
            world.add(in_office(office, call));
        }
    }
    for turn in 0..12 {
        world.add(one(turn * 290 - 1500, HERE, 1, 31, READ));
    }
    // Eight minutes ago, as far as a question about half an hour goes: none of them is what is meant by itself.
    let mut subject = about(1, 0);
    subject.window = std::time::Duration::from_mins(30);
    let answer = world.ask(subject);
    assert!(["wrong_office", "silently_filtered"].contains(&answer.cause), "{}", answer.cause);
}

#[test]
fn a_slow_half_hour_of_a_clinic_is_seen_when_somebody_asks_ten_minutes_later() {
    let mut world = World::at_work();
    let slow = |call: Sighting| Sighting { duration_us: 2_500_000, ..call };
    world.change(-45..-12, |_| true, slow);
    // Somebody's empty day sheet is what would be seen otherwise.
    for second in 1..7 {
        world.add(with(Reason::EmptyResult, one(second, HERE, 2, 0, "appointment.list")));
    }
    let mut subject = about(0, 0);
    subject.window = std::time::Duration::from_hours(1);
    let answer = world.ask(subject);
    named(&answer, "accuro_slow", 0.5);
}
