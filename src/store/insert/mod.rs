//! The write side: a batch of events becomes rows, roll-ups and a checkpoint, or nothing at all.
//!
//! Owns the one transaction of indexing. It is idempotent by event id: a batch that comes again,
//! after a crash or by an import, changes neither a row nor a count. Does not read journals; the
//! indexer does, and hands batches over.

pub(super) mod bulk;
mod copy;
mod fold;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use self::bulk::{Conflict, Table};
use self::fold::Folded;
use super::Store;
use super::checkpoint::{self, Checkpoint};
use super::connection::Tx;
use super::error::StoreError;
use super::place::{self, Placed, Taken, Unplaced, Window};
use super::retention::marks::{Late, Marks};
use super::row::{self, COLUMNS, Zero};
use super::sql::{Arg, Int, Sql};
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
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
    /// Events of a time that is purged already.
    pub late: usize,
}

const EXCHANGES: Table = Table {
    name: "exchanges",
    columns: COLUMNS,
    key: "(key)",
    // What was looked up as free is free. If it is not, another instance was faster.
    conflict: Conflict::Fail,
};

/// Columns of [`EXCHANGES`] that are four bytes wide on PostgreSQL.
const NARROW: [&str; 6] =
    ["late_us", "kind", "clinic_label", "operation_label", "ending_label", "office"];

/// Fewest rows that are copied. The end of a copy is a message of its own, which TCP holds back until what
/// came before is acknowledged: up to 40 ms, in which the server has enough to do with many rows.
const FEWEST_COPIED: usize = 500;

/// How often a batch begins anew because another instance took one of its places.
const MOST_TRIES: u32 = 5;

impl Store {
    /// Writes a batch in one transaction: rows, roll-ups, daily actors and the checkpoint.
    ///
    /// Only events whose id is new count in the roll-ups. A batch without events moves the
    /// checkpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], [`StoreError::TooMany`], [`StoreError::Replaced`] or
    /// [`StoreError::Crowded`]; then nothing of the batch is written.
    pub async fn insert(&self, batch: &Batch<'_>) -> Result<Inserted, StoreError> {
        if batch.events.len() > MAX_BATCH {
            return Err(StoreError::TooMany { most: MAX_BATCH });
        }
        let done = self.insert_of_many_tries(batch).await;
        match done {
            Err(error) if error.lacks_the_schema() || matches!(error, StoreError::Replaced) => {
                self.forget();
                Err(StoreError::Replaced)
            }
            done => done,
        }
    }

    async fn insert_of_many_tries(&self, batch: &Batch<'_>) -> Result<Inserted, StoreError> {
        self.open_days(batch.events, batch.at).await?;
        let mut tries = 1;
        loop {
            match self.try_insert(batch).await {
                Err(error) if tries < MOST_TRIES && error.is_a_race() => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_insert(&self, batch: &Batch<'_>) -> Result<Inserted, StoreError> {
        let mut tx = self.pools.begin().await?;
        if let Some(checkpoint) = batch.checkpoint {
            // Before anything remembered is used: in another database, ids mean other names.
            self.lately.holds(&mut tx, &checkpoint.instance).await?;
        }
        let in_time = in_time(batch.events, Marks::read(&mut tx).await?);
        let late = batch.events.len() - in_time.len();
        let mut seen = HashSet::with_capacity(in_time.len());
        let unique: Vec<&Exchange> =
            in_time.iter().map(AsRef::as_ref).filter(|event| seen.insert(event.id)).collect();
        let placed = find_places(&mut tx, unique).await?;
        let events = || placed.iter().map(|placed| placed.event);
        let ids = self.labels.ensure(&mut tx, row::names(events())).await?;
        let kinds = self.kinds.ensure(&mut tx, events()).await?;
        let rows = placed.iter().zip(&kinds.numbers);
        let zero = if self.pools.is_sqlite() { Zero::Kept } else { Zero::LeftOut };
        let rows = rows.map(|(placed, kind)| row::values(placed, *kind, &ids, zero));
        let mut tx = write_rows(tx, rows.collect::<Result<_, _>>()?).await?;
        let folded = Folded::of(events(), &ids, batch.registry)?;
        let figure_kinds = self.figure_kinds.ensure(&mut tx, &folded.kinds).await?;
        folded.write(&mut tx, &figure_kinds).await?;
        if let Some(checkpoint) = batch.checkpoint {
            checkpoint::write(&mut tx, checkpoint, batch.at).await?;
        }
        let inserted = placed.len();
        tx.commit().await?;
        self.labels.committed(ids);
        self.kinds.committed(kinds);
        self.figure_kinds.committed(figure_kinds);
        if let Some(checkpoint) = batch.checkpoint {
            self.lately.committed(checkpoint, batch.at);
        }
        Ok(Inserted { inserted, duplicates: in_time.len() - inserted, late })
    }
}

async fn write_rows(tx: Tx, rows: Vec<Vec<Arg>>) -> Result<Tx, StoreError> {
    match tx {
        Tx::Postgres(tx) if rows.len() >= FEWEST_COPIED => {
            copy::copy(tx, EXCHANGES.name, COLUMNS, &NARROW, &rows).await.map(Tx::Postgres)
        }
        mut tx => {
            bulk::insert(&mut tx, &EXCHANGES, rows).await?;
            Ok(tx)
        }
    }
}

/// The events that are not too late; of a time whose references are purged, without references.
fn in_time(events: &[Exchange], marks: Marks) -> Vec<Cow<'_, Exchange>> {
    let judge = |event| match marks.judge(event) {
        Late::Refused => None,
        Late::Without { patient: false, actor: false } => Some(Cow::Borrowed(event)),
        Late::Without { patient, actor } => {
            let mut event = event.clone();
            event.patient_ref = event.patient_ref.filter(|_| !patient);
            event.actor_ref = event.actor_ref.filter(|_| !actor);
            event.token_ref = event.token_ref.filter(|_| !actor);
            Some(Cow::Owned(event))
        }
    };
    events.iter().filter_map(judge).collect()
}

/// Finds the events that are new, and a place for each. The look and the insert see the same rows:
/// SQLite's transaction has the only writer, and two PostgreSQL instances that want one place meet
/// at the table's key, where the second one begins anew.
async fn find_places<'e>(
    tx: &mut Tx,
    mut events: Vec<&'e Exchange>,
) -> Result<Vec<Placed<'e>>, StoreError> {
    // The order of time makes neighbours in the table neighbours in the statement.
    events.sort_by_key(|event| (event.ts, event.id));
    let strangers = stored_whole(tx, &events).await?;
    events.retain(|event| !strangers.contains(&event.id));
    let mut taken = Taken::default();
    let mut look = place::windows_of(&events);
    if let Some(stretch) = place::stretch_of(&look) {
        // The indexer writes in the order of time, so nearly always little is there yet.
        let rows = taken_rows(tx, stretch_statement(&stretch)).await?;
        if i64::try_from(rows.len()).is_ok_and(|rows| rows < MOST_OF_STRETCH) {
            taken.keys.extend(rows);
            taken.stretch = Some(stretch);
            look.clear();
        }
    }
    loop {
        for chunk in bulk::fixed_chunks(&look.iter().copied().collect::<Vec<_>>()) {
            taken.keys.extend(taken_rows(tx, windows_statement(chunk)).await?);
        }
        taken.windows.append(&mut look);
        match place::place(&events, &taken) {
            Ok(placed) => return Ok(placed),
            Err(Unplaced::Look(windows)) => look = windows,
            Err(Unplaced::Crowded) => return Err(StoreError::Crowded),
        }
    }
}

/// Keys that are taken, and by which events.
async fn taken_rows(tx: &mut Tx, sql: Sql) -> Result<Vec<(i64, EventId)>, StoreError> {
    let rows: Vec<(Int, Option<Int>, Vec<u8>)> = tx.all(sql).await?;
    let row = |(key, late_us, id): (Int, Option<Int>, Vec<u8>)| {
        let ts = place::time_of(key.0, late_us.map_or(0, |late| late.0));
        let unknown = StoreError::UnknownValue { table: "exchanges", column: "id" };
        Ok((key.0, place::unpack_id(&id, ts).ok_or(unknown)?))
    };
    rows.into_iter().map(row).collect()
}

/// Rows of one stretch that are looked at; of a stretch that holds more, single windows are.
const MOST_OF_STRETCH: i64 = 2_000;

fn stretch_statement(stretch: &Range<Window>) -> Sql {
    let mut sql = Sql::new("select e.key, e.late_us, e.id from exchanges e where e.key >= ");
    sql.bind(place::keys_of(stretch.start).0).push(" and e.key < ");
    sql.bind(place::keys_of(stretch.end).0).push(" order by e.key limit ").bind(MOST_OF_STRETCH);
    sql
}

fn windows_statement(windows: &[Window]) -> Sql {
    let mut sql = Sql::new("with taken (low, high) as (values ");
    for (index, window) in windows.iter().enumerate() {
        let (low, high) = place::keys_of(*window);
        sql.push(if index == 0 { "(" } else { ", (" }).bind(low).push(", ").bind(high).push(")");
    }
    sql.push(
        ") select e.key, e.late_us, e.id from taken \
         join exchanges e on e.key >= taken.low and e.key < taken.high",
    );
    sql
}

/// Those of the events that are in the store with an id whose time is not theirs, as imported ones
/// may be. There are few such rows, if any, so most batches end at the first question.
async fn stored_whole(tx: &mut Tx, events: &[&Exchange]) -> Result<HashSet<EventId>, StoreError> {
    let mut found = HashSet::new();
    let any = Sql::new("select 1 from exchanges where length(id) = 16 limit 1");
    if tx.all::<(Int,)>(any).await?.is_empty() {
        return Ok(found);
    }
    for chunk in bulk::fixed_chunks(events) {
        let mut sql = Sql::new("select id from exchanges where length(id) = 16 and id in (");
        sql.bind_all(chunk.iter().map(|event| Arg::from(event.id.0.as_bytes().as_slice())));
        sql.push(")");
        let rows: Vec<(Vec<u8>,)> = tx.all(sql).await?;
        let ids = rows.iter().filter_map(|(id,)| uuid::Uuid::from_slice(id).ok());
        found.extend(ids.map(EventId));
    }
    Ok(found)
}
