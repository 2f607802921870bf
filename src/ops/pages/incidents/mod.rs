//! Incidents: the open ones, those of the last 90 days, and the course of each.
//!
//! Owns both pages. When an incident opens and closes is `crate::domain::incident`'s business.

mod view;

use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;

use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;

/// How far back the list goes.
const LISTED: Duration = Duration::from_hours(90 * 24);

/// The list.
pub(crate) async fn page(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match store.incidents(visit.now.minus(LISTED)).await {
        Ok(incidents) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &view::list(&incidents, &visit.state.registry, &frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// One incident.
pub(crate) async fn page_of(visit: Visit, Path(number): Path<String>) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Ok(number) = number.parse::<i64>() else { return visit.refuse(Refusal::NotFound) };
    match store.incident(number).await {
        Ok(Some((incident, updates))) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &view::one(&incident, &updates, &visit.state.registry, &frame))
        }
        Ok(None) => visit.refuse(Refusal::NotFound),
        Err(error) => visit.store_failed(&error),
    }
}
