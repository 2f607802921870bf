//! What breaks on order, and the control API.

use std::time::Duration;

use accuscope::domain::labels::Method;
use accuscope::sim::world::Role;
use serde_json::{Value, json};

use crate::support::{PORTAL, Stage};

#[tokio::test]
async fn faults_hit_what_they_name_and_end_when_cleared() {
    let stage = Stage::new().await;
    let here = stage.sign_in("MRFP", Role::Nurse).await;
    let there = stage.sign_in("HVM", Role::Nurse).await;
    let fault =
        |effect: Value| json!({"do": "fault", "id": "f", "tenant": "MRFP", "effect": effect});
    for (effect, status, begins) in [
        (json!({"kind": "status", "status": 503, "body": "html"}), 503, "<html>"),
        (json!({"kind": "status", "status": 429, "body": "empty", "retry_after": 7}), 429, ""),
        (
            json!({"kind": "status", "status": 403, "body": "insufficient_scope"}),
            403,
            "{\"error\":\"insufficient_scope\"",
        ),
        (json!({"kind": "html_page"}), 200, "<!DOCTYPE html>"),
        (json!({"kind": "reshape"}), 200, "{\"apiVersion\":\"v2\""),
    ] {
        stage.order(fault(effect.clone())).await;
        let response = here.get("/rest/v1/offices").await;
        assert_eq!(response.status(), status, "{effect}");
        assert!(response.text().await.unwrap().starts_with(begins), "{effect}");
        assert_eq!(there.status("/rest/v1/offices").await, 200, "{effect}");
    }
    stage.order(fault(json!({"kind": "malformed"}))).await;
    let half = here.get("/rest/v1/offices").await.bytes().await.unwrap();
    assert!(serde_json::from_slice::<Value>(&half).is_err());
    stage.order(json!({"do": "clear_fault", "id": "f"})).await;
    assert_eq!(here.status("/rest/v1/offices").await, 200);
}

#[tokio::test]
async fn connections_break_in_every_way_and_the_log_says_what_was_done() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let patient = stage.clinic("MRFP").patients.iter().find(|p| p.office.is_none()).unwrap().id;
    let chart = format!("{PORTAL}/patients/{patient}");
    let short = Duration::from_millis(300);
    let fault = |effect: Value| json!({"do": "fault", "id": "f", "effect": effect});

    stage.order(fault(json!({"kind": "cut_body", "after_bytes": 10}))).await;
    let response = nurse.get(&chart).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err(), "the body ends early");

    stage.order(fault(json!({"kind": "stall_body", "after_bytes": 10}))).await;
    let response = nurse.request(Method::Get, &chart).timeout(short).send().await.unwrap();
    assert!(response.bytes().await.unwrap_err().is_timeout());

    stage.order(fault(json!({"kind": "stall_head"}))).await;
    let stalled = nurse.request(Method::Get, &chart).timeout(short).send().await;
    assert!(stalled.unwrap_err().is_timeout());

    for (applied, id) in [(false, "0123456789abcdef-not"), (true, "0123456789abcdef-yes")] {
        stage.order(fault(json!({"kind": "reset", "applied": applied}))).await;
        let letter = json!({"patientId": patient, "title": "t"});
        let request = nurse.request(Method::Post, &format!("{PORTAL}/letters")).json(&letter);
        let error = request.header("x-request-id", id).send().await.unwrap_err();
        assert!(!error.is_timeout(), "{error:?}");
        let log = stage.log(&format!("request_id={id}")).await;
        assert_eq!(log.len(), 1, "delivered once");
        assert_eq!(log[0]["applied"], applied);
        assert_eq!(log[0]["status"], Value::Null);
    }
}

#[tokio::test]
async fn a_delay_is_waited_for_and_a_scheduled_order_comes() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let slow = json!({"do": "fault", "id": "slow", "user": nurse.login,
        "effect": {"kind": "latency", "ms": 700}});
    stage.order(slow).await;
    let request = nurse.request(Method::Get, "/rest/v1/offices");
    let error = request.timeout(Duration::from_millis(200)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(nurse.status("/rest/v1/offices").await, 200);
    let script = json!([{"do": "clear_fault", "id": "slow"},
        {"do": "disable_tenant", "tenant": "MRFP", "after": "50ms"}]);
    stage.order(script).await;
    let refused = async {
        while nurse.status("/rest/v1/offices").await != 403 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap();
    assert_eq!(stage.control("/reset", json!({})).await.0, 200);
    assert_eq!(nurse.status("/rest/v1/offices").await, 200);
}

#[tokio::test]
async fn a_bad_order_is_refused_whole_and_says_what_is_wrong() {
    let stage = Stage::new().await;
    for (order, words) in [
        (json!({"do": "fly"}), "action 1: unknown variant"),
        (json!({"do": "mask", "tenant": "MRFP"}), "action 1: missing field `patient`"),
        (json!({"do": "mask", "tenant": "XX", "patient": 1}), "tenant: not one of MRFP, HVM"),
        (json!({"do": "mask", "tenant": "MRFP", "patient": 1}), "patient: the clinic has no"),
        (json!({"do": "enable_tenant", "tenant": "HVM", "tennant": 1}), "unknown field `tennant`"),
        (json!({"do": "clear_faults", "after": "soon"}), "a time such as 500ms"),
        (
            json!({"do": "fault", "rate": 2.0, "effect": {"kind": "reset"}}),
            "rate: a number from 0 to 1",
        ),
        (
            json!({"do": "fault", "operation": "x", "effect": {"kind": "reset"}}),
            "operation: the endpoint",
        ),
        (
            json!([{"do": "disable_tenant", "tenant": "HVM"}, {"do": "disable_tenant", "tenant": ""}]),
            "action 2: tenant",
        ),
    ] {
        let (status, answer) = stage.control("/do", order.clone()).await;
        assert_eq!(status, 400, "{order}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{order}: {answer}");
    }
    let nurse = stage.sign_in("HVM", Role::Nurse).await;
    assert_eq!(nurse.status("/rest/v1/offices").await, 200, "none of the list was done");
}

#[tokio::test]
async fn it_stops_in_time_even_while_a_call_stalls() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    stage.order(json!({"do": "fault", "effect": {"kind": "stall_head"}})).await;
    let request = nurse.request(Method::Get, "/rest/v1/offices");
    let call = tokio::spawn(request.send());
    while stage.log("operation=office.list").await.is_empty() {
        tokio::task::yield_now().await;
    }
    let address = stage.sim.address();
    drop(nurse);
    tokio::time::timeout(Duration::from_secs(6), stage.sim.stop()).await.unwrap();
    drop(call.await.unwrap());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
