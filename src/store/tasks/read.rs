//! The counts, for pages and programs.
//!
//! Owns the questions that are asked of them, each along one index, and the days on which a clinic did
//! something for the first time.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::Store;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::rollup::day_number;
use super::super::sql::{Arg, Int, Sql};
use super::{DEEDS, date, deeds};
use crate::domain::adoption::{Bucket, Counts, Firsts, Task, Week};
use crate::domain::names::ClinicId;

/// Which tasks to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedTasks {
    /// All of them together.
    Together,
    /// Each by itself.
    Each,
    /// Together, and each by itself.
    Both,
}

/// Which counts.
#[derive(Clone, Debug)]
pub struct CountsQuery {
    /// Of days, weeks or months.
    pub bucket: Bucket,
    /// Those that begin on this day or later.
    pub from: Date,
    /// Those that begin on this day or earlier.
    pub to: Date,
    /// Only this clinic.
    pub clinic: Option<ClinicId>,
    /// Which tasks.
    pub tasks: CountedTasks,
}

/// The counts of one clinic and stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountsRow {
    /// The clinic.
    pub clinic: ClinicId,
    /// The first day of the stretch.
    pub first: Date,
    /// The task; `None` for all together.
    pub task: Option<Task>,
    /// The counts.
    pub counts: Counts,
}

/// How many staff of a clinic, in or since a week.
pub type WeekStaff = (ClinicId, Week, u64);

/// A first day that becomes known little by little.
pub(super) trait Earliest {
    /// Takes a day that is earlier than what was known.
    fn note(&mut self, day: Date);
}

impl Earliest for Option<Date> {
    fn note(&mut self, day: Date) {
        *self = Some(self.map_or(day, |known| known.min(day)));
    }
}

/// Bucket, clinic, task, staff, deeds, calls of nobody.
type Row = (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int);

type FirstsRow =
    (Int, Option<Int>, Option<Int>, Option<Int>, Option<Int>, Option<Int>, Option<Int>);

const FIRSTS: &str = "select clinic_label, counted_from, signed_in, found, done, changed, last_done from clinic_firsts";

fn firsts((_, from, signed_in, found, done, changed, last): FirstsRow) -> Firsts {
    let day = |day: Option<Int>| day.and_then(|day| date(day.0));
    Firsts {
        counted_from: day(from),
        signed_in: day(signed_in),
        found: day(found),
        done: day(done),
        changed: day(changed),
        last_done: day(last),
    }
}

/// Joins what is known of a clinic with what was just counted.
pub(super) async fn note_firsts(tx: &mut Tx, label: i64, new: &Firsts) -> Result<(), StoreError> {
    let mut sql = Sql::new(FIRSTS);
    sql.push(" where clinic_label = ").bind(label);
    let rows: Vec<FirstsRow> = tx.all(sql).await?;
    let mut known = rows.into_iter().next().map(firsts).unwrap_or_default();
    let before = known;
    for (known, new) in [
        (&mut known.counted_from, new.counted_from),
        (&mut known.signed_in, new.signed_in),
        (&mut known.found, new.found),
        (&mut known.done, new.done),
        (&mut known.changed, new.changed),
    ] {
        if let Some(day) = new {
            known.note(day);
        }
    }
    known.last_done = known.last_done.max(new.last_done);
    if known == before {
        return Ok(());
    }
    super::delete(tx, "delete from clinic_firsts where clinic_label = ", &[("", label)]).await?;
    let mut sql = Sql::new(
        "insert into clinic_firsts (clinic_label, counted_from, signed_in, found, done, changed, last_done) \
         values (",
    );
    let days = [
        known.counted_from,
        known.signed_in,
        known.found,
        known.done,
        known.changed,
        known.last_done,
    ];
    sql.bind(label).push(", ").bind_all(days.map(|day| Arg::from(day.map(day_number)))).push(")");
    tx.execute(sql).await.map(drop)
}

impl Store {
    /// Counts, in the order of time; stretches in which nobody did anything have none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn task_counts(&self, query: &CountsQuery) -> Result<Vec<CountsRow>, StoreError> {
        let names = query.clinic.iter().map(ClinicId::as_str).collect();
        let ids = self.labels.find(&self.pools, names).await?;
        let mut sql = Sql::new("select bucket, clinic_label, task, staff");
        for column in DEEDS {
            sql.push(", ").push(column);
        }
        sql.push(", unknown_calls from task_counts where span = ").bind(query.bucket.number());
        // Each named, so that every one of them is a short walk along the key.
        let each = Task::ALL.iter().map(|task| task.number());
        let tasks: Vec<i64> = match query.tasks {
            CountedTasks::Together => vec![0],
            CountedTasks::Each => each.collect(),
            CountedTasks::Both => std::iter::once(0).chain(each).collect(),
        };
        sql.push(" and task in (").bind_all(tasks).push(")");
        sql.push(" and bucket >= ").bind(day_number(query.from));
        sql.push(" and bucket <= ").bind(day_number(query.to));
        if let Some(clinic) = &query.clinic {
            let Some(id) = ids.get(clinic.as_str()) else { return Ok(Vec::new()) };
            sql.push(" and clinic_label = ").bind(id);
        }
        let mut rows: Vec<Row> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().map(|row| row.1.0)).await?;
        rows.sort_by_key(|row| (row.0.0, row.1.0, row.2.0));
        let unknown = |column| StoreError::UnknownValue { table: "task_counts", column };
        let row = |(bucket, clinic, task, staff, a, b, c, d, e, f, g, nobody): Row| {
            let task = match task.0 {
                0 => None,
                number => Some(Task::of_number(number).ok_or_else(|| unknown("task"))?),
            };
            let clinic = self.labels.text(clinic.0).and_then(|text| ClinicId::parse(&text).ok());
            Ok(CountsRow {
                clinic: clinic.ok_or_else(|| unknown("clinic_label"))?,
                first: date(bucket.0).ok_or_else(|| unknown("bucket"))?,
                task,
                counts: Counts {
                    staff: staff.0.cast_unsigned(),
                    deeds: deeds([a, b, c, d, e, f, g]),
                    unknown_calls: nobody.0.cast_unsigned(),
                },
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// How many of those who started in one week were active in another, of every clinic or of one; both
    /// weeks lie between the two.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn cohorts(
        &self,
        from: Week,
        to: Week,
        clinic: Option<&ClinicId>,
    ) -> Result<BTreeMap<(Week, Week), u64>, StoreError> {
        let ids = self.labels.find(&self.pools, clinic.map(ClinicId::as_str).into_iter().collect());
        let ids = ids.await?;
        let (first, last) = (day_number(from.first()), day_number(to.first()));
        let mut sql =
            Sql::new("select started, week, cast(sum(staff) as bigint) from cohort_counts");
        sql.push(" where started >= ").bind(first).push(" and started <= ").bind(last);
        sql.push(" and week >= ").bind(first).push(" and week <= ").bind(last);
        if let Some(clinic) = clinic {
            let Some(id) = ids.get(clinic.as_str()) else { return Ok(BTreeMap::new()) };
            sql.push(" and clinic_label = ").bind(id);
        }
        sql.push(" group by started, week");
        let rows: Vec<(Int, Int, Int)> = self.pools.all(sql).await?;
        let week = |day: Int| date(day.0).map(Week::of);
        let cell = |(started, of, staff): (Int, Int, Int)| {
            Some(((week(started)?, week(of)?), staff.0.cast_unsigned()))
        };
        Ok(rows.into_iter().filter_map(cell).collect())
    }

    /// On how many days of a query each clinic was used; which tasks it asks for makes no difference.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn days_of_use(
        &self,
        query: &CountsQuery,
    ) -> Result<Vec<(ClinicId, u64)>, StoreError> {
        let CountsQuery { bucket, from, to, clinic, .. } = query;
        let names = clinic.iter().map(ClinicId::as_str).collect();
        let ids = self.labels.find(&self.pools, names).await?;
        let mut sql = Sql::new("select clinic_label, count(*) from task_counts where span = ");
        sql.bind(bucket.number()).push(" and task = 0 and staff > 0 and bucket >= ");
        sql.bind(day_number(*from)).push(" and bucket <= ").bind(day_number(*to));
        if let Some(clinic) = clinic {
            let Some(id) = ids.get(clinic.as_str()) else { return Ok(Vec::new()) };
            sql.push(" and clinic_label = ").bind(id);
        }
        sql.push(" group by clinic_label");
        let rows: Vec<(Int, Int)> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().map(|row| row.0.0)).await?;
        let row = |(label, days): (Int, Int)| {
            let clinic = ClinicId::parse(&self.labels.text(label.0)?).ok()?;
            Some((clinic, days.0.cast_unsigned()))
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// How many started at each clinic in each week between two, both included.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn cohort_sizes(
        &self,
        (from, to): (Week, Week),
    ) -> Result<Vec<WeekStaff>, StoreError> {
        let mut sql = Sql::new(
            "select clinic_label, started, staff from cohort_counts where week = started and started >= ",
        );
        sql.bind(day_number(from.first())).push(" and started <= ").bind(day_number(to.first()));
        let rows: Vec<(Int, Int, Int)> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().map(|row| row.0.0)).await?;
        let row = |(label, started, staff): (Int, Int, Int)| {
            let clinic = ClinicId::parse(&self.labels.text(label.0)?).ok()?;
            Some((clinic, Week::of(date(started.0)?), staff.0.cast_unsigned()))
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// The first days of every clinic that did something, with those of the clinics that were part of it on
    /// a day.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn clinic_firsts(
        &self,
        as_of: Date,
    ) -> Result<BTreeMap<ClinicId, Firsts>, StoreError> {
        let rows: Vec<FirstsRow> = self.pools.all(Sql::new(FIRSTS)).await?;
        let mut found = rows.into_iter().map(|row| (row.0.0, firsts(row))).collect();
        self.join_firsts(&mut found, as_of).await?;
        self.labels.prepare(&self.pools, found.keys().copied()).await?;
        let row = |(label, firsts): (i64, Firsts)| {
            let text = self.labels.text(label)?;
            Some((ClinicId::parse(&text).ok()?, firsts))
        };
        Ok(found.into_iter().filter_map(row).collect())
    }
}
