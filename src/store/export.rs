//! Every event of a stretch of time, in order, a piece at a time.
//!
//! Owns the walk. Holds one piece in memory; events that come in meanwhile with an older time than
//! the walk has reached are not seen.

use super::Store;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::walk::Walk;
use crate::domain::event::Exchange;

/// Events of one piece.
const PIECE: usize = 1_000;

/// A walk through events, oldest first.
pub struct Export {
    store: Store,
    filter: ExchangeFilter,
    after: Option<i64>,
    done: bool,
}

impl Store {
    /// Begins a walk through the events that fit, oldest first.
    #[must_use]
    pub fn export(&self, filter: ExchangeFilter) -> Export {
        Export { store: self.clone(), filter, after: None, done: false }
    }
}

impl Export {
    /// The next piece; empty at the end.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn next_piece(&mut self) -> Result<Vec<Exchange>, StoreError> {
        while !self.done {
            let walk = self.store.walk(&self.filter, self.after, PIECE, Walk::OldestFirst);
            let walked = walk.await?;
            self.after = walked.next;
            self.done = walked.next.is_none();
            if !walked.items.is_empty() {
                return Ok(walked.items.into_iter().map(|(_, event)| event).collect());
            }
        }
        Ok(Vec::new())
    }
}
