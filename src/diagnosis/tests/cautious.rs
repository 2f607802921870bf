//! What must not be said: nothing is sent twice for an answer's sake, and nothing is claimed that no call
//! shows.

use super::causes::{busy, named};
use super::world::{HERE, World, about, one, with};
use crate::domain::labels::Source;
use crate::domain::reason::Reason;

const READ: &str = "patient.read";

#[test]
fn a_change_that_accuscope_did_not_send_again_is_no_conflict_of_accuros() {
    for reason in [Reason::Conflict, Reason::Unprocessable, Reason::DuplicateInFlight] {
        let held = |seconds| {
            let mut call = with(reason, one(seconds, HERE, 1, 1, "patient.read"));
            (call.source, call.upstream_status, call.mutation) = (Source::Accuscope, None, true);
            call
        };
        let mut world = World::at_work();
        busy(&mut world);
        world.add(held(0)).add(held(40));
        let mut named_call = about(0, 0);
        named_call.call = world.calls.last().map(|call| call.id);
        (named_call.actors, named_call.patients) = (Vec::new(), Vec::new());
        for subject in [about(1, 1), about(0, 1), named_call] {
            let answer = world.ask(subject);
            named(&answer, "refused_by_accuscope", 0.9);
            assert_eq!((answer.owner, answer.category), ("operator", Some("policy")));
            let check = answer.checks.iter().find(|c| c.check == "refused_by_accuscope").unwrap();
            assert!(check.supports && check.failed == 2 && check.worked == 0, "{check:?}");
            assert!(check.tells.contains("refused these calls itself"), "{check:?}");
            let advice = &answer.advice;
            let mut told = advice.steps.clone();
            told.extend([advice.message_for_admin, advice.message_for_user]);
            for never in ["again", "reload", "environment", "app's key"] {
                assert!(told.iter().all(|text| !text.contains(never)), "{never}: {told:?}");
            }
            assert!(advice.message_for_user.contains("look in Accuro before"), "{told:?}");
            let ruled = answer.ruled_out_reasons.iter().map(|ruled| ruled.reason);
            assert!(ruled.clone().all(|reason| reason != "Accuro answered these calls."));
        }
    }
}

#[test]
fn what_was_sent_before_is_looked_for_first_whatever_else_is_the_matter() {
    let mut world = World::at_work();
    busy(&mut world);
    world.change(-5..12, |_| true, |call| with(Reason::ResponseTimeout, call));
    for turn in 0..4 {
        let mut late = with(Reason::ResponseTimeout, one(turn * 60, HERE, 1, 1, READ));
        (late.source, late.upstream_status, late.mutation) = (Source::Accuscope, None, true);
        let mut again = with(Reason::Conflict, one(turn * 60 + 20, HERE, 1, 1, READ));
        (again.source, again.upstream_status, again.mutation) = (Source::Accuscope, None, true);
        world.add(late).add(again);
    }
    let answer = world.ask(about(1, 1));
    assert!(answer.advice.steps[0].starts_with("Look in Accuro"), "{:?}", answer.advice);
    assert!(!answer.advice.message_for_user.contains("again"), "{:?}", answer.advice);
}

#[test]
fn failures_that_name_no_patient_are_nobodys() {
    for (reason, cause) in [
        (Reason::Conflict, Some("unknown")),
        (Reason::Forbidden, None),
        (Reason::NotFound, None),
        (Reason::UpstreamUnavailable, None),
        (Reason::BadRequest, None),
    ] {
        let mut world = World::at_work();
        for turn in 0..12 {
            world.add(with(reason, one(turn * 30 - 180, HERE, 1, 0, "appointment.list")));
        }
        // A number that nobody ever asked for.
        let answer = world.ask(about(0, 49));
        let what = format!("{reason}: {} {} {}", answer.cause, answer.confidence, answer.scope);
        assert!(answer.confidence <= 0.6, "{what}");
        assert!(!["patient", "actor_patient"].contains(&answer.scope), "{what}");
        assert!(cause.is_none_or(|cause| cause == answer.cause), "{what}");
        assert!(answer.alternatives.iter().any(|other| other.cause == "no_calls"), "{what}");
        assert!(!answer.ruled_out.contains(&"no_calls"), "{what}");
        assert!(answer.checks[0].tells.contains("name no patient"), "{what}");
        assert!(!answer.checks[0].supports, "{what}");
    }
}

#[test]
fn what_failed_another_way_for_others_is_no_success() {
    let mut world = World::default();
    for turn in 0..3 {
        world.add(with(Reason::TokenRejected, one(turn * 20, HERE, 1, 1, READ)));
    }
    for turn in 0..4 {
        world.add(with(Reason::TokenRejected, one(turn * 20 + 5, HERE, 1, 2, READ)));
    }
    world.add(with(Reason::ConnectFailed, one(200, HERE, 3, 1, READ)));
    let answer = world.ask(about(3, 1));
    for name in ["same_patient_other_actors", "same_operation_other_actors"] {
        let check = answer.checks.iter().find(|check| check.check == name);
        let told = check.map(|check| (check.worked, check.tells.starts_with("The calls compared")));
        assert_eq!(told, Some((0, true)), "{name} {check:?}");
    }
}
