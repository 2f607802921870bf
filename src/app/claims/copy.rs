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
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;
use crate::proxy::{LedgerUnreachable, SharedClaims};
use crate::store::{StoreError, StoreHandle};

/// What the store's copy of the audit says of keys.
#[derive(Clone)]
pub(super) struct CopyClaims {
    store: StoreHandle,
    remember: Duration,
    began: Timestamp,
    claims: Arc<OnceCell<Mutex<Claims>>>,
}

impl CopyClaims {
    pub(super) fn new(store: StoreHandle, remember: Duration, began: Timestamp) -> Self {
        Self { store, remember, began, claims: Arc::default() }
    }

    /// Waits for the store: without the copy no key can be told from a used one. Whoever asks sets a limit.
    async fn read(&self) -> Result<MutexGuard<'_, Claims>, LedgerUnreachable> {
        let store = self.store.reached().await;
        let claims = self.claims.get_or_try_init(|| async {
            let mut restoring = Restoring::new(self.remember, self.began);
            let since = self.began.minus(self.remember);
            store.keyed_records(since, |record| restoring.note(&record.entry, record.ts)).await?;
            Ok::<_, StoreError>(Mutex::new(restoring.finish()))
        });
        let claims = claims.await.map_err(|_| LedgerUnreachable)?;
        Ok(claims.lock().unwrap_or_else(PoisonError::into_inner))
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
            let standing = copy.read().await?.claim(&claim, &older);
            Ok(standing)
        })
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
