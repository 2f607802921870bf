//! The adoption report as of one week: what the page, its parts for one clinic and the API are made from.
//!
//! Owns [`Report`] and the order of clinics. [`load`] gets it from the store. Rules are
//! `crate::domain::adoption`'s; words are the pages'.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, DateTime};

use crate::domain::adoption::cohort::Grid;
use crate::domain::adoption::standing::{Measured, Stuck};
use crate::domain::adoption::{
    ClinicWeeks, Counts, Firsts, Gates, Goals, Note, Standing, Task, Week,
};
use crate::domain::cause::Cause;
use crate::domain::labels::Category;
use crate::domain::names::ClinicId;
use crate::domain::reason::Reason;
use crate::domain::registry::{Clinic, Registry};
use crate::domain::time::Timestamp;

#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod groups;
pub(crate) mod load;
pub(crate) mod seen;
#[cfg(test)]
mod subtraction;

/// Weeks that lines show.
pub(crate) const WEEKS: usize = 12;
/// Weeks that the grid of those who stay shows.
pub(crate) const COHORT_WEEKS: i64 = 8;

/// What is in the way of a clinic, as far as the watch and the figures tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Blocker {
    /// An incident of its own, open or lately.
    Incident {
        /// Its number.
        number: i64,
        /// What was the matter.
        cause: Cause,
        /// What kind of failure it is, where its calls say one.
        category: Option<Category>,
        /// Since when.
        since: Timestamp,
        /// Whether it still holds.
        open: bool,
    },
    /// What failed most before the last use.
    Reason {
        /// Why.
        reason: Reason,
        /// How many calls.
        calls: u64,
    },
}

/// What is known of one clinic in the week.
pub(crate) struct ClinicReport {
    /// The clinic.
    pub(crate) clinic: Clinic,
    /// [`WEEKS`] weeks, the one that is reported last.
    pub(crate) weeks: Vec<Counts>,
    /// How many people the clinic had around each of them: see [`seen`].
    pub(crate) seen: Vec<u64>,
    /// How many of those invited came after each of them, with other clinics; `None` where nobody knows.
    pub(crate) later: Vec<Option<u64>>,
    /// Kinds of tasks that so few did that they are not told apart.
    pub(crate) untold: BTreeSet<Task>,
    /// The week, by task.
    pub(crate) tasks: BTreeMap<Task, Counts>,
    /// Of the last 14 days, those with use.
    pub(crate) active_days: u64,
    /// What happened first and last.
    pub(crate) firsts: Firsts,
    /// How it stands.
    pub(crate) standing: Standing,
    /// What it has to reach.
    pub(crate) goals: Gates,
    /// Its gates, measured.
    pub(crate) gates: [Measured; 5],
    /// What is in its way.
    pub(crate) blocker: Option<Blocker>,
}

impl ClinicReport {
    /// The week.
    pub(crate) fn week(&self) -> Counts {
        self.weeks.last().copied().unwrap_or_default()
    }

    /// The week before.
    pub(crate) fn week_before(&self) -> Counts {
        self.weeks.iter().rev().nth(1).copied().unwrap_or_default()
    }

    /// How many kinds of tasks were done in the week.
    pub(crate) fn breadth(&self) -> u64 {
        self.tasks.values().filter(|counts| counts.deeds.done > 0).count() as u64
    }
}

/// The report of one week.
pub(crate) struct Report {
    /// The week.
    pub(crate) week: Week,
    /// Whether it is over at every clinic.
    pub(crate) over: bool,
    /// Every clinic, stuck first.
    pub(crate) clinics: Vec<ClinicReport>,
    /// Clinics that were part of another one by the end of the week; their weeks before that are their own.
    pub(crate) former: Vec<ClinicReport>,
    /// Those who started, and stayed.
    pub(crate) grid: Grid,
    /// Days that are not counted yet.
    pub(crate) days_due: u64,
    /// The same of any time up to the end of the week.
    pub(crate) all_due: u64,
    /// Since when anything is counted at all.
    pub(crate) counted_from: Option<Date>,
    /// The gates.
    pub(crate) goals: Goals,
    /// What changed in the weeks that lines show, the oldest first.
    pub(crate) notes: Vec<Note>,
    /// Who counts more than once in the weeks that lines show.
    pub(crate) again: Vec<groups::Again>,
}

impl Report {
    /// Whether so many clinics' days are still to be counted that nothing is said of the week.
    pub(crate) fn is_being_counted(&self) -> bool {
        let standing = |clinic: &&ClinicReport| clinic.standing == Standing::BeingCounted;
        self.clinics.iter().filter(standing).count() * 2 > self.clinics.len()
    }

    /// How many clinics used it, so many weeks ago.
    pub(crate) fn clinics_using(&self, ago: usize) -> u64 {
        let uses = |clinic: &&ClinicReport| {
            clinic.weeks.iter().rev().nth(ago).is_some_and(|week| week.staff > 0)
        };
        let using = self.clinics.iter().chain(&self.former).filter(uses);
        // What is one clinic now was one then, or the week of the merger would have lost some.
        let one: BTreeSet<&ClinicId> = using.map(|clinic| self.goes_on(&clinic.clinic)).collect();
        one.len() as u64
    }

    /// The clinics that are part of one that the reader does not see.
    pub(crate) fn gone(&self) -> Vec<&ClinicReport> {
        let seen = |id: &ClinicId| self.clinics.iter().any(|clinic| clinic.clinic.id == *id);
        self.former.iter().filter(|part| !seen(self.goes_on(&part.clinic))).collect()
    }

    /// The clinic that a clinic is part of by the end of the week.
    fn goes_on<'r>(&'r self, clinic: &'r Clinic) -> &'r ClinicId {
        let mut at = clinic;
        for _ in &self.former {
            let part = self.former.iter().find(|part| part.clinic.id == at.id);
            let into = part.and_then(|part| part.clinic.rollout.merged.as_ref());
            let Some(into) = into.map(|merged| &merged.into) else { break };
            let all = self.clinics.iter().chain(&self.former);
            // One that the reader does not see counts by its part's name.
            let Some(next) = all.map(|one| &one.clinic).find(|one| one.id == *into) else { break };
            at = next;
        }
        &at.id
    }

    /// Whether nothing of a week is known: it was over before anything was counted.
    pub(crate) fn is_unknown(&self, week: Week) -> bool {
        self.counted_from.is_none_or(|from| week.last() < from)
    }

    /// Whether the week before was counted whole, so that this one can be compared with it.
    pub(crate) fn has_week_before(&self) -> bool {
        self.counted_from.is_some_and(|from| from <= self.week.plus(-1).first())
    }

    /// The place of the first week on the lines of which something is known.
    pub(crate) fn known_from(&self) -> usize {
        let last = WEEKS - 1;
        let week = |ago: &usize| self.week.plus(-i64::try_from(*ago).unwrap_or(0));
        (0..WEEKS).rev().find(|ago| !self.is_unknown(week(ago))).map_or(last, |ago| last - ago)
    }

    /// The places on the lines where something changed, at a clinic or, without one, anywhere.
    pub(crate) fn marks(&self, clinic: Option<&ClinicId>) -> Vec<usize> {
        let notes = self.notes.iter().filter(|note| clinic.is_none_or(|id| note.concerns(id)));
        let last = WEEKS - 1;
        let place = |note: &Note| {
            let ago = usize::try_from(self.week.since(Week::of(note.day))).ok()?;
            last.checked_sub(ago)
        };
        let places: BTreeSet<usize> = notes.filter_map(place).collect();
        places.into_iter().collect()
    }

    /// How many staff were invited, as far as is known.
    pub(crate) fn invited(&self) -> u64 {
        self.clinics.iter().filter_map(|clinic| clinic.clinic.rollout.invited_staff).sum()
    }
}

/// One number of each week, the oldest first; `of` is told how many weeks ago.
pub(crate) fn series(of: impl Fn(usize) -> u64) -> Vec<u64> {
    (0..WEEKS).rev().map(of).collect()
}

/// What was read about clinics.
#[derive(Default)]
pub(crate) struct Read {
    seen: seen::Seen,
    weeks: HashMap<ClinicId, BTreeMap<Week, Counts>>,
    tasks: HashMap<ClinicId, BTreeMap<Task, Counts>>,
    active_days: HashMap<ClinicId, u64>,
    firsts: BTreeMap<ClinicId, Firsts>,
    incidents: HashMap<ClinicId, Blocker>,
}

/// The end of a week by a clinic's clock, or now where it is not over; and whether it is.
fn as_of(clinic: &Clinic, week: Week, now: Timestamp) -> (DateTime, bool) {
    let local = clinic.time_zone.to_datetime(now.to_jiff());
    let end = week.last().at(23, 59, 59, 0);
    if local > end { (end, true) } else { (local, false) }
}

/// Makes the report of what was read, of the clinics that are wanted.
pub(crate) fn make(
    read: &mut Read,
    registry: &Registry,
    wanted: impl Fn(&ClinicId) -> bool,
    goals: &Goals,
    (week, now): (Week, Timestamp),
) -> Made {
    let mut made = Made { clinics: Vec::new(), former: Vec::new(), over: true };
    for clinic in registry.clinics().iter().filter(|clinic| wanted(&clinic.id)) {
        let (as_of, over) = as_of(clinic, week, now);
        let report = one(read, registry, clinic, goals, week, (as_of, over));
        if *registry.mergers().owner(&clinic.id, week.last()) == clinic.id {
            made.over &= over;
            made.clinics.push(report);
        } else {
            made.former.push(report);
        }
    }
    by_urgency(&mut made.clinics);
    made
}

/// Clinics as they stand.
pub(crate) struct Made {
    /// Those that have figures of their own, stuck first.
    pub(crate) clinics: Vec<ClinicReport>,
    /// Those that were part of another one by the end of the week.
    pub(crate) former: Vec<ClinicReport>,
    /// Whether the week is over at every one.
    pub(crate) over: bool,
}

/// Puts those first that need somebody.
fn by_urgency(clinics: &mut [ClinicReport]) {
    clinics.sort_by_key(|clinic| {
        (rank(clinic.standing), std::cmp::Reverse(clinic.week().staff), clinic.clinic.name.clone())
    });
}

fn one(
    read: &mut Read,
    registry: &Registry,
    clinic: &Clinic,
    goals: &Goals,
    week: Week,
    (as_of, over): (DateTime, bool),
) -> ClinicReport {
    let counts = read.weeks.remove(&clinic.id).unwrap_or_default();
    let last = i64::try_from(WEEKS).unwrap_or(12) - 1;
    let weeks: Vec<Counts> = (0..=last)
        .rev()
        .map(|ago| counts.get(&week.plus(-ago)).copied().unwrap_or_default())
        .collect();
    let seen = (0..=last).rev().zip(&weeks).map(|(ago, counts)| {
        let of = week.plus(-ago);
        read.seen.around(&clinic.id, of.first(), of.last(), counts.staff)
    });
    let seen = seen.collect();
    let day = |ago: i64| week.plus(-ago).first();
    let later = (0..=last).rev().map(|ago| seen::came_later(registry, &clinic.id, day(ago)));
    let later = later.collect();
    let goals = goals.of(clinic);
    let tasks = read.tasks.remove(&clinic.id).unwrap_or_default();
    let each = tasks.iter().map(|(task, counts)| (*task, counts));
    let untold = read.seen.untold(&clinic.id, (week.first(), week.last()), each);
    let firsts = read.firsts.get(&clinic.id).copied().unwrap_or_default();
    let incident = read.incidents.remove(&clinic.id);
    let failing_since = match &incident {
        Some(Blocker::Incident { since, open: true, .. }) => {
            Some(clinic.time_zone.to_datetime(since.to_jiff()).date())
        }
        _ => None,
    };
    let facts = ClinicWeeks {
        phase: clinic.phase,
        invited: clinic.rollout.invited_staff,
        enabled: clinic.rollout.enabled,
        hours: &clinic.rollout.hours,
        as_of,
        over,
        weeks: &weeks,
        tasks: tasks.values().filter(|counts| counts.deeds.done > 0).count() as u64,
        active_days: read.active_days.get(&clinic.id).copied().unwrap_or(0),
        firsts: until(firsts, as_of.date()),
        failing_since,
    };
    let (standing, gates, active_days) =
        (facts.standing(&goals), facts.gates(&goals), facts.active_days);
    ClinicReport {
        clinic: clinic.clone(),
        weeks,
        seen,
        later,
        untold,
        goals,
        tasks,
        active_days,
        firsts,
        standing,
        gates,
        blocker: incident,
    }
}

/// What had happened by a day.
fn until(firsts: Firsts, day: Date) -> Firsts {
    let by = |on: Option<Date>| on.filter(|on| *on <= day);
    Firsts {
        counted_from: by(firsts.counted_from),
        signed_in: by(firsts.signed_in),
        found: by(firsts.found),
        done: by(firsts.done),
        changed: by(firsts.changed),
        last_done: if by(firsts.done).is_some() { firsts.last_done } else { None },
    }
}

/// Where a clinic stands in the list: who needs somebody first.
const fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Stuck(Stuck::NoUse { .. }) => 0,
        Standing::Stuck(Stuck::Failing { .. }) => 1,
        Standing::Stuck(Stuck::Fewer { .. }) => 2,
        Standing::Stuck(Stuck::NeverStarted { .. }) => 3,
        Standing::Ready { .. } => 4,
        Standing::OnTheWay => 5,
        Standing::Live => 6,
        Standing::NotStarted => 7,
        Standing::Paused => 8,
        Standing::BeingCounted => 9,
    }
}
