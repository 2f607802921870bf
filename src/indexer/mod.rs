//! The indexer: from the journal into the store, in order, each event once. The audit's is in [`audit`].
//!
//! Owns the walk and its patience: while the store does not answer, nothing is lost and nothing
//! grows, since the journal waits on disk. The checkpoint is written in the rows' own transaction,
//! so a crash at any moment neither skips nor doubles. Nothing in the call path waits for it.

mod audit;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Current;
use crate::domain::event::{Exchange, json};
use crate::domain::mark::{Mark, is_mark};
use crate::domain::names::InstanceId;
use crate::domain::registry::Registry;
use crate::domain::same_person::SamePerson;
use crate::domain::time::Timestamp;
use crate::journal::{Position, Recorder, Segment, Tail};
use crate::store::{Batch, Checkpoint, RecordedSpan, Store, StoreError, StoreSlot, StoreUrl};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;

pub use audit::AuditCopier;

/// Bytes of the journal that are read at once: some 5,000 events.
const READ_BYTES: usize = 4 * 1_024 * 1_024;
/// Most events of one transaction. Only an indexer that is behind finds so many; the more they are,
/// the more of them share a page of an index and a cell of the figures.
const BATCH_EVENTS: usize = 5_000;
/// Pause after a transaction that caught up, so that a few events share the next one. The more come, the
/// more of them touch the same pages of the same indices: then it pays to wait for as many as leaves each
/// findable well within a second.
const GATHER: Duration = Duration::from_millis(120);
const GATHER_MANY: Duration = Duration::from_millis(500);
/// So many events in one transaction are many.
const MANY: usize = 40;
/// How often the checkpoint is renewed without events, so that freshness can be told from silence.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Longest pause between two tries to reach the store.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An instance whose last sign of life is not older than this is at work; one comes every minute.
const SIGN_OF_LIFE_US: i64 = 180_000_000;

/// What the indexer works with.
pub struct Indexer {
    /// Where the store is.
    pub url: StoreUrl,
    /// Where to put it once it is reached.
    pub slot: StoreSlot,
    /// The journal.
    pub tail: Tail,
    /// Whose journal.
    pub instance: InstanceId,
    /// Tells how much was recorded and how far it is written.
    pub recorder: Recorder,
    /// Knows the clinics' calendars.
    pub registry: Current<Registry>,
    /// Where lag and trouble are shown.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
}

impl Indexer {
    /// Says so if another instance works on a store that is not for several.
    async fn look_for_others(&self, store: &Store) {
        if store.is_shared() {
            return;
        }
        let now = self.clock.now();
        let from = Timestamp::from_micros(now.micros().saturating_sub(SIGN_OF_LIFE_US));
        // A store that fails here is told of at the next step.
        let spans = store.recorded_spans(from, now).await.unwrap_or_default();
        let others = others_at_work(&spans, &self.instance, from);
        if others > 0 {
            events::store_not_for_several(others);
        }
    }

    /// Indexes until `stop`, and then what is left, if the store takes it at once.
    pub async fn run(self, stop: CancellationToken) {
        let Some(store) = self.reach(&stop).await else { return };
        self.show_waiting();
        self.slot.put(store.clone());
        self.metrics.store_up.set(1);
        events::store_reached();
        let mut walk = Walk::new(&self, store);
        let Some(mut at) = walk.begin(&stop).await else { return };
        self.look_for_others(&walk.store).await;
        let mut written = self.recorder.written();
        loop {
            let last_round = stop.is_cancelled();
            written.borrow_and_update();
            let at_the_end = match walk.advance(at).await {
                Ok(Advance::To(next)) => {
                    at = next;
                    // What the writer has brought to disk so far is all in, so there is nothing to look for.
                    next == *written.borrow()
                }
                Ok(Advance::AtTheEnd) => true,
                Err(_) if last_round => return,
                Err(Trouble::Store(StoreError::Replaced)) => {
                    events::store_replaced();
                    // If this fails, so will the next step, which is patient.
                    drop(walk.store.renew().await);
                    let Some(place) = walk.begin(&stop).await else { return };
                    at = place;
                    false
                }
                Err(problem) => {
                    walk.failed(&problem);
                    pause(walk.pause(), &stop).await;
                    false
                }
            };
            if at_the_end && last_round {
                return;
            }
            if at_the_end {
                let gather = walk.gather();
                let news = async {
                    tokio::time::sleep(gather).await;
                    let _ = tokio::time::timeout(HEARTBEAT, written.changed()).await;
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = news => {}
                }
            }
        }
    }

    /// What this process has recorded waits, as long as nobody knows how far the store is.
    fn show_waiting(&self) {
        let recorded = i64::try_from(self.recorder.recorded()).unwrap_or(i64::MAX);
        self.metrics.journal_unindexed.set(recorded);
    }

    async fn reach(&self, stop: &CancellationToken) -> Option<Store> {
        let mut told = false;
        let mut wait = Duration::from_millis(200);
        loop {
            match Store::open(&self.url).await {
                Ok(store) => return Some(store),
                Err(error) if !told => {
                    told = true;
                    events::store_unreachable(problem(&error));
                }
                Err(_) => {}
            }
            self.metrics.store_up.set(0);
            self.show_waiting();
            pause(wait, stop).await;
            if stop.is_cancelled() {
                return None;
            }
            wait = (wait * 2).min(LONGEST_PAUSE);
        }
    }
}

async fn pause(length: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(length) => {}
    }
}

/// What went wrong, in closed words: a database's own message may hold a value.
fn problem(error: &StoreError) -> &'static str {
    match error {
        StoreError::Newer(_) => "the database is of a newer version",
        StoreError::Changed(_) => "the database's schema was changed by hand",
        StoreError::Migrate(_) => "the schema could not be brought up to date",
        StoreError::UnknownValue { .. } => "the database holds a value that is not known",
        StoreError::TooMany { .. } => "a batch was too large",
        StoreError::StillSeen { .. } => "what was removed is still in the database's files",
        StoreError::Crowded => "too many events have the same time",
        StoreError::Replaced => "the database is another one than before",
        StoreError::Database(_) => "the database does not answer",
    }
}

enum Advance {
    To(Position),
    AtTheEnd,
}

struct Walk<'i> {
    indexer: &'i Indexer,
    store: Store,
    /// Events that waited in the journal when the walk began.
    backlog: u64,
    recorded_before: u64,
    indexed: u64,
    /// Events of the last transaction.
    lately: usize,
    failures: u32,
}

impl<'i> Walk<'i> {
    fn new(indexer: &'i Indexer, store: Store) -> Self {
        Self { indexer, store, backlog: 0, recorded_before: 0, indexed: 0, lately: 0, failures: 0 }
    }

    /// Finds where to go on.
    async fn begin(&mut self, stop: &CancellationToken) -> Option<Position> {
        loop {
            match self.store.checkpoint(&self.indexer.instance).await {
                Ok(checkpoint) => {
                    let at = checkpoint.as_ref().map_or(Position::START, position);
                    self.recorded_before = self.indexer.recorder.recorded();
                    self.backlog = self.indexer.tail.count_lines(at).unwrap_or(0);
                    self.indexed = 0;
                    self.show(None);
                    return Some(at);
                }
                Err(error) => {
                    self.failed(&Trouble::Store(error));
                    pause(self.pause(), stop).await;
                    if stop.is_cancelled() {
                        return None;
                    }
                }
            }
        }
    }

    /// Indexes the next piece of the journal.
    async fn advance(&mut self, at: Position) -> Result<Advance, Trouble> {
        if let Some(fresh) = self.indexer.recorder.fresh(at, BATCH_EVENTS) {
            self.show(fresh.events.first());
            self.insert(&fresh.events, fresh.next).await?;
            self.show(None);
            return Ok(Advance::To(fresh.next));
        }
        let piece = self.indexer.tail.read(at, READ_BYTES).map_err(|_| Trouble::Journal)?;
        if piece.lines.is_empty() {
            // The heartbeat: nothing new, and known to be nothing.
            self.insert(&[], piece.next).await?;
            self.show(None);
            return Ok(if piece.next == at { Advance::AtTheEnd } else { Advance::To(piece.next) });
        }
        let start = Position {
            segment: piece.next.segment,
            offset: piece.next.offset - piece.lines.len() as u64,
        };
        let mut consumed = 0;
        let mut batch: Vec<Exchange> = Vec::with_capacity(BATCH_EVENTS);
        let (mut skipped, mut marks, mut people) = (0, Vec::new(), Vec::new());
        for line in piece.lines.split_inclusive(|byte| *byte == b'\n') {
            consumed += line.len() as u64;
            match json::read_line(line) {
                Ok(event) => batch.push(event),
                // A mark of a kind that this version does not know is none of its business.
                Err(_) if is_mark(line) => match SamePerson::parse(line) {
                    Some(same) => people.extend(same.pairs()),
                    None => marks.extend(Mark::parse(line)),
                },
                Err(_) => skipped += 1,
            }
            if batch.len() == BATCH_EVENTS {
                self.show(batch.first());
                self.insert(&batch, Position { offset: start.offset + consumed, ..start }).await?;
                batch.clear();
            }
        }
        self.show(batch.first());
        // They come again if what follows fails, and say the same then.
        self.store.note_marks(&marks).await.map_err(Trouble::Store)?;
        let now = self.indexer.clock.now();
        if !people.is_empty() {
            // They use remembered ids of clinics, so first it is made sure that the database is the same.
            self.insert(&[], at).await?;
            self.store.note_same_actors(&people, now).await.map_err(Trouble::Store)?;
        }
        self.insert(&batch, piece.next).await?;
        self.show(None);
        if skipped > 0 {
            self.indexed += skipped;
            self.indexer.metrics.index_skipped.inc_by(skipped);
            events::lines_skipped(start.segment.number(), skipped);
        }
        Ok(Advance::To(piece.next))
    }

    async fn insert(&mut self, events: &[Exchange], next: Position) -> Result<(), Trouble> {
        let indexer = self.indexer;
        let segment = next.segment.name().map_err(|_| Trouble::Journal)?;
        let checkpoint =
            Checkpoint { instance: indexer.instance.clone(), segment, offset: next.offset };
        let registry = indexer.registry.keep();
        let batch = Batch {
            events,
            checkpoint: Some(&checkpoint),
            registry: &registry,
            at: indexer.clock.now(),
        };
        self.store.insert(&batch).await.map_err(Trouble::Store)?;
        self.indexed += events.len() as u64;
        self.lately = events.len();
        if self.failures > 0 {
            self.failures = 0;
            events::store_reached();
        }
        indexer.metrics.store_up.set(1);
        Ok(())
    }

    /// How long to let events gather before the next transaction.
    const fn gather(&self) -> Duration {
        if self.lately < MANY { GATHER } else { GATHER_MANY }
    }

    /// Shows how far behind the index is.
    fn show(&self, oldest: Option<&Exchange>) {
        let metrics = &self.indexer.metrics;
        let recorded = self.indexer.recorder.recorded().saturating_sub(self.recorded_before);
        let waiting = (self.backlog + recorded).saturating_sub(self.indexed);
        metrics.journal_unindexed.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let lag = oldest.map_or(Duration::ZERO, |event| self.indexer.clock.now().since(event.ts));
        metrics.index_lag.set(lag.as_secs_f64());
    }

    fn failed(&mut self, trouble: &Trouble) {
        self.failures = self.failures.saturating_add(1);
        if self.failures == 1 {
            events::store_unreachable(match trouble {
                Trouble::Store(error) => problem(error),
                Trouble::Journal => "the journal cannot be read",
            });
        }
        if matches!(trouble, Trouble::Store(_)) {
            self.indexer.metrics.store_up.set(0);
        }
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100 << self.failures.min(6)).min(LONGEST_PAUSE)
    }
}

/// How many other instances gave a sign of life since a time, and did not stop.
fn others_at_work(spans: &[RecordedSpan], own: &InstanceId, since: Timestamp) -> usize {
    let at_work =
        |span: &&RecordedSpan| !span.stopped && span.until >= since && span.instance != *own;
    let others: BTreeSet<_> = spans.iter().filter(at_work).map(|span| &span.instance).collect();
    others.len()
}

enum Trouble {
    Store(StoreError),
    Journal,
}

fn position(checkpoint: &Checkpoint) -> Position {
    // A checkpoint of another form means that the journal was replaced: begin again, which is safe,
    // since events that are there already are not counted twice.
    Segment::parse(checkpoint.segment.as_str())
        .map_or(Position::START, |segment| Position { segment, offset: checkpoint.offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_others_that_still_run_are_counted() {
        let at = Timestamp::from_seconds;
        let span = |name: &str, until, stopped| {
            let instance = InstanceId::parse(name).unwrap();
            RecordedSpan { instance, began: at(0), until: at(until), stopped }
        };
        let own = InstanceId::parse("i-1").unwrap();
        for (spans, others) in [
            (vec![], 0),
            (vec![span("i-1", 100, false)], 0),
            (vec![span("i-2", 100, true)], 0),
            (vec![span("i-2", 89, false)], 0),
            (vec![span("i-2", 90, false), span("i-2", 95, false), span("i-1", 99, false)], 1),
            (vec![span("i-2", 95, false), span("i-3", 95, false)], 2),
        ] {
            assert_eq!(others_at_work(&spans, &own, at(90)), others);
        }
    }
}
