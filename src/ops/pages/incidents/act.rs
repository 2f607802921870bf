//! What can be done about an incident: take it, give it back, note what was done.
//!
//! Owns the forms. Each deed is kept in the audit first, under the incident's number; what could not be
//! kept is not done. There is no free text: it could name somebody.

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{open, witness};
use crate::domain::audit::Event;
use crate::domain::incident::note::{Note, Noted};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::pages::refusal::Refusal;

/// Whether to take it or to give it back.
#[derive(Deserialize)]
pub(crate) struct TakeForm {
    turn: String,
}

/// Takes an incident, or gives it back.
pub(crate) async fn take(
    visit: Visit,
    Path(number): Path<String>,
    form: Result<Form<TakeForm>, FormRejection>,
) -> Response {
    let turn = form.map(|Form(form)| form.turn).unwrap_or_default();
    let (deed, note) = match turn.as_str() {
        "back" => (Event::IncidentGivenBack, Note::GivenBack),
        _ => (Event::IncidentTaken, Note::Taken),
    };
    keep(&visit, &number, deed, Some(note), "").await
}

/// What was done.
#[derive(Deserialize)]
pub(crate) struct NoteForm {
    note: String,
}

/// Notes what was done.
pub(crate) async fn note(
    visit: Visit,
    Path(number): Path<String>,
    form: Result<Form<NoteForm>, FormRejection>,
) -> Response {
    let note = form.ok().and_then(|Form(form)| Note::parse(&form.note));
    let note = note.filter(|note| Note::CHOICES.contains(note));
    keep(&visit, &number, Event::IncidentNoted, note, "#h-notes").await
}

async fn keep(
    visit: &Visit,
    number: &str,
    deed: Event,
    note: Option<Note>,
    part: &str,
) -> Response {
    let model = match open(visit, number, Permission::Incidents).await {
        Ok(model) => model,
        Err(answer) => return answer,
    };
    let number = model.incident.number;
    let store = match visit.enter(Permission::Incidents).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let back = (StatusCode::SEE_OTHER, [(LOCATION, format!("/incidents/{number}{part}"))]);
    // Nothing was chosen: the form is still there.
    let Some(note) = note else { return back.into_response() };
    if !witness(visit, deed, &model).await {
        return visit.refuse(Refusal::NotKept);
    }
    let noted = Noted { at: visit.now, note, account: visit.account().map(str::to_owned) };
    match store.note_incident(&model.incident, &noted).await {
        Ok(()) => back.into_response(),
        Err(error) => visit.store_failed(&error),
    }
}
