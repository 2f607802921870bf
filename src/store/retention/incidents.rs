//! Incidents that were closed long ago, with their course.

use super::super::error::StoreError;
use super::super::sql::Sql;
use super::{PIECE, Piece, Purge};
use crate::domain::time::Timestamp;

impl Purge {
    pub(super) async fn incidents(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let cutoff = self.cutoff.micros();
        let mut tx = self.begin().await?;
        let mut old = Sql::new("(select number from incidents where closed_at < ");
        old.bind(cutoff).push(" order by closed_at, number limit ").bind(PIECE).push(")");
        let mut updates = Sql::new("delete from incident_updates where number in ");
        updates.append(&old);
        tx.execute(updates).await?;
        let mut incidents = Sql::new("delete from incidents where number in ");
        incidents.append(&old);
        let rows = tx.execute(incidents).await?;
        let last = rows < PIECE.cast_unsigned();
        self.commit(tx, Piece { rows, bytes: 0, last }, now).await
    }
}
