//! What staff did, counted by day, week and month: the figures of the adoption report.
//!
//! Owns the tables of migration 0020. Indexing events only notes which days they lie in; a day is counted
//! from its events, whole, so that late events, imports and several instances come to the same figures
//! as if everything had come in order. What is counted holds no reference and stays when events and
//! references go; a day whose events are no longer whole is never counted again.
//!
//! | file | what |
//! | --- | --- |
//! | [`day`] | a day's events become rows of what each person did |
//! | [`recount`] | rows become counts, people once however many keys |
//! | [`kinds`] | which kinds of tasks so few did that they are not told |
//! | [`mergers`] | which clinic has the counts of one that became part of it |
//! | [`overlaps`] | who is counted at more than one clinic in the week of a merger |
//! | [`same`] | which references stand for one person, for an export |
//! | [`read`] | the counts, for pages and programs |

mod day;
mod kinds;
mod mergers;
mod overlaps;
mod read;
mod recount;
mod same;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Store;
use super::cells::Kind;
use super::connection::{Pools, Tx};
use super::error::StoreError;
use super::insert::bulk::{self, Conflict, Table};
use super::retention::marks::Marks;
use super::rollup::day_number;
use super::sql::{Arg, Int, Sql};
use crate::domain::adoption::run::is_staff;
use crate::domain::adoption::{Firsts, Task};
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::event::Exchange;
use crate::domain::names::ClinicId;
use crate::domain::reference::Reference;
use crate::domain::registry::{Clinic, Registry};
use crate::domain::time::Timestamp;

pub use kinds::KindsOfMonth;
pub use read::{CountedTasks, CountsQuery, CountsRow, WeekStaff};

/// Days of one clinic that are counted in one transaction.
const MOST_DAYS: usize = 3;

/// Whether an event changes what is counted: staff at work, or signing in.
pub(super) fn counts(event: &Exchange) -> bool {
    let task = || Task::of(event.domain, event.operation.as_str(), event.mutation).is_some();
    is_staff(event.context) && (task() || event.operation.as_str() == TOKEN_OPERATION)
}

pub(super) const TASK_DAYS_DUE: Table = Table {
    name: "task_days_due",
    columns: &[("clinic_label", Kind::Int), ("day", Kind::Int), ("events", Kind::Int)],
    key: "(clinic_label, day)",
    // Not `do nothing`: the row must be locked, or a count that is under way would take it with it.
    conflict: Conflict::Update(
        "events = case when excluded.events > task_days_due.events then excluded.events \
         else task_days_due.events end",
    ),
};

/// The row that has a day counted from its events.
pub(super) fn due(clinic: i64, day: i64) -> Vec<Arg> {
    vec![clinic.into(), day.into(), 1.into()]
}

/// A day since 1970 as a date.
fn date(number: i64) -> Option<Date> {
    let days = jiff::Span::new().try_days(number).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days).ok()
}

/// Columns of deeds, in the order that rows name them.
const DEEDS: [&str; 7] = ["calls", "done", "empty", "first_time", "failed", "given_up", "changed"];

impl Store {
    /// Counts every day that is due at this moment, and says how many those were.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote a row; what was
    /// counted before stays.
    pub async fn count_tasks(&self, registry: &Registry) -> Result<u64, StoreError> {
        self.take_mergers(registry).await?;
        let sql =
            Sql::new("select clinic_label, day from task_days_due order by clinic_label, day");
        let rows: Vec<(Int, Int)> = self.pools.all(sql).await?;
        let mut due: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (clinic, day) in &rows {
            due.entry(clinic.0).or_default().push(day.0);
        }
        self.labels.prepare(&self.pools, due.keys().copied()).await?;
        for (label, days) in due {
            let id = self.labels.text(label).and_then(|text| ClinicId::parse(&text).ok());
            let clinic = id.and_then(|id| registry.clinic(&id));
            for days in days.chunks(MOST_DAYS) {
                self.count_days(label, clinic, days).await?;
            }
        }
        Ok(rows.len() as u64)
    }

    /// How many days between two, both included, wait to be counted, by the clinic that has their counts.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn task_days_due(
        &self,
        from: Date,
        to: Date,
    ) -> Result<BTreeMap<ClinicId, u64>, StoreError> {
        let mergers = self.mergers().await?;
        // By the day only where that makes a difference: there may be years of them.
        let mut sql = Sql::new("select clinic_label, ");
        sql.push(if mergers.is_empty() { "0" } else { "day" });
        sql.push(", count(*) from task_days_due where events = 1 and day >= ");
        sql.bind(day_number(from)).push(" and day <= ").bind(day_number(to));
        sql.push(" group by clinic_label");
        if !mergers.is_empty() {
            sql.push(", day");
        }
        let rows: Vec<(Int, Int, Int)> = self.pools.all(sql).await?;
        let mut due: BTreeMap<i64, u64> = BTreeMap::new();
        for (label, day, days) in rows {
            let owner = date(day.0).map_or(label.0, |day| *mergers.owner(&label.0, day));
            *due.entry(owner).or_default() += days.0.cast_unsigned();
        }
        self.labels.prepare(&self.pools, due.keys().copied()).await?;
        let named = |(label, days): (i64, u64)| {
            Some((ClinicId::parse(&self.labels.text(label)?).ok()?, days))
        };
        Ok(due.into_iter().filter_map(named).collect())
    }

    async fn count_days(
        &self,
        label: i64,
        clinic: Option<&Clinic>,
        days: &[i64],
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        lock(&self.pools, &mut tx).await?;
        let mut sql = Sql::new("delete from task_days_due where clinic_label = ");
        sql.bind(label).push(" and day in (").bind_all(days.iter().copied());
        sql.push(") returning day, events");
        let due: Vec<(Int, Int)> = tx.all(sql).await?;
        // Of a clinic that is registered no more nobody knows the calendar; its figures stay.
        if let Some(clinic) = clinic {
            let mut counted = BTreeSet::new();
            let mut firsts = Firsts::default();
            for (day, events) in due {
                let Some(date) = date(day.0) else { continue };
                counted.insert(date);
                if events.0 == 1
                    && !self.count_day(&mut tx, label, clinic, date, &mut firsts).await?
                {
                    counted.remove(&date);
                }
            }
            let people_from = Marks::read(&mut tx).await?.people_from();
            recount::recount(&mut tx, label, counted, people_from).await?;
            read::note_firsts(&mut tx, label, &firsts).await?;
        }
        tx.commit().await
    }

    /// Notes pairs of references, under two keys, that stand for one person of a clinic. What was counted
    /// is counted again where it concerns them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn note_same_actors(
        &self,
        pairs: &[(ClinicId, Reference, Reference)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let mut tx = self.pools.begin().await?;
        let mergers = mergers::read(&mut tx).await?;
        let ids =
            self.labels.ensure(&mut tx, pairs.iter().map(|pair| pair.0.as_str()).collect()).await?;
        let mut rows = BTreeSet::new();
        for (clinic, one, other) in pairs {
            let (one, other) = (one.digest(), other.digest());
            rows.insert((ids.of(clinic.as_str())?, *one.min(other), *one.max(other)));
        }
        let noted = day_number(jiff::tz::TimeZone::UTC.to_datetime(at.to_jiff()).date());
        for (clinic, one, other) in rows {
            let mut sql = Sql::new(
                "insert into same_actors (clinic_label, actor_ref, same_ref, noted_day) values (",
            );
            sql.bind(clinic).push(", ").bind(&one[..]).push(", ").bind(&other[..]);
            sql.push(", ").bind(noted).push(") on conflict do nothing");
            if tx.execute(sql).await? == 0 {
                continue;
            }
            // A reference may be one of a clinic that became part of this one.
            let mut sql = Sql::new(
                "select distinct clinic_label, day from daily_tasks where clinic_label in (",
            );
            sql.bind_all(mergers.family(&clinic)).push(") and actor_ref in (");
            sql.bind(&one[..]).push(", ").bind(&other[..]).push(")");
            let days: Vec<(Int, Int)> = tx.all(sql).await?;
            let due = days.into_iter().map(|(of, day)| vec![of.0.into(), day.0.into(), 0.into()]);
            bulk::insert(&mut tx, &TASK_DAYS_DUE, due.collect()).await?;
        }
        tx.commit().await?;
        self.labels.committed(ids);
        Ok(())
    }
}

/// One count at a time: a week is made of days that another might be counting.
async fn lock(pools: &Pools, tx: &mut Tx) -> Result<(), StoreError> {
    if !pools.is_sqlite() {
        let lock = "select pg_advisory_xact_lock(hashtext('accuscope.tasks'))";
        tx.execute(Sql::new(lock)).await?;
    }
    Ok(())
}

/// The values of a row's deeds, in the order of [`DEEDS`].
fn values(deeds: &crate::domain::adoption::Deeds) -> [Arg; 7] {
    let of = |number: u64| Arg::from(number.cast_signed());
    [
        of(deeds.calls),
        of(deeds.done),
        of(deeds.empty),
        of(deeds.first_time),
        of(deeds.failed),
        of(deeds.given_up),
        of(deeds.changed),
    ]
}

/// The reverse of [`values`].
fn deeds(row: [Int; 7]) -> crate::domain::adoption::Deeds {
    let [calls, done, empty, first_time, failed, given_up, changed] =
        row.map(|number| number.0.cast_unsigned());
    crate::domain::adoption::Deeds { calls, done, empty, first_time, failed, given_up, changed }
}

/// Removes rows by two or three of a table's columns.
async fn delete(
    tx: &mut Tx,
    head: &'static str,
    conditions: &[(&'static str, i64)],
) -> Result<(), StoreError> {
    let mut sql = Sql::new(head);
    for (condition, value) in conditions {
        sql.push(condition).bind(*value);
    }
    tx.execute(sql).await.map(drop)
}
