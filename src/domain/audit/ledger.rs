//! The writes whose result nobody knows: intents without an outcome, and outcomes that say `unknown`.
//!
//! Pure: a fold over records in their order. A later record about the same call counts more than an
//! earlier one, so a person's word (`settled`) closes what a timeout left open.

use std::collections::BTreeMap;

use super::{CallResult, Entry, Kind};
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;

/// Most writes that are kept; beyond, new ones are only counted.
const MOST: usize = 100_000;

/// The writes whose result nobody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    open: BTreeMap<EventId, Timestamp>,
    beyond: u64,
}

impl Ledger {
    /// Takes the next record into account.
    pub fn note(&mut self, entry: &Entry, ts: Timestamp) {
        let Some(id) = entry.event_id else { return };
        match (entry.kind, entry.result) {
            (Kind::Intent, _) | (Kind::Outcome, None | Some(CallResult::Unknown)) => {
                if self.open.len() < MOST {
                    self.open.entry(id).or_insert(ts);
                } else if entry.kind == Kind::Intent {
                    self.beyond += 1;
                }
            }
            (Kind::Outcome, Some(CallResult::Applied | CallResult::Rejected))
            | (Kind::Refused, _) => {
                let known = self.open.remove(&id).is_some();
                self.beyond -= u64::from(!known && self.beyond > 0 && entry.kind == Kind::Outcome);
            }
            _ => {}
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.open.len() as u64 + self.beyond
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the result of a write is not known.
    #[must_use]
    pub fn is_open(&self, id: EventId) -> bool {
        self.open.contains_key(&id)
    }

    /// Those that are kept one by one, with the time of their intent.
    pub fn open(&self) -> impl Iterator<Item = (EventId, Timestamp)> {
        self.open.iter().map(|(id, ts)| (*id, *ts))
    }

    /// How many more there are, that are only counted.
    #[must_use]
    pub const fn beyond(&self) -> u64 {
        self.beyond
    }

    /// A ledger as it stood at an earlier moment.
    #[must_use]
    pub fn restored(open: impl IntoIterator<Item = (EventId, Timestamp)>, beyond: u64) -> Self {
        Self { open: open.into_iter().collect(), beyond }
    }

    /// When the oldest of them was asked for.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.open.first_key_value().map(|(_, ts)| *ts)
    }
}
