//! Figures over their limit.
//!
//! Owns the removal of roll-ups, a stretch of one clinic at a time. A bucket goes once all of it is
//! over the limit.

use super::super::error::StoreError;
use super::super::rollup::Span;
use super::super::sql::{Int, Sql};
use super::{Piece, Purge};
use crate::domain::time::Timestamp;

/// Buckets of one piece: hours, days and weeks of a clinic.
const fn stretch(span: Span) -> i64 {
    match span {
        Span::Minute => 60,
        Span::Hour => 24,
        Span::Day => 7,
    }
}

/// The first bucket that stays.
pub(super) fn first_kept(span: Span, cutoff: Timestamp) -> i64 {
    cutoff.seconds().div_euclid(span.seconds())
}

impl Purge {
    pub(super) async fn figures(
        &mut self,
        span: Span,
        now: Timestamp,
    ) -> Result<Piece, StoreError> {
        let end = first_kept(span, self.cutoff);
        // The key begins with the clinic: its first row is its oldest bucket.
        let mut sql = Sql::new("select c.clinic_label, (select min(r.bucket) from ");
        sql.push(span.table());
        sql.push(" r where r.clinic_label = c.clinic_label) from clinics_seen c");
        let mut tx = self.begin().await?;
        let oldest: Vec<(Int, Option<Int>)> = tx.all(sql).await?;
        let due = oldest.into_iter().filter_map(|(clinic, bucket)| Some((clinic.0, bucket?.0)));
        let due = due.filter(|(_, bucket)| *bucket < end).min_by_key(|(_, bucket)| *bucket);
        let Some((clinic, bucket)) = due else {
            return self.commit(tx, Piece { last: true, ..Piece::default() }, now).await;
        };
        let mut sql = Sql::new("delete from ");
        sql.push(span.table()).push(" where clinic_label = ").bind(clinic);
        sql.push(" and bucket < ").bind((bucket + stretch(span)).min(end));
        let rows = tx.execute(sql).await?;
        self.commit(tx, Piece { rows, bytes: 0, last: false }, now).await
    }
}
