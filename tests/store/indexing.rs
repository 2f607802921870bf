//! What is written is written once and whole.

use accuscope::domain::event::Exchange;
use accuscope::domain::names::{InstanceId, SegmentName};
use accuscope::domain::reason::Reason;
use accuscope::store::{
    Batch, By, Checkpoint, ExchangeFilter, Freshness, Inserted, RollupQuery, Span, Store,
    StoreError, StoreUrl,
};
use proptest::prelude::*;

use crate::support::{
    at, bare_event, by, clinic, event, failed, insert, insert_to, on_each, on_each_own_database,
    on_each_url, own_database, registry,
};

fn checkpoint(offset: u64) -> Checkpoint {
    Checkpoint {
        instance: InstanceId::parse("i-1").unwrap(),
        segment: SegmentName::parse("000001.ndjson").unwrap(),
        offset,
    }
}

async fn calls(store: &Store, span: Span) -> u64 {
    let query = RollupQuery::new(span, at(-200_000), at(200_000), &[]);
    store.rollup(&query).await.unwrap().first().map_or(0, |row| row.calls)
}

#[test]
fn an_event_comes_out_as_it_went_in() {
    on_each(&async |store: &Store| {
        let mut odd = failed(Reason::Forbidden, event(3, 2));
        odd.duration_us = u64::MAX;
        odd.request_id =
            accuscope::domain::ids::RequestId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap();
        for event in [event(1, 0), bare_event(2, 1), odd] {
            assert_eq!(insert(store, std::slice::from_ref(&event)).await.inserted, 1);
            assert_eq!(store.exchange(event.id).await.unwrap(), Some(event));
        }
        assert_eq!(store.exchange(event(9, 0).id).await.unwrap(), None);
    });
}

#[test]
fn a_batch_that_comes_again_changes_nothing() {
    on_each(&async |store: &Store| {
        let events: Vec<Exchange> = (0..700).map(|n| event(n, i64::try_from(n).unwrap())).collect();
        let first = insert(store, &events[..650]).await;
        assert_eq!(first, Inserted { inserted: 650, duplicates: 0, late: 0 });
        let second = insert(store, &events).await;
        assert_eq!(second, Inserted { inserted: 50, duplicates: 650, late: 0 });
        let twice = [event(9_000, 0), event(9_000, 0)];
        assert_eq!(insert(store, &twice).await, Inserted { inserted: 1, duplicates: 1, late: 0 });
        for span in Span::ALL {
            assert_eq!(calls(store, span).await, 701, "{span:?}");
        }
        assert_eq!(store.count(&ExchangeFilter::default(), 10_000).await.unwrap(), 701);
    });
}

#[test]
fn the_checkpoint_moves_with_the_rows() {
    on_each(&async |store: &Store| {
        let instance = checkpoint(0).instance;
        assert_eq!(store.checkpoint(&instance).await.unwrap(), None);
        assert_eq!(store.freshness().await.unwrap(), Freshness::default());
        insert_to(store, &[event(1, 0)], Some(&checkpoint(500))).await;
        assert_eq!(store.checkpoint(&instance).await.unwrap(), Some(checkpoint(500)));
        insert_to(store, &[], Some(&checkpoint(900))).await;
        assert_eq!(store.checkpoint(&instance).await.unwrap(), Some(checkpoint(900)));
        let fresh = Freshness { newest: Some(at(0)), indexed_at: Some(at(100)) };
        assert_eq!(store.freshness().await.unwrap(), fresh);
        assert_eq!(store.extent().await.unwrap(), Some((at(0), at(0))));
    });
}

/// Checkpoint, rows and counted calls of one moment: a commit that was sent before the interruption
/// may still come to pass between two looks.
async fn settled(store: &Store, instance: &InstanceId) -> (Option<Checkpoint>, u64, u64) {
    let look = async || {
        let checkpoint = store.checkpoint(instance).await.unwrap();
        let rows = store.count(&ExchangeFilter::default(), 10_000).await.unwrap();
        (checkpoint, rows, calls(store, Span::Day).await)
    };
    let mut before = look().await;
    loop {
        let now = look().await;
        if now == before {
            return now;
        }
        before = now;
    }
}

#[test]
fn an_interrupted_batch_leaves_neither_rows_nor_a_checkpoint() {
    on_each(&async |store: &Store| {
        insert(store, &[event(1, 0)]).await;
        let events: Vec<Exchange> = (2..600).map(|n| event(n, 0)).collect();
        let (registry, checkpoint) = (registry(), checkpoint(7));
        for polls in 1..60 {
            let batch = Batch {
                events: &events,
                checkpoint: Some(&checkpoint),
                registry: &registry,
                at: at(1),
            };
            // The future is dropped after a number of polls, wherever it then is.
            let mut writing = Box::pin(store.insert(&batch));
            let mut left = polls;
            let interrupted = std::future::poll_fn(|cx| {
                left -= 1;
                match writing.as_mut().poll(cx) {
                    std::task::Poll::Ready(done) => std::task::Poll::Ready(Some(done)),
                    std::task::Poll::Pending if left == 0 => std::task::Poll::Ready(None),
                    std::task::Poll::Pending => std::task::Poll::Pending,
                }
            });
            let done = interrupted.await;
            drop(writing);
            match settled(store, &checkpoint.instance).await {
                (None, 1, 1) => assert!(done.is_none(), "after {polls} polls"),
                (Some(_), 599, 599) => return,
                other => panic!("after {polls} polls: {other:?}"),
            }
        }
        panic!("the batch never got through");
    });
}

#[test]
fn too_large_a_batch_is_refused_whole() {
    on_each(&async |store: &Store| {
        let events = vec![event(1, 0); accuscope::store::MAX_BATCH + 1];
        let registry = registry();
        let batch = Batch { events: &events, checkpoint: None, registry: &registry, at: at(0) };
        assert!(matches!(store.insert(&batch).await, Err(StoreError::TooMany { .. })));
        assert_eq!(store.extent().await.unwrap(), None);
    });
}

#[test]
fn a_store_is_found_again_and_a_newer_one_is_refused() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        insert(&store, &[event(1, 0)]).await;
        store.close().await;
        let store = Store::open(url).await.unwrap();
        assert_eq!(store.exchange(event(1, 0).id).await.unwrap(), Some(event(1, 0)));
        store.pretend_newer(99).await.unwrap();
        store.close().await;
        let error = Store::open(url).await.err().unwrap();
        assert!(matches!(error, StoreError::Newer(99)), "{error}");
        assert!(error.to_string().contains("migration 99"), "{error}");
    });
}

#[test]
fn two_instances_index_into_one_store_at_once() {
    on_each_url(&async |url: &StoreUrl| {
        let (left, right) = (Store::open(url).await.unwrap(), Store::open(url).await.unwrap());
        for round in 0..10 {
            let events = |from: u64| -> Vec<Exchange> {
                (0..50).map(|n| event(round * 1_000 + from + n, 0)).collect()
            };
            let (left_events, right_events) = (events(0), events(500));
            tokio::join!(insert(&left, &left_events), insert(&right, &right_events));
        }
        assert_eq!(calls(&left, Span::Minute).await, 1_000);
        assert_eq!(right.clinics_seen().await.unwrap()[0].clinic, Some(clinic("maple-ridge")));
        left.close().await;
        right.close().await;
    });
}

/// One instance at full speed: its own journal, and events that the other one has, too.
async fn index(store: &Store, instance: &str, first: u64) {
    let registry = registry();
    for round in 0..15 {
        let mut events: Vec<Exchange> = (0..200)
            .map(|n| event(first + round * 200 + n, i64::try_from(round * 60).unwrap()))
            .collect();
        // Imported by both: one file, given to two people.
        events.extend((0..50).map(|n| event(900_000 + round * 50 + n, 86_400)));
        let checkpoint = Checkpoint {
            instance: InstanceId::parse(instance).unwrap(),
            segment: SegmentName::parse("000001.ndjson").unwrap(),
            offset: round,
        };
        let batch = Batch {
            events: &events,
            checkpoint: Some(&checkpoint),
            registry: &registry,
            at: at(86_500),
        };
        store.insert(&batch).await.unwrap();
    }
}

#[test]
fn two_instances_at_full_speed_count_every_call_of_one_clinic_once() {
    on_each_url(&async |url: &StoreUrl| {
        let (left, right) = (Store::open(url).await.unwrap(), Store::open(url).await.unwrap());
        tokio::join!(index(&left, "i-1", 0), index(&right, "i-2", 100_000));
        let expected = 2 * 15 * 200 + 15 * 50;
        assert_eq!(left.count(&ExchangeFilter::default(), 99_999).await.unwrap(), expected);
        for span in Span::ALL {
            assert_eq!(calls(&left, span).await, expected, "{span:?}");
        }
        for instance in ["i-1", "i-2"] {
            let instance = InstanceId::parse(instance).unwrap();
            let checkpoint = right.checkpoint(&instance).await.unwrap().unwrap();
            assert_eq!(checkpoint.offset, 14, "{instance}");
        }
        left.close().await;
        right.close().await;
    });
}

fn batches() -> impl Strategy<Value = Vec<Vec<Exchange>>> {
    let reasons = [Reason::Forbidden, Reason::EmptyResult, Reason::ResponseTimeout];
    let one = (0u64..60, 0usize..5).prop_map(move |(number, kind)| {
        // An id stands for one event: what it is follows from its number.
        let seconds = i64::try_from(number * 977 % 90_000).unwrap();
        let mut event = event(number, seconds);
        event.duration_us = number * 7_919;
        match number % 4 {
            0 => failed(reasons[usize::try_from(number).unwrap() % 3], event),
            1 => Exchange { clinic: Some(clinic("signal-hill")), ..event },
            2 if kind < 9 => bare_event(number, seconds),
            _ => event,
        }
    });
    prop::collection::vec(prop::collection::vec(one, 0..40), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// However events repeat within and between batches, figures count each event once.
    #[test]
    fn roll_ups_count_every_row_once(batches in batches()) {
        on_each(&async |store: &Store| {
            let mut sum = 0;
            for batch in &batches {
                let done = insert(store, batch).await;
                assert_eq!(done.inserted + done.duplicates, batch.len());
                sum += done.inserted;
            }
            let page = store.exchanges(&ExchangeFilter::default(), None, 500).await.unwrap();
            assert_eq!(page.items.len(), sum);
            for span in Span::ALL {
                let by = [By::Clinic, By::Operation, By::Ending, By::Latency, By::Bucket];
                let query = RollupQuery::new(span, at(-200_000), at(200_000), &by);
                let rows = store.rollup(&query).await.unwrap();
                let calls: u64 = rows.iter().map(|row| row.calls).sum();
                let duration: u64 = rows.iter().map(|row| row.duration_us).sum();
                assert_eq!(calls, sum as u64, "{span:?}");
                assert_eq!(duration, page.items.iter().map(|event| event.duration_us).sum::<u64>());
                for row in rows {
                    let same = page.items.iter().filter(|event| {
                        event.clinic == row.clinic
                            && Some(event.ending) == row.ending
                            && Some(accuscope::domain::latency::bucket_of(event.duration_us))
                                == row.latency
                            && (span == Span::Day
                                || Some(event.ts.floor_to(span.seconds())) == row.bucket)
                    });
                    assert!(same.count() as u64 >= row.calls);
                }
            }
        });
    }
}

/// Takes everything out of the database behind its users' backs and makes it anew.
async fn made_anew(url: &StoreUrl) {
    if let Some(file) = url.file() {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        for table in ["exchanges", "checkpoints", "kinds", "labels", "clinics_seen"] {
            let sql = sqlx::AssertSqlSafe(format!("delete from {table}"));
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        pool.close().await;
    } else {
        let server = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL").unwrap();
        let (place, _) = server.rsplit_once('/').unwrap();
        let name = own_database();
        let admin = sqlx::PgPool::connect(&format!("{place}/postgres")).await.unwrap();
        for sql in [format!("drop database {name} with (force)"), format!("create database {name}")]
        {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&admin).await.unwrap();
        }
    }
}

#[test]
fn a_database_made_anew_behind_its_back_is_noticed_before_a_number_means_another_name() {
    on_each_own_database(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        let ours = [by("intake-web", "patient.read", event(1, 0))];
        insert_to(&store, &ours, Some(&checkpoint(5))).await;
        made_anew(url).await;
        // Somebody else's names come first, and get the numbers that ours had.
        let other = Store::open(url).await.unwrap();
        let theirs = [by("portal", "labs.list", event(2, 1))];
        assert_eq!(insert(&other, &theirs).await.inserted, 1);

        let registry = registry();
        let more = [by("intake-web", "patient.read", event(3, 2))];
        let batch = |checkpoint| Batch {
            events: &more,
            checkpoint: Some(checkpoint),
            registry: &registry,
            at: at(101),
        };
        let (six, instance) = (checkpoint(6), checkpoint(0).instance);
        // The first connections may only find that they were cut off.
        let error = loop {
            match store.insert(&batch(&six)).await {
                Err(StoreError::Database(_)) => {}
                other => break other,
            }
        };
        assert!(matches!(error, Err(StoreError::Replaced)), "{error:?}");
        store.renew().await.unwrap();
        assert_eq!(store.checkpoint(&instance).await.unwrap(), None, "begin again");
        insert_to(&store, &ours, Some(&checkpoint(5))).await;
        store.insert(&batch(&six)).await.unwrap();
        for wanted in ours.iter().chain(&theirs).chain(&more) {
            for reader in [&store, &other] {
                assert_eq!(reader.exchange(wanted.id).await.unwrap().as_ref(), Some(wanted));
            }
        }
        store.close().await;
        other.close().await;
    });
}

#[test]
fn a_database_without_its_schema_gets_it_again() {
    on_each_own_database(&async |url: &StoreUrl| {
        if url.file().is_some() {
            // SQLite keeps the file that it has open, whatever becomes of its name.
            return;
        }
        let store = Store::open(url).await.unwrap();
        insert_to(&store, &[event(1, 0)], Some(&checkpoint(5))).await;
        made_anew(url).await;
        let (registry, six, more) = (registry(), checkpoint(6), [event(2, 1)]);
        let batch =
            Batch { events: &more, checkpoint: Some(&six), registry: &registry, at: at(101) };
        while !matches!(store.insert(&batch).await, Err(StoreError::Replaced)) {}
        store.renew().await.unwrap();
        assert_eq!(store.insert(&batch).await.unwrap().inserted, 1);
        store.close().await;
    });
}
