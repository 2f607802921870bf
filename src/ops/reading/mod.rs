//! What the pages about health read, as one value.
//!
//! Owns [`Reading`], a moment's figures of every clinic that the reader may see. [`load`] gets it from the store; tests make
//! it up. Does not judge: `crate::domain::health` does, from the facts in here.

use std::sync::Arc;

use crate::diagnosis::watch::Sight;
use crate::domain::alert::Alert;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::health::tally::sum_from;
use crate::domain::health::{Bucket, ClinicFacts, Known, Tally, Verdict, judge_known};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::ops::components::heat::ROWS;
use crate::ops::components::strip::Cell;
use crate::ops::freshness::Freshness;

mod begin;
pub(crate) mod cache;
#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod load;
pub(crate) mod slow;

/// Hours that strips and charts show.
pub(crate) const HOURS: usize = 24;

/// A moment's figures of every clinic that somebody may see.
pub(crate) struct Reading {
    /// The moment.
    pub(crate) now: Timestamp,
    /// Up to when calls are recorded; `None` where nothing ever was.
    pub(crate) recorded_until: Option<Timestamp>,
    /// The start of the first of [`HOURS`] hours.
    pub(crate) first_hour: Timestamp,
    /// The clinics that are seen, in the registry's order.
    pub(crate) clinics: Vec<ClinicReading>,
    /// Which those are.
    pub(crate) scope: ClinicScope,
    /// What the others are judged by. It tells what is everybody's trouble, and is shown nowhere.
    pub(super) unseen: Vec<ClinicFacts>,
    /// How long Accuro took, by hour; see `components::heat`.
    pub(crate) latency: Vec<[u64; ROWS]>,
    /// Distinct people whose calls failed since the trouble began, for the clinics it touches.
    pub(crate) actors: Option<u64>,
    /// The last hour's calls that no clinic could be told for.
    pub(crate) unattributed: Tally,
    /// What the watch sees; `None` where it does not look.
    pub(crate) sight: Option<Arc<Sight>>,
    /// The alerts that fire, as far as Alertmanager has told.
    pub(crate) alerts: Vec<Alert>,
}

/// The start of the first of the [`HOURS`] hours that end with the running one.
pub(crate) fn first_hour(now: Timestamp) -> Timestamp {
    let before = 3_600 * i64::try_from(HOURS - 1).unwrap_or(0);
    Timestamp::from_seconds(now.floor_to(3_600).seconds() - before)
}

/// A moment's figures of one clinic.
#[derive(Clone)]
pub(crate) struct ClinicReading {
    /// What its state is judged by.
    pub(crate) facts: ClinicFacts,
    /// Its last [`HOURS`] hours, the running one last.
    pub(crate) hours: Vec<Tally>,
    /// One call in twenty of the last hour took longer, in microseconds.
    pub(crate) hour_p95_us: Option<u64>,
    /// Distinct people today.
    pub(crate) staff_today: u64,
}

impl ClinicReading {
    /// The last hour, to the minute.
    pub(crate) fn last_hour(&self, now: Timestamp) -> Tally {
        sum_from(&self.facts.series, now.minus(std::time::Duration::from_hours(1)))
    }
}

impl Reading {
    /// Whose trouble the moment is.
    pub(crate) fn verdict(&self) -> Verdict {
        let seen = self.clinics.iter().map(|clinic| &clinic.facts);
        let facts: Vec<ClinicFacts> = seen.chain(&self.unseen).cloned().collect();
        let known = Known {
            facts: &facts,
            scope: &self.scope,
            open: self.sight.as_ref().map(|sight| &sight.open[..]),
            recorded_until: self.recorded_until,
        };
        let mut verdict = judge_known(&known, self.now);
        verdict.affected.actors = self.actors;
        verdict
    }

    /// A clinic's figures.
    pub(crate) fn clinic(&self, id: &ClinicId) -> Option<&ClinicReading> {
        self.clinics.iter().find(|c| c.facts.clinic == *id)
    }

    /// The hours, each with the calls of all clinics.
    pub(crate) fn hours(&self) -> Vec<Tally> {
        let mut hours = vec![Tally::default(); HOURS];
        for clinic in &self.clinics {
            for (sum, hour) in hours.iter_mut().zip(&clinic.hours) {
                sum.add(hour);
            }
        }
        hours
    }

    /// The last hour: all calls that are seen, also those of no clinic.
    pub(crate) fn last_hour(&self) -> Tally {
        let mut hour = self.unattributed.clone();
        for clinic in &self.clinics {
            hour.add(&clinic.last_hour(self.now));
        }
        hour
    }

    /// The dashed box at the end of a strip, where recording stopped within the running hour.
    pub(crate) fn gap_until_now(&self) -> Option<Cell> {
        Freshness::of(self.recorded_until, self.now).is_stale().then_some(Cell::Gap)
    }

    /// The tally of an hour, or nothing where the hour was not recorded to any part.
    pub(crate) fn recorded<'t>(&self, index: usize, tally: &'t Tally) -> Option<&'t Tally> {
        let start = self.first_hour.seconds() + 3_600 * i64::try_from(index).unwrap_or(0);
        let recorded = self.recorded_until.is_some_and(|until| until.seconds() >= start);
        (recorded || tally.calls() > 0).then_some(tally)
    }
}

/// The series that a clinic is judged by: hours up to the last one, then minutes.
pub(crate) fn series(hours: Vec<Bucket>, minutes: Vec<Bucket>, now: Timestamp) -> Vec<Bucket> {
    let from = now.minus(std::time::Duration::from_hours(1)).floor_to(60);
    // The hour in which the minutes begin would count their calls twice.
    let mut series: Vec<Bucket> =
        hours.into_iter().filter(|b| b.start.seconds() + 3_600 <= from.seconds()).collect();
    series.extend(minutes.into_iter().filter(|b| b.start >= from));
    series.sort_by_key(|bucket| bucket.start);
    series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::Ending;

    #[test]
    fn no_call_is_counted_in_an_hour_and_in_its_minutes() {
        let now = Timestamp::from_seconds(36_000 + 1_800);
        let bucket = |seconds| {
            let mut tally = Tally::default();
            tally.count(Ending::Ok, 1);
            Bucket { start: Timestamp::from_seconds(seconds), tally }
        };
        let hours = vec![bucket(28_800), bucket(32_400), bucket(36_000)];
        let minutes = vec![bucket(34_140), bucket(34_200), bucket(37_740)];
        let starts: Vec<i64> =
            series(hours, minutes, now).iter().map(|b| b.start.seconds()).collect();
        assert_eq!(starts, [28_800, 34_200, 37_740]);
    }
}
