//! How many people are behind kinds of tasks in a month, put together by the database.
//!
//! Owns that question. It is asked of every clinic for every page, only to know which kinds so few did that they are not
//! told apart: a row a clinic and month, where the counts themselves would be one for each kind.

use jiff::civil::Date;

use super::super::Store;
use super::super::error::StoreError;
use super::super::rollup::day_number;
use super::super::sql::{Int, Sql};
use super::date;
use crate::domain::adoption::{Bucket, Task};
use crate::domain::names::ClinicId;

/// The kinds of tasks that a clinic did in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindsOfMonth {
    /// The clinic.
    pub clinic: ClinicId,
    /// The first day of the month.
    pub first: Date,
    /// Those that somebody did or tried, but fewer than the limit.
    pub few: Vec<Task>,
    /// Of the others the one that the fewest did, the first by number, and how many those are.
    pub enough: Option<(Task, u64)>,
}

impl Store {
    /// The kinds of each month that begins between two days, at every clinic; `least` are not few any more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn kinds_of_months(
        &self,
        (from, to): (Date, Date),
        least: u64,
    ) -> Result<Vec<KindsOfMonth>, StoreError> {
        let least = least.cast_signed();
        let mut sql =
            Sql::new("select bucket, clinic_label, cast(sum(case when people between 1 and ");
        // A bit for each kind that few did; people and kind in one number, of which the least is wanted.
        sql.bind(least - 1)
            .push(" then 1 << task else 0 end) as bigint), min(case when people >= ");
        sql.bind(least)
            .push(" then people * 16 + task end) from (select bucket, +clinic_label as clinic_label, task,");
        // The plus keeps SQLite from walking along the clinics, which is eight times as long as along the key.
        // Somebody was there where something was tried and nothing came of it.
        sql.push(
            " case when staff > 0 then staff when done + failed > 0 then 1 else 0 end as people",
        );
        sql.push(" from task_counts where span = ").bind(Bucket::Month.number());
        sql.push(" and task in (").bind_all(Task::ALL.iter().map(|task| task.number()));
        sql.push(") and bucket >= ").bind(day_number(from));
        sql.push(" and bucket <= ").bind(day_number(to));
        sql.push(") kinds group by bucket, clinic_label");
        let rows: Vec<(Int, Int, Int, Option<Int>)> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().map(|row| row.1.0)).await?;
        let unknown = |column| StoreError::UnknownValue { table: "task_counts", column };
        let row = |(bucket, label, few, enough): (Int, Int, Int, Option<Int>)| {
            let clinic = self.labels.text(label.0).and_then(|text| ClinicId::parse(&text).ok());
            let is_few = |task: &Task| (few.0 >> task.number()) & 1 == 1;
            let enough = enough.map(|both| {
                let task = Task::of_number(both.0 % 16).ok_or_else(|| unknown("task"))?;
                Ok::<_, StoreError>((task, (both.0 / 16).cast_unsigned()))
            });
            Ok(KindsOfMonth {
                clinic: clinic.ok_or_else(|| unknown("clinic_label"))?,
                first: date(bucket.0).ok_or_else(|| unknown("bucket"))?,
                few: Task::ALL.iter().copied().filter(is_few).collect(),
                enough: enough.transpose()?,
            })
        };
        rows.into_iter().map(row).collect()
    }
}
