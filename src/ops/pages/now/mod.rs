//! Now: whose trouble this moment is, since when, whom it affects, whose to fix.
//!
//! Owns the first page. Its sentence and facts come from `domain::health`; this file asks for the
//! reading and shows what it says.

mod charts;
mod facts;
mod lanes;
pub(crate) mod view;

use axum::response::Response;

use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let registry = &visit.state.registry;
    match visit.reading(store).await {
        Ok(reading) => {
            let frame = visit.frame(Freshness::of(reading.recorded_until, visit.now));
            visit.show(&frame, &view::view(&reading, registry, &frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}
