//! Links to the adoption page: found with what their maker may now, opened once an hour, ended for good.

use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::names::AccountId;
use accuscope::domain::role::Role;
use accuscope::domain::share::Maker;
use accuscope::store::{AccountChange, NewShare, NewToken, SecretDigest, Store};

use crate::support::{at, on_each};

const SCOPE: &str = "lakeshore,old-mill";

fn digest(number: u32) -> SecretDigest {
    SecretDigest::of(format!("secret-{number}").as_bytes())
}

fn link<'s>(number: u32, account: &'s str, clinics: &'s ClinicScope) -> NewShare<'s> {
    NewShare {
        number,
        digest: digest(number),
        account,
        of_account: true,
        token: None,
        clinics,
        week: None,
        created: at(0),
        expires: at(100_000),
    }
}

#[test]
fn a_link_is_found_with_what_its_maker_may_at_that_moment() {
    on_each(&async |store: &Store| {
        let (zoe, scope) = (AccountId::parse("zoe").unwrap(), ClinicScope::parse(SCOPE).unwrap());
        let all = ClinicScope::all();
        store.add_account(1, &zoe, Role::Manager, &all, at(0)).await.unwrap();
        let whole = store.whole();
        assert_eq!(whole.next_share_number().await.unwrap(), 1);
        assert!(whole.make_share(&link(1, "zoe", &scope)).await.unwrap());
        assert!(!whole.make_share(&link(1, "zoe", &scope)).await.unwrap(), "the number is taken");
        assert_eq!(whole.next_share_number().await.unwrap(), 2);
        let found =
            async |number| store.find_share(digest(number), at(1)).await.unwrap().map(|s| s.maker);
        assert_eq!(found(1).await, Some(Maker::Here(Role::Manager, all)));
        assert_eq!(found(2).await, None);
        store.change_account(&zoe, None, AccountChange::Disable, at(5)).await.unwrap();
        assert_eq!(found(1).await, Some(Maker::Gone));
        store.change_account(&zoe, None, AccountChange::Enable, at(6)).await.unwrap();
        let again = store.find_share(digest(1), at(7)).await.unwrap().unwrap();
        assert_eq!((again.revoked, again.shows(at(7))), (Some(at(5)), None), "for good");
        // A token's ends with the token; a provider's is not known here.
        let token = NewToken {
            id: uuid::Uuid::from_u128(9),
            digest: SecretDigest::of(b"token"),
            role: Role::Admin,
            name: "desk",
            created: at(0),
            clinics: scope.clone(),
            expires: Some(at(50)),
        };
        store.create_token(&token).await.unwrap();
        let of_token =
            NewShare { of_account: false, token: Some(token.id), ..link(2, "desk", &scope) };
        assert!(whole.make_share(&of_token).await.unwrap());
        assert_eq!(found(2).await, Some(Maker::Here(Role::Admin, scope.clone())));
        let later = store.find_share(digest(2), at(50)).await.unwrap().unwrap();
        assert_eq!(later.maker, Maker::Gone, "it has expired");
        let elsewhere = NewShare { of_account: false, ..link(3, "a@provider", &scope) };
        assert!(whole.make_share(&elsewhere).await.unwrap());
        assert_eq!(found(3).await, Some(Maker::Elsewhere));
    });
}

#[test]
fn who_sees_some_clinics_makes_and_lists_links_of_those_only() {
    on_each(&async |store: &Store| {
        let all = ClinicScope::all();
        let narrow = store.within(&ClinicScope::parse("lakeshore").unwrap());
        let own = NewShare { of_account: false, ..link(1, "x", &all) };
        assert!(narrow.make_share(&own).await.unwrap());
        let kept = store.find_share(digest(1), at(1)).await.unwrap().unwrap();
        assert_eq!(kept.clinics.to_text().as_deref(), Some("lakeshore"));
        let wide = NewShare { of_account: false, ..link(2, "x", &all) };
        assert!(store.whole().make_share(&wide).await.unwrap());
        let numbers = async |scoped: accuscope::store::Scoped, of: Option<(&str, bool)>, time| {
            let listed = scoped.shares(of, at(time)).await.unwrap();
            listed.iter().map(|share| share.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(narrow.clone(), None, 1).await, [1]);
        assert_eq!(numbers(store.whole(), None, 1).await, [2, 1]);
        assert_eq!(numbers(store.whole(), Some(("x", true)), 1).await, [0u32; 0]);
        assert_eq!(numbers(store.whole(), Some(("x", false)), 1).await, [2, 1]);
        assert_eq!(numbers(store.whole(), None, 100_000).await, [0u32; 0], "expired");
        assert!(narrow.end_share(1, at(2)).await.unwrap());
        assert!(!narrow.end_share(1, at(3)).await.unwrap());
        assert_eq!(numbers(store.whole(), None, 4).await, [2]);
    });
}

#[test]
fn an_opening_is_taken_once_an_hour_by_one_of_many() {
    on_each(&async |store: &Store| {
        let scope = ClinicScope::all();
        store.whole().make_share(&link(1, "x", &scope)).await.unwrap();
        let take = |time: i64| store.take_opening(1, at(time - 3_600), at(time));
        let (one, two) = tokio::join!(take(10_000), take(10_000));
        assert_ne!(one.unwrap(), two.unwrap(), "one of two takes it");
        assert!(!take(13_599).await.unwrap());
        assert!(take(13_600).await.unwrap());
        store.give_back_opening(1, Some(at(10_000))).await.unwrap();
        assert!(take(13_601).await.unwrap(), "it was given back");
    });
}
