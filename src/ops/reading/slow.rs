//! Figures that change slowly and cost much: what is usual.
//!
//! Owns the usual latency and the calls of earlier weeks, by clinic. They are kept for ten minutes;
//! see [`super::cache`].

use std::collections::HashMap;
use std::time::Duration;

use crate::diagnosis::watch::p95_by_clinic;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::store::{By, RollupQuery, Scoped, Span, Store, StoreError};

/// The days that "usual" is taken from.
const USUAL_DAYS: u64 = 14;
/// The earlier weeks whose same hour is looked at.
const WEEKS: u64 = 4;

const DAY: Duration = Duration::from_hours(24);

/// What is usual, by clinic.
#[derive(Debug, Default)]
pub(crate) struct SlowFigures {
    /// One call in twenty takes longer, in microseconds.
    pub(crate) usual_p95_us: HashMap<ClinicId, u64>,
    /// Calls in this hour of the week, in each earlier week that was recorded at all.
    pub(crate) earlier_weeks: HashMap<ClinicId, Vec<u64>>,
}

/// Reads what is usual at a moment.
pub(crate) async fn load(store: &Scoped, now: Timestamp) -> Result<SlowFigures, StoreError> {
    // Today is left out: its trouble must not become what is usual.
    let query = RollupQuery::new(
        Span::Day,
        now.minus(DAY * u32::try_from(USUAL_DAYS).unwrap_or(14)),
        now.floor_to(86_400),
        &[By::Clinic, By::Latency],
    );
    let usual = p95_by_clinic(&store.rollup(&query).await?);
    let mut figures = SlowFigures {
        usual_p95_us: usual.into_iter().filter_map(|(clinic, us)| Some((clinic?, us))).collect(),
        earlier_weeks: HashMap::new(),
    };
    figures.earlier_weeks = earlier_weeks(store.to_compare(), now).await?;
    Ok(figures)
}

/// Calls in this hour of the week, in each earlier week that was recorded at all, by clinic.
///
/// # Errors
///
/// [`StoreError::Database`].
pub async fn earlier_weeks(
    store: &Store,
    now: Timestamp,
) -> Result<HashMap<ClinicId, Vec<u64>>, StoreError> {
    let (mut weeks, mut found) = (Vec::new(), HashMap::new());
    for week in 1..=WEEKS {
        let from = now.minus(DAY * 7 * u32::try_from(week).unwrap_or(1)).floor_to(3_600);
        let to = from.plus(Duration::from_hours(1));
        let query = RollupQuery::new(Span::Hour, from, to, &[By::Clinic]);
        let rows = store.rollup(&query).await?;
        let calls: HashMap<ClinicId, u64> =
            rows.into_iter().filter_map(|row| Some((row.clinic?, row.calls))).collect();
        // A week in which nobody called was a holiday, or was not recorded.
        if !calls.is_empty() {
            weeks.push(calls);
        }
    }
    for clinic in weeks.iter().flat_map(HashMap::keys) {
        let of = |week: &HashMap<ClinicId, u64>| week.get(clinic).copied().unwrap_or(0);
        found.entry(clinic.clone()).or_insert_with(|| weeks.iter().map(of).collect());
    }
    Ok(found)
}
