//! `POST /api/v1/references`: what stands for an identifier.
//!
//! Owns the request's form. The identifier comes in a body, so that no log or history keeps it,
//! becomes references, and is wiped; nothing that is said about a bad body repeats any of it.

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroize;

use super::body::body_of;
use super::caller::Caller;
use super::problem::Problem;
use super::vocabulary;
use crate::domain::audit::Event;
use crate::domain::names::ClinicId;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::ops::access::policy::Permission;
use crate::ops::state::LookedUp;

/// The longest identifier, in bytes.
const MAX_IDENTIFIER: usize = 512;

/// An identifier, and where it belongs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReferenceRequest)]
pub(super) struct RequestBody {
    /// What the identifier is of.
    #[schema(schema_with = vocabulary::reference_kind)]
    kind: String,
    /// The clinic; absent or null for a token, and where it is not known.
    clinic: Option<String>,
    /// The identifier as the app sends it.
    #[schema(max_length = 512)]
    identifier: String,
}

impl RequestBody {
    const FIELDS: [&'static str; 3] = ["kind", "clinic", "identifier"];
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.identifier.zeroize();
    }
}

/// What stands for it.
#[derive(Serialize, ToSchema)]
#[schema(as = References)]
pub(super) struct ReferencesBody {
    /// One reference for each key in use, the active key's first.
    references: Vec<String>,
}

/// Gives the references of an identifier, to look calls up by.
#[utoipa::path(
    post, path = "/api/v1/references", tag = "calls", request_body = RequestBody,
    responses(
        (status = 200, body = ReferencesBody),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn make(
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Json<ReferencesBody>, Problem> {
    caller.enter(Permission::Calls).await?;
    let Some(keys) = caller.state.keys.clone() else {
        let detail = "This process does not have the installation's keys.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    let (kind, clinic, asked) = read(&headers, body)?;
    if clinic.as_ref().is_some_and(|id| caller.state.registry.clinic(id).is_none()) {
        return Err(Problem::parameter("clinic", "one of the registered clinics"));
    }
    // What is of no clinic is seen by those who see all.
    if clinic.is_none() && kind != ReferenceKind::Token && !caller.sees_all() {
        return Err(Problem::parameter("clinic", "one of the registered clinics"));
    }
    let active = || Some(keys.reference(kind, clinic.as_ref(), asked.identifier.as_bytes()));
    let about = LookedUp {
        actor: active().filter(|_| kind == ReferenceKind::Actor),
        patient: active().filter(|_| kind == ReferenceKind::Patient),
        ..LookedUp::default()
    };
    caller.witness_of(Event::MadeReferences, None, clinic.clone(), about).await?;
    let references = keys.references(kind, clinic.as_ref(), asked.identifier.as_bytes());
    let references = references.iter().map(Reference::to_string).collect();
    Ok(Json(ReferencesBody { references }))
}

fn read(
    headers: &HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<(ReferenceKind, Option<ClinicId>, RequestBody), Problem> {
    let asked: RequestBody =
        body_of(headers, body, "kind, clinic (or null) and identifier", &RequestBody::FIELDS)?;
    let kind = ReferenceKind::parse(&asked.kind).filter(|kind| *kind != ReferenceKind::Request);
    let kind = kind.ok_or_else(|| Problem::parameter("kind", "patient, actor or token"))?;
    let clinic = match asked.clinic.as_deref() {
        None => None,
        Some(_) if kind == ReferenceKind::Token => {
            return Err(Problem::parameter("clinic", "to be given for a token"));
        }
        Some(text) => {
            let known = ClinicId::parse(text);
            Some(known.map_err(|_| Problem::parameter("clinic", "a clinic id"))?)
        }
    };
    if !matches!(asked.identifier.len(), 1..=MAX_IDENTIFIER) {
        return Err(Problem::parameter("identifier", "a text of 1 to 512 bytes"));
    }
    Ok((kind, clinic, asked))
}
