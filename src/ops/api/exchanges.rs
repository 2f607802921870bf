//! `GET /api/v1/exchanges` and `GET /api/v1/exchanges/{id}`.
//!
//! Owns the answers. Which calls is the query's business, finding them the store's.

use axum::Json;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::event::EventBody;
use super::problem::Problem;
use super::query::ExchangeQuery;
use crate::domain::audit::Event;
use crate::domain::ids::EventId;
use crate::domain::names::ClinicId;
use crate::ops::access::policy::Permission;
use crate::ops::state::LookedUp;

/// A page of calls, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ExchangePage)]
pub(super) struct PageBody<'e> {
    /// The calls. Where few fit, a page may hold fewer than asked for and still have a `next`.
    items: Vec<EventBody<'e>>,
    /// The `cursor` of the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// Lists calls, newest first.
#[utoipa::path(
    get, path = "/api/v1/exchanges", tag = "calls", params(ExchangeQuery),
    responses(
        (status = 200, body = PageBody),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(caller: Caller, uri: Uri) -> Result<Response, Problem> {
    let store = caller.enter(Permission::Calls).await?;
    let query = ExchangeQuery::read(&uri, caller.state.keys.as_deref())?;
    let deed = if query.names_a_call() { Event::FoundById } else { Event::ListedCalls };
    // What was typed and names no clinic of ours could name anybody.
    let known = |id: &ClinicId| caller.state.registry.clinic(id).is_some();
    let clinic = query.filter.clinic.clone().filter(known);
    // A record for each who is named, so that nobody is looked up beside another unseen.
    let (actors, patients) = (&query.filter.actor_refs, &query.filter.patient_refs);
    for index in 0..actors.len().max(patients.len()).max(1) {
        let about = LookedUp {
            actor: actors.get(index).cloned(),
            patient: patients.get(index).cloned(),
            ..LookedUp::default()
        };
        caller.witness_of(deed, None, clinic.clone(), about).await?;
    }
    let found = store.exchanges(&query.filter, query.cursor, query.limit).await;
    let page = found.map_err(|error| caller.failed(&error))?;
    let items = page.items.iter().map(EventBody::of).collect();
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(Json(PageBody { items, next }).into_response())
}

/// Shows one call.
#[utoipa::path(
    get, path = "/api/v1/exchanges/{id}", tag = "calls",
    params(("id" = String, Path, format = "uuid", description = "The call's id.")),
    responses(
        (status = 200, body = EventBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn one(caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let store = caller.enter(Permission::Calls).await?;
    let id = EventId::parse(&id).ok_or_else(|| Problem::not_found("call"))?;
    let found = store.exchange(id).await.map_err(|error| caller.failed(&error))?;
    let event = found.ok_or_else(|| Problem::not_found("call"))?;
    caller.witness(Event::OpenedCall, Some(id), event.clinic.clone()).await?;
    Ok(Json(EventBody::of(&event)).into_response())
}
