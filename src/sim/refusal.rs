//! How Accuro says no: many bodies for one status.
//!
//! Owns the bodies of errors, the ones that repeat what was sent included: a proxy that keeps
//! nothing of them is what they are there to test. The texts are public ones of Spring OAuth and of
//! Tomcat, or plain. Does not decide when to refuse.

use serde_json::json;

use super::answer::{Answer, hash};
use super::call::Call;

/// The body of an error that is injected or derived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErrorBody {
    /// `{"code":"403","message":"Forbidden"}`, the code a string.
    #[default]
    Json,
    /// `{"timestamp":…,"status":403,"error":"Forbidden","path":…}`, which repeats the path.
    Spring,
    /// `{"error":"…","error_description":"…"}` (RFC 6749).
    Oauth,
    /// The same as Spring's, for an expired token: it repeats the token, here and in a header.
    Expired,
    /// `insufficient_scope` (RFC 6750), here and in a header.
    InsufficientScope,
    /// A balancer's page.
    Html,
    /// Nothing.
    Empty,
}

/// An error with a body of the given kind.
pub(super) fn error(status: u16, body: ErrorBody, call: &Call) -> Answer {
    let words = reason_phrase(status);
    match body {
        ErrorBody::Json => {
            Answer::json(status, &json!({"code": status.to_string(), "message": words}))
        }
        ErrorBody::Spring => Answer::json(
            status,
            &json!({"timestamp": call.at.to_string(), "status": status, "error": words,
                "message": "No message available", "path": call.path}),
        ),
        ErrorBody::Oauth => oauth(status, "access_denied", words),
        ErrorBody::Expired => {
            let token = call.bearer.as_deref().unwrap_or_default();
            challenged(status, "invalid_token", &format!("Access token expired: {token}"))
        }
        ErrorBody::InsufficientScope => {
            challenged(status, "insufficient_scope", "Insufficient scope for this resource")
        }
        ErrorBody::Html => Answer::html(
            status,
            &format!(
                "<html><head><title>{status} {words}</title></head>\
                <body><center><h1>{status} {words}</h1></center><hr><center>balancer</center></body></html>\n"
            ),
        ),
        ErrorBody::Empty => Answer::empty(status),
    }
}

/// A missing permission, in the way of the operation.
pub(super) fn denied(status: u16, call: &Call) -> Answer {
    let body = match hash(call.operation()) % 4 {
        0 => ErrorBody::Spring,
        1 => ErrorBody::Empty,
        _ => ErrorBody::Json,
    };
    error(status, body, call)
}

/// The thing asked for is not there.
pub(super) fn not_there(call: &Call) -> Answer {
    let body =
        if hash(call.operation()).is_multiple_of(2) { ErrorBody::Json } else { ErrorBody::Spring };
    error(404, body, call)
}

/// The call carries no token.
pub(super) fn token_missing() -> Answer {
    let words = "Full authentication is required to access this resource";
    challenged(401, "unauthorized", words)
}

/// The token is dead; says so and repeats it.
pub(super) fn token_refused(expired: bool, token: &str) -> Answer {
    let what = if expired { "Access token expired" } else { "Invalid access token" };
    challenged(401, "invalid_token", &format!("{what}: {token}"))
}

/// The token endpoint's refusal.
pub(super) fn oauth(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": description}))
}

/// What was sent is not acceptable; repeats the value.
pub(super) fn invalid(field: &str, value: &str) -> Answer {
    let message = format!("Invalid value '{value}' for field {field}");
    Answer::json(400, &json!({"code": "400", "message": message}))
}

/// A needed field is missing.
pub(super) fn missing(field: &str) -> Answer {
    Answer::json(400, &json!({"code": "400", "message": format!("{field} is required")}))
}

/// What was sent is well formed and wrong; repeats the value.
pub(super) fn unprocessable(field: &str, value: &str) -> Answer {
    let one = json!({"field": field, "rejectedValue": value, "defaultMessage": "is not valid"});
    Answer::json(422, &json!({"errors": [one]}))
}

/// Somebody else has it open.
pub(super) fn being_edited() -> Answer {
    let message = "The appointment is being edited by another user";
    Answer::json(409, &json!({"code": "409", "message": message}))
}

/// A page where data was asked for, with success.
pub(super) fn maintenance() -> Answer {
    Answer::html(
        200,
        "<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head>\
         <body><h1>We will be back soon</h1></body></html>\n",
    )
}

fn challenged(status: u16, error: &str, description: &str) -> Answer {
    let challenge =
        format!("Bearer realm=\"accuro\", error=\"{error}\", error_description=\"{description}\"");
    oauth(status, error, description).with("www-authenticate", challenge)
}

fn reason_phrase(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error")
}
