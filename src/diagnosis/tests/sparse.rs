//! Clinics whose calls say little: nobody is named, few ask, what is meant is hours away.

use super::causes::{busy, named};
use super::world::{CLINICS, HERE, World, about, is_at, one, with};
use crate::diagnosis::fixtures::at;
use crate::domain::labels::Source;
use crate::domain::names::{Office, OperationName};
use crate::domain::reason::{Ending, Reason};
use crate::store::Sighting;

const READ: &str = "patient.read";

fn ours(reason: Reason, call: Sighting) -> Sighting {
    Sighting { source: Source::Accuscope, upstream_status: None, ..with(reason, call) }
}

#[test]
fn where_no_call_says_who_asked_what_all_meet_is_the_persons_too_and_nothing_else() {
    let nameless = |trouble: &dyn Fn(Sighting) -> Sighting, fits: &dyn Fn(&Sighting) -> bool| {
        let mut world = World::at_work();
        world.change(-20..30, fits, trouble);
        for call in world.calls.iter_mut().filter(|call| is_at(HERE)(call)) {
            call.actor = None;
        }
        // One call that says whose it is makes the others no less nameless.
        world.add(one(-6_000, HERE, 7, 20, READ));
        world.ask(about(1, 0))
    };
    let overloaded = |call| ours(Reason::Overloaded, call);
    named(&nameless(&overloaded, &|_| true), "accuscope_failing", 0.6);
    let nothing = nameless(&|call| call, &|_| true);
    named(&nothing, "no_calls", 0.5);
    assert!(nothing.confidence <= 0.6, "{}", nothing.confidence);
    // Somebody is refused the charts: not known to be who was named.
    let token = one(0, HERE, 3, 0, READ).token;
    let one_persons = |call: &Sighting| call.token == token && call.operation.as_str() == READ;
    let refused = nameless(&|call| with(Reason::Forbidden, call), &one_persons);
    assert!(["unknown", "no_calls"].contains(&refused.cause), "{}", refused.cause);
}

#[test]
fn calls_hours_away_are_meant_where_the_window_reaches_them_and_none_is_nearer() {
    let mut world = World::at_work();
    for minute in [-115, -60] {
        world.add(ours(Reason::ClinicNotAllowed, one(minute * 60, HERE, 1, 1, READ)));
    }
    let mut subject = about(1, 0);
    (subject.at, subject.window) = (at(200), std::time::Duration::from_hours(7));
    named(&world.ask(subject.clone()), "refused_by_accuscope", 0.8);
    // What worked then says nothing of the moment.
    world.calls.retain(|call| call.ending.reason() != Some(Reason::ClinicNotAllowed));
    world.add(one(-3_600, HERE, 1, 1, READ));
    let answer = world.ask(subject.clone());
    assert!(["no_calls", "not_recorded"].contains(&answer.cause), "{}", answer.cause);
    // A nearer one is what is meant.
    world.add(ours(Reason::ClinicNotAllowed, one(-7_000, HERE, 1, 1, READ)));
    world.add(one(190 * 60, HERE, 1, 2, READ));
    assert_eq!(world.ask(subject).cause, "delivered");
}

#[test]
fn refused_sign_ins_that_are_nobodys_are_the_clinics_where_none_is_granted_in_between() {
    let mut world = World::at_work();
    let grant = |minute: i64, clinic: &str| {
        let mut grant = one(minute * 60, clinic, 1, 0, "auth.token");
        (grant.actor, grant.token) = (None, None);
        grant
    };
    for clinic in CLINICS {
        for minute in (-115..115).step_by(6) {
            let refused = clinic == HERE && minute >= -3;
            let made = grant(minute, clinic);
            world.add(if refused { with(Reason::GrantRejected, made) } else { made });
        }
    }
    let mut subject = about(0, 0);
    subject.operation = Some(OperationName::parse("auth.token").unwrap());
    subject.at = at(20);
    named(&world.ask(subject), "clinic_sign_in_failing", 0.6);
}

#[test]
fn a_record_that_was_found_in_the_office_where_it_is_missed_now_is_gone() {
    let mut world = World::at_work();
    let in_office =
        |office: &str, call: Sighting| Sighting { office: Office::parse(office), ..call };
    world.calls.retain(|call| call.patient != one(0, HERE, 1, 1, READ).patient);
    for minute in [-110, -90, -70] {
        world.add(in_office("2", one(minute * 60, HERE, 3, 1, READ)));
    }
    for (minute, person, office) in [(-20, 3, "2"), (-10, 4, "2"), (0, 1, "1"), (2, 1, "1")] {
        let missed = with(Reason::NotFound, one(minute * 60, HERE, person, 1, READ));
        world.add(in_office(office, missed));
    }
    // An empty list of a patient's does not show that the patient is there.
    for minute in [-19, 1, 3] {
        let list = with(Reason::EmptyResult, one(minute * 60, HERE, 1, 1, "lab.list"));
        world.add(in_office("1", list));
    }
    let mut subject = about(0, 0);
    let asked = world.calls.iter().rfind(|call| call.ending.reason() == Some(Reason::NotFound));
    subject.call = asked.map(|call| call.id);
    let answer = world.ask(subject);
    named(&answer, "record_gone", 0.6);
    assert_eq!(answer.persistence, "persistent");
}

#[test]
fn a_list_that_held_something_before_and_since_was_filtered_in_between() {
    let mut world = World::at_work();
    let sheet = |minute: i64, count: u32| {
        let mut call = one(minute * 60, HERE, 1, 0, "appointment.list");
        call.result_count = Some(count);
        if count == 0 { with(Reason::EmptyResult, call) } else { call }
    };
    for (minute, count) in
        [(-110, 9), (-90, 12), (-70, 7), (-30, 0), (-24, 0), (-9, 0), (-2, 0), (30, 8), (50, 11)]
    {
        world.add(sheet(minute, count));
    }
    // The person works in between.
    for minute in [-29, -23, -8, -1, 31] {
        world.add(one(minute * 60, HERE, 1, 33, "document.list"));
    }
    let answer = world.ask(about(1, 0));
    named(&answer, "silently_filtered", 0.5);
    assert_eq!((answer.persistence, answer.affected.calls), ("recovered", 4));
    assert_eq!(answer.since, Some(at(-30)));
}

#[test]
fn an_outage_of_one_part_and_one_of_all_kinds_are_accuros() {
    let part = |call: &Sighting| call.operation.as_str() == "lab.list";
    let mut world = World::at_work();
    world.change(-30..30, part, |call| with(Reason::UpstreamUnavailable, call));
    for turn in 0..4 {
        world.add(with(Reason::UpstreamUnavailable, one(turn * 60, HERE, 1, 1, "lab.list")));
        world.add(one(turn * 60 + 5, HERE, 1, 1, READ));
    }
    named(&world.ask(about(1, 1)), "accuro_down", 0.6);
    let mut world = World::at_work();
    let by_turns = |call: Sighting| {
        let kinds = [Reason::ConnectFailed, Reason::UpstreamUnavailable, Reason::ResponseTimeout];
        with(kinds[usize::try_from(call.ts.seconds() / 60).unwrap() % 3], call)
    };
    world.change(-30..30, |_| true, by_turns);
    for turn in 0..6 {
        world.add(by_turns(one(turn * 60, HERE, 1, 1, READ)));
    }
    let answer = world.ask(about(1, 1));
    assert!(["accuro_down", "accuro_unreachable"].contains(&answer.cause), "{}", answer.cause);
    assert_eq!(answer.scope, "platform");
}

#[test]
fn a_row_of_empty_lists_that_began_before_the_window_is_one_row() {
    let mut world = World::at_work();
    let sheet =
        |minute: i64| with(Reason::EmptyResult, one(minute * 60, HERE, 1, 0, "appointment.list"));
    for minute in [-110, -95, -80, -60, -45, -6, 14] {
        world.add(sheet(minute));
    }
    busy(&mut world);
    for minute in -25..25 {
        world.add(one(minute * 60 + 20, HERE, 1, 31, READ));
    }
    // A token ended and was renewed in between, and one call was given up.
    world.add(with(Reason::TokenExpired, one(-6 * 60 - 1, HERE, 1, 0, "appointment.list")));
    let mut subject = about(1, 0);
    subject.window = std::time::Duration::from_mins(30);
    named(&world.ask(subject), "silently_filtered", 0.5);
}

#[test]
fn two_empty_day_sheets_say_something_where_colleagues_have_full_ones() {
    let mut world = World::at_work();
    let sheet = |minute: i64, person: u8, count: u32| {
        let mut call = one(minute * 60, HERE, person, 0, "appointment.list");
        call.result_count = Some(count);
        if count == 0 { with(Reason::EmptyResult, call) } else { call }
    };
    for turn in 0..6 {
        world.add(sheet(turn * 15 - 50, 3 + u8::try_from(turn % 3).unwrap(), 9));
    }
    world.add(sheet(-11, 9, 0));
    let mut subject = about(0, 0);
    subject.call = world.calls.last().map(|call| call.id);
    // One alone is a day without appointments.
    assert_eq!(world.ask(subject.clone()).cause, "unknown");
    world.add(sheet(4, 9, 0));
    let answer = world.ask(subject);
    named(&answer, "silently_filtered", 0.5);
    assert!(answer.confidence <= 0.8, "{}", answer.confidence);
}

#[test]
fn what_is_typed_again_at_once_and_one_patients_lists_are_one_matter_each() {
    let world = |spread: i64| {
        let mut world = World::at_work();
        let search = |second: i64, found: bool| {
            let call = one(second, HERE, 1, 0, "patient.search");
            if found { call } else { with(Reason::EmptyResult, call) }
        };
        for second in [-3_000, -2_000, 1_500, 2_500] {
            world.add(search(second, true));
        }
        // A patient without results, and then somebody who is not found, typed four times.
        world.add(with(Reason::EmptyResult, one(-1_900, HERE, 1, 41, "lab.list")));
        world.add(with(Reason::EmptyResult, one(-1_890, HERE, 1, 41, "document.list")));
        for turn in 0..4 {
            world.add(search(turn * spread - 200, false));
        }
        world.ask(about(1, 0))
    };
    named(&world(25), "no_match", 0.6);
    // Ten minutes apart, with lists between, nobody mistypes so often.
    assert_ne!(world(400).cause, "no_match");
}

#[test]
fn what_an_app_let_go_of_is_accuros_only_if_no_answer_had_begun_and_then_not_for_certain() {
    let given_up = |change: &dyn Fn(Sighting) -> Sighting| {
        let mut world = World::at_work();
        world.calls.retain(|call| !is_at(HERE)(call) || call.ts < at(-115));
        for turn in 0..20 {
            let mut call = one(turn * 45 - 600, HERE, 1, 1, READ);
            (call.ending, call.status, call.duration_us) = (Ending::Aborted, 499, 31_000_000);
            world.add(change(call));
        }
        world.ask(about(1, 1))
    };
    let waited = given_up(&|call| Sighting { upstream_status: None, ..call });
    named(&waited, "clinic_down", 0.5);
    assert!(waited.confidence <= 0.7, "{}", waited.confidence);
    let answered = given_up(&|call| Sighting { upstream_status: Some(200), ..call });
    let unsent =
        given_up(&|call| Sighting { upstream_status: None, source: Source::Accuscope, ..call });
    for answer in [answered, unsent] {
        assert_eq!(answer.cause, "unknown", "{}", answer.confidence);
        assert!(answer.alternatives.is_empty(), "{:?}", answer.alternatives);
    }
}
