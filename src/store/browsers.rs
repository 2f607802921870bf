//! Browsers from which somebody has signed in before.
//!
//! Owns that table. A known browser does not wait for what strangers guess elsewhere; it opens nothing.
//! The idea is OWASP's device cookie.

use super::Store;
use super::access::SecretDigest;
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::names::AccountId;
use crate::domain::time::Timestamp;

impl Store {
    /// Whether somebody has signed in to the account from this browser.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn knows_browser(
        &self,
        digest: SecretDigest,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row: Option<(Int,)> = self.pools.first(known(digest, account)).await?;
        Ok(row.is_some_and(|row| now.micros() < row.0.0))
    }
}

fn known(digest: SecretDigest, account: &AccountId) -> Sql {
    let mut sql = Sql::new("select expires_at from known_browsers where digest = ");
    sql.bind(digest.bytes()).push(" and account = ").bind(account.as_str());
    sql
}

/// Whether somebody has signed in to the account from this browser.
pub(super) async fn knows(
    tx: &mut Tx,
    digest: SecretDigest,
    account: &AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows: Vec<(Int,)> = tx.all(known(digest, account)).await?;
    Ok(rows.first().is_some_and(|row| now.micros() < row.0.0))
}

/// Remembers a browser of an account, and forgets those whose time is over.
pub(super) async fn remember(
    tx: &mut Tx,
    digest: SecretDigest,
    account: &AccountId,
    expires: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut old = Sql::new("delete from known_browsers where expires_at <= ");
    old.bind(now.micros());
    tx.execute(old).await?;
    let mut sql = Sql::new("insert into known_browsers (digest, account, expires_at) values (");
    sql.bind(digest.bytes()).push(", ").bind(account.as_str());
    sql.push(", ").bind(expires.micros()).push(")");
    tx.execute(sql).await.map(drop)
}
