//! Keyed writes beyond one process and one run: out of the audit after a restart, and at the store
//! that several instances share.
//!
//! Owns the reading back and the translation between the call path's ledger and the store. Decides
//! nothing about a key; see `domain::admission`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom};
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
use crate::telemetry::events;

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
    let mut unreadable = 0;
    let mut recent = Vec::new();
    for file in files(folder)?.into_iter().rev() {
        let mut file = File::open(&file.path)?;
        // Not what the file system says of its last change, which a restore may set back. Those before
        // it are older still, and there may be years of them.
        if last_record(&mut file)?.is_some_and(|last| now.since(last) > remember) {
            break;
        }
        file.rewind()?;
        recent.push(file);
    }
    for file in recent.into_iter().rev() {
        let mut reader = BufReader::with_capacity(256 * 1_024, file);
        let mut line = Vec::with_capacity(2_048);
        while reader.read_until(b'\n', &mut line)? > 0 {
            // Most lines are about something else, and looking is cheaper than reading.
            let concerns = MARKS.iter().any(|mark| memchr::memmem::find(&line, mark).is_some());
            match concerns.then(|| read_line(&line)) {
                Some(Ok(record)) => restoring.note(&record.entry, record.ts),
                Some(Err(_)) => unreadable += 1,
                None => {}
            }
            line.clear();
        }
    }
    if unreadable > 0 {
        events::keyed_writes_unreadable(unreadable);
    }
    Ok(restoring.finish())
}

/// When the last record of a file was made; `None` where its end cannot be read.
fn last_record(file: &mut File) -> std::io::Result<Option<Timestamp>> {
    const WINDOW: u64 = 64 * 1_024;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(WINDOW)))?;
    let mut end = Vec::new();
    file.take(WINDOW).read_to_end(&mut end)?;
    let mut lines = end.split_inclusive(|byte| *byte == b'\n').rev();
    Ok(lines.find_map(|line| read_line(line).ok()).map(|record| record.ts))
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
