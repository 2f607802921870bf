//! Accounts, the links that bring them to life, and what ends with them.

use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::names::{AccountId, InstanceId};
use accuscope::domain::role::Role;
use accuscope::store::{
    AccountChange, Changed, Entered, Entrance, FirstLink, LinkPurpose, Returning, SecretDigest,
    Session, SignInLink, Store, StoreError, Uses,
};

use crate::support::{at, begin_session, on_each, stranger};

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

fn session(account: &str, created: i64) -> Session {
    Session {
        role: Role::Support,
        account: account.to_owned(),
        of_account: true,
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        token: None,
        created: at(created),
        seen: at(created),
        expires: at(1_000_000),
    }
}

async fn sign_in(store: &Store, cookie: &str, account: &str) {
    begin_session(store, digest(cookie), &session(account, 0)).await;
}

/// Lets an account's holder in from a browser that is known by its name from then on.
async fn enter(
    store: &Store,
    name: &AccountId,
    uses: Uses<'_>,
    (browser, cookie): (&str, &str),
    now: i64,
) -> Result<Entered, StoreError> {
    let account =
        Returning { name, browser: Some(digest(browser)), fresh: digest(browser), until: at(100) };
    let session = session(name.as_str(), now);
    let secret = digest(cookie);
    store
        .enter(Entrance { uses, account: Some(account), before: None, secret, session: &session })
        .await
}

const IN: Entered = Entered::In { fresh: true };

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
        enter(store, &zoe, Uses::Nothing, ("home", "three"), 0).await.unwrap();
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
        assert_eq!(enter(store, &zoe, Uses::Nothing, ("home", "one"), 7).await.unwrap(), IN);
        let after = store.account(&zoe).await.unwrap().unwrap();
        assert_eq!((after.failed, after.signed_in), (0, Some(at(7))));
    });
}

#[test]
fn a_link_sets_a_passphrase_once_and_signs_nobody_in() {
    on_each(&async |store: &Store| {
        let (zoe, of_nobody) = (name("zoe"), session("zoe", 1));
        store.add_account(1, &zoe, Role::Support, &ClinicScope::all(), at(0)).await.unwrap();
        store.create_sign_in_link(digest("l"), &link("zoe"), at(0)).await.unwrap();
        assert_eq!(store.find_link(digest("l"), at(1)).await.unwrap(), Some(link("zoe")));
        assert_eq!(store.find_link(digest("l"), at(60)).await.unwrap(), None);
        let by_link = stranger(Uses::Link(digest("l")), digest("a"), &of_nobody);
        assert_eq!(store.enter(by_link).await.unwrap(), Entered::UsedBefore);
        let enrol =
            |who, hash| enter(store, who, Uses::Enrolment(digest("l"), hash), (hash, hash), 1);
        let ada = name("ada");
        assert_eq!(enrol(&ada, "hash").await.unwrap(), Entered::UsedBefore, "it is another's");
        let (a, b) = tokio::join!(enrol(&zoe, "one"), enrol(&zoe, "two"));
        let mut answers = [a.unwrap(), b.unwrap()];
        answers.sort_by_key(|answer| *answer == Entered::UsedBefore);
        assert_eq!(answers, [IN, Entered::UsedBefore]);
        let signed_in = answers_of(store, &["one", "two"]).await;
        assert_eq!(signed_in, 1, "one of the two is in");
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
        let enrol = |code, now| {
            enter(store, &zoe, Uses::Enrolment(digest(code), "hash"), (code, code), now)
        };
        assert_eq!(enrol("b", late).await.unwrap(), Entered::UsedBefore);
        assert_eq!(first("c", 0).await.unwrap(), FirstLink::Wanted);
        assert_eq!(enrol("c", 1).await.unwrap(), IN);
        assert_eq!(role_of(store, "c").await, Some(Role::Admin));
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
        let come = |cookie, now| enter(store, &zoe, Uses::Nothing, ("home", cookie), now);
        assert_eq!(come("one", 0).await.unwrap(), IN);
        assert_eq!(come("two", 1).await.unwrap(), Entered::In { fresh: false }, "known by now");
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
        assert!(store.second_factor(&zoe).await.unwrap().is_none());
        store.add_account(1, &zoe, Role::Support, &ClinicScope::all(), at(0)).await.unwrap();
        let by = |uses, cookie| enter(store, &zoe, uses, (cookie, cookie), 1);
        let step = async |step, cookie| by(Uses::Step(step), cookie).await.unwrap() == IN;
        assert!(!step(5, "a").await, "without a factor no step is used");
        let codes = [digest("one"), digest("two")];
        assert!(store.set_second_factor(&zoe, "sealed", 7, &codes).await.unwrap());
        let factor = store.second_factor(&zoe).await.unwrap().unwrap();
        assert_eq!((factor.sealed.as_str(), factor.step), ("sealed", 7));
        assert!(!step(7, "b").await && !step(6, "c").await);
        let (a, b) = tokio::join!(step(8, "d"), step(8, "e"));
        assert!(a ^ b, "one of two");
        assert_eq!(store.second_factor(&zoe).await.unwrap().unwrap().step, 8);
        let recover =
            async |code, cookie| by(Uses::RecoveryCode(code), cookie).await.unwrap() == IN;
        assert!(store.has_recovery_code(&zoe, codes[0]).await.unwrap());
        let (a, b) = tokio::join!(recover(codes[0], "f"), recover(codes[0], "g"));
        assert!(a ^ b, "one of two");
        assert!(!store.has_recovery_code(&zoe, codes[0]).await.unwrap());
        let ada = name("ada");
        assert!(!store.has_recovery_code(&ada, codes[1]).await.unwrap(), "not another's");
        let by_ada = enter(store, &ada, Uses::RecoveryCode(codes[1]), ("h", "h"), 1).await;
        assert_eq!(by_ada.unwrap(), Entered::UsedBefore);
        assert!(store.account(&zoe).await.unwrap().unwrap().has_second_factor);
        let reset = store.change_account(&zoe, None, AccountChange::SecondFactor, at(9)).await;
        assert_eq!(reset.unwrap(), Changed::Done);
        assert!(store.second_factor(&zoe).await.unwrap().is_none());
        assert!(!recover(codes[1], "i").await);
        assert!(!store.remove_second_factor(&zoe).await.unwrap());
    });
}

/// How many of these cookies let somebody in.
async fn answers_of(store: &Store, cookies: &[&str]) -> usize {
    let mut count = 0;
    for cookie in cookies {
        count += usize::from(role_of(store, cookie).await.is_some());
    }
    count
}

#[test]
fn what_lets_somebody_in_is_not_used_up_where_no_session_could_begin() {
    on_each(&async |store: &Store| {
        let zoe = name("zoe");
        store.add_account(1, &zoe, Role::Support, &ClinicScope::all(), at(0)).await.unwrap();
        store.create_sign_in_link(digest("l"), &link("zoe"), at(0)).await.unwrap();
        sign_in(store, "taken", "zoe").await;
        sign_in(store, "stranger's", "ada").await;
        let enrolment = Uses::Enrolment(digest("l"), "hash");
        // The database refuses a second session of one secret, after everything else was done.
        assert!(enter(store, &zoe, enrolment, ("home", "stranger's"), 1).await.is_err());
        assert!(store.find_link(digest("l"), at(1)).await.unwrap().is_some());
        assert_eq!(store.passphrase_hash(&zoe).await.unwrap(), None, "nor is a passphrase set");
        assert!(role_of(store, "taken").await.is_some(), "nor has a session ended");
        assert_eq!(enter(store, &zoe, enrolment, ("home", "one"), 1).await.unwrap(), IN);
        assert!(store.set_second_factor(&zoe, "sealed", 7, &[digest("code")]).await.unwrap());
        for uses in [Uses::Step(8), Uses::RecoveryCode(digest("code"))] {
            assert!(enter(store, &zoe, uses, ("desk", "one"), 2).await.is_err());
            assert!(!store.knows_browser(digest("desk"), &zoe, at(3)).await.unwrap());
        }
        assert_eq!(store.second_factor(&zoe).await.unwrap().unwrap().step, 7);
        assert_eq!(store.recovery_codes_left(&zoe).await.unwrap(), 1);
    });
}
