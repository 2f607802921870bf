//! Keyed writes beyond one process and one run: out of the audit after a restart, out of the store's copy
//! where the audit is damaged or lost, and at the store that several instances share.
//!
//! Owns the reading back and the translation between the call path's ledger and the store. Decides
//! nothing about a key; see `domain::admission`.

mod copy;

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use copy::CopyClaims;

use crate::config::Config;
use crate::domain::admission::claims::{Claim, Claims, Restoring};
use crate::domain::admission::idempotency::{ClaimKey, Fate, Standing};
use crate::domain::audit::json::read_line;
use crate::domain::ids::EventId;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;
use crate::journal::audit::{Remembered, files};
use crate::journal::{Folder, JournalError};
use crate::proxy::{LedgerUnreachable, SharedClaims};
use crate::store::{ClaimTimes, StoreHandle, StoreUrl};
use crate::telemetry::events;

/// A write that is under way at another instance for longer than any answer is waited for.
const ORPHANED_AFTER: Duration = Duration::from_mins(5);

/// What a record about a key, or a person's word about a write, has in it.
const MARKS: [&[u8]; 2] = [b"\"idempotency_ref\":\"", b"\"settled\""];
/// What a record of an earlier start says that did not find everything.
const DAMAGE: [&[u8]; 2] = [b"\"tail_missing", b"\"tail_damaged"];
/// How the first record of a chain is numbered.
const BEGINNING: &[u8] = b"\"seq\":1,";

/// The keyed writes of earlier runs, from the audit, and what is asked besides: the ledger that instances
/// share or, where the audit does not tell everything, its copy in the store.
///
/// # Errors
///
/// [`JournalError`] if the folder cannot be read.
pub(super) fn restore(
    folder: &Folder,
    config: &Config,
    (url, store): (&StoreUrl, &StoreHandle),
    remembered: Remembered,
    now: Timestamp,
) -> Result<(Claims, Option<Arc<dyn SharedClaims>>), JournalError> {
    let (path, remember) = (folder.path(), config.admission.idempotency.remember);
    let (claims, found) = read_back(path, remember, now)
        .map_err(|source| JournalError::Folder { path: path.to_owned(), source })?;
    if let Some(shared) = shared(config, url, store, folder.instance(), now) {
        return Ok((claims, Some(shared)));
    }
    let copy = match remembered.max(found) {
        Remembered::Everything => None,
        Remembered::Nothing => Some(false),
        Remembered::Damaged => Some(true),
    };
    let copy = copy.map(|is_needed| {
        CopyClaims::new(store.clone(), remember, now, folder.instance().clone(), is_needed)
    });
    Ok((claims, copy.map(|copy| -> Arc<dyn SharedClaims> { Arc::new(copy) })))
}

/// The ledger that instances share; `None` where there is only one.
fn shared(
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

/// The claims, and how much there was of what they are made of: what an earlier start missed is still
/// missing, and before a chain that began lately there may have been another.
fn read_back(
    folder: &Path,
    remember: Duration,
    now: Timestamp,
) -> std::io::Result<(Claims, Remembered)> {
    let mut restoring = Restoring::new(remember, now);
    let (mut unreadable, mut found) = (0, Remembered::Everything);
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
            let has = |mark: &&[u8]| memchr::memmem::find(&line, mark).is_some();
            if DAMAGE.iter().any(has) {
                found = Remembered::Damaged;
            } else if has(&BEGINNING) {
                found = found.max(Remembered::Nothing);
            }
            let concerns = MARKS.iter().any(has);
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
        found = Remembered::Damaged;
    }
    Ok((restoring.finish(), found))
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
