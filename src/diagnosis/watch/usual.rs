//! How long a clinic's calls usually take.
//!
//! Owns that measure: what one call in twenty of the last two weeks took longer than. Today is left
//! out, so that a day's trouble does not become what is usual.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::domain::labels::Category;
use crate::domain::latency::{BUCKETS, quantile_us, upper_bound_us};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::store::{By, RollupQuery, RollupRow, Span, Store, StoreError};

const FORTNIGHT: Duration = Duration::from_hours(14 * 24);
/// Good minutes in a row that end a row of bad ones.
const GOOD_MINUTES: u32 = 2;

/// What one call in twenty took longer than, in microseconds, by clinic.
pub(crate) fn p95_by_clinic(rows: &[RollupRow]) -> HashMap<Option<ClinicId>, u64> {
    let mut counts: HashMap<Option<ClinicId>, [u64; BUCKETS as usize]> = HashMap::new();
    for row in rows {
        let clinic = counts.entry(row.clinic.clone()).or_insert([0; BUCKETS as usize]);
        if let Some(count) = row.latency.and_then(|bucket| clinic.get_mut(usize::from(bucket))) {
            *count += row.calls;
        }
    }
    let quantile = |(clinic, counts): (_, [u64; BUCKETS as usize])| {
        Some((clinic, quantile_us(&counts, 0.95)?))
    };
    counts.into_iter().filter_map(quantile).collect()
}

/// Reads what is usual.
pub(super) async fn load(
    store: &Store,
    now: Timestamp,
) -> Result<HashMap<ClinicId, u64>, StoreError> {
    let (from, to) = (now.minus(FORTNIGHT), now.floor_to(86_400));
    let query = RollupQuery::new(Span::Day, from, to, &[By::Clinic, By::Latency]);
    let found = p95_by_clinic(&store.rollup(&query).await?);
    Ok(found.into_iter().filter_map(|(clinic, us)| Some((clinic?, us))).collect())
}

/// The first of the bad minutes that reach to the last one, where a minute is bad if at least a part
/// of its calls failed in a kind, or took twice what is usual. Two good minutes with calls end them.
pub(super) fn oldest_bad_minute<'r>(
    rows: impl Iterator<Item = &'r RollupRow>,
    category: Option<Category>,
    usual: &HashMap<ClinicId, u64>,
) -> Option<Timestamp> {
    let mut minutes: BTreeMap<Timestamp, (u64, u64)> = BTreeMap::new();
    for row in rows {
        let Some(minute) = row.bucket else { continue };
        let slow = || {
            let usual = usual.get(row.clinic.as_ref()?)?;
            Some(upper_bound_us(row.latency?) >= usual * 2)
        };
        let bad = match row.ending {
            Some(ending) => ending.category() == category && category.is_some(),
            None => slow().unwrap_or(false),
        };
        let (bad_calls, calls) = minutes.entry(minute).or_default();
        *calls += row.calls;
        *bad_calls += if bad { row.calls } else { 0 };
    }
    let (mut began, mut good) = (None, 0);
    for (minute, (bad, calls)) in minutes.into_iter().rev() {
        if bad * 10 > calls {
            (began, good) = (Some(minute), 0);
        } else {
            good += 1;
        }
        if good >= GOOD_MINUTES {
            break;
        }
    }
    began
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::{Ending, Reason};

    #[test]
    fn bad_minutes_are_followed_back_to_the_first_one() {
        let row = |minute: i64, ending, calls| RollupRow {
            bucket: Some(Timestamp::from_seconds(minute * 60)),
            clinic: ClinicId::parse("a").ok(),
            ending: Some(ending),
            latency: None,
            calls,
            ..RollupRow::default()
        };
        let bad = Ending::failed(Reason::TokenRejected);
        // A lone refusal long before, good minutes, then refusals with one good minute among them.
        let rows = [
            row(10, bad, 1),
            row(11, Ending::Ok, 5),
            row(12, Ending::Ok, 5),
            row(20, bad, 4),
            row(21, Ending::Ok, 3),
            row(22, bad, 9),
        ];
        let began = oldest_bad_minute(rows.iter(), Some(Category::Auth), &HashMap::new());
        assert_eq!(began, Some(Timestamp::from_seconds(1_200)));
    }

    #[test]
    fn a_slowdown_begins_with_the_first_minute_of_slow_calls() {
        let clinic = ClinicId::parse("a").unwrap();
        let row = |minute: i64, latency| RollupRow {
            bucket: Some(Timestamp::from_seconds(minute * 60)),
            clinic: Some(clinic.clone()),
            latency: Some(latency),
            calls: 5,
            ..RollupRow::default()
        };
        let rows = [row(1, 12), row(2, 12), row(3, 24), row(4, 24), row(5, 24)];
        let usual = HashMap::from([(clinic.clone(), 64_000)]);
        let began = oldest_bad_minute(rows.iter(), Some(Category::Transient), &usual);
        assert_eq!(began, Some(Timestamp::from_seconds(180)));
    }
}
