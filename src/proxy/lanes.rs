//! Lanes: the threads that calls run on, one a processor, each with a runtime of its own.
//!
//! Owns which lane a connection goes to, and the lanes' end. A connection of an app stays in one lane
//! from its first byte to its last, and its calls go out on connections to Accuro of the same lane. So
//! nothing of a call wakes another thread: the part of a call that moves bytes costs a sixth less than
//! on one runtime whose threads take tasks from each other (BENCHMARKS.md). The price: a connection
//! with many calls at once (HTTP/2) has one processor, and what holds up a lane holds up its connections.
//! Everything that is no call (site, index, retention) stays on the process's own runtime.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The lanes, each with a `T` of its own.
pub(super) struct Lanes<T> {
    all: Vec<Lane<T>>,
    threads: Vec<JoinHandle<()>>,
    /// Whoever drops the lanes ends them.
    end: DropGuard,
}

struct Lane<T> {
    runtime: Handle,
    own: Arc<T>,
    connections: Arc<AtomicUsize>,
}

/// A connection's place in a lane, until it is dropped.
pub(super) struct Place<T> {
    /// What runs the lane's tasks.
    pub(super) runtime: Handle,
    /// What the lane has of its own.
    pub(super) own: Arc<T>,
    connections: Arc<AtomicUsize>,
}

impl<T> Drop for Place<T> {
    fn drop(&mut self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many lanes there are: the processors that this process may use.
pub(super) fn count() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

impl<T> Lanes<T> {
    /// Starts a lane for each of these.
    ///
    /// # Errors
    ///
    /// Whatever the system says when it gives no thread, or no runtime's resources.
    pub(super) fn start(owned: Vec<T>) -> io::Result<Self> {
        let ended = CancellationToken::new();
        let (mut lanes, mut threads) = (Vec::new(), Vec::new());
        // Dropped on an error: ends the lanes that have begun.
        let end = ended.clone().drop_guard();
        for own in owned {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let handle = runtime.handle().clone();
            let ended = ended.clone();
            threads.push(thread::Builder::new().name("calls".to_owned()).spawn(move || {
                runtime.block_on(ended.cancelled());
                // A name that is still being looked up must not hold up the end.
                runtime.shutdown_background();
            })?);
            let connections = Arc::default();
            lanes.push(Lane { runtime: handle, own: Arc::new(own), connections });
        }
        Ok(Self { all: lanes, threads, end })
    }

    /// A place in the lane with the fewest connections; `None` if there are no lanes.
    pub(super) fn place(&self) -> Option<Place<T>> {
        let connections = |lane: &&Lane<T>| lane.connections.load(Ordering::Relaxed);
        let lane = self.all.iter().min_by_key(connections)?;
        lane.connections.fetch_add(1, Ordering::Relaxed);
        Some(Place {
            runtime: lane.runtime.clone(),
            own: Arc::clone(&lane.own),
            connections: Arc::clone(&lane.connections),
        })
    }

    /// Ends the lanes with whatever they still run. Waits for their threads, so it blocks.
    pub(super) fn end(self) {
        drop(self.end);
        for thread in self.threads {
            // A lane's own work cannot panic; its tasks' panics stay in the tasks.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_go_where_the_fewest_are() {
        let lanes = Lanes::start(vec!["a", "b", "c"]).unwrap();
        let place = || lanes.place().unwrap();
        let mut held: Vec<Place<&str>> = (0..6).map(|_| place()).collect();
        let mut names: Vec<&str> = held.iter().map(|place| *place.own).collect();
        assert_eq!(names, ["a", "b", "c", "a", "b", "c"]);
        // Both of b end: the next two go there.
        held.retain(|place| *place.own != "b");
        names = vec![*place().own];
        assert_eq!(names, ["b"]);
        held.push(place());
        held.push(place());
        assert_eq!(*held.last().unwrap().own, "b");
        lanes.end();
    }

    #[test]
    fn a_lane_runs_its_tasks_on_its_own_thread_and_drops_what_is_left_at_the_end() {
        let lanes = Lanes::start(vec![(), ()]).unwrap();
        let (first, second) = (lanes.place().unwrap(), lanes.place().unwrap());
        let (told, heard) = std::sync::mpsc::channel();
        let dropped = CancellationToken::new();
        for place in [&first, &second, &first] {
            let (told, guard) = (told.clone(), dropped.clone().drop_guard());
            place.runtime.spawn(async move {
                told.send(thread::current().id()).unwrap();
                std::future::pending::<()>().await;
                drop(guard);
            });
        }
        let mut ids: Vec<_> = (0..3).map(|_| heard.recv().unwrap()).collect();
        ids.sort_by_key(|id| format!("{id:?}"));
        ids.dedup();
        assert_eq!(ids.len(), 2);
        assert!(!ids.contains(&thread::current().id()));
        assert!(!dropped.is_cancelled());
        lanes.end();
        assert!(dropped.is_cancelled());
    }
}
