//! Clinics in the settings: the list, one of them, and what its form does.
//!
//! Owns the handlers. How they look is [`super::clinic_view`]'s.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};

use super::act::{Act, Problem, act};
use super::clinic_view::{self, ClinicPage};
use super::entry_form::{BUSY, Doing, Sent};
use super::show;
use crate::config::{ClinicDraft, Mistake};
use crate::domain::audit::Event;
use crate::domain::kept_registry::{EntryChange, EntryKind, KeptRegistry};
use crate::domain::names::ClinicId;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::leaves::Leaf;
use crate::ops::pages::refusal::Refusal;

/// Every clinic.
pub(crate) async fn page(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let leaf = Leaf::of_query(&query.unwrap_or_default());
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match store.kept_registry().await {
        Ok(kept) => show(&visit, StatusCode::OK, |frame| {
            clinic_view::list(&visit.state, &kept, leaf, frame)
        }),
        Err(error) => visit.store_failed(&error),
    }
}

/// The form of a new one.
pub(crate) async fn new(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Registry).await {
        return answer;
    }
    let zone = visit.state.registry.clinics().first().and_then(|c| c.time_zone.iana_name());
    let draft = ClinicDraft {
        timezone: zone.unwrap_or("America/Vancouver").to_owned(),
        phase: "onboarding".to_owned(),
        ..ClinicDraft::default()
    };
    let page = ClinicPage { draft, ..ClinicPage::default() };
    show(&visit, StatusCode::OK, |frame| clinic_view::one(&visit.state, &page, frame))
}

/// One clinic.
pub(crate) async fn page_of(visit: Visit, Path(id): Path<String>) -> Response {
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let kept = match store.kept_registry().await {
        Ok(kept) => kept,
        Err(error) => return visit.store_failed(&error),
    };
    match of_kept(&visit, &kept, &id) {
        Some(page) => {
            show(&visit, StatusCode::OK, |frame| clinic_view::one(&visit.state, &page, frame))
        }
        None => visit.refuse(Refusal::NotFound),
    }
}

/// What the page of a clinic shows, if there is one of that id.
fn of_kept(visit: &Visit, kept: &KeptRegistry, id: &str) -> Option<ClinicPage> {
    let entry = kept.entry(EntryKind::Clinic, id);
    let in_force = ClinicId::parse(id).ok().filter(|id| visit.state.registry.clinic(id).is_some());
    if entry.is_none() && in_force.is_none() {
        return None;
    }
    let environment = visit.state.environment;
    let draft = entry.map(|entry| ClinicDraft::of_body(&entry.body, environment));
    Some(ClinicPage {
        draft: draft.unwrap_or_default(),
        version: entry.map(|entry| entry.version),
        in_force,
        ..ClinicPage::default()
    })
}

/// Does what a form says.
pub(crate) async fn change(
    visit: Visit,
    form: Result<Form<Sent<ClinicDraft>>, FormRejection>,
) -> Response {
    let store = match visit.enter(Permission::Registry).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Ok(Form(form)) = form else { return visit.refuse(Refusal::NotUnderstood) };
    let (id, body) = (form.draft.id.trim().to_owned(), form.draft.body(visit.state.environment));
    let seen = form.seen();
    let deed = match form.act {
        Doing::Add => Event::ClinicAdded,
        Doing::Save => Event::ClinicChanged,
        Doing::Remove => Event::ClinicRemoved,
    };
    let kind = EntryKind::Clinic;
    let doing = Act { kind, id: id.clone(), seen, deed };
    let removes = form.act == Doing::Remove;
    let changes = |_: &KeptRegistry| match form.act {
        Doing::Remove => vec![EntryChange::Remove { kind, id: id.clone() }],
        Doing::Add | Doing::Save => {
            vec![EntryChange::Put { kind, id: id.clone(), body: body.clone() }]
        }
    };
    let Err(problem) = act(&visit, store, &doing, changes).await else {
        let to = if removes {
            super::Tab::Clinics.address().to_owned()
        } else {
            format!("{}/{id}", super::Tab::Clinics.address())
        };
        return (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    };
    let mut page = ClinicPage { draft: form.draft, version: seen, ..ClinicPage::default() };
    let status = match problem {
        Problem::NotKept => return visit.refuse(Refusal::NotKept),
        Problem::Store(error) => return visit.store_failed(&error),
        Problem::Busy => {
            page.mistake = Some(Mistake { field: None, words: BUSY.to_owned() });
            StatusCode::CONFLICT
        }
        Problem::Mistake(mistake) => {
            page.mistake = Some(own_field(mistake));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Problem::Stale(now) => {
            page.version = now.as_ref().map(|entry| entry.version);
            page.changed_meanwhile = true;
            page.theirs = now.map(|now| ClinicDraft::of_body(&now.body, visit.state.environment));
            if removes && let Some(theirs) = &page.theirs {
                page.draft = theirs.clone();
            }
            StatusCode::CONFLICT
        }
    };
    show(&visit, status, |frame| clinic_view::one(&visit.state, &page, frame))
}

/// The settings' name of a field as the form's.
fn own_field(mistake: Mistake) -> Mistake {
    match mistake.field.as_deref() {
        Some("tenants") => Mistake::of("other_tenant", "must be a UUID, or left empty"),
        _ => mistake,
    }
}
