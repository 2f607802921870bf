//! What of a clinic may be shown, and what may stand in a sum beside it.
//!
//! Owns which clinics a sum may hold, or the one that is hidden would be the sum less the others. How large a clinic
//! is says [`super::seen`]; the limit is `domain::adoption::small`'s.

use super::seen::invited_then;
use super::{ClinicReport, Report};
use crate::domain::adoption::standing::Stuck;
use crate::domain::adoption::{Counts, Task, small};
use crate::domain::names::ClinicId;
use crate::domain::registry::Phase;

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

/// Those who counted at several of the clinics that became one, in the week in which they did.
pub(crate) struct Again {
    /// How many weeks ago that was.
    pub(crate) ago: usize,
    /// The clinics that are one since.
    pub(crate) clinics: Vec<ClinicId>,
    /// How many too many they count together.
    pub(crate) staff: u64,
}

impl Report {
    /// How many count more than once in a week, of clinics of one phase or of all. Where one of the clinics is
    /// hidden, nothing is said of who was there as well.
    fn again(&self, ago: usize, phase: Option<Phase>) -> u64 {
        let of_week = self.again.iter().filter(|again| again.ago == ago);
        let told = of_week.filter(|again| {
            again.clinics.iter().all(|id| {
                let mut all = self.clinics.iter().chain(&self.former);
                all.any(|clinic| {
                    clinic.clinic.id == *id
                        && clinic.shows(ago)
                        && phase.is_none_or(|phase| clinic.clinic.phase == phase)
                })
            })
        });
        told.map(|again| again.staff).sum()
    }

    /// The sum over clinics of a phase.
    pub(crate) fn of_phase(&self, phase: Phase) -> Sum {
        let (mut counts, hidden) = self.parts(phase, 0);
        counts.staff = counts.staff.saturating_sub(self.again(0, Some(phase)));
        Sum { counts, left_out: hidden.len() as u64 }
    }

    /// The sum over clinics of a week, so many weeks ago: that over its phases, so that neither shows what the
    /// other hides. Who counts at several clinics since they became one that week counts once.
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
        total.staff = total.staff.saturating_sub(self.again(ago, None));
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
        let later = self.later.iter().rev().nth(ago).copied().unwrap_or(Some(0));
        staff == 0 || small::group(invited_then(&self.clinic, later), seen) >= small::LEAST
    }

    /// How many used it in that week; `None` if they are too few to say.
    pub(crate) fn staff(&self, ago: usize) -> Option<u64> {
        self.ago(ago).map(|week| week.staff).filter(|_| self.shows(ago))
    }

    /// Whether the figures of a kind of task may be told apart from the week's.
    pub(crate) fn tells(&self, task: Task) -> bool {
        self.shows(0) && !self.untold.contains(&task)
    }

    /// How many did a kind of task in the week; `None` if they are too few to say.
    pub(crate) fn staff_of(&self, task: Task) -> Option<u64> {
        let staff = self.tasks.get(&task).map_or(0, |counts| counts.staff);
        small::shown(staff, staff).filter(|_| self.tells(task))
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

    fn counts(staff: u64) -> Counts {
        let deeds = Deeds { done: staff * 10, ..Deeds::default() };
        Counts { staff, deeds, unknown_calls: 0 }
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

    #[test]
    fn what_became_part_of_another_clinic_is_not_lost_from_those_that_use_it() {
        let mut report = report(&[(9, Phase::Live), (7, Phase::Live), (8, Phase::Pilot)]);
        assert_eq!(report.clinics_using(0), 3);
        let mut part = report.clinics.remove(0);
        let into = report.clinics[0].clinic.id.clone();
        let on = report.week.first();
        part.clinic.rollout.merged = Some(crate::domain::registry::Merged { into, on });
        report.former.push(part);
        assert_eq!(report.clinics_using(0), 2, "as many as there are, in the week before as well");
        report.clinics.remove(0);
        assert_eq!(report.clinics_using(0), 2, "the reader does not see the clinic that goes on");
    }

    #[test]
    fn who_was_at_both_clinics_of_a_merger_in_its_week_counts_once_in_the_sums() {
        let mut report = report(&[(9, Phase::Live), (8, Phase::Live), (7, Phase::Pilot)]);
        let part = report.clinics.remove(0);
        let clinics = vec![report.clinics[0].clinic.id.clone(), part.clinic.id.clone()];
        report.former.push(part);
        report.again = vec![Again { ago: 0, clinics, staff: 3 }];
        let staff = |report: &Report| {
            let of = |phase| report.of_phase(phase).counts.staff;
            (report.sum(0).counts.staff, of(Phase::Live), of(Phase::Pilot))
        };
        assert_eq!(staff(&report), (21, 14, 7));
        assert_eq!(report.sum(0).counts.deeds.done, 240, "tasks were done once anyway");
        report.former[0].clinic.phase = Phase::Pilot;
        assert_eq!(staff(&report), (21, 8, 16), "each phase has its own clinics' people");
        report.again[0].ago = 1;
        assert_eq!(staff(&report), (24, 8, 16), "it was another week");
        report.again[0].ago = 0;
        (report.former[0].weeks, report.former[0].seen) = (vec![counts(4)], vec![4]);
        assert_eq!(staff(&report), (15, 8, 7), "of four nothing is said, not who went on either");
    }

    #[test]
    fn a_kind_of_task_is_told_where_five_did_it_and_in_its_month() {
        let mut one = fixtures::report().clinics.remove(0);
        (one.weeks, one.seen) = (vec![counts(9)], vec![9]);
        one.tasks = [(Task::Book, counts(6)), (Task::Results, counts(3))].into();
        one.untold = [].into();
        let staff = |one: &ClinicReport| {
            [Task::Book, Task::Results, Task::Documents].map(|task| one.staff_of(task))
        };
        assert_eq!(staff(&one), [Some(6), None, Some(0)]);
        one.untold = [Task::Book, Task::Results].into();
        assert_eq!(staff(&one), [None, None, Some(0)]);
        assert!(!one.tells(Task::Book) && one.tells(Task::Documents));
        (one.clinic.rollout.invited_staff, one.seen) = (None, vec![4]);
        assert_eq!(staff(&one), [None, None, None], "of a small clinic nothing is told");
        // Twelve are invited, ten of them came with another clinic later.
        one.clinic.rollout.invited_staff = Some(12);
        assert!(one.shows(0));
        one.later = vec![Some(10)];
        assert!(!one.shows(0));
        one.later = vec![None];
        assert!(!one.shows(0), "nobody knows how many");
    }
}
