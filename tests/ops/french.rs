//! The pages that speak both languages: no word of theirs stays English in French.
//!
//! A message without French does not compile. What could still be forgotten is a word that is no message; it
//! would stand on the French page as it does on the English one.

use std::collections::BTreeSet;

use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::reason::Reason;
use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use accuscope::store::TableKept;
use axum::body::Body;
use axum::http::Request;

use crate::support::{Answer, Site, call, failed, registry};
use crate::{incidents, sharing};

/// Words that are the same in both languages, or names of things.
const SAME: &[&str] = &[
    "accuscope",
    "Catalogue",
    "Environment",
    "English",
    "Français",
    "Production",
    "Source",
    "Phase",
    "Incidents",
    "Adoption",
    "Accuro",
    "Prometheus",
    "Sandbox",
    "Version 0.1.0.",
    "Excuses",
    "America/Vancouver",
    "America/Toronto",
    "Harbour View Medical",
    "Lakeshore",
    "Old Mill Medical",
    "Kept Clinic",
    "r.okafor",
    "Menu",
    "kept",
    "harbour-view",
    "lakeshore",
    "old-mill",
    "none",
    "m.roy",
    ": m.roy",
    ": r.okafor",
    "new.person",
    ": new.person",
    "intake-web",
    "forbidden",
    "Vancouver, UTC−07:00",
    "Toronto, UTC−05:00",
    "Code",
    "Documents",
    "Docu\u{ad}ments",
    "Patient",
    "Patients",
    "Pages",
    "Notes",
    "Permissions",
    "Route",
    "Sessions",
    "Type",
    "Verdict",
    "Administration",
    "counter",
    "gauge",
    "histogram",
];

const SETTINGS: &[&str] = &[
    "/settings",
    "/settings/clinics",
    "/settings/clinics/new",
    "/settings/clinics/lakeshore",
    "/settings/clinics/kept",
    "/settings/apps",
    "/settings/apps/new",
    "/settings/apps/web",
    "/settings/retention",
    "/settings/catalogue",
    "/settings/environment",
    "/settings/health",
];

/// Everywhere else, on a site with a refused clinic, an incident, an alert and people. An address that names
/// nothing shows the page that says so.
const ROOMS: &[&str] = &[
    "/",
    "/clinics",
    "/clinics?state=quiet",
    "/clinics?phase=pilot",
    "/clinics/harbour-view",
    "/clinics/lakeshore",
    "/clinics/old-mill",
    "/clinics/none",
    "/calls",
    "/calls?clinic=harbour-view&domain=patients&category=auth&outcome=failed",
    "/calls?clinic=old-mill",
    "/calls?support_code=7KQ4-M2PX",
    "/calls/none",
    "/find",
    "/d/none",
    "/incidents",
    "/runbooks",
    "/runbooks/AccuscopeClinicAuthFailing",
    "/runbooks/metrics",
    "/adoption",
    "/adoption?week=2026-W48",
    "/adoption/lakeshore",
    "/adoption/old-mill?week=2026-W48",
    "/kept",
    "/access-log",
    "/people",
    "/roles",
    "/me",
    "/writes",
    "/none",
];

async fn get(site: &Site, cookie: &str, path: &str, language: &str) -> Answer {
    let request = Request::get(path).header("cookie", cookie).header("accept-language", language);
    site.send(request.body(Body::empty()).unwrap()).await
}

/// The texts between tags and in attributes that people read or hear, but for code and what is marked as
/// English.
fn texts(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut skipped: Option<String> = None;
    let mut keep = |text: &str| {
        let text = text.trim();
        if text.chars().filter(|c| c.is_alphabetic()).count() > 3 {
            found.insert(text.to_owned());
        }
    };
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect();
        match &skipped {
            Some(until) if name == format!("/{until}") => skipped = None,
            Some(_) => continue,
            None => {
                let english = tag.contains(" lang=\"en") && name != "html";
                if ["code", "script", "kbd"].contains(&name.as_str()) || english {
                    skipped = Some(name);
                    continue;
                }
            }
        }
        for attribute in [" aria-label=\"", " placeholder=\"", " data-l=\""] {
            if let Some((_, rest)) = tag.split_once(attribute) {
                keep(rest.split('"').next().unwrap());
            }
        }
        // The exact moment of a time is in UTC and the same everywhere.
        if let Some((_, rest)) = tag.split_once(" title=\"").filter(|_| name != "time") {
            keep(rest.split('"').next().unwrap());
        }
        keep(text);
    }
    found
}

async fn site() -> (Site, String) {
    let site = Site::start(Auth::Sessions).await;
    site.insert(&[call("lakeshore", 5, 60)]).await;
    let cookie = site.sign_in(Role::Admin).await;
    let tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";
    let clinic = format!(
        "act=add&id=kept&name=Kept+Clinic&tenant={tenant}&timezone=America%2FVancouver&phase=pilot"
    );
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &clinic).await.status, 303);
    let app = "act=add&id=web&name=Kept+Clinic&clinics=kept";
    assert_eq!(site.post_as(&cookie, "/settings/apps", app).await.status, 303);
    (site, cookie)
}

/// Words that no French text has. What the page says of itself is French, so one of them was forgotten.
const ENGLISH: &[&str] = &[
    "and", "are", "at", "by", "call", "calls", "clinic", "clinics", "failed", "for", "from", "has",
    "is", "it", "nothing", "of", "since", "the", "then", "to", "under", "was", "with", "worked",
];

/// Whether a text is one that may be the same, or holds a long one, such as a name with more behind it; a
/// table's name, a metric's, or a code.
fn may_be_the_same(text: &str) -> bool {
    let is = |same: &&str| text == *same || same.len() > 8 && text.contains(*same);
    let has = |fits: fn(char) -> bool| text.chars().any(fits);
    SAME.iter().any(is)
        || TableKept::all().any(|table| table.name == text)
        || text.contains('_') && !text.contains(' ')
        || has(|c| c.is_ascii_digit()) && !has(char::is_lowercase)
}

/// The English words in a text, but for names of things.
fn english_words(text: &str) -> bool {
    let text = text.replace("Kept Clinic", "").to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '’' | '_'));
    words.any(|word| ENGLISH.contains(&word))
}

/// Asks for both languages' texts of a page, and gives those that are the same.
async fn forgotten(site: &Site, cookie: &str, path: &str) -> (usize, Vec<String>) {
    let english = get(site, cookie, path, "en-CA").await;
    let french = get(site, cookie, path, "fr-CA,fr;q=0.9").await;
    assert_eq!(english.status, french.status, "{path}");
    compared(path, &english, &french)
}

fn compared(path: &str, english: &Answer, french: &Answer) -> (usize, Vec<String>) {
    assert!(french.text.contains("<html lang=\"fr-CA\""), "{path}: {}", french.text);
    assert!(!french.text.contains("id=\"main\" tabindex=\"-1\" lang=\"en"), "{path}");
    assert!(french.text.len() < 100_000, "{path} is {} bytes", french.text.len());
    let (english, french) = (texts(&english.text), texts(&french.text));
    let same = english.intersection(&french).filter(|text| !may_be_the_same(text));
    let mixed = french.iter().filter(|text| english_words(text));
    // Messages that can be sent are the advice's own, with plain spaces.
    let messages = path.starts_with("/d/") || path.starts_with("/incidents/");
    let breaks = |text: &str| [" :", "« ", " »"].iter().any(|gap| text.contains(gap));
    let torn = french.iter().filter(|text| !messages && breaks(text));
    (english.len(), same.chain(mixed).chain(torn).map(|text| format!("{path}: {text}")).collect())
}

#[tokio::test]
async fn no_word_of_the_settings_stays_english() {
    let (site, cookie) = site().await;
    let (mut seen, mut all) = (0, Vec::new());
    for path in SETTINGS {
        let (texts, words) = forgotten(&site, &cookie, path).await;
        seen += texts;
        all.extend(words);
    }
    assert!(all.is_empty(), "{all:#?}");
    assert!(seen > 200, "only {seen} texts were found");
}

#[tokio::test]
async fn what_is_wrong_in_the_settings_is_said_in_french() {
    let (site, cookie) = site().await;
    let both = format!("{cookie}; lang=fr");
    let tenant = "tenant=e1a47a6d-f563-4f0f-a7f3-b6539ba21339";
    for (path, form, said) in [
        ("clinics", "id=kept&name=A&timezone=UTC&phase=pilot", "doit être un autre"),
        ("clinics", "id=Bad+Id&name=A&timezone=UTC&phase=pilot", "doit être fait seulement de"),
        ("clinics", "id=new&name=A&timezone=Nowhere&phase=pilot", "fuseaux horaires IANA"),
        ("clinics", "id=new&name=A&timezone=UTC&phase=pilot&went_live=soon", "doit être une date"),
        ("apps", "id=web&name=A", "doit être un autre"),
    ] {
        let form = format!("act=add&{tenant}&{form}");
        let page = site.post_as(&both, &format!("/settings/{path}"), &form).await;
        assert!(page.status.is_client_error(), "{form} {}", page.status);
        assert!(page.text.contains(said), "{said} after {form} in {}", page.text);
        assert!(!page.text.contains("lang=\"en\""), "{form} {}", page.text);
    }
}

/// A site on which much is going on, somebody with an account and that person's cookie, and the number of an
/// incident.
async fn busy_site() -> (Site, String, i64) {
    let (site, number) = incidents::site(Auth::Sessions).await;
    site.store.count_tasks(&registry()).await.unwrap();
    let webhook = incidents::webhook(&[
        incidents::alert("firing", "harbour-view", "00f1"),
        incidents::alert("resolved", "harbour-view", "00f2"),
    ]);
    let token = incidents::token(&site, Role::Admin).await;
    assert_eq!(incidents::post(&site, &token, webhook).await.status, 200);
    let cookie = sharing::person(&site, 7, "r.okafor", Role::Admin, &ClinicScope::all()).await;
    sharing::person(&site, 8, "m.roy", Role::Manager, &ClinicScope::all()).await;
    (site, cookie, number)
}

#[tokio::test]
async fn no_word_of_a_room_stays_english() {
    let (site, cookie, number) = busy_site().await;
    let incident = format!("/incidents/{number}");
    for (path, form) in [
        (format!("{incident}/take"), "turn=take"),
        (format!("{incident}/note"), "note=told_clinics"),
        ("/people".to_owned(), "act=add&name=new.person&role=support"),
        ("/adoption".to_owned(), "act=make&page=2026-W48&week=2026-W48&days=3"),
    ] {
        let done = site.post_as(&cookie, &path, form).await;
        assert!(done.status.is_success() || done.status.is_redirection(), "{path} {}", done.text);
    }
    let failed = failed(Reason::Forbidden, 403, call("lakeshore", 77_000, 30));
    let worked = call("lakeshore", 77_001, 20);
    site.insert(&[failed.clone(), worked.clone()]).await;
    let found = site.post_as(&cookie, "/find", &format!("q={}", failed.support_code)).await;
    assert_eq!(found.status, 303, "{}", found.text);
    let more = [
        incident,
        format!("/calls/{}", failed.id),
        format!("/calls/{}", worked.id),
        found.location().to_owned(),
    ];
    let (mut seen, mut all) = (0, Vec::new());
    for path in ROOMS.iter().map(|path| (*path).to_owned()).chain(more) {
        let (texts, words) = forgotten(&site, &cookie, &path).await;
        seen += texts;
        all.extend(words);
    }
    assert!(all.is_empty(), "{all:#?}");
    assert!(seen > 1_500, "only {seen} texts were found");
}

#[tokio::test]
async fn no_word_of_a_door_or_of_an_answer_to_a_form_stays_english() {
    let (site, cookie, number) = busy_site().await;
    let manager = "__Host-accuscope=cookie-of-m.roy";
    site.link("one-time-link-for-somebody", Role::Support).await;
    let mut all = Vec::new();
    for (cookie, path) in [
        ("", "/sign-in"),
        ("", "/sign-in/one-time-link-for-somebody"),
        ("", "/sign-in/one-time-link-that-is-none"),
        ("", "/shared/a-link-that-is-none-0000000000"),
        (manager, "/calls"),
        (manager, "/find"),
        (manager, "/people"),
        (manager, "/access-log"),
        (manager, "/settings"),
        (manager, "/me"),
        (manager, "/adoption"),
    ] {
        all.extend(forgotten(&site, cookie, path).await.1);
    }
    let summary = format!("/incidents/{number}/summary");
    for (cookie, path, form) in [
        ("", "/sign-in", "name=nobody&passphrase=x"),
        ("", "/sign-in", "token=x"),
        (&*cookie, "/find", "q="),
        (&*cookie, "/find", "q=7KQ4"),
        (&*cookie, "/find", "q=7KQ4-M2PX"),
        (&*cookie, "/find", "clinic=lakeshore&at=soon"),
        (&*cookie, "/find", "clinic=harbour-view&at=10:40&window=1h"),
        (&*cookie, "/find", "clinic=lakeshore&at=10:40&patient=12345"),
        (&*cookie, "/access-log", "from=2026-11-25T10:00&to=2026-11-24T10:00"),
        (&*cookie, "/access-log", "account=nobody.here"),
        (&*cookie, "/people", "act=add&name=Not+a+name&role=support"),
        (&*cookie, "/people", "act=disable&name=nobody.here&version=1"),
        (&*cookie, "/people", "act=add&name=new.person&role=support&clinics=nowhere"),
        (&*cookie, "/me/passphrase", "current=a&passphrase=b&again=b"),
        (&*cookie, "/adoption", "act=make&page=2026-W48&week=2026-W48&days=999"),
        (&*cookie, "/adoption", "act=revoke&page=2026-W48&number=99"),
        (&*cookie, "/writes", "writes=off"),
        (&*cookie, "/runbooks/metrics", "q=clinic"),
        (&*cookie, "/runbooks/metrics", "q=Tremblay"),
    ] {
        let mut answers = Vec::new();
        for language in ["en-CA", "fr-CA"] {
            let request = Request::post(path)
                .header("cookie", cookie)
                .header("accept-language", language)
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded");
            answers.push(site.send(request.body(Body::from(form)).unwrap()).await);
        }
        let [english, french] = answers.as_slice() else { unreachable!("two languages") };
        assert_eq!(english.status, french.status, "{path} {form}");
        all.extend(compared(&format!("{path} {form}"), english, french).1);
    }
    assert!(all.is_empty(), "{all:#?}");
    let both = format!("{cookie}; lang=fr");
    let summary = site.post_as(&both, &summary, "").await;
    for said in
        ["## Ce qui s’est passé", "Aucun patient ni personne d’une clinique n’est nommé ici."]
    {
        assert!(summary.text.contains(said), "{}", summary.text);
    }
    for english in ["What ", "Clinics", "worked", "since "] {
        assert!(!summary.text.contains(english), "{english} in {}", summary.text);
    }
}

#[tokio::test]
async fn a_choice_wins_over_the_browser_and_is_kept() {
    let (site, cookie) = site().await;
    let chosen = site.post_as(&cookie, "/preferences", "lang=fr&back=/me").await;
    assert_eq!((chosen.status.as_u16(), chosen.location()), (303, "/me"));
    let set = chosen.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("lang=fr; Path=/; Max-Age="), "{set}");
    let both = format!("{cookie}; lang=fr");
    let page = get(&site, &both, "/settings", "en-CA").await;
    assert!(page.text.contains("<h1>Réglages</h1>"), "{}", page.text);
    let me = get(&site, &both, "/me", "en-CA").await;
    assert!(me.text.contains("Langue"), "{}", me.text);
    let rubbish = site.post_as(&cookie, "/preferences", "lang=%3Cscript%3E&back=/").await;
    assert!(rubbish.headers.get("set-cookie").is_none());
}
