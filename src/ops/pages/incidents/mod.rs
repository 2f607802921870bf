//! Incidents: the open ones, those of the last 90 days, and each with all that is known of it.
//!
//! Owns the pages and what can be done on them. When an incident opens and closes is
//! `crate::domain::incident`'s business.
//!
//! | file | what |
//! | --- | --- |
//! | [`list`] | the list |
//! | [`mod@load`] | what one incident's page reads |
//! | [`view`], [`facts`] | the page: its order, the answer |
//! | [`mod@todo`], [`differs`], [`course`] | what to do and to send; what differs; what happened, and alerts |
//! | [`act`] | taking it, noting |
//! | [`silences`], [`mute`] | the silences of its alerts; setting and ending one |
//! | [`mod@summary`] | the same as a text, for afterwards |

mod act;
mod course;
mod differs;
mod facts;
mod list;
pub(crate) mod load;
mod mute;
mod silences;
mod summary;
mod todo;
pub(crate) mod view;

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

pub(crate) use act::{note, take};
pub(crate) use mute::{end_silence, silence};

use self::load::{IncidentModel, load};
use crate::domain::alert::{Alert, Fingerprint, Severity, tie};
use crate::domain::audit::Event;
use crate::domain::names::{AlertName, ClinicId};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::state::LookedUp;

/// How far back the list goes.
const LISTED: Duration = Duration::from_hours(90 * 24);
/// How far back an alert's link finds an incident that is over.
const LINKED: Duration = Duration::from_hours(24);

/// The list.
pub(crate) async fn page(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match store.incidents(visit.now.minus(LISTED)).await {
        Ok(incidents) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &list::list(&incidents, &visit.state.registry, &frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// One incident.
pub(crate) async fn page_of(visit: Visit, Path(number): Path<String>) -> Response {
    match open(&visit, &number, Permission::Health).await {
        Ok(model) => shown(&visit, model, None).await,
        Err(answer) => answer,
    }
}

/// The page of an incident, with what became of what was asked of Alertmanager.
async fn shown(visit: &Visit, mut model: IncidentModel, said: Option<&'static str>) -> Response {
    model.silences = silences::look(visit, &model).await;
    model.said = said;
    let frame = visit.frame(Freshness::Unasked);
    visit.show(&frame, &view::view(&model, &visit.state.registry, &frame))
}

/// Reads an incident for somebody who may do something.
async fn open(
    visit: &Visit,
    number: &str,
    permission: Permission,
) -> Result<IncidentModel, Response> {
    let store = visit.enter(permission).await?;
    let Ok(number) = number.parse::<i64>() else {
        return Err(visit.refuse(Refusal::NotFound));
    };
    match load(store, visit.state.environment, number, visit.now).await {
        Ok(Some(model)) => Ok(IncidentModel { french: visit.is_french(), ..model }),
        Ok(None) => Err(visit.refuse(Refusal::NotFound)),
        Err(error) => Err(visit.store_failed(&error)),
    }
}

/// What the link in an alert says.
#[derive(Default, Deserialize)]
pub(crate) struct ByAlert {
    #[serde(default)]
    alertname: String,
    #[serde(default)]
    clinic: String,
}

/// Leads from an alert to its incident; to the list where there is none yet.
pub(crate) async fn by_alert(visit: Visit, of: Result<Query<ByAlert>, QueryRejection>) -> Response {
    let of = of.map(|Query(of)| of).unwrap_or_default();
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let incidents = match store.incidents(visit.now.minus(LINKED)).await {
        Ok(incidents) => incidents,
        Err(error) => return visit.store_failed(&error),
    };
    let alert = AlertName::parse(&of.alertname).ok().map(|name| Alert {
        fingerprint: Fingerprint(0),
        name,
        clinic: ClinicId::parse(&of.clinic).ok(),
        severity: Severity::Critical,
        category: None,
        starts_at: visit.now,
        ends_at: None,
        told_at: visit.now,
    });
    let address = match alert.and_then(|alert| tie::incident_of(&alert, &incidents)) {
        Some(number) => format!("/incidents/{number}"),
        None => "/incidents".to_owned(),
    };
    (StatusCode::FOUND, [(LOCATION, address)]).into_response()
}

/// Gives the summary out, and keeps that it was.
pub(crate) async fn summary(visit: Visit, Path(number): Path<String>) -> Response {
    let model = match open(&visit, &number, Permission::Health).await {
        Ok(model) => model,
        Err(answer) => return answer,
    };
    let incident = &model.incident;
    if !witness(&visit, Event::IncidentExported, &model).await {
        return visit.refuse(Refusal::NotKept);
    }
    let frame = visit.frame(Freshness::Unasked);
    let text = summary::summary(&model, &visit.state.registry, &frame);
    let name = format!("attachment; filename=\"accuscope-incident-{}.md\"", incident.number);
    let headers =
        [(CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, text).into_response()
}

/// Keeps what the reader did about an incident. `false` if it could not be kept.
async fn witness(visit: &Visit, deed: Event, model: &IncidentModel) -> bool {
    let incident = u32::try_from(model.incident.number).ok();
    let about = LookedUp { incident, ..LookedUp::default() };
    visit.witness_of(deed, None, model.incident.key.clinic.clone(), about).await
}
