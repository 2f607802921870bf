//! `POST /api/v1/alertmanager`: Alertmanager's webhook.
//!
//! Owns what is read of it. Names of rules and clinics, enums and times are kept; annotations, addresses
//! and every other label are texts from outside and are not. The same may be told any number of times.
//! Alerts of another environment, and what is no alert, are counted and left out, so that one odd alert
//! does not keep the others from being told.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::body_of;
use super::caller::Caller;
use super::problem::Problem;
use crate::domain::alert::{Alert, Fingerprint, Severity};
use crate::domain::labels::{Category, Environment};
use crate::domain::names::{AlertName, ClinicId};
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;

/// Most alerts of one telling.
const MOST: usize = 1_000;
/// The form of the webhook that is understood.
const VERSION: &str = "4";

/// What Alertmanager sends; fields that are not named here are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = AlertmanagerWebhook)]
pub(super) struct WebhookBody {
    /// The form, `4`.
    version: String,
    /// The group's alerts.
    alerts: Vec<AlertBody>,
}

/// One alert as Alertmanager sends it.
#[derive(Deserialize, ToSchema)]
#[schema(as = AlertmanagerAlert)]
struct AlertBody {
    /// `firing` or `resolved`.
    status: String,
    /// Its labels.
    #[serde(default)]
    labels: Labels,
    /// Since when it fires.
    #[serde(rename = "startsAt")]
    #[schema(format = DateTime)]
    starts_at: String,
    /// Until when, where it is resolved.
    #[serde(rename = "endsAt", default)]
    #[schema(format = DateTime)]
    ends_at: String,
    /// A digest of its labels, in hexadecimal digits.
    #[serde(default)]
    fingerprint: String,
}

/// The labels that are read.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = AlertmanagerLabels)]
#[serde(default)]
struct Labels {
    /// The rule.
    alertname: String,
    /// The clinic's id.
    clinic: String,
    /// `critical`, `warning` or `none`.
    severity: String,
    /// The kind of failures.
    category: String,
    /// Which Accuro.
    environment: String,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertsKept)]
pub(super) struct KeptBody {
    /// Alerts that are kept now.
    kept: usize,
    /// Of those, alerts that were not known before.
    new: usize,
    /// Alerts that were left out: of another environment, of clinics that the token is not for, or without
    /// a name, digest or time.
    ignored: usize,
}

/// Takes what Alertmanager tells.
#[utoipa::path(
    post, path = "/api/v1/alertmanager", tag = "health", request_body = WebhookBody,
    responses(
        (status = 200, body = KeptBody),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn take(
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<KeptBody>, Problem> {
    let store = caller.enter(Permission::Incidents).await?;
    let told: WebhookBody =
        body_of(&headers, body, "Alertmanager's webhook: version and alerts", &[])?;
    if told.version != VERSION {
        return Err(Problem::parameter(
            "version",
            "4, the form that Alertmanager has sent since 0.13",
        ));
    }
    if told.alerts.len() > MOST {
        return Err(Problem::parameter("alerts", "at most 1000; set max_alerts of the receiver"));
    }
    let state = &caller.state;
    let read = |told: &AlertBody| alert(told, state.environment, &state.registry, caller.now);
    let alerts: Vec<Alert> = told.alerts.iter().filter_map(read).collect();
    let (kept, new) = store.keep_alerts(&alerts).await.map_err(|error| caller.failed(&error))?;
    Ok(Json(KeptBody { kept, new, ignored: told.alerts.len() - kept }))
}

fn alert(
    told: &AlertBody,
    environment: Environment,
    registry: &Registry,
    now: Timestamp,
) -> Option<Alert> {
    let labels = &told.labels;
    if !labels.environment.is_empty() && labels.environment != environment.as_str() {
        return None;
    }
    let ends_at = match told.status.as_str() {
        "firing" => None,
        // An end that cannot be read, or lies ahead, is now.
        "resolved" => Some(Timestamp::parse(&told.ends_at).map_or(now, |end| end.min(now))),
        _ => return None,
    };
    let clinic = ClinicId::parse(&labels.clinic).ok();
    Some(Alert {
        fingerprint: Fingerprint::parse(&told.fingerprint)?,
        name: AlertName::parse(&labels.alertname).ok()?,
        clinic: clinic.filter(|id| registry.clinic(id).is_some()),
        severity: Severity::parse(&labels.severity).unwrap_or(Severity::Warning),
        category: Category::parse(&labels.category),
        starts_at: Timestamp::parse(&told.starts_at).ok()?.min(now),
        ends_at,
        told_at: now,
    })
}
