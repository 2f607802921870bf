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
    let all: Vec<(Timestamp, Digest)> = shapes().map(|(ts, _, shape)| (ts, shape)).collect();
    let began = began(&all, latest).unwrap_or(core.first);
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

/// Of ten answers between a new structure's first and the next one's, so many are new where it is the same change.
const NEW_TENTHS: usize = 8;

/// When the structures that a new one came with were first seen: an answer with an optional field has another one
/// than the answer without it, and which of them comes first is chance. `all` in the order of time.
fn began(all: &[(Timestamp, Digest)], latest: Digest) -> Option<Timestamp> {
    let mut start = all.iter().position(|(_, shape)| *shape == latest)?;
    let mut new = BTreeSet::from([latest]);
    let mut firsts: Vec<(usize, Digest)> = Vec::new();
    let mut met = BTreeSet::new();
    for (index, (_, shape)) in all[..start].iter().enumerate() {
        if met.insert(*shape) {
            firsts.push((index, *shape));
        }
    }
    // The very first one is what answers looked like before.
    for (first, shape) in firsts.into_iter().skip(1).rev() {
        new.insert(shape);
        let between = &all[first..start];
        let of_new = between.iter().filter(|(_, shape)| new.contains(shape)).count();
        if of_new * 10 < between.len() * NEW_TENTHS {
            break;
        }
        start = first;
    }
    Some(all[start].0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::fixtures::at;

    #[test]
    fn a_change_began_with_the_first_of_its_structures() {
        // Each letter is an answer's structure; the ticket's, and the place where the change began.
        for (text, latest, expected) in [
            ("aaaabaaaaccccccc", 'c', 9),
            ("aaaabaaaadcdcccd", 'c', 9),
            ("aaaabaaaadddcddd", 'c', 9),
            // A structure that came and went among the old ones is one of them.
            ("aaaabaaaaaabaccc", 'c', 13),
            ("cccc", 'c', 0),
            ("aaaa", 'c', -1),
        ] {
            let shape = |letter: char| Digest::from_bits(u64::from(u32::from(letter)));
            let all: Vec<_> = (0..).zip(text.chars()).map(|(n, c)| (at(n), shape(c))).collect();
            let expected = (expected >= 0).then(|| at(expected));
            assert_eq!(began(&all, shape(latest)), expected, "{text}");
        }
    }
}
