//! What is over its limit goes, a bounded piece at a time.
//!
//! Owns the removal of rows by class, its marks and its ledger. Each piece is one short transaction,
//! in which the ledger counts what it removes. Limits come from the settings; the journal's segments
//! and the order of classes are `crate::retention`'s business.
//!
//! | file | what |
//! | --- | --- |
//! | [`marks`] | how far each class is purged, and what therefore comes too late |
//! | [`ledger`] | what was purged |
//! | [`events`], [`references`], [`figures`], [`incidents`], [`access`] | one class each, or a few |
//! | [`rewrite`] | PostgreSQL's tables are written anew, until nothing removed is left in a file |
//! | [`oldest`] | the oldest row of each class, and how many are due |
//! | [`space`] | what was freed goes back to the file system |
//! | [`kept`] | every table and column: what it holds, and under which limit |

mod access;
mod events;
mod figures;
mod incidents;
pub(super) mod kept;
mod ledger;
pub(super) mod marks;
mod oldest;
mod references;
pub(super) mod rewrite;
mod space;

use super::Store;
use super::connection::Tx;
use super::days;
use super::error::StoreError;
use super::rollup::Span;
use super::sql::Sql;
use crate::domain::names::InstanceId;
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;

pub use kept::{ColumnKept, TableKept};
pub use ledger::LedgerLine;
pub use space::Returned;

/// Rows of one piece: a transaction of some ten milliseconds.
const PIECE: i64 = 1_000;

/// What one piece did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    rows: u64,
    bytes: u64,
    /// Nothing is left to do.
    last: bool,
}

/// The removal of what is over the limit of one class.
pub struct Purge {
    store: Store,
    class: Class,
    instance: InstanceId,
    cutoff: Timestamp,
    began: Timestamp,
    /// Where the next piece begins, where a class walks along the table.
    from: i64,
    line: Option<i64>,
    rows: u64,
    bytes: u64,
}

impl Store {
    /// Begins to remove what of a class is older than a time. From here on, nothing of the class that
    /// is older is taken in any more.
    ///
    /// PostgreSQL removes events and references by the day, so there a day goes once all of it is
    /// over the limit. The classes `journal` and `audit` have no rows here but the ledger's own.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn purge(
        &self,
        class: Class,
        cutoff: Timestamp,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<Purge, StoreError> {
        let by_day =
            matches!(class, Class::Events | Class::PatientReferences | Class::ActorReferences);
        let cutoff = if by_day && !self.pools.is_sqlite() {
            days::start_of(days::day_of(cutoff))
        } else {
            cutoff
        };
        let from = self.begin_mark(class, cutoff).await?;
        Ok(Purge {
            store: self.clone(),
            class,
            instance: instance.clone(),
            cutoff,
            began: now,
            from,
            line: None,
            rows: 0,
            bytes: 0,
        })
    }
}

impl Purge {
    /// Removes the next piece. `true` while there may be more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; what was removed before is in the ledger.
    pub async fn step(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let piece = match self.class {
            Class::Events => self.events(now).await?,
            Class::PatientReferences | Class::ActorReferences => self.references(now).await?,
            Class::MinuteFigures => self.figures(Span::Minute, now).await?,
            Class::HourFigures => self.figures(Span::Hour, now).await?,
            Class::DayFigures => self.figures(Span::Day, now).await?,
            Class::Access => self.ended(&access::ENDED, now).await?,
            Class::Diagnoses => self.ended(&access::DIAGNOSES, now).await?,
            Class::Incidents => self.incidents(now).await?,
            Class::Journal => Piece { last: true, ..Piece::default() },
            Class::Audit => self.old_ledger(now).await?,
        };
        if self.class == Class::Events && piece.last {
            self.recordings().await?;
        }
        self.rows += piece.rows;
        self.bytes += piece.bytes;
        // SQLite's mark is set with the last piece; PostgreSQL's once tables are written anew.
        if piece.last && !self.store.pools.is_sqlite() {
            self.store.end_mark(self.class, self.cutoff).await?;
        }
        Ok(!piece.last)
    }

    /// Rows removed so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes that went back to the file system so far, where that is known.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is older than this goes.
    #[must_use]
    pub const fn cutoff(&self) -> Timestamp {
        self.cutoff
    }

    /// A transaction in which one process removes at a time.
    async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = self.store.pools.begin().await?;
        if !self.store.pools.is_sqlite() {
            // Whoever waits for a table behind a slow reader makes every other reader wait, too.
            tx.execute(Sql::new("set local lock_timeout = '3s'")).await?;
            let lock = "select pg_advisory_xact_lock(hashtext('accuscope.purge'))";
            tx.execute(Sql::new(lock)).await?;
        }
        Ok(tx)
    }

    /// Ends the transaction of a piece that came out of a table of PostgreSQL, and writes that anew.
    async fn rewriting(
        &mut self,
        mut tx: Tx,
        table: rewrite::Emptied,
        piece: Piece,
        now: Timestamp,
    ) -> Result<Piece, StoreError> {
        if piece.rows > 0 {
            table.note(&mut tx).await?;
        }
        let piece = self.commit(tx, piece, now).await?;
        if piece.rows > 0 {
            // What it leaves, the end of the run takes up.
            self.store.rewrite(table).await?;
        }
        Ok(piece)
    }

    /// Counts a piece in the ledger, and ends its transaction.
    async fn commit(
        &mut self,
        mut tx: Tx,
        piece: Piece,
        now: Timestamp,
    ) -> Result<Piece, StoreError> {
        let line = if piece.rows + piece.bytes > 0 {
            Some(ledger::count(&mut tx, self, piece, now).await?)
        } else {
            self.line
        };
        if piece.last && self.store.pools.is_sqlite() {
            tx.execute(marks::end(self.class, self.cutoff)).await?;
        }
        tx.commit().await?;
        // Only now: a line of a transaction that was undone is not there.
        self.line = line;
        Ok(piece)
    }
}
