//! Where a trouble begins within a bucket of its clinic's figures.
//!
//! Owns the cut: figures are by the minute and the hour, and what was called earlier in the bucket in
//! which a trouble began is not of it. The bucket is cut in two at the trouble's first call, so that
//! sums from there on are exact.

use std::time::Duration;

use super::ClinicReading;
use crate::diagnosis::watch::Sight;
use crate::domain::health::{Bucket, Tally};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::store::{Around, By, ExchangeFilter, RollupQuery, Span, Store, StoreError};

/// Most calls of a minute that are looked at one by one; of a busier one, the minute stays whole.
const OF_MINUTE: u32 = 2_000;
/// Most clinics that are looked at.
const CLINICS: usize = 16;

/// Cuts the series of the clinics that open incidents touch.
pub(super) async fn cut(
    store: &Store,
    clinics: &mut [ClinicReading],
    sight: &Sight,
    now: Timestamp,
) -> Result<(), StoreError> {
    let minutes_from = now.minus(Duration::from_hours(1)).floor_to(60);
    let mut looked = 0;
    for ongoing in &sight.open {
        let since = ongoing.incident.since;
        for clinic in clinics.iter_mut().filter(|c| ongoing.touches(&c.facts.clinic)) {
            let series = &mut clinic.facts.series;
            let Some(index) = series.iter().rposition(|bucket| bucket.start <= since) else {
                continue;
            };
            let start = series[index].start;
            let length = if start >= minutes_from { 60 } else { 3_600 };
            let within = since > start && since.seconds() < start.seconds() + length;
            if !within || looked == CLINICS {
                continue;
            }
            looked += 1;
            if let Some(before) = tally(store, &clinic.facts.clinic, start, since).await? {
                let after = series[index].tally.without(&before);
                series[index].tally = before;
                series.insert(index + 1, Bucket { start: since, tally: after });
            }
        }
    }
    Ok(())
}

/// A clinic's calls from a bucket's start to a moment in it; `None` where they are too many to count.
async fn tally(
    store: &Store,
    clinic: &ClinicId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Option<Tally>, StoreError> {
    let mut tally = Tally::default();
    let minute = to.floor_to(60);
    if from < minute {
        let query = RollupQuery {
            clinic: Some(clinic.clone()),
            ..RollupQuery::new(Span::Minute, from, minute, &[By::Ending])
        };
        for row in store.rollup(&query).await? {
            if let Some(ending) = row.ending {
                tally.count(ending, row.calls);
            }
        }
    }
    let filter = ExchangeFilter {
        clinic: Some(clinic.clone()),
        from: Some(minute.max(from)),
        to: Some(to),
        ..ExchangeFilter::default()
    };
    let around = Around { at: to, before: OF_MINUTE, after: 0 };
    let calls = store.sightings(&filter, around).await?;
    for call in calls.iter().filter(|call| call.ts < to) {
        tally.count(call.ending, 1);
    }
    Ok((calls.len() < OF_MINUTE as usize).then_some(tally))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::json;
    use crate::domain::ids::EventId;
    use crate::domain::reason::{Ending, Reason};
    use crate::domain::registry::Registry;
    use crate::store::{Batch, StoreUrl};

    const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T12:00:00Z","env":"sandbox","clinic":"maple-ridge","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/x","status":200,"outcome":"ok","duration_us":90000,"attempts":1,"source":"upstream","instance":"i-1"}"#;

    #[tokio::test]
    async fn what_was_called_earlier_in_the_minute_and_hour_is_counted_apart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&folder.path().join("store.db"))).await.unwrap();
        let noon = Timestamp::parse("2026-11-24T12:00:00Z").unwrap();
        let second = |second: i64| Timestamp::from_seconds(noon.seconds() + second);
        let events: Vec<_> = (0..40)
            .map(|number| {
                let mut event = json::read_line(LINE.as_bytes()).unwrap();
                event.ts = second(number * 5);
                event.id = EventId::new(event.ts, 7);
                // The trouble begins 23 s into the third minute.
                if number >= 29 {
                    event.ending = Ending::failed(Reason::UpstreamError);
                }
                event
            })
            .collect();
        let registry = Registry::default();
        let batch =
            Batch { events: &events, checkpoint: None, registry: &registry, at: second(300) };
        assert_eq!(store.insert(&batch).await.unwrap().inserted, 40);
        let clinic = events[0].clinic.clone().unwrap();
        // Within the minute, and within the hour.
        for (from, calls) in [(second(120), 5), (noon, 29)] {
            let before = tally(&store, &clinic, from, second(145)).await.unwrap().unwrap();
            assert_eq!((before.calls(), before.failed()), (calls, 0), "{from}");
        }
        store.close().await;
    }
}
