//! What the diagnosis reads: bounded on both sides of a moment, along an index, on both databases.

use std::time::Duration;

use accuscope::domain::labels::Environment;
use accuscope::domain::names::OperationName;
use accuscope::domain::reference::ReferenceKind;
use accuscope::store::{Around, ExchangeFilter, Sighting, Store, StoreUrl};

use crate::support::{
    at, bare_event, by, clinic, event, insert, on_each, on_each_url, reference, without_table_scans,
};

fn filters() -> Vec<ExchangeFilter> {
    let here = || ExchangeFilter { clinic: Some(clinic("maple-ridge")), ..Default::default() };
    vec![
        here(),
        ExchangeFilter { actor_refs: vec![reference(ReferenceKind::Actor, 1)], ..here() },
        ExchangeFilter { patient_refs: vec![reference(ReferenceKind::Patient, 1)], ..here() },
        ExchangeFilter { operation: Some(OperationName::parse("patient.read").unwrap()), ..here() },
        ExchangeFilter { from: Some(at(-1_000)), to: Some(at(1_000)), ..Default::default() },
    ]
}

#[test]
fn the_nearest_calls_are_read_on_both_sides() {
    on_each(&async |store| {
        let mut events: Vec<_> =
            (0..40).map(|n| event(n + 1, 10 * i64::try_from(n).unwrap())).collect();
        events.push(by("other-app", "lab.list", event(100, 205)));
        events.push(bare_event(101, 207));
        insert(store, &events).await;
        for filter in filters() {
            let around = Around { at: at(200), before: 3, after: 5 };
            let mut found = store.sightings(&filter, around).await.unwrap();
            found.sort_by_key(|call| (call.ts, call.id));
            let before = found.iter().filter(|call| call.ts < at(200)).count();
            assert_eq!((before, found.len()), (3, 8), "{filter:?}");
            assert_eq!(found[0].ts, at(170));
            for call in found {
                let event = events.iter().find(|event| event.id == call.id).unwrap();
                assert_eq!(call, Sighting::from(event));
            }
        }
    });
}

#[test]
fn a_silence_is_longer_than_ten_minutes_and_cut_to_the_stretch() {
    const TEN: Duration = Duration::from_mins(10);
    on_each(&async |store: &Store| {
        let at_minutes = [0, 9, 19, 40, 45, 55];
        let events: Vec<_> = (1..).zip(at_minutes).map(|(n, m)| event(n, m * 60)).collect();
        insert(store, &events).await;
        let minutes = |from: i64, to: i64| (at(from * 60), at(to * 60));
        for (from, to, expected) in [
            (0, 60, vec![minutes(19, 40), minutes(55, 60)]),
            (-30, 30, vec![minutes(-30, 0), minutes(19, 30)]),
            (25, 30, vec![minutes(25, 30)]),
            (41, 54, vec![]),
            (60, 90, vec![minutes(60, 90)]),
            (58, 90, vec![minutes(58, 90)]),
        ] {
            let (from, to) = minutes(from, to);
            let found = store.silences(Environment::Sandbox, from, to, TEN).await.unwrap();
            // After the last event of all, silence begins where that event is or the stretch does.
            assert_eq!(found, expected, "{from} to {to}");
        }
        let (from, to) = minutes(0, 60);
        let other = store.silences(Environment::Production, from, to, TEN).await.unwrap();
        assert_eq!(other, [(from, to)], "another environment's events are no record of this one");
    });
}

#[test]
fn silences_are_what_lies_between_events_one_by_one() {
    const LONGEST: Duration = Duration::from_mins(10);
    on_each(&async |store: &Store| {
        // Gaps of 1 to 1,500 seconds, in an order that repeats after long.
        let gaps = (1..=60_i64).map(|n| n * n * 37 % 1_500 + 1);
        let seconds: Vec<i64> = gaps
            .scan(0, |at, gap| {
                Some({
                    *at += gap;
                    *at
                })
            })
            .collect();
        let events: Vec<_> = (1..).zip(&seconds).map(|(n, s)| event(n, *s)).collect();
        insert(store, &events).await;
        let last = seconds[seconds.len() - 1];
        let longest = i64::try_from(LONGEST.as_secs()).unwrap();
        for (from, to) in (0..40).map(|n| (n * 997 % last - 900, n * 1_409 % last + 1_200)) {
            // All silences of all time, then cut.
            let edges = [i64::MIN / 2_000_000].iter().chain(&seconds).zip(&seconds);
            let after = (last, i64::MAX / 2_000_000);
            let expected: Vec<_> = edges
                .map(|(start, end)| (*start, *end))
                .chain([after])
                .filter(|(start, end)| end - start > longest)
                .map(|(start, end)| (start.max(from), end.min(to)))
                .filter(|(start, end)| start < end)
                .map(|(start, end)| (at(start), at(end)))
                .collect();
            let found = store.silences(Environment::Sandbox, at(from), at(to), LONGEST).await;
            assert_eq!(found.unwrap(), expected, "{from} to {to}");
        }
    });
}

#[test]
fn no_walk_is_compiled_before_it_is_made() {
    on_each_url(&async |url: &StoreUrl| {
        // Where plans are compiled at all, this makes each one worth it.
        let url = if url.file().is_some() {
            url.clone()
        } else {
            url.with_setting("jit_above_cost", "0")
        };
        let store = Store::open(&url).await.unwrap();
        insert(&store, &[event(1, 0)]).await;
        for filter in filters() {
            let around = Around { at: at(100), before: 10, after: 10 };
            for line in store.plan_of_sightings(&filter, around).await.unwrap() {
                assert!(!line.contains("JIT"), "{filter:?}: {line}");
            }
        }
        store.close().await;
    });
}

#[test]
fn nothing_of_it_reads_a_whole_table() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(&without_table_scans(url)).await.unwrap();
        let events: Vec<_> = (0..200).map(|n| event(n + 1, i64::try_from(n).unwrap())).collect();
        insert(&store, &events).await;
        for filter in filters() {
            let around = Around { at: at(100), before: 10, after: 10 };
            for line in store.plan_of_sightings(&filter, around).await.unwrap() {
                let scans = line.starts_with("SCAN e") || line.contains("Seq Scan on exchanges");
                assert!(!scans, "{filter:?}: {line}");
            }
        }
        let stretch = (at(-7_200), at(7_200));
        let silence = Duration::from_mins(10);
        for line in store.plan_of_silences(Environment::Sandbox, stretch, silence).await.unwrap() {
            let scans = line.starts_with("SCAN e") || line.contains("Seq Scan on exchanges");
            assert!(!scans, "silences: {line}");
        }
        store.close().await;
    });
}
