//! Single events and pages of them.
//!
//! Owns every read of `exchanges`. Each follows an index and has a limit.

use super::Store;
use super::cursor::Cursor;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::row::{RawRow, SELECT};
use super::sql::{Int, Sql};
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::labels::Outcome;
use crate::domain::time::Timestamp;

/// Most events of one page.
pub const MAX_PAGE: u32 = 500;

/// A page of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub items: Vec<Exchange>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// The calls around one call, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The ones before, the nearest last.
    pub before: Vec<Exchange>,
    /// The ones after, the nearest first.
    pub after: Vec<Exchange>,
}

/// Which way a walk goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    NewestFirst,
    OldestFirst,
}

impl Store {
    /// One event.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn exchange(&self, id: EventId) -> Result<Option<Exchange>, StoreError> {
        let mut sql = Sql::new("select ");
        sql.push(SELECT).push(" from exchanges e where e.id = ").bind(id.0.as_bytes().as_slice());
        Ok(self.events(sql).await?.pop())
    }

    /// A page of events, newest first. At most [`MAX_PAGE`], whatever `limit` says.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        // One more tells whether there is a next page.
        let mut items = self.walk(filter, cursor, limit + 1, Walk::NewestFirst).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = if more { items.last().map(Cursor::after) } else { None };
        Ok(Page { items, next })
    }

    /// The newest event that fits and that worked: "when did this last work?"
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn last_success(
        &self,
        filter: &ExchangeFilter,
    ) -> Result<Option<Exchange>, StoreError> {
        let filter = ExchangeFilter { outcome: Some(Outcome::Ok), ..filter.clone() };
        Ok(self.walk(&filter, None, 1, Walk::NewestFirst).await?.pop())
    }

    /// The calls just before and after one: the same person's if the person is known, else the same
    /// clinic's.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn neighbours(
        &self,
        event: &Exchange,
        each_side: u32,
    ) -> Result<Neighbours, StoreError> {
        let each_side = each_side.clamp(1, MAX_PAGE);
        let filter = ExchangeFilter {
            clinic: event.clinic.clone(),
            actor_refs: event.actor_ref.iter().cloned().collect(),
            ..ExchangeFilter::default()
        };
        let here = Some(Cursor::after(event));
        let mut before = self.walk(&filter, here, each_side, Walk::NewestFirst).await?;
        before.reverse();
        let after = self.walk(&filter, here, each_side, Walk::OldestFirst).await?;
        Ok(Neighbours { before, after })
    }

    /// The times of the oldest and the newest event.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn extent(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let sql =
            Sql::new("select (select min(ts) from exchanges), (select max(ts) from exchanges)");
        let row: Option<(Option<Int>, Option<Int>)> = self.pools.first(sql).await?;
        let time = |int: Int| Timestamp::from_micros(int.0);
        Ok(row.and_then(|(oldest, newest)| Some((time(oldest?), time(newest?)))))
    }

    /// How many events fit, counted up to `most`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn count(&self, filter: &ExchangeFilter, most: u32) -> Result<u64, StoreError> {
        let mut sql = Sql::new("select count(*) from (select 1 from exchanges e where 1 = 1");
        if !self.push_filter(&mut sql, filter).await? {
            return Ok(0);
        }
        sql.push(" limit ").bind(i64::from(most)).push(") found");
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        Ok(row.map_or(0, |(count,)| count.0.cast_unsigned()))
    }

    /// Events that fit, from a place on, in either direction.
    pub(super) async fn walk(
        &self,
        filter: &ExchangeFilter,
        from: Option<Cursor>,
        limit: u32,
        walk: Walk,
    ) -> Result<Vec<Exchange>, StoreError> {
        match self.walk_statement(filter, from, limit, walk).await? {
            Some(sql) => self.events(sql).await,
            None => Ok(Vec::new()),
        }
    }

    /// `None` where a filter names something that no event has.
    pub(super) async fn walk_statement(
        &self,
        filter: &ExchangeFilter,
        from: Option<Cursor>,
        limit: u32,
        walk: Walk,
    ) -> Result<Option<Sql>, StoreError> {
        let mut sql = Sql::new("select ");
        sql.push(SELECT).push(" from exchanges e where 1 = 1");
        if !self.push_filter(&mut sql, filter).await? {
            return Ok(None);
        }
        let newest_first = walk == Walk::NewestFirst;
        if let Some(from) = from {
            let (ts, id) = (from.ts.micros(), from.id.0);
            let [bound, strict, beyond] = if newest_first {
                [" and e.ts <= ", " and (e.ts < ", " or e.id < "]
            } else {
                [" and e.ts >= ", " and (e.ts > ", " or e.id > "]
            };
            sql.push(bound).bind(ts).push(strict).bind(ts);
            sql.push(beyond).bind(id.as_bytes().as_slice()).push(")");
        }
        sql.push(if newest_first {
            " order by e.ts desc, e.id desc limit "
        } else {
            " order by e.ts, e.id limit "
        });
        sql.bind(i64::from(limit));
        Ok(Some(sql))
    }

    /// Says whether any event can fit.
    async fn push_filter(
        &self,
        sql: &mut Sql,
        filter: &ExchangeFilter,
    ) -> Result<bool, StoreError> {
        let (needed, optional) = filter.names();
        let all = needed.iter().copied().chain(optional).collect();
        let ids = self.labels.find(&self.pools, all).await?;
        if needed.iter().any(|name| ids.get(name).is_none()) {
            return Ok(false);
        }
        filter.push(sql, &ids, self.pools.is_sqlite())?;
        Ok(true)
    }

    async fn events(&self, sql: Sql) -> Result<Vec<Exchange>, StoreError> {
        let rows: Vec<RawRow> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().flat_map(RawRow::labels)).await?;
        rows.into_iter().map(|row| row.event(&self.labels)).collect()
    }
}
