//! Counts of tasks and people over any number of days.
//!
//! Owns the counting of people: each once, however many days, tasks and keys. Somebody uses it who got at
//! least one task done; opening the app and failing is not use.

use std::collections::{BTreeMap, BTreeSet};

use super::person::{Person, SamePeople};
use super::run::Deeds;
use super::task::Task;

/// What one person, or nobody that is known, did of one task on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonDay {
    /// Of which task.
    pub task: Task,
    /// Who; `None` where the app does not say.
    pub person: Option<Person>,
    /// What.
    pub deeds: Deeds,
}

/// The counts of one clinic and one stretch of time, of one task or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Distinct people who got something done.
    pub staff: u64,
    /// What people did together.
    pub deeds: Deeds,
    /// Calls of which the app did not say who made them. They are in no other count.
    pub unknown_calls: u64,
}

impl Counts {
    /// Adds those of another clinic. A person who works at both counts at each.
    pub fn add(&mut self, other: &Self) {
        self.staff += other.staff;
        self.deeds.add(&other.deeds);
        self.unknown_calls += other.unknown_calls;
    }
}

/// Counts, for each task and for all of them (`None`). Tasks that nobody tried are left out.
#[must_use]
pub fn count(rows: &[PersonDay], same: &SamePeople) -> BTreeMap<Option<Task>, Counts> {
    let mut found: BTreeMap<Option<Task>, Counts> = BTreeMap::new();
    let mut people: BTreeMap<Option<Task>, BTreeSet<Person>> = BTreeMap::new();
    for row in rows {
        for task in [Some(row.task), None] {
            let counts = found.entry(task).or_default();
            let Some(person) = row.person else {
                counts.unknown_calls += row.deeds.calls;
                continue;
            };
            counts.deeds.add(&row.deeds);
            if row.deeds.done > 0 {
                people.entry(task).or_default().insert(same.person(person));
            }
        }
    }
    for (task, people) in people {
        found.entry(task).or_default().staff = people.len() as u64;
    }
    found
}

/// The people who got something done.
#[must_use]
pub fn active(rows: &[PersonDay], same: &SamePeople) -> BTreeSet<Person> {
    let done = rows.iter().filter(|row| row.deeds.done > 0);
    done.filter_map(|row| Some(same.person(row.person?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(task: Task, who: u8, done: u64, failed: u64) -> PersonDay {
        let deeds =
            Deeds { calls: done + failed, done, first_time: done, failed, ..Deeds::default() };
        PersonDay { task, person: (who > 0).then_some(Person([who; 17])), deeds }
    }

    #[test]
    fn a_person_counts_once_and_only_if_something_was_done() {
        let rows = [
            row(Task::FindPatient, 1, 3, 0),
            row(Task::FindPatient, 1, 2, 1),
            row(Task::Results, 1, 1, 0),
            row(Task::Results, 2, 0, 4),
            row(Task::FindPatient, 3, 1, 0),
            row(Task::FindPatient, 0, 0, 7),
        ];
        let found = count(&rows, &SamePeople::default());
        let staff = |task| found[&task].staff;
        assert_eq!(
            [staff(None), staff(Some(Task::FindPatient)), staff(Some(Task::Results))],
            [2, 2, 1]
        );
        assert_eq!((found[&None].deeds.done, found[&None].deeds.failed), (7, 5));
        assert_eq!((found[&None].unknown_calls, found[&None].deeds.calls), (7, 12));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_person_with_two_keys_counts_once() {
        let rows =
            [row(Task::Results, 1, 1, 0), row(Task::Results, 2, 1, 0), row(Task::Results, 3, 1, 0)];
        let same = SamePeople::of([(Person([2; 17]), Person([1; 17]))]);
        assert_eq!(count(&rows, &same)[&None].staff, 2);
        assert_eq!(count(&rows, &SamePeople::default())[&None].staff, 3);
        assert_eq!(active(&rows, &same).len(), 2);
    }
}
