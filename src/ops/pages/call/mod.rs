//! One call: what happened in plain words, whose move it is, and how it compares.
//!
//! Owns the page of a single event. It says what the event says; the cause is the diagnosis's.

mod facts;
mod load;
pub(crate) mod view;

use axum::extract::Path;
use axum::response::Response;

use crate::domain::audit::Event;
use crate::domain::event::Exchange;
use crate::domain::health::Tally;
use crate::domain::ids::EventId;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::reading::load::recorded_until;

/// The page.
pub(crate) async fn page(visit: Visit, Path(id): Path<String>) -> Response {
    let store = match visit.enter(Permission::Calls).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Some(id) = EventId::parse(&id) else { return visit.refuse(Refusal::NoSuchCall) };
    let call = match store.exchange(id).await {
        Ok(Some(call)) => call,
        Ok(None) => return visit.refuse(Refusal::NoSuchCall),
        Err(error) => return visit.store_failed(&error),
    };
    if !visit.witness(Event::OpenedCall, Some(id), call.clinic.clone()).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let loaded = tokio::try_join!(load::load(store, call, visit.now), store.freshness());
    let (model, freshness) = match loaded {
        Ok(found) => found,
        Err(error) => return visit.store_failed(&error),
    };
    let frame = visit.frame(Freshness::of(recorded_until(freshness), visit.now));
    visit.show(&frame, &view::view(&model, &visit.state.registry, &frame))
}

/// What is shown of a call.
pub(crate) struct CallModel {
    /// The call.
    pub(crate) call: Exchange,
    /// The same task at the same clinic, in the hour around it.
    pub(crate) here: Tally,
    /// The same task at the other clinics, in the hour around it.
    pub(crate) elsewhere: Tally,
    /// When the same last worked.
    pub(crate) worked: Vec<LastWorked>,
    /// Calls just before, the nearest last.
    pub(crate) before: Vec<Exchange>,
    /// Calls just after, the nearest first.
    pub(crate) after: Vec<Exchange>,
}

/// What a call that worked has in common with the one that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Same {
    /// Task and clinic.
    Task,
    /// Task and person.
    TaskAndPerson,
    /// The person.
    Person,
    /// The patient.
    Patient,
}

/// When something last worked before or after the call.
pub(crate) struct LastWorked {
    /// The same what.
    pub(crate) same: Same,
    /// The call that worked.
    pub(crate) call: Option<Exchange>,
}
