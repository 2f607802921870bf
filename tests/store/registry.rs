//! Clinics, apps and keys that were entered on the site.

use accuscope::domain::kept_registry::{EntryChange, EntryKind, KeptRegistry};
use accuscope::domain::registry::AppKeyDigest;
use accuscope::store::Store;

use crate::support::{at, on_each};

fn put(kind: EntryKind, id: &str, body: &str) -> EntryChange {
    EntryChange::Put { kind, id: id.to_owned(), body: body.to_owned() }
}

fn clinic(id: &str, body: &str) -> [EntryChange; 1] {
    [put(EntryKind::Clinic, id, body)]
}

#[test]
fn whoever_saw_an_older_registry_changes_nothing() {
    on_each(&async |store: &Store| {
        let empty = store.kept_registry().await.unwrap();
        assert_eq!(empty, KeptRegistry::default());
        let first = store.change_registry(&empty, &clinic("a", "1"), at(1)).await.unwrap().unwrap();
        assert_eq!(store.change_registry(&empty, &clinic("b", "1"), at(2)).await.unwrap(), None);
        assert_eq!(store.kept_registry().await.unwrap(), first);
        let more = [
            put(EntryKind::App, "web", "app"),
            put(EntryKind::Key, "web/2026-11", "key"),
            put(EntryKind::Clinic, "a", "2"),
        ];
        let second = store.change_registry(&first, &more, at(3)).await.unwrap().unwrap();
        assert_eq!(store.kept_registry().await.unwrap(), second);
        assert_eq!(store.registry_stamp().await.unwrap(), second.stamp);
        let gone = [
            EntryChange::Remove { kind: EntryKind::App, id: "web".to_owned() },
            EntryChange::Remove { kind: EntryKind::Key, id: "web/2026-11".to_owned() },
        ];
        let third = store.change_registry(&second, &gone, at(4)).await.unwrap().unwrap();
        assert_eq!(store.kept_registry().await.unwrap(), third);
        assert_eq!(third.entries.len(), 1);
        let again = store.change_registry(&third, &clinic("c", "1"), at(5)).await.unwrap().unwrap();
        let number = again.entry(EntryKind::Clinic, "c").unwrap().number;
        assert_eq!(number, 4, "the numbers of what was removed are not given again");
    });
}

#[test]
fn of_those_who_change_at_once_one_is_first() {
    on_each(&async |store: &Store| {
        let seen = store.kept_registry().await.unwrap();
        let tries = (0..8).map(|number| {
            let (store, seen) = (store.clone(), seen.clone());
            async move {
                let change = clinic(&format!("c-{number}"), "x");
                store.change_registry(&seen, &change, at(1)).await.unwrap().is_some()
            }
        });
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        assert_eq!(store.kept_registry().await.unwrap().entries.len(), 1);
    });
}

#[test]
fn a_store_that_lost_it_is_given_it_back_and_one_that_knows_more_is_not() {
    on_each(&async |store: &Store| {
        let lost = KeptRegistry::default().after(&clinic("a", "1"), at(10));
        assert!(store.restore_registry(&lost).await.unwrap());
        assert_eq!(store.kept_registry().await.unwrap(), lost);
        assert!(!store.restore_registry(&lost).await.unwrap(), "it has it");
        let newer = store.change_registry(&lost, &clinic("a", "2"), at(11)).await.unwrap().unwrap();
        assert!(!store.restore_registry(&lost).await.unwrap());
        assert_eq!(store.kept_registry().await.unwrap(), newer);
    });
}

#[test]
fn the_last_use_of_a_key_is_the_latest_of_all_instances() {
    on_each(&async |store: &Store| {
        let key = |byte| AppKeyDigest([byte; 32]);
        store.note_key_uses(&[(key(1), at(5)), (key(2), at(9))]).await.unwrap();
        store.note_key_uses(&[(key(1), at(7)), (key(2), at(8))]).await.unwrap();
        store.note_key_uses(&[]).await.unwrap();
        let uses = store.key_uses().await.unwrap();
        assert_eq!((uses[&key(1)], uses[&key(2)]), (at(7), at(9)));
        assert_eq!(uses.len(), 2);
    });
}
