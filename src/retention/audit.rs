//! Records of the audit over their limit, on disk and in the store's copy.
//!
//! Owns the order: the chain says first that its beginning goes, durably, and only then it goes. What
//! may go is the journal's rule; see [`crate::journal::audit::prune`].

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::RetentionError;
use crate::domain::audit::Entry;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;
use crate::journal::audit::key;
use crate::journal::audit::prune::{self, Plan};
use crate::store::Store;

/// Makes a record durable in the audit; `false` where that is not possible now.
pub type KeepRecord = Arc<dyn Fn(Entry) -> BoxFuture<'static, bool> + Send + Sync>;

/// The audit of an installation.
#[derive(Clone)]
pub struct AuditShelf {
    /// The journal's folder.
    pub folder: PathBuf,
    /// Which process's chain it is.
    pub instance: InstanceId,
    /// The key that signs anchors, if there is one.
    pub signing_key: Option<PathBuf>,
    /// How the chain gets its record.
    pub keep: KeepRecord,
}

/// What went, or would go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Removed {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

impl AuditShelf {
    pub(super) async fn look(&self, cutoff: Timestamp) -> Result<Removed, RetentionError> {
        let Some(plan) = self.plan(cutoff).await? else { return Ok(Removed::default()) };
        Ok(Removed { records: plan.records(), bytes: plan.bytes() })
    }

    pub(super) async fn remove(
        &self,
        store: &Store,
        cutoff: Timestamp,
        now: Timestamp,
    ) -> Result<Removed, RetentionError> {
        let Some(plan) = self.plan(cutoff).await? else { return Ok(Removed::default()) };
        let (Some(entry), Some(through)) = (plan.entry(), plan.through()) else {
            return Ok(Removed::default());
        };
        let removed = Removed { records: plan.records(), bytes: plan.bytes() };
        if !(self.keep)(entry).await {
            return Err(RetentionError::AuditUnavailable);
        }
        let signing_key = self.signing_key.clone();
        blocking(move || {
            let signer = signing_key.as_deref().map(key::signing).transpose();
            let signer = signer.map_err(|_| RetentionError::SigningKey)?;
            plan.carry_out(signer.as_ref(), now).map_err(RetentionError::Audit)
        })
        .await?;
        store.prune_audit_copies(&self.instance, through.seq).await?;
        Ok(removed)
    }

    /// What may go; `None` where there is no journal, and so no audit.
    async fn plan(&self, cutoff: Timestamp) -> Result<Option<Plan>, RetentionError> {
        let folder = self.folder.clone();
        blocking(move || {
            let there = folder.is_dir();
            let plan = there.then(|| prune::plan(&folder, cutoff));
            plan.transpose().map_err(RetentionError::Audit)
        })
        .await
    }
}

/// Reading a segment blocks on the disk; the runtime must not.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RetentionError> + Send + 'static,
) -> Result<T, RetentionError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(RetentionError::Audit(std::io::Error::other("the task ended early"))),
    }
}
