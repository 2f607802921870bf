//! Keyed writes beyond one process and one run: out of the audit after a restart, and at the store
//! that several instances share.
//!
//! Owns the reading back and the translation between the call path's ledger and the store. Decides
//! nothing about a key; see `domain::admission`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::config::Config;
use crate::domain::admission::claims::{Claim, Claims, Restoring};
use crate::domain::admission::idempotency::{ClaimKey, Fate, Standing};
use crate::domain::audit::json::read_line;
use crate::domain::ids::EventId;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;
use crate::journal::audit::files;
use crate::journal::{Folder, JournalError};
use crate::proxy::{LedgerUnreachable, SharedClaims};
use crate::store::{ClaimTimes, StoreHandle, StoreUrl};

/// A write that is under way at another instance for longer than any answer is waited for.
const ORPHANED_AFTER: Duration = Duration::from_mins(5);

/// What a record about a key, or a person's word about a write, has in it.
const MARKS: [&[u8]; 2] = [b"\"idempotency_ref\":\"", b"\"settled\""];

/// The keyed writes of earlier runs, from the audit.
///
/// # Errors
///
/// [`JournalError`] if the folder cannot be read.
pub(super) fn restore(
    folder: &Folder,
    config: &Config,
    now: Timestamp,
) -> Result<Claims, JournalError> {
    let path = folder.path();
    read_back(path, config.admission.idempotency.remember, now)
        .map_err(|source| JournalError::Folder { path: path.to_owned(), source })
}

/// The ledger that instances share; `None` where there is only one.
pub(super) fn shared(
    config: &Config,
    url: &StoreUrl,
    store: &StoreHandle,
    instance: &InstanceId,
    began: Timestamp,
) -> Option<Arc<dyn SharedClaims>> {
    let settings = &config.admission.idempotency;
    (settings.shared && url.is_shared()).then(|| -> Arc<dyn SharedClaims> {
        let (store, instance) = (store.clone(), instance.clone());
        let (ended, owner) = (store.clone(), instance.clone());
        tokio::spawn(async move {
            // If this fails they are told as under way, and as unknown after some minutes.
            drop(ended.reached().await.orphan_claims(&owner, began).await);
        });
        Arc::new(StoreClaims { store, instance, remember: settings.remember })
    })
}

fn read_back(folder: &Path, remember: Duration, now: Timestamp) -> std::io::Result<Claims> {
    let mut restoring = Restoring::new(remember, now);
    for file in files(folder)? {
        let file = File::open(&file.path)?;
        let changed = jiff::Timestamp::try_from(file.metadata()?.modified()?);
        let changed = changed.map_or(now, |at| Timestamp::from_micros(at.as_microsecond()));
        // A file holds nothing that is newer than its last change.
        if now.since(changed) > remember {
            continue;
        }
        let mut reader = BufReader::with_capacity(256 * 1_024, file);
        let mut line = Vec::with_capacity(2_048);
        while reader.read_until(b'\n', &mut line)? > 0 {
            // Most lines are about something else, and looking is cheaper than reading.
            let concerns = MARKS.iter().any(|mark| memchr::memmem::find(&line, mark).is_some());
            if let Some(record) = concerns.then(|| read_line(&line).ok()).flatten() {
                restoring.note(&record.entry, record.ts);
            }
            line.clear();
        }
    }
    Ok(restoring.finish())
}

/// The ledger in the store.
struct StoreClaims {
    store: StoreHandle,
    instance: InstanceId,
    remember: Duration,
}

impl SharedClaims for StoreClaims {
    fn claim(
        &self,
        claim: Claim,
        older: Vec<ClaimKey>,
    ) -> BoxFuture<'static, Result<Standing, LedgerUnreachable>> {
        let (store, owner) = (self.store.clone(), self.instance.clone());
        let times = ClaimTimes { remember: self.remember, orphaned_after: ORPHANED_AFTER };
        Box::pin(async move {
            let store = store.get().ok_or(LedgerUnreachable)?;
            store.claim_write(&claim, &older, &owner, times).await.map_err(|_| LedgerUnreachable)
        })
    }

    fn settle(
        &self,
        key: ClaimKey,
        event: EventId,
        fate: Option<Fate>,
    ) -> BoxFuture<'static, Result<(), LedgerUnreachable>> {
        let store = self.store.clone();
        Box::pin(async move {
            let store = store.get().ok_or(LedgerUnreachable)?;
            store.settle_write(key, event, fate).await.map_err(|_| LedgerUnreachable)
        })
    }
}
