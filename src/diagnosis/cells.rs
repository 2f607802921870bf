//! The comparisons: the ticket's calls against their neighbours, each a count of "the same" and
//! "the contrary".
//!
//! Owns which call belongs to which comparison, and how much it weighs: calls in the same stretch of
//! time as the ticket count fully, others less the further away they are, since states change. Does
//! not say what a comparison means for a cause; see [`super::model`].

use std::collections::BTreeMap;

use super::path_kind::PathKind;
use super::scene::{Scene, Seen};
use super::segment::{self, Mark};
use super::symptom::Symptom;
use super::ticket::{Core, is_grant};
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
    /// The clinic's other sign-ins.
    PeerGrants,
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
    const fn width(self) -> Width {
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
        Self::ClinicGrants,
        Self::ClinicsTask,
        Self::ClinicsElsewhere,
        Self::ClinicsOtherApps,
        Self::ContextHere,
        Self::ContextElsewhere,
        Self::OtherContexts,
    ];

    const fn is_own(self) -> bool {
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

    const fn is_about_grants(self) -> bool {
        matches!(self, Self::OwnGrants | Self::PeerGrants | Self::ClinicGrants)
    }
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Count {
    /// Weighed calls, or clinics, that are like the ticket.
    pub(super) like: f64,
    /// Weighed calls, or clinics, that are the contrary.
    pub(super) unlike: f64,
    /// Calls like the ticket, unweighed.
    pub(super) likes: u32,
    /// All calls by how they ended, unweighed.
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
        let mut series: BTreeMap<(Cell, Option<ClinicId>), Vec<Mark>> = BTreeMap::new();
        let mut widths: BTreeMap<Width, Vec<Mark>> = BTreeMap::new();
        let mut cells = Self::default();
        for (index, seen) in scene.seen.iter().enumerate() {
            let in_core = core.calls.binary_search(&index).is_ok();
            let places = places(scene, core, seen, in_core);
            let mut widest = None;
            for cell in &places {
                let Some(symptom) = seen.symptom else { continue };
                let Some(like) = compare(core.symptom, *cell, seen, symptom) else { continue };
                let count = cells.0.entry(*cell).or_default();
                match symptom {
                    Symptom::Worked => count.worked += 1,
                    Symptom::Empty => count.empty += 1,
                    _ => count.failed += 1,
                }
                count.likes += u32::from(like);
                let clinic = if cell.is_by_clinic() { seen.call.clinic.clone() } else { None };
                let mark = Mark { at: seen.call.ts, like };
                series.entry((*cell, clinic)).or_default().push(mark);
                if !cell.is_about_grants() {
                    widest = widest.max(Some((cell.width(), mark)));
                }
            }
            // A wider series holds what the narrower ones hold.
            if let Some((width, mark)) = widest {
                for wider in Width::ALL.iter().filter(|other| **other >= width) {
                    widths.entry(*wider).or_default().push(mark);
                }
            }
        }
        let shared: BTreeMap<Width, (Timestamp, Timestamp)> = widths
            .into_iter()
            .filter_map(|(width, marks)| {
                let segment = segment::around(&marks, core.first, core.last);
                let chosen = &marks[segment.start..segment.end];
                Some((width, (chosen.first()?.at, chosen.last()?.at)))
            })
            .collect();
        for ((cell, _), marks) in series {
            let (like, unlike) = weigh(core, cell, &marks, shared.get(&cell.width()).copied());
            let count = cells.0.entry(cell).or_default();
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

/// Whose calls a comparison is among: a change that is seen among all of these calls is likely one of
/// each comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Person,
    Clinic,
    Everybody,
}

impl Width {
    const ALL: [Self; 3] = [Self::Person, Self::Clinic, Self::Everybody];
}

/// How long a state holds: an outage is over in minutes, a permission holds for an hour at least.
fn half_life_us(symptom: Symptom) -> f64 {
    const MINUTE_US: f64 = 60e6;
    match symptom {
        Symptom::Unavailable | Symptom::Garbled | Symptom::Ours | Symptom::TooMany => {
            10.0 * MINUTE_US
        }
        _ => 60.0 * MINUTE_US,
    }
}

fn weigh(
    core: &Core,
    cell: Cell,
    marks: &[Mark],
    shared: Option<(Timestamp, Timestamp)>,
) -> (f64, f64) {
    let shared = shared.and_then(|(from, to)| segment::shared(marks, from, to));
    let segment = shared.unwrap_or_else(|| segment::around(marks, core.first, core.last));
    let chosen = &marks[segment.start..segment.end];
    let (mut like, mut unlike) = (0.0, 0.0);
    // A person's own calls before the trouble began say nothing about it; colleagues' say a little.
    // What holds on both sides of the ticket holds in between.
    let (only_before, only_after) =
        (chosen.iter().all(|m| m.at < core.first), chosen.iter().all(|m| m.at > core.last));
    let states = matches!(core.symptom, Symptom::Empty | Symptom::Invalid);
    let one_sided = match (cell.is_own(), states) {
        // Several in a row say that something changed.
        (true, true) if only_before && core.calls.len() >= 3 => 0.1,
        (_, true) => 0.6,
        (true, false) if only_before => 0.08,
        _ => 0.35,
    };
    let discount = if only_before || only_after { one_sided } else { 1.0 };
    for mark in chosen {
        let apart = core.first.since(mark.at).max(mark.at.since(core.last));
        let apart = micros(apart);
        // A failure like the ticket's does not need to be near: it is in the same stretch.
        let weight = 1.0 / (1.0 + apart / half_life_us(core.symptom));
        if mark.like {
            like += weight.max(0.3);
        } else {
            unlike += weight * discount;
        }
    }
    (like, unlike)
}

fn micros(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn compare(of: Symptom, cell: Cell, seen: &Seen, symptom: Symptom) -> Option<bool> {
    if cell.is_about_grants() {
        // A refusal at the token endpoint is one, however it was said.
        return match symptom {
            Symptom::Grant | Symptom::Refused => Some(true),
            Symptom::Worked => Some(false),
            _ => None,
        };
    }
    let of = if of == Symptom::Grant { Symptom::Refused } else { of };
    if of == Symptom::Worked {
        return (symptom == Symptom::Worked).then_some(seen.slow);
    }
    of.compare(symptom)
}

/// The comparisons that a call belongs to.
fn places(scene: &Scene, core: &Core, seen: &Seen, in_core: bool) -> Vec<Cell> {
    let mut places = Vec::with_capacity(4);
    let here = scene.is_here(&seen.call);
    let mine = here && core.is_mine(seen);
    if is_grant(seen) {
        if core.symptom == Symptom::Grant
            || core.symptom == Symptom::Refused
            || core.symptom == Symptom::Scope
        {
            let same_app =
                seen.call.app == core.app || seen.call.app.is_none() || core.app.is_none();
            match (here, mine) {
                _ if in_core => {}
                (true, true) => places.push(Cell::OwnGrants),
                (true, false) => places.push(Cell::PeerGrants),
                (false, _) if same_app => places.push(Cell::ClinicGrants),
                _ => {}
            }
            return places;
        }
        if core.symptom != Symptom::Unavailable {
            return places;
        }
    }
    let (task, patient) = (core.is_same_task(seen), core.is_of_patient(seen));
    if here && in_core {
        places.push(Cell::OwnHere);
        return places;
    }
    let same_app = seen.call.app == core.app || seen.call.app.is_none() || core.app.is_none();
    let about_apps = matches!(core.symptom, Symptom::Refused | Symptom::Grant | Symptom::Scope);
    let same_kind = seen.call.context == core.context;
    let path = PathKind::of(seen);
    if matches!(core.symptom, Symptom::Refused | Symptom::Scope) {
        match (same_kind, path == PathKind::of_core(scene, core)) {
            (true, true) if !mine => places.push(Cell::ContextHere),
            (true, false) => places.push(Cell::ContextElsewhere),
            (false, true) => places.push(Cell::OtherContexts),
            _ => {}
        }
    }
    if about_apps && mine && !same_kind {
        // A token of another kind is another sign-in.
        return places;
    }
    if !here {
        if seen.call.clinic.is_none() || scene.subject.clinic.is_none() && mine {
            return places;
        }
        places.push(match (about_apps && !same_app, task) {
            (true, _) => Cell::ClinicsOtherApps,
            (false, true) => Cell::ClinicsTask,
            (false, false) => Cell::ClinicsElsewhere,
        });
        return places;
    }
    if !same_app {
        places.push(Cell::OtherApps);
        if about_apps && !patient {
            return places;
        }
    }
    let other_office = match (core.office, seen.call.office) {
        (Some(own), Some(other)) => own != other,
        _ => false,
    };
    let about_offices = matches!(core.symptom, Symptom::Empty | Symptom::NotFound);
    if about_offices && other_office {
        // A patient is found or not, whatever for; a list without a patient is compared with itself.
        let same = if core.patients.is_empty() { task } else { patient };
        if same {
            places.push(Cell::OtherOffices);
        }
        return places;
    }
    let other_token = !core.tokens.is_empty()
        && seen.call.token.as_ref().is_some_and(|token| !core.tokens.contains(token));
    places.push(match (mine, patient, task) {
        (true, true, true) => Cell::OwnHere,
        (true, true, false) => Cell::OwnPatientElsewhere,
        (true, false, true) => Cell::OwnTask,
        (true, false, false) if other_token => Cell::OwnOtherToken,
        (true, false, false) => Cell::OwnElsewhere,
        (false, true, true) => Cell::PeerPatient,
        (false, true, false) => Cell::PeerPatientElsewhere,
        (false, false, true) => Cell::PeerTask,
        (false, false, false) => Cell::PeerElsewhere,
    });
    places
}
