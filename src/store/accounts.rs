//! People's accounts: who may sign in by name, and what an administrator changed.
//!
//! Owns the table of accounts. Passphrases come in as hashes. What belongs to an account and ends with
//! it (sessions, links, known browsers) is in [`super::access`] and [`super::browsers`]. Does not decide
//! what a passphrase must be, nor what a role may see.

use super::Store;
use super::access::{SecretDigest, clinics, role, time};
use super::account_change::{AccountChange, Changed};
use super::connection::Tx;
use super::error::StoreError;
use super::second_factor::end_recovery;
use super::shares::end_shares;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the audit calls it: never given twice.
    pub number: u32,
    /// What the person types.
    pub name: AccountId,
    /// What the person may.
    pub role: Role,
    /// Of which clinics.
    pub clinics: ClinicScope,
    /// Whether a passphrase is set.
    pub has_passphrase: bool,
    /// Whether signing in takes a code as well.
    pub has_second_factor: bool,
    /// One more with each change by an administrator.
    pub version: i64,
    /// When it was added.
    pub created: Timestamp,
    /// When an administrator changed it last.
    pub changed: Timestamp,
    /// When the person signed in last.
    pub signed_in: Option<Timestamp>,
    /// Sign-ins that failed since then.
    pub failed: u32,
    /// Since when it may not sign in.
    pub disabled: Option<Timestamp>,
    /// When it was removed. Its name stays taken, so that the audit means one person by it.
    pub removed: Option<Timestamp>,
}

impl Account {
    /// Whether the person may sign in at all.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.disabled.is_none() && self.removed.is_none()
    }
}

type Row = (
    Int,
    String,
    String,
    Int,
    Int,
    Int,
    Int,
    Option<Int>,
    Int,
    Option<Int>,
    Option<Int>,
    Option<String>,
    Int,
);
const ACCOUNTS: &str = "select number, name, role, \
    case when passphrase_hash is null then 0 else 1 end, version, created_at, changed_at, \
    signed_in_at, failed, disabled_at, removed_at, clinics, \
    case when second_factor is null then 0 else 1 end from accounts";

fn account(row: &Row) -> Result<Account, StoreError> {
    const TABLE: &str = "accounts";
    let (number, name, role_text, set, version, created, changed, ..) = row;
    let (.., signed_in, failed, off, gone, listed, factor) = row;
    let unknown = |column| StoreError::UnknownValue { table: TABLE, column };
    Ok(Account {
        number: u32::try_from(number.0).map_err(|_| unknown("number"))?,
        name: AccountId::parse(name).map_err(|_| unknown("name"))?,
        role: role(TABLE, role_text)?,
        clinics: clinics(TABLE, listed.as_deref())?,
        has_passphrase: set.0 != 0,
        has_second_factor: factor.0 != 0,
        version: version.0,
        created: time(*created),
        changed: time(*changed),
        signed_in: signed_in.map(time),
        failed: u32::try_from(failed.0).map_err(|_| unknown("failed"))?,
        disabled: off.map(time),
        removed: gone.map(time),
    })
}

impl Store {
    /// Every account in the order of names; those that were removed, too.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut sql = Sql::new(ACCOUNTS);
        sql.push(" order by name");
        let rows: Vec<Row> = self.pools.all(sql).await?;
        rows.iter().map(account).collect()
    }

    /// One account, also if it was removed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn account(&self, name: &AccountId) -> Result<Option<Account>, StoreError> {
        self.pools.first(named(name)).await?.map(|row| account(&row)).transpose()
    }

    /// The hash of an account's passphrase, if it may sign in and has one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn passphrase_hash(&self, name: &AccountId) -> Result<Option<String>, StoreError> {
        let mut sql = Sql::new("select passphrase_hash from accounts where name = ");
        sql.bind(name.as_str()).push(" and disabled_at is null and removed_at is null");
        let row: Option<(Option<String>,)> = self.pools.first(sql).await?;
        Ok(row.and_then(|row| row.0))
    }

    /// The number of the next account. Nothing is kept by asking, so that it can be audited first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] where no number is left.
    pub async fn next_account_number(&self) -> Result<u32, StoreError> {
        let sql = Sql::new("select coalesce(max(number), 0) + 1 from accounts");
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        let unknown = StoreError::UnknownValue { table: "accounts", column: "number" };
        u32::try_from(row.map_or(1, |row| row.0.0)).map_err(|_| unknown)
    }

    /// Adds an account without a passphrase. `false` if the name or the number is taken.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn add_account(
        &self,
        number: u32,
        name: &AccountId,
        role: Role,
        clinics: &ClinicScope,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_people().await?;
        let added = insert(&mut tx, number, name, role, clinics, now).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Changes an account, if it is still of the version that the administrator saw (`None`: whatever
    /// it is now). What no longer holds ends in the same transaction: sessions, links, known browsers.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn change_account(
        &self,
        name: &AccountId,
        seen: Option<i64>,
        change: AccountChange,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let mut tx = self.begin_people().await?;
        let found =
            tx.all(named(name)).await?.into_iter().next().map(|row| account(&row)).transpose()?;
        let Some(before) = found.filter(|found| found.removed.is_none()) else {
            return Ok(Changed::Unknown);
        };
        if seen.is_some_and(|seen| seen != before.version) {
            return Ok(Changed::Stale);
        }
        if change.would_limit_an_admin(&before) {
            return Ok(Changed::AdminSeesAll);
        }
        if change.takes_admin() && is_last_admin(&mut tx, &before).await? {
            return Ok(Changed::LastAdmin);
        }
        let mut sql = Sql::new("update accounts set version = version + 1, changed_at = ");
        sql.bind(now.micros());
        match &change {
            AccountChange::Role(role) => sql.push(", role = ").bind(role.as_str()),
            AccountChange::Clinics(clinics) => {
                sql.push(", clinics = ").bind(clinics.to_text().as_deref())
            }
            AccountChange::Disable => sql.push(", disabled_at = ").bind(now.micros()),
            AccountChange::Enable => sql.push(", disabled_at = null"),
            AccountChange::Reset => sql.push(", passphrase_hash = null, failed = 0"),
            AccountChange::SecondFactor => sql.push(", second_factor = null"),
            AccountChange::Remove => sql
                .push(", passphrase_hash = null, second_factor = null, removed_at = ")
                .bind(now.micros()),
            AccountChange::SignOut => &mut sql,
        };
        sql.push(" where name = ").bind(name.as_str());
        tx.execute(sql).await?;
        if change.ends_shares() {
            end_shares(&mut tx, name, now).await?;
        }
        match change {
            AccountChange::Role(_) | AccountChange::Clinics(_) | AccountChange::Enable => {}
            AccountChange::SignOut => end_sessions(&mut tx, name, None).await?,
            AccountChange::SecondFactor => {
                end_sessions(&mut tx, name, None).await?;
                end_recovery(&mut tx, name).await?;
            }
            AccountChange::Disable | AccountChange::Reset | AccountChange::Remove => {
                end_sessions(&mut tx, name, None).await?;
                if change == AccountChange::Remove {
                    end_recovery(&mut tx, name).await?;
                }
                end_links(&mut tx, name).await?;
            }
        }
        tx.commit().await?;
        Ok(Changed::Done)
    }

    /// Sets a passphrase, and ends every session of the account but one. `false` if it may not sign in.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn set_passphrase(
        &self,
        name: &AccountId,
        hash: &str,
        but: Option<SecretDigest>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_people().await?;
        let set = set_hash(&mut tx, name, hash).await?;
        end_sessions(&mut tx, name, but).await?;
        end_links(&mut tx, name).await?;
        tx.commit().await?;
        Ok(set)
    }

    /// How many sessions each account has that has any.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn open_sessions(&self, now: Timestamp) -> Result<Vec<(String, i64)>, StoreError> {
        let mut sql = Sql::new("select account, count(*) from sessions where of_account = 1");
        sql.push(" and expires_at > ")
            .bind(now.micros())
            .push(" group by account order by account");
        let rows: Vec<(String, Int)> = self.pools.all(sql).await?;
        Ok(rows.into_iter().map(|(account, count)| (account, count.0)).collect())
    }

    /// Counts a sign-in that failed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn note_failed_sign_in(&self, name: &AccountId) -> Result<(), StoreError> {
        let mut sql = Sql::new("update accounts set failed = failed + 1 where name = ");
        sql.bind(name.as_str()).push(" and failed < 1000000");
        self.pools.execute(sql).await.map(drop)
    }

    /// A transaction in which one process changes accounts at a time, so that two administrators
    /// cannot take the right from each other and leave none.
    pub(super) async fn begin_people(&self) -> Result<Tx, StoreError> {
        let mut tx = self.pools.begin().await?;
        if !self.pools.is_sqlite() {
            let lock = "select pg_advisory_xact_lock(hashtext('accuscope.people'))";
            tx.execute(Sql::new(lock)).await?;
        }
        Ok(tx)
    }
}

fn named(name: &AccountId) -> Sql {
    let mut sql = Sql::new(ACCOUNTS);
    sql.push(" where name = ").bind(name.as_str());
    sql
}

/// Whether nobody else who can sign in manages people. Whoever cannot sign in is not the last one.
async fn is_last_admin(tx: &mut Tx, account: &Account) -> Result<bool, StoreError> {
    if account.role != Role::Admin || !account.is_open() || !account.has_passphrase {
        return Ok(false);
    }
    let mut sql = Sql::new("select number from accounts where role = ");
    sql.bind(Role::Admin.as_str()).push(" and passphrase_hash is not null");
    sql.push(" and disabled_at is null and removed_at is null and name <> ");
    sql.bind(account.name.as_str());
    let others: Vec<(Int,)> = tx.all(sql).await?;
    Ok(others.is_empty())
}

/// Notes that somebody signed in.
pub(super) async fn note_sign_in(
    tx: &mut Tx,
    name: &AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut sql = Sql::new("update accounts set failed = 0, signed_in_at = ");
    sql.bind(now.micros()).push(" where name = ").bind(name.as_str());
    tx.execute(sql).await.map(drop)
}

pub(super) async fn insert(
    tx: &mut Tx,
    number: u32,
    name: &AccountId,
    role: Role,
    clinics: &ClinicScope,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new(
        "insert into accounts (number, name, role, version, created_at, changed_at, failed, clinics) \
         values (",
    );
    sql.bind(i64::from(number)).push(", ").bind(name.as_str()).push(", ").bind(role.as_str());
    sql.push(", 1, ").bind(now.micros()).push(", ").bind(now.micros());
    sql.push(", 0, ").bind(clinics.to_text().as_deref()).push(") on conflict do nothing");
    Ok(tx.execute(sql).await? == 1)
}

pub(super) async fn set_hash(
    tx: &mut Tx,
    name: &AccountId,
    hash: &str,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new("update accounts set failed = 0, passphrase_hash = ");
    sql.bind(hash).push(" where name = ").bind(name.as_str());
    sql.push(" and disabled_at is null and removed_at is null");
    Ok(tx.execute(sql).await? == 1)
}

pub(super) async fn end_sessions(
    tx: &mut Tx,
    name: &AccountId,
    but: Option<SecretDigest>,
) -> Result<(), StoreError> {
    let mut sessions = Sql::new("delete from sessions where account = ");
    sessions.bind(name.as_str());
    if let Some(digest) = but {
        sessions.push(" and digest <> ").bind(digest.bytes());
    }
    tx.execute(sessions).await?;
    let mut browsers = Sql::new("delete from known_browsers where account = ");
    browsers.bind(name.as_str());
    tx.execute(browsers).await.map(drop)
}

pub(super) async fn end_links(tx: &mut Tx, name: &AccountId) -> Result<(), StoreError> {
    let mut sql = Sql::new("delete from sign_in_links where account = ");
    sql.bind(name.as_str());
    tx.execute(sql).await.map(drop)
}
