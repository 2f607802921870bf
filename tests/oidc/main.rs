//! Signing in with a real OpenID Connect provider: the certified npm package `oidc-provider`, on loopback.
//!
//! Where it is not installed (`npm --prefix tests/oidc ci`), the tests say so and pass, unless
//! `ACCUSCOPE_TEST_OIDC` is set, as `./test` does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browser;
mod provider;
mod site;

use accuscope::domain::audit::Event;
use accuscope::domain::role::Role;

use crate::provider::Provider;
use crate::site::{Site, config};

#[tokio::test]
async fn somebody_with_a_group_gets_its_role_and_its_clinics() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    let page = site.get("/sign-in", "").await;
    assert!(page.text.contains("href=\"/sign-in/with-provider\""), "{}", page.text);
    assert!(!page.text.contains("name=\"passphrase\""), "accounts are off");
    let name = site.post("/sign-in", "name=zoe&passphrase=heron+moss+lamp").await;
    assert_eq!(name.status, 404);
    for (account, groups, sees, may_switch) in [
        ("zoe", vec!["staff", "desk"], 200, false),
        ("lou", vec!["duty"], 200, true),
        ("ada", vec!["desk", "west"], 404, false),
    ] {
        provider.person(&serde_json::json!({ "account": account, "groups": groups })).await;
        let back = site.sign_in(&provider).await;
        assert_eq!((back.status, back.location.as_str()), (303, "/"), "{}", back.text);
        let cookie = back.session();
        let other = site.get("/clinics/harbour-view", &cookie).await;
        assert_eq!(other.status, sees, "{account}");
        let own = site.get("/clinics/lakeshore", &cookie).await;
        assert_eq!(own.status, 200, "{account}");
        assert!(own.text.contains(&format!("sso.{account}.")), "{account}: {}", own.text);
        assert_eq!(
            site.get("/settings/apps", &cookie).await.status == 200,
            may_switch,
            "{account}"
        );
    }
    assert_eq!(site.deeds().iter().filter(|deed| **deed == Event::SignedIn).count(), 3);
}

#[tokio::test]
async fn nobody_gets_in_without_a_group_and_is_told_so() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    for groups in [vec![], vec!["staff"], vec!["west"]] {
        provider.person(&serde_json::json!({ "account": "eve", "groups": groups })).await;
        let back = site.sign_in(&provider).await;
        assert_eq!(back.status, 403, "{groups:?}: {}", back.text);
        assert!(back.text.contains("none of your groups has a role"), "{}", back.text);
        assert!(!back.text.contains("eve") && !back.text.contains("staff"));
        assert!(back.set("__Host-accuscope=").is_none(), "no session");
    }
    assert_eq!(site.deeds(), [Event::SignInRefused; 3]);
}

#[tokio::test]
async fn groups_that_are_not_in_the_token_come_from_the_userinfo_endpoint() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    // Where they are, whether the endpoint was asked, and what became of it.
    for (place, groups, asked, status, says) in [
        ("token", vec!["desk"], 0, 303, ""),
        ("token", vec![], 0, 403, "none of your groups has a role"),
        ("userinfo", vec!["desk", "west"], 1, 303, ""),
        ("userinfo", vec!["staff"], 1, 403, "none of your groups has a role"),
        ("nowhere", vec!["desk"], 1, 403, "none of your groups has a role"),
    ] {
        let person = serde_json::json!({ "account": "zoe", "groups": groups, "groupsIn": place });
        provider.person(&person).await;
        let back = site.sign_in(&provider).await;
        assert_eq!(back.status, status, "{place} {groups:?}: {}", back.text);
        assert!(back.text.contains(says), "{place} {groups:?}: {}", back.text);
        assert_eq!(provider.info_asked().await, asked, "{place} {groups:?}");
        if status == 303 && place == "userinfo" {
            let cookie = back.session();
            assert_eq!(site.get("/clinics/lakeshore", &cookie).await.status, 200);
            assert_eq!(site.get("/clinics/harbour-view", &cookie).await.status, 404);
            let own = site.get("/me", &cookie).await;
            assert!(own.text.contains("sso.zoe."), "{}", own.text);
        }
    }
}

#[tokio::test]
async fn a_userinfo_endpoint_that_is_down_or_speaks_of_somebody_else_lets_nobody_in() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    for (info, status, says) in
        [("fails", 503, "provider does not answer"), ("other", 502, "cannot be believed")]
    {
        let person = serde_json::json!({
            "account": "zoe", "groups": ["desk"], "groupsIn": "userinfo", "info": info,
        });
        provider.person(&person).await;
        let back = site.sign_in(&provider).await;
        assert_eq!(back.status, status, "{info}: {}", back.text);
        assert!(back.text.contains(says), "{info}: {}", back.text);
        assert!(back.set("__Host-accuscope=").is_none(), "{info}: no session");
        assert_eq!(provider.info_asked().await, 1, "{info}");
    }
}

#[tokio::test]
async fn a_state_or_nonce_of_another_sign_in_is_refused() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    provider.person(&serde_json::json!({ "account": "zoe", "groups": ["desk"] })).await;
    // Without the cookie, with another browser's, and with another state.
    let (cookie, back) = site.until_back(&provider).await;
    let (other_cookie, _) = site.until_back(&provider).await;
    let other_state = back.replace("state=", "state=x");
    for (address, cookie) in [(&back, ""), (&back, &*other_cookie), (&other_state, &*cookie)] {
        let answer = site.get(address, cookie).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.text.contains("not begun here"), "{}", answer.text);
    }
    // The nonce of the cookie is not the one that the provider signed.
    let (name, value) = cookie.split_once('=').unwrap();
    let parts: Vec<&str> = value.split('.').collect();
    let swapped = format!("{name}={}.{}.{}", parts[0], "n".repeat(43), parts[2]);
    let answer = site.get(&back, &swapped).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.set("__Host-accuscope=").is_none());
    // The code is spent by then, and the right cookie does not bring it back.
    assert_eq!(site.get(&back, &cookie).await.status, 403);
    // Another verifier than the one whose digest the provider was given.
    let (cookie, back) = site.until_back(&provider).await;
    let (name, value) = cookie.split_once('=').unwrap();
    let parts: Vec<&str> = value.split('.').collect();
    let swapped = format!("{name}={}.{}.{}", parts[0], parts[1], "v".repeat(43));
    assert_eq!(site.get(&back, &swapped).await.status, 403);
}

#[tokio::test]
async fn a_provider_whose_clock_is_off_lets_nobody_in_and_the_words_say_why() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    for (skew, status) in [(-30, 303), (30, 303), (-7_200, 502), (7_200, 502)] {
        let person =
            serde_json::json!({ "account": "zoe", "groups": ["desk"], "skewSeconds": skew });
        provider.person(&person).await;
        let back = site.sign_in(&provider).await;
        assert_eq!(back.status, status, "{skew}: {}", back.text);
        assert!(status == 303 || back.text.contains("clock and ours are apart"), "{}", back.text);
    }
}

#[tokio::test]
async fn a_person_whom_the_provider_refuses_comes_back_with_words() {
    let Some(provider) = Provider::start() else { return };
    let site = Site::start(config(&provider, false)).await;
    provider.person(&serde_json::json!({ "account": "zoe", "refuses": true })).await;
    let back = site.sign_in(&provider).await;
    assert_eq!(back.status, 403, "{}", back.text);
    assert!(back.text.contains("did not let you in"), "{}", back.text);
    assert!(!back.text.contains("access_denied"), "nothing of the address is given back");
}

#[tokio::test]
async fn a_provider_that_is_down_stops_nothing_but_signing_in_with_it() {
    let Some(provider) = Provider::start() else { return };
    let config = config(&provider, true);
    drop(provider);
    let site = Site::start(config).await;
    let page = site.get("/sign-in", "").await;
    assert!(page.text.contains("name=\"passphrase\""), "accounts are the way in meanwhile");
    let away = site.get("/sign-in/with-provider", "").await;
    assert_eq!(away.status, 503);
    assert!(away.text.contains("provider does not answer"), "{}", away.text);
    site.account("zoe", "heron moss lamp kettle", Role::Admin).await;
    let form = "name=zoe&passphrase=heron+moss+lamp+kettle";
    assert_eq!(site.post("/sign-in", form).await.status, 303);
}

#[tokio::test]
async fn a_token_of_another_client_or_signed_by_nobody_known_is_not_believed() {
    let Some(provider) = Provider::start() else { return };
    // The settings name another client than the one that the provider knows by this secret.
    let mut wrong = config(&provider, false);
    wrong.client_id = "somebody-else".to_owned();
    let site = Site::start(wrong).await;
    let away = site.get("/sign-in/with-provider", "").await;
    assert_eq!(away.status, 302, "the provider will say what it thinks of that");
    // A provider that calls itself by another name than the settings do.
    let mut wrong = config(&provider, false);
    wrong.issuer = format!("{}/", wrong.issuer);
    let site = Site::start(wrong).await;
    let away = site.get("/sign-in/with-provider", "").await;
    assert_eq!(away.status, 502, "{}", away.text);
    assert!(away.text.contains("cannot be believed"), "{}", away.text);
}
