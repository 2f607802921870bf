//! Find: what was typed into the box, and where it leads.
//!
//! Owns the reading of what people type: a support code, a request id, a trace id, or a clinic.

use std::time::Duration;

use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;

use super::calls::{filter, query::CallsQuery};
use super::now::view::finder_of;
use super::refusal::Refusal;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::Outcome;
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::domain::trace_context::TraceId;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::finder::{Finder, finder};
use crate::ops::components::shell::{Page, Room};
use crate::ops::freshness::Freshness;
use crate::ops::state::Deed;
use crate::ops::words::times::Zone;
use crate::store::{Store, StoreError};

/// How far before and after the time that was named is looked.
const AROUND: Duration = Duration::from_mins(15);

/// What the two forms send.
#[derive(Deserialize)]
pub(crate) struct FindForm {
    q: Option<String>,
    clinic: Option<String>,
    at: Option<String>,
}

/// The page with the finder alone.
pub(crate) async fn form(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Calls).await {
        return answer;
    }
    let frame = visit.frame(Freshness::Unasked);
    let body = html! {
        div.pagehead { div { h1 { "Find a call" } } }
        div.narrow { (finder(&finder_of(&visit.state.registry, &frame))) }
    };
    let page = Page { room: Some(Room::Calls), title: "Find".to_owned(), live: false, body };
    visit.show(&frame, &page)
}

/// Leads to what was typed.
pub(crate) async fn find(visit: Visit, Form(form): Form<FindForm>) -> Response {
    let store = match visit.enter(Permission::Calls).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let registry = &visit.state.registry;
    if let (Some(clinic), Some(at)) = (&form.clinic, &form.at) {
        return match around(clinic, at, registry, visit.now) {
            Some(query) => see_other(&query.address()),
            None => mistaken(&visit, None, "Choose a clinic and a time such as 10:40"),
        };
    }
    let typed = form.q.unwrap_or_default();
    match read(&typed, registry) {
        Typed::Mistake(why) => mistaken(&visit, Some(typed), why),
        Typed::Clinic(id) => see_other(&format!("/clinics/{id}")),
        found => lead(&visit, store, &found).await,
    }
}

/// Leads from a support code to its call: what an app's error screen links to.
pub(crate) async fn by_code(visit: Visit, Path(code): Path<String>) -> Response {
    let store = match visit.enter(Permission::Calls).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Some(code) = SupportCode::parse(&code) else { return visit.refuse(Refusal::NoSuchCall) };
    let mut response = lead(&visit, store, &Typed::Code(code)).await;
    if response.status() == StatusCode::SEE_OTHER {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}

async fn lead(visit: &Visit, store: &Store, typed: &Typed) -> Response {
    if !visit.witness(Deed::FoundById, None, None).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    match address(store, typed).await {
        Ok(address) => see_other(&address),
        Err(error) => visit.store_failed(&error),
    }
}

/// The call's page, if it is one; else the list, which also says that there is none.
async fn address(store: &Store, typed: &Typed) -> Result<String, StoreError> {
    let query = match typed {
        Typed::Code(code) => CallsQuery { support_code: Some(*code), ..CallsQuery::default() },
        Typed::Trace(trace) => {
            let request = RequestId::from_app(&trace.to_string());
            let by_request = CallsQuery { request_id: request, ..CallsQuery::default() };
            let by_trace = CallsQuery { trace_id: Some(*trace), ..CallsQuery::default() };
            match store.count(&filter(&by_trace), 1).await? {
                0 if store.count(&filter(&by_request), 1).await? > 0 => by_request,
                _ => by_trace,
            }
        }
        Typed::Request(request, call) => {
            if let Some(id) = call
                && store.exchange(*id).await?.is_some()
            {
                return Ok(format!("/calls/{id}"));
            }
            CallsQuery { request_id: Some(request.clone()), ..CallsQuery::default() }
        }
        Typed::Clinic(_) | Typed::Mistake(_) => CallsQuery::default(),
    };
    let found = store.exchanges(&filter(&query), None, 2).await?;
    Ok(match found.items.as_slice() {
        [only] => format!("/calls/{}", only.id),
        _ => query.address(),
    })
}

fn around(clinic: &str, at: &str, registry: &Registry, now: Timestamp) -> Option<CallsQuery> {
    let clinic = registry.clinic(&ClinicId::parse(clinic).ok()?)?;
    let at = Zone::of(&clinic.time_zone).last_time_of_day(at, now)?;
    Some(CallsQuery {
        clinic: Some(clinic.id.clone()),
        outcome: Some(Outcome::Failed),
        from: Some(at.minus(AROUND)),
        to: Some(at.plus(AROUND)),
        ..CallsQuery::default()
    })
}

fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

/// The finder again, with what was wrong beside its field.
fn mistaken(visit: &Visit, typed: Option<String>, why: &'static str) -> Response {
    let frame = visit.frame(Freshness::Unasked);
    let model = Finder { typed, mistake: Some(why), ..finder_of(&visit.state.registry, &frame) };
    let body = html! {
        div.pagehead { div { h1 { "There is a problem" } } }
        div.narrow { (finder(&model)) }
    };
    let title = "There is a problem. Find".to_owned();
    let page = Page { room: Some(Room::Calls), title, live: false, body };
    let mut response = visit.show(&frame, &page);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A support code.
    Code(SupportCode),
    /// A trace id, which may also be a request id of the same form.
    Trace(TraceId),
    /// A request id; accuscope's own ones are the ids of calls.
    Request(RequestId, Option<EventId>),
    /// A clinic.
    Clinic(ClinicId),
    /// Nothing that can be looked up; why.
    Mistake(&'static str),
}

/// Reads what was typed.
pub(crate) fn read(text: &str, registry: &Registry) -> Typed {
    let text = text.trim();
    // A word such as a clinic's name can have eight letters of the code's alphabet; codes without
    // a single digit are rare, and none begins as a clinic does.
    if !text.bytes().any(|b| b.is_ascii_digit())
        && let Some(id) = clinic(text, registry)
    {
        return Typed::Clinic(id);
    }
    if let Some(code) = SupportCode::parse(text) {
        return Typed::Code(code);
    }
    if let Some(trace) = TraceId::parse(&text.to_ascii_lowercase()) {
        return Typed::Trace(trace);
    }
    if let Some(request) = RequestId::parse(text) {
        return Typed::Request(request, EventId::parse(text));
    }
    match clinic(text, registry) {
        Some(id) => Typed::Clinic(id),
        None => Typed::Mistake(mistake(text)),
    }
}

/// The one clinic whose id or name begins so, or holds a word that does.
fn clinic(text: &str, registry: &Registry) -> Option<ClinicId> {
    if text.chars().count() < 3 {
        return None;
    }
    let wanted = text.to_lowercase();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        name.starts_with(&wanted) || name.split([' ', '-']).any(|word| word.starts_with(&wanted))
    };
    let mut found = registry.clinics().iter().filter(|c| fits(&c.name) || fits(c.id.as_str()));
    let only = found.next()?;
    found.next().is_none().then(|| only.id.clone())
}

/// Why a text cannot be looked up, without repeating it.
fn mistake(text: &str) -> &'static str {
    let symbols = text.chars().filter(|c| !matches!(c, ' ' | '-')).count();
    match symbols {
        0 => "Enter the code from the error message",
        1..8 => "That is too short: a code has 8 letters and numbers, like 7KQ4-M2PX",
        _ => "That is no support code, request id or trace id, and no single clinic’s name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::reading::fixtures;

    #[test]
    fn whatever_was_pasted_is_understood() {
        let registry = fixtures::registry();
        let read = |text| read(text, &registry);
        assert!(matches!(read(" 7kq4 m2px "), Typed::Code(_)));
        assert!(matches!(read("4BF92F3577B34DA6A3CE929D0E0E4736"), Typed::Trace(_)));
        let id = "01939f6e-5a2b-7c3d-8e4f-0123456789ab";
        assert!(matches!(read(id), Typed::Request(_, Some(_))));
        assert!(matches!(read("01ARZ3NDEKTSV4RRFFQ69G5FAV"), Typed::Request(_, None)));
        let clinic = ClinicId::parse("harbour-view").unwrap();
        assert!(matches!(read("Foothill"), Typed::Clinic(_)), "also eight letters of a code");
        assert_eq!(read("harb"), Typed::Clinic(clinic.clone()));
        assert_eq!(read("Harbour View Medical"), Typed::Clinic(clinic));
    }

    #[test]
    fn a_mistake_never_repeats_what_was_typed() {
        let registry = fixtures::registry();
        for text in ["", "9XY", "9123456780", "Tremblay, Zoë 1984", "medical"] {
            let Typed::Mistake(why) = read(text, &registry) else { panic!("{text}") };
            assert!(text.is_empty() || !why.contains(text), "{why}");
        }
    }
}
