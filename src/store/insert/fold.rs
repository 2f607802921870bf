//! What a batch adds to the roll-ups, the daily actors and the first and last calls, and which days are to
//! be counted anew.
//!
//! Owns the folding, in memory, of events into few rows, and their addition to what is stored. The
//! rows are sorted, so that two instances that add to the same ones wait in line and not in a circle.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::cells::Kind;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::figure_kinds::{FigureKind, FigureKindIds};
use super::super::labels::LabelIds;
use super::super::rollup::Span;
use super::super::row::ending_label;
use super::super::sql::Arg;
use super::super::tasks;
use super::bulk::{self, Conflict, Table};
use crate::domain::event::Exchange;
use crate::domain::latency;
use crate::domain::names::{AppId, ClinicId};
use crate::domain::reference::Reference;
use crate::domain::registry::Registry;

/// Longest duration that counts in a sum, in microseconds (twelve days): one absurd value of an
/// import must not overflow a month's.
const LONGEST_US: u64 = 1 << 40;

/// Clinic, bucket, and which of the batch's kinds.
type Key = (i64, i64, usize);

#[derive(Clone, Copy, Default)]
struct Sums {
    calls: i64,
    duration_us: i64,
}

/// A batch, folded.
#[derive(Default)]
pub(super) struct Folded {
    /// What the figures are told apart by.
    pub(super) kinds: Vec<FigureKind>,
    places: HashMap<FigureKind, usize>,
    spans: [HashMap<Key, Sums>; Span::ALL.len()],
    /// Clinic, day, domain, key and digest of the reference.
    actors: BTreeSet<(i64, i64, i64, [u8; Reference::BYTES], i64)>,
    /// First and last call of each clinic.
    seen: BTreeMap<i64, (i64, i64)>,
    /// Clinic and day, where staff did something.
    task_days: BTreeSet<(i64, i64)>,
}

impl Folded {
    pub(super) fn of<'e>(
        events: impl Iterator<Item = &'e Exchange>,
        ids: &LabelIds,
        registry: &Registry,
    ) -> Result<Self, StoreError> {
        let mut folded = Self::default();
        for event in events {
            folded.add(event, ids, registry)?;
        }
        Ok(folded)
    }

    fn add(
        &mut self,
        event: &Exchange,
        ids: &LabelIds,
        registry: &Registry,
    ) -> Result<(), StoreError> {
        let maybe = |text: Option<&str>| text.map_or(Ok(0), |text| ids.of(text));
        let clinic = maybe(event.clinic.as_ref().map(ClinicId::as_str))?;
        let domain = ids.of(event.domain.as_str())?;
        let kind = [
            ids.of(event.operation.as_str())?,
            maybe(event.app.as_ref().map(AppId::as_str))?,
            domain,
            ids.of(event.context.as_str())?,
            maybe(ending_label(event.ending))?,
            i64::from(latency::bucket_of(event.duration_us)),
        ];
        let place = *self.places.entry(kind).or_insert_with(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        let day = registry.local_day(event.clinic.as_ref(), event.ts);
        for (span, sums) in Span::ALL.iter().zip(&mut self.spans) {
            let sums = sums.entry((clinic, span.bucket(event.ts, day), place)).or_default();
            sums.calls += 1;
            sums.duration_us += event.duration_us.min(LONGEST_US).cast_signed();
        }
        let day = Span::Day.bucket(event.ts, day);
        if let Some(actor) = &event.actor_ref {
            let key = ids.of(actor.key().as_str())?;
            self.actors.insert((clinic, day, domain, *actor.digest(), key));
        }
        if event.clinic.is_some() && tasks::counts(event) {
            self.task_days.insert((clinic, day));
        }
        let ts = event.ts.micros();
        let (first, last) = self.seen.entry(clinic).or_insert((ts, ts));
        *first = ts.min(*first);
        *last = ts.max(*last);
        Ok(())
    }

    /// Adds it to what is stored. `kinds` are the numbers of [`Self::kinds`].
    pub(super) async fn write(self, tx: &mut Tx, kinds: &FigureKindIds) -> Result<(), StoreError> {
        for (span, sums) in Span::ALL.iter().zip(self.spans) {
            bulk::insert(tx, rollup_table(*span), rollup_rows(sums, kinds)?).await?;
        }
        let actors = self.actors.into_iter().map(|(clinic, day, domain, actor, key)| {
            let actor = Arg::from(actor.as_slice());
            vec![clinic.into(), day.into(), domain.into(), key.into(), actor]
        });
        bulk::insert(tx, &DAILY_ACTORS, actors.collect()).await?;
        let seen = self.seen.into_iter();
        let seen =
            seen.map(|(clinic, (first, last))| vec![clinic.into(), first.into(), last.into()]);
        bulk::insert(tx, &CLINICS_SEEN, seen.collect()).await?;
        let due = self.task_days.into_iter().map(|(clinic, day)| tasks::due(clinic, day));
        bulk::insert(tx, &tasks::TASK_DAYS_DUE, due.collect()).await
    }
}

/// Rows of one table, in the order of its key.
fn rollup_rows(
    sums: HashMap<Key, Sums>,
    kinds: &FigureKindIds,
) -> Result<Vec<Vec<Arg>>, StoreError> {
    let row = |((clinic, bucket, place), sums): (Key, Sums)| {
        let kind = *kinds.numbers.get(place)?;
        Some([clinic, bucket, kind, sums.calls, sums.duration_us])
    };
    let unknown = StoreError::UnknownValue { table: "figure_kinds", column: "id" };
    let mut rows: Vec<[i64; 5]> =
        sums.into_iter().map(row).collect::<Option<_>>().ok_or(unknown)?;
    rows.sort_unstable();
    Ok(rows.into_iter().map(|row| row.map(Arg::from).into()).collect())
}

macro_rules! rollup {
    ($name:literal) => {
        &Table {
            name: $name,
            columns: &[
                ("clinic_label", Kind::Int),
                ("bucket", Kind::Int),
                ("kind", Kind::Int),
                ("calls", Kind::Int),
                ("duration_us", Kind::Int),
            ],
            key: ROLLUP_KEY,
            conflict: Conflict::Update(concat!(
                "calls = ",
                $name,
                ".calls + excluded.calls, ",
                "duration_us = ",
                $name,
                ".duration_us + excluded.duration_us",
            )),
        }
    };
}

const ROLLUP_KEY: &str = "(clinic_label, bucket, kind)";

const fn rollup_table(span: Span) -> &'static Table {
    match span {
        Span::Minute => rollup!("rollup_minute"),
        Span::Hour => rollup!("rollup_hour"),
        Span::Day => rollup!("rollup_day"),
    }
}

const DAILY_ACTORS: Table = Table {
    name: "daily_actors",
    columns: &[
        ("clinic_label", Kind::Int),
        ("day", Kind::Int),
        ("domain_label", Kind::Int),
        ("actor_key_label", Kind::Int),
        ("actor_ref", Kind::Blob),
    ],
    key: "(clinic_label, day, domain_label, actor_ref)",
    conflict: Conflict::Skip,
};

const CLINICS_SEEN: Table = Table {
    name: "clinics_seen",
    columns: &[("clinic_label", Kind::Int), ("first_ts", Kind::Int), ("last_ts", Kind::Int)],
    key: "(clinic_label)",
    // `min` and `max` of two values are spelt differently in the two dialects.
    conflict: Conflict::Update(
        "first_ts = case when excluded.first_ts < clinics_seen.first_ts \
             then excluded.first_ts else clinics_seen.first_ts end, \
         last_ts = case when excluded.last_ts > clinics_seen.last_ts \
             then excluded.last_ts else clinics_seen.last_ts end",
    ),
};
