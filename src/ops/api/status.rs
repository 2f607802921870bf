//! `GET /api/v1/status`: whose trouble it is at this moment.
//!
//! Owns the answer's form. The verdict is `domain::health`'s, the same that the site's first page
//! shows, down to the sentence.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::problem::Problem;
use super::vocabulary;
use crate::domain::health::{State, Trouble, say};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::state::Unkept;

/// The verdict of one moment.
#[derive(Serialize, ToSchema)]
#[schema(as = Status)]
pub(super) struct StatusBody<'v> {
    /// How the whole does.
    #[schema(schema_with = vocabulary::state)]
    state: &'static str,
    /// What is wrong; null where nothing is.
    #[schema(required, schema_with = vocabulary::trouble)]
    cause: Option<&'static str>,
    /// Whose move it is.
    #[schema(schema_with = vocabulary::owner)]
    owner: &'static str,
    /// The verdict in one sentence.
    sentence: String,
    /// When the trouble began; null where there is none or it could not be told.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// How many it touches.
    affected: AffectedBody,
    /// Every clinic, worst first.
    clinics: Vec<StatusClinicBody<'v>>,
    /// How sure accuscope is, 0 to 1; null where nothing is wrong, or only figures were looked at.
    #[schema(required)]
    confidence: Option<f64>,
    /// The number of the open incident; null where there is none.
    #[schema(required)]
    incident: Option<i64>,
    /// Since when writes are refused, because the audit cannot be kept; null if it can.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    audit_unavailable_since: Option<Timestamp>,
    /// Since when the disk does not take records of calls; null if it does.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    journal_unwritable_since: Option<Timestamp>,
    /// Calls whose record was lost since the process began.
    unrecorded_calls: u64,
    /// The moment.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// How many a trouble touches.
#[derive(Serialize, ToSchema)]
#[schema(as = Affected)]
struct AffectedBody {
    /// Clinics.
    clinics: usize,
    /// Staff and services; null where they were not counted.
    #[schema(required)]
    actors: Option<u64>,
    /// Failed calls since it began.
    calls: u64,
}

/// How one clinic does.
#[derive(Serialize, ToSchema)]
#[schema(as = StatusClinic)]
struct StatusClinicBody<'v> {
    /// Its id.
    id: &'v str,
    /// How it does.
    #[schema(schema_with = vocabulary::state)]
    state: &'static str,
    /// The kind of most failures; null where there are none.
    #[schema(required, schema_with = vocabulary::category)]
    category: Option<&'static str>,
    /// What is wrong; null where nothing is.
    #[schema(required, schema_with = vocabulary::trouble)]
    cause: Option<&'static str>,
    /// Failed calls since it began; of the last hour where nothing is wrong.
    failed: u64,
    /// All calls in the same time.
    calls: u64,
    /// When the trouble began; null where there is none or it could not be told.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// Says whose trouble it is at this moment.
#[utoipa::path(
    get, path = "/api/v1/status", tag = "health",
    responses(
        (status = 200, body = StatusBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn now(caller: Caller) -> Result<Response, Problem> {
    let store = caller.enter(Permission::Health).await?;
    let registry = &caller.state.registry;
    let reading = caller.reading(store).await;
    let verdict = reading.map_err(|error| caller.failed(&error))?.verdict();
    let status = say::status(&verdict, |id| name(registry, id));
    Ok(Json(body(status, caller.state.witness.unkept())).into_response())
}

fn name<'r>(registry: &'r Registry, id: &ClinicId) -> &'r str {
    registry.clinic(id).map_or("A clinic", |clinic| clinic.name.as_str())
}

/// What is wrong with accuscope itself, how much of it, since when, and in one sentence.
fn said_of_us(unkept: Unkept) -> Option<(Trouble, State, Timestamp, &'static str)> {
    let audit = "Reading works; changes are refused, since the audit cannot be kept.";
    let journal = "Calls go through and are not recorded, since the disk does not take them.";
    let refused = |since| (Trouble::AccuscopeFailing, State::SomeFailures, since, audit);
    let unseen = |since| (Trouble::NotRecorded, State::NotKnown, since, journal);
    unkept.audit_since.map(refused).or(unkept.journal_since.map(unseen))
}

fn body<'v>(status: say::Status<'v>, unkept: Unkept) -> StatusBody<'v> {
    let clinic = |clinic: say::StatusClinic<'v>| StatusClinicBody {
        id: clinic.id.as_str(),
        state: clinic.state,
        category: clinic.category,
        cause: clinic.cause,
        failed: clinic.failed,
        calls: clinic.calls,
        since: clinic.since,
    };
    // Calls may work while what accuscope promises about them does not: that is no "everything is working".
    let ours = said_of_us(unkept).filter(|_| status.cause.is_none());
    StatusBody {
        state: ours.map_or(status.state, |(_, state, ..)| state.as_str()),
        cause: status.cause.or(ours.map(|(trouble, ..)| trouble.as_str())),
        owner: ours.map_or(status.owner, |(trouble, ..)| trouble.owner().as_str()),
        sentence: ours.map_or(status.sentence, |(.., sentence)| sentence.to_owned()),
        since: status.since.or(ours.map(|(_, _, since, _)| since)),
        affected: AffectedBody {
            clinics: status.affected.clinics,
            actors: status.affected.actors,
            calls: status.affected.calls,
        },
        clinics: status.clinics.into_iter().map(clinic).collect(),
        confidence: status.confidence,
        incident: status.incident,
        audit_unavailable_since: unkept.audit_since,
        journal_unwritable_since: unkept.journal_since,
        unrecorded_calls: unkept.lost,
        as_of: status.as_of,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_accuscope_cannot_keep_is_no_everything_is_working() {
        let since = Timestamp::from_seconds(9);
        let fine = Unkept { audit_since: None, journal_since: None, lost: 0 };
        assert_eq!(said_of_us(fine), None);
        let (trouble, state, at, _) =
            said_of_us(Unkept { journal_since: Some(since), ..fine }).unwrap();
        assert_eq!((trouble, state, at), (Trouble::NotRecorded, State::NotKnown, since));
        let both = Unkept { audit_since: Some(since), journal_since: Some(since), ..fine };
        let (trouble, state, ..) = said_of_us(both).unwrap();
        assert_eq!((trouble, state), (Trouble::AccuscopeFailing, State::SomeFailures));
    }
}
