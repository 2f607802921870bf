//! Whether somebody looks up unusually many patients, as a metric.
//!
//! Owns how often it is looked. The rule is `domain::unusual_access`'s; who it is stands on the page
//! *Access log* only, never in a label.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::StoreHandle;
use crate::telemetry::metrics::Metrics;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(10);

/// Until the process stops. While the store does not answer, the last number stands; that the store is
/// gone is a metric of its own.
pub(super) async fn show(
    store: StoreHandle,
    metrics: Arc<Metrics>,
    clock: Clock,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        if let Some(store) = store.get()
            && let Ok(found) = store.unusual_access(clock.now()).await
        {
            metrics.unusual_access_accounts.set(i64::try_from(found.len()).unwrap_or(i64::MAX));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
