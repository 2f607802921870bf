//! A process that serves, and its end.
//!
//! Owns the order of stopping: the process says that it is not ready, then the call path drains, then
//! everything recorded is written, and last the index catches up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Addresses, LAST_INDEXING};
use crate::config::Current;
use crate::domain::audit::{Entry, Event};
use crate::domain::labels::Environment;
use crate::domain::names::InstanceId;
use crate::domain::registry::Registry;
use crate::journal::audit::AuditWriter;
use crate::journal::{Recorder, Writer};
use crate::keys::Keyring;
use crate::proxy::Limits;
use crate::store::StoreHandle;
use crate::telemetry::events;

/// A process that serves.
pub struct Running {
    /// Where it listens.
    pub addresses: Addresses,
    /// Which Accuro it talks to.
    pub environment: Environment,
    /// Which process it is.
    pub instance: InstanceId,
    /// The store, once it is reached.
    pub store: StoreHandle,
    /// Clinics and applications.
    pub registry: Current<Registry>,
    /// What makes references.
    pub keys: Arc<Keyring>,
    pub(super) proxy: JoinHandle<i64>,
    pub(super) ops: JoinHandle<()>,
    pub(super) telemetry: JoinHandle<()>,
    pub(super) indexer: JoinHandle<()>,
    pub(super) copier: JoinHandle<()>,
    pub(super) retention: JoinHandle<()>,
    pub(super) writer: Writer,
    pub(super) audit: AuditWriter,
    pub(super) spool: JoinHandle<()>,
    pub(super) losses: JoinHandle<()>,
    pub(super) switches: JoinHandle<()>,
    pub(super) watch: JoinHandle<()>,
    pub(super) counting: JoinHandle<()>,
    pub(super) recorder: Recorder,
    pub(super) draining: Arc<AtomicBool>,
    pub(super) limits: Current<Limits>,
    pub(super) stop: CancellationToken,
    pub(super) stop_indexing: CancellationToken,
    pub(super) stop_copying: CancellationToken,
}

impl Running {
    /// Stops in order: calls in flight end, everything recorded is written, the index catches up.
    /// Gives the number of calls that had to be cut.
    pub async fn stop(self) -> i64 {
        self.draining.store(true, Ordering::SeqCst);
        let delay = self.limits.get().readiness_delay;
        if !delay.is_zero() {
            events::unready(delay);
            tokio::time::sleep(delay).await;
        }
        self.stop.cancel();
        let cut = self.proxy.await.unwrap_or(0);
        let writer = self.writer;
        // Writing out blocks on the disk; the runtime must not.
        let _ = tokio::task::spawn_blocking(move || writer.stop()).await;
        self.stop_indexing.cancel();
        let _ = tokio::time::timeout(LAST_INDEXING, self.indexer).await;
        let _ = self.ops.await;
        let _ = self.spool.await;
        let _ = self.losses.await;
        let _ = self.retention.await;
        let _ = tokio::time::timeout(LAST_INDEXING, self.switches).await;
        let _ = tokio::time::timeout(LAST_INDEXING, self.watch).await;
        let _ = tokio::time::timeout(LAST_INDEXING, self.counting).await;
        // What people did on the site until now is kept as well.
        self.audit.log().note(Entry::system(Event::Stopped.plain()));
        let audit = self.audit;
        let _ = tokio::task::spawn_blocking(move || audit.stop()).await;
        self.stop_copying.cancel();
        let _ = tokio::time::timeout(LAST_INDEXING, self.copier).await;
        let _ = self.telemetry.await;
        if let Some(store) = self.store.get() {
            let _ = tokio::time::timeout(LAST_INDEXING, store.close()).await;
        }
        events::stopped(cut, self.recorder.recorded(), self.recorder.dropped());
        cut
    }
}
