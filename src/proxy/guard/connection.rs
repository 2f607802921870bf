//! What guard and service tell each other about one connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::domain::labels::Method;
use crate::domain::malformed::Malformed;

/// Most bytes of interim responses that wait for the client.
const MAX_INTERIM_BYTES: usize = 64 * 1_024;

/// A head that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefusedHead {
    /// What is wrong.
    pub(crate) problem: Malformed,
    /// Its method, where one could be read.
    pub(crate) method: Option<Method>,
}

/// What guard and service tell each other about one connection.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    opened: Instant,
    /// When the head of the last answer was there, in milliseconds after that.
    answered_ms: AtomicU64,
    /// Which request is the marker (counted from 1), and what was wrong.
    refused: OnceLock<(u64, RefusedHead)>,
    served: AtomicU64,
    has_streams: AtomicBool,
    has_part_of_a_head: AtomicBool,
    answered: AtomicU64,
    interim: Mutex<Interim>,
    broken_body: OnceLock<Malformed>,
    /// An interim response waits.
    pub(crate) interim_waits: Notify,
}

#[derive(Debug, Default)]
struct Interim {
    bytes: Vec<u8>,
    allowed: bool,
}

impl Default for ConnectionState {
    fn default() -> Self {
        Self {
            opened: Instant::now(),
            answered_ms: AtomicU64::default(),
            refused: OnceLock::default(),
            served: AtomicU64::default(),
            has_streams: AtomicBool::default(),
            has_part_of_a_head: AtomicBool::default(),
            answered: AtomicU64::default(),
            interim: Mutex::default(),
            broken_body: OnceLock::default(),
            interim_waits: Notify::default(),
        }
    }
}

impl ConnectionState {
    /// Whether nothing was asked for so long, and nothing is under way.
    pub(crate) fn is_quiet(&self, length: Duration) -> bool {
        let answered = Duration::from_millis(self.answered_ms.load(Ordering::Relaxed));
        self.served() == self.answered()
            && !self.has_part_of_a_head()
            && self.opened.elapsed().saturating_sub(answered) >= length
    }

    /// Counts a request of the connection; tells if it is the marker of a refused head.
    pub(crate) fn begin_request(&self) -> Option<RefusedHead> {
        let number = self.served.fetch_add(1, Ordering::Relaxed) + 1;
        self.refused.get().filter(|(refused, _)| *refused == number).map(|(_, head)| *head)
    }

    /// The head of an answer is there.
    pub(crate) fn end_request(&self) {
        let ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.answered_ms.store(ms, Ordering::Relaxed);
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// It speaks HTTP/2.
    pub(crate) fn note_streams(&self) {
        self.has_streams.store(true, Ordering::Relaxed);
    }

    /// Whether it speaks HTTP/2.
    pub(crate) fn has_streams(&self) -> bool {
        self.has_streams.load(Ordering::Relaxed)
    }

    /// Part of a request's head has come, or no more.
    pub(super) fn note_part_of_a_head(&self, is_there: bool) {
        self.has_part_of_a_head.store(is_there, Ordering::Relaxed);
    }

    /// Whether a request is on its way of which the library knows nothing yet.
    pub(crate) fn has_part_of_a_head(&self) -> bool {
        self.has_part_of_a_head.load(Ordering::Relaxed)
    }

    /// How many requests have begun.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// The request after so many heads is a refused one. Only the first refusal counts, since
    /// nothing further is read.
    pub(super) fn refuse(&self, heads: u64, head: RefusedHead) {
        let _ = self.refused.set((heads + 1, head));
    }

    pub(super) fn break_body(&self, problem: Malformed) {
        let _ = self.broken_body.set(problem);
    }

    /// What was wrong with a request's body framing.
    pub(crate) fn broken_body(&self) -> Option<Malformed> {
        self.broken_body.get().copied()
    }

    /// Leaves an interim response to be written before the final one. Dropped where the client does
    /// not take any (HTTP/1.0, HTTP/2), or not as fast as they come.
    pub(crate) fn send_interim(&self, response: &[u8]) {
        let mut interim = self.interim.lock().unwrap_or_else(PoisonError::into_inner);
        if interim.allowed && interim.bytes.len() + response.len() <= MAX_INTERIM_BYTES {
            interim.bytes.extend_from_slice(response);
            drop(interim);
            self.interim_waits.notify_one();
        }
    }

    pub(super) fn allow_interim(&self, allowed: bool) {
        self.interim.lock().unwrap_or_else(PoisonError::into_inner).allowed = allowed;
    }

    pub(super) fn take_interim(&self) -> Vec<u8> {
        std::mem::take(&mut self.interim.lock().unwrap_or_else(PoisonError::into_inner).bytes)
    }
}
