//! An incident on the site: what it says, what Alertmanager adds to it, and what people do about it.

use std::time::Duration;

use accuscope::domain::audit::Event;
use accuscope::domain::cause::{Cause, Scope};
use accuscope::domain::health::State;
use accuscope::domain::incident::{Counts, End, Finding, Key};
use accuscope::domain::names::ClinicId;
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::ops::Auth;
use accuscope::store::{NewToken, SecretDigest};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{Answer, Site, call, failed, now, refused_clinic};

/// 10:12, when the clinic's calls began to be refused.
fn since() -> Timestamp {
    Timestamp::parse("2026-11-24T17:12:00Z").unwrap()
}

/// A site on which one clinic is refused, with an open incident about it.
pub(crate) async fn site(auth: Auth) -> (Site, i64) {
    let site = Site::start(auth).await;
    site.insert(&refused_clinic()).await;
    let finding = Finding {
        key: Key {
            cause: Cause::ClinicConnectionRejected,
            scope: Scope::Clinic,
            clinic: Some(ClinicId::parse("harbour-view").unwrap()),
        },
        since: since(),
        maybe_older: false,
        state: State::Failing,
        category: Cause::ClinicConnectionRejected.category(),
        operation: None,
        confidence: 0.94,
        clinics: Vec::new(),
        counts: Counts { clinics: 1, actors: Some(7), calls: 102 },
    };
    let opened = since().plus(Duration::from_secs(40));
    let number = site.store.open_incident(&finding, opened).await.unwrap().unwrap();
    (site, number)
}

pub(crate) async fn token(site: &Site, role: Role) -> String {
    let token = format!("token-of-{role}");
    let new = NewToken {
        id: uuid::Uuid::from_u128(role as u128 + 1),
        digest: SecretDigest::of(token.as_bytes()),
        role,
        name: role.as_str(),
        created: now(),
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        expires: None,
    };
    site.store.create_token(&new).await.unwrap();
    token
}

pub(crate) async fn post(site: &Site, token: &str, body: String) -> Answer {
    let request = Request::post("/api/v1/alertmanager")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    site.send(request.body(Body::from(body)).unwrap()).await
}

/// One alert as Alertmanager 0.25 sends it.
pub(crate) fn alert(status: &str, clinic: &str, fingerprint: &str) -> Value {
    json!({
        "status": status,
        "labels": {
            "alertname": "AccuscopeClinicAuthFailing", "clinic": clinic, "severity": "critical",
            "category": "auth", "scope": "clinic", "context": "provider",
        },
        "annotations": {"summary": "Tremblay, Zoë 9123456780"},
        "startsAt": "2026-11-24T17:14:00.123Z",
        "endsAt": if status == "resolved" { "2026-11-24T17:40:00Z" } else { "0001-01-01T00:00:00Z" },
        "generatorURL": "http://prometheus.example/graph?g0.expr=1",
        "fingerprint": fingerprint,
    })
}

pub(crate) fn webhook(alerts: &[Value]) -> String {
    json!({
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing",
        "receiver": "accuscope", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://alertmanager.example", "alerts": alerts,
    })
    .to_string()
}

#[tokio::test]
async fn the_page_says_what_since_whom_whose_what_to_do_to_send_and_what_differs() {
    let (site, number) = site(Auth::Off).await;
    let page = site.get(&format!("/incidents/{number}")).await.text;
    for expected in [
        "Harbour View Medical can’t reach Accuro. Other clinics can.",
        "10:12",
        "34 min ago",
        "1 clinic, 7 people",
        "The clinic’s administrator",
        "Not us. Not Accuro.",
        "Nobody has taken it yet.",
        // What the site has looked at already.
        "Done for you: meanwhile calls of 1 clinic worked.",
        "7 people met it, in 1 task.",
        // What to send.
        "Accuro refuses every request of your clinic through our app.",
        "Our reference: INC-1.",
        "since 10:12 (Vancouver time)",
        // What happened.
        "The first call of it failed.",
        "The site noticed it, at 1 clinic.",
        "Alertmanager has told of none.",
        // What differs.
        "What differs most: clinic",
        "102 of 102, 100%",
        "Makes no difference: app",
        "Some of its calls",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    for hidden in ["ac_k1_", "pt_k1_", "tk_k1_"] {
        assert!(!page.contains(hidden), "{hidden} in {page}");
    }
    let french = site.get(&format!("/incidents/{number}?lang=fr")).await.text;
    assert!(french.contains("Notre référence : INC-1."), "{french}");
    assert_eq!(site.get("/incidents/99").await.status, 404);
    assert_eq!(site.get("/incidents/Tremblay").await.status, 404);
}

#[tokio::test]
async fn a_manager_sees_counts_and_no_call() {
    let (site, number) = site(Auth::Sessions).await;
    let manager = site.sign_in(Role::Manager).await;
    let page = site.get_as(&manager, &format!("/incidents/{number}")).await.text;
    assert!(page.contains("What differs most: clinic"), "{page}");
    assert!(!page.contains("Some of its calls") && !page.contains("/calls/"), "{page}");
    assert!(!page.contains("Take it"), "{page}");
}

#[tokio::test]
async fn it_is_taken_noted_and_given_back_and_each_is_in_the_audit() {
    let (site, number) = site(Auth::Sessions).await;
    let oncall = site.sign_in(Role::Oncall).await;
    let address = format!("/incidents/{number}");
    let taken = site.post_as(&oncall, &format!("{address}/take"), "turn=take").await;
    assert_eq!((taken.status.as_u16(), taken.location()), (303, address.as_str()));
    site.post_as(&oncall, &format!("{address}/note"), "note=asked_clinic").await;
    // What nobody can choose is not kept.
    for note in ["", "taken", "given_back", "Tremblay"] {
        let answer =
            site.post_as(&oncall, &format!("{address}/note"), &format!("note={note}")).await;
        assert_eq!(answer.status, 303, "{note}");
    }
    let page = site.get_as(&oncall, &address).await.text;
    for expected in ["by r.okafor", "Wrote to the clinic’s administrator", "r.okafor: Took it."] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    site.state.clock.set(now().plus(Duration::from_secs(5)));
    site.post_as(&oncall, &format!("{address}/take"), "turn=back").await;
    let page = site.get_as(&oncall, &address).await.text;
    assert!(page.contains("Nobody has taken it yet."), "{page}");
    let deeds = site.witness.deeds();
    for deed in [Event::IncidentTaken, Event::IncidentNoted, Event::IncidentGivenBack] {
        assert_eq!(deeds.iter().filter(|done| **done == deed).count(), 1, "{deed}");
    }
    let numbers: Vec<_> = site
        .witness
        .entries
        .lock()
        .unwrap()
        .iter()
        .filter_map(|entry| entry.about.incident)
        .collect();
    assert_eq!(numbers, [1, 1, 1]);
}

#[tokio::test]
async fn what_cannot_be_kept_in_the_audit_is_not_done() {
    let (site, number) = site(Auth::Sessions).await;
    let oncall = site.sign_in(Role::Oncall).await;
    site.witness.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    for (part, form) in [("take", "turn=take"), ("note", "note=watching"), ("summary", "")] {
        let answer = site.post_as(&oncall, &format!("/incidents/{number}/{part}"), form).await;
        assert_eq!(answer.status, 503, "{part}");
    }
    assert!(site.store.incident_notes(number).await.unwrap().is_empty());
}

#[tokio::test]
async fn alerts_are_tied_to_the_incident_and_nothing_of_their_texts_is_kept() {
    let (site, number) = site(Auth::Sessions).await;
    let token = token(&site, Role::Oncall).await;
    let told = webhook(&[
        alert("firing", "harbour-view", "00000000000000ff"),
        alert("firing", "old-mill", "00000000000000fe"),
    ]);
    let answer = post(&site, &token, told.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.text, r#"{"kept":2,"new":2,"ignored":0}"#);
    let again = post(&site, &token, told).await;
    assert_eq!(again.text, r#"{"kept":2,"new":0,"ignored":0}"#, "idempotent");

    let oncall = site.sign_in(Role::Oncall).await;
    let address = format!("/incidents/{number}");
    let page = site.get_as(&oncall, &address).await.text;
    assert_eq!(page.matches("Alert fires: Clinic auth failing.").count(), 1, "{page}");
    assert!(page.contains("/runbooks/AccuscopeClinicAuthFailing"), "{page}");
    let start = site.get_as(&oncall, "/").await.text;
    assert!(start.contains("2 alerts fire"), "{start}");
    let link = "/incidents/by-alert?alertname=AccuscopeClinicAuthFailing&amp;clinic=harbour-view";
    assert!(start.contains(link), "{start}");
    let led = site.get_as(&oncall, &link.replace("&amp;", "&")).await;
    assert_eq!((led.status.as_u16(), led.location()), (302, address.as_str()));
    let other = site.get_as(&oncall, "/incidents/by-alert?alertname=Tremblay,Zo%C3%AB").await;
    assert_eq!(other.location(), "/incidents");

    post(&site, &token, webhook(&[alert("resolved", "harbour-view", "ff")])).await;
    let page = site.get_as(&oncall, &address).await.text;
    assert!(page.contains("Alert ended: Clinic auth failing."), "{page}");
    for text in [&page, &start] {
        assert!(!text.contains("Tremblay") && !text.contains("example"), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_alert_of_ours_is_left_out_and_what_is_no_webhook_is_refused() {
    let (site, _) = site(Auth::Sessions).await;
    let token = token(&site, Role::Admin).await;
    let with = |path: &[&str], value: Value| {
        let mut alert = alert("firing", "harbour-view", "1");
        let mut at = &mut alert;
        for key in path {
            at = &mut at[*key];
        }
        *at = value;
        alert
    };
    for (what, told) in [
        ("environment", with(&["labels", "environment"], json!("production"))),
        ("name", with(&["labels", "alertname"], json!("Zoë Tremblay"))),
        ("status", with(&["status"], json!("perhaps"))),
        ("fingerprint", with(&["fingerprint"], json!("9123456780-1"))),
        ("time", with(&["startsAt"], json!("yesterday"))),
    ] {
        let answer = post(&site, &token, webhook(&[told])).await;
        assert_eq!(answer.text, r#"{"kept":0,"new":0,"ignored":1}"#, "{what}");
    }
    // A clinic that nobody registered could be any text.
    post(&site, &token, webhook(&[alert("firing", "tremblay", "2")])).await;
    let kept = site.store.alerts(since()).await.unwrap();
    assert_eq!(kept.iter().map(|alert| alert.clinic.clone()).collect::<Vec<_>>(), [None]);

    let many = vec![alert("firing", "old-mill", "1"); 1_001];
    let newer = webhook(&[]).replace("\"4\"", "\"5\"");
    let huge = format!("{}{}", " ".repeat(2 * 1_024 * 1_024), webhook(&[]));
    for (what, body, status) in [
        ("another version", newer, 400),
        ("too many", webhook(&many), 400),
        ("too long", huge, 413),
        ("no JSON", "Tremblay".to_owned(), 400),
        ("another form", r#"{"version":"4","alerts":[{"status":7}]}"#.to_owned(), 400),
    ] {
        let answer = post(&site, &token, body).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text);
        assert!(!answer.text.contains("Tremblay"), "{what}");
    }
}

#[tokio::test]
async fn the_summary_is_a_text_that_names_nobody_of_a_clinic() {
    let (site, number) = site(Auth::Sessions).await;
    let manager = site.sign_in(Role::Manager).await;
    let incident = site.store.incident(number).await.unwrap().unwrap();
    let end = since().plus(Duration::from_mins(30));
    assert!(site.store.close_incident(&incident, End::Recovered, end).await.unwrap());
    let answer = site.post_as(&manager, &format!("/incidents/{number}/summary"), "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/markdown; charset=utf-8");
    let name = answer.headers["content-disposition"].to_str().unwrap();
    assert_eq!(name, "attachment; filename=\"accuscope-incident-1.md\"");
    for expected in [
        "# Incident 1: Harbour View Medical can’t reach Accuro.",
        "| From | 10:12 (Vancouver time) |",
        "| Length | 30 min |",
        "| 2026-11-24 17:12:00 | The first call of it failed. |",
        "| Clinic | Harbour View Medical |",
        "Accuro works through our app again since 10:42",
    ] {
        assert!(answer.text.contains(expected), "{expected} in {}", answer.text);
    }
    for hidden in ["ac_k1_", "pt_k1_", "tk_k1_"] {
        assert!(!answer.text.contains(hidden), "{hidden}");
    }
    assert_eq!(site.witness.deeds().last(), Some(&Event::IncidentExported));
}

#[tokio::test]
async fn three_failed_calls_of_three_are_not_called_working() {
    let site = Site::start(Auth::Off).await;
    let refused = |number| {
        failed(accuscope::domain::reason::Reason::TokenRejected, 401, call("lakeshore", number, 90))
    };
    site.insert(&[refused(1), refused(2), refused(3)]).await;
    let page = site.get("/").await.text;
    assert!(page.contains("3 of 3 calls failed at Lakeshore &lt;Family&gt; Practice."), "{page}");
    for wrong in ["Everything is working", "There is nothing to fix", "All is well"] {
        assert!(!page.contains(wrong), "{wrong} in {page}");
    }
}
