//! The pages that speak both languages: no word of theirs stays English in French.
//!
//! A message without French does not compile. What could still be forgotten is a word that is no message; it
//! would stand on the French page as it does on the English one.

use std::collections::BTreeSet;

use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use axum::body::Body;
use axum::http::Request;

use crate::support::{Answer, Site, call};

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
];

const PAGES: &[&str] = &[
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

async fn get(site: &Site, cookie: &str, path: &str, language: &str) -> Answer {
    let request = Request::get(path).header("cookie", cookie).header("accept-language", language);
    site.send(request.body(Body::empty()).unwrap()).await
}

/// The texts between tags that people read, but for code and what is marked as English.
fn texts(page: &str) -> BTreeSet<String> {
    let (_, body) = page.split_once("<body").unwrap();
    let mut found = BTreeSet::new();
    let mut skipped: Option<String> = None;
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name: String = tag.chars().take_while(|c| !c.is_whitespace()).collect();
        match &skipped {
            Some(until) if name == format!("/{until}") => skipped = None,
            Some(_) => continue,
            None => {
                let english = tag.contains("lang=\"en");
                if ["code", "script", "kbd"].contains(&name.as_str()) || english {
                    skipped = Some(name);
                    continue;
                }
            }
        }
        let text = text.trim();
        if text.chars().filter(|c| c.is_alphabetic()).count() > 3 {
            found.insert(text.to_owned());
        }
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

/// Whether a text is one that may be the same, or holds a long one, such as a name with more behind it.
fn is(text: &str, same: &str) -> bool {
    text == same || same.len() > 8 && text.contains(same)
}

#[tokio::test]
async fn no_word_of_a_page_in_both_languages_stays_english() {
    let (site, cookie) = site().await;
    let mut seen = 0;
    for path in PAGES {
        let english = get(&site, &cookie, path, "en-CA").await;
        let french = get(&site, &cookie, path, "fr-CA,fr;q=0.9").await;
        assert_eq!((english.status.as_u16(), french.status.as_u16()), (200, 200), "{path}");
        assert!(french.text.contains("<html lang=\"fr-CA\""), "{path}");
        assert!(!french.text.contains("id=\"main\" tabindex=\"-1\" lang=\"en"), "{path}");
        let (english, french) = (texts(&english.text), texts(&french.text));
        seen += english.len();
        let same = english.intersection(&french);
        let forgotten: Vec<_> =
            same.filter(|text| !SAME.iter().any(|same| is(text, same))).collect();
        assert!(forgotten.is_empty(), "{path}: {forgotten:?}");
    }
    assert!(seen > 200, "only {seen} texts were found");
}

#[tokio::test]
async fn what_is_not_in_french_yet_is_marked_as_english() {
    let (site, cookie) = site().await;
    let page = get(&site, &cookie, "/calls", "fr").await;
    assert!(page.text.contains("<html lang=\"fr-CA\""), "the frame is French");
    assert!(page.text.contains("Réglages"), "{}", page.text);
    assert!(page.text.contains("tabindex=\"-1\" lang=\"en-CA\""), "{}", page.text);
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
