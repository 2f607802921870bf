//! Whether answers of one operation changed their structure.
//!
//! Owns that comparison: what answers looked like before the ticket's structure was first seen, and
//! whether the new one has taken over since. A structure is of field paths and types, so answers with
//! and without an optional field have two; a new one among old ones is no change.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::Core;
use super::scene::{Scene, Seen};
use super::symptom::Symptom;
use crate::domain::digest::Digest;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// Whether answers of the ticket's operation changed their structure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The ticket's answers have a structure that nobody saw before, and it has taken over.
    pub(super) changed_here: bool,
    /// The same, on too few answers to be sure.
    pub(super) perhaps: bool,
    /// Other clinics whose answers changed in the same way, and those whose did not.
    pub(super) changed: u32,
    pub(super) same: u32,
    /// The structures since, and the first answer with one.
    pub(super) since: Option<(Timestamp, BTreeSet<Digest>)>,
}

/// Fewest answers before the trouble that show what the structure was.
const LEAST: u32 = 4;

/// Compares the structure of answers with what it was before, clinic by clinic. Only structures of
/// answers that hold something are compared: an empty list has one of its own.
pub(super) fn shape(scene: &Scene, core: &Core) -> Shape {
    if !matches!(core.symptom, Symptom::Worked | Symptom::Garbled) {
        return Shape::default();
    }
    let calls = core.calls.iter().rev().map(|index| &scene.seen[*index].call);
    let named = calls.clone().find(|call| Some(call.id) == scene.subject.call);
    // Of several structures, the latest that is new; it may be over by now.
    let mut own: Vec<Digest> = match named {
        Some(call) => call.shape.into_iter().collect(),
        None => calls.filter_map(|call| call.shape).collect(),
    };
    own.dedup();
    let compared = own.iter().map(|shape| compare(scene, core, *shape));
    let mut found = compared.clone().filter(|shape| shape.since.is_some());
    found.next().or_else(|| compared.clone().next()).unwrap_or_default()
}

/// The same for one structure.
fn compare(scene: &Scene, core: &Core, latest: Digest) -> Shape {
    let mut result = Shape::default();
    let of_operation = |seen: &&Seen| {
        seen.call.operation == core.operation && seen.symptom == Some(Symptom::Worked)
    };
    let shapes = || {
        let calls = scene.seen.iter().filter(of_operation).map(|seen| &seen.call);
        calls.filter_map(|call| call.shape.map(|shape| (call.ts, &call.clinic, shape)))
    };
    let began = shapes().find(|(.., shape)| *shape == latest).map_or(core.first, |(ts, ..)| ts);
    let known: BTreeSet<Digest> =
        shapes().filter(|(ts, ..)| *ts < began).map(|(.., shape)| shape).collect();
    let before = shapes().filter(|(ts, ..)| *ts < began).count();
    // Until it is seen for the last time: after that it may be over.
    let ended = shapes().rfind(|(.., shape)| *shape == latest).map_or(core.last, |(ts, ..)| ts);
    // New and known structures in between, by clinic.
    let mut after: BTreeMap<&Option<ClinicId>, (u32, u32)> = BTreeMap::new();
    for (_, clinic, shape) in shapes().filter(|(ts, ..)| (began..=ended).contains(ts)) {
        let (new, old) = after.entry(clinic).or_default();
        if known.contains(&shape) { *old += 1 } else { *new += 1 }
    }
    let mostly_new = |(new, old): (u32, u32)| new >= old;
    let here = after.get(&scene.subject.clinic).copied().is_some_and(mostly_new);
    result.changed_here = here && before >= LEAST as usize;
    result.perhaps = here && before > 0 && !result.changed_here;
    for (clinic, counts) in after {
        if *clinic == scene.subject.clinic {
            continue;
        }
        if mostly_new(counts) {
            result.changed += 1;
        } else {
            result.same += 1;
        }
    }
    let new = shapes().map(|(.., shape)| shape).filter(|shape| !known.contains(shape)).collect();
    result.since = (result.changed_here || result.perhaps).then_some((began, new));
    result
}
