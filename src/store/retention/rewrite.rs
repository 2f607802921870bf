//! PostgreSQL's tables are written anew after something was removed from them.
//!
//! Owns the table `to_rewrite`. PostgreSQL leaves what was deleted or cleared in its pages, and keeps
//! it even in a table that is written anew for as long as an older transaction, be it of another
//! program, could still read it. So the transaction that removes also notes its table, and the note
//! goes only when a rewriting is known to have dropped everything; whatever stopped a run, the next
//! one goes on from the notes. SQLite overwrites what it deletes, and has no notes.

use std::time::Duration;

use super::super::connection::Tx;
use super::super::days::Day;
use super::super::error::StoreError;
use super::super::sql::Sql;
use super::Store;
use crate::domain::time::Timestamp;

/// Pauses between looks whether older transactions have ended.
const PAUSE: Duration = Duration::from_millis(250);
const DAYS: &str = "exchanges_";

/// A table from which something is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Emptied {
    /// One that there is always.
    Table(&'static str),
    /// The events of a day.
    Day(Day),
}

impl Emptied {
    pub(in super::super) const AUDIT: Self = Self::Table("audit");
    pub(super) const ODD: Self = Self::Table("exchanges_odd");
    const FIXED: [&'static str; 6] =
        ["audit", "exchanges_odd", "daily_actors", "daily_tasks", "first_uses", "same_actors"];

    fn name(self) -> String {
        match self {
            Self::Table(name) => name.to_owned(),
            Self::Day(day) => format!("{DAYS}{}", date_digits(day)),
        }
    }

    /// Reads a name back. `None` for one that no version writes.
    fn named(name: &str) -> Option<Self> {
        if let Some(fixed) = Self::FIXED.into_iter().find(|fixed| *fixed == name) {
            return Some(Self::Table(fixed));
        }
        let digits = name.strip_prefix(DAYS).filter(|digits| digits.len() == 8)?;
        let date = jiff::civil::Date::strptime("%Y%m%d", digits).ok()?;
        let midnight = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(Self::Day(midnight.as_second().div_euclid(86_400)))
    }

    fn push_to(self, sql: &mut Sql) {
        match self {
            Self::Table(name) => sql.push(name),
            Self::Day(day) => sql.push(DAYS).push_number(date_digits(day)),
        };
    }

    /// Notes in the transaction that removes that the table has to be written anew.
    pub(in super::super) async fn note(self, tx: &mut Tx) -> Result<(), StoreError> {
        let mut sql = Sql::new("insert into to_rewrite (table_name) values (");
        sql.bind(self.name().as_str()).push(") on conflict (table_name) do nothing");
        tx.execute(sql).await?;
        Ok(())
    }
}

impl Store {
    /// Writes a table anew and takes its note away. `false` while somebody reads the table, or could still
    /// read what was removed from it.
    pub(in super::super) async fn rewrite(&self, table: Emptied) -> Result<bool, StoreError> {
        if self.pools.is_sqlite() {
            return Ok(true);
        }
        match self.cluster(table).await {
            Err(error) if error.waited_for_a_lock() => Ok(false),
            done => done,
        }
    }

    async fn cluster(&self, table: Emptied) -> Result<bool, StoreError> {
        let mut tx = self.pools.begin().await?;
        // Whoever waits for a table behind a slow reader makes every other reader wait, too.
        tx.execute(Sql::new("set local lock_timeout = '3s'")).await?;
        let mut sql = Sql::new("select to_regclass('");
        table.push_to(&mut sql);
        sql.push("') is not null");
        let there: Vec<(bool,)> = tx.all(sql).await?;
        if there.first().is_some_and(|(there,)| *there) {
            let mut sql = Sql::new("cluster ");
            table.push_to(&mut sql);
            sql.push(" using ");
            table.push_to(&mut sql);
            sql.push("_pkey");
            tx.execute(sql).await?;
            // The index, just built, holds every row of the file; the table counts the living. Where
            // they differ, an older transaction kept what was removed. Minus one is "not counted": empty.
            let mut sql = Sql::new(
                "select greatest(i.reltuples, 0) = greatest(t.reltuples, 0) from pg_class t, pg_class i where t.oid = '",
            );
            table.push_to(&mut sql);
            sql.push("'::regclass and i.oid = '");
            table.push_to(&mut sql);
            sql.push("_pkey'::regclass");
            let rewritten: Vec<(bool,)> = tx.all(sql).await?;
            if !rewritten.first().is_some_and(|(all,)| *all) {
                tx.commit().await?;
                return Ok(false);
            }
        }
        let mut sql = Sql::new("delete from to_rewrite where table_name = ");
        sql.bind(table.name().as_str());
        tx.execute(sql).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Writes anew what is noted, and waits so long for transactions that are older than the removal.
    ///
    /// # Errors
    ///
    /// [`StoreError::StillSeen`] where one is open for longer: the next run goes on from there.
    pub async fn finish_rewriting(&self, patience: Duration) -> Result<(), StoreError> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let mut left = 0;
            for (name,) in
                self.pools.all::<(String,)>(Sql::new("select table_name from to_rewrite")).await?
            {
                let table = Emptied::named(&name).ok_or(StoreError::UnknownValue {
                    table: "to_rewrite",
                    column: "table_name",
                })?;
                left += u32::from(!self.rewrite(table).await?);
            }
            if left == 0 {
                return Ok(());
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(StoreError::StillSeen { tables: left });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// A day as the names of tables write it, 20261124.
fn date_digits(day: Day) -> u32 {
    let date = Timestamp::from_seconds(day.saturating_mul(86_400)).to_jiff();
    let date = jiff::tz::TimeZone::UTC.to_datetime(date).date();
    let part = |number: i16| u32::from(number.unsigned_abs());
    part(date.year()) * 10_000 + part(date.month().into()) * 100 + part(date.day().into())
}

#[cfg(test)]
mod tests {
    use super::{Emptied, date_digits};

    #[test]
    fn a_day_is_named_by_its_date() {
        assert_eq!(date_digits(20_781), 20_261_124);
        assert_eq!(date_digits(0), 19_700_101);
    }

    #[test]
    fn what_is_noted_is_read_back_and_nothing_else() {
        for table in [Emptied::AUDIT, Emptied::ODD, Emptied::Day(20_781), Emptied::Day(0)] {
            assert_eq!(Emptied::named(&table.name()), Some(table));
        }
        for name in [
            "",
            "accounts",
            "exchanges_",
            "exchanges_2026",
            "exchanges_20261399",
            "exchanges_20261124; drop",
        ] {
            assert_eq!(Emptied::named(name), None, "{name}");
        }
    }
}
