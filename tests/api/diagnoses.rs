//! `POST /api/v1/diagnoses`: who may ask, what comes back, and that nothing sent to it does.

use accuscope::ops::Auth;

use crate::support::Site;

const ADDRESS: &str = "/api/v1/diagnoses";
const QUESTION: &str = r#"{"clinic": "maple-ridge", "patient": "8812", "actor": "drwho", "at": "2026-11-24T17:50:10Z", "window": "30m"}"#;

#[tokio::test]
async fn the_answer_has_the_contracts_form_and_the_same_bytes_each_time() {
    let site = Site::new(Auth::Sessions).await;
    let answer = site.post("support", ADDRESS, QUESTION).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    for field in [
        "cause",
        "category",
        "scope",
        "persistence",
        "confidence",
        "since",
        "owner",
        "affected",
        "checks",
        "ruled_out",
        "alternatives",
        "advice",
        "exchanges",
    ] {
        assert!(body.get(field).is_some(), "{field} is missing");
    }
    let check = &body["checks"][0];
    for field in ["check", "worked", "empty", "failed", "supports", "tells"] {
        assert!(check.get(field).is_some(), "{field} of a check is missing");
    }
    assert_eq!(check["failed"], 4);
    for field in ["steps", "message_for_admin", "message_for_user", "fr"] {
        assert!(body["advice"].get(field).is_some(), "{field} of the advice is missing");
    }
    assert!(!answer.text.contains("8812") && !answer.text.contains("drwho"), "{}", answer.text);
    assert_eq!(site.post("support", ADDRESS, QUESTION).await.text, answer.text);
}

#[tokio::test]
async fn a_call_is_found_by_its_code_or_id() {
    let site = Site::new(Auth::Sessions).await;
    let refused = &site.events[4];
    for question in [
        format!(r#"{{"support_code": "{}"}}"#, refused.support_code),
        format!(r#"{{"request_id": "{}"}}"#, refused.request_id.as_str()),
        r#"{"request_id": "zoe-tremblay-3"}"#.to_owned(),
    ] {
        let answer = site.post("oncall", ADDRESS, question.leak()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.json()["exchanges"].as_array().unwrap().is_empty());
    }
    let detail =
        site.post("support", ADDRESS, r#"{"support_code": "ZZZZ-ZZZZ"}"#).await.problem(404);
    assert!(detail.contains("No recorded call"), "{detail}");
}

#[tokio::test]
async fn a_bad_question_is_told_what_is_wrong_and_never_repeated() {
    let site = Site::new(Auth::Sessions).await;
    for (body, parameter) in [
        ("{}", "clinic"),
        (r#"{"clinic": "tremblay-clinic"}"#, "clinic"),
        (r#"{"support_code": "TREMBLAY-ZOE"}"#, "support_code"),
        (r#"{"clinic": "maple-ridge", "patient": "Tremblay, Zoe"}"#, "patient"),
        (r#"{"clinic": "maple-ridge", "window": "0h"}"#, "window"),
        (r#"{"clinic": "maple-ridge", "at": "tremblay"}"#, "at"),
        (r#"{"clinic": "maple-ridge", "operation": "tremblay.raed"}"#, "operation"),
        (r#"{"clinic": "maple-ridge", "at": "2099-01-01T00:00:00Z"}"#, "at"),
    ] {
        let answer = site.post("support", ADDRESS, body).await;
        answer.problem(400);
        assert_eq!(answer.json()["parameter"], parameter, "{body}");
        assert!(!answer.text.to_lowercase().contains("tremblay"), "{}", answer.text);
    }
    for body in [r#"{"clinic": "maple-ridge", "tremblay": 1}"#, r#"["tremblay"]"#, "tremblay"] {
        let detail = site.post("support", ADDRESS, body).await.problem(400);
        assert!(!detail.contains("tremblay"));
        for field in ["support_code", "request_id", "clinic"] {
            assert!(detail.contains(field), "{detail}");
        }
    }
    for operation in ["patient.read", "auth.token", "unknown"] {
        let body = format!(r#"{{"clinic": "maple-ridge", "operation": "{operation}"}}"#);
        assert_eq!(site.post("support", ADDRESS, body.leak()).await.status, 200, "{operation}");
    }
}

#[tokio::test]
async fn a_clinic_that_is_not_ours_is_written_nowhere() {
    let site = Site::new(Auth::Sessions).await;
    let typed = r#"{"clinic": "john-secretname", "patient": "1"}"#;
    assert_eq!(site.post("support", ADDRESS, typed).await.json()["parameter"], "clinic");
    assert_eq!(site.post("support", ADDRESS, QUESTION).await.status, 200);
    let address = "/api/v1/exchanges?clinic=john-secretname";
    site.get("support", address).await;
    let entries = site.witness.entries.lock().unwrap();
    let clinics: Vec<_> = entries.iter().map(|entry| entry.clinic.as_ref()).collect();
    let ours = accuscope::domain::names::ClinicId::parse("maple-ridge").unwrap();
    assert_eq!(clinics, [None, Some(&ours), None]);
    assert!(entries[0].about.patient.is_some(), "that somebody was looked up is kept");
    assert!(!format!("{entries:?}").contains("secretname"));
}

#[tokio::test]
async fn a_manager_gets_no_diagnosis() {
    let site = Site::new(Auth::Sessions).await;
    site.post("manager", ADDRESS, QUESTION).await.problem(403);
    site.post("nobody", ADDRESS, QUESTION).await.problem(401);
}
