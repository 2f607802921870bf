//! What waits in memory for the disk, and the exact account of it.
//!
//! Owns the bound: beyond it events are lost and counted. Who wakes whom is the writer's business.

use super::fresh::Beside;
use crate::domain::event::Exchange;
use crate::domain::time::Timestamp;

/// Most bytes that wait in memory.
const MAX_PENDING_BYTES: usize = 32 * 1_024 * 1_024;

/// What became of every event so far. `events` is always the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that were to be recorded.
    pub events: u64,
    /// Of these, on disk.
    pub recorded: u64,
    /// Of these, in memory, to be written.
    pub queued: u64,
    /// Of these, lost, because the disk did not take them.
    pub dropped: u64,
}

/// Lines that wait, and what became of events before them.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) lines: Vec<u8>,
    pub(super) beside: Beside,
    pub(super) counts: Counts,
    /// Events lost since the last gap mark, and when the first of them was.
    pub(super) lost: u64,
    pub(super) lost_since: Option<Timestamp>,
    /// The thread waits to be woken rather than for the end of a batch.
    pub(super) asleep: bool,
    pub(super) stopping: bool,
}

impl Pending {
    /// Loses events, and remembers since when: the earliest counts, since what waited longest may go last.
    pub(super) fn lose(&mut self, events: u64, since: Timestamp) {
        self.counts.dropped += events;
        self.lost += events;
        self.lost_since = Some(self.lost_since.map_or(since, |known| known.min(since)));
    }

    fn has_room(&self, line: &[u8]) -> bool {
        self.lines.len() + line.len() <= MAX_PENDING_BYTES
    }

    /// Takes a line that is no event; `false` if there is no room for it.
    pub(super) fn take_note(&mut self, line: &[u8]) -> bool {
        let fits = self.has_room(line);
        if fits {
            self.lines.extend_from_slice(line);
            self.beside.other_line();
        }
        fits
    }

    /// Takes the line of an event, and the event if it is at hand; `false` if there is no room for it, so that it
    /// is lost.
    pub(super) fn take_event(
        &mut self,
        line: &[u8],
        event: Option<Box<Exchange>>,
        now: impl FnOnce() -> Timestamp,
    ) -> bool {
        self.counts.events += 1;
        if !self.has_room(line) {
            self.lose(1, now());
            return false;
        }
        self.lines.extend_from_slice(line);
        match event {
            Some(event) => self.beside.push(event),
            None => self.beside.other_line(),
        }
        self.counts.queued += 1;
        true
    }
}
