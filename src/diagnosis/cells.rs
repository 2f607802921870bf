//! The comparisons: the ticket's calls against their neighbours, each a count of "the same" and
//! "the contrary".
//!
//! Owns the counting: calls in the same stretch of time as the ticket count fully, others less the
//! further away they are, since states change, and those of another stretch not at all. Which call
//! belongs to which comparison is in [`super::places`]; what a comparison means for a cause in
//! [`super::model`].

use std::collections::BTreeMap;

use super::alike::Core;
use super::places::{compare, places};
use super::scene::{Scene, Seen};
use super::segment::{self, Mark, Segment};
use super::symptom::Symptom;
use super::ticket::is_grant;
use super::weight::{Width, trouble_of_others, weigh};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// One comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// The same person, patient and task.
    OwnHere,
    /// The same person and patient, other tasks.
    OwnPatientElsewhere,
    /// The same person and task, other patients.
    OwnTask,
    /// The same person, other tasks and patients.
    OwnElsewhere,
    /// The same person with another token, other tasks and patients.
    OwnOtherToken,
    /// Colleagues, the same patient and task.
    PeerPatient,
    /// Colleagues, the same patient, other tasks.
    PeerPatientElsewhere,
    /// Colleagues, the same task, other patients.
    PeerTask,
    /// Colleagues, other tasks and patients.
    PeerElsewhere,
    /// The same clinic through other apps.
    OtherApps,
    /// The same task in another office.
    OtherOffices,
    /// The person's own sign-ins.
    OwnGrants,
    /// The clinic's other sign-ins through the same app.
    PeerGrants,
    /// The clinic's sign-ins through other apps.
    OtherAppGrants,
    /// Other clinics' sign-ins through the same app.
    ClinicGrants,
    /// Other clinics, the same task.
    ClinicsTask,
    /// Other clinics, other tasks.
    ClinicsElsewhere,
    /// Other clinics through other apps.
    ClinicsOtherApps,
    /// Tokens of the same kind on the same kind of path.
    ContextHere,
    /// Tokens of the same kind on other kinds of path.
    ContextElsewhere,
    /// Tokens of other kinds on the same kind of path.
    OtherContexts,
}

impl Cell {
    pub(super) const fn width(self) -> Width {
        if self.is_own() {
            Width::Person
        } else if self.is_by_clinic()
            || matches!(self, Self::ContextHere | Self::ContextElsewhere | Self::OtherContexts)
        {
            Width::Everybody
        } else {
            Width::Clinic
        }
    }

    /// Every comparison.
    pub(super) const ALL: &'static [Self] = &[
        Self::OwnHere,
        Self::OwnPatientElsewhere,
        Self::OwnTask,
        Self::OwnElsewhere,
        Self::OwnOtherToken,
        Self::PeerPatient,
        Self::PeerPatientElsewhere,
        Self::PeerTask,
        Self::PeerElsewhere,
        Self::OtherApps,
        Self::OtherOffices,
        Self::OwnGrants,
        Self::PeerGrants,
        Self::OtherAppGrants,
        Self::ClinicGrants,
        Self::ClinicsTask,
        Self::ClinicsElsewhere,
        Self::ClinicsOtherApps,
        Self::ContextHere,
        Self::ContextElsewhere,
        Self::OtherContexts,
    ];

    pub(super) const fn is_own(self) -> bool {
        matches!(
            self,
            Self::OwnHere
                | Self::OwnPatientElsewhere
                | Self::OwnTask
                | Self::OwnElsewhere
                | Self::OwnOtherToken
                | Self::OwnGrants
        )
    }

    /// Counted by clinics instead of calls: a busy clinic is one witness.
    const fn is_by_clinic(self) -> bool {
        matches!(
            self,
            Self::ClinicGrants
                | Self::ClinicsTask
                | Self::ClinicsElsewhere
                | Self::ClinicsOtherApps
        )
    }

    /// Among which calls a change shows that is one of this comparison, too; the nearest first.
    const fn kinds(self) -> &'static [Kind] {
        if self.is_about_grants() {
            &[Kind::Grants, Kind::App, Kind::All]
        } else if self.is_about_the_task() {
            &[Kind::Task, Kind::App, Kind::All]
        } else {
            &[Kind::App, Kind::All]
        }
    }

    /// The series that its calls are part of.
    const fn joins(self, of: Symptom) -> &'static [Kind] {
        match self {
            // They are part of another comparison, too.
            Self::ContextHere | Self::ContextElsewhere | Self::OtherContexts => &[],
            Self::OtherApps | Self::ClinicsOtherApps => &[Kind::All],
            _ if self.is_about_grants() => &[Kind::Grants],
            // Of forms, only those of one kind compare, through whatever app.
            _ if matches!(of, Symptom::Invalid) && !self.is_about_the_task() => &[Kind::App],
            _ => self.kinds(),
        }
    }

    /// Whether a trouble of these calls is no more than the ticket's own: of the same person or patient.
    const fn is_of_the_ticket(self) -> bool {
        self.is_own()
            || matches!(self, Self::OwnOtherToken | Self::PeerPatient | Self::PeerPatientElsewhere)
    }

    pub(super) const fn is_about_grants(self) -> bool {
        matches!(
            self,
            Self::OwnGrants | Self::PeerGrants | Self::OtherAppGrants | Self::ClinicGrants
        )
    }

    /// Among calls of the same task: a change there does not show among all calls.
    const fn is_about_the_task(self) -> bool {
        matches!(
            self,
            Self::OwnHere | Self::OwnTask | Self::PeerPatient | Self::PeerTask | Self::ClinicsTask
        )
    }
}

/// Which calls a change is looked for among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Those of the same task: a change there does not show among all.
    Task,
    /// Sign-ins: rare, so that one comparison's are too few to show a change.
    Grants,
    /// All but sign-ins, through the same app.
    App,
    /// All but sign-ins.
    All,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Count {
    /// Weighed calls, or clinics, that are like the ticket.
    pub(super) like: f64,
    /// Weighed calls, or clinics, that are the contrary.
    pub(super) unlike: f64,
    /// Calls like the ticket in the stretch of time that the ticket lies in, unweighed.
    pub(super) likes: u32,
    /// All calls of that stretch by how they ended, unweighed.
    pub(super) worked: u32,
    pub(super) empty: u32,
    pub(super) failed: u32,
}

impl Count {
    pub(super) fn calls(&self) -> u32 {
        self.worked + self.empty + self.failed
    }
}

/// Every comparison of one core.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells(BTreeMap<Cell, Count>);

impl Cells {
    pub(super) fn get(&self, cell: Cell) -> Count {
        self.0.get(&cell).copied().unwrap_or_default()
    }

    pub(super) fn of(scene: &Scene, core: &Core) -> Self {
        let sorted = Sorted::of(scene, core);
        let changes = Changes::of(&sorted, core);
        let mut cells = Self::default();
        for ((cell, _), (marks, symptoms)) in &sorted.series {
            let Some(stretch) = changes.stretch(core, *cell, marks) else { continue };
            let inside = stretch.start..stretch.end;
            let (like, unlike) = weigh(core, *cell, &marks[inside.clone()]);
            let count = cells.0.entry(*cell).or_default();
            count.add(&marks[inside.clone()], &symptoms[inside]);
            if cell.is_by_clinic() {
                // A clinic is a witness whose word is worth more the more calls it rests on.
                let word = (like + unlike) / (like + unlike + 0.5);
                if like + unlike > 0.0 {
                    count.like += word * like / (like + unlike);
                    count.unlike += word * unlike / (like + unlike);
                }
            } else {
                count.like += like;
                count.unlike += unlike;
            }
        }
        cells
    }
}

/// When things changed, as far as more than one comparison tells.
struct Changes {
    /// The stretch of each series that the ticket lies in.
    shared: BTreeMap<(Width, Kind), (Timestamp, Timestamp)>,
    /// From when to when others met the same.
    common: BTreeMap<(Width, Kind), (Timestamp, Timestamp)>,
}

impl Changes {
    fn of(sorted: &Sorted, core: &Core) -> Self {
        let mut changes = Self { shared: BTreeMap::new(), common: BTreeMap::new() };
        for (key, marks) in &sorted.widths {
            let segment = segment::around(marks, core.first, core.last);
            let chosen = &marks[segment.start..segment.end];
            if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
                changes.shared.insert(*key, (first.at, last.at));
            }
            let least = if key.1 == Kind::Grants { LEAST_GRANTS } else { LEAST };
            let others = sorted.of_others.get(key).map_or(&[][..], Vec::as_slice);
            if let Some(common) = trouble_of_others(chosen, others, core, least) {
                changes.common.insert(*key, common);
            }
        }
        changes
    }

    /// The marks that bear on the ticket. Where others met the same, what was before and after that is
    /// another state: nothing of a person or a clinic from then counts.
    fn stretch(&self, core: &Core, cell: Cell, marks: &[Mark]) -> Option<Segment> {
        let widths = match cell.width() {
            Width::Everybody => [Width::Everybody, Width::Clinic],
            Width::Person | Width::Clinic => [Width::Clinic, Width::Everybody],
        };
        let common = widths.iter().find_map(|width| {
            cell.kinds().iter().find_map(|kind| self.common.get(&(*width, *kind)))
        });
        if let Some((from, to)) = common {
            let start = marks.partition_point(|mark| mark.at < *from);
            let end = marks.partition_point(|mark| mark.at <= *to);
            if start < end {
                return Some(Segment { start, end });
            }
            if cell.width() != Width::Everybody {
                return None;
            }
        }
        // The nearest series first: that of the task or of the sign-ins, where the cell is about them.
        let wider = cell.kinds().iter().find_map(|kind| {
            let (from, to) = *self.shared.get(&(cell.width(), *kind))?;
            segment::shared(marks, from, to)
        });
        Some(wider.unwrap_or_else(|| segment::around(marks, core.first, core.last)))
    }
}

/// Fewest calls, or sign-ins, of others that make a trouble of theirs.
const LEAST: usize = 3;
const LEAST_GRANTS: usize = 2;

/// The calls of each comparison in the order of time, by clinic where clinics are counted.
type Series = BTreeMap<(Cell, Option<ClinicId>), (Vec<Mark>, Vec<Symptom>)>;

/// The calls, sorted.
#[derive(Default)]
struct Sorted {
    series: Series,
    /// All calls of so many people, of one kind: they tell when something changed.
    widths: BTreeMap<(Width, Kind), Vec<Mark>>,
    /// Those of them that are neither the person's nor about the patient.
    of_others: BTreeMap<(Width, Kind), Vec<Mark>>,
}

impl Sorted {
    fn of(scene: &Scene, core: &Core) -> Self {
        let mut sorted = Self::default();
        for (index, seen) in scene.seen.iter().enumerate() {
            let in_core = core.calls.binary_search(&index).is_ok();
            let Some(symptom) = seen.symptom else { continue };
            if in_core && is_grant(seen) {
                // It is compared with nothing, but shows when something changed.
                let mark = Mark { at: seen.call.ts, like: true };
                sorted.join(Width::Person, &[Kind::Grants], mark, true);
                continue;
            }
            let (mut kinds, mut own) = (Vec::with_capacity(3), in_core);
            let mut narrowest: Option<(Width, Mark)> = None;
            for cell in places(scene, core, seen, in_core) {
                let Some(like) = compare(core.symptom, cell, seen, symptom) else { continue };
                if !like && is_history(core, cell, seen) {
                    continue;
                }
                let clinic = if cell.is_by_clinic() { seen.call.clinic.clone() } else { None };
                let mark = Mark { at: seen.call.ts, like };
                let (marks, symptoms) = sorted.series.entry((cell, clinic)).or_default();
                marks.push(mark);
                symptoms.push(symptom);
                own |= cell.is_of_the_ticket();
                let found = (cell.width(), mark);
                narrowest = Some(narrowest.map_or(found, |old| old.min(found)));
                kinds.extend_from_slice(cell.joins(core.symptom));
            }
            let Some((width, mark)) = narrowest else { continue };
            kinds.sort_unstable();
            kinds.dedup();
            sorted.join(width, &kinds, mark, own);
        }
        sorted
    }

    /// A wider series holds what the narrower ones hold.
    fn join(&mut self, width: Width, kinds: &[Kind], mark: Mark, own: bool) {
        for wider in Width::ALL.iter().filter(|other| **other >= width) {
            for kind in kinds {
                self.widths.entry((*wider, *kind)).or_default().push(mark);
                if !own {
                    self.of_others.entry((*wider, *kind)).or_default().push(mark);
                }
            }
        }
    }
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

impl Count {
    fn add(&mut self, marks: &[Mark], symptoms: &[Symptom]) {
        for (mark, symptom) in marks.iter().zip(symptoms) {
            self.likes += u32::from(mark.like);
            match symptom {
                Symptom::Worked => self.worked += 1,
                Symptom::Empty => self.empty += 1,
                _ => self.failed += 1,
            }
        }
    }
}
