//! Sessions, sign-in links and API tokens that ended long ago.

use super::super::error::StoreError;
use super::super::sql::Sql;
use super::{Piece, Purge};
use crate::domain::time::Timestamp;

/// When a row of each table ended, in microseconds; null while it works.
pub(super) const ENDED: [(&str, &str); 3] = [
    ("sessions", "expires_at"),
    ("sign_in_links", "expires_at"),
    (
        "api_tokens",
        "case when revoked_at is null or expires_at < revoked_at then expires_at else revoked_at end",
    ),
];

impl Purge {
    pub(super) async fn access(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let mut tx = self.begin().await?;
        let mut rows = 0;
        for (table, ended) in ENDED {
            let mut sql = Sql::new("delete from ");
            sql.push(table).push(" where ").push(ended).push(" < ").bind(self.cutoff.micros());
            rows += tx.execute(sql).await?;
        }
        self.commit(tx, Piece { rows, bytes: 0, last: true }, now).await
    }
}
