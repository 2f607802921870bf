//! The comparisons: the ticket's calls against their neighbours, each a count of "the same" and
//! "the contrary".
//!
//! Owns the counting: calls in the same stretch of time as the ticket count fully, others less the
//! further away they are, since states change, and those of another stretch not at all. Which call
//! belongs to which comparison is in [`super::places`]; what a comparison means for a cause in
//! [`super::model`].

use std::collections::BTreeMap;

use super::places::{compare, places};
use super::scene::Scene;
use super::segment::{self, Mark};
use super::symptom::Symptom;
use super::ticket::{Core, is_grant};
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
            &[Kind::Grants, Kind::All]
        } else if self.is_about_the_task() {
            &[Kind::Task, Kind::All]
        } else {
            &[Kind::All]
        }
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
        let Sorted { series, widths, of_others } = Sorted::of(scene, core);
        let shared: BTreeMap<(Width, Kind), (Timestamp, Timestamp)> = widths
            .into_iter()
            .filter_map(|(width, marks)| {
                let segment = segment::around(&marks, core.first, core.last);
                let chosen = &marks[segment.start..segment.end];
                Some((width, (chosen.first()?.at, chosen.last()?.at)))
            })
            .collect();
        let mut cells = Self::default();
        for ((cell, _), (marks, symptoms)) in series {
            // The nearest series first: that of the task or of the sign-ins, where the cell is about
            // them.
            let wider = cell.kinds().iter().find_map(|kind| {
                let (from, to) = *shared.get(&(cell.width(), *kind))?;
                segment::shared(&marks, from, to)
            });
            let common = cell
                .kinds()
                .iter()
                .find_map(|kind| trouble_of_others(of_others.get(kind)?, core.first, core.last));
            let stretch = wider.unwrap_or_else(|| segment::around(&marks, core.first, core.last));
            let (like, unlike) = weigh(core, cell, &marks[stretch.start..stretch.end], common);
            let count = cells.0.entry(cell).or_default();
            let inside = stretch.start..stretch.end;
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

/// The calls of each comparison in the order of time, by clinic where clinics are counted.
type Series = BTreeMap<(Cell, Option<ClinicId>), (Vec<Mark>, Vec<Symptom>)>;

/// The calls, sorted.
#[derive(Default)]
struct Sorted {
    series: Series,
    /// All calls of so many people, of one kind: they tell when something changed.
    widths: BTreeMap<(Width, Kind), Vec<Mark>>,
    /// Other people's.
    of_others: BTreeMap<Kind, Vec<Mark>>,
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
                sorted.widen(Width::Person, &[Kind::Grants], mark);
                continue;
            }
            let mut kinds: Vec<Kind> = Vec::with_capacity(2);
            let mut narrowest: Option<(Width, Mark)> = None;
            for cell in places(scene, core, seen, in_core) {
                let Some(like) = compare(core.symptom, cell, seen, symptom) else { continue };
                let clinic = if cell.is_by_clinic() { seen.call.clinic.clone() } else { None };
                let mark = Mark { at: seen.call.ts, like };
                let (marks, symptoms) = sorted.series.entry((cell, clinic)).or_default();
                marks.push(mark);
                symptoms.push(symptom);
                // Other apps' sign-ins are the clinic's, but say nothing of the app elsewhere.
                if cell != Cell::OtherAppGrants {
                    let found = (cell.width(), mark);
                    narrowest = Some(narrowest.map_or(found, |old| old.min(found)));
                    kinds.extend(
                        cell.kinds()
                            .iter()
                            .filter(|kind| !cell.is_about_grants() || **kind == Kind::Grants),
                    );
                } else {
                    sorted.widths.entry((Width::Clinic, Kind::Grants)).or_default().push(mark);
                }
            }
            let Some((width, mark)) = narrowest else { continue };
            kinds.sort_unstable();
            kinds.dedup();
            if !in_core {
                for kind in &kinds {
                    sorted.of_others.entry(*kind).or_default().push(mark);
                }
            }
            sorted.widen(width, &kinds, mark);
        }
        sorted
    }

    /// A wider series holds what the narrower ones hold.
    fn widen(&mut self, width: Width, kinds: &[Kind], mark: Mark) {
        for wider in Width::ALL.iter().filter(|other| **other >= width) {
            for kind in kinds {
                self.widths.entry((*wider, *kind)).or_default().push(mark);
            }
        }
    }
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
