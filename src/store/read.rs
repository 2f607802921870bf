//! Single events and pages of them.
//!
//! Owns every read of `exchanges`. Each follows an index and has a limit; see [`super::walk`].

use super::Store;
use super::cursor::Cursor;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::place;
use super::row::{RawRow, SELECT};
use super::sql::{Int, Sql};
use super::walk::{Found, Stretch, Walk};
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::labels::Outcome;
use crate::domain::time::Timestamp;

/// Most events of one page.
pub const MAX_PAGE: u32 = 500;
/// Rows that counting looks at along one index.
const MOST_COUNTED_ROWS: i64 = 1_000_000;

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

impl Store {
    /// One event.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn exchange(&self, id: EventId) -> Result<Option<Exchange>, StoreError> {
        Ok(self.find(id).await?.map(|(_, event)| event))
    }

    /// A page of events, newest first. At most [`MAX_PAGE`], whatever `limit` says.
    ///
    /// The work for one page is bounded: where few events fit, a page may hold fewer than asked
    /// for, even none, and still have a `next`.
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
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let from = cursor.map(|cursor| cursor.key);
        let walked = self.walk(filter, from, limit, Walk::NewestFirst).await?;
        let next = walked.next.map(Cursor::after);
        Ok(Page { items: events(walked.items), next })
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
        self.first_of(&filter, Walk::NewestFirst).await
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
        let each_side = each_side.clamp(1, MAX_PAGE) as usize;
        let filter = ExchangeFilter {
            clinic: event.clinic.clone(),
            actor_refs: event.actor_ref.iter().cloned().collect(),
            ..ExchangeFilter::default()
        };
        let key = self.find(event.id).await?.map_or(place::first_key(event.ts), |(key, _)| key);
        let before = self.walk(&filter, Some(key), each_side, Walk::NewestFirst).await?;
        let after = self.walk(&filter, Some(key), each_side, Walk::OldestFirst).await?;
        let mut before = events(before.items);
        before.reverse();
        Ok(Neighbours { before, after: events(after.items) })
    }

    /// The times of the oldest and the newest event.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn extent(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let everything = ExchangeFilter::default();
        let oldest = self.first_of(&everything, Walk::OldestFirst).await?;
        let newest = self.first_of(&everything, Walk::NewestFirst).await?;
        Ok(oldest.zip(newest).map(|(oldest, newest)| (oldest.ts, newest.ts)))
    }

    /// The time of the oldest event that fits.
    pub(super) async fn oldest_of(
        &self,
        filter: &ExchangeFilter,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.first_of(filter, Walk::OldestFirst).await?.map(|event| event.ts))
    }

    /// How many events fit, counted up to `most`.
    ///
    /// The work is bounded: along each index, only the newest million rows are looked
    /// at, so a rare thing in a long stretch of time may be counted short.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn count(&self, filter: &ExchangeFilter, most: u32) -> Result<u64, StoreError> {
        let search = self.search(filter).await?;
        let mut count = 0;
        for lead in &search.walks {
            let mut stretch =
                Stretch { search: &search, lead, walk: Walk::NewestFirst, from: None, until: None };
            if !search.rest.is_empty() {
                let end: Option<(Int,)> = self.pools.first(stretch.end(MOST_COUNTED_ROWS)).await?;
                stretch.until = end.map(|(key,)| key.0);
            }
            let row: Option<(Int,)> = self.pools.first(stretch.count(most)).await?;
            count += row.map_or(0, |(found,)| found.0.cast_unsigned());
        }
        Ok(count.min(u64::from(most)))
    }

    async fn find(&self, id: EventId) -> Result<Option<Found>, StoreError> {
        for is in place::is(id) {
            let mut sql = Sql::new("select ");
            sql.push(SELECT).push(" from exchanges e where ").append(&is);
            let found = self.events(sql).await?.into_iter().find(|(_, event)| event.id == id);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The events of rows, each with its key.
    pub(super) async fn events(&self, sql: Sql) -> Result<Vec<Found>, StoreError> {
        let rows: Vec<RawRow> = self.pools.all(sql).await?;
        let labels = rows.iter().filter_map(RawRow::clinic_label);
        self.labels.prepare(&self.pools, labels).await?;
        let kinds = rows.iter().filter_map(RawRow::kind).collect();
        let kinds = self.kinds.get(&self.pools, kinds).await?;
        let event = |row: RawRow| {
            let kind = row.kind().and_then(|kind| kinds.get(&kind));
            let unknown = StoreError::UnknownValue { table: "exchanges", column: "kind" };
            Ok((row.key(), row.event(kind.ok_or(unknown)?, &self.labels)?))
        };
        rows.into_iter().map(event).collect()
    }
}

fn events(found: Vec<Found>) -> Vec<Exchange> {
    found.into_iter().map(|(_, event)| event).collect()
}
