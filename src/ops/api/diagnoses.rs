//! `POST /api/v1/diagnoses`: why somebody could not see what they asked for.
//!
//! Owns the way in and out. The question's identifiers come in a body, become references and are
//! wiped; that somebody asked is kept in the audit before anything is answered. The answer is
//! `crate::diagnosis`'s.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};

use super::body::body_of;
use super::caller::Caller;
use super::problem::Problem;
use crate::diagnosis::{Asked, Diagnosis, DiagnosisError, Question, QuestionError, diagnose};
use crate::domain::audit::Event;
use crate::ops::access::policy::Permission;
use crate::ops::state::LookedUp;

/// Says why somebody could not see what they asked for.
#[utoipa::path(
    post, path = "/api/v1/diagnoses", tag = "calls", request_body = Asked,
    responses(
        (status = 200, body = Diagnosis),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn make(
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Diagnosis>, Problem> {
    let store = caller.enter(Permission::Diagnoses).await?;
    let asked = body_of::<Asked>(&headers, body, QUESTION, &Asked::FIELDS)?;
    let question = Question::read(&asked, caller.state.keys.as_deref()).map_err(refused)?;
    drop(asked);
    if let Some(catalogue) = caller.state.catalogue.as_deref() {
        question.is_of(catalogue).map_err(refused)?;
    }
    let about = LookedUp {
        actor: question.actor().cloned(),
        patient: question.patient().cloned(),
        ..LookedUp::default()
    };
    let (registry, env) = (&caller.state.registry, caller.state.environment);
    // What was typed and names no clinic of ours could name anybody.
    let clinic = question.clinic().filter(|id| registry.clinic(id).is_some());
    caller.witness_of(Event::Diagnosed, None, clinic.cloned(), about).await?;
    let diagnosis = diagnose(store, registry, env, &question, caller.now).await;
    diagnosis.map(Json).map_err(|error| match error {
        DiagnosisError::Store(error) => caller.failed(&error),
        DiagnosisError::NoSuchCall => Problem::new(StatusCode::NOT_FOUND, NO_SUCH_CALL),
        DiagnosisError::NoSuchClinic => {
            Problem::parameter("clinic", "one of the registered clinics")
        }
        DiagnosisError::Future => Problem::parameter("at", "in the past"),
    })
}

const QUESTION: &str = "a question: support_code, request_id, or clinic with what else is known (patient, \
    actor, operation, at), and window";
const NO_SUCH_CALL: &str = "No recorded call has this code or id. Check it letter by letter; a call \
    shows up within seconds of its end.";

fn refused(error: QuestionError) -> Problem {
    if error.is_ours {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
    }
    Problem::field(error.field, error.problem)
}
