//! What keeps on in the background: the audit's copy, and that nothing is kept for too long.
//!
//! Owns how both are put together from the settings. What they do is in [`crate::indexer`] and
//! [`crate::retention`].

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::names::InstanceId;
use crate::indexer::AuditCopier;
use crate::journal::audit::AuditLog;
use crate::retention::{AuditShelf, Retention};
use crate::store::StoreHandle;

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
