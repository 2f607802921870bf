//! Sessions of the site: who is signed in.
//!
//! Owns the table. The cookie's secret comes in as a digest. A session of an account, or of an API token,
//! holds no right of its own: it may what that may at this moment, and ends with it.

use super::Store;
use super::access::{SecretDigest, clinics, role, time};
use super::connection::Tx;
use super::error::StoreError;
use super::shares::end_shares;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// As what.
    pub role: Role,
    /// Who: the account's label.
    pub account: String,
    /// Whether it is an account's: then it ends with the account, and its role is the account's of this
    /// moment.
    pub of_account: bool,
    /// Of which clinics.
    pub clinics: ClinicScope,
    /// The API token that it was begun with; then it ends with the token, and may what that may.
    pub token: Option<uuid::Uuid>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

type Text = Option<String>;
/// Its own role, account, times, whether it is an account's, clinics and token; role and clinics of the
/// account, and of the token.
type SessionRow =
    (String, String, Int, Int, Int, Int, Text, Option<Vec<u8>>, Text, Text, Text, Text);

/// The session of a row; `None` if what it hangs on no longer works.
fn session(row: SessionRow) -> Result<Option<Session>, StoreError> {
    const TABLE: &str = "sessions";
    let (own, account, created, seen, expires, of_account, own_clinics, token, a, ac, t, tc) = row;
    let of_account = of_account.0 != 0;
    let (text, listed) = match (of_account, &token) {
        (true, _) => (a, ac),
        (false, Some(_)) => (t, tc),
        (false, None) => (Some(own), own_clinics),
    };
    let Some(text) = text else { return Ok(None) };
    let unknown = |_| StoreError::UnknownValue { table: TABLE, column: "token" };
    let token = token.map(|id| uuid::Uuid::from_slice(&id).map_err(unknown)).transpose()?;
    Ok(Some(Session {
        role: role(TABLE, &text)?,
        account,
        of_account,
        clinics: clinics(TABLE, listed.as_deref())?,
        token,
        created: time(created),
        seen: time(seen),
        expires: time(expires),
    }))
}

impl Store {
    /// The session of a cookie's digest, if it has not ended and its account or token still works.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn find_session(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let mut sql = Sql::new(
            "select s.role, s.account, s.created_at, s.seen_at, s.expires_at, s.of_account, s.clinics, \
             s.token, a.role, a.clinics, t.role, t.clinics \
             from sessions s left join accounts a on s.of_account = 1 and a.name = s.account \
             and a.disabled_at is null and a.removed_at is null \
             left join api_tokens t on t.id = s.token and t.revoked_at is null \
             and (t.expires_at is null or t.expires_at > ",
        );
        sql.bind(now.micros()).push(") where s.digest = ").bind(digest.bytes());
        let row: Option<SessionRow> = self.pools.first(sql).await?;
        let found = row.map(session).transpose()?.flatten();
        Ok(found.filter(|session| now < session.expires))
    }

    /// Notes that a session was used, and until when it lasts now. The caller does this once a
    /// minute or so, not at every page.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn touch_session(
        &self,
        digest: SecretDigest,
        seen: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new("update sessions set seen_at = ");
        sql.bind(seen.micros()).push(", expires_at = ").bind(expires.micros());
        sql.push(" where digest = ").bind(digest.bytes());
        self.pools.execute(sql).await.map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn delete_session(&self, digest: SecretDigest) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        delete(&mut tx, digest).await?;
        tx.commit().await
    }

    /// Signs an account out everywhere, as its holder asks for: ends its sessions and the links to the
    /// adoption page that it has made, in one transaction. Gives the number of sessions.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn sign_out_everywhere(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin_people().await?;
        let mut sql = Sql::new("delete from sessions where account = ");
        sql.bind(account.as_str());
        let ended = tx.execute(sql).await?;
        end_shares(&mut tx, account, now).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

/// Begins a session, and forgets sessions that have ended.
pub(super) async fn insert(
    tx: &mut Tx,
    digest: SecretDigest,
    session: &Session,
) -> Result<(), StoreError> {
    let mut old = Sql::new("delete from sessions where expires_at <= ");
    old.bind(session.created.micros());
    tx.execute(old).await?;
    let mut sql = Sql::new(
        "insert into sessions (digest, role, account, created_at, seen_at, expires_at, \
         of_account, clinics, token) values (",
    );
    sql.bind(digest.bytes()).push(", ").bind(session.role.as_str());
    sql.push(", ").bind(session.account.as_str());
    sql.push(", ").bind(session.created.micros());
    sql.push(", ").bind(session.seen.micros());
    sql.push(", ").bind(session.expires.micros());
    sql.push(", ").bind(i64::from(session.of_account));
    sql.push(", ").bind(session.clinics.to_text().as_deref());
    let token = session.token.as_ref().map(|id| id.as_bytes().as_slice());
    sql.push(", ").bind(token).push(")");
    tx.execute(sql).await.map(drop)
}

/// Ends a session.
pub(super) async fn delete(tx: &mut Tx, digest: SecretDigest) -> Result<(), StoreError> {
    let mut sql = Sql::new("delete from sessions where digest = ");
    sql.bind(digest.bytes());
    tx.execute(sql).await.map(drop)
}
