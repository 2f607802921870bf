//! Asks a question, and keeps the answer at an address of its own.
//!
//! Owns the order: the look-up is in the audit before anything is found out, and the answer is kept
//! before anybody is led to it. The diagnosis itself is `crate::diagnosis`'s.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use crate::diagnosis::{DiagnosisError, Question, diagnose, picture};
use crate::domain::audit::Event;
use crate::domain::cause::Cause;
use crate::domain::ids::{DiagnosisId, EventId};
use crate::domain::names::ClinicId;
use crate::ops::access::visit::Visit;
use crate::ops::components::finder::finder;
use crate::ops::components::shell::{Page, Room};
use crate::ops::freshness::Freshness;
use crate::ops::pages::now::view::finder_of;
use crate::ops::pages::refusal::Refusal;
use crate::ops::reading::load::recorded_until;
use crate::ops::state::LookedUp;
use crate::store::{KeptDiagnosis, Scoped, StoreError};

/// A question, and how the audit names the look-up.
pub(crate) struct Ask {
    /// The question.
    pub(crate) question: Question,
    /// What somebody does by asking it.
    pub(crate) deed: Event,
    /// The call it is about, where one was named.
    pub(crate) event: Option<EventId>,
    /// The clinic, where it is known.
    pub(crate) clinic: Option<ClinicId>,
}

/// Asks, and keeps the answer.
///
/// # Errors
///
/// The answer to give instead.
pub(crate) async fn ask(visit: &Visit, store: &Scoped, ask: Ask) -> Result<DiagnosisId, Response> {
    let Ask { question, deed, event, clinic } = ask;
    let (actor, patient) = (question.actor().cloned(), question.patient().cloned());
    let about = LookedUp { actor, patient, ..LookedUp::default() };
    if !visit.witness_of(deed, event, clinic.clone(), about).await {
        return Err(visit.refuse(Refusal::StoreFailed));
    }
    let state = &visit.state;
    let failed = |error: &StoreError| visit.store_failed(error);
    let diagnosis =
        match diagnose(store, &state.registry, state.environment, &question, visit.now).await {
            Ok(diagnosis) => diagnosis,
            Err(DiagnosisError::Store(error)) => return Err(failed(&error)),
            Err(DiagnosisError::NoSuchCall) => return Err(visit.refuse(Refusal::NoSuchCall)),
            Err(error) => return Err(unanswerable(visit, &error)),
        };
    let picture = picture(store, &question, &diagnosis, visit.now).await;
    let picture = picture.map_err(|error| failed(&error))?;
    let freshness = store.freshness().await.map_err(|error| failed(&error))?;
    let mut random = [0; DiagnosisId::BYTES];
    if getrandom::fill(&mut random).is_err() {
        return Err(visit.refuse(Refusal::StoreFailed));
    }
    let found = picture.clinic.as_deref().and_then(|id| ClinicId::parse(id).ok());
    let kept = KeptDiagnosis {
        id: DiagnosisId::new(random),
        asked_at: visit.now,
        asked_by: visit.account().map(str::to_owned),
        clinic: found.or(clinic),
        cause: Cause::parse(diagnosis.cause).unwrap_or(Cause::Unknown),
        question: question.to_text(visit.now),
        answer: serde_json::to_string(&diagnosis).unwrap_or_default(),
        picture: serde_json::to_string(&picture).unwrap_or_default(),
        recorded_until: recorded_until(freshness),
    };
    store.keep_diagnosis(&kept).await.map_err(|error| failed(&error))?;
    Ok(kept.id)
}

/// A question that has no answer: a clinic that nobody knows, a time that has not come.
fn unanswerable(visit: &Visit, error: &DiagnosisError) -> Response {
    let frame = visit.frame(Freshness::Unasked);
    let why = match error {
        DiagnosisError::Future => frame.t(
            "That is in the future, so nothing can have been recorded yet.",
            "C’est dans l’avenir; rien n’a donc pu être enregistré encore.",
        ),
        _ => frame.t(
            "No clinic of that name is registered, and no recorded call is of it.",
            "Aucune clinique de ce nom n’est inscrite, et aucun appel enregistré n’en vient.",
        ),
    };
    let body = html! {
        div.pagehead { div { h1 { (frame.t("There is a problem", "Il y a un problème")) } p.soft { (why) } } }
        div.narrow { (finder(&finder_of(&visit.state.registry, &frame), &frame)) }
    };
    let title =
        frame.t("There is a problem. Diagnose", "Il y a un problème. Diagnostiquer").to_owned();
    let page = Page { room: Some(Room::Diagnose), title, live: false, body };
    let mut response = visit.show(&frame, &page);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}
