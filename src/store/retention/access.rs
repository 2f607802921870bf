//! Rows with a time of their own, a few to a table: what people signed in with, and diagnoses.

use super::super::error::StoreError;
use super::super::sql::Sql;
use super::{Piece, Purge};
use crate::domain::time::Timestamp;

/// A table, and when a row of it ended, in microseconds; null while it works.
pub(super) type Ended = (&'static str, &'static str);

/// Diagnoses, and what hangs on them.
pub(super) const DIAGNOSES: [Ended; 3] =
    [("diagnoses", "asked_at"), ("diagnosis_feedback", "said_at"), ("diagnosis_watches", "since")];

/// What people and programs signed in with.
pub(super) const ENDED: [Ended; 5] = [
    ("sessions", "expires_at"),
    ("sign_in_links", "expires_at"),
    ("known_browsers", "expires_at"),
    // The newest stays, so that its number is not given again: it is the audit's name for the link.
    (
        "shares",
        "case when number = (select max(number) from shares) then null \
         when revoked_at < expires_at then revoked_at else expires_at end",
    ),
    (
        "api_tokens",
        "case when revoked_at is null or expires_at < revoked_at then expires_at else revoked_at end",
    ),
];

impl Purge {
    pub(super) async fn ended(
        &mut self,
        tables: &[Ended],
        now: Timestamp,
    ) -> Result<Piece, StoreError> {
        let mut tx = self.begin().await?;
        let mut rows = 0;
        for (table, ended) in tables {
            let mut sql = Sql::new("delete from ");
            sql.push(table).push(" where ").push(ended).push(" < ").bind(self.cutoff.micros());
            rows += tx.execute(sql).await?;
        }
        self.commit(tx, Piece { rows, bytes: 0, last: true }, now).await
    }
}
