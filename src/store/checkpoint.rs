//! How far each instance's journal is indexed, and how fresh the store is.
//!
//! Owns the table `checkpoints`. A checkpoint is written with the rows that it vouches for, by
//! `Store::insert`, and nowhere else. Where it is not as this process left it, the database is another
//! than it was: made anew, or a copy of an earlier time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Store;
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::names::{InstanceId, SegmentName};
use crate::domain::time::Timestamp;

/// A position in an instance's journal: everything before it is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose journal.
    pub instance: InstanceId,
    /// Which segment.
    pub segment: SegmentName,
    /// Bytes from the segment's start.
    pub offset: u64,
}

/// How fresh the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// The newest event's time.
    pub newest: Option<Timestamp>,
    /// When an indexer last wrote, were it only its checkpoint.
    pub indexed_at: Option<Timestamp>,
}

/// What this process wrote last, for each instance that it indexes.
#[derive(Default)]
pub(super) struct Lately(Mutex<BTreeMap<InstanceId, Written>>);

/// Segment, offset and time of writing.
type Written = (String, i64, i64);

impl Lately {
    fn all(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Written>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what a committed transaction wrote.
    pub(super) fn committed(&self, checkpoint: &Checkpoint, at: Timestamp) {
        self.all().insert(checkpoint.instance.clone(), written(checkpoint, at));
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        self.all().clear();
    }

    /// Makes sure that the transaction goes on where the last one ended.
    pub(super) async fn holds(&self, tx: &mut Tx, instance: &InstanceId) -> Result<(), StoreError> {
        let Some(lately) = self.all().get(instance).cloned() else { return Ok(()) };
        let mut sql =
            Sql::new("select segment, \"offset\", indexed_at from checkpoints where instance = ");
        sql.bind(instance.as_str());
        let found: Vec<(String, Int, Int)> = tx.all(sql).await?;
        let found = found.into_iter().next().map(|(segment, offset, at)| (segment, offset.0, at.0));
        if found == Some(lately) { Ok(()) } else { Err(StoreError::Replaced) }
    }
}

fn written(checkpoint: &Checkpoint, at: Timestamp) -> Written {
    (checkpoint.segment.as_str().to_owned(), checkpoint.offset.cast_signed(), at.micros())
}

pub(super) async fn write(
    tx: &mut Tx,
    checkpoint: &Checkpoint,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut sql =
        Sql::new("insert into checkpoints (instance, segment, \"offset\", indexed_at) values (");
    sql.bind(checkpoint.instance.as_str()).push(", ");
    sql.bind(checkpoint.segment.as_str()).push(", ");
    sql.bind(checkpoint.offset.cast_signed()).push(", ");
    sql.bind(at.micros());
    sql.push(
        ") on conflict (instance) do update set segment = excluded.segment, \
         \"offset\" = excluded.\"offset\", indexed_at = excluded.indexed_at",
    );
    tx.execute(sql).await?;
    Ok(())
}

impl Store {
    /// How far an instance's journal is indexed; `None` if it never was.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn checkpoint(
        &self,
        instance: &InstanceId,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let mut sql = Sql::new("select segment, \"offset\" from checkpoints where instance = ");
        sql.bind(instance.as_str());
        let Some((segment, offset)) = self.pools.first::<(String, Int)>(sql).await? else {
            return Ok(None);
        };
        let segment = SegmentName::parse(&segment)
            .map_err(|_| StoreError::UnknownValue { table: "checkpoints", column: "segment" })?;
        let offset = offset.0.cast_unsigned();
        Ok(Some(Checkpoint { instance: instance.clone(), segment, offset }))
    }

    /// Every instance that recorded, and when its indexer last wrote; the latest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote a row.
    pub async fn instances(&self) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
        let sql = Sql::new("select instance, indexed_at from checkpoints order by indexed_at desc");
        let rows: Vec<(String, Int)> = self.pools.all(sql).await?;
        let unknown = |_| StoreError::UnknownValue { table: "checkpoints", column: "instance" };
        let one = |(instance, at): (String, Int)| {
            Ok((InstanceId::parse(&instance).map_err(unknown)?, Timestamp::from_micros(at.0)))
        };
        rows.into_iter().map(one).collect()
    }

    /// How fresh the store is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn freshness(&self) -> Result<Freshness, StoreError> {
        let sql = Sql::new(
            "select (select max(last_ts) from clinics_seen), \
             (select max(indexed_at) from checkpoints)",
        );
        let row = self.pools.first::<(Option<Int>, Option<Int>)>(sql).await?;
        let (newest, indexed_at) = row.unwrap_or_default();
        let time = |int: Option<Int>| int.map(|int| Timestamp::from_micros(int.0));
        Ok(Freshness { newest: time(newest), indexed_at: time(indexed_at) })
    }
}
