//! Gets a clinic's [`super::Detail`] from the store.
//!
//! Owns which sums are asked for: half hours and tasks of a day, days of two weeks, reasons of a week.

use std::collections::HashMap;
use std::time::Duration;

use super::{DAYS, Detail, Problem, SLOTS, TaskFigures};
use crate::domain::health::{FAILURES, Tally};
use crate::domain::names::OperationName;
use crate::domain::reason::Reason;
use crate::domain::registry::Clinic;
use crate::domain::time::Timestamp;
use crate::store::{By, ExchangeFilter, RollupQuery, RollupRow, Scoped, Span, StoreError};

const HALF_HOUR: i64 = 1_800;
const DAY: Duration = Duration::from_hours(24);
/// Tasks that are shown; the rest would be a list of rarities.
const MOST_TASKS: usize = 12;
/// Minutes are kept for two days; trouble that is older is counted by the hour.
const MINUTES_KEPT: Duration = Duration::from_hours(47);

/// Reads a clinic's detail. Recent figures begin with the trouble, or an hour ago.
pub(super) async fn load(
    store: &Scoped,
    clinic: &Clinic,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Detail, StoreError> {
    let first_slot = Timestamp::from_seconds(
        now.floor_to(HALF_HOUR).seconds() - HALF_HOUR * (i64::try_from(SLOTS).unwrap_or(48) - 1),
    );
    let recent = since.unwrap_or_else(|| now.minus(Duration::from_hours(1)));
    let recent_span = if now.since(recent) < MINUTES_KEPT { Span::Minute } else { Span::Hour };
    let sums = |span, from, by: &[By]| {
        let query = RollupQuery {
            clinic: Some(clinic.id.clone()),
            ..RollupQuery::new(span, from, now, by)
        };
        async move { store.rollup(&query).await }
    };
    let days = DAY * (u32::try_from(DAYS).unwrap_or(14) - 1);
    let (slots, recent, day, by_day, problems, contexts, seen) = tokio::try_join!(
        sums(Span::Minute, first_slot, &[By::Bucket, By::Ending]),
        sums(recent_span, recent, &[By::Operation, By::Ending]),
        sums(Span::Hour, now.minus(DAY), &[By::Operation, By::Ending]),
        sums(Span::Day, now.minus(days), &[By::Bucket, By::Operation]),
        sums(Span::Hour, now.minus(DAY * 7), &[By::Bucket, By::Operation, By::Ending]),
        sums(Span::Hour, now.minus(DAY), &[By::Context]),
        store.clinics_seen(),
    )?;
    let mut contexts: Vec<_> =
        contexts.iter().filter_map(|row| Some((row.context?, row.calls))).collect();
    contexts.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
    Ok(Detail {
        first_slot: Some(first_slot),
        slots: half_hours(&slots, first_slot),
        tasks: tasks(store, clinic, &recent, &day, &by_day, now).await?,
        problems: worst_first(&problems),
        contexts,
        first_call: seen
            .into_iter()
            .find(|seen| seen.clinic.as_ref() == Some(&clinic.id))
            .map(|seen| seen.first),
    })
}

fn half_hours(rows: &[RollupRow], first: Timestamp) -> Vec<Tally> {
    let mut slots = vec![Tally::default(); SLOTS];
    for row in rows {
        let (Some(start), Some(ending)) = (row.bucket, row.ending) else { continue };
        let index = (start.seconds() - first.seconds()).div_euclid(HALF_HOUR);
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| slots.get_mut(index)) {
            slot.count(ending, row.calls);
        }
    }
    slots
}

fn by_operation(rows: &[RollupRow]) -> HashMap<&OperationName, Tally> {
    let mut found: HashMap<&OperationName, Tally> = HashMap::new();
    for row in rows {
        if let (Some(operation), Some(ending)) = (&row.operation, row.ending) {
            found.entry(operation).or_default().count(ending, row.calls);
        }
    }
    found
}

async fn tasks(
    store: &Scoped,
    clinic: &Clinic,
    recent: &[RollupRow],
    day: &[RollupRow],
    by_day: &[RollupRow],
    now: Timestamp,
) -> Result<Vec<TaskFigures>, StoreError> {
    let mut recent = by_operation(recent);
    let mut of_day: Vec<(&OperationName, Tally)> = by_operation(day).into_iter().collect();
    // What fails comes first, then what is used most.
    of_day.sort_by_key(|(name, tally)| {
        let failed = recent.get(name).map_or(0, Tally::failed);
        (std::cmp::Reverse((failed, tally.calls())), (*name).clone())
    });
    let mut tasks = Vec::new();
    for (operation, day) in of_day.into_iter().take(MOST_TASKS) {
        let filter = ExchangeFilter {
            clinic: Some(clinic.id.clone()),
            operation: Some(operation.clone()),
            ..ExchangeFilter::default()
        };
        tasks.push(TaskFigures {
            operation: operation.clone(),
            recent: recent.remove(operation).unwrap_or_default(),
            day,
            last_worked: store.last_success(&filter).await?.map(|call| call.ts),
            by_day: calls_by_day(by_day, operation, now),
        });
    }
    Ok(tasks)
}

fn calls_by_day(rows: &[RollupRow], operation: &OperationName, now: Timestamp) -> Vec<u64> {
    let mut days = vec![0; DAYS];
    let today = now.floor_to(86_400).seconds();
    for row in rows.iter().filter(|row| row.operation.as_ref() == Some(operation)) {
        let Some(start) = row.bucket else { continue };
        let ago = usize::try_from((today - start.seconds()).div_euclid(86_400)).unwrap_or(0);
        if let Some(day) = (DAYS - 1).checked_sub(ago).and_then(|index| days.get_mut(index)) {
            *day += row.calls;
        }
    }
    days
}

/// Reasons, with their tasks, the most frequent first.
fn worst_first(rows: &[RollupRow]) -> Vec<Problem> {
    let mut found: HashMap<Reason, (Problem, HashMap<OperationName, u64>)> = HashMap::new();
    for row in rows {
        let (Some(start), Some(operation), Some(ending)) = (row.bucket, &row.operation, row.ending)
        else {
            continue;
        };
        let Some(reason) = ending.reason().filter(|r| FAILURES.contains(&r.category())) else {
            continue;
        };
        let (problem, operations) = found.entry(reason).or_insert_with(|| {
            let empty =
                Problem { reason, operations: Vec::new(), calls: 0, first: start, last: start };
            (empty, HashMap::new())
        });
        problem.calls += row.calls;
        problem.first = problem.first.min(start);
        problem.last = problem.last.max(start);
        *operations.entry(operation.clone()).or_default() += row.calls;
    }
    let mut problems: Vec<Problem> = found
        .into_values()
        .map(|(problem, operations)| {
            let mut operations: Vec<_> = operations.into_iter().collect();
            operations.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
            let operations = operations.into_iter().map(|(name, _)| name).collect();
            Problem { operations, ..problem }
        })
        .collect();
    problems.sort_by_key(|problem| (std::cmp::Reverse(problem.calls), problem.reason));
    problems
}
