//! An Accuro that does as it is told.
//!
//! Owns the answers. It knows clinics by the `uuid` of their calls, and nothing of accuscope.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::task::JoinHandle;

use super::clinics::{BAD_CALLER, tenant};
use super::fault::Kind;

#[derive(Default)]
struct Mood {
    /// The fault in force, as its place in the order below; 0 for none.
    fault: AtomicUsize,
    calls: AtomicU64,
}

const ORDER: [Kind; 7] = [
    Kind::Down,
    Kind::Third,
    Kind::Slow,
    Kind::Throttled,
    Kind::OneRefused,
    Kind::AllRefused,
    Kind::Noise,
];

/// A running one.
pub(crate) struct Accuro {
    mood: Arc<Mood>,
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Accuro {
    pub(crate) async fn start() -> Self {
        let mood = Arc::new(Mood::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&mood));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { mood, address, task }
    }

    /// Brings a fault about.
    pub(crate) fn fall_ill(&self, kind: Kind) {
        if kind == Kind::Unreachable {
            // Open connections end with the runtime's task set; new ones find nobody.
            self.task.abort();
            self.mood.fault.store(1, Ordering::SeqCst);
            return;
        }
        let place = ORDER.iter().position(|other| *other == kind).map_or(0, |at| at + 1);
        self.mood.fault.store(place, Ordering::SeqCst);
    }
}

impl Drop for Accuro {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    uuid: String,
}

const GOOD: &str = r#"{"patientId":8812,"status":"active"}"#;

async fn answer(
    State(mood): State<Arc<Mood>>,
    Query(asked): Query<Asked>,
    headers: axum::http::HeaderMap,
) -> Response {
    let number = mood.calls.fetch_add(1, Ordering::Relaxed);
    let fault = mood.fault.load(Ordering::SeqCst).checked_sub(1).map(|at| ORDER[at]);
    let json = |status: StatusCode, body: &'static str| {
        (status, [("content-type", "application/json")], body).into_response()
    };
    let refused = || json(StatusCode::UNAUTHORIZED, r#"{"error":"invalid_token"}"#);
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    let is_bad_caller = bearer.is_some_and(|bearer| bearer.ends_with(BAD_CALLER));
    match fault {
        Some(Kind::Down) => json(StatusCode::SERVICE_UNAVAILABLE, r#"{"error":"down"}"#),
        Some(Kind::Third) if number.is_multiple_of(3) => {
            json(StatusCode::INTERNAL_SERVER_ERROR, "{}")
        }
        Some(Kind::Slow) if !number.is_multiple_of(3) => {
            tokio::time::sleep(Duration::from_secs(3)).await;
            json(StatusCode::OK, GOOD)
        }
        Some(Kind::Throttled) if number.is_multiple_of(5) => {
            json(StatusCode::TOO_MANY_REQUESTS, "{}")
        }
        Some(Kind::OneRefused) if asked.uuid == tenant(0) => refused(),
        Some(Kind::AllRefused) => refused(),
        Some(Kind::Noise) if is_bad_caller => refused(),
        Some(Kind::Noise) if number.is_multiple_of(100) => {
            json(StatusCode::INTERNAL_SERVER_ERROR, "{}")
        }
        _ => json(StatusCode::OK, GOOD),
    }
}
