//! The course of a trouble: when it began, whether it lasts, whom it touched.
//!
//! Owns which calls a cause claims, and what is read from their series. The beginning is the first
//! claimed failure after the change point, bounded by the last success before it.

use std::collections::BTreeSet;

use super::alike::Core;
use super::barren::{Barren, is_list_of_mine};
use super::extent::Extent;
use super::path_kind::PathKind;
use super::scene::{Scene, Seen};
use super::segment::{self, Mark};
use super::symptom::Symptom;
use super::ticket::is_grant;
use crate::domain::cause::{Cause, Persistence, Scope};
use crate::domain::names::{AppId, ClinicId, OperationName};
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;
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
        let extent = Extent::of(scene, core, cause);
        // Where the person's lists of several kinds hold nothing, that is one matter.
        let barren = Barren::of_core(scene, core);
        let all_lists = cause == Cause::SilentlyFiltered
            && barren.is_no_chance()
            && (core.patients.is_empty() || barren.is_of_several_patients());
        let claimed: Vec<(usize, Mark)> = scene
            .seen
            .iter()
            .enumerate()
            .filter(|(_, seen)| {
                extent.reaches(scene, core, seen)
                    && if all_lists {
                        is_list_of_mine(scene, core, seen) && barren.is_alike(seen)
                    } else {
                        claims(scene, core, cause, seen)
                    }
            })
            .filter_map(|(index, seen)| {
                let like = fails(core, cause, seen)?;
                Some((index, Mark { at: seen.call.ts, like }))
            })
            .collect();
        let claimed = of_the_kind(scene, core, claimed);
        let party = |index: usize| party(scene, core, cause, index);
        let touched: BTreeSet<Party<'_>> =
            Row::of(core, &claimed)?.failures(&claimed).map(party).collect();
        // That others get through whom it never touched does not end it.
        let claimed: Vec<(usize, Mark)> = claimed
            .into_iter()
            .filter(|(index, mark)| mark.like || touched.contains(&party(*index)))
            .collect();
        let row = Row::of(core, &claimed)?;
        let row = row.without_strays(&claimed);
        let failures: Vec<usize> = row.failures(&claimed).collect();
        // Of what was before that, only a choice was read, which is no count.
        let reach = scene.reach.of(extent.everywhere);
        let is_read = |index: &usize| scene.seen[*index].call.ts >= reach;
        let counted: Vec<usize> = failures.iter().copied().filter(is_read).collect();
        let counted =
            if extent.is_of_many(cause) && !counted.is_empty() { &counted } else { &failures };
        let marks: Vec<Mark> = claimed.iter().map(|(_, mark)| *mark).collect();
        let persistence = persistence(&marks, row.first, row.last, cause);
        let over = persistence == Persistence::Recovered;
        let success = |mark: &&Mark| !mark.like;
        Some(Self {
            persistence,
            since: marks[row.first].at,
            worked_until: marks[..row.first].iter().rev().find(success).map(|mark| mark.at),
            until: over.then_some(marks[row.last].at),
            works_again: marks[row.last + 1..].iter().find(success).map(|m| m.at).filter(|_| over),
            affected: Affected::of(scene, counted),
            failures,
        })
    }
}

/// Whose a call is, as far as a trouble tells people apart: clinic, app, and the operation where some
/// of a domain's work. Where the app could not be told, who it is.
type Party<'s> =
    (Option<&'s ClinicId>, Option<&'s AppId>, Option<&'s OperationName>, Option<&'s Reference>);

fn party<'s>(scene: &'s Scene, core: &Core, cause: Cause, index: usize) -> Party<'s> {
    let call = &scene.seen[index].call;
    let of_one_task = matches!(cause, Cause::ScopeMissing | Cause::WrongContext);
    let operation = Some(&call.operation).filter(|_| of_one_task);
    let clinic = call.clinic.as_ref();
    match &core.app {
        Some(_) => (clinic, call.app.as_ref(), operation, None),
        None => (clinic, None, operation, call.actor.as_ref()),
    }
}

/// The failures that the ticket is one of, from the first to the last, as places in a series.
struct Row {
    first: usize,
    last: usize,
}

impl Row {
    fn of(core: &Core, claimed: &[(usize, Mark)]) -> Option<Self> {
        let marks: Vec<Mark> = claimed.iter().map(|(_, mark)| *mark).collect();
        let segment = segment::along(&marks, core.first, core.last);
        let inside = &marks[segment.start..segment.end];
        let first = segment.start + inside.iter().position(|mark| mark.like)?;
        let last = segment.start + inside.iter().rposition(|mark| mark.like)?;
        // Failures without a success in between are one row.
        let before = marks[..first].iter().rev().take_while(|mark| mark.like).count();
        let after = marks[last + 1..].iter().take_while(|mark| mark.like).count();
        Some(Self { first: first - before, last: last + after })
    }

    /// Where nearly all fail, a failure with several successes after it was another matter, before it began.
    fn without_strays(self, claimed: &[(usize, Mark)]) -> Self {
        let like = |place: usize| claimed[place].1.like;
        let likes = (self.first..=self.last).filter(|place| like(*place)).count();
        let all = self.last - self.first + 1;
        if likes * 10 < all * NEARLY_ALL_TENTHS {
            return self;
        }
        let (mut first, mut left) = (self.first, likes);
        while left > STRAYS_LEAVE && (1..=2).all(|next| !like(first + next)) {
            let Some(next) = (first + 1..=self.last).find(|place| like(*place)) else { break };
            (first, left) = (next, left - 1);
        }
        Self { first, ..self }
    }

    fn failures<'c>(&self, claimed: &'c [(usize, Mark)]) -> impl Iterator<Item = usize> + 'c {
        let inside = claimed[self.first..=self.last].iter();
        inside.filter(|(_, mark)| mark.like).map(|(index, _)| *index)
    }
}

/// Where only writes fail, or only reads, the others say nothing about how long it lasts.
fn of_the_kind(scene: &Scene, core: &Core, claimed: Vec<(usize, Mark)>) -> Vec<(usize, Mark)> {
    let kind = |index: usize| scene.seen[index].call.mutation;
    let inside = |mark: &Mark| mark.at >= core.first && mark.at <= core.last;
    let count = |mutation: bool, like: bool| {
        let fits = |(index, mark): &&(usize, Mark)| {
            inside(mark) && kind(*index) == mutation && mark.like == like
        };
        claimed.iter().filter(fits).count()
    };
    let own = core.mutation;
    let spared = count(!own, true) == 0 && count(!own, false) >= 2 && count(own, true) >= 2;
    // Some reasons are about writes alone.
    let reason = core.calls.first().and_then(|index| scene.seen[*index].call.ending.reason());
    let of_writes = matches!(
        reason,
        Some(Reason::AuditUnavailable | Reason::ReadOnly | Reason::DuplicateInFlight)
    );
    let spared = spared || own && (of_writes || core.symptom == Symptom::Repeated);
    claimed.into_iter().filter(|(index, _)| !spared || kind(*index) == own).collect()
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
    // A limit lets some through; of a slow time not every call is slow.
    let (turns, usual) = match cause {
        Cause::AccuroSlow => (0.7, 0.4),
        Cause::RateLimited => (MIXED, 0.2),
        _ => (MIXED, 0.02),
    };
    let mixed = successes >= 2 && share >= turns;
    if after > 0 {
        // Some worked by chance while it lasted, so one more may have.
        let chance = share.max(usual).powf(count(after));
        let over = match (cause, successes) {
            (Cause::AccuroSlow, _) => chance < CHANCE / 4.0,
            (Cause::RateLimited, _) | (_, 1..) => chance < CHANCE,
            (_, 0) => true,
        };
        if over {
            return Persistence::Recovered;
        }
    }
    if mixed { Persistence::Intermittent } else { Persistence::Persistent }
}

/// So many in ten fail where nearly all do, and so many failures are left at least.
const NEARLY_ALL_TENTHS: usize = 8;
const STRAYS_LEAVE: usize = 3;
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
        // An empty list has a structure of its own.
        Cause::AnswerChanged if core.symptom == Symptom::Worked => {
            let shape = seen.call.shape.filter(|_| symptom == Symptom::Worked);
            shape.map(|shape| core.shapes.contains(&shape))
        }
        // Who cannot sign in is refused what the old token asks for; what a living one gets tells
        // nothing of sign-ins.
        Cause::ClinicSignInFailing => sign_in(seen, symptom, true),
        Cause::AppCredentialsRejected => sign_in(seen, symptom, core.symptom == Symptom::Grant),
        Cause::ClinicConnectionRejected => sign_in(seen, symptom, false),
        // An empty list of a patient's does not show that the record is there.
        Cause::RecordGone | Cause::NeverFound
            if core.symptom == Symptom::NotFound && symptom == Symptom::Empty =>
        {
            None
        }
        Cause::SessionExpired if is_grant(seen) => None,
        // A token that ran out is no missing permission.
        Cause::SectionRestricted | Cause::ChartRestricted | Cause::ChartMaskedForAll
            if seen.call.ending.reason() == Some(Reason::TokenExpired) =>
        {
            None
        }
        _ if core.symptom == Symptom::Grant && symptom == Symptom::Refused => Some(true),
        _ => core.symptom.compare(symptom),
    }
}

/// Whether a call shows that sign-ins are refused, or calls for want of one.
fn sign_in(seen: &Seen, symptom: Symptom, about_grants: bool) -> Option<bool> {
    let is_forbidden = seen.call.ending.reason() == Some(Reason::Forbidden);
    match symptom {
        // A permission is another matter.
        Symptom::Refused if about_grants && !is_grant(seen) && is_forbidden => None,
        Symptom::Grant | Symptom::Refused => Some(true),
        Symptom::Worked if is_grant(seen) == about_grants => Some(false),
        _ if about_grants || is_grant(seen) => None,
        _ => Symptom::Refused.compare(symptom),
    }
}

/// Whether a cause says that such a call fails, of those that it reaches.
fn claims(scene: &Scene, core: &Core, cause: Cause, seen: &Seen) -> bool {
    let here = scene.is_here(&seen.call);
    let mine = here && core.is_mine(seen);
    let patient = here && core.is_of_patient(seen);
    let task = core.is_same_task(seen);
    let record = if core.patients.is_empty() { mine && task } else { patient && task };
    match cause {
        Cause::RefusedByAccuscope if core.symptom == Symptom::Repeated => record,
        Cause::AccuroDown
        | Cause::AccuroSlow
        | Cause::AccuroUnreachable
        | Cause::AccuscopeFailing
        | Cause::ClinicDown
        | Cause::ClinicConnectionRejected
        | Cause::ClinicSignInFailing
        | Cause::AppCredentialsRejected
        | Cause::RateLimited
        | Cause::RefusedByAccuscope => true,
        Cause::ScopeMissing => task,
        Cause::WrongContext => {
            seen.call.context == core.context
                && PathKind::of(seen) == PathKind::of_core(scene, core)
        }
        Cause::SessionExpired => mine,
        Cause::SectionRestricted | Cause::SilentlyFiltered => mine && task,
        Cause::ChartRestricted => mine && (patient || core.patients.is_empty() && task),
        Cause::ChartMaskedForAll | Cause::RecordGone => {
            patient || core.patients.is_empty() && record
        }
        Cause::NeverFound => patient || record,
        Cause::RecordRejected | Cause::BeingEdited => record,
        Cause::NoMatch | Cause::WrongOffice => {
            let same = if core.patients.is_empty() { task } else { patient };
            mine && same
                && core.is_same_thing(seen)
                && (seen.call.office == core.office || core.office.is_none())
        }
        Cause::RequestRejected | Cause::AnswerChanged => seen.call.operation == core.operation,
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
    Extent::of(scene, core, cause).scope(cause)
}
