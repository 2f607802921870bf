//! When each instance was recording, from the marks in its journal.
//!
//! Owns the tables `recording` and `recording_gaps`. Marks may come again: each changes the same row in
//! the same way.

use super::super::Store;
use super::super::error::StoreError;
use super::super::sql::{Int, Sql};
use crate::domain::mark::{Mark, MarkKind};
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

/// A stretch of time in which an instance was recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedSpan {
    /// Which.
    pub instance: InstanceId,
    /// The start mark.
    pub began: Timestamp,
    /// The stop mark, or the last sign of life, which comes once a minute.
    pub until: Timestamp,
    /// Whether it stopped in order; else it still runs, or it was killed.
    pub stopped: bool,
}

/// Events that are known to be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingGap {
    /// Whose.
    pub instance: InstanceId,
    /// When the first was lost.
    pub began: Timestamp,
    /// When the disk took events again.
    pub until: Timestamp,
    /// How many.
    pub lost: u64,
}

fn statement(mark: &Mark) -> Sql {
    let (instance, ts) = (mark.instance.as_str(), mark.ts.micros());
    match mark.kind {
        MarkKind::Start => {
            let mut sql =
                Sql::new("insert into recording (instance, began, until, stopped) values (");
            sql.bind(instance).push(", ").bind(ts).push(", ").bind(ts);
            sql.push(", 0) on conflict (instance, began) do nothing");
            sql
        }
        MarkKind::Alive | MarkKind::Stop => {
            let mut sql = Sql::new("update recording set until = ");
            sql.bind(ts);
            sql.push(if mark.kind == MarkKind::Stop { ", stopped = 1" } else { "" });
            sql.push(" where until <= ").bind(ts).push(" and instance = ").bind(instance);
            sql.push(" and began = (select max(began) from recording where instance = ");
            sql.bind(instance).push(" and began <= ").bind(ts).push(")");
            sql
        }
        MarkKind::Gap => {
            let since = mark.since.unwrap_or(mark.ts).micros();
            let lost = i64::try_from(mark.lost.unwrap_or_default()).unwrap_or(i64::MAX);
            let mut sql =
                Sql::new("insert into recording_gaps (instance, began, until, lost) values (");
            sql.bind(instance).push(", ").bind(since).push(", ").bind(ts).push(", ").bind(lost);
            sql.push(") on conflict (instance, began) do nothing");
            sql
        }
    }
}

fn instance(text: &str, table: &'static str) -> Result<InstanceId, StoreError> {
    InstanceId::parse(text).map_err(|_| StoreError::UnknownValue { table, column: "instance" })
}

impl Store {
    /// Takes in marks, in their order, in one transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; then nothing is written.
    pub async fn note_marks(&self, marks: &[Mark]) -> Result<(), StoreError> {
        if marks.is_empty() {
            return Ok(());
        }
        let mut tx = self.pools.begin().await?;
        for mark in marks {
            tx.execute(statement(mark)).await?;
        }
        tx.commit().await
    }

    /// When which instance was recording, of the time from `from` to `to`, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn recorded_spans(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<RecordedSpan>, StoreError> {
        let mut sql =
            Sql::new("select instance, began, until, stopped from recording where until >= ");
        sql.bind(from.micros()).push(" and began <= ").bind(to.micros());
        sql.push(" order by began, instance");
        let span = |(name, began, until, stopped): (String, Int, Int, Int)| {
            Ok(RecordedSpan {
                instance: instance(&name, "recording")?,
                began: Timestamp::from_micros(began.0),
                until: Timestamp::from_micros(until.0),
                stopped: stopped.0 != 0,
            })
        };
        self.pools.all(sql).await?.into_iter().map(span).collect()
    }

    /// Which events are known to be missing, of the time from `from` to `to`, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn recording_gaps(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<RecordingGap>, StoreError> {
        let mut sql =
            Sql::new("select instance, began, until, lost from recording_gaps where until >= ");
        sql.bind(from.micros()).push(" and began <= ").bind(to.micros());
        sql.push(" order by began, instance");
        let gap = |(name, began, until, lost): (String, Int, Int, Int)| {
            Ok(RecordingGap {
                instance: instance(&name, "recording_gaps")?,
                began: Timestamp::from_micros(began.0),
                until: Timestamp::from_micros(until.0),
                lost: lost.0.cast_unsigned(),
            })
        };
        self.pools.all(sql).await?.into_iter().map(gap).collect()
    }
}
