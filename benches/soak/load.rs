//! Calls at a fixed rate, whether earlier ones have ended or not, over connections that are kept.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::call::{Call, Done, Kind};
use super::clock;
use super::connection::Connection;

const KEPT: usize = 300;

/// The connections that wait for a call. The longest idle one goes first, so that all are used.
pub(crate) struct Connections {
    idle: Mutex<VecDeque<Connection>>,
    proxy: SocketAddr,
}

impl Connections {
    pub(crate) async fn open(proxy: SocketAddr) -> Arc<Self> {
        let mut idle = VecDeque::new();
        for _ in 0..KEPT {
            idle.push_back(Connection::open(proxy).await.unwrap());
        }
        Arc::new(Self { idle: Mutex::new(idle), proxy })
    }

    fn locked<T>(&self, look: impl FnOnce(&mut VecDeque<Connection>) -> T) -> T {
        look(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn close(&self) {
        self.locked(VecDeque::clear);
    }

    async fn take(&self) -> Option<Connection> {
        while let Some(mut connection) = self.locked(VecDeque::pop_front) {
            if !connection.is_closed().await {
                return Some(connection);
            }
        }
        None
    }

    async fn call(&self, call: Call, planned: Instant) -> Done {
        let kept = self.take().await;
        let (ending, kept) = call.make(kept, self.proxy).await;
        let took = planned.elapsed();
        let next = match kept {
            Some(kept) => Some(kept),
            None => Connection::open(self.proxy).await.ok(),
        };
        self.locked(|idle| {
            if idle.len() < KEPT {
                idle.extend(next);
            }
        });
        Done { call, ending, took, planned }
    }
}

/// Calls for so long at so many a second, and waits for the last one's end.
pub(crate) async fn run(
    connections: &Arc<Connections>,
    seconds: u64,
    rate: u64,
    seed: u64,
) -> Vec<Done> {
    let mut random = Rng::with_seed(seed);
    let (begun, mut running, mut done) = (clock(), JoinSet::new(), Vec::new());
    for number in 0..seconds * rate {
        let planned = begun + Duration::from_micros(number * 1_000_000 / rate);
        sleep(planned.saturating_duration_since(clock())).await;
        let call = Call::draw(Kind::draw(&mut random), &mut random);
        let mut all = vec![(call, Duration::ZERO)];
        if all[0].0.kind == Kind::KeyedWrite && random.u8(..10) < 4 {
            // An app that asks again at once, or after a second without an answer.
            let later = Duration::from_millis(if random.bool() { 1 } else { 1_000 });
            let again = all[0].0.again(&mut random);
            all.push((again, later));
        }
        for (call, later) in all {
            let connections = Arc::clone(connections);
            running.spawn(async move {
                sleep(later).await;
                connections.call(call, planned + later).await
            });
        }
        while let Some(ended) = running.try_join_next() {
            done.push(ended.unwrap());
        }
    }
    while let Some(ended) = running.join_next().await {
        done.push(ended.unwrap());
    }
    done
}
