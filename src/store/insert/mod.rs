//! The write side: a batch of events becomes rows, roll-ups and a checkpoint, or nothing at all.
//!
//! Owns the one transaction of indexing. It is idempotent by event id: a batch that comes again,
//! after a crash or by an import, changes neither a row nor a count. Does not read journals; the
//! indexer does, and hands batches over.

mod bulk;
mod fold;

use std::collections::HashSet;

use self::bulk::{Conflict, Table};
use self::fold::Folded;
use super::Store;
use super::checkpoint::{self, Checkpoint};
use super::connection::Tx;
use super::error::StoreError;
use super::row::{self, COLUMNS};
use super::sql::{Arg, Sql};
use crate::domain::event::Exchange;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;

/// Most events of one batch: a transaction stays short, so that other writers are not kept waiting.
pub const MAX_BATCH: usize = 5_000;

/// Events to write, in one transaction.
pub struct Batch<'b> {
    /// In the journal's order; at most [`MAX_BATCH`].
    pub events: &'b [Exchange],
    /// How far the journal is indexed once these are in; `None` for an import.
    pub checkpoint: Option<&'b Checkpoint>,
    /// Knows the clinics' calendars.
    pub registry: &'b Registry,
    /// The time of writing.
    pub at: Timestamp,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    /// Events that were new.
    pub inserted: usize,
    /// Events that were there already, or twice in the batch.
    pub duplicates: usize,
}

const EXCHANGES: Table = Table {
    name: "exchanges",
    columns: COLUMNS,
    key: "(id)",
    key_postgres: "(ts, id)",
    // What was looked up as new is new. If it is not, the roll-ups would count it twice.
    conflict: Conflict::Fail,
};

impl Store {
    /// Writes a batch in one transaction: rows, roll-ups, daily actors and the checkpoint.
    ///
    /// Only events whose id is new count in the roll-ups. A batch without events moves the
    /// checkpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; then nothing of the batch is written.
    pub async fn insert(&self, batch: &Batch<'_>) -> Result<Inserted, StoreError> {
        if batch.events.len() > MAX_BATCH {
            return Err(StoreError::TooMany { most: MAX_BATCH });
        }
        let mut tx = self.pools.begin().await?;
        let fresh = new_events(&mut tx, batch.events).await?;
        let scopes = row::scope_sets(&fresh);
        let ids = self.labels.ensure(&mut tx, row::names(&fresh, &scopes)).await?;
        let rows = fresh.iter().zip(&scopes);
        let rows = rows
            .map(|(event, scopes)| row::values(event, scopes.as_deref(), &ids))
            .collect::<Result<Vec<_>, _>>()?;
        bulk::insert(&mut tx, &EXCHANGES, rows).await?;
        Folded::of(&fresh, &ids, batch.registry)?.write(&mut tx).await?;
        if let Some(checkpoint) = batch.checkpoint {
            checkpoint::write(&mut tx, checkpoint, batch.at).await?;
        }
        tx.commit().await?;
        self.labels.committed(ids);
        let duplicates = batch.events.len() - fresh.len();
        Ok(Inserted { inserted: fresh.len(), duplicates })
    }
}

/// The events whose ids are neither in the store nor earlier in the batch. The look-up and the
/// insert see the same rows: SQLite's transaction has the only writer, and two PostgreSQL instances
/// that write the same event at once meet at the table's key, where the second one's batch fails
/// and comes again.
async fn new_events<'e>(
    tx: &mut Tx,
    events: &'e [Exchange],
) -> Result<Vec<&'e Exchange>, StoreError> {
    let mut seen = HashSet::with_capacity(events.len());
    let unique: Vec<&Exchange> = events.iter().filter(|event| seen.insert(event.id)).collect();
    let mut stored = HashSet::new();
    for chunk in bulk::fixed_chunks(&unique) {
        let mut sql = Sql::new("select id from exchanges where id in (");
        sql.bind_all(chunk.iter().map(|event| Arg::from(event.id.0.as_bytes().as_slice())));
        sql.push(")");
        let rows: Vec<(Vec<u8>,)> = tx.all(sql).await?;
        stored.extend(rows.into_iter().map(|(id,)| id));
    }
    let is_new = |event: &&Exchange| !stored.contains(event.id.0.as_bytes().as_slice());
    Ok(unique.into_iter().filter(is_new).collect())
}
