//! Links that show the adoption page without an account: who makes them, what they show, and what ends them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use accuscope::domain::audit::Event;
use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::names::AccountId;
use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use accuscope::store::{AccountChange, Entered, Entrance, NewShare, SecretDigest, Session, Uses};
use axum::body::Body;
use axum::http::Request;

use crate::support::{Answer, Site, call, now, registry};

const DAY: Duration = Duration::from_hours(24);
const MAKE: &str = "act=make&page=2026-W48&week=2026-W48&days=3";

/// Somebody with an account, signed in; gives the cookie.
pub(crate) async fn person(
    site: &Site,
    number: u32,
    name: &str,
    role: Role,
    sees: &ClinicScope,
) -> String {
    let account = AccountId::parse(name).unwrap();
    site.store.add_account(number, &account, role, sees, now()).await.unwrap();
    let session = Session {
        role,
        account: name.to_owned(),
        of_account: true,
        clinics: sees.clone(),
        token: None,
        created: now(),
        seen: now(),
        expires: now().plus(DAY),
    };
    let digest = SecretDigest::of(format!("cookie-of-{name}").as_bytes());
    let entrance = Entrance {
        uses: Uses::Nothing,
        account: None,
        before: None,
        secret: digest,
        session: &session,
    };
    assert_eq!(site.store.enter(entrance).await.unwrap(), Entered::In { fresh: false });
    format!("__Host-accuscope=cookie-of-{name}")
}

async fn site() -> Site {
    let site = Site::start(Auth::Sessions).await;
    let calls: Vec<_> = (1..8)
        .flat_map(|n| [call("lakeshore", n, 60), call("harbour-view", n + 100, 60)])
        .collect();
    site.insert(&calls).await;
    site.store.count_tasks(&registry()).await.unwrap();
    site
}

fn lakeshore() -> ClinicScope {
    ClinicScope::parse("lakeshore").unwrap()
}

/// The path of the link that a page shows.
fn link(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let at = page.text.find("/shared/").expect("a link");
    page.text[at..].split(['<', '"', '&']).next().unwrap().to_owned()
}

async fn made(site: &Site, cookie: &str) -> String {
    link(&site.post_as(cookie, "/adoption", MAKE).await)
}

#[tokio::test]
async fn a_link_shows_counts_of_its_makers_clinics_and_leads_nowhere() {
    let site = site().await;
    let zoe = person(&site, 1, "zoe", Role::Manager, &lakeshore()).await;
    let path = made(&site, &zoe).await;
    let secret = path.strip_prefix("/shared/").unwrap();
    assert_eq!(secret.len(), 43, "256 bits");
    let page = site.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Lakeshore") && page.text.contains("Week 48"), "{}", page.text);
    for word in ["Harbour", "<a ", "<form", "<nav", "ac_k", secret, "zoe"] {
        assert!(!page.text.contains(word), "{word} in {}", page.text);
    }
    assert!(page.text.contains("name=\"robots\" content=\"noindex, nofollow\""));
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["x-robots-tag"], "noindex");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    // Whoever is signed in sees the same page, and not the own one.
    let admin = site.sign_in(Role::Admin).await;
    assert_eq!(site.get_as(&admin, &path).await.text, page.text);
    // Opened twice within the hour, kept once; by nobody who is known.
    let entries = site.witness.entries.lock().unwrap();
    let of = |deed| entries.iter().filter(move |entry| entry.deed == deed);
    assert_eq!(
        of(Event::ShareMade).map(|e| e.account.clone()).next_back(),
        Some(Some("zoe".into()))
    );
    let opened: Vec<_> = of(Event::ShareOpened).collect();
    assert_eq!((opened.len(), opened[0].about.entry, opened[0].role), (1, Some(1), None));
    assert_eq!(opened[0].account, None);
}

#[tokio::test]
async fn the_secret_is_on_the_page_that_made_it_and_nowhere_else() {
    let site = site().await;
    let zoe = person(&site, 1, "zoe", Role::Manager, &ClinicScope::all()).await;
    let path = made(&site, &zoe).await;
    let secret = path.strip_prefix("/shared/").unwrap();
    let again = site.get_as(&zoe, "/adoption?week=2026-W48").await.text;
    assert!(again.contains("No. 1") && !again.contains(secret), "{again}");
    let entries = format!("{:?}", site.witness.entries.lock().unwrap());
    assert!(!entries.contains(secret));
    // The store keeps a digest of it.
    let found = site.store.find_share(SecretDigest::of(secret.as_bytes()), now()).await.unwrap();
    assert!(!format!("{found:?}").contains(secret));
}

async fn kept(site: &Site, number: u32, account: &str, of_account: bool, ended: bool) -> String {
    let secret = format!("a-secret-of-a-link-no-{number}");
    let new = NewShare {
        number,
        digest: SecretDigest::of(secret.as_bytes()),
        account,
        of_account,
        token: None,
        clinics: &ClinicScope::all(),
        week: None,
        created: now().minus(DAY),
        expires: if ended { now() } else { now().plus(DAY) },
    };
    assert!(site.store.whole().make_share(&new).await.unwrap());
    format!("/shared/{secret}")
}

#[tokio::test]
async fn whatever_ends_a_link_is_not_told_from_a_link_that_never_was() {
    let site = site().await;
    let all = ClinicScope::all();
    let makers =
        ["disabled", "removed", "made-support", "narrowed", "signed-out", "reset", "lost-factor"];
    for (number, name) in (1..).zip(makers) {
        person(&site, number, name, Role::Manager, &all).await;
    }
    let mut links = vec![
        "/shared/this-was-never-drawn-by-anything".to_owned(),
        "/shared/short".to_owned(),
        format!("/shared/{}", "x".repeat(300)),
        kept(&site, 11, "provider@example", false, true).await,
        kept(&site, 12, "nobody-of-that-name", true, false).await,
    ];
    let revoked = kept(&site, 13, "provider@example", false, false).await;
    assert_eq!(site.get(&revoked).await.status, 200, "a provider's account may share");
    site.store.whole().end_share(13, now()).await.unwrap();
    links.push(revoked);
    for (number, name, change) in [
        (14, "disabled", AccountChange::Disable),
        (15, "removed", AccountChange::Remove),
        (16, "made-support", AccountChange::Role(Role::Support)),
        (18, "signed-out", AccountChange::SignOut),
        (19, "reset", AccountChange::Reset),
    ] {
        let path = kept(&site, number, name, true, false).await;
        assert_eq!(site.get(&path).await.status, 200, "{name}");
        let account = AccountId::parse(name).unwrap();
        site.store.change_account(&account, None, change, now()).await.unwrap();
        links.push(path);
    }
    // Whoever is let in again has to make links anew.
    let account = AccountId::parse("disabled").unwrap();
    site.store.change_account(&account, None, AccountChange::Enable, now()).await.unwrap();
    let mut answers = Vec::new();
    for path in &links {
        let answer = site.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let mut fields: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        fields.sort();
        answers.push((fields, answer.text));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    // A lost telephone says nothing about who made the links.
    let path = kept(&site, 20, "lost-factor", true, false).await;
    let account = AccountId::parse("lost-factor").unwrap();
    site.store.change_account(&account, None, AccountChange::SecondFactor, now()).await.unwrap();
    assert_eq!(site.get(&path).await.status, 200);
    // A maker who sees less than before shows less.
    let path = kept(&site, 17, "narrowed", true, false).await;
    assert!(site.get(&path).await.text.contains("Harbour"));
    let account = AccountId::parse("narrowed").unwrap();
    let less = AccountChange::Clinics(lakeshore());
    site.store.change_account(&account, None, less, now()).await.unwrap();
    let page = site.get(&path).await;
    assert!(page.text.contains("Lakeshore") && !page.text.contains("Harbour"), "{}", page.text);
}

#[tokio::test]
async fn whoever_signs_out_everywhere_takes_their_links_along_and_nobody_elses() {
    let site = site().await;
    let all = ClinicScope::all();
    let zoe = person(&site, 1, "zoe", Role::Manager, &all).await;
    let kim = person(&site, 2, "kim", Role::Manager, &all).await;
    let (of_zoe, of_kim) = (made(&site, &zoe).await, made(&site, &kim).await);
    // A provider's account may have the same name; it is somebody else.
    let of_other = kept(&site, 9, "zoe", false, false).await;
    let page = site.get_as(&zoe, "/me").await.text;
    assert!(page.contains("The links to the adoption page that you have made end with them"));
    assert_eq!(site.post_as(&zoe, "/me/sign-out", "").await.status, 303);
    assert_eq!(site.get(&of_zoe).await.status, 404);
    assert_eq!(site.get(&of_kim).await.status, 200);
    assert_eq!(site.get(&of_other).await.status, 200);
    // An admin who signs somebody out says it once for both.
    let ada = person(&site, 3, "ada", Role::Admin, &all).await;
    let form = "act=sign_out&name=kim&version=1";
    let done = site.post_as(&ada, "/people", form).await;
    assert!(done.text.contains("and every link to the adoption page"), "{}", done.text);
    assert_eq!(site.get(&of_kim).await.status, 404);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_a_link_that_works_never_waits() {
    let site = site().await;
    let works = kept(&site, 1, "provider@example", false, false).await;
    let mut last = None;
    for guess in 0..31 {
        last = Some(site.get(&format!("/shared/guess-number-{guess:06}")).await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429);
    assert!(last.headers.contains_key("retry-after"));
    assert_eq!(site.get(&works).await.status, 200);
    let kept_out = site.witness.deeds().iter().filter(|deed| **deed == Event::KeptOut).count();
    assert_eq!(kept_out, 30, "a flood does not fill the audit");
}

#[tokio::test]
async fn managers_end_their_own_links_and_admins_everybodys() {
    let site = site().await;
    let all = ClinicScope::all();
    let zoe = person(&site, 1, "zoe", Role::Manager, &all).await;
    let kim = person(&site, 2, "kim", Role::Manager, &all).await;
    let ada = person(&site, 3, "ada", Role::Admin, &all).await;
    let sam = person(&site, 4, "sam", Role::Support, &all).await;
    let path = made(&site, &zoe).await;
    assert!(!site.get_as(&kim, "/adoption").await.text.contains("End<span"));
    let other = site.post_as(&kim, "/adoption", "act=revoke&number=1").await;
    assert_eq!(other.status, 409, "{}", other.text);
    assert!(!site.get_as(&sam, "/adoption").await.text.contains("h-share"));
    assert_eq!(site.post_as(&sam, "/adoption", MAKE).await.status, 403);
    assert_eq!(site.get(&path).await.status, 200);
    assert!(site.get_as(&ada, "/adoption").await.text.contains("zoe"));
    let ended = site.post_as(&ada, "/adoption", "act=revoke&number=1").await;
    assert!(ended.text.contains("The link shows nothing any more"), "{}", ended.text);
    assert_eq!(site.get(&path).await.status, 404);
    let deeds = site.witness.deeds();
    assert!(deeds.contains(&Event::ShareRevoked) && !deeds.contains(&Event::NotDone));
}

#[tokio::test]
async fn days_are_bounded_and_forms_of_other_sites_make_nothing() {
    let site = site().await;
    let zoe = person(&site, 1, "zoe", Role::Manager, &lakeshore()).await;
    for days in ["", "%20", "0", "31", "-1", "forever"] {
        let form = format!("act=make&days={days}");
        let answer = site.post_as(&zoe, "/adoption", &form).await;
        assert_eq!(answer.status, 422, "{days}");
        assert!(!answer.text.contains("/shared/"));
    }
    let form = "act=make&week=Tremblay";
    assert_eq!(site.post_as(&zoe, "/adoption", form).await.status, 422);
    let request = Request::post("/adoption")
        .header("cookie", &zoe)
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = site.send(request.body(Body::from(MAKE)).unwrap()).await;
    assert_eq!(answer.status, 403);
    // Somebody of a provider, or with a link that signs in once, may for a week at most.
    let guest = site.sign_in(Role::Manager).await;
    assert_eq!(site.post_as(&guest, "/adoption", "act=make&days=8").await.status, 422);
    let made = site.post_as(&guest, "/adoption", "act=make&days=7").await;
    assert_eq!(made.status, 200);
    for _ in 0..20 {
        site.post_as(&zoe, "/adoption", MAKE).await;
    }
    let full = site.post_as(&zoe, "/adoption", MAKE).await;
    assert_eq!(full.status, 409, "{}", full.text);
    assert!(full.text.contains("You have 20 links that work"));
}

#[tokio::test]
async fn what_cannot_be_kept_in_the_audit_is_neither_made_nor_shown() {
    let site = site().await;
    let zoe = person(&site, 1, "zoe", Role::Manager, &lakeshore()).await;
    let path = made(&site, &zoe).await;
    site.witness.broken.store(true, Ordering::SeqCst);
    assert_eq!(site.post_as(&zoe, "/adoption", MAKE).await.status, 503);
    let shut = site.get(&path).await;
    assert_eq!(shut.status, 503);
    assert!(!shut.text.contains("Lakeshore") && !shut.text.contains(&path), "{}", shut.text);
    assert_eq!(site.store.whole().shares(None, now()).await.unwrap().len(), 1);
    site.witness.broken.store(false, Ordering::SeqCst);
    assert_eq!(site.get(&path).await.status, 200);
    let opened = site.witness.deeds().iter().filter(|deed| **deed == Event::ShareOpened).count();
    assert_eq!(opened, 2, "the one that was not kept did not use the hour up");
}

#[tokio::test]
async fn where_nobody_signs_in_no_link_is_made() {
    let site = Site::start(Auth::Off).await;
    let page = site.get("/adoption").await;
    assert!(page.text.contains("Nobody signs in on this machine"), "{}", page.text);
    let answer = site.post_as("", "/adoption", MAKE).await;
    assert_eq!(answer.status, 409);
    assert!(!answer.text.contains("/shared/"));
}
