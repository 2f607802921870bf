//! The comparisons: the ticket's calls against their neighbours, each a count of "the same" and
//! "the contrary".
//!
//! Owns the counting: calls in the same stretch of time as the ticket count fully, others less the
//! further away they are, since states change, and those of another stretch not at all. Which call
//! belongs to which comparison is in [`super::places`]; what a comparison means for a cause in
//! [`super::model`].

use std::collections::BTreeMap;

use super::alike::Core;
use super::changes::{Changes, Kind, Sorted};
use super::scene::Scene;
use super::segment::Mark;
use super::symptom::Symptom;
use super::weight::{Width, weigh};

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
    pub(super) const fn is_by_clinic(self) -> bool {
        matches!(
            self,
            Self::ClinicGrants
                | Self::ClinicsTask
                | Self::ClinicsElsewhere
                | Self::ClinicsOtherApps
        )
    }

    /// Among which calls a change shows that is one of this comparison, too; the nearest first.
    pub(super) const fn kinds(self) -> &'static [Kind] {
        if self.is_about_grants() {
            &[Kind::Grants, Kind::App, Kind::All]
        } else if self.is_about_the_task() {
            &[Kind::Task, Kind::App, Kind::All]
        } else {
            &[Kind::App, Kind::All]
        }
    }

    /// The series that its calls are part of.
    pub(super) const fn joins(self, of: Symptom) -> &'static [Kind] {
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
    pub(super) const fn is_of_the_ticket(self) -> bool {
        self.is_own()
            || matches!(self, Self::OwnOtherToken | Self::PeerPatient | Self::PeerPatientElsewhere)
    }

    /// Calls about the ticket's patient.
    pub(super) const fn is_of_the_patient(self) -> bool {
        matches!(
            self,
            Self::OwnHere
                | Self::OwnPatientElsewhere
                | Self::PeerPatient
                | Self::PeerPatientElsewhere
                | Self::OtherOffices
        )
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
        for ((cell, _), column) in &sorted.series {
            let Some(stretch) = changes.stretch(core, *cell, &column.marks) else { continue };
            let inside = stretch.start..stretch.end;
            let marks = &column.marks[inside.clone()];
            let (like, unlike) = weigh(core, *cell, marks, &column.whose[inside.clone()]);
            let count = cells.0.entry(*cell).or_default();
            count.add(marks, &column.symptoms[inside]);
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
