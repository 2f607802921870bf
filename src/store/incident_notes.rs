//! What people noted about incidents, and which steps of incidents were posted elsewhere.
//!
//! Owns both tables. What may be noted is `domain::incident::note`'s.

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::incident::note::{Note, Noted};
use crate::domain::incident::{Update, UpdateKind};
use crate::domain::time::Timestamp;

/// Most steps of one look.
const MOST: i64 = 100;

impl Store {
    /// Keeps a note. The same note of the same account at the same moment is kept once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn note_incident(&self, number: i64, noted: &Noted) -> Result<(), StoreError> {
        let mut sql = Sql::new("insert into incident_notes (number, at, note, account) values (");
        sql.bind_all([number, noted.at.micros()]).push(", ").bind(noted.note.as_str()).push(", ");
        sql.bind(noted.account.as_deref().unwrap_or_default());
        sql.push(") on conflict do nothing");
        self.pools.execute(sql).await.map(drop)
    }

    /// The notes about an incident, in the order of time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn incident_notes(&self, number: i64) -> Result<Vec<Noted>, StoreError> {
        let mut sql = Sql::new("select at, note, account from incident_notes where number = ");
        sql.bind(number).push(" order by at, note, account");
        let rows: Vec<(Int, String, String)> = self.pools.all(sql).await?;
        let unknown = StoreError::UnknownValue { table: "incident_notes", column: "note" };
        let noted = |(at, note, account): (Int, String, String)| {
            Some(Noted {
                at: Timestamp::from_micros(at.0),
                note: Note::parse(&note)?,
                account: (!account.is_empty()).then_some(account),
            })
        };
        rows.into_iter().map(noted).collect::<Option<_>>().ok_or(unknown)
    }

    /// The steps of incidents since then that nobody has posted, the oldest first; at most 100.
    ///
    /// # Errors
    ///
    /// As [`Store::incident_notes`].
    pub async fn steps_to_post(&self, since: Timestamp) -> Result<Vec<(i64, Update)>, StoreError> {
        let mut sql =
            Sql::new("select number, at, kind, clinics from incident_updates u where at >= ");
        sql.bind(since.micros()).push(
            " and not exists (select 1 from incident_posts p where p.number = u.number \
             and p.at = u.at and p.kind = u.kind) order by at, number, kind limit ",
        );
        sql.bind(MOST);
        let rows: Vec<(Int, Int, String, Int)> = self.pools.all(sql).await?;
        let unknown = StoreError::UnknownValue { table: "incident_updates", column: "kind" };
        let step = |(number, at, kind, clinics): (Int, Int, String, Int)| {
            let kind = UpdateKind::parse(&kind)?;
            let at = Timestamp::from_micros(at.0);
            Some((number.0, Update { at, kind, clinics: clinics.0.cast_unsigned() }))
        };
        rows.into_iter().map(step).collect::<Option<_>>().ok_or(unknown)
    }

    /// Takes a step to post it. `false` if another instance was faster.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn take_post(
        &self,
        number: i64,
        step: &Update,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut sql = Sql::new("insert into incident_posts (number, at, kind, posted_at) values (");
        sql.bind_all([number, step.at.micros()]).push(", ").bind(step.kind.as_str()).push(", ");
        sql.bind(now.micros()).push(") on conflict do nothing");
        Ok(self.pools.execute(sql).await? == 1)
    }

    /// Gives a step back that could not be posted, so that it is tried again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn give_back_post(&self, number: i64, step: &Update) -> Result<(), StoreError> {
        let mut sql = Sql::new("delete from incident_posts where number = ");
        sql.bind(number).push(" and at = ").bind(step.at.micros());
        sql.push(" and kind = ").bind(step.kind.as_str());
        self.pools.execute(sql).await.map(drop)
    }
}
