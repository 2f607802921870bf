//! What was purged, when, by which process.
//!
//! Owns the table `purge_ledger`. Lines of rows are written in the transaction that removes them.

use super::super::Store;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::sql::{Int, Sql};
use super::{Piece, Purge};
use crate::domain::names::InstanceId;
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;

/// One run over one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// What was purged.
    pub class: Class,
    /// Which process did it.
    pub instance: InstanceId,
    /// What was older than this went.
    pub cutoff: Timestamp,
    /// Rows that went; of references, rows in which they were cleared; of the journal, segments.
    pub rows: u64,
    /// Bytes that went back to the file system, where that is known.
    pub bytes: u64,
    /// When the run began.
    pub started: Timestamp,
    /// When its last piece was done.
    pub ended: Timestamp,
}

/// Adds a piece to the run's line, and gives the line's number.
pub(super) async fn count(
    tx: &mut Tx,
    purge: &Purge,
    piece: Piece,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (rows, bytes) = (piece.rows.cast_signed(), piece.bytes.cast_signed());
    if let Some(line) = purge.line {
        let mut sql = Sql::new("update purge_ledger set rows_removed = rows_removed + ");
        sql.bind(rows).push(", bytes_returned = bytes_returned + ").bind(bytes);
        sql.push(", ended_at = ").bind(now.micros()).push(" where id = ").bind(line);
        tx.execute(sql).await?;
        return Ok(line);
    }
    let line = LedgerLine {
        class: purge.class,
        instance: purge.instance.clone(),
        cutoff: purge.cutoff,
        rows: piece.rows,
        bytes: piece.bytes,
        started: purge.began,
        ended: now,
    };
    let ids: Vec<(Int,)> = tx.all(insert(&line)).await?;
    Ok(ids.first().map_or(0, |(id,)| id.0))
}

fn insert(line: &LedgerLine) -> Sql {
    let mut sql = Sql::new(
        "insert into purge_ledger \
         (class, instance, cutoff, rows_removed, bytes_returned, started_at, ended_at) values (",
    );
    sql.bind(line.class.as_str()).push(", ").bind(line.instance.as_str()).push(", ");
    let numbers = [
        line.cutoff.micros(),
        line.rows.cast_signed(),
        line.bytes.cast_signed(),
        line.started.micros(),
        line.ended.micros(),
    ];
    sql.bind_all(numbers).push(") returning id");
    sql
}

type Row = (String, String, Int, Int, Int, Int, Int);

impl Store {
    /// Adds a line about what is not in the store: segments of the journal, the audit, the file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn note_purge(&self, line: &LedgerLine) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.all::<(Int,)>(insert(line)).await?;
        tx.commit().await
    }

    /// The newest lines of the ledger, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn purge_ledger(&self, most: u32) -> Result<Vec<LedgerLine>, StoreError> {
        let mut sql = Sql::new(
            "select class, instance, cutoff, rows_removed, bytes_returned, started_at, ended_at \
             from purge_ledger order by id desc limit ",
        );
        sql.bind(i64::from(most));
        let unknown = |column| StoreError::UnknownValue { table: "purge_ledger", column };
        let line = |(class, instance, cutoff, rows, bytes, started, ended): Row| {
            let time = |micros: Int| Timestamp::from_micros(micros.0);
            Ok(LedgerLine {
                class: Class::parse(&class).ok_or_else(|| unknown("class"))?,
                instance: InstanceId::parse(&instance).map_err(|_| unknown("instance"))?,
                cutoff: time(cutoff),
                rows: rows.0.cast_unsigned(),
                bytes: bytes.0.cast_unsigned(),
                started: time(started),
                ended: time(ended),
            })
        };
        self.pools.all(sql).await?.into_iter().map(line).collect()
    }
}

impl Purge {
    /// The ledger's own old lines go with the audit.
    pub(super) async fn old_ledger(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let mut sql = Sql::new("delete from purge_ledger where ended_at < ");
        sql.bind(self.cutoff.micros());
        let mut tx = self.begin().await?;
        let rows = tx.execute(sql).await?;
        self.commit(tx, Piece { rows, bytes: 0, last: true }, now).await
    }
}
