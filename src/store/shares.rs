//! Links that show the adoption page to somebody without an account.
//!
//! Owns that table. The link's secret comes in as a digest. What its maker may at this moment is read with
//! it, in the same statement; whether it still works is `domain::share`'s.

use super::access::{SecretDigest, clinics, role, time};
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use super::{Scoped, Store};
use crate::domain::adoption::Week;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::share::{Maker, Share};
use crate::domain::time::Timestamp;

const TABLE: &str = "shares";
/// Most links of one list.
const MOST: i64 = 100;

/// A link to keep.
pub struct NewShare<'s> {
    /// What the audit calls it.
    pub number: u32,
    /// Of its secret.
    pub digest: SecretDigest,
    /// Who makes it: the account's label.
    pub account: &'s str,
    /// Whether that is an account of this installation.
    pub of_account: bool,
    /// The API token that its maker has signed in with.
    pub token: Option<uuid::Uuid>,
    /// What the maker sees.
    pub clinics: &'s ClinicScope,
    /// The week that it shows; `None`: the last one that is over.
    pub week: Option<Week>,
    /// Now.
    pub created: Timestamp,
    /// When it stops working.
    pub expires: Timestamp,
}

type Text = Option<String>;
/// The row; then role and clinics of the account, and of the token.
type Row = (
    Int,
    String,
    Int,
    Option<Vec<u8>>,
    Text,
    Text,
    Int,
    Int,
    Option<Int>,
    Option<Int>,
    Text,
    Text,
    Text,
    Text,
);

fn share(row: &Row) -> Result<Share, StoreError> {
    let (number, account, of_account, token, listed, week, created, expires, ..) = row;
    let (.., revoked, opened, a, ac, t, tc) = row;
    let unknown = |column| StoreError::UnknownValue { table: TABLE, column };
    let of_account = of_account.0 != 0;
    let (is_here, right, seen) = match (of_account, token) {
        (true, _) => (true, a, ac),
        (false, Some(_)) => (true, t, tc),
        (false, None) => (false, a, ac),
    };
    let maker = match (is_here, right) {
        (false, _) => Maker::Elsewhere,
        (true, None) => Maker::Gone,
        (true, Some(text)) => Maker::Here(role(TABLE, text)?, clinics(TABLE, seen.as_deref())?),
    };
    let week = week.as_deref().map(Week::parse).transpose().map_err(|_| unknown("week"))?;
    Ok(Share {
        number: u32::try_from(number.0).map_err(|_| unknown("number"))?,
        account: account.clone(),
        of_account,
        clinics: clinics(TABLE, listed.as_deref())?,
        week,
        created: time(*created),
        expires: time(*expires),
        revoked: revoked.map(time),
        opened: opened.map(time),
        maker,
    })
}

/// Links with their makers, up to the condition.
fn select(now: Timestamp) -> Sql {
    let mut sql = Sql::new(
        "select s.number, s.account, s.of_account, s.token, s.clinics, s.week, s.created_at, \
         s.expires_at, s.revoked_at, s.opened_at, a.role, a.clinics, t.role, t.clinics \
         from shares s left join accounts a on s.of_account = 1 and a.name = s.account \
         and a.disabled_at is null and a.removed_at is null \
         left join api_tokens t on t.id = s.token and t.revoked_at is null \
         and (t.expires_at is null or t.expires_at > ",
    );
    sql.bind(now.micros()).push(")");
    sql
}

impl Store {
    /// The link of a digest, whether or not it still works.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn find_share(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<Share>, StoreError> {
        let mut sql = select(now);
        sql.push(" where s.digest = ").bind(digest.bytes());
        self.pools.first(sql).await?.map(|row| share(&row)).transpose()
    }

    /// Takes an opening that is to be kept in the audit: the first one, or the first after `before`. `false`
    /// if one was taken since then, at this or at another instance.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn take_opening(
        &self,
        number: u32,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut sql = Sql::new("update shares set opened_at = ");
        sql.bind(now.micros()).push(" where number = ").bind(i64::from(number));
        sql.push(" and (opened_at is null or opened_at <= ").bind(before.micros()).push(")");
        Ok(self.pools.execute(sql).await? == 1)
    }

    /// Gives an opening back that could not be kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn give_back_opening(
        &self,
        number: u32,
        was: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new("update shares set opened_at = ");
        sql.bind(was.map(Timestamp::micros)).push(" where number = ").bind(i64::from(number));
        self.pools.execute(sql).await.map(drop)
    }
}

impl Scoped {
    /// The number of the next link. Nothing is kept by asking, so that it can be audited first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] where no number is left.
    pub async fn next_share_number(&self) -> Result<u32, StoreError> {
        let sql = Sql::new("select coalesce(max(number), 0) + 1 from shares");
        let row: Option<(Int,)> = self.to_compare().pools.first(sql).await?;
        let unknown = StoreError::UnknownValue { table: TABLE, column: "number" };
        u32::try_from(row.map_or(1, |row| row.0.0)).map_err(|_| unknown)
    }

    /// Keeps a link, for no more clinics than these. `false` if somebody else took the number.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn make_share(&self, new: &NewShare<'_>) -> Result<bool, StoreError> {
        let mut sql = Sql::new(
            "insert into shares (number, digest, account, of_account, token, clinics, week, created_at, \
             expires_at) values (",
        );
        sql.bind(i64::from(new.number)).push(", ").bind(new.digest.bytes());
        sql.push(", ").bind(new.account).push(", ").bind(i64::from(new.of_account));
        sql.push(", ").bind(new.token.as_ref().map(|id| id.as_bytes().as_slice()));
        sql.push(", ").bind(new.clinics.both(self.scope()).to_text().as_deref());
        sql.push(", ").bind(new.week.map(|week| week.to_string()).as_deref());
        sql.push(", ").bind(new.created.micros()).push(", ").bind(new.expires.micros());
        sql.push(") on conflict do nothing");
        Ok(self.to_compare().pools.execute(sql).await? == 1)
    }

    /// Links that work, the newest first: one maker's, or everybody's for those who see all clinics.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn shares(
        &self,
        of: Option<(&str, bool)>,
        now: Timestamp,
    ) -> Result<Vec<Share>, StoreError> {
        let mut sql = select(now);
        sql.push(" where s.revoked_at is null and s.expires_at > ").bind(now.micros());
        if let Some((account, of_account)) = of {
            sql.push(" and s.account = ").bind(account);
            sql.push(" and s.of_account = ").bind(i64::from(of_account));
        }
        sql.push(" order by s.number desc limit ").bind(MOST);
        let rows: Vec<Row> = self.to_compare().pools.all(sql).await?;
        let mut shares: Vec<Share> = rows.iter().map(share).collect::<Result<_, _>>()?;
        shares.retain(|share| {
            let seen = share.shows(now);
            seen.is_some_and(|seen| self.scope().is_all() || seen.both(self.scope()) == seen)
        });
        Ok(shares)
    }

    /// Ends a link. `false` if it was ended before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn end_share(&self, number: u32, now: Timestamp) -> Result<bool, StoreError> {
        let mut sql = Sql::new("update shares set revoked_at = ");
        sql.bind(now.micros()).push(" where revoked_at is null and number = ");
        sql.bind(i64::from(number));
        Ok(self.to_compare().pools.execute(sql).await? == 1)
    }
}

/// Ends an account's links for good: whoever is let in again later has to make them anew.
pub(super) async fn end_shares(
    tx: &mut Tx,
    name: &AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut sql = Sql::new("update shares set revoked_at = ");
    sql.bind(now.micros()).push(" where revoked_at is null and of_account = 1 and account = ");
    sql.bind(name.as_str());
    tx.execute(sql).await.map(drop)
}
