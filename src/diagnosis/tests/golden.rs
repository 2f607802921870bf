//! Whole answers, byte for byte: what programs, the site and people rely on.
//!
//! The answers stand in `golden/*.json`; with `ACCUSCOPE_BLESS=1` they are written anew, to be read
//! before they are committed.

use std::fs;
use std::path::Path;

use super::world::{CLINICS, HERE, World, about, is_at, one, with};
use crate::diagnosis::answer::Diagnosis;
use crate::diagnosis::fixtures::at;
use crate::domain::reason::Reason;

const READ: &str = "patient.read";

#[track_caller]
fn is_golden(name: &str, answer: &Diagnosis) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnosis/tests/golden");
    let file = file.join(format!("{name}.json"));
    let text = format!("{}\n", serde_json::to_string_pretty(answer).unwrap());
    if std::env::var_os("ACCUSCOPE_BLESS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "{name}");
}

/// Person 1 at work with others, and refused or failed with patient 1 four times.
fn met(reason: Reason) -> World {
    let mut world = World::at_work();
    for turn in -18..19i64 {
        let patient = u8::try_from((turn + 18) % 9).unwrap() + 30;
        world.add(one(turn * 360 + 40, HERE, 1, patient, READ));
    }
    for turn in 0..4 {
        world.add(with(reason, one(turn * 120, HERE, 1, 1, READ)));
    }
    world
}

#[test]
fn a_closed_chart() {
    let mut world = met(Reason::Forbidden);
    world.add(one(-900, HERE, 3, 1, READ)).add(one(200, HERE, 4, 1, READ));
    is_golden("chart_restricted", &world.ask(about(1, 1)));
}

#[test]
fn accuro_down() {
    let mut world = met(Reason::UpstreamUnavailable);
    world.change(-5..12, |_| true, |call| with(Reason::UpstreamUnavailable, call));
    is_golden("accuro_down", &world.ask(about(1, 1)));
}

#[test]
fn a_clinic_refused() {
    let mut world = met(Reason::TokenRejected);
    world.change(-10..120, is_at(HERE), |call| with(Reason::TokenRejected, call));
    is_golden("clinic_connection_rejected", &world.ask(about(1, 1)));
}

#[test]
fn delivered() {
    let mut world = World::at_work();
    for turn in -5..5 {
        world.add(one(turn * 200, HERE, 1, 1, READ));
    }
    is_golden("delivered", &world.ask(about(1, 1)));
}

#[test]
fn not_enough_evidence() {
    let mut world = World::at_work();
    world.add(with(Reason::Forbidden, one(0, HERE, 1, 1, READ)));
    is_golden("unknown", &world.ask(about(1, 1)));
}

#[test]
fn refused_here() {
    let mut world = World::at_work();
    world.add(with(Reason::ClinicNotAllowed, one(0, HERE, 1, 1, READ)));
    is_golden("refused_by_accuscope", &world.ask(about(1, 1)));
}

#[test]
fn nobody_can_sign_in_so_there_is_no_call_to_ask_about() {
    let mut world = World::at_work();
    for turn in -6..10i64 {
        for clinic in CLINICS {
            let grant = one(turn * 300, clinic, 0, 0, "auth.token");
            let refused = clinic == HERE && turn >= -3;
            world.add(if refused { with(Reason::GrantRejected, grant) } else { grant });
        }
    }
    world.calls.retain(|call| !is_at(HERE)(call) || call.ts < at(-15) || call.patient.is_none());
    let answer = world.ask(about(1, 1));
    assert!(answer.exchanges.is_empty(), "{:?}", answer.exchanges);
    is_golden("no_ticket_sign_ins_failing", &answer);
    assert_eq!((answer.cause, answer.scope), ("clinic_sign_in_failing", "clinic"));
}
