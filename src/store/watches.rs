//! Who wants to know when something works, and what was told about it elsewhere.
//!
//! Owns that table. What somebody waits for is in the diagnosis; whether it works is looked for by
//! `diagnosis::works_again`.

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::ids::DiagnosisId;
use crate::domain::time::Timestamp;

/// Most watches of one look.
const MOST: i64 = 50;

/// Somebody who wants to know when it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Which diagnosis.
    pub diagnosis: DiagnosisId,
    /// Who; empty where sign-in is off.
    pub account: String,
    /// Since when.
    pub since: Timestamp,
    /// The call that worked.
    pub works_at: Option<Timestamp>,
}

type Row = (String, String, Int, Option<Int>);
const WATCHES: &str = "select diagnosis, account, since, works_at from diagnosis_watches";

fn watch(row: Row) -> Result<Watch, StoreError> {
    let (text, account, since, works_at) = row;
    let unknown = StoreError::UnknownValue { table: "diagnosis_watches", column: "diagnosis" };
    let diagnosis = DiagnosisId::parse(&text).ok_or(unknown)?;
    let time = |int: Int| Timestamp::from_micros(int.0);
    Ok(Watch { diagnosis, account, since: time(since), works_at: works_at.map(time) })
}

impl Store {
    /// Notes that somebody wants to know when it works.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn begin_watch(
        &self,
        diagnosis: &DiagnosisId,
        account: &str,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql =
            Sql::new("insert into diagnosis_watches (diagnosis, account, since) values (");
        sql.bind(diagnosis.as_str()).push(", ").bind(account).push(", ").bind(since.micros());
        sql.push(") on conflict (diagnosis, account) do nothing");
        self.pools.execute(sql).await.map(drop)
    }

    /// Ends a watch, whether it was fulfilled or not.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn end_watch(
        &self,
        diagnosis: &DiagnosisId,
        account: &str,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new("delete from diagnosis_watches where diagnosis = ");
        sql.bind(diagnosis.as_str()).push(" and account = ").bind(account);
        self.pools.execute(sql).await.map(drop)
    }

    /// Notes that it works.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn fulfil_watch(
        &self,
        diagnosis: &DiagnosisId,
        works_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new("update diagnosis_watches set works_at = ");
        sql.bind(works_at.micros()).push(" where works_at is null and diagnosis = ");
        sql.bind(diagnosis.as_str());
        self.pools.execute(sql).await.map(drop)
    }

    /// What an account waits for, the oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn watches_of(&self, account: &str, limit: u32) -> Result<Vec<Watch>, StoreError> {
        let mut sql = Sql::new(WATCHES);
        sql.push(" where account = ").bind(account);
        sql.push(" order by since, diagnosis limit ").bind(i64::from(limit));
        self.pools.all(sql).await?.into_iter().map(watch).collect()
    }

    /// What somebody waits for since then and nobody has seen working, the newest first; at most 50.
    ///
    /// # Errors
    ///
    /// As [`Store::watches_of`].
    pub async fn open_watches(&self, since: Timestamp) -> Result<Vec<Watch>, StoreError> {
        let mut sql = Sql::new(WATCHES);
        sql.push(" where works_at is null and since >= ").bind(since.micros());
        sql.push(" order by since desc, diagnosis limit ").bind(MOST);
        self.pools.all(sql).await?.into_iter().map(watch).collect()
    }

    /// What works since then and was not told elsewhere, the oldest first; at most 50.
    ///
    /// # Errors
    ///
    /// As [`Store::watches_of`].
    pub async fn watches_to_tell(&self, since: Timestamp) -> Result<Vec<Watch>, StoreError> {
        let mut sql = Sql::new(WATCHES);
        sql.push(" where told_at is null and works_at >= ").bind(since.micros());
        sql.push(" order by works_at, diagnosis limit ").bind(MOST);
        self.pools.all(sql).await?.into_iter().map(watch).collect()
    }

    /// Takes what is to be told about a diagnosis, for all who wait for it. `false` if another instance
    /// was faster.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn take_watch(
        &self,
        diagnosis: &DiagnosisId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut sql = Sql::new("update diagnosis_watches set told_at = ");
        sql.bind(now.micros())
            .push(" where told_at is null and works_at is not null and diagnosis = ");
        sql.bind(diagnosis.as_str());
        Ok(self.pools.execute(sql).await? > 0)
    }

    /// Gives back what could not be told.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn give_back_watch(&self, diagnosis: &DiagnosisId) -> Result<(), StoreError> {
        let mut sql = Sql::new("update diagnosis_watches set told_at = null where diagnosis = ");
        sql.bind(diagnosis.as_str());
        self.pools.execute(sql).await.map(drop)
    }
}
