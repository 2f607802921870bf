//! Events over their limit.
//!
//! Owns their removal: rows from the oldest on in SQLite, whole days in PostgreSQL.

use super::super::days::day_of;
use super::super::error::StoreError;
use super::super::place;
use super::super::sql::{Int, Sql};
use super::rewrite::Emptied;
use super::{PIECE, Piece, Purge};
use crate::domain::time::Timestamp;

impl Purge {
    pub(super) async fn events(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        if self.store.pools.is_sqlite() {
            self.delete_rows(now).await
        } else {
            self.drop_day(now).await
        }
    }

    /// Deletes the oldest rows. Always from the oldest on: see [`place::place`].
    async fn delete_rows(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let end = place::first_key(self.cutoff);
        let mut sql = Sql::new("delete from exchanges where key < ");
        sql.bind(end).push(" and key <= coalesce((select key from exchanges where key < ");
        sql.bind(end).push(" order by key limit 1 offset ").bind(PIECE - 1);
        sql.push("), ").bind(end).push(")");
        let mut tx = self.begin().await?;
        let rows = tx.execute(sql).await?;
        let last = rows < PIECE.cast_unsigned();
        self.commit(tx, Piece { rows, bytes: 0, last }, now).await
    }

    /// Forgets when nothing that is kept was recorded. The ledger counts calls, and these are none.
    pub(super) async fn recordings(&self) -> Result<(), StoreError> {
        for delete in
            ["delete from recording where until < ", "delete from recording_gaps where until < "]
        {
            let mut sql = Sql::new(delete);
            sql.bind(self.cutoff.micros());
            self.store.pools.execute(sql).await?;
        }
        Ok(())
    }

    async fn drop_day(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let first = self.store.days().await?.into_iter().next();
        let mut tx = self.begin().await?;
        let Some(day) = first.filter(|day| *day < day_of(self.cutoff)) else {
            let mut sql = Sql::new("delete from exchanges_odd where key < ");
            sql.bind(place::first_key(self.cutoff));
            let rows = tx.execute(sql).await?;
            return self
                .rewriting(tx, Emptied::ODD, Piece { rows, bytes: 0, last: true }, now)
                .await;
        };
        let mut sql = Sql::new("select events, bytes from drop_day(cast(");
        sql.bind(day).push(" as integer))");
        // Nothing where another instance was faster.
        let gone: Vec<(Option<Int>, Option<Int>)> = tx.all(sql).await?;
        let (rows, bytes) = gone.into_iter().next().unwrap_or_default();
        let count = |number: Option<Int>| number.map_or(0, |n| n.0.cast_unsigned());
        let piece = Piece { rows: count(rows), bytes: count(bytes), last: false };
        let piece = self.commit(tx, piece, now).await?;
        self.store.days.forget(day);
        Ok(piece)
    }
}
