//! The figures of the adoption report are right: recomputed from exported events by other code, for
//! random histories, in whatever order events come, over a change of clocks, keys and retention.

use std::collections::{BTreeMap, HashMap};

use accuscope::config::Config;
use accuscope::demo::Scene;
use accuscope::demo::history::Make;
use accuscope::domain::adoption::{Bucket, Task};
use accuscope::domain::digest::{Digest, Structure};
use accuscope::domain::event::Exchange;
use accuscope::domain::labels::Context;
use accuscope::domain::names::{ClinicId, InstanceId, KeyId, OperationName};
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::retention::Class;
use accuscope::keys::Keyring;
use accuscope::store::{Batch, CountedTasks, CountsQuery, Store, StoreUrl};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::recount::{CLINICS, OPERATIONS, Same, agrees, stored};
use crate::support::{at, clinic, event, insert, on_each, reference, registry};

// ── Random histories ──

fn actor(number: u8, key: &str) -> Reference {
    let byte = number + if key == "k2" { 100 } else { 0 };
    Reference::new(ReferenceKind::Actor, KeyId::parse(key).unwrap(), [byte; Reference::BYTES])
}

/// Somebody at one of the two clinics: another reference at each, as everywhere.
pub(crate) fn actor_at(place: usize, number: u8, key: &str) -> Reference {
    actor(number + if place == 0 { 0 } else { 50 }, key)
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    number: u64,
    seconds: i64,
    clinic: usize,
    operation: usize,
    who: u8,
    patient: u8,
    end: u8,
    context: u8,
}

/// Calls of three weeks around the end of summer time in St. John's, some of them close together.
pub(crate) fn calls() -> impl Strategy<Value = Vec<Call>> {
    let time = (0i64..21, prop::sample::select(vec![0i64, 2, 3, 9, 15, 23]), 0i64..500);
    let call = (time, 0usize..2, 0usize..9, 0u8..6, 0u8..3, 0u8..8, 0u8..12);
    prop::collection::vec(call, 0..120).prop_map(|calls| {
        let made = calls.into_iter().zip(1u64..);
        made.map(|((time, clinic, operation, who, patient, end, context), number)| {
            let (day, hour, second) = time;
            // From 25 October on; see `NOON`.
            let seconds = (day - 30) * 86_400 + (hour - 12) * 3_600 + second;
            Call { number, seconds, clinic, operation, who, patient, end, context }
        })
        .collect()
    })
}

pub(crate) fn made(call: &Call) -> Exchange {
    let (operation, domain, mutation, _) = OPERATIONS[call.operation];
    let ending = match call.end {
        0..=3 => Ending::Ok,
        4 => Ending::Empty,
        5 => Ending::failed(Reason::Forbidden),
        6 => Ending::failed(Reason::NotFound),
        _ => Ending::Aborted,
    };
    // In the second week the key is another one.
    let key = if call.seconds < -20 * 86_400 { "k1" } else { "k2" };
    Exchange {
        clinic: Some(clinic(CLINICS[call.clinic].0)),
        operation: OperationName::parse(operation).unwrap(),
        domain: accuscope::domain::labels::WorkflowDomain::parse(domain).unwrap(),
        mutation,
        ending,
        context: match call.context {
            0 => Context::Patient,
            1 => Context::Client,
            2 => Context::NoToken,
            _ => Context::Provider,
        },
        actor_ref: (call.who > 0).then(|| actor_at(call.clinic, call.who, key)),
        patient_ref: (call.patient > 0).then(|| reference(ReferenceKind::Patient, call.patient)),
        ..event(call.number, call.seconds)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Whatever came when, in which batches, how often, and however often it was counted in between.
    #[test]
    fn every_figure_is_what_the_exported_events_say(
        calls in calls(),
        order in any::<u64>(),
        cuts in prop::collection::vec(0usize..120, 0..4),
        joined in prop::collection::vec(1u8..6, 0..4),
    ) {
        on_each(&async |store: &Store| {
            let mut events: Vec<Exchange> = calls.iter().map(made).collect();
            let key = |event: &Exchange| event.id.0.as_u64_pair().1.wrapping_mul(order | 1);
            events.sort_by_key(key);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(events.len())).collect();
            cuts.sort_unstable();
            let mut from = 0;
            let mut same = HashMap::new();
            let registry = registry();
            for (cut, who) in cuts.into_iter().zip(joined.iter().map(Some).chain([None; 4])) {
                // From the beginning: what was there comes again.
                insert(store, &events[..cut]).await;
                if let Some(who) = who {
                    let pairs: Vec<(ClinicId, Reference, Reference)> = CLINICS
                        .iter()
                        .take(2)
                        .enumerate()
                        .map(|(place, (id, _))| {
                            let of = |key| actor_at(place, *who, key);
                            (clinic(id), of("k2"), of("k1"))
                        })
                        .collect();
                    store.note_same_actors(&pairs, at(0)).await.unwrap();
                    for (place, (id, _)) in CLINICS.iter().take(2).enumerate() {
                        let of = |key| actor_at(place, *who, key).to_string();
                        same.insert(((*id).to_owned(), of("k2")), of("k1"));
                    }
                }
                store.count_tasks(&registry).await.unwrap();
                from = cut;
                agrees(store, &same).await;
            }
            insert(store, &events[from..]).await;
            store.count_tasks(&registry).await.unwrap();
            prop_holds(store, &same).await;
        });
    }
}

/// At the end, and when nothing new came.
async fn prop_holds(store: &Store, same: &Same) {
    agrees(store, same).await;
    assert_eq!(store.count_tasks(&registry()).await.unwrap(), 0, "nothing is due");
    agrees(store, same).await;
}

fn call(number: u64, seconds: i64, who: u8) -> Exchange {
    Exchange { actor_ref: Some(actor(who, "k1")), ..event(number, seconds) }
}

async fn weekly_staff(store: &Store) -> Vec<(Date, u64)> {
    let query = CountsQuery {
        bucket: Bucket::Week,
        from: date(2026, 1, 1),
        to: date(2027, 12, 31),
        clinic: None,
        tasks: CountedTasks::Together,
    };
    let rows = store.task_counts(&query).await.unwrap();
    rows.into_iter().map(|row| (row.first, row.counts.staff)).collect()
}

/// Removes what is older than a time, of one class.
async fn purge(store: &Store, class: Class, seconds: i64) {
    let instance = InstanceId::parse("i-1").unwrap();
    let mut purge = store.purge(class, at(seconds), &instance, at(seconds)).await.unwrap();
    while purge.step(at(seconds)).await.unwrap() {}
}

#[test]
fn counts_stay_when_events_and_references_go_and_are_not_counted_again() {
    on_each(&async |store: &Store| {
        let week = 7 * 86_400;
        let events: Vec<Exchange> = (0..12)
            .map(|n| {
                call(n, i64::try_from(n % 4).unwrap() * week, 1 + u8::try_from(n).unwrap() / 4)
            })
            .collect();
        insert(store, &events).await;
        store.count_tasks(&registry()).await.unwrap();
        let monday = date(2026, 11, 23);
        let all: Vec<_> = (0i64..4).map(|n| (monday.saturating_add((n * 7).days()), 3)).collect();
        assert_eq!(weekly_staff(store).await, all);

        purge(store, Class::Events, 2 * week).await;
        // Too late for its time: it is not taken in, and what was counted stays.
        assert_eq!(insert(store, &[call(50, week, 9)]).await.late, 1);
        store.count_tasks(&registry()).await.unwrap();
        assert_eq!(weekly_staff(store).await, all);

        purge(store, Class::ActorReferences, 2 * week + 4 * 86_400).await;
        // A week whose people are no longer known takes in no others, or it would lose those it had.
        insert(store, &[call(51, 2 * week + 5, 9)]).await;
        store.count_tasks(&registry()).await.unwrap();
        assert_eq!(weekly_staff(store).await, all);
        // One whose people are known does.
        insert(store, &[call(52, 3 * week + 86_400, 9)]).await;
        store.count_tasks(&registry()).await.unwrap();
        assert_eq!(weekly_staff(store).await[3].1, 4);

        purge(store, Class::DayFigures, 2 * week).await;
        assert_eq!(weekly_staff(store).await.len(), 1, "limits hold for counts, too");
    });
}

#[test]
fn a_day_of_a_clinic_that_nobody_knows_any_more_is_due_no_more() {
    on_each(&async |store: &Store| {
        let gone = Exchange { clinic: Some(clinic("closed-down")), ..event(1, 0) };
        insert(store, &[gone]).await;
        let due =
            async || store.task_days_due(date(2026, 11, 1), date(2026, 11, 30)).await.unwrap();
        assert_eq!(due().await.into_values().collect::<Vec<_>>(), [1]);
        assert!(
            store.task_days_due(date(2026, 11, 25), date(2026, 11, 30)).await.unwrap().is_empty()
        );
        store.count_tasks(&registry()).await.unwrap();
        assert!(due().await.is_empty());
        assert_eq!(stored(store).await, BTreeMap::new());
    });
}

#[test]
fn two_that_count_at_once_count_once() {
    on_each(&async |store: &Store| {
        let events: Vec<Exchange> = (0..60)
            .map(|n| call(n, i64::try_from(n).unwrap() * 43_200, 1 + u8::try_from(n).unwrap() % 3))
            .collect();
        insert(store, &events[..30]).await;
        let registry = registry();
        let (one, other, third) = tokio::join!(
            store.count_tasks(&registry),
            async {
                insert(store, &events[30..]).await;
                store.count_tasks(&registry).await
            },
            store.count_tasks(&registry),
        );
        for done in [one, other, third] {
            done.unwrap();
        }
        store.count_tasks(&registry).await.unwrap();
        agrees(store, &HashMap::new()).await;
    });
}

#[test]
fn each_task_has_a_row_of_its_own() {
    on_each(&async |store: &Store| {
        insert(store, &[call(1, 0, 1)]).await;
        store.count_tasks(&registry()).await.unwrap();
        let query = |tasks| CountsQuery {
            bucket: Bucket::Day,
            from: date(2026, 11, 24),
            to: date(2026, 11, 24),
            clinic: Some(clinic("maple-ridge")),
            tasks,
        };
        let each = store.task_counts(&query(CountedTasks::Each)).await.unwrap();
        assert_eq!(each.iter().map(|row| row.task).collect::<Vec<_>>(), [Some(Task::OpenChart)]);
        let nowhere = CountsQuery { clinic: Some(clinic("nowhere")), ..query(CountedTasks::Both) };
        assert_eq!(store.task_counts(&nowhere).await.unwrap(), []);
    });
}

/// The store after the demo's fortnight, with the demo's own clinics. On SQLite alone: that both databases
/// count alike is shown above, with less.
#[test]
fn the_demos_fortnight_is_counted_as_its_export_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&dir.path().join("store.db"))).await.unwrap();
        let scene = Scene::new(7, at(0)).unwrap();
        let text = format!(
            "environment = \"sandbox\"\nupstream.base_url = \"http://127.0.0.1:9000\"\n{}",
            scene.config_toml()
        );
        let config = Config::parse(&text, dir.path(), std::iter::empty()).ok().unwrap();
        let ring = Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]);
        let make =
            std::sync::Arc::new(move |kind, clinic: Option<&ClinicId>, identifier: &[u8]| {
                ring.reference(kind, clinic, identifier)
            });
        for day in scene
            .history(Make {
                reference: make,
                shape: std::sync::Arc::new(|structure: Structure| {
                    Digest::from_bits(structure.bits())
                }),
            })
            .unwrap()
        {
            for events in day.chunks(5_000) {
                let registry = &config.registry;
                let batch = Batch { events, checkpoint: None, registry, at: at(0) };
                store.insert(&batch).await.unwrap();
            }
            // Counted while it comes in, as in a serving process.
            store.count_tasks(&config.registry).await.unwrap();
        }
        agrees(&store, &HashMap::new()).await;
        let weeks = weekly_staff(&store).await;
        assert!(weeks.len() > 16 && weeks.iter().any(|(_, staff)| *staff > 5), "{weeks:?}");
        store.close().await;
    });
}
