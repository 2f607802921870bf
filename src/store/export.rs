//! Every event of a stretch of time, in order, a piece at a time.
//!
//! Owns the walk. Holds one piece in memory; events that come in meanwhile with an older time than
//! the walk has reached are not seen.

use super::Store;
use super::cursor::Cursor;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::read::{MAX_PAGE, Walk};
use crate::domain::event::Exchange;

/// A walk through events, oldest first.
pub struct Export {
    store: Store,
    filter: ExchangeFilter,
    after: Option<Cursor>,
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
        if self.done {
            return Ok(Vec::new());
        }
        let walk = self.store.walk(&self.filter, self.after, MAX_PAGE, Walk::OldestFirst);
        let piece = walk.await?;
        self.after = piece.last().map(Cursor::after);
        self.done = piece.len() < MAX_PAGE as usize;
        Ok(piece)
    }
}
