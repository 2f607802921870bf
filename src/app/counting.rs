//! That what staff did is counted: the figures of the adoption report.
//!
//! Owns how often. What is counted, and how, is `store::tasks`'s business; calls and their index never wait
//! for it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Current;
use crate::domain::registry::Registry;
use crate::store::StoreHandle;

/// The pause between two counts, and before the store is there.
const PAUSE: Duration = Duration::from_secs(30);
const UNTIL_THERE: Duration = Duration::from_millis(500);
/// A pause is at least so many times as long as the count before it took, so that counting never takes
/// more than a twentieth of the time.
const REST: u32 = 20;

/// Until the process stops. Where the store does not answer, days stay due; that it is gone is a metric
/// of its own.
pub(super) async fn keep(
    store: StoreHandle,
    registry: Current<Registry>,
    clock: Clock,
    stop: CancellationToken,
) {
    let mut pause = UNTIL_THERE;
    while !stop.is_cancelled() {
        if let Some(store) = store.get() {
            let began = clock.now();
            let registry = registry.keep();
            // To its end, since whoever stops waits for it.
            drop(store.count_tasks(&registry).await);
            pause = PAUSE.max(clock.now().since(began) * REST);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
