//! Lists and searches in a row that held nothing: one matter, that no single one of them would show.
//!
//! Owns what such a row is. Which cause it speaks for is in [`super::model::hints`].

use std::collections::BTreeSet;
use std::time::Duration;

use super::alike::Core;
use super::scene::{Scene, Seen};
use super::symptom::Symptom;
use crate::domain::names::OperationName;

/// Within this, somebody types the same once more.
const AGAIN: Duration = Duration::from_mins(1);
/// So many in a row are no chance.
pub(super) const BARREN: u32 = 3;

/// The longest row of lists and searches that held nothing, as far as none held anything in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Barren {
    pub(super) calls: u32,
    /// What was asked for, and of how many patients.
    operations: BTreeSet<OperationName>,
    patients: usize,
}

impl Barren {
    /// Of the person's in the office in question, with the core's among them.
    pub(super) fn of_core(scene: &Scene, core: &Core) -> Self {
        let lists = scene.seen.iter().enumerate();
        let lists = lists.filter(|(_, seen)| is_list_of_mine(scene, core, seen));
        let is_of_core = |index: usize| core.calls.binary_search(&index).is_ok();
        Self::longest(lists.map(|(index, seen)| (seen, is_of_core(index))))
    }

    /// Of these calls; a row counts if one of it bears on the question, as the second of each pair says.
    pub(super) fn longest<'s>(calls: impl Iterator<Item = (&'s Seen, bool)>) -> Self {
        let lists: Vec<(&Seen, bool)> = calls.filter(|(seen, _)| is_list(seen)).collect();
        let rows = lists.split(|(seen, _)| seen.symptom == Some(Symptom::Worked));
        let rows = rows.filter(|row| row.iter().any(|(_, bears)| *bears));
        let rows = rows.map(|row| row.iter().map(|(seen, _)| *seen).collect::<Vec<_>>());
        let mut longest = (0, Vec::new());
        for row in rows {
            let calls = matters(&row);
            if calls > longest.0 {
                longest = (calls, row);
            }
        }
        let (calls, row) = longest;
        let patients: BTreeSet<_> = row.iter().map(|seen| &seen.call.patient).collect();
        let operations = row.iter().map(|seen| seen.call.operation.clone()).collect();
        Self { calls, operations, patients: patients.len() }
    }

    /// Whether they are of several kinds and too many for chance: it is not what was typed.
    pub(super) fn is_no_chance(&self) -> bool {
        self.calls >= BARREN && self.operations.len() >= 2
    }

    /// Whether a call asks for what they asked for, whatever it held.
    pub(super) fn is_alike(&self, seen: &Seen) -> bool {
        self.operations.contains(&seen.call.operation)
    }

    /// Whether they are no single patient's.
    pub(super) const fn is_of_several_patients(&self) -> bool {
        self.patients >= 2
    }
}

/// How many matters a row is: one patient's lists are one, and so is what is searched for again at once.
fn matters(row: &[&Seen]) -> u32 {
    let patients: BTreeSet<_> = row.iter().filter_map(|seen| seen.call.patient.as_ref()).collect();
    let of_nobody: Vec<_> = row.iter().filter(|seen| seen.call.patient.is_none()).collect();
    let again = of_nobody.windows(2).filter(|pair| {
        let (one, next) = (&pair[0].call, &pair[1].call);
        one.operation == next.operation && next.ts.since(one.ts) <= AGAIN
    });
    u32::try_from(patients.len() + of_nobody.len() - again.count()).unwrap_or(u32::MAX)
}

/// Whether a call was answered with a list, of whatever length.
fn is_list(seen: &Seen) -> bool {
    match seen.symptom {
        Some(Symptom::Empty) => true,
        Some(Symptom::Worked) => seen.call.result_count.is_some(),
        _ => false,
    }
}

/// Whether a call is a list or search of the person's, in the office in question, whatever it held.
pub(super) fn is_list_of_mine(scene: &Scene, core: &Core, seen: &Seen) -> bool {
    is_list(seen)
        && scene.is_here(&seen.call)
        && core.is_mine(seen)
        && seen.call.office == core.office
}
