//! From rows of people and days to counts of days, weeks and months.
//!
//! Owns which counts a change touches, and the rows of `task_counts`, `first_uses` and `cohort_counts`.
//! People are joined across keys here, each time anew, so that a pair of references that is noted later
//! changes what was counted before. The counts of a stretch stand at the clinic that has it (`mergers`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::cells::Kind;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::insert::bulk::{self, Conflict, Table};
use super::super::rollup::day_number;
use super::super::sql::{Arg, Int, Sql};
use super::{DEEDS, date, deeds, delete, mergers, values};
use crate::domain::adoption::figures::active;
use crate::domain::adoption::{Bucket, Person, PersonDay, SamePeople, Task, Week, cohort, count};
use crate::domain::registry::Mergers;
use crate::domain::time::Timestamp;

const TASK_COUNTS: Table = Table {
    name: "task_counts",
    columns: &[
        ("span", Kind::Int),
        ("task", Kind::Int),
        ("bucket", Kind::Int),
        ("clinic_label", Kind::Int),
        ("staff", Kind::Int),
        ("calls", Kind::Int),
        ("done", Kind::Int),
        ("empty", Kind::Int),
        ("first_time", Kind::Int),
        ("failed", Kind::Int),
        ("given_up", Kind::Int),
        ("changed", Kind::Int),
        ("unknown_calls", Kind::Int),
    ],
    key: "(span, task, bucket, clinic_label)",
    conflict: Conflict::Fail,
};

const COHORT_COUNTS: Table = Table {
    name: "cohort_counts",
    columns: &[
        ("started", Kind::Int),
        ("week", Kind::Int),
        ("clinic_label", Kind::Int),
        ("staff", Kind::Int),
    ],
    key: "(started, week, clinic_label)",
    conflict: Conflict::Fail,
};

const FIRST_USES: Table = Table {
    name: "first_uses",
    columns: &[
        ("clinic_label", Kind::Int),
        ("actor_ref", Kind::Blob),
        ("first_day", Kind::Int),
        ("last_day", Kind::Int),
    ],
    key: "(clinic_label, actor_ref)",
    conflict: Conflict::Update(
        "first_day = case when excluded.first_day < first_uses.first_day \
             then excluded.first_day else first_uses.first_day end, \
         last_day = case when excluded.last_day > first_uses.last_day \
             then excluded.last_day else first_uses.last_day end",
    ),
};

/// Counts what some days are part of. Stretches that begin before `people_from` are left as they are:
/// who was there then is no longer known.
pub(super) async fn recount(
    tx: &mut Tx,
    label: i64,
    days: BTreeSet<Date>,
    people_from: Timestamp,
) -> Result<(), StoreError> {
    let people_from = date(people_from.seconds().div_euclid(86_400)).unwrap_or(Date::MIN);
    let known = |first: &Date| *first >= people_from;
    let days: BTreeSet<Date> = days.into_iter().filter(known).collect();
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
        return Ok(());
    };
    let mergers = mergers::read(tx).await?;
    let family: Vec<i64> = mergers.family(&label).into_iter().collect();
    // By references: who is one person with whom differs from stretch to stretch where clinics merged.
    let each = SamePeople::default();
    let before = first_uses(tx, &family, &each).await?;
    let done = rows(tx, &[label], first, last).await?;
    note_uses(tx, label, &done).await?;
    let uses = first_uses(tx, &family, &each).await?;
    let mut same = Joined::default();
    for bucket in Bucket::ALL {
        let stretches: BTreeSet<_> = days.iter().map(|day| bucket.around(*day)).collect();
        for (first, last) in stretches.into_iter().filter(|(first, _)| known(first)) {
            let of = Holder::of(&mergers, label, last);
            let same = same.of(tx, &of).await?;
            count_stretch(tx, label, &of, bucket, (first, last), same).await?;
        }
    }
    let mut weeks: BTreeSet<Week> = days.iter().map(|day| Week::of(*day)).collect();
    let paired = same_people(tx, &family).await?;
    if let Some(earliest) = earlier(&before, &uses, &paired) {
        // Somebody began earlier than was known, and is of another cohort in every week since.
        weeks.extend(weeks_since(tx, &family, earliest).await?);
    }
    for week in weeks.into_iter().filter(|week| known(&week.first())) {
        let of = Holder::of(&mergers, label, week.last());
        let same = same.of(tx, &of).await?;
        count_cohorts(tx, label, &of, week, same).await?;
    }
    Ok(())
}

/// Who has the counts of a stretch, and of whose rows they are made.
struct Holder {
    owner: i64,
    parts: Vec<i64>,
}

impl Holder {
    fn of(mergers: &Mergers<i64>, label: i64, last: Date) -> Self {
        let owner = *mergers.owner(&label, last);
        Self { owner, parts: mergers.parts(&owner, last) }
    }
}

/// Who is one person with whom, by the clinics of a stretch: as far as it was noted at one of them.
#[derive(Default)]
struct Joined(BTreeMap<Vec<i64>, SamePeople>);

impl Joined {
    async fn of(&mut self, tx: &mut Tx, of: &Holder) -> Result<&SamePeople, StoreError> {
        if !self.0.contains_key(&of.parts) {
            let same = same_people(tx, &of.parts).await?;
            self.0.insert(of.parts.clone(), same);
        }
        Ok(&self.0[&of.parts])
    }
}

async fn count_cohorts(
    tx: &mut Tx,
    label: i64,
    of: &Holder,
    week: Week,
    same: &SamePeople,
) -> Result<(), StoreError> {
    // Of those who are counted here only: before a merger each clinic has its own beginnings.
    let uses = first_uses(tx, &of.parts, same).await?;
    let of_week = people(rows(tx, &of.parts, week.first(), week.last()).await?);
    let started = cohort::of_week(active(&of_week, same), &uses);
    let number = day_number(week.first());
    for old in BTreeSet::from([label, of.owner]) {
        let head = "delete from cohort_counts where clinic_label = ";
        delete(tx, head, &[("", old), (" and week = ", number)]).await?;
    }
    let row = |(started, staff): (Week, u64)| {
        [day_number(started.first()), number, of.owner, staff.cast_signed()].map(Arg::from).into()
    };
    bulk::insert(tx, &COHORT_COUNTS, started.into_iter().map(row).collect()).await
}

async fn count_stretch(
    tx: &mut Tx,
    label: i64,
    of: &Holder,
    bucket: Bucket,
    (first, last): (Date, Date),
    same: &SamePeople,
) -> Result<(), StoreError> {
    let counted = count(&people(rows(tx, &of.parts, first, last).await?), same);
    let (span, number) = (bucket.number(), day_number(first));
    for old in BTreeSet::from([label, of.owner]) {
        delete(
            tx,
            "delete from task_counts where clinic_label = ",
            &[("", old), (" and span = ", span), (" and bucket = ", number)],
        )
        .await?;
    }
    let row = |(task, counts): (Option<Task>, crate::domain::adoption::Counts)| {
        let task = task.map_or(0, Task::number);
        let key = [span, task, number, of.owner, counts.staff.cast_signed()].map(Arg::from);
        let unknown = Arg::from(counts.unknown_calls.cast_signed());
        key.into_iter().chain(values(&counts.deeds)).chain([unknown]).collect()
    };
    bulk::insert(tx, &TASK_COUNTS, counted.into_iter().map(row).collect()).await
}

/// A row as it is read: day, task, actor, deeds.
type Row = (Int, Int, Vec<u8>, Int, Int, Int, Int, Int, Int, Int);

/// Day and what was done on it.
type DayRow = (Date, PersonDay);

fn people(rows: Vec<DayRow>) -> Vec<PersonDay> {
    rows.into_iter().map(|(_, row)| row).collect()
}

async fn rows(
    tx: &mut Tx,
    labels: &[i64],
    first: Date,
    last: Date,
) -> Result<Vec<DayRow>, StoreError> {
    let mut sql = Sql::new("select day, task, actor_ref");
    for column in DEEDS {
        sql.push(", ").push(column);
    }
    sql.push(" from daily_tasks where clinic_label in (").bind_all(labels.iter().copied());
    sql.push(") and day >= ").bind(day_number(first)).push(" and day <= ").bind(day_number(last));
    let rows: Vec<Row> = tx.all(sql).await?;
    let unknown = |column| StoreError::UnknownValue { table: "daily_tasks", column };
    let row = |(day, task, actor, a, b, c, d, e, f, g): Row| {
        let person = match &actor[..] {
            [] => None,
            bytes => Some(Person::of(bytes).ok_or_else(|| unknown("actor_ref"))?),
        };
        let task = Task::of_number(task.0).ok_or_else(|| unknown("task"))?;
        let day = date(day.0).ok_or_else(|| unknown("day"))?;
        Ok((day, PersonDay { task, person, deeds: deeds([a, b, c, d, e, f, g]) }))
    };
    rows.into_iter().map(row).collect()
}

async fn same_people(tx: &mut Tx, labels: &[i64]) -> Result<SamePeople, StoreError> {
    let mut sql = Sql::new("select actor_ref, same_ref from same_actors where clinic_label in (");
    sql.bind_all(labels.iter().copied()).push(")");
    let rows: Vec<(Vec<u8>, Vec<u8>)> = tx.all(sql).await?;
    let pair = |(one, other): &(Vec<u8>, Vec<u8>)| Some((Person::of(one)?, Person::of(other)?));
    Ok(SamePeople::of(rows.iter().filter_map(pair)))
}

/// The day on which each person of some clinics used it first.
async fn first_uses(
    tx: &mut Tx,
    labels: &[i64],
    same: &SamePeople,
) -> Result<BTreeMap<Person, Date>, StoreError> {
    let mut sql = Sql::new("select actor_ref, first_day from first_uses where clinic_label in (");
    sql.bind_all(labels.iter().copied()).push(")");
    let rows: Vec<(Vec<u8>, Int)> = tx.all(sql).await?;
    let mut uses: BTreeMap<Person, Date> = BTreeMap::new();
    for (actor, day) in rows {
        if let (Some(person), Some(day)) = (Person::of(&actor), date(day.0)) {
            let first = uses.entry(same.person(person)).or_insert(day);
            *first = day.min(*first);
        }
    }
    Ok(uses)
}

async fn note_uses(tx: &mut Tx, label: i64, rows: &[DayRow]) -> Result<(), StoreError> {
    let mut uses: BTreeMap<Person, (Date, Date)> = BTreeMap::new();
    for (day, row) in rows.iter().filter(|(_, row)| row.deeds.done > 0) {
        if let Some(person) = row.person {
            let (first, last) = uses.entry(person).or_insert((*day, *day));
            (*first, *last) = ((*first).min(*day), (*last).max(*day));
        }
    }
    let row = |(person, (first, last)): (Person, (Date, Date))| {
        vec![
            label.into(),
            Arg::from(&person.0[..]),
            day_number(first).into(),
            day_number(last).into(),
        ]
    };
    bulk::insert(tx, &FIRST_USES, uses.into_iter().map(row).collect()).await
}

/// The earliest day that is the first of a reference and was not known to be, where that could make somebody of
/// another cohort.
fn earlier(
    before: &BTreeMap<Person, Date>,
    now: &BTreeMap<Person, Date>,
    paired: &SamePeople,
) -> Option<Date> {
    let moved = now.iter().filter(|(reference, day)| match before.get(reference) {
        Some(known) => Week::of(**day) != Week::of(*known),
        None => paired.joins(**reference),
    });
    moved.map(|(_, day)| *day).min()
}

/// The weeks from one on in which somebody did something.
async fn weeks_since(
    tx: &mut Tx,
    labels: &[i64],
    from: Date,
) -> Result<BTreeSet<Week>, StoreError> {
    let mut sql = Sql::new("select distinct day from daily_tasks where clinic_label in (");
    sql.bind_all(labels.iter().copied()).push(") and day >= ").bind(day_number(from));
    let days: Vec<(Int,)> = tx.all(sql).await?;
    Ok(days.into_iter().filter_map(|(day,)| date(day.0)).map(Week::of).collect())
}
