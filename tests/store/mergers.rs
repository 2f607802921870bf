//! Clinics that became one: the figures of both at the one that goes on, recomputed by other code.

use std::collections::HashMap;

use accuscope::domain::adoption::{Bucket, Week};
use accuscope::domain::event::Exchange;
use accuscope::domain::reference::Reference;
use accuscope::store::{CountedTasks, CountsQuery, Store, StoreUrl};
use jiff::ToSpan as _;
use jiff::civil::date;
use proptest::prelude::*;

use crate::recount::{CLINICS, agrees_merged};
use crate::support::{at, clinic, event, insert, on_each, on_each_url, registry, registry_merged};
use crate::tasks::{actor_at, calls, made};
use crate::upgrading::fill;

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Two clinics become one, on another day after all, and are two again: whatever was counted before, and
    /// whoever was seen to be one person at both.
    #[test]
    fn every_figure_is_that_of_the_clinic_that_has_it(
        calls in calls(),
        days in prop::collection::vec(prop::option::of(-30i64..-5), 1..4),
        cuts in prop::collection::vec(0usize..120, 4),
        joined in prop::collection::vec(1u8..6, 0..4),
    ) {
        on_each(&async |store: &Store| {
            let events: Vec<Exchange> = calls.iter().map(made).collect();
            let mut same = HashMap::new();
            let mut joined = joined.iter();
            let last = days.len();
            for (step, (day, cut)) in days.iter().zip(&cuts).enumerate() {
                let cut = if step + 1 == last { events.len() } else { (*cut).min(events.len()) };
                insert(store, &events[..cut]).await;
                let on = day.map(|day| date(2026, 11, 24).saturating_add(day.days()));
                let registry = registry_merged(on);
                if let Some(who) = joined.next() {
                    let one = actor_at(0, *who, "k1");
                    let others = [actor_at(0, *who, "k2"), actor_at(1, *who, "k1"), actor_at(1, *who, "k2")];
                    let pair = |other: &Reference| (clinic("maple-ridge"), one.clone(), other.clone());
                    let pairs: Vec<_> = others.iter().map(pair).collect();
                    store.note_same_actors(&pairs, at(0)).await.unwrap();
                    // At a clinic by itself, what was noted at the other says nothing.
                    same.extend(others.iter().map(|other| {
                        (("maple-ridge".to_owned(), other.to_string()), one.to_string())
                    }));
                }
                store.count_tasks(&registry).await.unwrap();
                agrees_merged(store, &same, on).await;
                assert_eq!(store.count_tasks(&registry).await.unwrap(), 0, "nothing is due");
            }
        });
    }
}

#[test]
fn a_merged_clinic_has_the_people_of_both_once_and_what_was_before_stays() {
    on_each(&async |store: &Store| {
        let week = 7 * 86_400;
        let call = |number, seconds, place: usize, who| Exchange {
            clinic: Some(clinic(CLINICS[place].0)),
            actor_ref: Some(actor_at(place, who, "k1")),
            ..event(number, seconds)
        };
        // One works at both, in the week before and in the week of the merger; one at each.
        let events: Vec<Exchange> = (0u64..)
            .zip([
                (-week, 0, 1),
                (-week, 1, 1),
                (-week, 1, 2),
                (0, 0, 1),
                (60, 1, 1),
                (90, 1, 2),
                (120, 0, 3),
            ])
            .map(|(number, (seconds, place, who))| call(number, seconds, place, who))
            .collect();
        insert(store, &events).await;
        store.count_tasks(&registry()).await.unwrap();
        let staff = async || {
            let query = CountsQuery {
                bucket: Bucket::Week,
                from: date(2026, 11, 1),
                to: date(2026, 11, 30),
                clinic: None,
                tasks: CountedTasks::Together,
            };
            let rows = store.task_counts(&query).await.unwrap();
            let row = |row: accuscope::store::CountsRow| {
                (row.first.day(), row.clinic.to_string(), row.counts.staff, row.counts.deeds.done)
            };
            rows.into_iter().map(row).collect::<Vec<_>>()
        };
        let of = |day, id: &str, staff, done| (day, id.to_owned(), staff, done);
        let apart = [
            of(16, "maple-ridge", 1, 1),
            of(16, "signal-hill", 2, 2),
            of(23, "maple-ridge", 2, 2),
            of(23, "signal-hill", 2, 2),
        ];
        assert_eq!(staff().await, apart);
        let merged = registry_merged(Some(date(2026, 11, 26)));
        store.count_tasks(&merged).await.unwrap();
        assert_eq!(staff().await, apart, "every day was before it");
        let merged = registry_merged(Some(date(2026, 11, 24)));
        store.count_tasks(&merged).await.unwrap();
        let unseen = [apart[0].clone(), apart[1].clone(), of(23, "maple-ridge", 4, 4)];
        assert_eq!(staff().await, unseen, "nobody has seen yet that two references are one person");
        let pair = (clinic("maple-ridge"), actor_at(0, 1, "k1"), actor_at(1, 1, "k1"));
        store.note_same_actors(&[pair], at(0)).await.unwrap();
        store.count_tasks(&merged).await.unwrap();
        let once = [apart[0].clone(), apart[1].clone(), of(23, "maple-ridge", 3, 4)];
        assert_eq!(staff().await, once);
        // Whoever began at the one is nobody new at the other, and is looked for where they are now.
        let weeks = Week::of(date(2026, 11, 16));
        let cohorts =
            async |id| store.cohorts(weeks, weeks.plus(1), Some(&clinic(id))).await.unwrap();
        let there = cohorts("maple-ridge").await;
        assert_eq!((there[&(weeks, weeks)], there[&(weeks, weeks.plus(1))]), (1, 1));
        assert_eq!(there[&(weeks.plus(1), weeks.plus(1))], 1);
        let old = cohorts("signal-hill").await;
        assert_eq!((old[&(weeks, weeks)], old[&(weeks, weeks.plus(1))]), (2, 2));
        let firsts = async |day| store.clinic_firsts(date(2026, 11, day)).await.unwrap();
        assert_eq!(firsts(30).await[&clinic("maple-ridge")].done, Some(date(2026, 11, 17)));
        // The entry may go from the settings; what was one stays one.
        let gone =
            accuscope::domain::registry::Registry::new(registry().clinics()[..1].to_vec(), vec![]);
        store.count_tasks(&gone.unwrap()).await.unwrap();
        assert_eq!(staff().await, once);
        // It was a mistake after all.
        store.count_tasks(&registry()).await.unwrap();
        assert_eq!(staff().await, apart);
    });
}

/// The migrations up to one of them.
fn migrations_to(last: &str) -> Vec<&'static str> {
    let files = std::fs::read_dir("migrations/sqlite").unwrap();
    let name =
        |file: std::fs::DirEntry| file.file_name().into_string().unwrap().replace(".sql", "");
    let mut names: Vec<String> = files.map(|file| name(file.unwrap())).collect();
    names.retain(|name| &name[..4] <= last);
    names.sort();
    names.into_iter().map(|name| &*name.leak()).collect()
}

/// An earlier version counted the week of a merger whole at the clinic that goes on; after the upgrade it is counted once
/// more, from what each person did, and other clinics are left as they are.
#[test]
fn weeks_of_a_merger_that_an_earlier_version_counted_whole_are_counted_anew() {
    on_each_url(&async |url: &StoreUrl| {
        // Monday the 23rd of November; they are one from Wednesday on.
        const MONDAY: i64 = 20_780;
        let mut statements: Vec<String> = ["maple-ridge", "signal-hill", "lakeshore"]
            .map(|id| format!("insert into labels (text) values ('{id}')"))
            .into();
        let reference = |who: i64| format!("HEX{}40'", format!("{:02x}", 16 + who).repeat(16));
        for (label, day, who) in [(2, 0, 1), (2, 1, 2), (2, 3, 1), (1, 1, 3), (3, 1, 4)] {
            statements.push(format!(
                "insert into daily_tasks (clinic_label, day, task, actor_ref, calls, done, empty, first_time, \
                 failed, given_up, changed) values ({label}, {}, 1, {}, 2, 1, 0, 1, 0, 0, 0)",
                MONDAY + day,
                reference(who)
            ));
        }
        for (label, staff) in [(1, 3), (3, 7)] {
            statements.push(format!(
                "insert into task_counts (span, task, bucket, clinic_label, staff, calls, done, empty, first_time, \
                 failed, given_up, changed, unknown_calls) values (2, 0, {MONDAY}, {label}, {staff}, 8, 4, 0, 4, \
                 0, 0, 0, 0)"
            ));
        }
        statements.push(format!(
            "insert into clinic_mergers (clinic_label, into_label, on_day) values (2, 1, {})",
            MONDAY + 2
        ));
        fill(url, &migrations_to("0035"), &statements).await;
        let store = Store::open(url).await.unwrap();
        let merged = registry_merged(Some(date(2026, 11, 25)));
        // Four days of two clinics; that of the third is none of them.
        assert_eq!(store.count_tasks(&merged).await.unwrap(), 4);
        let query = CountsQuery {
            bucket: Bucket::Week,
            from: date(2026, 11, 23),
            to: date(2026, 11, 23),
            clinic: None,
            tasks: CountedTasks::Together,
        };
        let rows = store.task_counts(&query).await.unwrap();
        let counts = rows.iter().map(|row| (row.clinic.as_str(), row.counts.staff)).collect();
        let expected = [("lakeshore", 7), ("maple-ridge", 2), ("signal-hill", 2)];
        assert_eq!(std::collections::BTreeMap::from(expected), counts);
        let week = Week::of(date(2026, 11, 23));
        let again = store.merger_overlaps((week.plus(-3), week.plus(3))).await.unwrap();
        assert_eq!(again, [(clinic("maple-ridge"), week, 1)], "one was there before and after");
        assert!(store.counts_mergers_of(&merged).await.unwrap());
        // Asked with other settings, nothing changes.
        for other in [registry(), registry_merged(Some(date(2026, 11, 26)))] {
            assert!(!store.counts_mergers_of(&other).await.unwrap());
        }
        assert!(store.counts_mergers_of(&merged).await.unwrap());
        store.close().await;
    });
}
