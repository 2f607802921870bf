//! The page of a link: the adoption report of its week, for somebody who is nobody here.
//!
//! Owns the address `/shared/{token}`. The report is the page's own, without the ways that lead on from it.

use axum::extract::Path;
use axum::response::Response;

use super::{Asked, view};
use crate::domain::adoption::Week;
use crate::ops::access::share::guest;
use crate::ops::access::visit::Visit;
use crate::ops::components::bare::bare;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::report::load::load;
use crate::store::StoreError;

/// The page.
pub(crate) async fn page(visit: Visit, Path(secret): Path<String>) -> Response {
    let (visit, share) = match guest(visit, &secret).await {
        Ok(let_in) => let_in,
        Err(answer) => return answer,
    };
    let Some(store) = visit.sees() else { return visit.refuse(Refusal::StoreFailed) };
    let today = visit.home().time_zone().to_datetime(visit.now.to_jiff()).date();
    let running = Week::of(today);
    let week = share.week.unwrap_or(running.plus(-1)).min(running);
    // Whoever cannot follow a link is shown every clinic at once.
    let asked = Asked { week, running, all: true, shared: true };
    let (registry, goals) = (&visit.state.registry, &visit.state.goals);
    let read = async {
        let fresh = store.freshness().await?;
        let report = load(store, registry, goals, week, (None, usize::MAX), visit.now).await?;
        Ok::<_, StoreError>((report, fresh))
    };
    match read.await {
        Ok((report, fresh)) => {
            let frame = visit.frame(Freshness::of(fresh.indexed_at, visit.now));
            visit.drawn(bare(&frame, &view::view(&report, asked, None, &frame)))
        }
        Err(error) => visit.store_failed(&error),
    }
}
