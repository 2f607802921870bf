//! Events that have just been written, for the indexer of the same process, which need not read them back.
//!
//! Owns the bound on their number. The journal's files stay what counts: an event is here only once its line
//! is on disk, and whoever does not find here what follows a position reads the file.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::segment::Position;
use crate::domain::event::Exchange;

/// Most events that are kept: some five megabytes.
const MOST: usize = 8_192;
/// Most events of one write; with more than that the disk is behind, and so will be the store.
const MOST_AT_ONCE: usize = 2_048;

/// Events in their boxes, as the call path leaves them: under the lock that every call takes, a pointer moves
/// instead of half a kilobyte.
pub(super) type Boxed = Vec<Box<Exchange>>;

/// The events of the lines, as long as they are few and every line is one.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) events: Boxed,
    pub(super) has_other_lines: bool,
}

impl Beside {
    /// The event of the next line.
    pub(super) fn push(&mut self, event: Box<Exchange>) {
        if self.events.len() == MOST_AT_ONCE {
            self.other_line();
        }
        if !self.has_other_lines {
            self.events.push(event);
        }
    }

    /// A line without an event: the lines will be read from the file.
    pub(super) fn other_line(&mut self) {
        self.has_other_lines = true;
        self.events.clear();
    }
}

/// What one write brought to disk: nothing but these events, one a line.
struct Written {
    from: Position,
    to: Position,
    events: Boxed,
}

/// Events that follow a position.
pub struct FreshEvents {
    /// In the order of their lines.
    pub events: Vec<Exchange>,
    /// The position after them.
    pub next: Position,
}

/// What was written lately.
#[derive(Default)]
pub(super) struct Fresh(Mutex<VecDeque<Written>>);

impl Fresh {
    fn lately(&self) -> MutexGuard<'_, VecDeque<Written>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what stands between two positions, and forgets the oldest if there is too much.
    pub(super) fn put(&self, from: Position, to: Position, events: Boxed) {
        let mut lately = self.lately();
        let mut kept = events.len() + lately.iter().map(|one| one.events.len()).sum::<usize>();
        lately.push_back(Written { from, to, events });
        while kept > MOST {
            kept -= lately.pop_front().map_or(kept, |oldest| oldest.events.len());
        }
    }

    /// Takes the events that follow a position, at most so many; `None` if the next ones are not here.
    pub(super) fn take(&self, at: Position, most: usize) -> Option<FreshEvents> {
        let mut taken = Boxed::new();
        let mut next = at;
        let mut lately = self.lately();
        while let Some(one) = lately.pop_front_if(|one| {
            one.from < at || one.from == next && taken.len() + one.events.len() <= most
        }) {
            if one.from == next {
                taken.extend(one.events);
                next = one.to;
            }
        }
        drop(lately);
        let events = taken.into_iter().map(|event| *event).collect();
        (next != at).then_some(FreshEvents { events, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::json;

    fn event(number: usize) -> Box<Exchange> {
        let line = format!(
            r#"{{"id":"01939f6e-5a2b-7c3d-8e4f-{number:012x}","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}}"#
        );
        Box::new(json::read_line(line.as_bytes()).unwrap())
    }

    fn at(offset: u64) -> Position {
        Position { offset, ..Position::START }
    }

    fn of(writes: &[(u64, u64, usize)]) -> Fresh {
        let fresh = Fresh::default();
        for (from, to, number) in writes {
            fresh.put(at(*from), at(*to), (0..*number).map(event).collect());
        }
        fresh
    }

    #[test]
    fn what_follows_is_taken_once_and_what_is_older_is_forgotten() {
        let fresh = of(&[(0, 10, 1), (10, 30, 2), (30, 40, 1), (50, 60, 1)]);
        let found = fresh.take(at(10), 100).unwrap();
        assert_eq!((found.events.len(), found.next), (3, at(40)));
        assert!(fresh.take(at(40), 100).is_none(), "what stands between has to be read");
        assert!(fresh.take(at(10), 100).is_none());
        let found = fresh.take(at(50), 100).unwrap();
        assert_eq!((found.events.len(), found.next), (1, at(60)));
    }

    #[test]
    fn a_position_inside_a_write_is_for_the_file() {
        let fresh = of(&[(0, 30, 3), (30, 40, 1)]);
        assert!(fresh.take(at(10), 100).is_none());
        assert_eq!(fresh.take(at(30), 100).unwrap().next, at(40));
    }

    #[test]
    fn no_more_are_taken_than_asked_for() {
        let fresh = of(&[(0, 10, 3), (10, 20, 3), (20, 30, 3)]);
        assert_eq!(fresh.take(at(0), 7).unwrap().next, at(20));
        assert_eq!(fresh.take(at(20), 7).unwrap().next, at(30));
    }

    #[test]
    fn there_is_a_bound() {
        let fresh = Fresh::default();
        let writes = MOST as u64 / 1_000 + 5;
        for write in 0..writes {
            fresh.put(at(write), at(write + 1), (0..1_000).map(event).collect());
        }
        assert!(fresh.take(at(0), usize::MAX).is_none());
        assert!(fresh.lately().iter().map(|one| one.events.len()).sum::<usize>() <= MOST);
        let last = fresh.take(at(writes - 1), usize::MAX).unwrap();
        assert_eq!((last.events.len(), last.next), (1_000, at(writes)));
    }
}
