//! The tables of `exchanges` on PostgreSQL: one a day, and one for odd times.
//!
//! Owns which days there are. A day's table is there before the first event of it comes; an event of
//! no likely day (another age, a wrong clock) goes to the odd ones, so that a strange import cannot
//! make tables without end. SQLite has one table and none of this.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::Store;
use super::error::StoreError;
use super::place;
use super::sql::{Int, Sql};
use crate::domain::event::Exchange;
use crate::domain::time::Timestamp;

/// Days before and after the time of writing that get a table of their own.
const LIKELY: std::ops::RangeInclusive<i64> = -800..=8;
/// Days that are opened ahead.
const AHEAD: i64 = 3;
const DAY_SECONDS: i64 = 86_400;

/// A day, numbered since 1970-01-01, UTC.
pub(super) type Day = i64;

/// The day of a time.
pub(super) const fn day_of(at: Timestamp) -> Day {
    at.seconds().div_euclid(DAY_SECONDS)
}

/// The start of a day.
pub(super) const fn start_of(day: Day) -> Timestamp {
    Timestamp::from_seconds(day * DAY_SECONDS)
}

/// The days whose tables this process has seen.
#[derive(Default)]
pub(super) struct Days(Mutex<BTreeSet<Day>>);

impl Days {
    fn seen(&self) -> std::sync::MutexGuard<'_, BTreeSet<Day>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every day.
    pub(super) fn forget_all(&self) {
        self.seen().clear();
    }

    /// Forgets a day that was dropped.
    pub(super) fn forget(&self, day: Day) {
        self.seen().remove(&day);
    }
}

impl Store {
    /// Makes the tables that a batch needs, before its transaction: making one locks out readers of
    /// the odd ones for a moment, and a batch must hold no other lock then.
    pub(super) async fn open_days(
        &self,
        events: &[Exchange],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if self.pools.is_sqlite() {
            return Ok(());
        }
        // An event late in its microsecond may lie in the next second, and so in the next day.
        let late =
            |event: &Exchange| Timestamp::from_micros(event.ts.micros() + place::MOST_LATE_US);
        let days = events.iter().flat_map(|event| [day_of(event.ts), day_of(late(event))]);
        self.make_days(days, at).await
    }

    /// Makes the tables of today and the days to come.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn open_days_ahead(&self, now: Timestamp) -> Result<(), StoreError> {
        if self.pools.is_sqlite() {
            return Ok(());
        }
        self.make_days(day_of(now)..=day_of(now) + AHEAD, now).await
    }

    async fn make_days(
        &self,
        days: impl IntoIterator<Item = Day>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let today = day_of(at);
        let missing: BTreeSet<Day> = {
            let seen = self.days.seen();
            let likely = |day: &Day| LIKELY.contains(&(day - today)) && !seen.contains(day);
            days.into_iter().filter(likely).collect()
        };
        for day in missing {
            let mut sql = Sql::new("select open_day(cast(");
            sql.bind(day).push(" as integer))");
            self.pools.execute(sql).await?;
            self.days.seen().insert(day);
        }
        Ok(())
    }

    /// The days that there are, the oldest first.
    pub(super) async fn days(&self) -> Result<Vec<Day>, StoreError> {
        let sql = Sql::new("select cast(day as bigint) from exchange_days order by day");
        let rows: Vec<(Int,)> = self.pools.all(sql).await?;
        Ok(rows.into_iter().map(|(day,)| day.0).collect())
    }
}
