//! The course of a trouble: when it began, whether it lasts, whom it touched.
//!
//! Owns which calls a cause claims, and what is read from their series. The beginning is the first
//! claimed failure after the change point, bounded by the last success before it.

use std::collections::BTreeSet;

use super::path_kind::PathKind;
use super::scene::{Scene, Seen};
use super::segment::{self, Mark};
use super::symptom::Symptom;
use super::ticket::{Core, is_grant};
use crate::domain::cause::{Cause, Persistence, Scope};
use crate::domain::time::Timestamp;

/// The course of a trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) persistence: Persistence,
    /// The first failure, and the last success before it.
    pub(super) since: Timestamp,
    pub(super) worked_until: Option<Timestamp>,
    /// The last failure, if it is over.
    pub(super) until: Option<Timestamp>,
    /// The first success after it.
    pub(super) works_again: Option<Timestamp>,
    /// Indices of the failures.
    pub(super) failures: Vec<usize>,
    pub(super) affected: Affected,
}

/// How many a trouble touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affected {
    pub(super) clinics: usize,
    pub(super) actors: usize,
    pub(super) patients: usize,
    pub(super) calls: usize,
}

impl Course {
    pub(super) fn of(scene: &Scene, core: &Core, cause: Cause) -> Option<Self> {
        let claimed: Vec<(usize, Mark)> = scene
            .seen
            .iter()
            .enumerate()
            .filter(|(_, seen)| claims(scene, core, cause, seen))
            .filter_map(|(index, seen)| {
                let like = fails(core, cause, seen)?;
                Some((index, Mark { at: seen.call.ts, like }))
            })
            .collect();
        let marks: Vec<Mark> = claimed.iter().map(|(_, mark)| *mark).collect();
        let segment = segment::along(&marks, core.first, core.last);
        let inside = &claimed[segment.start..segment.end];
        let first = inside.iter().position(|(_, mark)| mark.like)?;
        let last = inside.iter().rposition(|(_, mark)| mark.like)?;
        let (first, last) = (segment.start + first, segment.start + last);
        let failures: Vec<usize> =
            claimed[first..=last].iter().filter(|(_, m)| m.like).map(|(i, _)| *i).collect();
        let persistence = persistence(&marks, first, last, cause);
        let over = persistence == Persistence::Recovered;
        let success = |mark: &&Mark| !mark.like;
        Some(Self {
            persistence,
            since: marks[first].at,
            worked_until: marks[..first].iter().rev().find(success).map(|mark| mark.at),
            until: over.then_some(marks[last].at),
            works_again: marks[last + 1..].iter().find(success).map(|m| m.at).filter(|_| over),
            affected: Affected::of(scene, &failures),
            failures,
        })
    }
}

/// Whether failures and successes take turns, or one follows the other. A run of successes at the
/// end that is too long for chance, given the share of successes before, is a recovery.
fn persistence(marks: &[Mark], first: usize, last: usize, cause: Cause) -> Persistence {
    if matches!(cause, Cause::NoMatch | Cause::NeverFound | Cause::WrongOffice) {
        // What was asked for was not there; that others are found does not change it.
        return Persistence::Persistent;
    }
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let inside = &marks[first..=last];
    let successes = inside.iter().filter(|mark| !mark.like).count();
    let share = count(successes) / count(inside.len());
    let after = marks[last + 1..].iter().filter(|mark| !mark.like).count();
    // Of a slow time not every call is slow.
    let (turns, usual) = if cause == Cause::AccuroSlow { (0.7, 0.4) } else { (MIXED, 0.02) };
    let mixed = successes >= 2 && share >= turns;
    if after > 0 {
        let chance = share.max(usual).powf(count(after));
        if cause == Cause::AccuroSlow && chance >= CHANCE {
            return Persistence::Persistent;
        }
        if !mixed || chance < CHANCE {
            return Persistence::Recovered;
        }
    }
    if mixed { Persistence::Intermittent } else { Persistence::Persistent }
}

/// From this share of successes on, failures and successes take turns.
const MIXED: f64 = 0.2;
/// A run of successes less probable than this is no chance.
const CHANCE: f64 = 0.05;

/// Whether a claimed call fails in the cause's way; `None` where it says nothing.
fn fails(core: &Core, cause: Cause, seen: &Seen) -> Option<bool> {
    let symptom = seen.symptom?;
    match cause {
        Cause::AccuroSlow => match symptom {
            Symptom::Unavailable => Some(true),
            Symptom::Worked | Symptom::Empty => Some(seen.slow),
            _ => None,
        },
        Cause::AnswerChanged if core.symptom == Symptom::Worked => {
            seen.call.shape.map(|shape| core.shapes.contains(&shape))
        }
        Cause::ClinicSignInFailing | Cause::AppCredentialsRejected if is_grant(seen) => {
            match symptom {
                Symptom::Grant | Symptom::Refused => Some(true),
                Symptom::Worked => Some(false),
                _ => None,
            }
        }
        Cause::SessionExpired if is_grant(seen) => None,
        _ if core.symptom == Symptom::Grant && symptom == Symptom::Refused => Some(true),
        _ => core.symptom.compare(symptom),
    }
}

/// Whether a cause says that such a call fails.
fn claims(scene: &Scene, core: &Core, cause: Cause, seen: &Seen) -> bool {
    let here = scene.is_here(&seen.call);
    let mine = here && core.is_mine(seen);
    let patient = here && core.is_of_patient(seen);
    let task = core.is_same_task(seen);
    let same_app = seen.call.app == core.app;
    let record = if core.patients.is_empty() { mine && task } else { patient && task };
    match cause {
        Cause::AccuroDown
        | Cause::AccuroSlow
        | Cause::AccuroUnreachable
        | Cause::AccuscopeFailing => true,
        Cause::ClinicConnectionRejected => {
            here && (!is_grant(seen) || core.symptom == Symptom::Grant)
        }
        Cause::ClinicDown => here,
        Cause::ClinicSignInFailing => here && is_grant(seen),
        Cause::AppCredentialsRejected => {
            same_app && is_grant(seen) == (core.symptom == Symptom::Grant)
        }
        Cause::RateLimited | Cause::RefusedByAccuscope => here && same_app,
        Cause::ScopeMissing => same_app && task,
        Cause::WrongContext => {
            same_app
                && seen.call.context == core.context
                && PathKind::of(seen) == PathKind::of_core(scene, core)
        }
        Cause::SessionExpired => mine,
        Cause::SectionRestricted | Cause::SilentlyFiltered => mine && task,
        Cause::ChartRestricted => mine && (patient || core.patients.is_empty() && task),
        Cause::ChartMaskedForAll | Cause::RecordGone => {
            patient || core.patients.is_empty() && record
        }
        Cause::NeverFound | Cause::RecordRejected | Cause::BeingEdited => record,
        Cause::NoMatch | Cause::WrongOffice => {
            mine && task && (seen.call.office == core.office || core.office.is_none())
        }
        Cause::RequestRejected => seen.call.operation == core.operation && same_app,
        Cause::AnswerChanged => seen.call.operation == core.operation,
        Cause::NoCalls | Cause::Delivered | Cause::NotRecorded | Cause::Unknown => false,
    }
}

impl Affected {
    pub(super) fn of(scene: &Scene, calls: &[usize]) -> Self {
        let calls_of = || calls.iter().map(|index| &scene.seen[*index].call);
        Self {
            clinics: calls_of().filter_map(|c| c.clinic.as_ref()).collect::<BTreeSet<_>>().len(),
            actors: calls_of().filter_map(|c| c.actor.as_ref()).collect::<BTreeSet<_>>().len(),
            patients: calls_of().filter_map(|c| c.patient.as_ref()).collect::<BTreeSet<_>>().len(),
            calls: calls.len(),
        }
    }
}

/// How far a cause reaches in this case.
pub(super) fn scope(scene: &Scene, core: &Core, cause: Cause) -> Scope {
    let reason = core.calls.first().and_then(|index| scene.seen[*index].call.ending.reason());
    match (cause, reason) {
        (Cause::RefusedByAccuscope, Some(crate::domain::reason::Reason::ReadOnly)) => {
            Scope::Platform
        }
        _ => cause.scope(),
    }
}
