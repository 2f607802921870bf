//! What holds for every question.

use proptest::prelude::*;

use super::world::{CLINICS, HERE, World, about, one, with};
use crate::diagnosis::claims;
use crate::domain::reason::Reason;
use crate::store::Sighting;

/// Calls of anybody, ended in any way.
fn any_world() -> impl Strategy<Value = World> {
    let call = (0..CLINICS.len(), -7_000i64..7_000, 1u8..4, 0u8..3, 0usize..5, 0usize..60);
    prop::collection::vec(call, 0..60).prop_map(|calls| {
        let mut world = World::default();
        for (clinic, seconds, person, patient, task, ending) in calls {
            let task =
                ["patient.read", "patient.search", "lab.list", "appointment.list", "auth.token"]
                    [task];
            let made = one(seconds, CLINICS[clinic], person, patient, task);
            let reason = Reason::ALL.get(ending);
            world.add(match reason {
                Some(reason) => with(*reason, made),
                None => made,
            });
        }
        world
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The same events in any order give the same bytes, and every number is in its range.
    #[test]
    fn the_order_of_events_does_not_matter(world in any_world(), turn in 0usize..60, person in 0u8..3) {
        let answer = world.ask(about(person, 1));
        let mut turned = world.clone();
        let length = turned.calls.len().max(1);
        turned.calls.rotate_left(turn % length);
        turned.calls.extend(world.calls.first().cloned());
        let bytes = |answer| serde_json::to_vec(&answer).unwrap();
        prop_assert!((0.0..=1.0).contains(&answer.confidence));
        let sum: f64 = answer.alternatives.iter().map(|other| other.confidence).sum();
        prop_assert!(answer.confidence + sum <= 1.0 + 1e-9, "{} {sum}", answer.confidence);
        let most = answer.alternatives.iter().map(|other| other.confidence).fold(0.0, f64::max);
        prop_assert!(answer.confidence >= most, "{} {most}", answer.confidence);
        prop_assert!(answer.alternatives.iter().all(|other| other.cause != answer.cause));
        prop_assert_eq!(bytes(answer), bytes(turned.ask(about(person, 1))));
    }

    /// No sentence claims what its counts deny, whoever asks; and what names no patient is nobody's.
    #[test]
    fn a_sentence_stands_beside_counts_that_bear_it_out(
        world in any_world(), person in 0u8..3, patient in 0u8..4,
    ) {
        let answer = world.ask(about(person, patient));
        for check in answer.checks.iter().filter(|check| check.check != "refused_by_accuscope") {
            let fits = claims(check.tells).is_none_or(|works| works == (check.worked > 0));
            prop_assert!(fits || check.check == "latency", "{check:?}");
        }
    }

    /// Fewer than three calls make nobody sure, unless a reason says it.
    #[test]
    fn two_calls_prove_nothing(reason in 0usize..40, times in 1i64..3) {
        let Some(reason) = Reason::ALL.get(reason) else { return Ok(()) };
        let mut world = World::default();
        for turn in 0..times {
            world.add(with(*reason, one(turn * 60, HERE, 1, 1, "patient.read")));
        }
        let answer = world.ask(about(1, 1));
        let stated = matches!(answer.cause, "scope_missing" | "rate_limited" | "being_edited"
            | "refused_by_accuscope" | "accuscope_failing")
            || *reason == Reason::TokenExpired || *reason == Reason::Gone;
        prop_assert!(stated || answer.confidence <= 0.8, "{} {}", answer.cause, answer.confidence);
    }

    /// More of the same never makes the leading cause less sure.
    #[test]
    fn agreeing_evidence_never_weakens(times in 3i64..12, colleagues in 1i64..8) {
        let world = |times, colleagues| {
            let mut world = World::at_work();
            for turn in 0..times {
                world.add(with(Reason::Forbidden, one(turn * 60, HERE, 1, 1, "patient.read")));
                world.add(one(turn * 60 + 25, HERE, 1, 2, "patient.read"));
            }
            for turn in 0..colleagues {
                world.add(one(turn * 50 + 20, HERE, 3, 1, "patient.read"));
            }
            world.ask(about(1, 1))
        };
        let (less, more) = (world(times, colleagues), world(times + 1, colleagues + 1));
        prop_assert_eq!(less.cause, "chart_restricted");
        prop_assert_eq!(more.cause, "chart_restricted");
        prop_assert!(more.confidence >= less.confidence - 0.005, "{} {}", less.confidence, more.confidence);
    }

    /// What happens at clinics that have nothing to do with it leaves one person's verdict alone.
    #[test]
    fn noise_elsewhere_changes_nothing_personal(
        noise in prop::collection::vec((1usize..4, -7_000i64..7_000, 0usize..30), 0..40),
    ) {
        let mut world = World::at_work();
        for turn in 0..4 {
            world.add(with(Reason::Forbidden, one(turn * 120, HERE, 1, 1, "patient.read")));
            world.add(one(turn * 120 + 30, HERE, 1, 9, "patient.read"));
            world.add(one(turn * 100 + 10, HERE, 3, 1, "patient.read"));
        }
        for (clinic, seconds, reason) in noise {
            let made: Sighting = one(seconds, CLINICS[clinic], 40, 40, "lab.list");
            world.add(match Reason::ALL.get(reason) {
                Some(reason) => with(*reason, made),
                None => made,
            });
        }
        prop_assert_eq!(world.ask(about(1, 1)).cause, "chart_restricted");
    }
}
