//! Second factors: an account's sealed secret, the last step that was used, and its recovery codes.
//!
//! Owns that a code and a recovery code count once, whatever happens at the same moment at how many
//! instances. Secrets come in sealed, recovery codes as digests.

use super::Store;
use super::access::SecretDigest;
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::names::AccountId;

/// The second factor of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Its secret, sealed.
    pub sealed: String,
    /// The last step that was used.
    pub step: i64,
}

impl Store {
    /// The second factor of an account; `None` where it has none or may not sign in.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn second_factor(
        &self,
        name: &AccountId,
    ) -> Result<Option<SecondFactor>, StoreError> {
        let mut sql =
            Sql::new("select second_factor, second_factor_step from accounts where name = ");
        sql.bind(name.as_str()).push(" and disabled_at is null and removed_at is null");
        sql.push(" and second_factor is not null");
        let row: Option<(String, Int)> = self.pools.first(sql).await?;
        Ok(row.map(|(sealed, step)| SecondFactor { sealed, step: step.0 }))
    }

    /// Gives an account a second factor, in place of the one before. The step of the code that proved it
    /// is used up with it. `false` if the account may not sign in.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn set_second_factor(
        &self,
        name: &AccountId,
        sealed: &str,
        step: i64,
        recovery: &[SecretDigest],
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_people().await?;
        let mut sql = Sql::new("update accounts set second_factor = ");
        sql.bind(sealed).push(", second_factor_step = ").bind(step);
        sql.push(" where name = ").bind(name.as_str());
        sql.push(" and disabled_at is null and removed_at is null");
        let set = tx.execute(sql).await? == 1;
        end_recovery(&mut tx, name).await?;
        for digest in recovery.iter().filter(|_| set) {
            let mut sql = Sql::new("insert into recovery_codes (digest, account) values (");
            sql.bind(digest.bytes()).push(", ").bind(name.as_str()).push(")");
            tx.execute(sql).await?;
        }
        tx.commit().await?;
        Ok(set)
    }

    /// Whether a recovery code is one of the account's that was not used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn has_recovery_code(
        &self,
        name: &AccountId,
        digest: SecretDigest,
    ) -> Result<bool, StoreError> {
        let mut sql = Sql::new("select 1 from recovery_codes where digest = ");
        sql.bind(digest.bytes()).push(" and account = ").bind(name.as_str());
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        Ok(row.is_some())
    }

    /// Recovery codes that are left.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn recovery_codes_left(&self, name: &AccountId) -> Result<u64, StoreError> {
        let mut sql = Sql::new("select count(*) from recovery_codes where account = ");
        sql.bind(name.as_str());
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        Ok(row.map_or(0, |row| row.0.0.cast_unsigned()))
    }

    /// Takes the second factor of an account away. `false` if there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn remove_second_factor(&self, name: &AccountId) -> Result<bool, StoreError> {
        let mut tx = self.begin_people().await?;
        let mut sql = Sql::new("update accounts set second_factor = null where name = ");
        sql.bind(name.as_str()).push(" and second_factor is not null");
        let removed = tx.execute(sql).await? == 1;
        end_recovery(&mut tx, name).await?;
        tx.commit().await?;
        Ok(removed)
    }
}

pub(super) async fn end_recovery(tx: &mut Tx, name: &AccountId) -> Result<(), StoreError> {
    let mut sql = Sql::new("delete from recovery_codes where account = ");
    sql.bind(name.as_str());
    tx.execute(sql).await.map(drop)
}

/// Uses a step up. `false` if it, or a later one, was used before.
pub(super) async fn use_step(tx: &mut Tx, name: &AccountId, step: i64) -> Result<bool, StoreError> {
    let mut sql = Sql::new("update accounts set second_factor_step = ");
    sql.bind(step).push(" where name = ").bind(name.as_str());
    sql.push(" and second_factor is not null and second_factor_step < ").bind(step);
    Ok(tx.execute(sql).await? == 1)
}

/// Uses a recovery code up. `false` if it is none of the account's, or was used.
pub(super) async fn use_recovery_code(
    tx: &mut Tx,
    name: &AccountId,
    digest: SecretDigest,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new("delete from recovery_codes where digest = ");
    sql.bind(digest.bytes()).push(" and account = ").bind(name.as_str());
    Ok(tx.execute(sql).await? == 1)
}
