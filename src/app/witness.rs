//! What people do on the site, kept in the audit; and what commands left beside the running process.
//!
//! Owns the translation from a deed to an audit record. An account that is not a plain name is kept as
//! a keyed reference, so that no free text gets in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::domain::audit::{Entry, Event, Kind};
use crate::domain::names::AccountId;
use crate::domain::reference::ReferenceKind;
use crate::journal::audit::{AuditLog, spool};
use crate::keys::Keyring;
use crate::ops::{Deed, Witness, Witnessed};
use crate::store::StoreError;
use crate::telemetry::events;

/// How often it is looked whether a command has left a record.
const SPOOL: Duration = Duration::from_secs(1);

/// Keeps what people do in the audit.
pub(super) struct AuditWitness {
    pub(super) audit: AuditLog,
    pub(super) keys: Arc<Keyring>,
}

impl AuditWitness {
    fn entry(&self, seen: Witnessed) -> Entry {
        let (kind, event) = record_of(seen.deed);
        Entry {
            event_id: seen.event,
            clinic: seen.clinic,
            user: seen.account.as_deref().and_then(|account| self.account(account)),
            role: seen.role,
            detail: Some(event.plain()),
            ..Entry::new(kind)
        }
    }

    fn account(&self, label: &str) -> Option<AccountId> {
        AccountId::parse(label).ok().or_else(|| {
            let reference = self.keys.reference(ReferenceKind::Actor, None, label.as_bytes());
            AccountId::parse(&reference.to_string()).ok()
        })
    }
}

const fn record_of(deed: Deed) -> (Kind, Event) {
    match deed {
        Deed::SignedIn => (Kind::SignIn, Event::SignedIn),
        Deed::SignInRefused => (Kind::SignIn, Event::SignInRefused),
        Deed::SignedOut => (Kind::SignIn, Event::SignedOut),
        Deed::FoundById => (Kind::Lookup, Event::FoundById),
        Deed::ListedCalls => (Kind::Lookup, Event::ListedCalls),
        Deed::OpenedCall => (Kind::Lookup, Event::OpenedCall),
        Deed::MadeReferences => (Kind::Lookup, Event::MadeReferences),
        Deed::Diagnosed => (Kind::Lookup, Event::Diagnosed),
        Deed::KeptOut => (Kind::Lookup, Event::KeptOut),
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
}

/// Takes in what commands leave, until the process stops.
pub(super) async fn take_in_spool(journal: PathBuf, audit: AuditLog, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // What could not be kept stays where it is, and is tried again.
        let _ = spool::take_in(&journal, &audit).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(SPOOL) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_and_its_record_have_one_name() {
        for deed in Deed::ALL {
            assert_eq!(deed.as_str(), record_of(*deed).1.as_str());
        }
    }
}
