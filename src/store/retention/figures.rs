//! Figures over their limit.
//!
//! Owns the removal of roll-ups, a stretch of one clinic at a time, and of counts of tasks, which are few. A
//! bucket goes once all of it is over the limit, a week or month with its first day.

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

/// Counts of tasks and cohorts that go with the figures of days: how many are due, and their removal.
pub(super) const COUNTS: [(&str, &str); 3] = [
    (
        "select count(*) from task_counts where bucket < ",
        "delete from task_counts where clinic_label in (select clinic_label from clinics_seen) \
         and span in (1, 2, 3) and bucket < ",
    ),
    (
        "select count(*) from cohort_counts where week < ",
        "delete from cohort_counts where clinic_label in (select clinic_label from clinics_seen) and week < ",
    ),
    (
        "select count(*) from merger_overlaps where week < ",
        "delete from merger_overlaps where week < ",
    ),
];

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
            let mut rows = 0;
            for (_, delete) in COUNTS.iter().filter(|_| span == Span::Day) {
                let mut sql = Sql::new(delete);
                sql.bind(end);
                rows += tx.execute(sql).await?;
            }
            return self.commit(tx, Piece { rows, last: true, ..Piece::default() }, now).await;
        };
        let mut sql = Sql::new("delete from ");
        sql.push(span.table()).push(" where clinic_label = ").bind(clinic);
        sql.push(" and bucket < ").bind((bucket + stretch(span)).min(end));
        let rows = tx.execute(sql).await?;
        self.commit(tx, Piece { rows, bytes: 0, last: false }, now).await
    }
}
