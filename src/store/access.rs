//! Who may read: API tokens, one-time sign-in links, sessions of the site.
//!
//! Owns the three tables. Secrets come in as digests and are never kept. Does not draw secrets, and
//! does not decide what a role may see (see `domain::role`).

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// The SHA-256 of a secret: what the store keeps in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of a secret. Secrets are drawn at random and long, so a slow hash adds nothing.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(secret).into())
    }
}

/// A token to create.
pub struct NewToken<'t> {
    /// To revoke it by.
    pub id: uuid::Uuid,
    /// Of the token.
    pub digest: SecretDigest,
    /// What it may see.
    pub role: Role,
    /// What the operator calls it.
    pub name: &'t str,
    /// Now.
    pub created: Timestamp,
    /// When it stops working; `None`: never.
    pub expires: Option<Timestamp>,
}

/// A token as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// To revoke it by.
    pub id: uuid::Uuid,
    /// What it may see.
    pub role: Role,
    /// What the operator calls it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops working; `None`: never.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it opens anything at a time.
    #[must_use]
    pub fn works_at(&self, at: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| at < expires)
    }
}

/// A link that signs one person in, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// As what.
    pub role: Role,
    /// Who: the account's label.
    pub account: String,
    /// When it stops working.
    pub expires: Timestamp,
}

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// As what.
    pub role: Role,
    /// Who: the account's label.
    pub account: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

fn role(table: &'static str, text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or(StoreError::UnknownValue { table, column: "role" })
}

fn time(int: Int) -> Timestamp {
    Timestamp::from_micros(int.0)
}

type TokenRow = (Vec<u8>, String, String, Int, Option<Int>, Option<Int>);
const TOKENS: &str = "select id, role, name, created_at, expires_at, revoked_at from api_tokens";

fn token(row: TokenRow) -> Result<ApiToken, StoreError> {
    let (id, role_text, name, created, expires, revoked) = row;
    let unknown = StoreError::UnknownValue { table: "api_tokens", column: "id" };
    Ok(ApiToken {
        id: uuid::Uuid::from_slice(&id).map_err(|_| unknown)?,
        role: role("api_tokens", &role_text)?,
        name,
        created: time(created),
        expires: expires.map(time),
        revoked: revoked.map(time),
    })
}

impl Store {
    /// Keeps a new API token's digest.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn create_token(&self, new: &NewToken<'_>) -> Result<(), StoreError> {
        let mut sql = Sql::new(
            "insert into api_tokens (id, digest, role, name, created_at, expires_at) values (",
        );
        sql.bind(new.id.as_bytes().as_slice()).push(", ").bind(new.digest.0.as_slice());
        sql.push(", ").bind(new.role.as_str()).push(", ").bind(new.name);
        sql.push(", ").bind(new.created.micros());
        sql.push(", ").bind(new.expires.map(Timestamp::micros)).push(")");
        self.pools.execute(sql).await.map(drop)
    }

    /// Every API token, the oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let mut sql = Sql::new(TOKENS);
        sql.push(" order by created_at, id");
        self.pools.all(sql).await?.into_iter().map(token).collect()
    }

    /// Revokes a token. `false` if there is none, or it was revoked before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn revoke_token(&self, id: uuid::Uuid, at: Timestamp) -> Result<bool, StoreError> {
        let mut sql = Sql::new("update api_tokens set revoked_at = ");
        sql.bind(at.micros()).push(" where revoked_at is null and id = ");
        sql.bind(id.as_bytes().as_slice());
        Ok(self.pools.execute(sql).await? == 1)
    }

    /// The token of a digest, if it works at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn find_token(
        &self,
        digest: SecretDigest,
        at: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError> {
        let mut sql = Sql::new(TOKENS);
        sql.push(" where digest = ").bind(digest.0.as_slice());
        let found = self.pools.first(sql).await?.map(token).transpose()?;
        Ok(found.filter(|token| token.works_at(at)))
    }

    /// Keeps a sign-in link's digest, and forgets links that have expired.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn create_sign_in_link(
        &self,
        digest: SecretDigest,
        link: &SignInLink,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut old = Sql::new("delete from sign_in_links where expires_at <= ");
        old.bind(now.micros());
        self.pools.execute(old).await?;
        let mut sql =
            Sql::new("insert into sign_in_links (digest, role, account, expires_at) values (");
        sql.bind(digest.0.as_slice()).push(", ").bind(link.role.as_str());
        sql.push(", ").bind(link.account.as_str());
        sql.push(", ").bind(link.expires.micros()).push(")");
        self.pools.execute(sql).await.map(drop)
    }

    /// Uses a sign-in link up. `None` if there is none, it was used before, or it has expired.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn take_sign_in_link(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<SignInLink>, StoreError> {
        let mut sql = Sql::new("delete from sign_in_links where digest = ");
        sql.bind(digest.0.as_slice()).push(" returning role, account, expires_at");
        // One statement, so that two who follow one link cannot both be let in.
        let mut tx = self.pools.begin().await?;
        let rows: Vec<(String, String, Int)> = tx.all(sql).await?;
        tx.commit().await?;
        let Some((role_text, account, expires)) = rows.into_iter().next() else { return Ok(None) };
        let role = role("sign_in_links", &role_text)?;
        let link = SignInLink { role, account, expires: time(expires) };
        Ok((now < link.expires).then_some(link))
    }

    /// Begins a session, and forgets sessions that have ended.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn create_session(
        &self,
        digest: SecretDigest,
        session: &Session,
    ) -> Result<(), StoreError> {
        let mut old = Sql::new("delete from sessions where expires_at <= ");
        old.bind(session.created.micros());
        self.pools.execute(old).await?;
        let mut sql = Sql::new(
            "insert into sessions (digest, role, account, created_at, seen_at, expires_at) values (",
        );
        sql.bind(digest.0.as_slice()).push(", ").bind(session.role.as_str());
        sql.push(", ").bind(session.account.as_str());
        sql.push(", ").bind(session.created.micros());
        sql.push(", ").bind(session.seen.micros());
        sql.push(", ").bind(session.expires.micros()).push(")");
        self.pools.execute(sql).await.map(drop)
    }

    /// The session of a cookie's digest, if it has not ended.
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
            "select role, account, created_at, seen_at, expires_at from sessions where digest = ",
        );
        sql.bind(digest.0.as_slice());
        let row: Option<(String, String, Int, Int, Int)> = self.pools.first(sql).await?;
        let Some((role_text, account, created, seen, expires)) = row else { return Ok(None) };
        let session = Session {
            role: role("sessions", &role_text)?,
            account,
            created: time(created),
            seen: time(seen),
            expires: time(expires),
        };
        Ok((now < session.expires).then_some(session))
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
        sql.push(" where digest = ").bind(digest.0.as_slice());
        self.pools.execute(sql).await.map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn delete_session(&self, digest: SecretDigest) -> Result<(), StoreError> {
        let mut sql = Sql::new("delete from sessions where digest = ");
        sql.bind(digest.0.as_slice());
        self.pools.execute(sql).await.map(drop)
    }

    /// Ends every session of an account, as when it is disabled.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn delete_sessions_of(&self, account: &str) -> Result<u64, StoreError> {
        let mut sql = Sql::new("delete from sessions where account = ");
        sql.bind(account);
        self.pools.execute(sql).await
    }
}
