//! Whose keyed write it is, across instances.

use std::time::Duration;

use accuscope::domain::admission::claims::Claim;
use accuscope::domain::admission::idempotency::{ClaimKey, Fate, Fingerprint, Standing};
use accuscope::domain::ids::EventId;
use accuscope::domain::names::{InstanceId, SegmentName};
use accuscope::domain::time::Timestamp;
use accuscope::store::{Batch, Checkpoint, ClaimTimes, Store};

use crate::support::{at, on_each, registry};

const TIMES: ClaimTimes =
    ClaimTimes { remember: Duration::from_hours(24), orphaned_after: Duration::from_mins(5) };

fn claim(call: u128, seconds: i64) -> Claim {
    Claim {
        key: ClaimKey([1; 16]),
        fingerprint: Fingerprint { coarse: [1; 16], fine: Some([1; 16]) },
        event: EventId(uuid::Uuid::from_u128(call)),
        at: at(seconds),
    }
}

fn instance(name: &str) -> InstanceId {
    InstanceId::parse(name).unwrap()
}

/// The indexer of an instance has written, were it only its heartbeat.
async fn heard(store: &Store, name: &str, now: Timestamp) {
    let checkpoint = Checkpoint {
        instance: instance(name),
        segment: SegmentName::parse("000001.ndjson").unwrap(),
        offset: 0,
    };
    let registry = registry();
    let batch = Batch { events: &[], checkpoint: Some(&checkpoint), registry: &registry, at: now };
    store.insert(&batch).await.unwrap();
}

#[test]
fn what_an_instance_had_under_way_before_it_began_anew_is_under_way_no_longer() {
    on_each(&async |store: &Store| {
        let stands = async |call, seconds, name: &str| {
            store.claim_write(&claim(call, seconds), &[], &instance(name), TIMES).await.unwrap()
        };
        heard(store, "i-1", at(0)).await;
        assert_eq!(stands(1, 1, "i-1").await, Standing::First);
        assert_eq!(store.orphan_claims(&instance("i-2"), at(5)).await.unwrap(), 0, "another's");
        assert_eq!(store.orphan_claims(&instance("i-1"), at(1)).await.unwrap(), 0, "of this run");
        assert_eq!(stands(2, 3, "i-2").await, Standing::Again(Fate::InFlight));
        assert_eq!(store.orphan_claims(&instance("i-1"), at(5)).await.unwrap(), 1);
        heard(store, "i-1", at(6)).await;
        let unknown = Standing::Again(Fate::Unknown { at: at(1) });
        assert_eq!(stands(3, 7, "i-2").await, unknown);
    });
}

#[test]
fn a_write_of_an_instance_that_fell_silent_is_under_way_no_longer() {
    on_each(&async |store: &Store| {
        let stands = async |call, seconds, name: &str| {
            store.claim_write(&claim(call, seconds), &[], &instance(name), TIMES).await.unwrap()
        };
        heard(store, "i-1", at(0)).await;
        assert_eq!(stands(1, 1, "i-1").await, Standing::First);
        assert_eq!(stands(2, 20, "i-2").await, Standing::Again(Fate::InFlight));
        heard(store, "i-1", at(25)).await;
        assert_eq!(stands(3, 50, "i-2").await, Standing::Again(Fate::InFlight), "it lives");
        let unknown = Standing::Again(Fate::Unknown { at: at(1) });
        assert_eq!(stands(4, 56, "i-2").await, unknown, "silent for 31 s");
        // It was alive after all, only cut off from the store: what it says then counts.
        let fate = Fate::Applied { status: 201, at: at(60) };
        store.settle_write(claim(1, 1).key, claim(1, 1).event, Some(fate)).await.unwrap();
        assert_eq!(stands(5, 61, "i-2").await, Standing::Again(fate));
    });
}

#[test]
fn an_instance_that_was_never_heard_of_is_given_as_long_as_one_that_fell_silent() {
    on_each(&async |store: &Store| {
        let stands = async |call, seconds| {
            store.claim_write(&claim(call, seconds), &[], &instance("i-9"), TIMES).await.unwrap()
        };
        assert_eq!(stands(1, 0).await, Standing::First);
        assert_eq!(stands(2, 29).await, Standing::Again(Fate::InFlight));
        assert_eq!(stands(3, 31).await, Standing::Again(Fate::Unknown { at: at(0) }));
    });
}
