//! Who starts, and who stays: people by the week of their first use.
//!
//! Owns the grid. A person is in one cohort only, that of the first use ever. Small cohorts are merged
//! with the next one, each person counted from their own start; a week that is not over is left out.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar::Week;
use super::person::Person;
use super::small::LEAST;

/// How many of those active in a week started in which week.
#[must_use]
pub fn of_week(
    active: impl IntoIterator<Item = Person>,
    first_use: &BTreeMap<Person, Date>,
) -> BTreeMap<Week, u64> {
    let mut found = BTreeMap::new();
    for person in active {
        if let Some(first) = first_use.get(&person) {
            *found.entry(Week::of(*first)).or_default() += 1;
        }
    }
    found
}

/// People who started in one week, or in a few that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The first of the weeks.
    pub started: Week,
    /// The last of them.
    pub until: Week,
    /// Of them, how many used it so many weeks after their start; the first is all of them.
    pub back: Vec<u64>,
}

impl Cohort {
    /// How many started.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.back.first().copied().unwrap_or(0)
    }
}

/// The grid of cohorts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The oldest first.
    pub cohorts: Vec<Cohort>,
    /// People in a last group that is too small to be shown.
    pub hidden: u64,
}

/// Makes the grid of those who started from one week to another, as of the end of the last one.
/// `staff` says how many that started in one week were active in another.
#[must_use]
pub fn grid(staff: &BTreeMap<(Week, Week), u64>, from: Week, last: Week) -> Grid {
    let mut made = Grid::default();
    let mut open: Option<Cohort> = None;
    for ago in 0..=last.since(from) {
        let started = from.plus(ago);
        let weeks = 0..=last.since(started);
        let of = |later| staff.get(&(started, started.plus(later))).copied().unwrap_or(0);
        let back: Vec<u64> = weeks.map(of).collect();
        if back[0] == 0 {
            continue;
        }
        let cohort = match open.take() {
            None => Cohort { started, until: started, back },
            Some(before) => Cohort {
                started: before.started,
                until: started,
                // The later start has fewer weeks to look back on, and ends the row for both.
                back: before.back.iter().zip(&back).map(|(one, other)| one + other).collect(),
            },
        };
        if cohort.size() < LEAST {
            open = Some(cohort);
        } else {
            made.cohorts.push(cohort);
        }
    }
    made.hidden = open.map_or(0, |cohort| cohort.size());
    made
}

/// Beginners of one week at one clinic whom the grid of all clinics must leave out: the clinic's own grid does not show
/// them by that week, and they are one clinic's or fewer than five, so that they would be the sum less the others.
/// Takes how many started in which week at which clinic, in any order.
#[must_use]
pub fn told_apart<K: Ord + Clone>(
    sizes: impl IntoIterator<Item = (K, Week, u64)>,
) -> Vec<(K, Week)> {
    let mut clinics: BTreeMap<K, BTreeMap<Week, u64>> = BTreeMap::new();
    for (clinic, week, staff) in sizes.into_iter().filter(|(.., staff)| *staff > 0) {
        clinics.entry(clinic).or_default().insert(week, staff);
    }
    let mut unseen: BTreeMap<Week, Vec<(K, u64)>> = BTreeMap::new();
    for (clinic, weeks) in clinics {
        // As the clinic's own grid merges them.
        let mut open: Vec<(Week, u64)> = Vec::new();
        for (week, staff) in weeks {
            open.push((week, staff));
            if open.iter().map(|(_, staff)| staff).sum::<u64>() < LEAST {
                continue;
            }
            if open.len() == 1 {
                open.clear();
            }
            for (week, staff) in open.drain(..) {
                unseen.entry(week).or_default().push((clinic.clone(), staff));
            }
        }
        for (week, staff) in open {
            unseen.entry(week).or_default().push((clinic.clone(), staff));
        }
    }
    let few = unseen
        .into_iter()
        .filter(|(_, at)| at.len() < 2 || at.iter().map(|(_, staff)| staff).sum::<u64>() < LEAST);
    few.flat_map(|(week, at)| at.into_iter().map(move |(clinic, _)| (clinic, week))).collect()
}

/// Of those who started so many weeks ago or earlier: how many used it that many weeks after, and how
/// many they are.
#[must_use]
pub fn still_after(grid: &Grid, weeks: usize) -> (u64, u64) {
    let old =
        grid.cohorts.iter().filter_map(|cohort| Some((*cohort.back.get(weeks)?, cohort.size())));
    old.fold((0, 0), |(back, size), (one, of)| (back + one, size + of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginners_who_could_be_told_from_the_sum_are_left_out_of_it() {
        let week = |n| Week::of(jiff::civil::date(2026, 10, 5)).plus(n);
        for (sizes, out) in [
            (&[('a', 0, 8), ('b', 0, 6)][..], &[][..]),
            (&[('a', 0, 8), ('b', 0, 4)], &[('b', 0)]),
            // Merged with the next week at the clinic itself, and so with neither of both in the sum.
            (&[('a', 0, 8), ('b', 0, 4), ('b', 1, 6), ('a', 1, 9)], &[('b', 0), ('b', 1)]),
            (&[('a', 0, 8), ('b', 0, 4), ('c', 0, 3)], &[]),
            (&[('a', 0, 8), ('b', 0, 1), ('c', 0, 3)], &[('b', 0), ('c', 0)]),
            (&[('b', 0, 4), ('b', 1, 0), ('c', 1, 7)], &[('b', 0)]),
        ] {
            let given = sizes.iter().map(|(clinic, n, staff)| (*clinic, week(*n), *staff));
            let expected: Vec<_> = out.iter().map(|(clinic, n)| (*clinic, week(*n))).collect();
            assert_eq!(told_apart(given), expected, "{sizes:?}");
        }
    }
    use jiff::civil::date;

    fn week(number: i64) -> Week {
        Week::of(date(2026, 10, 5)).plus(number)
    }

    #[test]
    fn a_person_is_in_the_cohort_of_the_first_use_only() {
        let first = BTreeMap::from([
            (Person([1; 17]), date(2026, 10, 6)),
            (Person([2; 17]), date(2026, 10, 11)),
            (Person([3; 17]), date(2026, 10, 12)),
        ]);
        let found = of_week([1, 2, 3, 4].map(|who| Person([who; 17])), &first);
        assert_eq!(found, BTreeMap::from([(week(0), 2), (week(1), 1)]));
    }

    #[test]
    fn small_cohorts_are_merged_and_each_counts_from_its_own_start() {
        let staff = BTreeMap::from([
            ((week(0), week(0)), 9),
            ((week(0), week(1)), 7),
            ((week(0), week(3)), 6),
            ((week(1), week(1)), 3),
            ((week(1), week(2)), 2),
            ((week(1), week(3)), 1),
            ((week(2), week(2)), 4),
            ((week(2), week(3)), 4),
            ((week(3), week(3)), 2),
        ]);
        let found = grid(&staff, week(0), week(3));
        let cohort =
            |a, b, back: &[u64]| Cohort { started: week(a), until: week(b), back: back.to_vec() };
        assert_eq!(found.cohorts, [cohort(0, 0, &[9, 7, 0, 6]), cohort(1, 2, &[7, 6])]);
        assert_eq!(found.hidden, 2);
        assert_eq!(still_after(&found, 1), (13, 16));
        assert_eq!(still_after(&found, 9), (0, 0));
    }

    #[test]
    fn without_anybody_there_is_no_grid() {
        assert_eq!(grid(&BTreeMap::new(), week(0), week(5)), Grid::default());
    }
}
