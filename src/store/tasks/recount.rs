//! From rows of people and days to counts of days, weeks and months.
//!
//! Owns which counts a change touches, and the rows of `task_counts`, `first_uses` and `cohort_counts`.
//! People are joined across keys here, each time anew, so that a pair of references that is noted later
//! changes what was counted before. Each day counts at the clinic that has it (`mergers`), in weeks and months, too.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::cells::Kind;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::insert::bulk::{self, Conflict, Table};
use super::super::rollup::day_number;
use super::super::sql::{Arg, Int, Sql};
use super::{DEEDS, date, deeds, delete, mergers, overlaps, values};
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
    let family = Family::read(tx, label).await?;
    let before = first_uses(tx, &family.labels).await?;
    let done = rows(tx, &[label], first, last).await?;
    note_uses(tx, label, &done).await?;
    let uses = first_uses(tx, &family.labels).await?;
    for bucket in Bucket::ALL {
        let stretches: BTreeSet<_> = days.iter().map(|day| bucket.around(*day)).collect();
        for stretch in stretches.into_iter().filter(|(first, _)| known(first)) {
            count_stretch(tx, &family, bucket, stretch).await?;
        }
    }
    let mut weeks: BTreeSet<Week> = days.iter().map(|day| Week::of(*day)).collect();
    if let Some(earliest) = earlier(&before, &uses, &family) {
        // Somebody began earlier than was known, and is of another cohort in every week since.
        weeks.extend(weeks_since(tx, &family.labels, earliest).await?);
    }
    for week in weeks.into_iter().filter(|week| known(&week.first())) {
        count_cohorts(tx, &family, week, &uses).await?;
    }
    Ok(())
}

/// The clinics that are one with a clinic at any time, and who is one person with whom, by where it was noted.
pub(super) struct Family {
    mergers: Mergers<i64>,
    pub(super) labels: Vec<i64>,
    pairs: Vec<(i64, Person, Person)>,
}

impl Family {
    async fn read(tx: &mut Tx, label: i64) -> Result<Self, StoreError> {
        let mergers = mergers::read(tx).await?;
        let labels: Vec<i64> = mergers.family(&label).into_iter().collect();
        let mut sql = Sql::new(
            "select clinic_label, actor_ref, same_ref from same_actors where clinic_label in (",
        );
        sql.bind_all(labels.iter().copied()).push(")");
        let rows: Vec<(Int, Vec<u8>, Vec<u8>)> = tx.all(sql).await?;
        let pair = |(label, one, other): &(Int, Vec<u8>, Vec<u8>)| {
            Some((label.0, Person::of(one)?, Person::of(other)?))
        };
        Ok(Self { mergers, labels, pairs: rows.iter().filter_map(pair).collect() })
    }

    /// The clinic that has the figures of a clinic on a day.
    pub(super) fn owner(&self, label: i64, day: Date) -> i64 {
        *self.mergers.owner(&label, day)
    }

    /// The clinics whose figures a clinic has on any day of a stretch.
    pub(super) fn parts(&self, clinic: i64, stretch: (Date, Date)) -> BTreeSet<i64> {
        let pieces = self.mergers.pieces(&clinic, stretch).into_iter();
        let own = pieces.filter(|(from, _)| self.owner(clinic, *from) == clinic);
        own.flat_map(|(from, _)| self.mergers.parts(&clinic, from)).collect()
    }

    /// The clinics that are one with a clinic on a day.
    fn with(&self, clinic: i64, day: Date) -> BTreeSet<i64> {
        self.mergers.parts(&self.owner(clinic, day), day).into_iter().collect()
    }

    /// Who is one person with whom, as far as it was noted at some clinics.
    pub(super) fn same(&self, parts: &BTreeSet<i64>) -> SamePeople {
        let noted = self.pairs.iter().filter(|(label, ..)| parts.contains(label));
        SamePeople::of(noted.map(|(_, one, other)| (*one, *other)))
    }
}

/// Counts who was active in a week, by where and when they began. Somebody belongs to the clinic at which they began,
/// and is looked for wherever its days are counted since: so what comes with a merger is nobody new, and of those who
/// began never more come back than they were.
async fn count_cohorts(
    tx: &mut Tx,
    family: &Family,
    week: Week,
    uses: &BTreeMap<(i64, Person), Date>,
) -> Result<(), StoreError> {
    let of_week = rows(tx, &family.labels, week.first(), week.last()).await?;
    let number = day_number(week.first());
    for clinic in family.labels.iter().copied() {
        let same = family.same(&family.with(clinic, week.last()));
        let here = of_week
            .iter()
            .filter(|(label, day, _)| family.owner(*label, *day) == family.owner(clinic, *day));
        let here: Vec<PersonDay> = here.map(|(.., row)| *row).collect();
        let started = cohort::of_week(active(&here, &same), &began(clinic, family, uses, &same));
        let head = "delete from cohort_counts where clinic_label = ";
        delete(tx, head, &[("", clinic), (" and week = ", number)]).await?;
        let row = |(started, staff): (Week, u64)| {
            [day_number(started.first()), number, clinic, staff.cast_signed()].map(Arg::from).into()
        };
        bulk::insert(tx, &COHORT_COUNTS, started.into_iter().map(row).collect()).await?;
    }
    Ok(())
}

/// Who began at a clinic, and on which day. Whoever was at a clinic that was already part of it then is nobody new.
fn began(
    clinic: i64,
    family: &Family,
    uses: &BTreeMap<(i64, Person), Date>,
    same: &SamePeople,
) -> BTreeMap<Person, Date> {
    let mut began: BTreeMap<Person, Date> = BTreeMap::new();
    for ((label, reference), day) in uses {
        if family.owner(*label, *day) == clinic {
            let first = began.entry(same.person(*reference)).or_insert(*day);
            *first = (*first).min(*day);
        }
    }
    if family.labels.len() > 1 {
        for ((label, reference), day) in uses {
            let person = same.person(*reference);
            let was_there = |first: &Date| day < first && family.owner(*label, *first) == clinic;
            if began.get(&person).is_some_and(was_there) {
                began.remove(&person);
            }
        }
    }
    began
}

/// Counts a stretch of every clinic of a family: of the days that each has in it.
async fn count_stretch(
    tx: &mut Tx,
    family: &Family,
    bucket: Bucket,
    (first, last): (Date, Date),
) -> Result<(), StoreError> {
    let mut owned: BTreeMap<i64, Vec<PersonDay>> = BTreeMap::new();
    for (label, day, row) in rows(tx, &family.labels, first, last).await? {
        owned.entry(family.owner(label, day)).or_default().push(row);
    }
    let (span, number) = (bucket.number(), day_number(first));
    if bucket == Bucket::Week {
        overlaps::count_week(tx, family, (first, last), &owned).await?;
    }
    for clinic in family.labels.iter().copied() {
        let here = owned.remove(&clinic).unwrap_or_default();
        let counted = count(&here, &family.same(&family.parts(clinic, (first, last))));
        delete(
            tx,
            "delete from task_counts where clinic_label = ",
            &[("", clinic), (" and span = ", span), (" and bucket = ", number)],
        )
        .await?;
        let row = |(task, counts): (Option<Task>, crate::domain::adoption::Counts)| {
            let task = task.map_or(0, Task::number);
            let key = [span, task, number, clinic, counts.staff.cast_signed()].map(Arg::from);
            let unknown = Arg::from(counts.unknown_calls.cast_signed());
            key.into_iter().chain(values(&counts.deeds)).chain([unknown]).collect()
        };
        bulk::insert(tx, &TASK_COUNTS, counted.into_iter().map(row).collect()).await?;
    }
    Ok(())
}

/// A row as it is read: clinic, day, task, actor, deeds.
type Row = (Int, Int, Int, Vec<u8>, Int, Int, Int, Int, Int, Int, Int);

/// Clinic, day, and what was done on it.
type DayRow = (i64, Date, PersonDay);

async fn rows(
    tx: &mut Tx,
    labels: &[i64],
    first: Date,
    last: Date,
) -> Result<Vec<DayRow>, StoreError> {
    let mut sql = Sql::new("select clinic_label, day, task, actor_ref");
    for column in DEEDS {
        sql.push(", ").push(column);
    }
    sql.push(" from daily_tasks where clinic_label in (").bind_all(labels.iter().copied());
    sql.push(") and day >= ").bind(day_number(first)).push(" and day <= ").bind(day_number(last));
    let rows: Vec<Row> = tx.all(sql).await?;
    let unknown = |column| StoreError::UnknownValue { table: "daily_tasks", column };
    let row = |(label, day, task, actor, a, b, c, d, e, f, g): Row| {
        let person = match &actor[..] {
            [] => None,
            bytes => Some(Person::of(bytes).ok_or_else(|| unknown("actor_ref"))?),
        };
        let task = Task::of_number(task.0).ok_or_else(|| unknown("task"))?;
        let day = date(day.0).ok_or_else(|| unknown("day"))?;
        Ok((label.0, day, PersonDay { task, person, deeds: deeds([a, b, c, d, e, f, g]) }))
    };
    rows.into_iter().map(row).collect()
}

/// The day on which each reference was used first at some clinics.
async fn first_uses(
    tx: &mut Tx,
    labels: &[i64],
) -> Result<BTreeMap<(i64, Person), Date>, StoreError> {
    let mut sql = Sql::new(
        "select clinic_label, actor_ref, first_day from first_uses where clinic_label in (",
    );
    sql.bind_all(labels.iter().copied()).push(")");
    let rows: Vec<(Int, Vec<u8>, Int)> = tx.all(sql).await?;
    let used = |(label, actor, day): (Int, Vec<u8>, Int)| {
        Some(((label.0, Person::of(&actor)?), date(day.0)?))
    };
    Ok(rows.into_iter().filter_map(used).collect())
}

async fn note_uses(tx: &mut Tx, label: i64, rows: &[DayRow]) -> Result<(), StoreError> {
    let mut uses: BTreeMap<Person, (Date, Date)> = BTreeMap::new();
    for (_, day, row) in rows.iter().filter(|(.., row)| row.deeds.done > 0) {
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
    before: &BTreeMap<(i64, Person), Date>,
    now: &BTreeMap<(i64, Person), Date>,
    family: &Family,
) -> Option<Date> {
    let paired = family.same(&family.labels.iter().copied().collect());
    let moved = now.iter().filter(|(used, day)| match before.get(used) {
        // Where clinics became one, a few days may make it another clinic's.
        Some(known) if family.labels.len() > 1 => *day != known,
        Some(known) => Week::of(**day) != Week::of(*known),
        None => paired.joins(used.1),
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
