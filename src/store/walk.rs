//! Walks along the table in the order of time, each step bounded.
//!
//! Owns how a filter's search is carried out. A walk follows the leading filter's index and looks at
//! the other filters row by row. Where those let little through, it goes on in growing stretches up
//! to [`MOST_ROWS`] rows, and then says how far it came, instead of reading a whole table for one
//! page.

use super::Store;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::row::SELECT;
use super::search::Search;
use super::sql::{Int, Sql};
use crate::domain::event::Exchange;

/// An event with its key.
pub(super) type Found = (i64, Exchange);

/// Which way a walk goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    NewestFirst,
    OldestFirst,
}

/// How far a walk came.
pub(super) struct Walked {
    pub(super) items: Vec<Found>,
    /// The key after which there may be more; `None` at the end.
    pub(super) next: Option<i64>,
}

/// Rows of the first stretch; each next one is four times as long.
const FIRST_ROWS: i64 = 2_000;
/// Sections between the first and the last row, up to which each is looked into: half a year.
const MOST_SECTIONS_BETWEEN: i64 = 1_000;
/// Rows that one call looks at along each index.
const MOST_ROWS: i64 = 150_000;

/// A stretch of one index.
pub(super) struct Stretch<'s> {
    pub(super) search: &'s Search,
    pub(super) lead: &'s Sql,
    pub(super) walk: Walk,
    /// The key before the first.
    pub(super) from: Option<i64>,
    /// The last key.
    pub(super) until: Option<i64>,
}

impl Stretch<'_> {
    fn conditions(&self, sql: &mut Sql) {
        sql.push(" from exchanges e where ").append(self.lead).append(&self.search.stretch);
        let (order, newest_first) = (self.search.order, self.walk == Walk::NewestFirst);
        match self.from {
            Some(from) if newest_first => order.before(sql, from),
            Some(from) => order.after(sql, from),
            None => {}
        }
        match self.until {
            Some(until) if newest_first => order.from(sql, until),
            Some(until) => order.up_to(sql, until),
            None => {}
        }
    }

    fn sort(&self, sql: &mut Sql) {
        self.search.order.sort(sql, self.walk);
    }

    /// The events that fit.
    pub(super) fn events(&self, limit: usize) -> Sql {
        let mut sql = Sql::new("select ");
        sql.push(SELECT);
        self.conditions(&mut sql);
        self.sort(sql.append(&self.search.rest));
        sql.push(" limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        sql
    }

    /// How many fit, up to so many.
    pub(super) fn count(&self, most: u32) -> Sql {
        let mut sql = Sql::new("select count(*) from (select 1");
        self.conditions(&mut sql);
        sql.append(&self.search.rest).push(" limit ").bind(i64::from(most)).push(") found");
        sql
    }

    /// The key of the last of so many rows, whether they fit or not.
    pub(super) fn end(&self, rows: i64) -> Sql {
        let mut sql = Sql::new("select e.key");
        self.conditions(&mut sql);
        self.sort(&mut sql);
        sql.push(" limit 1 offset ").bind(rows - 1);
        sql
    }
}

impl Store {
    pub(super) async fn search(&self, filter: &ExchangeFilter) -> Result<Search, StoreError> {
        let ids = self.labels.find(&self.pools, filter.names()).await?;
        let sections = if filter.needs_sections() && self.pools.is_sqlite() {
            self.sections().await?
        } else {
            Vec::new()
        };
        Ok(filter.search(&ids, &sections, self.pools.is_sqlite()))
    }

    /// The sections of the table that may hold rows, the oldest first.
    async fn sections(&self) -> Result<Vec<i64>, StoreError> {
        let ends = Sql::new(
            "select (select key >> 38 from exchanges order by key limit 1), \
             (select key >> 38 from exchanges order by key desc limit 1)",
        );
        let ends: Option<(Option<Int>, Option<Int>)> = self.pools.first(ends).await?;
        let Some((Some(first), Some(last))) = ends else { return Ok(Vec::new()) };
        // A look into an empty section costs less than a look whether it is empty.
        if last.0 - first.0 < MOST_SECTIONS_BETWEEN {
            return Ok((first.0..=last.0).collect());
        }
        self.sections_with_rows().await
    }

    /// The sections of a table with a row of another age. Goes from one to the next, so it reads a row of
    /// each.
    async fn sections_with_rows(&self) -> Result<Vec<i64>, StoreError> {
        let sql = Sql::new(
            "with recursive section (n) as ( \
                select (select e.key >> 38 from exchanges e order by e.key limit 1) \
                union all \
                select (select e.key >> 38 from exchanges e \
                    where e.key >= (section.n + 1) << 38 order by e.key limit 1) \
                from section where section.n is not null) \
            select n from section where n is not null",
        );
        let rows: Vec<(Int,)> = self.pools.all(sql).await?;
        Ok(rows.into_iter().map(|(section,)| section.0).collect())
    }

    /// Events that fit, from after a key on, in either direction.
    pub(super) async fn walk(
        &self,
        filter: &ExchangeFilter,
        from: Option<i64>,
        limit: usize,
        walk: Walk,
    ) -> Result<Walked, StoreError> {
        let search = self.search(filter).await?;
        let mut parts = Vec::with_capacity(search.walks.len());
        for lead in &search.walks {
            let stretch = Stretch { search: &search, lead, walk, from, until: None };
            parts.push(self.walk_along(stretch, limit).await?);
        }
        Ok(merge(parts, limit, walk))
    }

    async fn walk_along(
        &self,
        mut stretch: Stretch<'_>,
        limit: usize,
    ) -> Result<Walked, StoreError> {
        let mut items = Vec::new();
        let (mut rows, mut looked) = (FIRST_ROWS, 0);
        loop {
            // Where every row fits, the limit bounds the walk.
            if !stretch.search.rest.is_empty() {
                let end: Option<(Int,)> = self.pools.first(stretch.end(rows)).await?;
                stretch.until = end.map(|(key,)| key.0);
                looked += rows;
                rows = (rows * 4).min(MOST_ROWS - looked);
            }
            // One more tells whether there is a next page.
            let wanted = limit + 1 - items.len();
            items.append(&mut self.events(stretch.events(wanted)).await?);
            if items.len() > limit {
                items.truncate(limit);
                let next = items.last().map(|(key, _)| *key);
                return Ok(Walked { items, next });
            }
            let Some(until) = stretch.until else { return Ok(Walked { items, next: None }) };
            if rows <= 0 {
                return Ok(Walked { items, next: Some(until) });
            }
            stretch.from = Some(until);
            stretch.until = None;
        }
    }

    /// The first event that fits, however far away.
    pub(super) async fn first_of(
        &self,
        filter: &ExchangeFilter,
        walk: Walk,
    ) -> Result<Option<Exchange>, StoreError> {
        let mut from = None;
        loop {
            let walked = self.walk(filter, from, 1, walk).await?;
            if let Some((_, event)) = walked.items.into_iter().next() {
                return Ok(Some(event));
            }
            match walked.next {
                Some(next) => from = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// How the databases would carry out the walks of a filter.
    pub(super) async fn explain(
        &self,
        filter: &ExchangeFilter,
        from: Option<i64>,
    ) -> Result<Vec<String>, StoreError> {
        let search = self.search(filter).await?;
        let mut lines = Vec::new();
        for lead in &search.walks {
            let walk = Walk::NewestFirst;
            let stretch =
                Stretch { search: &search, lead, walk, from, until: from.map(|k| k - 99) };
            lines.append(&mut self.pools.explain(stretch.end(FIRST_ROWS)).await?);
            lines.append(&mut self.pools.explain(stretch.events(50)).await?);
        }
        Ok(lines)
    }
}

/// Puts walks along several indices together. What one of them has not reached yet is left for the
/// next page, even if another has.
fn merge(parts: Vec<Walked>, limit: usize, walk: Walk) -> Walked {
    let newest_first = walk == Walk::NewestFirst;
    let place = |key: i64| if newest_first { -i128::from(key) } else { i128::from(key) };
    let reach = parts.iter().filter_map(|part| part.next).min_by_key(|key| place(*key));
    let mut items: Vec<Found> = parts.into_iter().flat_map(|part| part.items).collect();
    items.sort_by_key(|(key, _)| place(*key));
    items.retain(|(key, _)| reach.is_none_or(|reach| place(*key) <= place(reach)));
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(|(key, _)| *key) } else { reach };
    Walked { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::json;

    fn found(key: i64) -> Found {
        const LINE: &[u8] = br#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}"#;
        (key, json::read_line(LINE).unwrap())
    }

    /// A walk: its keys, and where it may go on.
    type Part = (&'static [i64], Option<i64>);
    /// Walks, the page's limit, its keys, and where the next one begins.
    type Row = (&'static [Part], usize, &'static [i64], Option<i64>);

    #[test]
    fn a_page_ends_where_the_slowest_walk_has_come() {
        #[rustfmt::skip]
        let table: [Row; 6] = [
            // walks: keys and next,                         limit, page,        next
            (&[(&[9, 7, 5], None)],                             3, &[9, 7, 5],   None),
            (&[(&[9, 7, 5], Some(5))],                          3, &[9, 7, 5],   Some(5)),
            (&[(&[9, 7], None), (&[8, 6], None)],               3, &[9, 8, 7],   Some(7)),
            (&[(&[9, 2], None), (&[8, 6], Some(6))],            2, &[9, 8],      Some(8)),
            (&[(&[9, 2], None), (&[], Some(4))],                3, &[9],         Some(4)),
            (&[], 3, &[], None),
        ];
        for (parts, limit, page, next) in table {
            let part = |(keys, next): &Part| Walked {
                items: keys.iter().map(|key| found(*key)).collect(),
                next: *next,
            };
            let merged = merge(parts.iter().map(part).collect(), limit, Walk::NewestFirst);
            let keys: Vec<i64> = merged.items.iter().map(|(key, _)| *key).collect();
            assert_eq!((keys.as_slice(), merged.next), (page, next), "{parts:?}");
        }
    }
}
