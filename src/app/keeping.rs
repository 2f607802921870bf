//! What keeps on in the background: the audit's copy, that nothing is kept for too long, figures of the
//! store as metrics.
//!
//! Owns how both are put together from the settings. What they do is in [`crate::indexer`] and
//! [`crate::retention`].

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::digest::Letters;
use super::posting::Posting;
use super::traffic::Traffic;
use super::{counting, unusual};
use crate::clock::Clock;
use crate::config::{Config, Current};
use crate::diagnosis::watch::{Board, Watch};
use crate::domain::labels::Environment;
use crate::domain::names::InstanceId;
use crate::domain::registry::Registry;
use crate::indexer::AuditCopier;
use crate::journal::audit::AuditLog;
use crate::retention::{AuditShelf, Retention};
use crate::store::StoreHandle;
use crate::telemetry::metrics::Metrics;

pub(super) fn copier(
    config: &Config,
    store: &StoreHandle,
    instance: &InstanceId,
    log: AuditLog,
    clock: &Clock,
) -> AuditCopier {
    AuditCopier {
        store: store.clone(),
        folder: config.journal.dir.clone(),
        instance: instance.clone(),
        log,
        clock: clock.clone(),
    }
}

pub(super) fn retention(
    config: &Config,
    instance: &InstanceId,
    log: AuditLog,
    clock: Clock,
) -> Retention {
    Retention {
        limits: config.retention,
        journal: config.journal.dir.clone(),
        audit: AuditShelf {
            folder: config.journal.dir.clone(),
            instance: instance.clone(),
            signing_key: config.audit.signing_key.clone(),
            keep: Arc::new(move |entry| {
                let log = log.clone();
                Box::pin(async move { log.append(entry).await.is_ok() })
            }),
        },
        instance: instance.clone(),
        clock,
    }
}

/// Starts what tells people elsewhere: the steps of incidents where they are to be posted, and the
/// weekly letter where it is to be sent.
pub(super) fn telling(
    config: &Config,
    store: &StoreHandle,
    registry: &Current<Registry>,
    (metrics, audit): (&Arc<Metrics>, AuditLog),
    clock: &Clock,
    stop: &CancellationToken,
) {
    if let Some(address) = &config.alerts_webhook {
        let posting = Posting {
            address: address.clone(),
            store: store.clone(),
            registry: registry.clone(),
            clock: clock.clone(),
        };
        tokio::spawn(posting.run(stop.clone()));
    }
    if let Some(digest) = &config.digest {
        let letters = Letters {
            config: digest.clone(),
            environment: config.environment,
            goals: config.adoption.clone(),
            store: store.clone(),
            registry: registry.clone(),
            metrics: Arc::clone(metrics),
            audit,
            clock: clock.clone(),
        };
        tokio::spawn(letters.run(stop.clone()));
    }
}

/// What opens and closes incidents.
pub(super) fn watch(
    environment: Environment,
    board: Board,
    store: &StoreHandle,
    metrics: &Arc<Metrics>,
    clock: &Clock,
) -> Watch {
    let (store, metrics, clock) = (store.clone(), Arc::clone(metrics), clock.clone());
    Watch { store, environment, board, metrics, clock }
}

/// Starts what shows figures of the store as metrics, and what counts tasks, until the process stops;
/// gives what ends when the last count has.
pub(super) fn figures(
    store: &StoreHandle,
    registry: &Current<Registry>,
    metrics: &Arc<Metrics>,
    clock: &Clock,
    stop: &CancellationToken,
) -> JoinHandle<()> {
    let parts = || (store.clone(), Arc::clone(metrics), clock.clone(), stop.clone());
    let (log, metrics, clock, end) = parts();
    tokio::spawn(unusual::show(log, metrics, clock, end));
    let (log, metrics, clock, end) = parts();
    tokio::spawn(Traffic::new(log, registry.clone(), metrics, clock).show(end));
    let (log, _, clock, end) = parts();
    tokio::spawn(counting::keep(log, registry.clone(), clock, end))
}
