//! How large a clinic is, and what may stand in a sum beside it.
//!
//! Owns the unit in which groups are too small: a clinic's month. Days and weeks of it are shown together or not
//! at all, or the one that is hidden would be the month less the others. Owns which clinics a sum may hold, or
//! the one that is hidden would be the sum less the others. The limit is `domain::adoption::small`'s.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{ClinicReport, Report};
use crate::domain::adoption::standing::Stuck;
use crate::domain::adoption::{Bucket, Counts, Month, small};
use crate::domain::names::ClinicId;
use crate::domain::registry::Phase;
use crate::store::{CountedTasks, CountsQuery, CountsRow};

/// How many people each clinic had in each month, as far as they were seen.
#[derive(Default)]
pub(crate) struct Seen(HashMap<ClinicId, BTreeMap<Date, u64>>);

impl Seen {
    /// What has to be read of stretches that begin and end on these days.
    pub(crate) fn query(first: Date, last: Date, clinic: Option<&ClinicId>) -> CountsQuery {
        CountsQuery {
            bucket: Bucket::Month,
            from: Month::of(first).first(),
            to: last,
            clinic: clinic.cloned(),
            tasks: CountedTasks::Together,
        }
    }

    /// From what was read.
    pub(crate) fn of(rows: Vec<CountsRow>) -> Self {
        let mut found: HashMap<ClinicId, BTreeMap<Date, u64>> = HashMap::new();
        for row in rows {
            found.entry(row.clinic).or_default().insert(row.first, row.counts.staff);
        }
        Self(found)
    }

    /// How many people a clinic had in the smallest of the months that a stretch lies in; the stretch's own
    /// where nothing is known of the months.
    pub(crate) fn around(&self, clinic: &ClinicId, first: Date, last: Date, own: u64) -> u64 {
        let months = self.0.get(clinic);
        let months = months.into_iter().flat_map(|of| of.range(Month::of(first).first()..=last));
        months.map(|(_, staff)| *staff).filter(|staff| *staff > 0).min().unwrap_or(own)
    }
}

/// What of some clinics may stand in a sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// The sum.
    pub(crate) counts: Counts,
    /// Clinics with use that are not in it: they are too few and too small to be merged.
    pub(crate) left_out: u64,
}

/// Adds up what may be shown. What is hidden is added as well where it is of two clinics and five people or
/// more; the rest is left over.
fn sum(clinics: impl IntoIterator<Item = (Counts, bool)>) -> (Counts, Vec<Counts>) {
    let mut sum = Counts::default();
    let mut hidden = Vec::new();
    for (counts, shown) in clinics {
        if shown {
            sum.add(&counts);
        } else {
            hidden.push(counts);
        }
    }
    let people: u64 = hidden.iter().map(|counts| counts.staff).sum();
    if hidden.len() >= 2 && people >= small::LEAST {
        hidden.drain(..).for_each(|counts| sum.add(&counts));
    }
    (sum, hidden)
}

impl Report {
    /// The sum over clinics of a phase.
    pub(crate) fn of_phase(&self, phase: Phase) -> Sum {
        let (counts, hidden) = self.parts(phase, 0);
        Sum { counts, left_out: hidden.len() as u64 }
    }

    /// The sum over clinics of a week, so many weeks ago: that over its phases, so that neither shows what the
    /// other hides.
    pub(crate) fn sum(&self, ago: usize) -> Sum {
        let mut total = Counts::default();
        let mut left = Vec::new();
        for phase in Phase::ALL {
            let (counts, hidden) = self.parts(*phase, ago);
            total.add(&counts);
            left.extend(hidden.into_iter().map(|counts| (counts, false)));
        }
        let (counts, hidden) = sum(left);
        total.add(&counts);
        Sum { counts: total, left_out: hidden.len() as u64 }
    }

    /// The counts of that sum.
    pub(crate) fn total(&self, ago: usize) -> Counts {
        self.sum(ago).counts
    }

    fn parts(&self, phase: Phase, ago: usize) -> (Counts, Vec<Counts>) {
        let clinics = self.clinics.iter().chain(&self.former);
        let of_phase = clinics.filter(|clinic| clinic.clinic.phase == phase);
        sum(of_phase.filter_map(|clinic| Some((clinic.ago(ago)?, clinic.shows(ago)))))
    }
}

impl ClinicReport {
    /// The counts of a week, so many weeks ago.
    fn ago(&self, ago: usize) -> Option<Counts> {
        self.weeks.iter().rev().nth(ago).copied()
    }

    /// Whether figures of that week are of enough people.
    pub(crate) fn shows(&self, ago: usize) -> bool {
        let staff = self.ago(ago).map_or(0, |week| week.staff);
        let seen = self.seen.iter().rev().nth(ago).copied().unwrap_or(staff);
        staff == 0 || small::group(self.clinic.rollout.invited_staff, seen) >= small::LEAST
    }

    /// How many used it in that week; `None` if they are too few to say.
    pub(crate) fn staff(&self, ago: usize) -> Option<u64> {
        self.ago(ago).map(|week| week.staff).filter(|_| self.shows(ago))
    }

    /// Whether more may be said of why it is stuck than that it is.
    pub(crate) fn shows_more_of(&self, stuck: Stuck) -> bool {
        // How many it is less than is the staff of some week of the four before.
        !matches!(stuck, Stuck::Fewer { .. }) || (0..=4).all(|ago| self.shows(ago))
    }

    /// The place on the lines from which on every week may be shown; `None` where the last one may not.
    pub(crate) fn shown_from(&self) -> Option<usize> {
        let hidden = (0..self.weeks.len()).find(|ago| !self.shows(*ago));
        let last = self.weeks.len().checked_sub(1)?;
        match hidden {
            None => Some(0),
            Some(0) => None,
            Some(ago) => Some(last + 1 - ago),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::Deeds;
    use crate::domain::registry::tests::clinic;
    use crate::ops::report::fixtures;
    use jiff::civil::date;

    fn counts(staff: u64) -> Counts {
        let deeds = Deeds { done: staff * 10, ..Deeds::default() };
        Counts { staff, deeds, unknown_calls: 0 }
    }

    #[test]
    fn a_day_is_shown_as_its_month_is() {
        let id = clinic("maple-ridge", 1).id;
        let month = |month, staff| CountsRow {
            clinic: id.clone(),
            first: date(2026, month, 1),
            task: None,
            counts: counts(staff),
        };
        let seen = Seen::of(vec![month(10, 4), month(11, 9), month(12, 0)]);
        let on = |month, day| date(2026, month, day);
        for (first, last, expected) in [
            (on(11, 18), on(11, 18), 9),
            (on(10, 26), on(11, 1), 4),
            (on(10, 5), on(10, 5), 4),
            (on(11, 30), on(12, 6), 9),
            (on(9, 7), on(9, 13), 3),
        ] {
            assert_eq!(seen.around(&id, first, last, 3), expected, "{first}");
        }
        assert_eq!(seen.around(&clinic("old-mill", 2).id, on(11, 1), on(11, 1), 3), 3);
    }

    /// A report of clinics with so many staff in the week, in these phases.
    fn report(clinics: &[(u64, Phase)]) -> Report {
        let mut report = fixtures::report();
        let made = |(n, (staff, phase)): (u128, &(u64, Phase))| {
            let mut one = fixtures::report().clinics.remove(0);
            one.clinic = clinic(&format!("c-{n}"), n);
            one.clinic.phase = *phase;
            (one.weeks, one.seen) = (vec![counts(*staff)], vec![*staff]);
            one
        };
        report.clinics = (1..).zip(clinics).map(made).collect();
        report
    }

    #[test]
    fn no_sum_less_what_is_shown_is_about_fewer_than_five() {
        const P: Phase = Phase::Pilot;
        const L: Phase = Phase::Live;
        for (clinics, total, left_out) in [
            (&[(9, P), (7, L)][..], 16, 0),
            (&[(9, P), (4, P)], 9, 1),
            (&[(9, P), (4, P), (2, P)], 15, 0),
            (&[(9, P), (2, P), (1, P), (1, L)], 9, 3),
            // Those of the pilot are merged there; the one that is live would be what is left of the sum.
            (&[(9, P), (3, P), (3, P), (7, L), (3, L)], 22, 1),
            (&[(3, P), (3, L), (9, L)], 15, 0),
            (&[(9, P), (0, P)], 9, 0),
        ] {
            let report = report(clinics);
            let sum = report.sum(0);
            assert_eq!((sum.counts.staff, sum.left_out), (total, left_out), "{clinics:?}");
            assert_eq!(sum.counts.deeds.done, total * 10);
            let shown: u64 = report.clinics.iter().filter_map(|clinic| clinic.staff(0)).sum();
            let phases: Vec<u64> =
                [P, L].iter().map(|phase| report.of_phase(*phase).counts.staff).collect();
            let fits = |rest: u64| rest == 0 || rest >= small::LEAST;
            assert!(fits(sum.counts.staff - shown), "{clinics:?}");
            assert!(fits(sum.counts.staff - phases.iter().sum::<u64>()), "{clinics:?}: {phases:?}");
        }
    }

    #[test]
    fn a_line_begins_after_the_last_week_that_is_hidden() {
        let mut one = fixtures::report().clinics.remove(0);
        one.clinic = clinic("maple-ridge", 1);
        for (staff, from) in [
            (&[9, 9, 9][..], Some(0)),
            (&[0, 2, 9], Some(2)),
            (&[2, 9, 0], Some(1)),
            (&[9, 9, 2], None),
        ] {
            one.weeks = staff.iter().map(|staff| counts(*staff)).collect();
            one.seen = staff.to_vec();
            assert_eq!(one.shown_from(), from, "{staff:?}");
        }
        one.clinic.rollout.invited_staff = Some(12);
        assert_eq!((one.shown_from(), one.staff(0)), (Some(0), Some(2)), "two of twelve");
        let fewer = Stuck::Fewer { staff: 2, before: 9 };
        assert!(one.shows_more_of(fewer));
        one.clinic.rollout.invited_staff = None;
        (one.weeks, one.seen) = ([9, 4, 9, 9, 9].map(counts).to_vec(), vec![9, 4, 9, 9, 9]);
        assert!(!one.shows_more_of(fewer), "it was four in one of the weeks");
        let last = jiff::civil::date(2026, 11, 13);
        assert!(one.shows_more_of(Stuck::NoUse { last, open_days: 5 }));
    }
}
