//! `GET /api/v1/openapi.json`: the API described.
//!
//! Owns what is not in the handlers: title, the way in. Everything else comes from the handlers'
//! types, so that it is true. Open to everybody, since it holds nothing of an installation.

use axum::Json;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

use super::{adoption, alertmanager, clinics, diagnoses, exchanges, references, status};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "accuscope", description = "What happened between apps and Accuro."),
    paths(
        exchanges::list,
        exchanges::one,
        references::make,
        diagnoses::make,
        clinics::list,
        clinics::one,
        adoption::figures,
        status::now,
        alertmanager::take,
    ),
    security(("token" = [])),
    modifiers(&BearerToken),
)]
struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token from `accuscope token create`."))
            .build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("token", SecurityScheme::Http(scheme));
        }
    }
}

pub(super) async fn serve() -> Json<OpenApi> {
    Json(Document::openapi())
}
