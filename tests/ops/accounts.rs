//! Accounts: how one comes to life, signs in, is slowed down, and ends.

use std::time::Duration;

use accuscope::domain::audit::Event;
use accuscope::domain::names::{AccountId, InstanceId};
use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use accuscope::store::{FirstLink, SecretDigest};

use crate::support::{Answer, Site, now};

const PASSPHRASE: &str = "heron moss lamp kettle";
const FIRST: &str = "/sign-in/first-0123456789abcdef";

fn name(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

async fn first_link(site: &Site, digest: SecretDigest) -> FirstLink {
    let instance = InstanceId::parse("i-1").unwrap();
    site.store.create_first_link(digest, &name("admin"), &instance, now()).await.unwrap()
}

/// A site whose first link is still to be used.
async fn fresh() -> Site {
    let site = Site::start(Auth::Sessions).await;
    let digest = SecretDigest::of(b"first-0123456789abcdef");
    assert_eq!(first_link(&site, digest).await, FirstLink::Wanted);
    site
}

fn chosen(name: &str, passphrase: &str) -> String {
    format!("name={name}&passphrase={passphrase}&again={passphrase}")
}

/// A site with an admin, and the admin's cookie.
async fn with_admin() -> (Site, String) {
    let site = fresh().await;
    let answer = site.post_as("", FIRST, &chosen("zoe", PASSPHRASE)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = answer.cookie();
    (site, cookie)
}

/// Adds somebody, and gives the address of the link.
async fn add(site: &Site, admin: &str, name: &str, role: &str) -> String {
    let answer = site.post_as(admin, "/people", &format!("act=add&name={name}&role={role}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    link(&answer)
}

fn link(answer: &Answer) -> String {
    let (_, after) = answer.text.split_once("<code class=\"pick\">").unwrap();
    let (address, _) = after.split_once('<').unwrap();
    let at = address.find("/sign-in/").unwrap();
    address[at..].to_owned()
}

async fn sign_in(site: &Site, cookie: &str, name: &str, passphrase: &str) -> Answer {
    site.post_as(cookie, "/sign-in", &format!("name={name}&passphrase={passphrase}")).await
}

fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie").iter();
    all.map(|set| set.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_link_makes_one_admin_and_then_nothing_more() {
    let site = fresh().await;
    let page = site.get(FIRST).await;
    assert!(page.text.contains("Make the first account"), "{}", page.text);
    assert!(!page.text.contains("first-0123456789abcdef"), "the code stands on no page");
    for (form, says) in [
        (chosen("zoe", "too short"), "at least 15 characters"),
        (chosen("zoe", "accuscope accuscope"), "guessed first"),
        (chosen("shell.root", PASSPHRASE), "stand for others"),
        (format!("name=zoe&passphrase={PASSPHRASE}&again=another one here"), "not the same"),
    ] {
        let answer = site.post_as("", FIRST, &form).await;
        assert_eq!(answer.status, 422, "{form}");
        assert!(answer.text.contains(says), "{says} in {}", answer.text);
        assert!(!answer.text.contains(PASSPHRASE) && !answer.text.contains("too short"));
    }
    let made = site.post_as("", FIRST, &chosen("zoe", PASSPHRASE)).await;
    assert_eq!((made.status.as_u16(), made.location()), (303, "/"));
    assert_eq!(site.get_as(&made.cookie(), "/people").await.status, 200);
    assert_eq!(site.get(FIRST).await.status, 410);
    assert_eq!(site.post_as("", FIRST, &chosen("ada", PASSPHRASE)).await.status, 410);
    let digest = SecretDigest::of(b"another-0123456789");
    assert_eq!(first_link(&site, digest).await, FirstLink::NotNeeded);
    let deeds = site.witness.deeds();
    assert_eq!(deeds[..2], [Event::PassphraseSet, Event::SignedIn]);
}

#[tokio::test]
async fn an_unknown_name_a_wrong_passphrase_and_a_closed_account_look_alike() {
    let (site, admin) = with_admin().await;
    let link = add(&site, &admin, "ada", "support").await;
    add(&site, &admin, "lou", "support").await;
    assert_eq!(site.post_as("", &link, &chosen("", PASSPHRASE)).await.status, 303);
    let disabled = "act=disable&name=ada&version=1";
    assert_eq!(site.post_as(&admin, "/people", disabled).await.status, 200);
    let before = site.witness.entries.lock().unwrap().len();
    let mut texts = Vec::new();
    for (who, passphrase) in [
        ("nobody", PASSPHRASE),
        ("zoe", "another passphrase"),
        ("ada", PASSPHRASE),
        ("lou", PASSPHRASE),
        ("No Name At All", PASSPHRASE),
    ] {
        let answer = sign_in(&site, "", who, passphrase).await;
        assert_eq!(answer.status, 422, "{who}");
        assert!(!answer.text.contains("nobody") && !answer.text.contains(PASSPHRASE), "{who}");
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "one answer for all");
    let entries = site.witness.entries.lock().unwrap();
    let accounts: Vec<_> = entries[before..].iter().map(|e| e.account.as_deref()).collect();
    assert_eq!(
        accounts,
        [None, Some("zoe"), Some("ada"), Some("lou"), None],
        "no typed text is kept"
    );
}

#[tokio::test]
async fn guessing_is_slowed_for_every_name_alike_and_locks_nobody_out() {
    let (site, admin) = with_admin().await;
    let from_before = cookies(&sign_in(&site, &admin, "ZOE", PASSPHRASE).await);
    let known = from_before.iter().find(|c| c.starts_with("__Host-accuscope-known=")).unwrap();
    for who in ["zoe", "nobody"] {
        for _ in 0..5 {
            assert_eq!(sign_in(&site, "", who, "another passphrase").await.status, 422);
        }
        let slowed = sign_in(&site, "", who, PASSPHRASE).await;
        assert_eq!(slowed.status, 429, "{who}");
        assert_eq!(slowed.headers["retry-after"], "30");
        assert!(slowed.text.contains("in 30 s"), "{}", slowed.text);
    }
    let at_home = sign_in(&site, known, "zoe", PASSPHRASE).await;
    assert_eq!(at_home.status, 303, "a browser from before does not wait for strangers");
    site.state.clock.set(now().plus(Duration::from_secs(30)));
    assert_eq!(
        sign_in(&site, "", "zoe", PASSPHRASE).await.status,
        303,
        "nor does the person for ever"
    );
}

#[tokio::test]
async fn every_sign_in_draws_a_new_session_and_ends_the_one_before() {
    let (site, first) = with_admin().await;
    let second = sign_in(&site, &first, "zoe", PASSPHRASE).await;
    let second = cookies(&second).into_iter().find(|c| c.starts_with("__Host-accuscope=")).unwrap();
    assert_ne!(first, second);
    assert_eq!(site.get_as(&first, "/people").await.status, 303);
    assert_eq!(site.get_as(&second, "/people").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_after_thirty_hours_however_busy_it_is() {
    let (site, admin) = with_admin().await;
    for hour in [11, 22, 29] {
        site.state.clock.set(now().plus(Duration::from_hours(hour)));
        assert_eq!(site.get_as(&admin, "/runbooks").await.status, 200, "{hour} h");
    }
    site.state.clock.set(now().plus(Duration::from_hours(30)));
    assert_eq!(site.get_as(&admin, "/runbooks").await.status, 303);
}

#[tokio::test]
async fn what_an_admin_does_counts_at_the_next_click() {
    let (site, admin) = with_admin().await;
    let link = add(&site, &admin, "ada", "manager").await;
    let ada = site.post_as("", &link, &chosen("", PASSPHRASE)).await.cookie();
    assert_eq!(site.get_as(&ada, "/calls").await.status, 403);
    let change = async |form: &str| site.post_as(&admin, "/people", form).await;
    assert_eq!(change("act=role&name=ada&role=support&version=1").await.status, 200);
    assert_eq!(site.get_as(&ada, "/calls").await.status, 200, "a session in use gets the new role");
    assert_eq!(change("act=disable&name=ada&version=2").await.status, 200);
    assert_eq!(site.get_as(&ada, "/calls").await.status, 303);
    assert_eq!(sign_in(&site, "", "ada", PASSPHRASE).await.status, 422);
    assert_eq!(change("act=enable&name=ada&version=3").await.status, 200);
    let again = sign_in(&site, "", "ada", PASSPHRASE).await.cookie();
    assert_eq!(change("act=sign_out&name=ada&version=4").await.status, 200);
    assert_eq!(site.get_as(&again, "/calls").await.status, 303);
    let reset = change("act=reset&name=ada&version=5").await;
    assert_eq!(sign_in(&site, "", "ada", PASSPHRASE).await.status, 422);
    let new = chosen("", "quite another lamp");
    assert_eq!(site.post_as("", &self::link(&reset), &new).await.status, 303);
    assert_eq!(change("act=remove&name=ada&version=6").await.status, 200);
    assert!(!site.get_as(&admin, "/people").await.text.contains("\"ada\""));
    assert_eq!(change("act=add&name=ada&role=support").await.status, 409, "a name is given once");
    let kept: Vec<_> = site.witness.entries.lock().unwrap().clone();
    let about: Vec<_> = kept.iter().filter_map(|e| Some((e.deed, e.about.account?))).collect();
    assert_eq!(
        about,
        [
            (Event::AccountAdded, 2),
            (Event::MadeManager, 2),
            (Event::MadeSupport, 2),
            (Event::AccountDisabled, 2),
            (Event::AccountEnabled, 2),
            (Event::AccountSignedOut, 2),
            (Event::AccountReset, 2),
            (Event::AccountRemoved, 2),
        ]
    );
}

#[tokio::test]
async fn two_admins_do_not_undo_each_other() {
    let (site, admin) = with_admin().await;
    add(&site, &admin, "ada", "support").await;
    let change = async |form: &str| site.post_as(&admin, "/people", form).await;
    assert_eq!(change("act=role&name=ada&role=oncall&version=1").await.status, 200);
    let late = change("act=role&name=ada&role=manager&version=1").await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains("Somebody else has just changed"), "{}", late.text);
    let ada = site.store.account(&name("ada")).await.unwrap().unwrap();
    assert_eq!((ada.role, ada.version), (Role::Oncall, 2));
}

#[tokio::test]
async fn the_last_admin_stays_and_a_change_without_a_record_is_none() {
    let (site, admin) = with_admin().await;
    for form in [
        "act=disable&name=zoe&version=1",
        "act=remove&name=zoe&version=1",
        "act=role&name=zoe&role=support&version=1",
    ] {
        let answer = site.post_as(&admin, "/people", form).await;
        assert_eq!(answer.status, 409, "{form}");
        assert!(answer.text.contains("last admin"), "{}", answer.text);
        assert_eq!(site.witness.deeds().last(), Some(&Event::NotDone));
    }
    site.witness.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = site.post_as(&admin, "/people", "act=add&name=ada&role=support").await;
    assert_eq!(answer.status, 503);
    assert_eq!(site.store.account(&name("ada")).await.unwrap(), None);
}

#[tokio::test]
async fn hostile_forms_about_people_change_nothing_and_are_not_given_back() {
    let (site, admin) = with_admin().await;
    for form in [
        "",
        "act=add",
        "act=crown&name=zoe&version=1",
        "act=add&name=%3Cscript%3E&role=support",
        "act=add&name=Robert%27%29%3B--&role=support",
        "act=add&name=ada&role=emperor",
        "act=disable&name=zoe&version=x",
        "act=disable&name=nobody&version=1",
        "act=disable&act=enable&name=zoe&version=1",
    ] {
        let answer = site.post_as(&admin, "/people", form).await;
        assert!(answer.status.is_client_error(), "{form}: {}", answer.status);
        for typed in ["<script>", "Robert", "emperor", "crown"] {
            assert!(!answer.text.contains(typed), "{form}");
        }
    }
    assert_eq!(site.store.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_changes_the_passphrase_and_signs_out_everywhere() {
    let (site, here) = with_admin().await;
    let elsewhere = sign_in(&site, "", "zoe", PASSPHRASE).await.cookie();
    let form = |current: &str, new: &str| format!("current={current}&passphrase={new}&again={new}");
    let change = async |form: &str| site.post_as(&here, "/me/passphrase", form).await;
    assert_eq!(change(&form("not the current one", "quite another lamp")).await.status, 422);
    assert_eq!(change(&form(PASSPHRASE, "short")).await.status, 422);
    let changed = change(&form(PASSPHRASE, "quite another lamp")).await;
    assert_eq!(changed.status, 200);
    assert!(changed.text.contains("Your passphrase is changed"), "{}", changed.text);
    assert_eq!(site.get_as(&elsewhere, "/me").await.status, 303, "other sessions have ended");
    assert_eq!(site.get_as(&here, "/me").await.status, 200);
    assert_eq!(sign_in(&site, "", "zoe", PASSPHRASE).await.status, 422);
    let other = sign_in(&site, "", "zoe", "quite another lamp").await.cookie();
    assert_eq!(site.post_as(&here, "/me/sign-out", "").await.location(), "/sign-in");
    for cookie in [&here, &other] {
        assert_eq!(site.get_as(cookie, "/me").await.status, 303);
    }
    let by_link = site.sign_in(Role::Support).await;
    assert_eq!(site.post_as(&by_link, "/me/passphrase", "").await.status, 404, "no account");
}

#[tokio::test]
async fn an_admin_limits_somebody_to_clinics_and_the_audit_names_each() {
    let (site, admin) = with_admin().await;
    let both = "act=add&name=ada&role=support&clinics=lakeshore,+old-mill";
    let link = link(&site.post_as(&admin, "/people", both).await);
    let ada = site.post_as("", &link, &chosen("", PASSPHRASE)).await.cookie();
    let seen = async |clinic: &str| site.get_as(&ada, &format!("/clinics/{clinic}")).await.status;
    assert_eq!(seen("lakeshore").await, 200);
    assert_eq!(seen("harbour-view").await, 404);
    let people = site.get_as(&admin, "/people").await.text;
    assert!(people.contains("Sees lakeshore, old-mill"), "{people}");
    let change = async |version: u32, clinics: &str| {
        let form = format!("act=clinics&name=ada&version={version}&clinics={clinics}");
        site.post_as(&admin, "/people", &form).await
    };
    for (clinics, says) in
        [("nowhere", "not in the settings"), ("Lake+Shore", "ids with commas"), (",", "ids with")]
    {
        let answer = change(1, clinics).await;
        assert_eq!(answer.status, 422, "{clinics}");
        assert!(answer.text.contains(says) && !answer.text.contains("Lake Shore"), "{clinics}");
    }
    assert_eq!(change(1, "harbour-view").await.status, 200);
    assert_eq!(
        (seen("lakeshore").await, seen("harbour-view").await),
        (404.try_into().unwrap(), 200.try_into().unwrap())
    );
    assert_eq!(change(1, "").await.status, 409, "somebody else was faster");
    let to_admin = "act=role&name=ada&role=admin&version=2";
    let answer = site.post_as(&admin, "/people", to_admin).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("An admin sees every clinic"), "{}", answer.text);
    assert_eq!(change(2, "").await.status, 200);
    assert_eq!(seen("lakeshore").await, 200);
    let limited_admin = "act=add&name=lou&role=admin&clinics=lakeshore";
    assert_eq!(site.post_as(&admin, "/people", limited_admin).await.status, 422);
    let entries = site.witness.entries.lock().unwrap();
    let limits: Vec<_> = entries
        .iter()
        .filter(|e| matches!(e.deed, Event::LimitedToClinic | Event::SeesAllClinics))
        .map(|e| (e.deed, e.clinic.as_ref().map(ToString::to_string), e.about.account))
        .collect();
    let of = |clinic: &str| (Event::LimitedToClinic, Some(clinic.to_owned()), Some(2));
    let all = (Event::SeesAllClinics, None, Some(2));
    assert_eq!(limits, [of("lakeshore"), of("old-mill"), of("harbour-view"), all]);
}
