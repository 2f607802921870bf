//! When things changed around a ticket, as far as more than one comparison tells.
//!
//! Owns the sorting of calls into series, and which stretch of a series bears on the ticket. What is
//! counted in it is [`super::cells`]'s.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::alike::Core;
use super::cells::Cell;
use super::places::{compare, is_another_end, places};
use super::scene::{Scene, Seen};
use super::segment::{self, Mark, Segment};
use super::symptom::Symptom;
use super::ticket::is_grant;
use super::weight::{Other, Whose, Width, trouble_of_others};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// Which calls a change is looked for among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Those of the same task: a change there does not show among all.
    Task,
    /// Sign-ins: rare, so that one comparison's are too few to show a change.
    Grants,
    /// All but sign-ins, through the same app.
    App,
    /// All but sign-ins.
    All,
}

/// When things changed, as far as more than one comparison tells.
pub(super) struct Changes {
    /// The stretch of each series that the ticket lies in.
    shared: BTreeMap<(Width, Kind), (Timestamp, Timestamp)>,
    /// From when to when others met the same.
    common: BTreeMap<(Width, Kind), (Timestamp, Timestamp)>,
    /// The person's failures in the task that follow each other, if they are too many for chance.
    row: Option<(Timestamp, Timestamp)>,
    /// The clinic's refused sign-ins that follow each other, where nobody knows whose they are.
    grants: Option<(Timestamp, Timestamp)>,
}

impl Changes {
    pub(super) fn of(sorted: &Sorted, core: &Core) -> Self {
        let own = sorted.widths.get(&(Width::Person, Kind::Task));
        let row = own.and_then(|marks| unbroken(marks, core));
        let of_clinic = sorted.widths.get(&(Width::Clinic, Kind::Grants));
        let of_nobody = core.symptom == Symptom::Grant && core.is_nobodys();
        let grants = of_clinic.filter(|_| of_nobody).and_then(|marks| unbroken(marks, core));
        let mut changes = Self { shared: BTreeMap::new(), common: BTreeMap::new(), row, grants };
        // Lists and searches are empty, and records missing, for everybody by turns.
        let shares = !matches!(
            core.symptom,
            Symptom::Empty
                | Symptom::NotFound
                | Symptom::Conflict
                | Symptom::Repeated
                | Symptom::Worked
        );
        for (key, marks) in &sorted.widths {
            let segment = segment::around(marks, core.first, core.last);
            let chosen = &marks[segment.start..segment.end];
            if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
                changes.shared.insert(*key, (first.at, last.at));
            }
            let least = if key.1 == Kind::Grants { LEAST_GRANTS } else { LEAST };
            let others = sorted.of_others.get(key).map_or(&[][..], Vec::as_slice);
            let common = trouble_of_others(chosen, others, core, least);
            if let Some(common) = common.filter(|_| shares) {
                changes.common.insert(*key, common);
            }
        }
        changes
    }

    /// The marks that bear on the ticket. Where others met the same, what was before and after that is
    /// another state: nothing of a person or a clinic from then counts.
    pub(super) fn stretch(&self, core: &Core, cell: Cell, marks: &[Mark]) -> Option<Segment> {
        let widths = match cell.width() {
            Width::Everybody => [Width::Everybody, Width::Clinic],
            Width::Person | Width::Clinic => [Width::Clinic, Width::Everybody],
        };
        let common = widths.iter().find_map(|width| {
            let of = |kind: &Kind| {
                let common = self.common.get(&(*width, *kind))?;
                Some((*width, *common))
            };
            cell.kinds().iter().find_map(of)
        });
        let within = |from: Timestamp, to: Timestamp| Segment {
            start: marks.partition_point(|mark| mark.at < from),
            end: marks.partition_point(|mark| mark.at <= to),
        };
        if let Some((width, (from, to))) = common {
            let stretch = within(from, to);
            if stretch.start < stretch.end {
                return Some(stretch);
            }
            // A clinic's trouble says nothing of when the others' calls count.
            if width == Width::Everybody || cell.width() != Width::Everybody {
                return None;
            }
        }
        if let Some((from, to)) = self.row.filter(|_| cell == Cell::OwnTask) {
            let stretch = within(from, to);
            // What a list held before and since is another state.
            let is_whole = core.is_list() && core.patients.is_empty();
            if is_whole || marks[stretch.start..stretch.end].iter().any(|mark| mark.like) {
                return (stretch.start < stretch.end).then_some(stretch);
            }
        }
        let of_clinics_grants = matches!(cell, Cell::PeerGrants | Cell::OtherAppGrants);
        if let Some((from, to)) = self.grants.filter(|_| of_clinics_grants) {
            let stretch = within(from, to);
            return (stretch.start < stretch.end).then_some(stretch);
        }
        // The nearest series first: that of the task or of the sign-ins, where the cell is about them.
        let wider = cell.kinds().iter().find_map(|kind| {
            let (from, to) = *self.shared.get(&(cell.width(), *kind))?;
            segment::shared(marks, from, to)
        });
        Some(wider.unwrap_or_else(|| segment::around(marks, core.first, core.last)))
    }
}

/// The failures around the ticket's that no success comes between.
fn unbroken(marks: &[Mark], core: &Core) -> Option<(Timestamp, Timestamp)> {
    let start = marks.partition_point(|mark| mark.at < core.first);
    let end = marks.partition_point(|mark| mark.at <= core.last);
    let like = |mark: &&Mark| mark.like;
    let before = marks[..start].iter().rev().take_while(like).count();
    let after = marks[end..].iter().take_while(like).count();
    let row = &marks[start - before..end + after];
    let unbroken = row.len() >= LEAST && row.iter().all(|mark| mark.like);
    let (first, last) = (row.first()?, row.last()?);
    unbroken.then_some((first.at, last.at))
}

/// Fewest calls, or sign-ins, of others that make a trouble of theirs.
const LEAST: usize = 3;
const LEAST_GRANTS: usize = 2;

/// The calls of each comparison in the order of time, by clinic where clinics are counted.
pub(super) type Series = BTreeMap<(Cell, Option<ClinicId>), Column>;

/// The calls of one comparison: like the ticket or not, what they show, whose they are.
#[derive(Default)]
pub(super) struct Column {
    pub(super) marks: Vec<Mark>,
    pub(super) symptoms: Vec<Symptom>,
    pub(super) whose: Vec<Whose>,
}

/// The calls, sorted.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) series: Series,
    /// All calls of so many people, of one kind: they tell when something changed.
    widths: BTreeMap<(Width, Kind), Vec<Mark>>,
    /// Those of them that are neither the person's nor about the patient; of everybody's, those of other
    /// clinics.
    of_others: BTreeMap<(Width, Kind), Vec<Other>>,
}

impl Sorted {
    pub(super) fn of(scene: &Scene, core: &Core) -> Self {
        let mut sorted = Self::default();
        for (index, seen) in scene.seen.iter().enumerate() {
            let in_core = core.calls.binary_search(&index).is_ok();
            let Some(symptom) = seen.symptom else { continue };
            if is_another_end(scene, core, seen) {
                continue;
            }
            if in_core && is_grant(seen) {
                // It is compared with nothing, but shows when something changed.
                let mark = Mark { at: seen.call.ts, like: true };
                sorted.join(&(Width::Person..=Width::Everybody), &[Kind::Grants], mark, None);
                continue;
            }
            let (mut kinds, mut own) = (Vec::with_capacity(3), in_core);
            let mut narrowest: Option<(Width, Mark)> = None;
            let mut widest = Width::Everybody;
            for cell in places(scene, core, seen, in_core) {
                let Some(like) = compare(core.symptom, cell, seen, symptom) else { continue };
                if !like && is_history(core, cell, seen) {
                    continue;
                }
                let clinic = if cell.is_by_clinic() { seen.call.clinic.clone() } else { None };
                let mark = Mark { at: seen.call.ts, like };
                let column = sorted.series.entry((cell, clinic)).or_default();
                column.marks.push(mark);
                column.symptoms.push(symptom);
                column.whose.push(whose(seen, index));
                own |= cell.is_of_the_ticket();
                if cell == Cell::OtherAppGrants {
                    // They are the clinic's, but say nothing of the app elsewhere.
                    widest = Width::Clinic;
                }
                let found = (cell.width(), mark);
                narrowest = Some(narrowest.map_or(found, |old| old.min(found)));
                kinds.extend_from_slice(cell.joins(core.symptom));
            }
            let Some((width, mark)) = narrowest else { continue };
            kinds.sort_unstable();
            kinds.dedup();
            let whose = (!own).then(|| whose(seen, index));
            sorted.join(&(width..=widest), &kinds, mark, whose);
        }
        sorted
    }

    /// A wider series holds what the narrower ones hold. `whose` are calls that are not the ticket's.
    fn join(
        &mut self,
        widths: &RangeInclusive<Width>,
        kinds: &[Kind],
        mark: Mark,
        whose: Option<Whose>,
    ) {
        for wider in Width::ALL.iter().filter(|width| widths.contains(*width)) {
            for kind in kinds {
                self.widths.entry((*wider, *kind)).or_default().push(mark);
                // Everywhere is where other clinics are.
                let elsewhere = *widths.start() == Width::Everybody;
                if let Some(whose) = whose.filter(|_| *wider != Width::Everybody || elsewhere) {
                    self.of_others.entry((*wider, *kind)).or_default().push(Other { mark, whose });
                }
            }
        }
    }
}

/// Whose a call is: the person's, the token's, or nobody's that is known.
fn whose(seen: &Seen, index: usize) -> Whose {
    let call = &seen.call;
    let known = call.actor.as_ref().or(call.token.as_ref());
    known.map_or(Whose::Unknown(index), |somebody| Whose::Somebody(*somebody.digest()))
}

/// That a record was there before it was missed says nothing of who finds it now.
fn is_history(core: &Core, cell: Cell, seen: &Seen) -> bool {
    core.symptom == Symptom::NotFound
        && seen.call.ts < core.first
        && matches!(
            cell,
            Cell::OwnHere
                | Cell::OwnPatientElsewhere
                | Cell::PeerPatient
                | Cell::PeerPatientElsewhere
        )
}
