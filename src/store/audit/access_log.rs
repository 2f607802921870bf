//! Who looked up what: the records about people's own deeds, newest first, and how many patients whom.
//!
//! Owns the statements and the place where a page ends. Which records belong here is
//! [`AccessKind`]'s; what is unusual is decided by `domain::unusual_access`.

use super::super::Store;
use super::super::error::StoreError;
use super::super::sql::{Int, Sql};
use crate::domain::audit::Record;
use crate::domain::audit::access::AccessKind;
use crate::domain::audit::json::read_line;
use crate::domain::names::{AccountId, ClinicId, InstanceId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::domain::unusual_access::{LOOKBACK, LookupHour, STRETCH, Unusual, unusual};

/// Most accounts that can be chosen from.
const MOST_ACCOUNTS: i64 = 500;

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessFilter {
    /// Whose.
    pub account: Option<AccountId>,
    /// Under which heading.
    pub what: Option<AccessKind>,
    /// As what.
    pub role: Option<Role>,
    /// About which clinic.
    pub clinic: Option<ClinicId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// The place after one record, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessCursor {
    ts: i64,
    instance: InstanceId,
    seq: u64,
}

impl AccessCursor {
    /// Reads what `Display` wrote; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let mut digits = || parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        let ts = digits()?.parse().ok()?;
        let seq = digits()?.parse().ok().filter(|seq| i64::try_from(*seq).is_ok())?;
        let instance = InstanceId::parse(parts.next()?).ok()?;
        Some(Self { ts, instance, seq })
    }
}

impl std::fmt::Display for AccessCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.ts, self.seq, self.instance)
    }
}

/// A page of records.
#[derive(Clone, Debug)]
pub struct AccessPage {
    /// The records, newest first.
    pub items: Vec<Record>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<AccessCursor>,
}

impl Store {
    /// A page of the access log: at most `limit` records after a place, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the record.
    pub async fn access_page(
        &self,
        filter: &AccessFilter,
        after: Option<&AccessCursor>,
        limit: u32,
    ) -> Result<AccessPage, StoreError> {
        let mut sql = Sql::new("select record from audit where ");
        // Word for word as in the index `audit_access`, or SQLite does not take it.
        sql.push("kind in ('lookup', 'sign_in', 'export', 'admin')");
        narrow(&mut sql, filter);
        if let Some(after) = after {
            sql.push(" and (ts, instance, seq) < (").bind(after.ts).push(", ");
            sql.bind(after.instance.as_str()).push(", ").bind(after.seq.cast_signed()).push(")");
        }
        sql.push(" order by ts desc, instance desc, seq desc limit ");
        sql.bind(i64::from(limit) + 1);
        let rows = self.pools.all::<(String,)>(sql).await?;
        let items: Result<Vec<Record>, StoreError> =
            rows.iter().take(limit as usize).map(|(line,)| record(line)).collect();
        let items = items?;
        let more = rows.len() > items.len();
        let next = items.last().filter(|_| more).map(|last| AccessCursor {
            ts: last.ts.micros(),
            instance: last.instance.clone(),
            seq: last.seq,
        });
        Ok(AccessPage { items, next })
    }

    /// The accounts of the access log, at most 500.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn access_accounts(&self) -> Result<Vec<AccountId>, StoreError> {
        let mut sql = Sql::new(
            "select distinct \"user\" from audit where \"user\" is not null order by \"user\" limit ",
        );
        sql.bind(MOST_ACCOUNTS);
        let rows = self.pools.all::<(String,)>(sql).await?;
        rows.iter().map(|(name,)| account(name)).collect()
    }

    /// When the audit was last copied into the store; `None` if it never was.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn audit_copied_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = Sql::new("select copied_at from audit_copied order by copied_at desc limit 1");
        let row = self.pools.first::<(Int,)>(sql).await?;
        Ok(row.map(|(at,)| Timestamp::from_micros(at.0)))
    }

    /// Who looked up unusually many patients in the hour before `now`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the record.
    pub async fn unusual_access(&self, now: Timestamp) -> Result<Vec<Unusual>, StoreError> {
        let begin = now.minus(STRETCH);
        let last = self.lookups(begin, now.plus(STRETCH), "group by \"user\"").await?;
        // Where nobody comes near the limit, nobody's past is needed.
        if last.iter().all(|hour| hour.patients < crate::domain::unusual_access::FLOOR) {
            return Ok(Vec::new());
        }
        let by_hour = "group by \"user\", ts / 3600000000";
        let past = self.lookups(begin.minus(LOOKBACK), begin, by_hour).await?;
        Ok(unusual(&past, &last))
    }

    async fn lookups(
        &self,
        from: Timestamp,
        to: Timestamp,
        grouped: &'static str,
    ) -> Result<Vec<LookupHour>, StoreError> {
        let mut sql = Sql::new(
            "select \"user\", count(distinct patient_ref), max(record) from audit \
             where kind = 'lookup' and patient_ref is not null and \"user\" is not null and ts >= ",
        );
        sql.bind(from.micros()).push(" and ts < ").bind(to.micros()).push(" ").push(grouped);
        let hour = |(name, patients, line): (String, Int, String)| {
            Ok(LookupHour {
                account: account(&name)?,
                role: record(&line)?.entry.role,
                patients: u64::try_from(patients.0).unwrap_or_default(),
            })
        };
        self.pools.all(sql).await?.into_iter().map(hour).collect()
    }
}

fn record(line: &str) -> Result<Record, StoreError> {
    let unknown = StoreError::UnknownValue { table: "audit", column: "record" };
    read_line(line.as_bytes()).map_err(|_| unknown)
}

fn account(name: &str) -> Result<AccountId, StoreError> {
    let unknown = StoreError::UnknownValue { table: "audit", column: "user" };
    AccountId::parse(name).map_err(|_| unknown)
}

/// What has no column is looked for in the record's own text, which is canonical: a member is written in
/// one way only, and no value of it can hold a quotation mark.
fn narrow(sql: &mut Sql, filter: &AccessFilter) {
    if let Some(account) = &filter.account {
        sql.push(" and \"user\" = ").bind(account.as_str());
    }
    if let Some(clinic) = &filter.clinic {
        sql.push(" and clinic = ").bind(clinic.as_str());
    }
    if let Some(role) = filter.role {
        sql.push(" and record like ").bind(format!("%\"role\":\"{role}\"%").as_str());
    }
    if let Some(from) = filter.from {
        sql.push(" and ts >= ").bind(from.micros());
    }
    if let Some(to) = filter.to {
        sql.push(" and ts < ").bind(to.micros());
    }
    let Some(what) = filter.what else { return };
    sql.push(" and kind = ").bind(what.kind().as_str());
    match what {
        AccessKind::Patient => {
            sql.push(" and patient_ref is not null");
        }
        AccessKind::Person => {
            sql.push(" and record like ").bind("%\"actor_ref\":\"%");
        }
        _ => {}
    }
    if let Some(events) = what.events() {
        for (index, event) in events.iter().enumerate() {
            sql.push(if index == 0 { " and (record like " } else { " or record like " });
            sql.bind(format!("%\"detail\":\"{event}\"%").as_str());
        }
        sql.push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_being_written_and_nothing_else_is_one() {
        let cursor = AccessCursor { ts: 7, instance: InstanceId::parse("i-1").unwrap(), seq: 9 };
        assert_eq!(AccessCursor::parse(&cursor.to_string()), Some(cursor));
        for text in ["", "7", "7.9", "7.9.", "x.9.i-1", "-7.9.i-1", "7.99999999999999999999.i-1"] {
            assert_eq!(AccessCursor::parse(text), None, "{text}");
        }
    }
}
