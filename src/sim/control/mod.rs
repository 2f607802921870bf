//! The control API: what tests and stories turn, and what they look at.
//!
//! | call | what it does |
//! | --- | --- |
//! | `GET /state` | clinics, credentials, grants, rules; `?tenant=ACRONYM` adds the patients |
//! | `GET /log` | deliveries; `?after=`, `?operation=`, `?request_id=` |
//! | `DELETE /log` | forgets them |
//! | `POST /do` | one action or a list; `"after": "30s"` puts one off |
//! | `POST /codes` | an authorisation code for a user or a patient |
//! | `POST /reset` | forgets rules, masks, taken grants and what is scheduled |
//!
//! Owns the routes. It listens on its own address and asks nobody who they are: bind it to loopback.

mod action;
mod apply;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::config::SimConfig;
use super::oauth;
use super::server::Accuro;
use super::state::Everything;
use super::tokens::Who;
use super::world::World;
use crate::domain::catalogue::Catalogue;
use crate::domain::time::Timestamp;
use action::{Step, steps};

/// What is wrong with a request to the control API, in words for the person who wrote it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Problem(pub(super) String);

/// The routes.
pub(super) fn router(accuro: Arc<Accuro>) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/log", get(log).delete(forget_log))
        .route("/do", post(act))
        .route("/codes", post(code))
        .route("/reset", post(reset))
        .with_state(accuro)
}

#[derive(Deserialize)]
struct StateQuery {
    tenant: Option<String>,
}

async fn state(State(accuro): State<Arc<Accuro>>, Query(query): Query<StateQuery>) -> Response {
    let now = (accuro.clock)();
    let everything = accuro.lock();
    if let Some(acronym) = &query.tenant
        && let Err(problem) = action::tenant_at(&everything.world, acronym)
    {
        return refused(&problem);
    }
    reply(StatusCode::OK, &view::state(&everything, now, query.tenant.as_deref()))
}

#[derive(Deserialize)]
struct LogQuery {
    #[serde(default)]
    after: u64,
    operation: Option<String>,
    request_id: Option<String>,
}

async fn log(State(accuro): State<Arc<Accuro>>, Query(query): Query<LogQuery>) -> Response {
    let everything = accuro.lock();
    let (operation, id) = (query.operation.as_deref(), query.request_id.as_deref());
    let entries = everything.deliveries.list(query.after, operation, id);
    reply(StatusCode::OK, &json!({"deliveries": entries}))
}

async fn forget_log(State(accuro): State<Arc<Accuro>>) -> Response {
    accuro.lock().deliveries.clear();
    reply(StatusCode::OK, &json!({}))
}

async fn reset(State(accuro): State<Arc<Accuro>>) -> Response {
    let mut everything = accuro.lock();
    everything.scheduled.cancel();
    everything.scheduled = accuro.stop.child_token();
    apply::reset(&mut everything, &accuro.config);
    reply(StatusCode::OK, &json!({}))
}

async fn act(State(accuro): State<Arc<Accuro>>, body: Bytes) -> Response {
    let steps = match checked(&accuro.lock().world, &accuro.catalogue, &body) {
        Ok(steps) => steps,
        Err(problem) => return refused(&problem),
    };
    let mut done = Vec::new();
    for Step { action, after } in steps {
        let Some(after) = after else {
            let now = (accuro.clock)();
            done.push(apply::apply(&mut accuro.lock(), &action, now));
            continue;
        };
        done.push(json!({"scheduled_in_ms": u64::try_from(after.as_millis()).unwrap_or(u64::MAX)}));
        let (accuro, forgotten) = (accuro.clone(), accuro.lock().scheduled.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(after) => {
                    let now = (accuro.clock)();
                    apply::apply(&mut accuro.lock(), &action, now);
                }
                () = forgotten.cancelled() => {}
            }
        });
    }
    reply(StatusCode::OK, &json!({"done": done}))
}

/// The steps of a body, all of them possible.
fn checked(world: &World, catalogue: &Catalogue, body: &[u8]) -> Result<Vec<Step>, Problem> {
    let steps = steps(body)?;
    for (index, step) in steps.iter().enumerate() {
        let named = |Problem(text)| Problem(format!("action {}: {text}", index + 1));
        step.action.check(world, catalogue).map_err(named)?;
    }
    Ok(steps)
}

/// Does what a body orders, whatever it says about when.
pub(super) fn at_once(
    everything: &mut Everything,
    catalogue: &Catalogue,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Problem> {
    for step in checked(&everything.world, catalogue, body)? {
        apply::apply(everything, &step.action, now);
    }
    Ok(())
}

/// Takes back what was ordered.
pub(super) fn reset_all(everything: &mut Everything, config: &SimConfig) {
    apply::reset(everything, config);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeRequest {
    tenant: String,
    client: String,
    user: Option<String>,
    patient: Option<i64>,
}

async fn code(State(accuro): State<Arc<Accuro>>, body: Bytes) -> Response {
    let everything = &mut *accuro.lock();
    let given = serde_json::from_slice::<CodeRequest>(&body);
    let given = given.map_err(|error| Problem(format!("not a code request: {error}")));
    let code = given.and_then(|asked| {
        let at = action::tenant_at(&everything.world, &asked.tenant)?;
        let tenant = &everything.world.tenants[at];
        let client = action::account_at(tenant, "client", &asked.client)?;
        let who = match (&asked.user, asked.patient) {
            (Some(user), None) => Who::Account(action::account_at(tenant, "user", user)?),
            (None, Some(id)) => Who::Patient(action::patient_at(tenant, id)?),
            _ => return Err(Problem("name either user or patient".to_owned())),
        };
        Ok(oauth::code_for(&everything.world, &mut everything.vault, at, client, who))
    });
    match code {
        Ok(code) => reply(StatusCode::OK, &json!({"code": code})),
        Err(problem) => refused(&problem),
    }
}

fn refused(problem: &Problem) -> Response {
    reply(StatusCode::BAD_REQUEST, &json!({"error": problem.to_string()}))
}

fn reply(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(value.to_string().into());
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static(Answer::JSON);
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}
