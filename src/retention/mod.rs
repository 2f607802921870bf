//! The limits, applied: to the store by class, to the journal by segment.
//!
//! Owns the order of a run and its pace in a serving process. Every run is the same work, so a run
//! that was stopped is finished by the next one, and the clock decides nothing but the cut-offs:
//! there is no "time of the last run". Does not know what a class means to a table (see
//! `store::retention`), nor what may go of the audit (`journal::audit::prune` does).

mod audit;
mod segments;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use audit::Removed;

use crate::clock::Clock;
use crate::domain::names::InstanceId;
use crate::domain::retention::{Class, Limits};
use crate::domain::time::Timestamp;
use crate::store::{LedgerLine, Purge, Returned, Store, StoreError, StoreHandle};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

pub use audit::{AuditShelf, KeepRecord};
pub use segments::Segments;

/// Time between two runs of a serving process.
pub const RUN_EVERY: Duration = Duration::from_hours(1);
/// Pause between two pieces, so that the indexer and pages come in between.
const BREATH: Duration = Duration::from_millis(20);
/// How soon to look again while the store is not reached, or after a run that failed.
const RETRY: Duration = Duration::from_secs(30);

/// How long the end of a run waits for transactions that could still read what was removed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is kept, for how long, and where.
pub struct Retention {
    /// For how long.
    pub limits: Limits,
    /// The journal's folder.
    pub journal: PathBuf,
    /// Which process this is, for the ledger.
    pub instance: InstanceId,
    /// The audit.
    pub audit: AuditShelf,
    /// The time.
    pub clock: Clock,
}

/// What a run did to one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which class.
    pub class: Class,
    /// What was older than this went.
    pub cutoff: Timestamp,
    /// Rows that went; of references, rows in which they were cleared; of the journal, segments.
    pub rows: u64,
    /// Bytes that went back to the file system, where that is known.
    pub bytes: u64,
    /// The oldest that is left.
    pub oldest: Option<Timestamp>,
}

/// What a run tells while it goes on.
pub trait Progress {
    /// So many rows of a class are gone.
    fn gone(&mut self, class: Class, rows: u64);
}

impl Progress for () {
    fn gone(&mut self, _: Class, _: u64) {}
}

/// Why a run ended early. What it removed before is in the ledger.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The store did not do as asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal's folder cannot be read, or a segment cannot be removed.
    #[error("the journal's segments cannot be removed ({0})")]
    Journal(#[source] std::io::Error),
    /// The audit's folder cannot be read, or a segment cannot be removed.
    #[error("old segments of the audit cannot be removed ({0})")]
    Audit(#[source] std::io::Error),
    /// The record of what goes cannot be made durable, so nothing goes.
    #[error("the audit cannot be kept, so nothing of it was removed")]
    AuditUnavailable,
    /// The key that signs what is left cannot be read.
    #[error("audit.signing_key cannot be read, so nothing of the audit was removed")]
    SigningKey,
}

impl Retention {
    /// Removes everything that is over its limit, and gives the space back.
    ///
    /// # Errors
    ///
    /// [`RetentionError`].
    pub async fn run(
        &self,
        store: &Store,
        progress: &mut (dyn Progress + Send),
        breath: Duration,
    ) -> Result<(Vec<Done>, Returned), RetentionError> {
        store.open_days_ahead(self.clock.now()).await?;
        let mut all = Vec::with_capacity(Class::ALL.len());
        for class in Class::ALL {
            let done = if *class == Class::Journal {
                self.remove_segments(store).await?
            } else {
                self.remove_rows(store, *class, progress, breath).await?
            };
            all.push(if *class == Class::Audit {
                self.remove_records(store, done).await?
            } else {
                done
            });
        }
        let space = store.give_back().await?;
        store.finish_rewriting(PATIENCE).await?;
        Ok((all, space))
    }

    /// What a run would remove, class by class. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`RetentionError`].
    pub async fn look(&self, store: &Store) -> Result<Vec<Done>, RetentionError> {
        let now = self.clock.now();
        let events_cutoff = self.limits.cutoff(Class::Events, now);
        let mut all = Vec::with_capacity(Class::ALL.len());
        for class in Class::ALL {
            let cutoff = self.limits.cutoff(*class, now);
            let (rows, bytes, oldest) = if *class == Class::Journal {
                let segments = self.segments(store).await?;
                let due = segments.due(cutoff).map_err(RetentionError::Journal)?;
                let oldest = segments.oldest().map_err(RetentionError::Journal)?;
                (due.len() as u64, due.iter().map(|(_, bytes)| bytes).sum(), oldest)
            } else {
                (
                    store.due(*class, cutoff, events_cutoff).await?,
                    0,
                    store.oldest(*class, now).await?,
                )
            };
            let records = match class {
                Class::Audit => self.audit.look(cutoff).await?,
                _ => Removed::default(),
            };
            let (rows, bytes) = (rows + records.records, bytes + records.bytes);
            all.push(Done { class: *class, cutoff, rows, bytes, oldest });
        }
        Ok(all)
    }

    async fn remove_rows(
        &self,
        store: &Store,
        class: Class,
        progress: &mut (dyn Progress + Send),
        breath: Duration,
    ) -> Result<Done, RetentionError> {
        let now = self.clock.now();
        let cutoff = self.limits.cutoff(class, now);
        let mut purge: Purge = store.purge(class, cutoff, &self.instance, now).await?;
        while purge.step(self.clock.now()).await? {
            progress.gone(class, purge.rows());
            if !breath.is_zero() {
                tokio::time::sleep(breath).await;
            }
        }
        let oldest = store.oldest(class, now).await?;
        Ok(Done { class, cutoff: purge.cutoff(), rows: purge.rows(), bytes: purge.bytes(), oldest })
    }

    async fn segments(&self, store: &Store) -> Result<Segments, RetentionError> {
        let checkpoint = store.checkpoint(&self.instance).await?;
        Ok(Segments::indexed(&self.journal, checkpoint.as_ref()))
    }

    async fn remove_segments(&self, store: &Store) -> Result<Done, RetentionError> {
        let (class, now) = (Class::Journal, self.clock.now());
        let cutoff = self.limits.cutoff(class, now);
        let segments = self.segments(store).await?;
        let due = segments.due(cutoff).map_err(RetentionError::Journal)?;
        let (mut rows, mut bytes) = (0, 0);
        for (segment, size) in due {
            segments.remove(segment).map_err(RetentionError::Journal)?;
            rows += 1;
            bytes += size;
        }
        let instance = self.instance.clone();
        let ended = self.clock.now();
        if rows > 0 {
            let line = LedgerLine { class, instance, cutoff, rows, bytes, started: now, ended };
            store.note_purge(&line).await?;
        }
        let oldest = segments.oldest().map_err(RetentionError::Journal)?;
        Ok(Done { class, cutoff, rows, bytes, oldest })
    }

    /// Removes records of the audit beside what went of the ledger.
    async fn remove_records(&self, store: &Store, done: Done) -> Result<Done, RetentionError> {
        let (cutoff, started) = (done.cutoff, self.clock.now());
        let Removed { records, bytes } = self.audit.remove(store, cutoff, started).await?;
        if records > 0 {
            let (class, instance, rows) = (done.class, self.instance.clone(), records);
            let ended = self.clock.now();
            let line = LedgerLine { class, instance, cutoff, rows, bytes, started, ended };
            store.note_purge(&line).await?;
        }
        let oldest = store.oldest(done.class, self.clock.now()).await?;
        Ok(Done { rows: done.rows + records, bytes: done.bytes + bytes, oldest, ..done })
    }

    /// Runs again and again until `stop`.
    pub async fn keep(self, store: StoreHandle, metrics: Arc<Metrics>, stop: CancellationToken) {
        loop {
            let run = async {
                let Some(store) = store.get() else { return RETRY };
                match self.run(store, &mut (), BREATH).await {
                    Ok((done, returned)) => {
                        show(&metrics, &done, self.clock.now());
                        if let Some(bytes) = returned.needs_bytes {
                            events::no_room_to_rewrite(bytes);
                        }
                        RUN_EVERY
                    }
                    Err(error) => {
                        events::retention_failed(match error {
                            RetentionError::Store(_) => "the store did not do as asked",
                            RetentionError::Journal(_) => {
                                "a segment of the journal cannot be removed"
                            }
                            RetentionError::Audit(_) => "a segment of the audit cannot be removed",
                            RetentionError::AuditUnavailable => "the audit cannot be kept",
                            RetentionError::SigningKey => "audit.signing_key cannot be read",
                        });
                        RETRY
                    }
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                pause = run => tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                },
            }
        }
    }
}

fn show(metrics: &Metrics, done: &[Done], now: Timestamp) {
    for done in done {
        let label = [done.class.as_str()];
        let oldest = done.oldest.map_or(0, Timestamp::seconds);
        metrics.store_oldest_row.with_label_values(&label).set(oldest);
        metrics.retention_removed.with_label_values(&label).inc_by(done.rows);
    }
    metrics.retention_last_run.set(now.seconds());
}
