//! The calls around a question, for the diagnosis: few columns, many rows, bounded on both sides.
//!
//! Owns the reads. Each walks one index from a moment outwards and stops after so many rows, so what
//! a diagnosis costs does not grow with the table. What the calls mean is decided in
//! `crate::diagnosis`.

mod sighting;
mod silence;

use super::Store;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::place::{self, MOST_LATE_US};
use super::search::Search;
use super::sql::Sql;
use super::walk::Walk;
use crate::domain::time::Timestamp;

pub use self::sighting::Sighting;

/// How many calls are read on either side of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// The moment.
    pub at: Timestamp,
    /// Most calls before it.
    pub before: u32,
    /// Most calls from it on.
    pub after: u32,
}

impl Store {
    /// The calls that fit, nearest to a moment, in no particular order.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn sightings(
        &self,
        filter: &ExchangeFilter,
        around: Around,
    ) -> Result<Vec<Sighting>, StoreError> {
        let search = self.search(filter).await?;
        let mut found = Vec::new();
        for (walk, limit) in [(Walk::NewestFirst, around.before), (Walk::OldestFirst, around.after)]
        {
            let mut side = Vec::new();
            for lead in search.walks.iter().filter(|_| limit > 0) {
                side.append(
                    &mut self
                        .sighted(statement(&search, filter, lead, walk, around, limit))
                        .await?,
                );
            }
            // Several walks bring up to the limit each.
            side.sort_by_key(|call| (call.ts, call.id));
            if walk == Walk::NewestFirst {
                side.reverse();
            }
            side.truncate(limit as usize);
            found.append(&mut side);
        }
        Ok(found)
    }

    /// How [`Store::sightings`] would be run, for tests that forbid scans.
    #[doc(hidden)]
    pub async fn plan_of_sightings(
        &self,
        filter: &ExchangeFilter,
        around: Around,
    ) -> Result<Vec<String>, StoreError> {
        let search = self.search(filter).await?;
        let mut lines = Vec::new();
        for walk in [Walk::NewestFirst, Walk::OldestFirst] {
            for lead in &search.walks {
                let sql = statement(&search, filter, lead, walk, around, 10);
                lines.append(&mut self.pools.explain(sql).await?);
            }
        }
        Ok(lines)
    }
}

fn statement(
    search: &Search,
    filter: &ExchangeFilter,
    lead: &Sql,
    walk: Walk,
    around: Around,
    limit: u32,
) -> Sql {
    let mut sql = Sql::new("select ");
    sql.push(sighting::SELECT).push(" from exchanges e where ").append(lead);
    bound(&mut sql, filter, walk, around);
    sql.append(&search.rest);
    sql.push(match (walk, search.sorts) {
        (Walk::NewestFirst, false) => " order by e.key desc",
        (Walk::OldestFirst, false) => " order by e.key",
        // A sum is no index's order.
        (Walk::NewestFirst, true) => " order by e.key + 0 desc",
        (Walk::OldestFirst, true) => " order by e.key + 0",
    });
    sql.push(" limit ").bind(i64::from(limit));
    sql
}

/// One bound on each side of the key: of two, SQLite would start its walk at either, and read all that
/// lies between them. The bound on the far side lets PostgreSQL leave out the days beyond it.
fn bound(sql: &mut Sql, filter: &ExchangeFilter, walk: Walk, around: Around) {
    let moment = place::first_key(around.at);
    let from = filter.from.map(place::first_key);
    let beyond = |to: Timestamp| Timestamp::from_micros(to.micros().saturating_add(MOST_LATE_US));
    let to = filter.to.map(|to| place::first_key(beyond(to)));
    let (low, high) = match walk {
        Walk::NewestFirst => (from, Some(to.map_or(moment, |to| to.min(moment)))),
        Walk::OldestFirst => (Some(from.map_or(moment, |from| from.max(moment))), to),
    };
    if let Some(low) = low {
        sql.push(" and e.key >= ").bind(low);
    }
    if let Some(high) = high {
        sql.push(" and e.key < ").bind(high);
    }
    // The time itself decides at the edges.
    if let Some(from) = filter.from {
        sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) >= ").bind(from.micros());
    }
    if let Some(to) = filter.to {
        sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) < ").bind(to.micros());
    }
}
