//! Tokens, sign-in links and sessions work as long as they should and no longer.

use accuscope::domain::names::AccountId;
use accuscope::domain::role::Role;
use accuscope::store::{
    Entered, LinkPurpose, NewToken, SecretDigest, Session, SignInLink, Store, Uses,
};

use crate::support::{at, begin_session, on_each, stranger};

fn token(id: u128, secret: &[u8], role: Role) -> NewToken<'static> {
    NewToken {
        id: uuid::Uuid::from_u128(id),
        digest: SecretDigest::of(secret),
        role,
        name: "grafana",
        created: at(0),
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        expires: Some(at(100)),
    }
}

#[test]
fn a_token_works_until_it_expires_or_is_revoked() {
    on_each(&async |store: &Store| {
        store.create_token(&token(1, b"one", Role::Manager)).await.unwrap();
        let lasting = NewToken { expires: None, ..token(2, b"two", Role::Support) };
        store.create_token(&lasting).await.unwrap();
        let find = async |secret: &[u8], time| {
            let found = store.find_token(SecretDigest::of(secret), at(time)).await.unwrap();
            found.map(|token| token.role)
        };
        assert_eq!(find(b"one", 99).await, Some(Role::Manager));
        assert_eq!(find(b"one", 100).await, None);
        assert_eq!(find(b"two", 9_999).await, Some(Role::Support));
        assert_eq!(find(b"three", 0).await, None);
        assert!(store.revoke_token(lasting.id, at(5)).await.unwrap());
        assert!(!store.revoke_token(lasting.id, at(6)).await.unwrap(), "once is enough");
        assert_eq!(find(b"two", 6).await, None);
        let listed = store.tokens().await.unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!((listed[0].name.as_str(), listed[1].revoked), ("grafana", Some(at(5))));
    });
}

#[test]
fn a_secret_cannot_belong_to_two_tokens() {
    on_each(&async |store: &Store| {
        store.create_token(&token(1, b"one", Role::Manager)).await.unwrap();
        assert!(store.create_token(&token(2, b"one", Role::Admin)).await.is_err());
    });
}

#[test]
fn a_sign_in_link_works_once() {
    on_each(&async |store: &Store| {
        let link = SignInLink {
            purpose: LinkPurpose::SignIn,
            role: Role::Support,
            account: "demo".into(),
            expires: at(60),
        };
        let digest = SecretDigest::of(b"link");
        store.create_sign_in_link(digest, &link, at(0)).await.unwrap();
        let session = of_sam(at(1));
        let enter = |secret: &str| {
            let secret = SecretDigest::of(secret.as_bytes());
            store.enter(stranger(Uses::Link(digest), secret, &session))
        };
        let (a, b) = tokio::join!(enter("a"), enter("b"));
        let mut answers = [a.unwrap(), b.unwrap()];
        answers.sort_by_key(|answer| *answer == Entered::UsedBefore);
        assert_eq!(answers, [Entered::In { fresh: false }, Entered::UsedBefore]);
        store.create_sign_in_link(digest, &link, at(0)).await.unwrap();
        let late = of_sam(at(60));
        let late = stranger(Uses::Link(digest), SecretDigest::of(b"c"), &late);
        assert_eq!(store.enter(late).await.unwrap(), Entered::UsedBefore, "too late");
        assert!(store.find_link(digest, at(59)).await.unwrap().is_some(), "and not used up by it");
    });
}

#[test]
fn a_link_whose_session_could_not_begin_still_works() {
    on_each(&async |store: &Store| {
        let link = SignInLink {
            purpose: LinkPurpose::SignIn,
            role: Role::Support,
            account: "sam".into(),
            expires: at(60),
        };
        let digest = SecretDigest::of(b"link");
        store.create_sign_in_link(digest, &link, at(0)).await.unwrap();
        let (taken, before) = (SecretDigest::of(b"taken"), SecretDigest::of(b"before"));
        let session = of_sam(at(1));
        begin_session(store, taken, &session).await;
        begin_session(store, before, &session).await;
        // The database refuses a second session of one secret, after everything else was done.
        let mut entrance = stranger(Uses::Link(digest), taken, &session);
        entrance.before = Some(before);
        assert!(store.enter(entrance).await.is_err());
        assert!(store.find_link(digest, at(1)).await.unwrap().is_some(), "the link is as it was");
        assert!(
            store.find_session(before, at(2)).await.unwrap().is_some(),
            "and so is the session"
        );
        entrance.secret = SecretDigest::of(b"free");
        assert_eq!(store.enter(entrance).await.unwrap(), Entered::In { fresh: false });
        assert_eq!(store.find_link(digest, at(1)).await.unwrap(), None);
        assert_eq!(store.find_session(before, at(2)).await.unwrap(), None);
    });
}

fn of_sam(created: accuscope::domain::time::Timestamp) -> Session {
    Session {
        role: Role::Support,
        account: "sam".into(),
        of_account: false,
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        token: None,
        created,
        seen: created,
        expires: at(1_000),
    }
}

#[test]
fn a_session_lasts_while_it_is_used() {
    on_each(&async |store: &Store| {
        let digest = SecretDigest::of(b"cookie");
        let session = Session {
            role: Role::Oncall,
            account: "sam".into(),
            of_account: false,
            clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
            token: None,
            created: at(0),
            seen: at(0),
            expires: at(60),
        };
        begin_session(store, digest, &session).await;
        assert_eq!(store.find_session(digest, at(59)).await.unwrap(), Some(session.clone()));
        assert_eq!(store.find_session(digest, at(60)).await.unwrap(), None);
        store.touch_session(digest, at(59), at(120)).await.unwrap();
        let longer = Session { seen: at(59), expires: at(120), ..session.clone() };
        assert_eq!(store.find_session(digest, at(60)).await.unwrap(), Some(longer));
        store.delete_session(digest).await.unwrap();
        assert_eq!(store.find_session(digest, at(60)).await.unwrap(), None);
        begin_session(store, digest, &session).await;
        let sam = AccountId::parse("sam").unwrap();
        assert_eq!(store.sign_out_everywhere(&sam, at(1)).await.unwrap(), 1);
        assert_eq!(store.find_session(digest, at(2)).await.unwrap(), None);
    });
}
