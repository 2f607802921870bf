//! Gets a [`super::CallModel`] from the store.
//!
//! Owns the comparisons of one call: the hour around it, when the same last worked, its neighbours.

use std::time::Duration;

use super::{CallModel, LastWorked, Same};
use crate::domain::event::Exchange;
use crate::domain::health::Tally;
use crate::domain::time::Timestamp;
use crate::store::{By, ExchangeFilter, RollupQuery, Scoped, Span, StoreError};

/// Calls shown on either side.
const NEIGHBOURS: u32 = 8;
/// Minutes are kept for two days; older calls are compared within their whole hours.
const MINUTES_KEPT: Duration = Duration::from_hours(46);
const HALF_HOUR: Duration = Duration::from_mins(30);

/// Reads what is shown of a call.
pub(super) async fn load(
    store: &Scoped,
    call: Exchange,
    now: Timestamp,
) -> Result<CallModel, StoreError> {
    let ((here, elsewhere), worked, around) = tokio::try_join!(
        compared(store, &call, now),
        worked(store, &call),
        store.neighbours(&call, NEIGHBOURS),
    )?;
    Ok(CallModel { call, here, elsewhere, worked, before: around.before, after: around.after })
}

/// The same task in the hour around the call, at its clinic and at the others.
async fn compared(
    store: &Scoped,
    call: &Exchange,
    now: Timestamp,
) -> Result<(Tally, Tally), StoreError> {
    let (span, from, to) = if now.since(call.ts) < MINUTES_KEPT {
        (Span::Minute, call.ts.minus(HALF_HOUR), call.ts.plus(HALF_HOUR))
    } else {
        let hour = call.ts.floor_to(3_600);
        (Span::Hour, hour, hour.plus(Duration::from_hours(1)))
    };
    let query = RollupQuery {
        operation: Some(call.operation.clone()),
        ..RollupQuery::new(span, from, to, &[By::Clinic, By::Ending])
    };
    let (mut here, mut elsewhere) = (Tally::default(), Tally::default());
    for row in store.rollup(&query).await? {
        let Some(ending) = row.ending else { continue };
        let tally = if row.clinic == call.clinic { &mut here } else { &mut elsewhere };
        tally.count(ending, row.calls);
    }
    Ok((here, elsewhere))
}

/// When the same task, person and patient last worked.
async fn worked(store: &Scoped, call: &Exchange) -> Result<Vec<LastWorked>, StoreError> {
    let here = ExchangeFilter { clinic: call.clinic.clone(), ..ExchangeFilter::default() };
    let task = ExchangeFilter { operation: Some(call.operation.clone()), ..here.clone() };
    let mut asked = vec![(Same::Task, task.clone())];
    if let Some(actor) = &call.actor_ref {
        asked.push((
            Same::TaskAndPerson,
            ExchangeFilter { actor_refs: vec![actor.clone()], ..task.clone() },
        ));
        asked.push((
            Same::Person,
            ExchangeFilter { actor_refs: vec![actor.clone()], ..here.clone() },
        ));
    }
    if let Some(patient) = &call.patient_ref {
        asked.push((Same::Patient, ExchangeFilter { patient_refs: vec![patient.clone()], ..here }));
    }
    let mut found = Vec::new();
    for (same, filter) in asked {
        found.push(LastWorked { same, call: store.last_success(&filter).await? });
    }
    Ok(found)
}
