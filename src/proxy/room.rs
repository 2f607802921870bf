//! Room for another client where as many are connected as may be.
//!
//! Owns who has to go: a connection that has been without a request for a while, the one that was asked about the
//! longest ago first. A client that waits behind ten thousand idle ones would otherwise wait until one of them
//! ends by itself, which takes minutes: a pool of connections that nobody uses would shut everybody out. Where all
//! are at work, it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Without a request for so long, a connection may be asked to go: what it might be sending was sent before.
pub(super) const QUIET: Duration = Duration::from_secs(2);
/// How often is asked again while a client waits.
const AGAIN: Duration = Duration::from_millis(250);

/// The places that connections take.
#[derive(Clone)]
pub(super) struct Room {
    slots: Arc<Semaphore>,
    all: usize,
    wanted: Arc<Notify>,
    /// How many connections may still be asked.
    left: Arc<AtomicUsize>,
}

impl Room {
    pub(super) fn new(all: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(all)),
            all,
            wanted: Arc::default(),
            left: Arc::default(),
        }
    }

    /// A place for a client that is connected; waits for one if there is none.
    pub(super) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            let slot = Arc::clone(&self.slots).acquire_owned();
            // The first is asked only where there is no place.
            let patience = if self.slots.available_permits() > 0 { Duration::MAX } else { AGAIN };
            if patience == AGAIN {
                self.left.store(self.all, Ordering::Relaxed);
                self.wanted.notify_one();
            }
            if let Ok(slot) = tokio::time::timeout(patience, slot).await {
                // The semaphore is never closed.
                return slot.ok();
            }
        }
    }

    /// Waits until somebody asks for this connection's place.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
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

    #[tokio::test(start_paused = true)]
    async fn a_client_gets_the_place_of_who_goes_and_nobody_is_asked_while_there_is_room() {
        let room = Room::new(2);
        let held = [room.enter().await.unwrap(), room.enter().await.unwrap()];
        let is_wanted = async || tokio::time::timeout(QUIET, room.wanted()).await.is_ok();
        assert!(!is_wanted().await);
        let (waits, wanted) = (room.clone(), room.clone());
        let entering = tokio::spawn(async move { waits.enter().await.is_some() });
        tokio::time::timeout(QUIET, wanted.wanted()).await.unwrap();
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
        while tokio::time::timeout(AGAIN / 8, room.wanted()).await.is_ok() {
            times += 1;
            room.ask_the_next();
        }
        assert_eq!(times, 4);
    }
}
