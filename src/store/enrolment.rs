//! From a link to a passphrase: how an account comes to life.
//!
//! Owns the transaction in which a link is used up and a passphrase set, so that a link whose holder
//! chose a bad passphrase still works, and two holders of one link cannot both use it.

use super::Store;
use super::access::{LinkPurpose, LinkRow, SecretDigest, SignInLink, link, new_link};
use super::accounts::{end_links, end_sessions, insert, set_hash};
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

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

    /// Keeps the link of the first administrator; the one before stops working. `false` if there is an
    /// account already.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn create_first_link(
        &self,
        digest: SecretDigest,
        account: &AccountId,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_people().await?;
        let accounts: Vec<(Int,)> = tx.all(Sql::new("select number from accounts limit 1")).await?;
        if !accounts.is_empty() {
            return Ok(false);
        }
        tx.execute(first_links()).await?;
        let link = SignInLink {
            purpose: LinkPurpose::FirstAdmin,
            role: Role::Admin,
            account: account.to_string(),
            expires,
        };
        tx.execute(new_link(digest, &link)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Uses a link up and sets the passphrase of its account, which for the first administrator is made
    /// under the given name. Gives the account's role; `None` if the link no longer works, or the
    /// account may not sign in.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn enrol(
        &self,
        digest: SecretDigest,
        name: &AccountId,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<Role>, StoreError> {
        let mut tx = self.begin_people().await?;
        let mut sql = Sql::new("delete from sign_in_links where digest = ");
        sql.bind(digest.bytes()).push(" and purpose <> ").bind(LinkPurpose::SignIn.as_str());
        sql.push(" returning role, account, expires_at, purpose");
        let used = tx.all(sql).await?.into_iter().next().map(link).transpose()?;
        let Some(used) = used.filter(|link| now < link.expires) else { return Ok(None) };
        if used.purpose == LinkPurpose::FirstAdmin {
            let taken: Vec<(Int,)> =
                tx.all(Sql::new("select number from accounts limit 1")).await?;
            if !taken.is_empty()
                || !insert(&mut tx, 1, name, Role::Admin, &ClinicScope::all(), now).await?
            {
                return Ok(None);
            }
            tx.execute(first_links()).await?;
        } else if used.account != name.as_str() {
            return Ok(None);
        }
        if !set_hash(&mut tx, name, hash).await? {
            return Ok(None);
        }
        end_sessions(&mut tx, name, None).await?;
        end_links(&mut tx, name).await?;
        let mut role = Sql::new("select role from accounts where name = ");
        role.bind(name.as_str());
        let row: Option<(String,)> = tx.all(role).await?.into_iter().next();
        let role = row.map(|row| super::access::role("accounts", &row.0)).transpose()?;
        tx.commit().await?;
        Ok(role)
    }
}

fn first_links() -> Sql {
    let mut sql = Sql::new("delete from sign_in_links where purpose = ");
    sql.bind(LinkPurpose::FirstAdmin.as_str());
    sql
}
