//! The weekly letters about adoption: which were sent, which could not be, and which process has one in
//! hand.
//!
//! Owns that table. A letter is claimed before it is sent, so that of several processes one sends it, and
//! none of them again after a restart.

use super::access::time;
use super::error::StoreError;
use super::sql::{Int, Sql};
use super::{Scoped, Store};
use crate::domain::adoption::Week;
use crate::domain::letter::Failure;
use crate::domain::time::Timestamp;

/// What became of letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    /// When the last one was sent.
    pub sent: Option<Timestamp>,
    /// When one could not be sent after that, and why.
    pub failed: Option<(Timestamp, Failure)>,
}

impl Store {
    /// Takes the letter about a week in hand. Gives the number of tries with this one; `None` if it was
    /// sent, another process has it, or its pause is not over.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn claim_letter(
        &self,
        week: Week,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u32>, StoreError> {
        let week = week.to_string();
        let mut tx = self.pools.begin().await?;
        let mut sql = Sql::new("insert into digests (week, tries, claimed_until) values (");
        sql.bind(week.as_str()).push(", 1, ").bind(until.micros());
        sql.push(") on conflict (week) do update set tries = digests.tries + 1, claimed_until = ");
        sql.bind(until.micros());
        sql.push(" where digests.sent_at is null and digests.claimed_until <= ").bind(now.micros());
        sql.push(" returning tries");
        let row: Option<(Int,)> = tx.all(sql).await?.into_iter().next();
        tx.commit().await?;
        Ok(row.map(|(tries,)| u32::try_from(tries.0).unwrap_or(u32::MAX)))
    }

    /// Notes that a letter was sent.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn letter_sent(&self, week: Week, now: Timestamp) -> Result<(), StoreError> {
        let mut sql = Sql::new("update digests set sent_at = ");
        sql.bind(now.micros()).push(" where week = ").bind(week.to_string().as_str());
        self.pools.execute(sql).await.map(drop)
    }

    /// Notes why a letter was not sent, and lets it be tried again from `next` on.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn letter_failed(
        &self,
        week: Week,
        failure: Failure,
        next: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new("update digests set failure = ");
        sql.bind(failure.as_str()).push(", failed_at = ").bind(now.micros());
        sql.push(", claimed_until = ").bind(next.micros());
        sql.push(" where sent_at is null and week = ").bind(week.to_string().as_str());
        self.pools.execute(sql).await.map(drop)
    }
}

type Row = (Option<Int>, Option<Int>, Option<String>);

impl Scoped {
    /// What became of letters; nothing of it for those who see some clinics, since they are about all.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn letters(&self) -> Result<Letters, StoreError> {
        if !self.scope().is_all() {
            return Ok(Letters::default());
        }
        let sql =
            Sql::new("select sent_at, failed_at, failure from digests order by week desc limit 10");
        let rows: Vec<Row> = self.to_compare().pools.all(sql).await?;
        let sent = rows.iter().filter_map(|(sent, ..)| *sent).map(time).max();
        let newest =
            rows.iter().find_map(|(_, at, failure)| Some((time((*at)?), failure.clone()?)));
        let unknown = StoreError::UnknownValue { table: "digests", column: "failure" };
        let failed = match newest.filter(|(at, _)| sent.is_none_or(|sent| *at > sent)) {
            Some((at, text)) => Some((at, Failure::parse(&text).ok_or(unknown)?)),
            None => None,
        };
        Ok(Letters { sent, failed })
    }
}
