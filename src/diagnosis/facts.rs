//! What else the calls tell, apart from who shares the trouble: reasons, kinds of failure, history,
//! latency, the structure of answers.
//!
//! Owns the reading of these from a scene. What they are worth for a cause is in
//! [`super::model::hints`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::path_kind::PathKind;
use super::scene::{Scene, Seen};
use super::symptom::{Lack, Symptom};
use super::ticket::{Core, is_grant, is_one_of};
use crate::domain::digest::Digest;
use crate::domain::labels::Context;
use crate::domain::names::ClinicId;
use crate::domain::reason::{Ending, Reason};

/// What else the calls tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Shares of the core's calls, 0 to 1.
    pub(super) forbidden: f64,
    pub(super) token_expired: f64,
    pub(super) gone: f64,
    pub(super) client_rejected: f64,
    /// The token is of another kind than the path.
    pub(super) mismatch: bool,
    /// The patient is known.
    pub(super) has_patient: bool,
    /// A search, not a list of something that is known.
    pub(super) is_search: bool,
    /// Calls for the patient that worked before the trouble, in the same office as far as known.
    pub(super) worked_before: u32,
    /// Calls with the ticket's token that worked after it was refused.
    pub(super) alive_after: u32,
    /// The person found it in another office.
    pub(super) found_elsewhere: u32,
    /// The clinic's calls that worked while its sign-ins were refused.
    pub(super) works_meanwhile: u32,
    /// Kinds of unavailability around the ticket: no connection, no answer, errors.
    pub(super) lacks: [u32; 3],
    /// Answered calls around the ticket, and those of them that took a multiple of the usual.
    pub(super) answered: u32,
    pub(super) slow: u32,
    /// The same for the ticket's clinic alone.
    pub(super) answered_here: u32,
    pub(super) slow_here: u32,
    pub(super) shape: Shape,
}

/// Whether answers of the ticket's operation changed their structure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The ticket's answers have a structure that the clinic did not see before.
    pub(super) changed_here: bool,
    /// Other clinics whose answers changed in the same way, and those whose did not.
    pub(super) changed: u32,
    pub(super) same: u32,
}

/// How far around the ticket failures and latencies are looked at.
const AROUND: Duration = Duration::from_mins(10);
/// Fewest answers before the trouble that show what the structure was.
const SHAPES_LEAST: u32 = 4;

impl Facts {
    pub(super) fn of(scene: &Scene, core: &Core) -> Self {
        let calls: Vec<&Seen> = core.calls.iter().map(|index| &scene.seen[*index]).collect();
        let share = |reason: Reason| {
            let of = calls.iter().filter(|seen| seen.call.ending.reason() == Some(reason)).count();
            ratio(of, calls.len())
        };
        let mut facts = Self {
            forbidden: share(Reason::Forbidden),
            token_expired: share(Reason::TokenExpired),
            gone: share(Reason::Gone),
            client_rejected: share(Reason::ClientRejected),
            mismatch: mismatch(core.context, PathKind::of_core(scene, core)),
            has_patient: !core.patients.is_empty(),
            is_search: core.operation.as_str().contains("search"),
            shape: shape(scene, core),
            works_meanwhile: works_meanwhile(scene),
            ..Self::default()
        };
        let (from, to) = (core.first.minus(AROUND), core.last.plus(AROUND));
        for seen in &scene.seen {
            let call = &seen.call;
            if seen.symptom == Some(Symptom::Worked)
                && call.ts < core.first
                && scene.is_here(call)
                && is_one_of(call.patient.as_ref(), &core.patients)
                && (call.office == core.office || call.office.is_none() || core.office.is_none())
            {
                facts.worked_before += 1;
            }
            if seen.symptom == Some(Symptom::Worked)
                && scene.is_here(call)
                && core.is_mine(seen)
                && call.operation == core.operation
                && call.office.zip(core.office).is_some_and(|(other, own)| other != own)
            {
                facts.found_elsewhere += 1;
            }
            if matches!(seen.symptom, Some(Symptom::Worked | Symptom::Empty))
                && call.ts > core.first
                && is_one_of(call.token.as_ref(), &core.tokens)
            {
                facts.alive_after += 1;
            }
            if call.ts < from || call.ts > to {
                continue;
            }
            if let Some(lack) =
                Lack::of(call).filter(|_| seen.symptom == Some(Symptom::Unavailable))
            {
                facts.lacks[lack as usize] += 1;
            } else if call.ending == Ending::Aborted && seen.symptom.is_some() {
                facts.lacks[Lack::Answer as usize] += 1;
            }
            if matches!(seen.symptom, Some(Symptom::Worked | Symptom::Empty)) {
                facts.answered += 1;
                facts.slow += u32::from(seen.slow);
                if scene.is_here(call) {
                    facts.answered_here += 1;
                    facts.slow_here += u32::from(seen.slow);
                }
            }
        }
        facts
    }
}

/// Calls that worked between the clinic's first refused sign-in and its last.
fn works_meanwhile(scene: &Scene) -> u32 {
    let refused = |seen: &&Seen| {
        is_grant(seen)
            && scene.is_here(&seen.call)
            && scene.in_window(seen)
            && matches!(seen.symptom, Some(Symptom::Grant | Symptom::Refused))
    };
    let first = scene.seen.iter().find(refused).map(|seen| seen.call.ts);
    let last = scene.seen.iter().rev().find(refused).map(|seen| seen.call.ts);
    let Some((first, last)) = first.zip(last) else { return 0 };
    let works = scene.seen.iter().filter(|seen| {
        seen.symptom == Some(Symptom::Worked)
            && !is_grant(seen)
            && scene.is_here(&seen.call)
            && seen.call.ts > first
            && seen.call.ts < last
    });
    u32::try_from(works.count()).unwrap_or(u32::MAX)
}

/// A share of a few.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

fn mismatch(context: Context, path: PathKind) -> bool {
    match path {
        PathKind::Anybody => false,
        PathKind::Patient => matches!(context, Context::Provider | Context::Client),
        PathKind::Provider => matches!(context, Context::Patient | Context::Client),
        PathKind::Client => matches!(context, Context::Patient | Context::Provider),
    }
}

/// Compares the structure of answers with what it was before, clinic by clinic. Only structures of
/// answers that hold something are compared: an empty list has one of its own.
fn shape(scene: &Scene, core: &Core) -> Shape {
    let mut result = Shape::default();
    if !matches!(core.symptom, Symptom::Worked | Symptom::Garbled) {
        return result;
    }
    let now: BTreeSet<Digest> =
        core.calls.iter().filter_map(|i| scene.seen[*i].call.shape).collect();
    let mut before: BTreeMap<&Option<ClinicId>, (u32, BTreeSet<Digest>)> = BTreeMap::new();
    let mut after: BTreeMap<&Option<ClinicId>, BTreeSet<Digest>> = BTreeMap::new();
    let began = first_seen(scene, core, &now);
    let of_operation = |seen: &&Seen| {
        seen.call.operation == core.operation && seen.symptom == Some(Symptom::Worked)
    };
    for call in scene.seen.iter().filter(of_operation).map(|seen| &seen.call) {
        let Some(shape) = call.shape else { continue };
        if call.ts < began {
            let (count, shapes) = before.entry(&call.clinic).or_default();
            *count += 1;
            shapes.insert(shape);
        } else {
            after.entry(&call.clinic).or_default().insert(shape);
        }
    }
    let known: BTreeSet<Digest> = before.values().flat_map(|(_, shapes)| shapes).copied().collect();
    let counted: u32 = before.values().map(|(count, _)| count).sum();
    result.changed_here = counted >= SHAPES_LEAST && !now.is_empty() && now.is_disjoint(&known);
    for (clinic, shapes) in after {
        if *clinic == scene.subject.clinic {
            continue;
        }
        if shapes.iter().any(|shape| now.contains(shape)) {
            result.changed += 1;
        } else {
            result.same += 1;
        }
    }
    result
}

/// When a structure was first seen anywhere.
fn first_seen(
    scene: &Scene,
    core: &Core,
    shapes: &BTreeSet<Digest>,
) -> crate::domain::time::Timestamp {
    let has = |seen: &&Seen| {
        seen.call.operation == core.operation
            && seen.call.shape.is_some_and(|s| shapes.contains(&s))
    };
    scene.seen.iter().find(has).map_or(core.first, |seen| seen.call.ts)
}
