//! Every route as every role: who gets in, who is told no, and who has to sign in first.
//!
//! The routes are read from the routers' own text, so a route without a line here fails.

use std::collections::BTreeSet;

use accuscope::domain::role::Role;
use accuscope::ops::{Auth, Permission, may};
use accuscope::store::{NewToken, SecretDigest};
use axum::body::Body;
use axum::http::{Method, Request};

use crate::support::{Answer, Site, call, now};

/// Who may ask a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everybody, signed in or not.
    Open,
    /// Whoever may do this; others are told no, with words, and strangers are led to the sign-in.
    Page(Permission),
    /// The same, where no words are of use: an event stream.
    Stream,
    /// Whoever has a token that may do this; others get a problem document.
    Api(Permission),
}

use Door::{Api, Open, Page, Stream};
use Permission::{
    AccessLog, Apps, Calls, Diagnoses, Health, Incidents, People, Registry, Runbooks, Share, Writes,
};

/// Method, route, an address of it, what is sent, and who may.
pub(crate) type Line<'l> = (&'l str, &'l str, &'l str, &'l str, Door);

const UNKNOWN_CALL: &str = "01939f6e-5a2b-7c3d-8e4f-0123456789ab";

#[rustfmt::skip]
pub(crate) const ROUTES: &[Line] = &[
    ("GET", "/", "/", "", Page(Health)),
    ("GET", "/clinics", "/clinics", "", Page(Health)),
    ("GET", "/clinics/{id}", "/clinics/lakeshore", "", Page(Health)),
    ("GET", "/adoption", "/adoption", "", Page(Health)),
    ("POST", "/adoption", "/adoption", "act=revoke&number=4711", Page(Share)),
    ("GET", "/shared/{token}", "/shared/0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "", Open),
    ("GET", "/adoption.csv", "/adoption.csv?week=2026-W47", "", Page(Health)),
    ("GET", "/adoption/{id}", "/adoption/lakeshore", "", Page(Health)),
    ("GET", "/calls", "/calls", "", Page(Calls)),
    ("POST", "/calls", "/calls", "clinic=lakeshore&outcome=failed", Page(Calls)),
    ("GET", "/calls/{id}", "/calls/01939f6e-5a2b-7c3d-8e4f-0123456789ab", "", Page(Calls)),
    ("GET", "/settings", "/settings", "", Page(Apps)),
    ("GET", "/settings/clinics", "/settings/clinics", "", Page(Apps)),
    ("GET", "/settings/clinics/{id}", "/settings/clinics/lakeshore", "", Page(Apps)),
    ("GET", "/settings/clinics/new", "/settings/clinics/new", "", Page(Registry)),
    ("POST", "/settings/clinics", "/settings/clinics", "act=save&id=nowhere&version=1", Page(Registry)),
    ("GET", "/settings/apps", "/settings/apps", "", Page(Apps)),
    ("GET", "/settings/apps/{id}", "/settings/apps/nothing", "", Page(Apps)),
    ("GET", "/settings/apps/new", "/settings/apps/new", "", Page(Registry)),
    ("POST", "/settings/apps", "/settings/apps", "act=save&id=nothing&version=1", Page(Registry)),
    ("POST", "/settings/keys", "/settings/keys", "act=make&app=nothing", Page(Registry)),
    ("GET", "/settings/retention", "/settings/retention", "", Page(Apps)),
    ("GET", "/settings/catalogue", "/settings/catalogue", "", Page(Apps)),
    ("GET", "/settings/environment", "/settings/environment", "", Page(Apps)),
    ("GET", "/settings/health", "/settings/health", "", Page(Apps)),
    ("GET", "/incidents", "/incidents", "", Page(Health)),
    ("GET", "/incidents/{number}", "/incidents/1", "", Page(Health)),
    ("GET", "/incidents/by-alert", "/incidents/by-alert?alertname=AccuscopeDown", "", Page(Health)),
    ("POST", "/incidents/{number}/take", "/incidents/1/take", "", Page(Incidents)),
    ("POST", "/incidents/{number}/note", "/incidents/1/note", "note=watching", Page(Incidents)),
    ("POST", "/incidents/{number}/silence", "/incidents/1/silence", "for=30m&why=planned", Page(Incidents)),
    ("POST", "/incidents/{number}/silence/end", "/incidents/1/silence/end", "silence=01939f6e-5a2b-7c3d-8e4f-0123456789ab", Page(Incidents)),
    ("POST", "/incidents/{number}/summary", "/incidents/1/summary", "", Page(Health)),
    ("GET", "/runbooks", "/runbooks", "", Page(Runbooks)),
    ("GET", "/runbooks/metrics", "/runbooks/metrics", "", Page(Runbooks)),
    ("POST", "/runbooks/metrics", "/runbooks/metrics", "q=calls", Page(Runbooks)),
    ("GET", "/runbooks/{alert}", "/runbooks/AccuscopeAuditUnavailable", "", Page(Runbooks)),
    ("GET", "/kept", "/kept", "", Page(Health)),
    ("GET", "/writes", "/writes", "", Page(Health)),
    ("POST", "/writes", "/writes", "writes=on", Page(Writes)),
    ("GET", "/find", "/find", "", Page(Diagnoses)),
    ("POST", "/find", "/find", "q=7KQ4-M2PX", Page(Diagnoses)),
    ("GET", "/d/{id}", "/d/0123456789abcdefghijklmn", "", Page(Diagnoses)),
    ("POST", "/d/{id}/again", "/d/0123456789abcdefghijklmn/again", "", Page(Diagnoses)),
    ("POST", "/d/{id}/feedback", "/d/0123456789abcdefghijklmn/feedback", "right=yes", Page(Diagnoses)),
    ("POST", "/d/{id}/watch", "/d/0123456789abcdefghijklmn/watch", "turn=on", Page(Diagnoses)),
    ("GET", "/code/{support_code}", "/code/7KQ4-M2PX", "", Page(Calls)),
    ("GET", "/people", "/people", "", Page(People)),
    ("POST", "/people", "/people", "act=disable&name=nobody&version=1", Page(People)),
    ("GET", "/access-log", "/access-log", "", Page(AccessLog)),
    ("POST", "/access-log", "/access-log", "", Page(AccessLog)),
    ("POST", "/access-log/export", "/access-log/export", "", Page(AccessLog)),
    ("GET", "/roles", "/roles", "", Page(Health)),
    ("GET", "/me", "/me", "", Page(Health)),
    ("POST", "/me/passphrase", "/me/passphrase", "", Page(Health)),
    ("POST", "/me/sign-out", "/me/sign-out", "", Page(Health)),
    ("POST", "/me/second-factor", "/me/second-factor", "", Page(Health)),
    ("POST", "/me/second-factor/confirm", "/me/second-factor/confirm", "", Page(Health)),
    ("POST", "/me/second-factor/remove", "/me/second-factor/remove", "", Page(Health)),
    ("GET", "/sign-in", "/sign-in", "", Open),
    ("POST", "/sign-in", "/sign-in", "token=nobody", Open),
    ("GET", "/sign-in/with-provider", "/sign-in/with-provider", "", Open),
    ("GET", "/sign-in/back", "/sign-in/back?code=a&state=b", "", Open),
    ("GET", "/sign-in/{code}", "/sign-in/0123456789abcdef", "", Open),
    ("POST", "/sign-in/{code}", "/sign-in/0123456789abcdef", "", Open),
    ("POST", "/preferences", "/preferences", "theme=dark&back=/", Open),
    ("GET", "/live", "/live", "", Stream),
    ("GET", "/static/{name}", "/static/none.css", "", Open),
    ("GET", "/api/v1/", "/api/v1/", "", Open),
    ("GET", "/api/v1/exchanges", "/api/v1/exchanges", "", Api(Calls)),
    ("GET", "/api/v1/exchanges/{id}", "/api/v1/exchanges/01939f6e-5a2b-7c3d-8e4f-0123456789ab", "", Api(Calls)),
    ("GET", "/api/v1/clinics", "/api/v1/clinics", "", Api(Health)),
    ("GET", "/api/v1/clinics/{id}", "/api/v1/clinics/lakeshore", "", Api(Health)),
    ("GET", "/api/v1/adoption", "/api/v1/adoption", "", Api(Health)),
    ("GET", "/api/v1/status", "/api/v1/status", "", Api(Health)),
    ("POST", "/api/v1/references", "/api/v1/references", r#"{"kind":"patient","clinic":"lakeshore","identifier":"8812"}"#, Api(Calls)),
    ("POST", "/api/v1/diagnoses", "/api/v1/diagnoses", r#"{"support_code":"7KQ4-M2PX"}"#, Api(Diagnoses)),
    ("POST", "/api/v1/alertmanager", "/api/v1/alertmanager", r#"{"version":"4","alerts":[]}"#, Api(Incidents)),
    ("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", "", Open),
    // What signs out needs no right, and whoever is signed out already is so again.
    ("POST", "/sign-out", "/sign-out", "", Open),
];

/// Methods and paths of the routers, from their sources.
fn routes_of(file: &str, under: &str) -> BTreeSet<(String, String)> {
    let source = std::fs::read_to_string(file).unwrap();
    let mut routes = BTreeSet::new();
    for piece in source.split(".route(\"").skip(1) {
        let (path, rest) = piece.split_once('"').unwrap();
        let call = rest.split('\n').next().unwrap();
        for (word, method) in [
            ("get(", "GET"),
            ("post(", "POST"),
            ("any(", "GET"),
            ("put(", "PUT"),
            ("patch(", "PATCH"),
            ("delete(", "DELETE"),
        ] {
            let begins =
                |at: usize| !call[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if call.match_indices(word).any(|(at, _)| begins(at)) {
                routes.insert((method.to_owned(), format!("{under}{path}")));
            }
        }
    }
    assert!(routes.len() > 5, "{file}: no routes were found");
    routes
}

#[test]
fn every_route_has_a_line() {
    let mut there = routes_of("src/ops/mod.rs", "");
    there.extend(routes_of("src/ops/api/mod.rs", "/api/v1"));
    let listed: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, route, ..)| ((*method).to_owned(), (*route).to_owned()))
        .collect();
    assert_eq!(there, listed, "routers on the left, this table on the right");
}

/// Asks a route with a cookie, or a token for the API; nothing where the string is empty.
pub(crate) async fn ask(site: &Site, line: &Line<'_>, cookie: &str, token: &str) -> Answer {
    let (method, _, address, body, door) = *line;
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(address)
        .header("sec-fetch-site", "same-origin");
    request = match door {
        Api(_) => request.header("content-type", "application/json"),
        _ => request.header("content-type", "application/x-www-form-urlencoded"),
    };
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    if !token.is_empty() && matches!(door, Api(_)) {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    if door == Stream {
        // An open stream has no end to wait for.
        let response = site.open(request).await;
        let (parts, _) = response.into_parts();
        return Answer { status: parts.status, headers: parts.headers, text: String::new() };
    }
    site.send(request).await
}

async fn site() -> Site {
    let site = Site::start(Auth::Sessions).await;
    site.insert(&[call("lakeshore", 5, 60)]).await;
    for (number, role) in (1u128..).zip(Role::ALL) {
        let token = NewToken {
            id: uuid::Uuid::from_u128(number),
            digest: SecretDigest::of(format!("token-of-{role}").as_bytes()),
            role: *role,
            name: role.as_str(),
            created: now(),
            clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
            expires: None,
        };
        site.store.create_token(&token).await.unwrap();
    }
    site
}

#[tokio::test]
async fn every_route_lets_in_whom_the_policy_lets_in_and_nobody_else() {
    let site = site().await;
    for line in ROUTES {
        for role in Role::ALL {
            // A fresh session each time, since some routes end it.
            let cookie = site.sign_in(*role).await;
            let answer = ask(&site, line, &cookie, &format!("token-of-{role}")).await;
            let status = answer.status.as_u16();
            let (method, route, .., door) = line;
            let allowed = match door {
                Page(permission) | Api(permission) => may(*role, *permission),
                Open | Stream => true,
            };
            let to_sign_in = answer.headers.get("location").is_some_and(|to| to == "/sign-in");
            let kept_out = matches!(status, 401 | 403) || to_sign_in && *route != "/sign-out";
            assert_eq!(!kept_out, allowed, "{role} {method} {route}: {status}");
            assert!(!matches!(status, 405 | 415 | 500), "{role} {method} {route}: {status}");
            if !allowed {
                assert_eq!(status, 403, "{role} {method} {route}");
                let (Page(permission) | Api(permission)) = door else { unreachable!() };
                assert!(answer.text.contains(words(*permission)), "{}", answer.text);
            }
        }
    }
}

/// The first words of a refusal.
fn words(permission: Permission) -> &'static str {
    match permission {
        Calls => "Single calls are for",
        Diagnoses => "Diagnoses are for",
        Writes => "Switching writes off and on is for",
        Incidents => "Taking incidents is for",
        Apps => "Settings are for",
        Registry => "Changing clinics, apps and keys is for",
        People => "People are for",
        AccessLog => "The access log is for",
        Share => "Sharing the adoption page is for",
        Health | Runbooks => "for people who are signed in",
    }
}

#[tokio::test]
async fn strangers_get_to_the_sign_in_and_no_further() {
    let site = site().await;
    for line in ROUTES {
        let answer = ask(&site, line, "", "").await;
        let (method, route, .., door) = line;
        let status = answer.status.as_u16();
        match door {
            Open => assert!(!matches!(status, 401 | 403), "{method} {route}: {status}"),
            Stream => assert_eq!(status, 403, "{method} {route}"),
            Api(_) => assert_eq!(status, 401, "{method} {route}"),
            Page(_) => {
                assert_eq!((status, answer.location()), (303, "/sign-in"), "{method} {route}");
            }
        }
    }
}

#[tokio::test]
async fn whoever_may_not_look_learns_nothing_about_what_is_there() {
    let site = site().await;
    let known = call("lakeshore", 5, 60);
    let manager = site.sign_in(Role::Manager).await;
    for (there, not_there) in [
        (format!("/calls/{}", known.id), format!("/calls/{UNKNOWN_CALL}")),
        (format!("/code/{}", known.support_code), "/code/7KQ4-M2PX".to_owned()),
    ] {
        let (one, other) =
            (site.get_as(&manager, &there).await, site.get_as(&manager, &not_there).await);
        assert_eq!((one.status, &one.text), (other.status, &other.text), "{there}");
    }
}
