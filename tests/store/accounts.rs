//! Accounts, the links that bring them to life, and what ends with them.

use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::names::{AccountId, InstanceId};
use accuscope::domain::role::Role;
use accuscope::store::{
    AccountChange, Changed, FirstLink, LinkPurpose, SecretDigest, Session, SignInLink, Store,
};

use crate::support::{at, on_each};

fn name(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

fn digest(text: &str) -> SecretDigest {
    SecretDigest::of(text.as_bytes())
}

fn link(account: &str) -> SignInLink {
    let (purpose, role) = (LinkPurpose::Passphrase, Role::Support);
    SignInLink { purpose, role, account: account.to_owned(), expires: at(60) }
}

/// An account whose passphrase is set, so that it can sign in.
async fn open(store: &Store, number: u32, text: &str, role: Role) {
    assert!(
        store.add_account(number, &name(text), role, &ClinicScope::all(), at(0)).await.unwrap()
    );
    assert!(store.set_passphrase(&name(text), "hash", None).await.unwrap());
}

async fn sign_in(store: &Store, cookie: &str, account: &str) {
    let session = Session {
        role: Role::Support,
        account: account.to_owned(),
        of_account: true,
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        token: None,
        created: at(0),
        seen: at(0),
        expires: at(1_000),
    };
    store.create_session(digest(cookie), &session).await.unwrap();
}

async fn role_of(store: &Store, cookie: &str) -> Option<Role> {
    store.find_session(digest(cookie), at(1)).await.unwrap().map(|session| session.role)
}

#[test]
fn an_account_is_what_was_added_and_its_name_and_number_are_given_once() {
    on_each(&async |store: &Store| {
        assert_eq!(store.next_account_number().await.unwrap(), 1);
        assert!(
            store
                .add_account(1, &name("zoe"), Role::Oncall, &ClinicScope::all(), at(5))
                .await
                .unwrap()
        );
        assert!(
            !store
                .add_account(2, &name("zoe"), Role::Admin, &ClinicScope::all(), at(6))
                .await
                .unwrap()
        );
        assert!(
            !store
                .add_account(1, &name("ada"), Role::Admin, &ClinicScope::all(), at(6))
                .await
                .unwrap()
        );
        let zoe = store.account(&name("zoe")).await.unwrap().unwrap();
        assert_eq!((zoe.number, zoe.role, zoe.version), (1, Role::Oncall, 1));
        assert_eq!((zoe.created, zoe.has_passphrase, zoe.is_open()), (at(5), false, true));
        assert_eq!(store.account(&name("ada")).await.unwrap(), None);
        let gone = store.change_account(&name("zoe"), None, AccountChange::Remove, at(7)).await;
        assert_eq!(gone.unwrap(), Changed::Done);
        assert!(
            !store
                .add_account(2, &name("zoe"), Role::Support, &ClinicScope::all(), at(8))
                .await
                .unwrap()
        );
        assert_eq!(store.next_account_number().await.unwrap(), 2);
        assert_eq!(store.accounts().await.unwrap()[0].removed, Some(at(7)));
    });
}

#[test]
fn of_two_who_change_what_they_saw_one_is_told() {
    on_each(&async |store: &Store| {
        open(store, 1, "zoe", Role::Support).await;
        let zoe = name("zoe");
        let change = |role| store.change_account(&zoe, Some(1), AccountChange::Role(role), at(9));
        let (a, b) = tokio::join!(change(Role::Oncall), change(Role::Manager));
        let mut answers = [a.unwrap(), b.unwrap()];
        answers.sort_by_key(|changed| *changed != Changed::Done);
        assert_eq!(answers, [Changed::Done, Changed::Stale]);
        assert_eq!(store.account(&zoe).await.unwrap().unwrap().version, 2);
    });
}

#[test]
fn two_admins_at_once_cannot_leave_none() {
    on_each(&async |store: &Store| {
        open(store, 1, "zoe", Role::Admin).await;
        open(store, 2, "ada", Role::Admin).await;
        // Somebody who cannot sign in is no admin to rely on.
        store.add_account(3, &name("lou"), Role::Admin, &ClinicScope::all(), at(0)).await.unwrap();
        let (zoe, ada) = (name("zoe"), name("ada"));
        let off = |who| store.change_account(who, None, AccountChange::Disable, at(9));
        let (a, b) = tokio::join!(off(&zoe), off(&ada));
        let mut answers = [a.unwrap(), b.unwrap()];
        answers.sort_by_key(|changed| *changed != Changed::Done);
        assert_eq!(answers, [Changed::Done, Changed::LastAdmin]);
        for change in [AccountChange::Remove, AccountChange::Role(Role::Support)] {
            for who in [&zoe, &ada] {
                let open = store.account(who).await.unwrap().unwrap().is_open();
                let changed =
                    store.change_account(who, None, change.clone(), at(10)).await.unwrap();
                assert_eq!(changed == Changed::LastAdmin, open, "{who} {change:?}");
            }
        }
    });
}

#[test]
fn a_session_of_an_account_follows_it() {
    on_each(&async |store: &Store| {
        open(store, 1, "zoe", Role::Manager).await;
        sign_in(store, "one", "zoe").await;
        sign_in(store, "stray", "nobody").await;
        assert_eq!(role_of(store, "one").await, Some(Role::Manager), "the account's role counts");
        assert_eq!(role_of(store, "stray").await, None);
        assert_eq!(store.open_sessions(at(1)).await.unwrap().len(), 2);
        let zoe = name("zoe");
        let change = async |change| {
            assert_eq!(
                store.change_account(&zoe, None, change, at(9)).await.unwrap(),
                Changed::Done
            );
        };
        change(AccountChange::Role(Role::Oncall)).await;
        assert_eq!(role_of(store, "one").await, Some(Role::Oncall));
        store.remember_browser(digest("home"), &zoe, at(100), at(0)).await.unwrap();
        change(AccountChange::Disable).await;
        assert_eq!(role_of(store, "one").await, None);
        assert!(!store.knows_browser(digest("home"), &zoe, at(1)).await.unwrap());
        assert_eq!(store.passphrase_hash(&zoe).await.unwrap(), None, "nothing to sign in with");
        change(AccountChange::Enable).await;
        assert_eq!(store.passphrase_hash(&zoe).await.unwrap().as_deref(), Some("hash"));
        sign_in(store, "two", "zoe").await;
        change(AccountChange::SignOut).await;
        assert_eq!(role_of(store, "two").await, None);
        change(AccountChange::Reset).await;
        assert_eq!(store.passphrase_hash(&zoe).await.unwrap(), None);
    });
}

#[test]
fn a_passphrase_ends_every_session_but_the_own_one() {
    on_each(&async |store: &Store| {
        open(store, 1, "zoe", Role::Support).await;
        sign_in(store, "own", "zoe").await;
        sign_in(store, "other", "zoe").await;
        assert!(store.set_passphrase(&name("zoe"), "new", Some(digest("own"))).await.unwrap());
        assert!(role_of(store, "own").await.is_some() && role_of(store, "other").await.is_none());
        assert!(!store.set_passphrase(&name("nobody"), "new", None).await.unwrap());
    });
}

#[test]
fn failures_are_counted_until_somebody_signs_in() {
    on_each(&async |store: &Store| {
        open(store, 1, "zoe", Role::Support).await;
        let zoe = name("zoe");
        for _ in 0..3 {
            store.note_failed_sign_in(&zoe).await.unwrap();
        }
        assert_eq!(store.account(&zoe).await.unwrap().unwrap().failed, 3);
        store.note_sign_in(&zoe, at(7)).await.unwrap();
        let after = store.account(&zoe).await.unwrap().unwrap();
        assert_eq!((after.failed, after.signed_in), (0, Some(at(7))));
    });
}

#[test]
fn a_link_sets_a_passphrase_once_and_signs_nobody_in() {
    on_each(&async |store: &Store| {
        let zoe = name("zoe");
        store.add_account(1, &zoe, Role::Support, &ClinicScope::all(), at(0)).await.unwrap();
        store.create_sign_in_link(digest("l"), &link("zoe"), at(0)).await.unwrap();
        assert_eq!(store.find_link(digest("l"), at(1)).await.unwrap(), Some(link("zoe")));
        assert_eq!(store.find_link(digest("l"), at(60)).await.unwrap(), None);
        assert_eq!(store.take_sign_in_link(digest("l"), at(1)).await.unwrap(), None);
        let enrol = |who, hash| store.enrol(digest("l"), who, hash, at(1));
        let ada = name("ada");
        assert_eq!(enrol(&ada, "hash").await.unwrap(), None, "it is another's");
        let (a, b) = tokio::join!(enrol(&zoe, "one"), enrol(&zoe, "two"));
        let mut answers = [a.unwrap(), b.unwrap()];
        answers.sort_by_key(Option::is_none);
        assert_eq!(answers, [Some(Role::Support), None]);
        store.create_sign_in_link(digest("l"), &link("zoe"), at(0)).await.unwrap();
        store.change_account(&zoe, None, AccountChange::Disable, at(2)).await.unwrap();
        assert_eq!(store.find_link(digest("l"), at(3)).await.unwrap(), None, "links end with it");
    });
}

fn instance(text: &str) -> InstanceId {
    InstanceId::parse(text).unwrap()
}

#[test]
fn there_is_one_link_for_the_first_admin_and_only_while_there_is_no_account() {
    on_each(&async |store: &Store| {
        let (admin, one) = (name("admin"), instance("i-1"));
        let first = |code, now| store.create_first_link(digest(code), &admin, &one, at(now));
        assert_eq!(store.first_link(&one, at(0)).await.unwrap(), FirstLink::Wanted);
        assert_eq!(first("a", 0).await.unwrap(), FirstLink::Wanted);
        assert_eq!(first("b", 0).await.unwrap(), FirstLink::Wanted, "after a restart");
        assert_eq!(store.find_link(digest("a"), at(1)).await.unwrap(), None, "the newest counts");
        let zoe = name("zoe");
        let late = SignInLink::LIFE.as_secs().try_into().unwrap();
        assert_eq!(store.enrol(digest("b"), &zoe, "hash", at(late)).await.unwrap(), None);
        assert_eq!(first("c", 0).await.unwrap(), FirstLink::Wanted);
        let role = store.enrol(digest("c"), &zoe, "hash", at(1)).await.unwrap();
        assert_eq!(role, Some(Role::Admin));
        assert_eq!(first("d", 2).await.unwrap(), FirstLink::NotNeeded);
        assert_eq!(store.first_link(&one, at(2)).await.unwrap(), FirstLink::NotNeeded);
        assert_eq!(store.accounts().await.unwrap().len(), 1);
    });
}

#[test]
fn of_instances_that_start_together_one_makes_the_first_link_and_the_others_know_which() {
    on_each(&async |store: &Store| {
        let admin = name("admin");
        let all: Vec<_> = (0..6).map(|n| instance(&format!("i-{n}"))).collect();
        let make = async |one: &InstanceId| {
            store.create_first_link(digest(one.as_str()), &admin, one, at(0)).await.unwrap()
        };
        let found = futures_util::future::join_all(all.iter().map(make)).await;
        let makers: Vec<_> = (0..6).filter(|n: &usize| found[*n] == FirstLink::Wanted).collect();
        assert_eq!(makers.len(), 1, "{found:?}");
        let maker = all[makers[0]].clone();
        let elsewhere = FirstLink::Elsewhere { instance: maker.clone(), printed: at(0) };
        assert_eq!(found.iter().filter(|one| **one == elsewhere).count(), 5, "{found:?}");
        assert!(store.find_link(digest(maker.as_str()), at(1)).await.unwrap().is_some());
        let other = all.iter().find(|one| **one != maker).unwrap();
        assert_eq!(store.first_link(other, at(1)).await.unwrap(), elsewhere);
        // A link that nobody followed in time stands in nobody's way.
        let late = SignInLink::LIFE.as_secs().try_into().unwrap();
        assert_eq!(store.first_link(other, at(late)).await.unwrap(), FirstLink::Wanted);
        let again = store.create_first_link(digest("z"), &admin, other, at(late)).await.unwrap();
        assert_eq!(again, FirstLink::Wanted);
    });
}

#[test]
fn a_known_browser_is_one_accounts_and_for_a_time() {
    on_each(&async |store: &Store| {
        let (zoe, ada) = (name("zoe"), name("ada"));
        store.remember_browser(digest("home"), &zoe, at(100), at(0)).await.unwrap();
        assert!(store.knows_browser(digest("home"), &zoe, at(99)).await.unwrap());
        assert!(!store.knows_browser(digest("home"), &zoe, at(100)).await.unwrap());
        assert!(!store.knows_browser(digest("home"), &ada, at(1)).await.unwrap());
        assert!(!store.knows_browser(digest("away"), &zoe, at(1)).await.unwrap());
    });
}

#[test]
fn a_code_and_a_recovery_code_count_once_at_however_many_instances() {
    on_each(&async |store: &Store| {
        let zoe = name("zoe");
        assert_eq!(store.second_factor(&zoe).await.unwrap(), None);
        store.add_account(1, &zoe, Role::Support, &ClinicScope::all(), at(0)).await.unwrap();
        assert!(!store.use_step(&zoe, 5).await.unwrap(), "without a factor no step is used");
        let codes = [digest("one"), digest("two")];
        assert!(store.set_second_factor(&zoe, "sealed", 7, &codes).await.unwrap());
        assert_eq!(store.second_factor(&zoe).await.unwrap().as_deref(), Some("sealed"));
        assert!(!store.use_step(&zoe, 7).await.unwrap() && !store.use_step(&zoe, 6).await.unwrap());
        let (a, b) = tokio::join!(store.use_step(&zoe, 8), store.use_step(&zoe, 8));
        assert!(a.unwrap() ^ b.unwrap(), "one of two");
        let (a, b) = tokio::join!(
            store.use_recovery_code(&zoe, codes[0]),
            store.use_recovery_code(&zoe, codes[0]),
        );
        assert!(a.unwrap() ^ b.unwrap(), "one of two");
        assert!(!store.use_recovery_code(&name("ada"), codes[1]).await.unwrap(), "not another's");
        assert!(store.account(&zoe).await.unwrap().unwrap().has_second_factor);
        let reset = store.change_account(&zoe, None, AccountChange::SecondFactor, at(9)).await;
        assert_eq!(reset.unwrap(), Changed::Done);
        assert_eq!(store.second_factor(&zoe).await.unwrap(), None);
        assert!(!store.use_recovery_code(&zoe, codes[1]).await.unwrap());
        assert!(!store.remove_second_factor(&zoe).await.unwrap());
    });
}
