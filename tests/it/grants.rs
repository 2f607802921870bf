//! "It says session expired, but was it?": what a grant through here teaches about later calls, in
//! front of the simulated Accuro.

use std::sync::Arc;

use accuscope::clock::Clock;
use accuscope::domain::labels::Context;
use accuscope::domain::time::Timestamp;
use accuscope::sim::world::{Role, World};
use accuscope::sim::{Sim, SimConfig};
use serde_json::Value;

use crate::support::upstream::json;
use crate::support::{Client, RawUpstream, TestApp, exchange};

/// Tuesday 24 November 2026, 17:12 UTC.
const START: i64 = 1_795_540_320;

struct Stage {
    app: TestApp,
    world: World,
    _sim: Sim,
}

impl Stage {
    async fn start() -> Self {
        let config = SimConfig::default();
        let now = Clock::system().now();
        let world = World::grow(&config, jiff::civil::date(2026, 11, 24));
        let sim = Sim::start(config, Arc::new(move || now)).await.unwrap();
        let app = TestApp::start(&format!("http://{}", sim.address()));
        Self { app, world, _sim: sim }
    }

    async fn token(&self, fields: &str) -> (crate::support::client::Answer, Value) {
        let clinic = self.world.tenants.iter().find(|t| t.spec.acronym == "MRFP").unwrap();
        let app = clinic.client("chart-app").unwrap();
        let form = format!("client_id={}&client_secret={}&{fields}", app.login, app.password);
        let length = form.len();
        let answer = exchange(
            &self.app,
            format!(
                "POST /oauth/token?uuid={} HTTP/1.1\r\nHost: p\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}",
                clinic.spec.uuid
            ),
        )
        .await;
        let event = self.app.event(&answer.support_code()).await;
        (answer, event)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_tells_context_scopes_and_clinic_of_the_calls_after_it() {
    let stage = Stage::start().await;
    let clinic = stage.world.tenants.iter().find(|t| t.spec.acronym == "MRFP").unwrap();
    let person = clinic.staff().find(|account| account.role == Role::Physician).unwrap();
    let (answer, event) = stage
        .token(&format!(
            "grant_type=password&username={}&password={}&acronym=MRFP",
            person.login, person.password
        ))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        (&event["operation"], &event["outcome"], &event["context"]),
        (&"auth.token".into(), &"ok".into(), &"none".into())
    );
    assert_eq!(event["clinic"], "maple-ridge");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let call = format!(
        "GET /rest/v1/provider-portal/patients?uuid={} HTTP/1.1\r\nHost: p\r\nAuthorization: bearer {token}\r\n\r\n",
        clinic.spec.uuid
    );
    let answer = exchange(&stage.app, call).await;
    let event = stage.app.event(&answer.support_code()).await;
    assert_eq!(event["context"], Context::Provider.as_str(), "{event}");
    assert_eq!(event["scopes"].as_array().unwrap().len(), 2, "{event}");
    assert!(event["token_ref"].as_str().unwrap().starts_with("tk_k1_"));

    for (fields, reason) in [
        ("grant_type=password&username=nobody&password=x&acronym=MRFP", "grant_rejected"),
        ("grant_type=refresh_token&refresh_token=x", "grant_rejected"),
        ("grant_type=client_credentials&scope=launch-the-rockets", "scope_rejected"),
    ] {
        let (answer, event) = stage.token(fields).await;
        assert!(answer.status >= 400);
        assert_eq!(
            (&event["reason"], &event["category"]),
            (&reason.into(), &"auth".into()),
            "{event}"
        );
    }
    let body = "client_id=nobody&client_secret=x&grant_type=client_credentials";
    let answer = exchange(
        &stage.app,
        format!("POST /oauth/token HTTP/1.1\r\nHost: p\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    )
    .await;
    let event = stage.app.event(&answer.support_code()).await;
    assert_eq!(event["reason"], "client_rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_the_lifetime_of_the_grant_is_an_expired_token() {
    let upstream = RawUpstream::answering(|request| {
        if request.method() == "POST" {
            json(200, r#"{"access_token":"short-lived","expires_in":60}"#)
        } else {
            json(401, r#"{"message":"Unauthorized"}"#)
        }
    })
    .await;
    let clock = Clock::fixed(Timestamp::from_seconds(START));
    let tables = crate::support::app::CLINICS;
    let app = TestApp::with_clock(&upstream.url(), &[], tables, clock.clone());
    exchange(&app, "POST /oauth/token HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n\r\n").await;
    let ask =
        "GET /rest/v1/offices HTTP/1.1\r\nHost: p\r\nAuthorization: Bearer short-lived\r\n\r\n";
    let mut client: Client = app.client().await;
    for (later, reason) in [(0, "token_rejected"), (59, "token_rejected"), (60, "token_expired")] {
        clock.set(Timestamp::from_seconds(START + later));
        client.send(ask).await;
        let answer = client.answer().await;
        assert_eq!(app.event(&answer.support_code()).await["reason"], reason, "{later} s later");
    }
}
