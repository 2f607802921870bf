//! The access log: who looked up what, newest first, from the store's copy of the audit.
//!
//! Owns the page. What is looked for is posted, so that no account stands in an address, a history or a
//! log. Reading it is kept in the audit like any other look-up. The chain on disk is the record; this is
//! a view of its copy.

pub(crate) mod export;
pub(crate) mod form;
pub(crate) mod view;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::Response;

use self::form::{AccessForm, AccessQuery, Wrong};
use self::view::AccessModel;
use crate::domain::audit::Event;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::clinic_field::Choice;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::reading::load::recorded_until;
use crate::store::{AccessPage, Store, StoreError};

/// Records of one page.
const PAGE: u32 = 50;

/// Everything, newest first.
pub(crate) async fn page(visit: Visit) -> Response {
    show(&visit, AccessForm::default()).await
}

/// What the form asks for.
pub(crate) async fn filtered(
    visit: Visit,
    form: Result<Form<AccessForm>, FormRejection>,
) -> Response {
    show(&visit, of(form)).await
}

/// A body that is no form asks for nothing that could be read, which the form then says.
fn of(form: Result<Form<AccessForm>, FormRejection>) -> AccessForm {
    form.map_or_else(|_| AccessForm::unreadable(), |Form(form)| form)
}

async fn show(visit: &Visit, form: AccessForm) -> Response {
    let store = match visit.enter_office(Permission::AccessLog).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let read = form.read(&visit.state.registry, visit.home().time_zone(), visit.language());
    // The record names the clinic that was asked for, as other look-ups do.
    let clinic = read.as_ref().ok().and_then(|query| query.filter.clinic.clone());
    if !visit.witness(Event::ReadAccessLog, None, clinic).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let is_wrong = read.is_err();
    let (mut model, freshness) = match load(visit, store, read).await {
        Ok(found) => found,
        Err(error) => return visit.store_failed(&error),
    };
    model.clinics = form.clinics(&visit.state.registry);
    let mut frame = visit.frame(freshness);
    // A filter is posted; the address that links on the page lead back to is the page's own.
    "/access-log".clone_into(&mut frame.address);
    let mut response = visit.show(&frame, &view::view(&model, &visit.state.registry, &frame));
    if is_wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn load(
    visit: &Visit,
    store: &Store,
    read: Result<AccessQuery, Wrong>,
) -> Result<(AccessModel, Freshness), StoreError> {
    let (query, wrong) = match read {
        Ok(query) => (query, None),
        Err(wrong) => (AccessQuery::default(), Some(wrong)),
    };
    let page = async {
        if wrong.is_some() {
            return Ok(AccessPage { items: Vec::new(), next: None });
        }
        store.access_page(&query.filter, query.after.as_ref(), PAGE).await
    };
    let (page, accounts, unusual, copied_at, freshness) = tokio::try_join!(
        page,
        store.access_accounts(),
        store.unusual_access(visit.now),
        store.audit_copied_at(),
        store.freshness(),
    )?;
    let freshness = Freshness::of(recorded_until(freshness).max(copied_at), visit.now);
    let clinics = Choice::None;
    let model = AccessModel { query, clinics, wrong, page, accounts, unusual, copied_at };
    Ok((model, freshness))
}
