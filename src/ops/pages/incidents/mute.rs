//! Silencing the alerts about an incident, and ending a silence.
//!
//! Owns the forms. Each deed is kept in the audit first, under the incident's number; what Alertmanager did
//! not take is followed by `not_done`, unless it may have taken it after all. Lengths and reasons are lists,
//! so that no text gets into Alertmanager.

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::load::{IncidentModel, Silences};
use super::{open, shown, silences, witness};
use crate::domain::alert::silence::{Silence, Span, Why, author, comment};
use crate::domain::audit::Event;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::alertmanager::{NewSilence, Trouble};
use crate::ops::pages::refusal::Refusal;

/// For how long, and why.
#[derive(Deserialize)]
pub(crate) struct SilenceForm {
    #[serde(rename = "for")]
    span: String,
    why: String,
}

/// Silences the alerts about an incident.
pub(crate) async fn silence(
    visit: Visit,
    Path(number): Path<String>,
    form: Result<Form<SilenceForm>, FormRejection>,
) -> Response {
    let model = match enter(&visit, &number).await {
        Ok(model) => model,
        Err(answer) => return answer,
    };
    let chosen =
        form.ok().and_then(|Form(form)| Some((Span::parse(&form.span)?, Why::parse(&form.why)?)));
    let own = silences::own(&model, visit.state.environment);
    // Nothing was chosen, or there is nothing to mute any more: the page says so.
    let (Some((span, why)), Some(own), true) = (chosen, own, model.incident.is_open()) else {
        return back(&model);
    };
    let Some(alertmanager) = &visit.state.alertmanager else { return back(&model) };
    // Asked before it is audited: what cannot be looked at cannot be replaced.
    let there = match silences::look(&visit, &model).await {
        Silences::Known(found) => found,
        Silences::Off | Silences::NotAsked => return back(&model),
        Silences::Unknown(_) => {
            return told(
                &visit,
                model,
                visit.language().of("Nothing was silenced.", "Rien n’a été mis en sourdine."),
            )
            .await;
        }
    };
    if !witness(&visit, Event::AlertsSilenced, &model).await {
        return visit.refuse(Refusal::NotKept);
    }
    let new = NewSilence {
        matchers: &own,
        from: visit.now,
        until: visit.now.plus(span.length()),
        author: author(visit.account_number().await),
        comment: comment(why, model.incident.number),
        replaces: there.iter().find(|silence| silence.is_own).map(|silence| silence.id),
    };
    let outcome = alertmanager.set(&new).await;
    after(&visit, model, outcome).await
}

/// Which one.
#[derive(Deserialize)]
pub(crate) struct EndForm {
    silence: Uuid,
}

/// Ends a silence that was set here for this trouble.
pub(crate) async fn end_silence(
    visit: Visit,
    Path(number): Path<String>,
    form: Result<Form<EndForm>, FormRejection>,
) -> Response {
    let model = match enter(&visit, &number).await {
        Ok(model) => model,
        Err(answer) => return answer,
    };
    let (Ok(Form(form)), Some(alertmanager)) = (form, &visit.state.alertmanager) else {
        return back(&model);
    };
    let own = |silence: &Silence| silence.is_own && silence.id == form.silence;
    match silences::look(&visit, &model).await {
        Silences::Known(found) if found.iter().any(own) => {}
        Silences::Unknown(_) => {
            return told(
                &visit,
                model,
                visit.language().of("No silence was ended.", "Aucune sourdine n’a pris fin."),
            )
            .await;
        }
        // It is over, or not ours to end.
        _ => return back(&model),
    }
    if !witness(&visit, Event::SilenceEnded, &model).await {
        return visit.refuse(Refusal::NotKept);
    }
    let outcome = alertmanager.end(form.silence).await;
    after(&visit, model, outcome).await
}

async fn enter(visit: &Visit, number: &str) -> Result<IncidentModel, Response> {
    let model = open(visit, number, Permission::Incidents).await?;
    if silences::may_mute(&model, visit.person.as_ref()) {
        Ok(model)
    } else {
        Err(visit.refuse(Refusal::OfAllClinics))
    }
}

async fn after(visit: &Visit, model: IncidentModel, outcome: Result<(), Trouble>) -> Response {
    let language = visit.language();
    let said = match outcome {
        Ok(()) => return back(&model),
        Err(Trouble::Late | Trouble::Answer) => language.of(
            "Alertmanager did not say whether it was done. Look below, or in Alertmanager.",
            "Alertmanager n’a pas dit si c’était fait. Regardez ci-dessous, ou dans Alertmanager.",
        ),
        Err(Trouble::KeptOut) => language.of(
            "It was not done: Alertmanager does not let accuscope in.",
            "Ce n’est pas fait : Alertmanager ne laisse pas entrer accuscope.",
        ),
        Err(Trouble::Refused) => language.of(
            "It was not done: Alertmanager refused it.",
            "Ce n’est pas fait : Alertmanager l’a refusé.",
        ),
        Err(Trouble::Unreachable | Trouble::Busy) => language.of(
            "It was not done: Alertmanager cannot be reached.",
            "Ce n’est pas fait : Alertmanager est injoignable.",
        ),
    };
    if !matches!(outcome, Err(Trouble::Late | Trouble::Answer)) {
        // It stays undone whether or not that can be kept.
        let _ = witness(visit, Event::NotDone, &model).await;
    }
    told(visit, model, said).await
}

async fn told(visit: &Visit, model: IncidentModel, said: &'static str) -> Response {
    let mut response = shown(visit, model, Some(said)).await;
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

fn back(model: &IncidentModel) -> Response {
    let address = format!("/incidents/{}#h-silences", model.incident.number);
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}
