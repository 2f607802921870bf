//! Keyed writes that the audit has lost, from its copy in the store.
//!
//! Owns that the copy is read once, when the first key is asked for. A key that neither has is a new one:
//! more is not known to anybody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use crate::domain::admission::claims::{Claim, Claims, Restoring};
use crate::domain::admission::idempotency::{ClaimKey, Fate, Standing};
use crate::domain::audit::Record;
use crate::domain::ids::EventId;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;
use crate::proxy::{LedgerUnreachable, SharedClaims};
use crate::store::{StoreError, StoreHandle};

/// How long a keyed write waits for the store where this is, as far as anybody knows, the first start.
const GRACE: Duration = Duration::from_millis(300);

/// What the store's copy of the audit says of keys.
#[derive(Clone)]
pub(super) struct CopyClaims {
    store: StoreHandle,
    remember: Duration,
    began: Timestamp,
    /// Whose audit it is.
    instance: InstanceId,
    /// The audit is known to lack records: without the copy no key can be told from a used one.
    is_needed: bool,
    claims: Arc<OnceCell<Mutex<Claims>>>,
}

impl CopyClaims {
    pub(super) fn new(
        store: StoreHandle,
        remember: Duration,
        began: Timestamp,
        instance: InstanceId,
        is_needed: bool,
    ) -> Self {
        Self { store, remember, began, instance, is_needed, claims: Arc::default() }
    }

    /// The copy's claims; `None` where the store does not come and is not needed. Whoever asks sets a limit
    /// to the wait.
    async fn read(&self) -> Result<Option<MutexGuard<'_, Claims>>, LedgerUnreachable> {
        let store = self.store.reached();
        let store = if self.is_needed {
            store.await
        } else {
            let Ok(store) = tokio::time::timeout(GRACE, store).await else { return Ok(None) };
            store
        };
        let claims = self.claims.get_or_try_init(|| async {
            let mut restoring = Restoring::new(self.remember, self.began);
            let since = self.began.minus(self.remember);
            // This run's are known, and so are the earlier ones of an audit that is whole: there the copy may
            // lag behind it.
            let tells = |record: &Record| {
                record.ts < self.began && (self.is_needed || record.instance != self.instance)
            };
            let each = |record: Record| {
                if tells(&record) {
                    restoring.note(&record.entry, record.ts);
                }
            };
            store.keyed_records(since, each).await?;
            Ok::<_, StoreError>(Mutex::new(restoring.finish()))
        });
        let claims = claims.await.map_err(|_| LedgerUnreachable)?;
        Ok(Some(claims.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl SharedClaims for CopyClaims {
    fn claim(
        &self,
        claim: Claim,
        older: Vec<ClaimKey>,
    ) -> BoxFuture<'static, Result<Standing, LedgerUnreachable>> {
        let copy = self.clone();
        Box::pin(async move {
            let claims = copy.read().await?;
            Ok(claims.map_or(Standing::First, |mut claims| claims.claim(&claim, &older)))
        })
    }

    /// It is a copy of the audit, which says nothing of a body.
    fn tells_apart(&self) -> bool {
        false
    }

    fn settle(
        &self,
        key: ClaimKey,
        event: EventId,
        fate: Option<Fate>,
    ) -> BoxFuture<'static, Result<(), LedgerUnreachable>> {
        // What is not read yet has nothing of this run either.
        if let Some(claims) = self.claims.get() {
            claims.lock().unwrap_or_else(PoisonError::into_inner).settle(key, event, fate);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}
