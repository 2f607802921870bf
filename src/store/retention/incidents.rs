//! Incidents that were closed long ago, with their course and notes; alerts of that time.

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
        for part in [
            "delete from incident_updates where number in ",
            "delete from incident_notes where number in ",
            "delete from incident_posts where number in ",
        ] {
            let mut sql = Sql::new(part);
            sql.append(&old);
            tx.execute(sql).await?;
        }
        // An alert of which nothing was heard for so long does not fire any more.
        let mut alerts = Sql::new("delete from alerts where told_at < ");
        alerts.bind(cutoff);
        let told = tx.execute(alerts).await?;
        let mut incidents = Sql::new("delete from incidents where number in ");
        incidents.append(&old);
        let rows = tx.execute(incidents).await?;
        let last = rows < PIECE.cast_unsigned();
        self.commit(tx, Piece { rows: rows + told, bytes: 0, last }, now).await
    }
}
