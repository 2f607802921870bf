//! What people do on the site, kept in the audit; and what commands left beside the running process.
//!
//! Also what is lost of events while their journal cannot be written.
//!
//! Owns the translation from a deed to an audit record. An account that is not a plain name is kept as
//! a keyed reference, so that no free text gets in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::domain::audit::{Entry, Event};
use crate::domain::names::AccountId;
use crate::domain::reference::ReferenceKind;
use crate::domain::time::Timestamp;
use crate::journal::Recorder;
use crate::journal::audit::{AuditLog, spool};
use crate::keys::Keyring;
use crate::ops::{Unkept, Witness, Witnessed};
use crate::store::StoreError;
use crate::telemetry::events;

/// How often it is looked whether events were lost.
const LOSSES: Duration = Duration::from_millis(250);
/// How often it is looked whether a command has left a record.
const SPOOL: Duration = Duration::from_secs(1);

/// Keeps what people do in the audit.
pub(super) struct AuditWitness {
    audit: AuditLog,
    recorder: Recorder,
    keys: Arc<Keyring>,
}

impl AuditWitness {
    /// What keeps it in this process's audit.
    pub(super) fn new(audit: AuditLog, recorder: &Recorder, keys: &Arc<Keyring>) -> Self {
        Self { audit, recorder: recorder.clone(), keys: Arc::clone(keys) }
    }

    fn entry(&self, seen: Witnessed) -> Entry {
        let number = seen.about.account.or(seen.about.incident).or(seen.about.entry);
        let detail = number.map_or(seen.deed.plain(), |number| seen.deed.of(number.into()));
        Entry {
            event_id: seen.event,
            clinic: seen.clinic,
            app: seen.about.app,
            actor_ref: seen.about.actor,
            patient_ref: seen.about.patient,
            user: seen.account.as_deref().and_then(|account| self.account(account)),
            role: seen.role,
            ..Entry::of(detail)
        }
    }

    fn account(&self, label: &str) -> Option<AccountId> {
        AccountId::parse(label).ok().or_else(|| {
            let reference = self.keys.reference(ReferenceKind::Actor, None, label.as_bytes());
            AccountId::parse(&reference.to_string()).ok()
        })
    }
}

impl Witness for AuditWitness {
    fn keep(&self, seen: Witnessed) -> BoxFuture<'_, bool> {
        let entry = self.entry(seen);
        Box::pin(async move { self.audit.append(entry).await.is_ok() })
    }

    fn store_failed(&self, error: &StoreError) {
        events::page_failed(
            "site",
            match error {
                StoreError::Database(_) => "the database did not do as asked",
                StoreError::UnknownValue { .. } => "the database holds a value of another version",
                _ => "the store did not do as asked",
            },
        );
    }

    fn unkept(&self) -> Unkept {
        Unkept {
            audit_since: self.audit.unavailable_since(),
            journal_since: self.recorder.unwritable_since(),
            lost: self.recorder.dropped(),
        }
    }
}

/// Tells when the journal's disk stops taking events and when it takes them again, and keeps the number
/// of those that were lost in the audit, until the process stops.
pub(super) async fn tell_losses(recorder: Recorder, audit: AuditLog, stop: CancellationToken) {
    let (mut bad, mut told) = (false, 0);
    loop {
        let dropped = recorder.dropped();
        let now_bad = !recorder.is_writable();
        match (bad, now_bad) {
            (false, true) => events::journal_unwritable(dropped),
            (true, false) => events::journal_writable(dropped),
            _ => {}
        }
        bad = now_bad;
        if !bad && dropped > told {
            audit.note(Entry::system(Event::EventsLost.of(dropped - told)));
            told = dropped;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOSSES) => {}
        }
    }
}

/// Takes in what commands leave, until the process stops, and tells of it.
pub(super) async fn take_in_spool(
    journal: PathBuf,
    audit: AuditLog,
    tell: impl Fn(&Entry, Timestamp) + Send + Sync,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        // What could not be kept stays where it is, and is tried again.
        let _ = spool::take_in(&journal, &audit, &tell).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(SPOOL) => {}
        }
    }
}
