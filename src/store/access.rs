//! Who may read: API tokens and one-time sign-in links.
//!
//! Owns both tables. Secrets come in as digests and are never kept. Does not draw secrets, and
//! does not decide what a role may see (see `domain::role`). Accounts are in [`super::accounts`], sessions in
//! [`super::sessions`].

use std::time::Duration;

use super::Store;
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::labels::label_enum;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// The SHA-256 of a secret: what the store keeps in its place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of a secret. Secrets are drawn at random and long, so a slow hash adds nothing.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(secret).into())
    }

    pub(super) const fn bytes(&self) -> &[u8] {
        self.0.as_slice()
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
    /// Of which clinics.
    pub clinics: ClinicScope,
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
    /// Of which clinics.
    pub clinics: ClinicScope,
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

label_enum! {
    /// What a link does when its button is pressed.
    LinkPurpose, "a link's purpose" {
        /// Signs in as a role, without an account.
        SignIn = "sign_in",
        /// Lets an account set its passphrase.
        Passphrase = "passphrase",
        /// Makes the first administrator, while there is no account.
        FirstAdmin = "first_admin",
    }
}

/// A link that works once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// What it does.
    pub purpose: LinkPurpose,
    /// As what.
    pub role: Role,
    /// Who: the account's label.
    pub account: String,
    /// When it stops working.
    pub expires: Timestamp,
}

impl SignInLink {
    /// How long a link works that lets somebody set a passphrase.
    pub const LIFE: Duration = Duration::from_hours(24);

    /// A link that lets an account set its passphrase.
    #[must_use]
    pub fn for_passphrase(account: &AccountId, role: Role, now: Timestamp) -> Self {
        let (purpose, expires) = (LinkPurpose::Passphrase, now.plus(Self::LIFE));
        Self { purpose, role, account: account.to_string(), expires }
    }
}

pub(super) fn role(table: &'static str, text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or(StoreError::UnknownValue { table, column: "role" })
}

/// The clinics that a column lists; null is all of them.
pub(super) fn clinics(table: &'static str, text: Option<&str>) -> Result<ClinicScope, StoreError> {
    let unknown = StoreError::UnknownValue { table, column: "clinics" };
    text.map_or(Ok(ClinicScope::all()), |text| ClinicScope::parse(text).map_err(|_| unknown))
}

pub(super) fn time(int: Int) -> Timestamp {
    Timestamp::from_micros(int.0)
}

type TokenRow = (Vec<u8>, String, String, Int, Option<Int>, Option<Int>, Option<String>);
const TOKENS: &str =
    "select id, role, name, created_at, expires_at, revoked_at, clinics from api_tokens";

fn token(row: TokenRow) -> Result<ApiToken, StoreError> {
    let (id, role_text, name, created, expires, revoked, listed) = row;
    let unknown = StoreError::UnknownValue { table: "api_tokens", column: "id" };
    Ok(ApiToken {
        id: uuid::Uuid::from_slice(&id).map_err(|_| unknown)?,
        role: role("api_tokens", &role_text)?,
        clinics: clinics("api_tokens", listed.as_deref())?,
        name,
        created: time(created),
        expires: expires.map(time),
        revoked: revoked.map(time),
    })
}

pub(super) type LinkRow = (String, String, Int, String);

pub(super) fn link(row: LinkRow) -> Result<SignInLink, StoreError> {
    const TABLE: &str = "sign_in_links";
    let (role_text, account, expires, purpose) = row;
    let unknown = StoreError::UnknownValue { table: TABLE, column: "purpose" };
    Ok(SignInLink {
        purpose: LinkPurpose::parse(&purpose).ok_or(unknown)?,
        role: role(TABLE, &role_text)?,
        account,
        expires: time(expires),
    })
}

fn new_link(digest: SecretDigest, link: &SignInLink) -> Sql {
    let mut sql =
        Sql::new("insert into sign_in_links (digest, role, account, expires_at, purpose) values (");
    sql.bind(digest.bytes()).push(", ").bind(link.role.as_str());
    sql.push(", ").bind(link.account.as_str());
    sql.push(", ").bind(link.expires.micros());
    sql.push(", ").bind(link.purpose.as_str()).push(")");
    sql
}

impl Store {
    /// Keeps a new API token's digest.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn create_token(&self, new: &NewToken<'_>) -> Result<(), StoreError> {
        let mut sql = Sql::new(
            "insert into api_tokens (id, digest, role, name, created_at, expires_at, clinics) values (",
        );
        sql.bind(new.id.as_bytes().as_slice()).push(", ").bind(new.digest.0.as_slice());
        sql.push(", ").bind(new.role.as_str()).push(", ").bind(new.name);
        sql.push(", ").bind(new.created.micros());
        sql.push(", ").bind(new.expires.map(Timestamp::micros));
        sql.push(", ").bind(new.clinics.to_text().as_deref()).push(")");
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
        self.pools.execute(new_link(digest, link)).await.map(drop)
    }
}

/// Uses a link up that signs in without an account. `false` if there is none, it was used before, or its
/// time is over. One statement, so that two who follow one link cannot both be let in.
pub(super) async fn take_link(
    tx: &mut Tx,
    digest: SecretDigest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new("delete from sign_in_links where digest = ");
    sql.bind(digest.0.as_slice()).push(" and purpose = ").bind(LinkPurpose::SignIn.as_str());
    sql.push(" and expires_at > ").bind(now.micros());
    Ok(tx.execute(sql).await? == 1)
}
