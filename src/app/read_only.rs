//! The switch that turns writes off, the same at every instance and after a restart.
//!
//! Owns its way into the store and out of it, and the forgetting of old claims beside it. The switch
//! itself is in memory, so it works while the store does not; then it holds here only, until the store
//! is back.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::domain::admission::read_only::{ReadOnly, ReadOnlyCause};
use crate::store::{Store, StoreError, StoreHandle};
use crate::telemetry::metrics::Metrics;

/// How often the store is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Old claims go every so many looks.
const FORGET_EVERY: u32 = 600;

/// Keeps process and store alike.
pub(super) struct Switches {
    read_only: Arc<ReadOnly>,
    store: StoreHandle,
    metrics: Arc<Metrics>,
    clock: Clock,
}

impl Switches {
    pub(super) fn new(
        read_only: &Arc<ReadOnly>,
        store: &StoreHandle,
        metrics: &Arc<Metrics>,
        clock: &Clock,
    ) -> Self {
        Self {
            read_only: Arc::clone(read_only),
            store: store.clone(),
            metrics: Arc::clone(metrics),
            clock: clock.clone(),
        }
    }

    /// Until the process stops.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut looks = 0u32;
        while !stop.is_cancelled() {
            if let Some(store) = self.store.get() {
                // What did not work is tried at the next look.
                let _ = self.exchange(store).await;
                if looks.is_multiple_of(FORGET_EVERY) {
                    let _ = store.forget_claims(self.clock.now()).await;
                }
                looks = looks.wrapping_add(1);
            }
            self.show();
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// What was set later counts, wherever that was.
    async fn exchange(&self, store: &Store) -> Result<(), StoreError> {
        let theirs = store.read_only_switch().await?;
        let ours = self.read_only.switch();
        match (ours.since, theirs.since) {
            (Some(here), there) if there.is_none_or(|there| there < here) => {
                store.keep_read_only_switch(ours.is_on, here).await
            }
            (_, Some(there)) => {
                self.read_only.set(theirs.is_on, there);
                Ok(())
            }
            (_, None) => Ok(()),
        }
    }

    fn show(&self) {
        let now = self.clock.now();
        let switched = self.read_only.switch().is_on;
        let flapping = !self.read_only.flapping_left(now).is_zero();
        for (cause, is_on) in
            [(ReadOnlyCause::Switched, switched), (ReadOnlyCause::Flapping, flapping)]
        {
            self.metrics.read_only.with_label_values(&[cause.as_str()]).set(i64::from(is_on));
        }
    }
}
