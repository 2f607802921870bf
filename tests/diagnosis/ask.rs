//! A history behind the ops site, and the question asked over the site's own API.
//!
//! Owns one store a scenario, so that no two histories meet, and the way in and out. The question
//! goes through the router, as a person's would; only the sockets are left out.

use std::sync::Arc;

use accuscope::clock::Clock;
use accuscope::domain::labels::Environment;
use accuscope::domain::mark::Mark;
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::ops::{Auth, OpsState, router};
use accuscope::store::{Batch, MAX_BATCH, NewToken, SecretDigest, Store, StoreUrl};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::history::History;
use crate::scenario::Scenario;
use crate::world;

/// What the engine said, as far as it is measured.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Said {
    pub(crate) cause: String,
    pub(crate) scope: String,
    pub(crate) persistence: String,
    pub(crate) confidence: f64,
    pub(crate) since: Option<String>,
    pub(crate) owner: String,
    pub(crate) affected: Affected,
    pub(crate) alternatives: Vec<Alternative>,
    pub(crate) lagging: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Affected {
    pub(crate) clinics: u64,
    pub(crate) calls: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Alternative {
    pub(crate) cause: String,
    pub(crate) confidence: f64,
}

impl Said {
    /// When it began, if the answer says so.
    pub(crate) fn began(&self) -> Option<Timestamp> {
        self.since.as_deref().map(|text| Timestamp::parse(text).unwrap())
    }
}

/// Puts a history into a fresh store and asks.
pub(crate) async fn ask(scenario: &Scenario, history: &History, question: &Value) -> Said {
    ask_with_marks(scenario, history, &[], question).await
}

/// The same, with what an instance noted of its recording.
pub(crate) async fn ask_with_marks(
    scenario: &Scenario,
    history: &History,
    marks: &[Mark],
    question: &Value,
) -> Said {
    const SECRET: &str = "a-support-person";
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreUrl::sqlite(&folder.path().join("store.db"))).await.unwrap();
    let registry = world::registry(scenario.clinics);
    for events in history.events.chunks(MAX_BATCH) {
        let batch = Batch { events, checkpoint: None, registry: &registry, at: history.now };
        let inserted = store.insert(&batch).await.unwrap().inserted;
        assert_eq!(inserted, events.len(), "{}", scenario.name);
    }
    store.note_marks(marks).await.unwrap();
    let token = NewToken {
        id: uuid::Uuid::from_u128(1),
        digest: SecretDigest::of(SECRET.as_bytes()),
        role: Role::Support,
        name: "support",
        created: history.at,
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        expires: None,
    };
    store.create_token(&token).await.unwrap();
    let (environment, clock) = (Environment::Sandbox, Clock::fixed(history.now));
    let handle = store.clone().into();
    let mut state = OpsState::new(handle, Arc::new(registry), environment, Auth::Sessions, clock);
    state.keys = Some(Arc::new(world::keys()));
    let request = Request::post("/api/v1/diagnoses")
        .header("authorization", format!("Bearer {SECRET}"))
        .header("content-type", "application/json")
        .body(Body::from(question.to_string()))
        .unwrap();
    let response = router(state).oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    store.close().await;
    let text = String::from_utf8_lossy(&body);
    assert_eq!(status, 200, "{}: {question} got {text}", scenario.name);
    serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {text}"))
}
