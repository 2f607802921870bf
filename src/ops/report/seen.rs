//! How many people a clinic had around a stretch of time, in all and for each kind of task.
//!
//! Owns the unit in which groups are too small: a clinic's month, or the piece of it in which the clinic had the days
//! of the same clinics. Days and weeks of a unit are shown together or not at all, or the one that is hidden would be the
//! unit less the others. Of kinds of tasks, owns which are not told apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use crate::domain::adoption::{Bucket, Counts, Month, Task, small};
use crate::domain::names::ClinicId;
use crate::domain::registry::{Clinic, Registry};
use crate::store::{CountedTasks, CountsQuery, CountsRow, Scoped, StoreError};

/// People of a month or a piece of one, for all tasks (`None`) and for each.
struct Unit {
    last: Date,
    people: BTreeMap<Option<Task>, u64>,
}

/// How many people each clinic had in each unit, as far as they were seen.
#[derive(Default)]
pub(crate) struct Seen(HashMap<ClinicId, BTreeMap<Date, Unit>>);

/// Who did something: at least one where something was tried and nothing came of it.
fn behind(counts: &Counts) -> u64 {
    counts.staff.max(u64::from(counts.deeds.ended() > 0))
}

impl Seen {
    /// Reads what is to be known of the units that a stretch lies in.
    pub(crate) async fn read(
        store: &Scoped,
        registry: &Registry,
        (first, last): (Date, Date),
        only: Option<&ClinicId>,
        tasks: CountedTasks,
    ) -> Result<Self, StoreError> {
        let months = (Month::of(first).first(), Month::of(last).last());
        let query = |bucket, clinic: Option<&ClinicId>| CountsQuery {
            bucket,
            from: months.0,
            to: months.1,
            clinic: clinic.cloned(),
            tasks,
        };
        let mergers = registry.mergers();
        if only.is_none() && tasks != CountedTasks::Together {
            let together = async {
                match tasks {
                    CountedTasks::Both => {
                        let tasks = CountedTasks::Together;
                        Box::pin(Self::read(store, registry, (first, last), None, tasks)).await
                    }
                    _ => Ok(Self::default()),
                }
            };
            let kinds = Self::kinds(store, registry, months);
            let (mut seen, kinds) = tokio::try_join!(together, kinds)?;
            seen.extend(kinds);
            return Ok(seen);
        }
        let rows = store.task_counts(&query(Bucket::Month, only)).await?;
        let mut finer = Vec::new();
        let concerned: BTreeSet<&ClinicId> =
            mergers.each().flat_map(|(part, into, _)| [part, into]).collect();
        for clinic in concerned.into_iter().filter(|id| only.is_none_or(|only| only == *id)) {
            if mergers.pieces(clinic, months).len() > 1 {
                for bucket in [Bucket::Day, Bucket::Week] {
                    let rows = store.task_counts(&query(bucket, Some(clinic))).await?;
                    finer.extend(rows.into_iter().map(|row| (bucket, row)));
                }
            }
        }
        Ok(Self::of(registry, rows, &finer))
    }

    /// The kinds of every clinic. Of a month in one piece the database says which matter; the others are few.
    async fn kinds(
        store: &Scoped,
        registry: &Registry,
        months: (Date, Date),
    ) -> Result<Self, StoreError> {
        let mut seen = Self::default();
        let mut in_pieces = BTreeSet::new();
        for month in store.kinds_of_months(months, small::LEAST).await? {
            let clinic = &month.clinic;
            let mut pieces = registry.mergers().pieces(clinic, Bucket::Month.around(month.first));
            pieces.retain(|piece| registry.mergers().owner(clinic, piece.0) == clinic);
            let [piece] = pieces[..] else {
                in_pieces.insert(month.clinic);
                continue;
            };
            // That the month is known, also where nobody did anything.
            seen.note(clinic, piece, Some(Task::FindPatient), 0);
            for task in month.few {
                seen.note(clinic, piece, Some(task), 1);
            }
            if let Some((task, people)) = month.enough {
                seen.note(clinic, piece, Some(task), people);
            }
        }
        for clinic in in_pieces {
            let each = CountedTasks::Each;
            seen.extend(Box::pin(Self::read(store, registry, months, Some(&clinic), each)).await?);
        }
        Ok(seen)
    }

    /// From months; and from days and weeks where a month is in pieces: a piece has at least as many people as any
    /// of its days or weeks.
    pub(crate) fn of(
        registry: &Registry,
        months: Vec<CountsRow>,
        finer: &[(Bucket, CountsRow)],
    ) -> Self {
        let mut seen = Self::default();
        for row in months {
            let month = Bucket::Month.around(row.first);
            let mut pieces = registry.mergers().pieces(&row.clinic, month);
            // Of a clinic that became part of another one, the month is what was before.
            pieces.retain(|piece| *registry.mergers().owner(&row.clinic, piece.0) == row.clinic);
            if let [piece] = pieces[..] {
                seen.note(&row.clinic, piece, row.task, behind(&row.counts));
                continue;
            }
            for piece in pieces {
                let within = finer.iter().filter(|(bucket, fine)| {
                    let (first, last) = bucket.around(fine.first);
                    (fine.clinic == row.clinic && fine.task == row.task)
                        && (piece.0 <= first && last <= piece.1)
                });
                let most = within.map(|(_, fine)| behind(&fine.counts)).max();
                seen.note(&row.clinic, piece, row.task, most.unwrap_or(0));
            }
        }
        seen
    }

    fn note(
        &mut self,
        clinic: &ClinicId,
        (first, last): (Date, Date),
        task: Option<Task>,
        people: u64,
    ) {
        let units = self.0.entry(clinic.clone()).or_default();
        let unit = units.entry(first).or_insert_with(|| Unit { last, people: BTreeMap::new() });
        unit.people.insert(task, people);
    }

    /// Takes in what is known of other clinics or other tasks.
    pub(crate) fn extend(&mut self, other: Self) {
        for (clinic, units) in other.0 {
            for (first, unit) in units {
                for (task, people) in unit.people {
                    self.note(&clinic, (first, unit.last), task, people);
                }
            }
        }
    }

    fn units(&self, clinic: &ClinicId, first: Date, last: Date) -> impl Iterator<Item = &Unit> {
        let units = self.0.get(clinic).into_iter();
        let near = units.flat_map(move |of| of.range(Month::of(first).first()..=last));
        near.map(|(_, unit)| unit).filter(move |unit| unit.last >= first)
    }

    /// How many people a clinic had in the smallest of the units that a stretch lies in; the stretch's own
    /// where nothing is known of the units.
    pub(crate) fn around(&self, clinic: &ClinicId, first: Date, last: Date, own: u64) -> u64 {
        let units = self.units(clinic, first, last);
        let people = units.filter_map(|unit| unit.people.get(&None).copied());
        people.filter(|staff| *staff > 0).min().unwrap_or(own)
    }

    /// The kinds of tasks of a stretch that are not told apart: those that one to four people did in a unit, and one
    /// more, or they would be all tasks less the others; all where five did none of them. `own` is the stretch's, for
    /// where nothing is known of the units.
    pub(crate) fn untold<'c>(
        &self,
        clinic: &ClinicId,
        (first, last): (Date, Date),
        own: impl IntoIterator<Item = (Task, &'c Counts)>,
    ) -> BTreeSet<Task> {
        let of_unit = |unit: &Unit| {
            let each = unit.people.iter().filter_map(|(task, people)| Some(((*task)?, *people)));
            each.collect::<Vec<_>>()
        };
        let mut units: Vec<Vec<(Task, u64)>> =
            self.units(clinic, first, last).map(of_unit).filter(|of| !of.is_empty()).collect();
        if units.is_empty() {
            units.push(own.into_iter().map(|(task, counts)| (task, behind(counts))).collect());
        }
        units.iter().flat_map(|unit| untold(unit)).collect()
    }
}

fn untold(people: &[(Task, u64)]) -> BTreeSet<Task> {
    let few = people.iter().filter(|(_, people)| (1..small::LEAST).contains(people));
    let mut untold: BTreeSet<Task> = few.map(|(task, _)| *task).collect();
    if !untold.is_empty() {
        let enough = people.iter().filter(|(_, people)| *people >= small::LEAST);
        match enough.min_by_key(|(task, people)| (*people, task.number())) {
            Some((one_more, _)) => drop(untold.insert(*one_more)),
            None => untold.extend(Task::ALL),
        }
    }
    untold
}

/// How many of those who are invited to a clinic came with clinics that became part of it after a day; `None` where
/// nobody knows.
pub(crate) fn came_later(registry: &Registry, clinic: &ClinicId, day: Date) -> Option<u64> {
    let joining = registry.mergers().joining(clinic, day).into_iter();
    joining.map(|part| registry.clinic(part)?.rollout.invited_staff).sum()
}

/// How many were invited to a clinic, less those who came later.
pub(crate) fn invited_then(clinic: &Clinic, later: Option<u64>) -> Option<u64> {
    Some(clinic.rollout.invited_staff?.saturating_sub(later?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::Deeds;
    use crate::domain::registry::{Merged, tests::clinic};
    use jiff::civil::date;

    fn row(clinic: &str, first: Date, task: Option<Task>, staff: u64) -> CountsRow {
        let deeds = Deeds { done: staff, ..Deeds::default() };
        let clinic = ClinicId::parse(clinic).unwrap();
        CountsRow { clinic, first, task, counts: Counts { staff, deeds, unknown_calls: 0 } }
    }

    fn on(month: i8, day: i8) -> Date {
        date(2026, month, day)
    }

    #[test]
    fn a_day_is_shown_as_its_month_is() {
        let registry = Registry::default();
        let month = |month, staff| row("maple-ridge", on(month, 1), None, staff);
        let seen = Seen::of(&registry, vec![month(10, 4), month(11, 9), month(12, 0)], &[]);
        let id = ClinicId::parse("maple-ridge").unwrap();
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

    /// Old Mill, with twelve invited, becomes part of Maple Ridge on the 18th.
    fn merged(invited: Option<u64>) -> Registry {
        let (mut own, mut part) = (clinic("maple-ridge", 1), clinic("old-mill", 2));
        own.rollout.invited_staff = Some(15);
        part.rollout.invited_staff = invited;
        part.rollout.merged = Some(Merged { into: own.id.clone(), on: on(11, 18) });
        Registry::new(vec![own, part], vec![]).unwrap()
    }

    #[test]
    fn the_month_of_a_merger_is_in_pieces_and_the_smallest_of_them_counts() {
        let id = ClinicId::parse("maple-ridge").unwrap();
        let of = |first, staff| row("maple-ridge", first, None, staff);
        let finer = [
            (Bucket::Week, of(on(11, 2), 3)),
            (Bucket::Day, of(on(11, 4), 2)),
            // Of both pieces: it says nothing about either.
            (Bucket::Week, of(on(11, 16), 9)),
            (Bucket::Day, of(on(11, 19), 6)),
            (Bucket::Day, row("old-mill", on(11, 4), None, 9)),
        ];
        let seen = Seen::of(&merged(Some(12)), vec![of(on(11, 1), 9)], &finer);
        let old = ClinicId::parse("old-mill").unwrap();
        let of_old = vec![row("old-mill", on(11, 1), None, 7)];
        let whole = Seen::of(&merged(Some(12)), of_old, &[]);
        assert_eq!(whole.around(&old, on(11, 16), on(11, 22), 1), 7, "all of its month was before");
        for (first, last, expected) in [
            (on(11, 4), on(11, 4), 3),
            (on(11, 18), on(11, 18), 6),
            (on(11, 16), on(11, 22), 3),
            (on(11, 23), on(11, 29), 6),
            (on(11, 1), on(11, 30), 3),
        ] {
            assert_eq!(seen.around(&id, first, last, 1), expected, "{first}");
        }
    }

    #[test]
    fn who_is_invited_with_a_clinic_that_joins_later_was_not_invited_before() {
        let id = ClinicId::parse("maple-ridge").unwrap();
        for (of_part, day, expected) in [
            (Some(12), on(11, 17), Some(3)),
            (Some(12), on(11, 18), Some(15)),
            (None, on(11, 17), None),
            (None, on(11, 18), Some(15)),
        ] {
            let registry = merged(of_part);
            let later = came_later(&registry, &id, day);
            assert_eq!(invited_then(registry.clinic(&id).unwrap(), later), expected, "{day}");
        }
    }

    #[test]
    fn a_kind_of_task_that_few_did_is_not_told_and_neither_is_one_more() {
        let id = ClinicId::parse("maple-ridge").unwrap();
        let kinds = |month, kinds: &[(Task, u64)]| -> Vec<CountsRow> {
            let each = kinds.iter().map(|(task, staff)| (Some(*task), *staff)).chain([(None, 9)]);
            each.map(|(task, staff)| row("maple-ridge", on(month, 1), task, staff)).collect()
        };
        let mut rows = kinds(10, &[(Task::FindPatient, 9), (Task::OpenChart, 7), (Task::Book, 6)]);
        rows.extend(kinds(
            11,
            &[(Task::FindPatient, 9), (Task::OpenChart, 7), (Task::Book, 4), (Task::Results, 0)],
        ));
        let seen = Seen::of(&Registry::default(), rows, &[]);
        let untold = |first, last| seen.untold(&id, (first, last), []);
        assert_eq!(untold(on(10, 7), on(10, 7)), BTreeSet::new());
        let two = BTreeSet::from([Task::OpenChart, Task::Book]);
        assert_eq!(untold(on(11, 7), on(11, 7)), two, "as in its month");
        assert_eq!(untold(on(10, 26), on(11, 1)), two, "as in the smaller of its months");
        let own = row("maple-ridge", on(9, 7), Some(Task::Book), 2).counts;
        let of = seen.untold(&id, (on(9, 7), on(9, 13)), [(Task::Book, &own)]);
        let all: BTreeSet<Task> = Task::ALL.iter().copied().collect();
        assert_eq!(of, all, "nothing is known of the month, and there is no other");
        // Nobody got it done, and somebody tried.
        let mut tried = row("maple-ridge", on(9, 7), Some(Task::Book), 0).counts;
        tried.deeds.failed = 1;
        let of = seen.untold(&id, (on(9, 7), on(9, 13)), [(Task::Book, &tried)]);
        assert_eq!(of, all);
    }
}
