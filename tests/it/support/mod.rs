//! The app under test, its upstreams and its clients. Everything waits for conditions with a
//! deadline; nothing sleeps in the hope that something has happened.

pub(crate) mod app;
pub(crate) mod audit;
pub(crate) mod child;
pub(crate) mod client;
pub(crate) mod h2c;
pub(crate) mod prometheus;
pub(crate) mod upstream;

use std::future::Future;
use std::time::Duration;

pub(crate) use app::TestApp;
pub(crate) use client::{Client, exchange};
pub(crate) use upstream::{Peer, RawUpstream, Request};

/// The longest wait for anything that has to happen.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for a future, at most until the deadline.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("{what}: not in time"))
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    soon(what, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}
