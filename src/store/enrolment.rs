//! From a link to a passphrase: how an account comes to life.
//!
//! Owns how a link is used up and a passphrase set, so that a link whose holder chose a bad passphrase still
//! works, and two holders of one link cannot both use it. The transaction is [`super::entrance`]'s.

use super::Store;
use super::access::{LinkPurpose, LinkRow, SecretDigest, SignInLink, link, time};
use super::accounts::{end_links, end_sessions, insert, set_hash};
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::{AccountId, InstanceId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// Where the link of the first administrator is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstLink {
    /// This instance is to make one.
    Wanted,
    /// There is an account already.
    NotNeeded,
    /// Another instance has printed one that still works.
    Elsewhere {
        /// Which one.
        instance: InstanceId,
        /// When.
        printed: Timestamp,
    },
}

impl Store {
    /// A link that still works, without using it up.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn find_link(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<SignInLink>, StoreError> {
        let mut sql = Sql::new(
            "select role, account, expires_at, purpose from sign_in_links where digest = ",
        );
        sql.bind(digest.bytes());
        let found: Option<LinkRow> = self.pools.first(sql).await?;
        Ok(found.map(link).transpose()?.filter(|link| now < link.expires))
    }

    /// Whether a link for the first administrator is to be made by an instance, and where one is already.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn first_link(
        &self,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<FirstLink, StoreError> {
        let mut tx = self.pools.begin().await?;
        standing(&mut tx, instance, now).await
    }

    /// Keeps the link of the first administrator, which lives for [`SignInLink::LIFE`]. There is one: an
    /// instance's own from before stops working, and while another instance's works none is made.
    /// [`FirstLink::Wanted`] says that it was made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn create_first_link(
        &self,
        digest: SecretDigest,
        account: &AccountId,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<FirstLink, StoreError> {
        let mut tx = self.begin_people().await?;
        let found = standing(&mut tx, instance, now).await?;
        if found != FirstLink::Wanted {
            return Ok(found);
        }
        tx.execute(first_links()).await?;
        let expires = now.plus(SignInLink::LIFE);
        let mut sql = Sql::new(
            "insert into sign_in_links (digest, role, account, expires_at, purpose, instance) values (",
        );
        sql.bind(digest.bytes()).push(", ").bind(Role::Admin.as_str());
        sql.push(", ").bind(account.as_str()).push(", ").bind(expires.micros());
        sql.push(", ").bind(LinkPurpose::FirstAdmin.as_str());
        sql.push(", ").bind(instance.as_str()).push(")");
        tx.execute(sql).await?;
        tx.commit().await?;
        Ok(FirstLink::Wanted)
    }
}

/// Uses a link up and sets the passphrase of its account, which for the first administrator is made under
/// the given name. `false` if the link no longer works, or the account may not sign in; then the
/// transaction is not to be committed.
pub(super) async fn enrol(
    tx: &mut Tx,
    digest: SecretDigest,
    name: &AccountId,
    hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new("delete from sign_in_links where digest = ");
    sql.bind(digest.bytes()).push(" and purpose <> ").bind(LinkPurpose::SignIn.as_str());
    sql.push(" returning role, account, expires_at, purpose");
    let used = tx.all(sql).await?.into_iter().next().map(link).transpose()?;
    let Some(used) = used.filter(|link| now < link.expires) else { return Ok(false) };
    if used.purpose == LinkPurpose::FirstAdmin {
        let taken: Vec<(Int,)> = tx.all(Sql::new("select number from accounts limit 1")).await?;
        if !taken.is_empty() || !insert(tx, 1, name, Role::Admin, &ClinicScope::all(), now).await? {
            return Ok(false);
        }
        tx.execute(first_links()).await?;
    } else if used.account != name.as_str() {
        return Ok(false);
    }
    if !set_hash(tx, name, hash).await? {
        return Ok(false);
    }
    end_sessions(tx, name, None).await?;
    end_links(tx, name).await?;
    Ok(true)
}

async fn standing(
    tx: &mut Tx,
    instance: &InstanceId,
    now: Timestamp,
) -> Result<FirstLink, StoreError> {
    let accounts: Vec<(Int,)> = tx.all(Sql::new("select number from accounts limit 1")).await?;
    if !accounts.is_empty() {
        return Ok(FirstLink::NotNeeded);
    }
    let mut sql =
        Sql::new("select instance, expires_at from sign_in_links where instance is not null");
    sql.push(" and instance <> ").bind(instance.as_str());
    sql.push(" and expires_at > ").bind(now.micros());
    let other: Option<(String, Int)> = tx.all(sql).await?.into_iter().next();
    let Some((by, expires)) = other else { return Ok(FirstLink::Wanted) };
    let unknown = |_| StoreError::UnknownValue { table: "sign_in_links", column: "instance" };
    Ok(FirstLink::Elsewhere {
        instance: InstanceId::parse(&by).map_err(unknown)?,
        printed: time(expires).minus(SignInLink::LIFE),
    })
}

fn first_links() -> Sql {
    let mut sql = Sql::new("delete from sign_in_links where purpose = ");
    sql.bind(LinkPurpose::FirstAdmin.as_str());
    sql
}
