//! Calls: the recorded calls, newest first, by whatever is known of them.
//!
//! Owns the explorer. What is looked for stands in the address as far as it names no person; a
//! person or a patient is looked for by the diagnosis, which posts. The filters post as well, since a name
//! may be typed into them, and lead to the address.

pub(crate) mod query;
pub(crate) mod view;

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};

use self::query::CallsQuery;
use self::view::{CallsModel, MOST_COUNTED};
use crate::domain::audit::Event;
use crate::domain::labels::Outcome;
use crate::domain::names::ClinicId;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::clinic_field::{Choice, Named};
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::reading::load::recorded_until;
use crate::store::{Cursor, ExchangeFilter, Scoped, StoreError};

/// Calls of one page.
const PAGE: u32 = 50;

/// The page.
pub(crate) async fn page(visit: Visit, RawQuery(raw): RawQuery) -> Response {
    let store = match visit.enter(Permission::Calls).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let raw = raw.unwrap_or_default();
    let query = CallsQuery::parse(&raw, |clinic| zone(&visit, clinic));
    if let Some(canonical) = canonical(&raw, &query) {
        return (StatusCode::MOVED_PERMANENTLY, [(LOCATION, canonical)]).into_response();
    }
    // What was typed and names no clinic of ours could name anybody.
    let known = |id: &ClinicId| visit.state.registry.clinic(id).is_some();
    if !visit.witness(Event::ListedCalls, None, query.clinic.clone().filter(known)).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let (model, freshness) = match tokio::try_join!(load(store, query), store.freshness()) {
        Ok(found) => found,
        Err(error) => return visit.store_failed(&error),
    };
    let frame = visit.frame(Freshness::of(recorded_until(freshness), visit.now));
    visit.show(&frame, &view::view(&model, &visit.state.registry, &frame))
}

/// Leads to the address of what the form asks for.
pub(crate) async fn filtered(visit: Visit, form: String) -> Response {
    if let Err(answer) = visit.enter(Permission::Calls).await {
        return answer;
    }
    let registry = &visit.state.registry;
    let named = Named::read(&query::typed_clinic(&form), registry);
    let clinic = if let Named::One(clinic) = &named { Some(*clinic) } else { None };
    let mut query = CallsQuery::parse(&form, |_| zone(&visit, clinic.map(|clinic| &clinic.id)));
    query.clinic = clinic.map(|clinic| clinic.id.clone());
    let Some((choice, why)) = named.problem(visit.language()) else {
        return (StatusCode::SEE_OTHER, [(LOCATION, query.address())]).into_response();
    };
    let frame = visit.frame(Freshness::Unasked);
    let choice = choice.unwrap_or_else(|| Choice::of(registry));
    let mut response = visit.show(&frame, &view::again(&query, &choice, why, &frame));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

fn zone(visit: &Visit, clinic: Option<&ClinicId>) -> jiff::tz::TimeZone {
    let registry = &visit.state.registry;
    let clinic = clinic.and_then(|id| registry.clinic(id));
    match clinic {
        Some(clinic) if !visit.prefers_utc() => clinic.time_zone.clone(),
        _ => visit.home().time_zone().clone(),
    }
}

/// The address that says the same and nothing else; `None` if it is the one that was asked for.
fn canonical(raw: &str, query: &CallsQuery) -> Option<String> {
    let clock = raw.split('&').find(|pair| matches!(*pair, "tz=utc" | "tz=clinic"));
    let mut wanted: Vec<String> =
        query.pairs().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    wanted.extend(clock.map(str::to_owned));
    let wanted = wanted.join("&");
    if wanted == raw {
        return None;
    }
    Some(if wanted.is_empty() { "/calls".to_owned() } else { format!("/calls?{wanted}") })
}

/// The store's filter for what is looked for.
pub(crate) fn filter(query: &CallsQuery) -> ExchangeFilter {
    ExchangeFilter {
        support_code: query.support_code,
        request_ids: query.request_id.iter().cloned().collect(),
        trace_ids: query.trace_id.into_iter().collect(),
        clinic: query.clinic.clone(),
        app: query.app.clone(),
        operation: query.operation.clone(),
        domain: query.domain,
        outcome: query.outcome,
        category: query.category,
        reason: query.reason,
        from: query.from,
        to: query.to,
        ..ExchangeFilter::default()
    }
}

async fn load(store: &Scoped, query: CallsQuery) -> Result<CallsModel, StoreError> {
    let filter = filter(&query);
    let failed = ExchangeFilter { outcome: Some(Outcome::Failed), ..filter.clone() };
    let around = ExchangeFilter {
        clinic: query.clinic.clone(),
        from: query.from,
        to: query.to,
        ..ExchangeFilter::default()
    };
    let after = query.after.as_deref().and_then(|text| Cursor::parse(text).ok());
    let found = store.exchanges(&filter, after, PAGE).await?;
    let nothing = found.items.is_empty();
    Ok(CallsModel {
        total: store.count(&filter, MOST_COUNTED).await?,
        failed: match query.outcome {
            None => store.count(&failed, MOST_COUNTED).await?,
            Some(_) => 0,
        },
        recorded: if nothing { store.count(&around, MOST_COUNTED).await? } else { 0 },
        oldest: if nothing { store.oldest_call().await? } else { None },
        next: found.next.map(|cursor| cursor.to_string()),
        calls: found.items,
        query,
    })
}
