//! Every route as somebody who sees one clinic: theirs is there, and of the others nothing is.
//!
//! The routes are those of the role matrix, so a route without a line here fails as well.

mod shown;

use std::collections::BTreeSet;

use accuscope::domain::cause::{Cause, Scope};
use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::event::Exchange;
use accuscope::domain::health::State;
use accuscope::domain::incident::{Counts, Finding, Key};
use accuscope::domain::names::{ClinicId, KeyId};
use accuscope::domain::reason::Reason;
use accuscope::domain::role::Role;
use accuscope::keys::Keyring;
use accuscope::ops::Auth;
use accuscope::store::{NewToken, SecretDigest};

use self::shown::SHOWN;
use self::shown::Shows::{All, Nothing, One, Some as List};
use crate::matrix::{Line, ROUTES, ask};
use crate::support::{Answer, Site, call, failed, now, of_any_session, registry};

/// The clinic that is seen.
const OWN: &str = "lakeshore";
const TOKEN: &str = "token-of-lakeshore";
const OPERATOR: &str = "token-of-everything";

#[test]
fn every_route_has_a_line() {
    let there: BTreeSet<_> = ROUTES.iter().map(|(method, route, ..)| (*method, *route)).collect();
    let listed: BTreeSet<_> = SHOWN.iter().map(|(method, route, _)| (*method, *route)).collect();
    assert_eq!(there, listed, "the matrix on the left, this table on the right");
}

/// Everything of one clinic that an address can name.
struct Things {
    clinic: &'static str,
    call: Exchange,
    incident: i64,
    diagnosis: String,
}

struct World {
    site: Site,
    own: Things,
    other: Things,
    /// None of it exists.
    none: Things,
}

async fn token(site: &Site, number: u128, secret: &str, role: Role, clinics: ClinicScope) {
    let token = NewToken {
        id: uuid::Uuid::from_u128(number),
        digest: SecretDigest::of(secret.as_bytes()),
        role,
        clinics,
        name: "desk",
        created: now(),
        expires: None,
    };
    site.store.create_token(&token).await.unwrap();
}

async fn session(site: &Site, secret: &str) -> String {
    site.post_as("", "/sign-in", &format!("token={secret}")).await.cookie()
}

async fn incident(site: &Site, clinic: &str) -> i64 {
    let found = Finding {
        key: Key {
            cause: Cause::ClinicDown,
            scope: Scope::Clinic,
            clinic: Some(ClinicId::parse(clinic).unwrap()),
        },
        since: now(),
        maybe_older: false,
        state: State::Failing,
        category: Cause::ClinicDown.category(),
        operation: None,
        confidence: 0.9,
        clinics: Vec::new(),
        counts: Counts { clinics: 1, actors: Some(2), calls: 11 },
    };
    site.store.open_incident(&found, now()).await.unwrap().unwrap()
}

async fn things(site: &Site, operator: &str, clinic: &'static str, number: u64) -> Things {
    let call = failed(Reason::Forbidden, 403, call(clinic, number, 60));
    site.insert(std::slice::from_ref(&call)).await;
    let asked = site.post_as(operator, "/find", &format!("q={}", call.support_code)).await;
    let diagnosis = asked.location().strip_prefix("/d/").unwrap().to_owned();
    Things { clinic, call, incident: incident(site, clinic).await, diagnosis }
}

async fn world() -> World {
    let keys = Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]);
    let site = Site::start_with_keys(Auth::Sessions, std::sync::Arc::new(keys)).await;
    token(&site, 1, OPERATOR, Role::Admin, ClinicScope::all()).await;
    let clinics = ClinicScope::parse(OWN).unwrap();
    token(&site, 2, TOKEN, Role::Oncall, clinics).await;
    let operator = session(&site, OPERATOR).await;
    let own = things(&site, &operator, OWN, 5).await;
    let other = things(&site, &operator, "harbour-view", 7).await;
    let none = Things {
        clinic: "nowhere",
        call: call("lakeshore", 999, 60),
        incident: 4_711,
        diagnosis: "0123456789abcdefghijklmn".to_owned(),
    };
    site.store.count_tasks(&registry()).await.unwrap();
    World { site, own, other, none }
}

impl Things {
    /// The line of the matrix, about this clinic's thing.
    fn line(&self, line: &Line<'_>) -> (String, String) {
        let (_, route, address, body, _) = *line;
        let address = match route {
            "/clinics/{id}" | "/adoption/{id}" | "/api/v1/clinics/{id}" => {
                route.replace("{id}", self.clinic)
            }
            "/calls/{id}" | "/api/v1/exchanges/{id}" => {
                route.replace("{id}", &self.call.id.to_string())
            }
            _ if route.starts_with("/incidents/{number}") => {
                route.replace("{number}", &self.incident.to_string())
            }
            "/code/{support_code}" => {
                route.replace("{support_code}", &self.call.support_code.to_string())
            }
            // The week of the calls.
            "/adoption.csv" => format!("{route}?week=2026-W48"),
            _ if route.starts_with("/d/") => route.replace("{id}", &self.diagnosis),
            _ => address.to_owned(),
        };
        let body = match route {
            "/api/v1/references" | "/calls" => body.replace("lakeshore", self.clinic),
            "/find" | "/api/v1/diagnoses" => {
                body.replace("7KQ4-M2PX", &self.call.support_code.to_string())
            }
            _ => body.to_owned(),
        };
        (address, body)
    }

    /// What must stand on no page of somebody who does not see the clinic.
    fn traces(&self) -> Vec<String> {
        let name = if self.clinic == OWN { "Lakeshore" } else { "Harbour View" };
        vec![
            self.clinic.to_owned(),
            name.to_owned(),
            self.call.id.to_string(),
            self.call.support_code.to_string(),
            self.diagnosis.clone(),
        ]
    }
}

/// Asks a line about a thing as the one who sees one clinic.
async fn about(world: &World, line: &Line<'_>, things: &Things) -> Answer {
    let (address, body) = things.line(line);
    let (method, route, _, _, door) = *line;
    let cookie = session(&world.site, TOKEN).await;
    let own: (&str, &str, &str, &str, _) = (method, route, &address, &body, door);
    ask(&world.site, &own, &cookie, TOKEN).await
}

#[tokio::test]
async fn whoever_sees_one_clinic_sees_nothing_of_the_others() {
    let world = world().await;
    for line in ROUTES {
        let (method, route, ..) = *line;
        let shows = SHOWN.iter().find(|(m, r, _)| (*m, *r) == (method, route)).unwrap().2;
        let own = about(&world, line, &world.own).await;
        let what = format!("{method} {route}: {}", own.status);
        for trace in world.other.traces() {
            assert!(!own.text.contains(&trace), "{what}: {trace} in {}", own.text);
        }
        match shows {
            All => {
                assert_eq!(own.status, 403, "{what}");
                // Told to those whose role would let them; an on-call's does not manage people.
                let changes = method == "POST" || route.ends_with("/new");
                let for_oncall = route == "/writes" || route.starts_with("/settings") && !changes;
                let says = if for_oncall { "people who see every clinic" } else { "for admins" };
                assert!(own.text.contains(says), "{what}: {}", own.text);
            }
            Nothing => assert!(own.status.as_u16() < 500 && own.status != 403, "{what}"),
            List => {
                assert_eq!(own.status, 200, "{what}");
                let seen = own.text.contains(OWN) || own.text.contains("Lakeshore");
                assert!(seen, "{what}: {}", own.text);
            }
            One(refused) => {
                assert!(own.status.is_success() || own.status.is_redirection(), "{what}");
                let other = about(&world, line, &world.other).await;
                let none = about(&world, line, &world.none).await;
                assert_eq!(other.status.as_u16(), refused, "{what}: {}", other.text);
                assert_eq!(
                    (other.status, of_any_session(&other.text)),
                    (none.status, of_any_session(&none.text)),
                    "{what}: another clinic's is told from what is not there"
                );
                for trace in world.other.traces() {
                    assert!(!other.text.contains(&trace), "{what}: {trace}");
                }
            }
        }
    }
}

#[tokio::test]
async fn whoever_sees_all_clinics_sees_the_other_one_as_well() {
    let world = world().await;
    let cookie = session(&world.site, OPERATOR).await;
    for line in ROUTES {
        let (method, route, _, _, door) = *line;
        let shows = SHOWN.iter().find(|(m, r, _)| (*m, *r) == (method, route)).unwrap().2;
        let One(_) = shows else { continue };
        let (address, body) = world.other.line(line);
        let asked: (&str, &str, &str, &str, _) = (method, route, &address, &body, door);
        let answer = ask(&world.site, &asked, &cookie, OPERATOR).await;
        let there = answer.status.is_success() || answer.status.is_redirection();
        assert!(there, "{method} {route}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn a_filter_and_a_form_that_name_another_clinic_find_nothing_of_it() {
    let world = world().await;
    let cookie = session(&world.site, TOKEN).await;
    let number = world.other.call.id.to_string();
    let listed = world.site.get_as(&cookie, "/calls?clinic=harbour-view").await;
    assert!(!listed.text.contains(&number) && !listed.text.contains("Harbour"), "{}", listed.text);
    let form = "clinic=harbour-view&at=10:40";
    let found = world.site.post_as(&cookie, "/find", form).await;
    assert_eq!(found.status, 422);
    assert!(found.text.contains("Choose one of the clinics"), "{}", found.text);
    let entries = world.site.witness.entries.lock().unwrap();
    let last = entries.iter().rev().find(|entry| entry.clinic.is_some()).unwrap();
    assert_eq!(last.clinic.as_ref().unwrap().as_str(), "harbour-view", "only the operator's");
    assert_eq!(last.role, Some(Role::Admin));
}

#[tokio::test]
async fn an_open_page_hears_of_its_own_clinics_calls_only() {
    let world = world().await;
    let cookie = session(&world.site, TOKEN).await;
    let request = axum::http::Request::get("/live").header("cookie", cookie);
    let request = request.body(axum::body::Body::empty()).unwrap();
    let mut body = world.site.open(request).await.into_body();
    let mut number = 100;
    // The looker has to have seen the state before; more calls come until it has.
    let mut hears = async |clinic: &str, tries: u64| {
        for _ in 0..tries {
            number += 1;
            world.site.insert(&[call(clinic, number, 159 - i64::try_from(number).unwrap())]).await;
            let frame = http_body_util::BodyExt::frame(&mut body);
            let frame = tokio::time::timeout(std::time::Duration::from_secs(3), frame).await;
            if let Ok(Some(Ok(frame))) = frame
                && frame.into_data().unwrap().starts_with(b"event: changed")
            {
                return true;
            }
        }
        false
    };
    assert!(!hears("harbour-view", 2).await, "a call of another clinic is none of its business");
    assert!(hears(OWN, 10).await);
}

#[tokio::test]
async fn a_session_by_token_ends_with_the_token() {
    let world = world().await;
    let cookie = session(&world.site, TOKEN).await;
    assert_eq!(world.site.get_as(&cookie, "/clinics").await.status, 200);
    world.site.store.revoke_token(uuid::Uuid::from_u128(2), now()).await.unwrap();
    assert_eq!(world.site.get_as(&cookie, "/clinics").await.location(), "/sign-in");
}

#[tokio::test]
async fn alerts_of_other_clinics_are_left_out_and_not_said_to_be_kept() {
    let world = world().await;
    let alert = |clinic: &str, fingerprint: &str| {
        serde_json::json!({
            "status": "firing",
            "labels": {"alertname": "AccuscopeClinicDown", "clinic": clinic},
            "startsAt": "2026-11-24T17:14:00Z",
            "fingerprint": fingerprint,
        })
    };
    let alerts = [
        alert(OWN, "00000000000000a1"),
        alert("harbour-view", "00000000000000a2"),
        alert("", "00000000000000a3"),
    ];
    let body = serde_json::json!({"version": "4", "alerts": alerts}).to_string();
    let webhook = ROUTES.iter().find(|line| line.1 == "/api/v1/alertmanager").unwrap();
    for (token, kept, new) in [(TOKEN, 1, 1), (OPERATOR, 3, 2)] {
        let line = (webhook.0, webhook.1, webhook.2, body.as_str(), webhook.4);
        let answer = ask(&world.site, &line, "", token).await;
        let said: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(said, serde_json::json!({"kept": kept, "new": new, "ignored": 3 - kept}));
    }
}
