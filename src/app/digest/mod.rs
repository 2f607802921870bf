//! The weekly letter about adoption, sent once a week by whichever process comes first.
//!
//! Owns the loop and its order: is one due, claim it in the store, write it, send it, note what became of
//! it, in the store and in the audit. When it is due and how long to pause is `domain::letter`'s; what it says is `ops::letter`'s. A
//! process that dies between sending and noting leaves a claim that runs out, and the letter goes again
//! under the same message id.

pub(crate) mod smtp;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Current, DigestConfig};
use crate::domain::adoption::{Goals, Week};
use crate::domain::audit::{Entry, Event};
use crate::domain::labels::Environment;
use crate::domain::letter::{Failure, pause};
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::journal::audit::AuditLog;
use crate::ops::{Origin, letter};
use crate::store::{Store, StoreError, StoreHandle};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(15);
/// A process that has one in hand has sent it by then, or is not there any more.
const IN_HAND: Duration = Duration::from_mins(10);

/// What sends letters.
pub(super) struct Letters {
    pub(super) config: DigestConfig,
    pub(super) environment: Environment,
    pub(super) goals: Goals,
    pub(super) store: StoreHandle,
    pub(super) registry: Current<Registry>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) audit: AuditLog,
    pub(super) clock: Clock,
}

impl Letters {
    /// Until the process stops.
    pub(super) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Some(store) = self.store.get() {
                // A store that fails is told by whoever writes.
                drop(self.look(store).await);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Sends the letter that is due, if nobody has.
    async fn look(&self, store: &Store) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Some(week) = self.config.schedule.due(now) else { return Ok(()) };
        // A letter about half of a week would be wrong; the count takes seconds, and is looked at again.
        if !store.task_days_due(week.first(), week.last()).await?.is_empty() {
            return Ok(());
        }
        let Some(tries) = store.claim_letter(week, now.plus(IN_HAND), now).await? else {
            return Ok(());
        };
        let count = |result: &str| self.metrics.letters.with_label_values(&[result]).inc();
        match self.send(store, week, now).await {
            Ok(()) => {
                count("sent");
                events::letter_sent();
                self.audit.note(Entry::of(Event::LetterSent.of(self.config.to.len() as u64)));
                store.letter_sent(week, self.clock.now()).await
            }
            Err(failure) => {
                count(failure.as_str());
                events::letter_not_sent(failure.as_str(), tries);
                self.audit.note(Entry::of(Event::LetterNotSent.of(u64::from(tries))));
                let now = self.clock.now();
                store.letter_failed(week, failure, now.plus(pause(tries)), now).await
            }
        }
    }

    async fn send(&self, store: &Store, week: Week, now: Timestamp) -> Result<(), Failure> {
        let site = self.config.site.as_deref();
        let origin = Origin { environment: self.environment, site, language: self.config.language };
        let registry = self.registry.keep();
        let written = letter(&store.whole(), &registry, &self.goals, week, origin, now).await;
        let written = written.map_err(|_| Failure::Figures)?;
        let id = format!("adoption-{week}-{}", self.environment);
        smtp::send(&self.config, &written, &id).await
    }
}

#[cfg(test)]
mod tests;
