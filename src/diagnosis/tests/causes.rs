//! Each cause is told apart from its neighbours.

use super::world::{CLINICS, HERE, World, about, app, is_at, one, with};
use crate::diagnosis::answer::Diagnosis;
use crate::diagnosis::fixtures::{at, reference};
use crate::domain::digest::Digest;
use crate::domain::labels::{Context, Source};
use crate::domain::names::{Office, RouteTemplate};
use crate::domain::reason::Reason;
use crate::domain::reference::ReferenceKind;
use crate::store::Sighting;

const READ: &str = "patient.read";

/// Person 1 at work with other patients and tasks, every six minutes.
pub(super) fn busy(world: &mut World) {
    for turn in -18..19i64 {
        let patient = u8::try_from((turn + 18) % 9).unwrap() + 30;
        let task =
            ["patient.read", "lab.list", "document.list"][usize::try_from(turn + 18).unwrap() % 3];
        world.add(one(turn * 360 + 40, HERE, 1, patient, task));
    }
}

/// Person 1 meets something with patient 1, so many times, every two minutes from noon.
fn met(world: &mut World, reason: Reason, times: i64) {
    for turn in 0..times {
        world.add(with(reason, one(turn * 120, HERE, 1, 1, READ)));
    }
}

fn mine(call: &Sighting) -> bool {
    call.actor == Some(reference(ReferenceKind::Actor, 1))
}

#[track_caller]
pub(super) fn named(answer: &Diagnosis, cause: &str, least: f64) {
    let others: Vec<_> = answer.alternatives.iter().map(|a| (a.cause, a.confidence)).collect();
    let checks = answer.checks.iter();
    let checks: Vec<_> = checks.map(|c| (c.check, c.worked, c.empty, c.failed)).collect();
    let right = answer.cause == cause && answer.confidence >= least;
    assert!(right, "{cause}? {} {} {others:?} {checks:?}", answer.cause, answer.confidence);
}

#[test]
fn one_person_is_refused_one_chart() {
    for reason in [Reason::Forbidden, Reason::TokenRejected] {
        let mut world = World::at_work();
        busy(&mut world);
        met(&mut world, reason, 4);
        named(&world.ask(about(1, 1)), "chart_restricted", 0.5);
        world.add(one(-900, HERE, 3, 1, READ)).add(one(200, HERE, 4, 1, READ));
        let answer = world.ask(about(1, 1));
        named(&answer, "chart_restricted", 0.8);
        assert_eq!((answer.scope, answer.owner), ("actor_patient", "clinic_admin"));
        assert_eq!(answer.since, Some(at(0)));
        assert_eq!(answer.persistence, "persistent");
        assert_eq!(answer.affected.calls, 4);
    }
}

#[test]
fn everybody_is_refused_one_chart() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::Forbidden, 3);
    for person in 2..5u8 {
        world.add(with(Reason::Forbidden, one(i64::from(person) * 100, HERE, person, 1, READ)));
    }
    let answer = world.ask(about(1, 1));
    named(&answer, "chart_masked_for_all", 0.8);
    assert_eq!(answer.affected.actors, 4);
}

#[test]
fn one_person_is_refused_a_section() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in 0..5 {
        let patient = u8::try_from(turn).unwrap() + 1;
        world.add(with(Reason::TokenRejected, one(turn * 100, HERE, 1, patient, "lab.list")));
    }
    let labs = |call: &Sighting| mine(call) && call.operation.as_str() == "lab.list";
    world.change(-120..120, labs, |call| with(Reason::TokenRejected, call));
    named(&world.ask(about(1, 1)), "section_restricted", 0.8);
    named(&world.ask(about(1, 0)), "section_restricted", 0.8);
}

#[test]
fn a_dead_token_is_refused_everything() {
    for reason in [Reason::TokenRejected, Reason::TokenExpired] {
        let mut world = World::at_work();
        busy(&mut world);
        met(&mut world, reason, 2);
        world.change(0..30, mine, |call| with(reason, call));
        let new = Some(reference(ReferenceKind::Token, 41));
        world.change(30..120, mine, |call| Sighting { token: new.clone(), ..call });
        let answer = world.ask(about(1, 1));
        named(&answer, "session_expired", 0.8);
        assert_eq!(answer.persistence, "recovered");
        assert!(answer.ruled_out.contains(&"accuro_down"), "{:?}", answer.ruled_out);
    }
}

#[test]
fn a_clinic_is_refused_everything() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::TokenRejected, 3);
    world.change(-10..120, is_at(HERE), |call| with(Reason::TokenRejected, call));
    let answer = world.ask(about(1, 1));
    named(&answer, "clinic_connection_rejected", 0.85);
    assert!(answer.affected.actors > 3);
    assert!(answer.since.unwrap() < at(-8), "{:?}", answer.since);
}

#[test]
fn a_clinics_sign_ins_are_refused() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in -5..10i64 {
        for clinic in CLINICS {
            let grant = one(turn * 400, clinic, 0, 0, "auth.token");
            let refused = clinic == HERE && turn >= -1;
            world.add(if refused { with(Reason::GrantRejected, grant) } else { grant });
        }
    }
    world.change(0..120, mine, |call| with(Reason::TokenRejected, call));
    met(&mut world, Reason::TokenRejected, 3);
    named(&world.ask(about(1, 1)), "clinic_sign_in_failing", 0.7);
}

#[test]
fn an_app_is_refused_everywhere() {
    let mut world = World::at_work();
    busy(&mut world);
    let other = |call: &Sighting| call.ts.seconds() % 4 == 1;
    world.change(-120..120, other, |call| Sighting { app: Some(app("other-app")), ..call });
    met(&mut world, Reason::TokenRejected, 3);
    let intake = |call: &Sighting| call.app == Some(app("intake-web"));
    world.change(-10..120, intake, |call| with(Reason::TokenRejected, call));
    named(&world.ask(about(1, 1)), "app_credentials_rejected", 0.7);
}

#[test]
fn a_token_of_the_wrong_kind_is_refused_on_those_paths() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in 0..5i64 {
        for clinic in CLINICS {
            let mut call = one(turn * 120, clinic, 1, 1, READ);
            call.context = Context::Patient;
            world.add(with(Reason::Forbidden, call.clone()));
            call.ts = at(turn + 1);
            call.route = RouteTemplate::parse("/rest/v1/patient-portal/demographics").unwrap();
            call.operation =
                crate::domain::names::OperationName::parse("patient.self.read").unwrap();
            world.add(call);
        }
    }
    let mut subject = about(0, 1);
    subject.operation = Some(crate::domain::names::OperationName::parse(READ).unwrap());
    named(&world.ask(subject), "wrong_context", 0.7);
}

#[test]
fn accuro_fails_for_all_in_each_of_its_ways() {
    for (reason, cause) in [
        (Reason::UpstreamUnavailable, "accuro_down"),
        (Reason::UpstreamError, "accuro_down"),
        (Reason::ConnectFailed, "accuro_unreachable"),
        (Reason::DnsFailed, "accuro_unreachable"),
    ] {
        let mut world = World::at_work();
        busy(&mut world);
        world.add(one(0, HERE, 1, 1, READ)).add(one(90, HERE, 1, 1, READ));
        world.change(-5..12, |_| true, |call| with(reason, call));
        let answer = world.ask(about(1, 1));
        named(&answer, cause, 0.8);
        assert_eq!((answer.scope, answer.persistence), ("platform", "recovered"));
        assert_eq!(answer.affected.clinics, 4);
        let since = answer.since.unwrap();
        assert!(since >= at(-5) && since < at(-3), "{since}");
    }
}

#[test]
fn accuro_is_slow_for_all() {
    let mut world = World::at_work();
    busy(&mut world);
    world.add(one(0, HERE, 1, 1, READ)).add(one(90, HERE, 1, 1, READ));
    let slow = |call: Sighting| {
        if call.ts.seconds() % 3 == 0 {
            with(Reason::ResponseTimeout, call)
        } else {
            Sighting { duration_us: 9_000_000, ..call }
        }
    };
    world.change(-10..20, |_| true, slow);
    named(&world.ask(about(1, 1)), "accuro_slow", 0.7);
}

#[test]
fn one_clinic_gets_no_answer() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::UpstreamUnavailable, 2);
    world.change(-10..30, is_at(HERE), |call| with(Reason::UpstreamUnavailable, call));
    let answer = world.ask(about(1, 1));
    named(&answer, "clinic_down", 0.8);
    assert_eq!(answer.persistence, "recovered");
}

#[test]
fn a_record_that_is_gone_was_there_before() {
    let mut world = World::at_work();
    busy(&mut world);
    world.add(one(-7000, HERE, 3, 1, READ)).add(one(-4000, HERE, 1, 1, READ));
    met(&mut world, Reason::NotFound, 3);
    world.add(with(Reason::NotFound, one(500, HERE, 4, 1, READ)));
    let answer = world.ask(about(1, 1));
    named(&answer, "record_gone", 0.8);
    assert!(answer.worked_until.is_some());
}

#[test]
fn a_record_that_never_was_is_found_by_nobody() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::NotFound, 3);
    world.add(with(Reason::NotFound, one(500, HERE, 4, 1, READ)));
    named(&world.ask(about(1, 1)), "never_found", 0.8);
}

#[test]
fn what_is_in_another_office_is_found_there() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::NotFound, 3);
    for turn in 0..3 {
        let mut found = one(300 + turn * 60, HERE, 4, 1, READ);
        found.office = Office::parse("2");
        world.add(found);
    }
    named(&world.ask(about(1, 1)), "wrong_office", 0.7);
}

#[test]
fn an_empty_search_is_told_from_empty_lists() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in -6..7i64 {
        let search = one(turn * 300, HERE, 1, 0, "patient.search");
        world.add(if turn == 0 || turn == 1 { with(Reason::EmptyResult, search) } else { search });
    }
    named(&world.ask(about(1, 0)), "no_match", 0.7);
    let mut world = World::at_work();
    busy(&mut world);
    for turn in -1..6i64 {
        world.add(with(Reason::EmptyResult, one(turn * 300, HERE, 1, 0, "appointment.list")));
    }
    let answer = world.ask(about(1, 0));
    named(&answer, "silently_filtered", 0.7);
    assert_eq!(answer.owner, "clinic_admin");
}

#[test]
fn a_request_is_rejected_everywhere_or_for_one_record() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::Unprocessable, 3);
    named(&world.ask(about(1, 1)), "record_rejected", 0.8);
    let reads = |call: &Sighting| call.operation.as_str() == READ;
    world.change(-30..120, reads, |call| with(Reason::Unprocessable, call));
    let answer = world.ask(about(1, 1));
    named(&answer, "request_rejected", 0.8);
    assert_eq!(answer.scope, "operation");
}

#[test]
fn answers_that_changed_are_seen_at_many_clinics() {
    let mut world = World::at_work();
    busy(&mut world);
    let reads = |call: &Sighting| call.operation.as_str() == READ;
    let shaped =
        |bits| move |call: Sighting| Sighting { shape: Some(Digest::from_bits(bits)), ..call };
    world.add(one(60, HERE, 1, 1, READ));
    world.change(-120..-20, reads, shaped(1)).change(-20..120, reads, shaped(2));
    named(&world.ask(about(1, 1)), "answer_changed", 0.7);
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::MalformedBody, 3);
    world.change(-30..120, reads, |call| with(Reason::MalformedBody, call));
    named(&world.ask(about(1, 1)), "answer_changed", 0.7);
}

#[test]
fn what_a_reason_states_needs_one_call() {
    let ours = |mut call: Sighting| {
        call.source = Source::Accuscope;
        call.upstream_status = None;
        call
    };
    for (reason, cause) in [
        (Reason::ScopeRejected, "scope_missing"),
        (Reason::RateLimited, "rate_limited"),
        (Reason::RateLimit, "rate_limited"),
        (Reason::Conflict, "being_edited"),
        (Reason::ClinicNotAllowed, "refused_by_accuscope"),
        (Reason::EnvironmentMismatch, "refused_by_accuscope"),
        (Reason::Overloaded, "accuscope_failing"),
        (Reason::AuditUnavailable, "accuscope_failing"),
    ] {
        let mut world = World::at_work();
        let call = with(reason, one(0, HERE, 1, 1, READ));
        // Accuro's own 409: accuscope's says something else.
        world.add(if reason == Reason::Conflict { call } else { ours(call) });
        named(&world.ask(about(1, 1)), cause, 0.8);
    }
}

#[test]
fn what_worked_was_delivered_and_noise_does_not_hide_it() {
    let mut world = World::at_work();
    busy(&mut world);
    for turn in -5..5 {
        world.add(one(turn * 200, HERE, 1, 1, READ));
    }
    let answer = world.ask(about(1, 1));
    named(&answer, "delivered", 0.8);
    assert_eq!((answer.persistence, answer.since), ("none", None));
    world.add(with(Reason::UpstreamError, one(5_000, HERE, 1, 1, "lab.list")));
    named(&world.ask(about(1, 1)), "delivered", 0.8);
}

#[test]
fn one_that_worked_while_others_got_no_answer_is_no_proof_that_all_is_well() {
    let mut world = World::at_work();
    busy(&mut world);
    world.add(one(0, HERE, 1, 1, READ));
    named(&world.ask(about(1, 1)), "delivered", 0.8);
    for turn in 0..30_u8 {
        let lacking = one(i64::from(turn) * 10 - 150, HERE, 2 + turn % 3, 10 + turn, READ);
        world.add(with(Reason::UpstreamUnavailable, lacking));
    }
    let answer = world.ask(about(1, 1));
    named(&answer, "delivered", 0.5);
    assert!(answer.confidence <= 0.7, "{}", answer.confidence);
}

#[test]
fn too_little_is_unknown() {
    let mut world = World::at_work();
    busy(&mut world);
    met(&mut world, Reason::Forbidden, 2);
    let answer = world.ask(about(1, 1));
    named(&answer, "unknown", 0.0);
    assert!(answer.confidence <= 0.8);
    assert!(!answer.alternatives.is_empty());
}

#[test]
fn silence_is_no_calls_or_a_gap() {
    let world = World::at_work();
    let answer = world.ask(about(1, 1));
    named(&answer, "no_calls", 0.8);
    let mut scene = world.scene(about(1, 1));
    scene.silences = vec![(at(-40), at(45))];
    let judged = crate::diagnosis::judge::judge(&scene);
    assert_eq!(judged.cause, crate::domain::cause::Cause::NotRecorded);
    assert!(judged.confidence > 0.7);
}
