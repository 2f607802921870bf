//! What is answered.

use accuscope::domain::event::json;
use accuscope::domain::reference::ReferenceKind;
use accuscope::ops::Auth;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{Site, clinic, keys};

fn ids(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn calls_come_newest_first_page_by_page() {
    let site = Site::new(Auth::Sessions).await;
    let (mut seen, mut address) = (Vec::new(), "/api/v1/exchanges?limit=6".to_owned());
    loop {
        let page = site.get("support", &address).await.json();
        seen.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        address = format!("/api/v1/exchanges?limit=6&cursor={next}");
    }
    let expected: Vec<_> = site.events.iter().rev().map(|event| event.id.to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_call_is_shown_as_the_journal_keeps_it() {
    let site = Site::new(Auth::Sessions).await;
    let event = &site.events[4];
    let answer = site.get("oncall", &format!("/api/v1/exchanges/{}", event.id)).await;
    let mut line = Vec::new();
    json::write_line(event, &mut line);
    assert_eq!(format!("{}\n", answer.text), String::from_utf8(line).unwrap());
}

#[tokio::test]
async fn a_call_is_found_by_what_support_has_in_hand() {
    let site = Site::new(Auth::Sessions).await;
    let event = &site.events[3];
    let reference = keys().reference(ReferenceKind::Patient, Some(&clinic("maple-ridge")), b"8812");
    for (query, found) in [
        (format!("support_code={}", event.support_code), 1),
        (format!("trace_id={}", event.trace_id), 1),
        // The app's own id could name a person, so it is looked up by what stands for it.
        ("request_id=zoe-tremblay-3".to_owned(), 1),
        (format!("request_id={}", event.request_id.as_str()), 1),
        (format!("request_id={}", site.events[5].id), 1),
        ("request_id=zoe-tremblay-4".to_owned(), 0),
        (format!("patient_ref={reference}"), 20),
        ("category=auth".to_owned(), 4),
        ("outcome=ok&clinic=maple-ridge".to_owned(), 16),
        ("clinic=harbour-view".to_owned(), 0),
        ("from=2026-11-24T17:50:15Z".to_owned(), 5),
    ] {
        let answer = site.get("support", &format!("/api/v1/exchanges?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(ids(&answer.json()).len(), found, "{query}");
        assert!(!answer.text.contains("tremblay"), "{query}");
    }
}

#[tokio::test]
async fn a_wrong_query_is_told_so_without_being_repeated() {
    let site = Site::new(Auth::Sessions).await;
    let wrong = site.get("support", "/api/v1/exchanges?clinic=Zo%C3%AB%20Tremblay").await;
    assert_eq!(wrong.problem(400), "clinic: not a clinic id");
    assert_eq!(wrong.json()["parameter"], "clinic");
    assert!(!wrong.text.contains("Tremblay"));
    let misspelt = site.get("support", "/api/v1/exchanges?patient=Tremblay").await;
    assert!(misspelt.problem(400).contains("did you mean patient_ref?"));
    assert!(!misspelt.text.contains("Tremblay"));
}

#[tokio::test]
async fn an_identifier_becomes_the_references_that_the_proxy_makes() {
    let site = Site::new(Auth::Sessions).await;
    let maple = clinic("maple-ridge");
    for (body, kind, clinic, identifier) in [
        (
            r#"{"kind": "patient", "clinic": "maple-ridge", "identifier": "8812"}"#,
            ReferenceKind::Patient,
            Some(&maple),
            "8812",
        ),
        (r#"{"kind": "actor", "identifier": "drwho"}"#, ReferenceKind::Actor, None, "drwho"),
        (
            r#"{"kind": "token", "clinic": null, "identifier": "abc"}"#,
            ReferenceKind::Token,
            None,
            "abc",
        ),
    ] {
        let answer = site.post("support", "/api/v1/references", body).await;
        let expected = keys().reference(kind, clinic, identifier.as_bytes()).to_string();
        assert_eq!(answer.json(), json!({ "references": [expected] }), "{body}");
        assert!(!answer.text.contains(identifier), "{body}");
    }
}

#[tokio::test]
async fn a_bad_body_is_told_so_without_being_repeated() {
    let site = Site::new(Auth::Sessions).await;
    for (body, detail) in [
        ("Tremblay", "The body is no JSON object"),
        (
            r#"{"kind": "patient", "identifier": "Tremblay", "phn": "9"}"#,
            "One of the fields is not known",
        ),
        (r#"{"kind": "patient", "identifier": 8812}"#, "identifier: not a text, in quotes"),
        (r#"{"kind": "Tremblay", "identifier": "x"}"#, "kind: not patient, actor or token"),
        (r#"{"kind": "request", "identifier": "x"}"#, "kind: not patient, actor or token"),
        (r#"{"kind": "patient", "clinic": "Tremblay", "identifier": "x"}"#, "clinic: not a clinic"),
        (r#"{"kind": "patient", "clinic": "nowhere", "identifier": "x"}"#, "clinic: not one of"),
        (r#"{"kind": "token", "clinic": "maple-ridge", "identifier": "x"}"#, "clinic: not to be"),
        (r#"{"kind": "patient", "identifier": ""}"#, "identifier: not a text of 1 to 512"),
    ] {
        let answer = site.post("support", "/api/v1/references", body).await;
        assert!(answer.problem(400).starts_with(detail), "{body}: {}", answer.text);
        assert!(!answer.text.contains("Tremblay"), "{body}");
    }
    let request = Request::post("/api/v1/references").header("authorization", "Bearer support");
    let form = request.body(Body::from("kind=patient&identifier=8812")).unwrap();
    site.send(form).await.problem(415);
    let long = Box::leak(format!(r#"{{"identifier": "{}"}}"#, "x".repeat(9_000)).into_boxed_str());
    site.post("support", "/api/v1/references", long).await.problem(413);
}

#[tokio::test]
async fn a_clinic_is_shown_with_the_figures_of_its_own_day() {
    let site = Site::new(Auth::Sessions).await;
    let clinics = site.get("manager", "/api/v1/clinics").await.json();
    assert_eq!(clinics["next"], Value::Null);
    let maple = &clinics["items"][0];
    assert_eq!(maple["id"], "maple-ridge");
    assert_eq!(maple["timezone"], "America/Vancouver");
    assert_eq!(maple["phase"], "live");
    assert_eq!(maple["went_live"], "2026-09-14");
    assert_eq!(maple["last_call"], site.events[19].ts.to_string());
    // Who sees no single call is not told of fewer than five people.
    let mut today = json!({
        "date": "2026-11-24", "calls": 20, "ok": 16, "empty": 0, "failed": 4, "aborted": 0,
        "failed_by_category": {"auth": 4}, "staff": null, "duration_p95_us": 16_000,
    });
    assert_eq!(maple["today"], today);
    let harbour = &clinics["items"][1];
    assert_eq!((&harbour["last_call"], &harbour["today"]["calls"]), (&Value::Null, &json!(0)));
    let detail = site.get("manager", "/api/v1/clinics/maple-ridge").await.json();
    assert_eq!(detail["today"], today);
    today["staff"] = json!(1);
    let detail = site.get("support", "/api/v1/clinics/maple-ridge").await.json();
    assert_eq!(detail["today"], today);
    let operations = json!([{ "operation": "patient.read", "calls": 20, "failed": 4 }]);
    assert_eq!(detail["operations"], operations);
}

#[tokio::test]
async fn the_status_says_whose_trouble_it_is_in_a_sentence() {
    let site = Site::new(Auth::Sessions).await;
    let status = site.get("manager", "/api/v1/status").await.json();
    assert!(status["sentence"].as_str().unwrap().ends_with('.'));
    assert_eq!(status["as_of"], "2026-11-24T18:00:00.000000Z");
    assert_eq!(status["clinics"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_adoption_report_s_figures_are_given_to_managers_too() {
    let site = Site::new(Auth::Sessions).await;
    let report = site.get("manager", "/api/v1/adoption").await.json();
    let deeds = json!({
        "done": 1, "nothing_found": 0, "worked_first_time": 0, "changed": 0, "failed": 0,
        "given_up": 0, "calls": 20,
    });
    // One of one: too few to say who did what.
    let item = json!({
        "clinic": "maple-ridge", "name": "maple-ridge clinic", "phase": "live",
        "first": "2026-11-23", "last": "2026-11-29", "staff_invited": 8, "staff": 1,
        "tasks": deeds, "unknown_calls": 0, "by_task": {},
    });
    let expected = json!({
        "from": "2026-09-07", "to": "2026-11-29", "by": "week", "days_due": 0, "items": [item],
        "next": null,
    });
    assert_eq!(report, expected);
    let none = site.get("manager", "/api/v1/adoption?to=2026-11-01").await.json();
    assert_eq!(none["items"], json!([]));
    assert!(!report.to_string().contains("ac_k1_"));
}

#[tokio::test]
async fn a_spreadsheet_gets_the_same_figures() {
    let site = Site::new(Auth::Sessions).await;
    let request = Request::get("/api/v1/adoption?from=2026-11-24&by=day")
        .header("authorization", "Bearer manager")
        .header("accept", "text/csv");
    let answer = site.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        answer.headers["content-disposition"],
        "attachment; filename=\"accuscope-adoption-2026-11-24-2026-11-24.csv\""
    );
    let rows: Vec<&str> = answer.text.lines().collect();
    assert_eq!(rows.len(), 2);
    assert!(
        rows[0].starts_with("clinic,name,phase,timezone,first_day,last_day,staff_invited,staff,")
    );
    assert!(
        rows[1].starts_with(
            "maple-ridge,maple-ridge clinic,live,America/Vancouver,2026-11-24,2026-11-24,8,1,1,0,0,0,0,0,20,0,"
        ),
        "{}",
        rows[1]
    );
}
