//! Room for another client where as many are connected as may be.
//!
//! Owns who has to go: a connection that has been without a request for a while, those of half a minute before those
//! of two seconds. A client that waits behind ten thousand idle ones would otherwise wait until one of them
//! ends by itself, which takes minutes: a pool of connections that nobody uses would shut everybody out. Where all
//! are at work, it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Who has been without a request for so long, in seconds, is asked to go: first those that were idle the longest. What
/// somebody might be sending after two seconds of silence would have been sent before.
const QUIET: [u64; 5] = [32, 16, 8, 4, 2];
/// How long to wait for one of them to go before others are asked.
const AGAIN: Duration = Duration::from_millis(50);
/// … and where all were at work: to ask ten thousand of them takes a processor some ten milliseconds.
const LATER: Duration = Duration::from_millis(500);

/// The places that connections take.
#[derive(Clone)]
pub(super) struct Room {
    slots: Arc<Semaphore>,
    all: usize,
    wanted: Arc<Notify>,
    /// How many connections may still be asked, and how long they must have been idle, in seconds.
    left: Arc<AtomicUsize>,
    quiet: Arc<AtomicU64>,
}

impl Room {
    pub(super) fn new(all: usize) -> Self {
        let slots = Arc::new(Semaphore::new(all));
        Self { slots, all, wanted: Arc::default(), left: Arc::default(), quiet: Arc::default() }
    }

    /// A place for a client that is connected; waits for one if there is none.
    pub(super) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Some(slot);
        }
        let later = QUIET[QUIET.len() - 1];
        let first = QUIET.into_iter().map(|quiet| (quiet, AGAIN));
        for (quiet, patience) in first.chain(std::iter::repeat((later, LATER))) {
            self.quiet.store(quiet, Ordering::Relaxed);
            self.left.store(self.all, Ordering::Relaxed);
            self.wanted.notify_one();
            let slot = Arc::clone(&self.slots).acquire_owned();
            if let Ok(slot) = tokio::time::timeout(patience, slot).await {
                // The semaphore is never closed.
                return slot.ok();
            }
        }
        None
    }

    /// Waits until somebody asks for this connection's place; gives how long it must have been idle to go.
    pub(super) async fn wanted(&self) -> Duration {
        self.wanted.notified().await;
        Duration::from_secs(self.quiet.load(Ordering::Relaxed))
    }

    /// This one is at work: the next one is asked, until all were.
    pub(super) fn ask_the_next(&self) {
        let one_less = |left: usize| left.checked_sub(1);
        let asked = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        if asked.is_ok() {
            self.wanted.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(2);

    #[tokio::test(start_paused = true)]
    async fn a_client_gets_the_place_of_who_goes_and_nobody_is_asked_while_there_is_room() {
        let room = Room::new(2);
        let held = [room.enter().await.unwrap(), room.enter().await.unwrap()];
        let is_wanted = async || tokio::time::timeout(SOON, room.wanted()).await.is_ok();
        assert!(!is_wanted().await);
        let (waits, wanted) = (room.clone(), room.clone());
        let entering = tokio::spawn(async move { waits.enter().await.is_some() });
        // Those that were idle the longest are asked first, and in the end those of two seconds.
        let mut asked = Vec::new();
        for _ in 0..QUIET.len() {
            asked.push(tokio::time::timeout(SOON, wanted.wanted()).await.unwrap().as_secs());
        }
        assert_eq!(asked, QUIET);
        let [first, second] = held;
        drop(first);
        assert!(entering.await.unwrap());
        drop(second);
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_at_work_each_is_asked_in_turn_and_then_no_more() {
        let room = Room::new(3);
        let _held = [room.enter().await, room.enter().await, room.enter().await];
        let asking = room.clone();
        // One round of asking, cut short before the next.
        let asked = tokio::time::timeout(AGAIN / 2, asking.enter()).await;
        assert!(asked.is_err());
        let mut times = 0;
        while tokio::time::timeout(AGAIN / 16, room.wanted()).await.is_ok() {
            times += 1;
            room.ask_the_next();
        }
        assert_eq!(times, 4);
    }
}
