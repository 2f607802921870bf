//! From what was seen of an exchange to how it ended: the table of the contract, section 5.1.
//!
//! Owns the one decision. Pure: status, kinds of headers, the probe's verdict and transport errors
//! come in as values. A 401 is ambiguous at Accuro, so the event keeps what was seen, and the
//! diagnosis, which sees neighbours, decides what it meant.

use super::catalogue::Answer;
use super::error_body::{ErrorSeen, OauthError};
use super::probe::{JsonSeen, Top};
use super::reason::{Ending, Reason};

/// What is known of the request.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What the endpoint is for.
    pub endpoint: Endpoint,
    /// A list was asked for.
    pub list: bool,
    /// It only reads.
    pub read: bool,
    /// The kind of answer, where the operation is known.
    pub answer: Option<Answer>,
    /// What `Accept` takes.
    pub accepts: Accepts,
    /// The bearer token.
    pub token: Token,
}

/// What an endpoint is for, as far as it changes what an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The token endpoint (RFC 6749, 3.2).
    Token,
    /// The sign-in page, where redirects are the point.
    SignInPage,
    /// Anything else.
    Data,
}

/// What `Accept` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// It names JSON.
    Json,
    /// It is absent or takes anything.
    Anything,
    /// Only other types.
    Other,
}

/// The bearer token of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// None was sent.
    Absent,
    /// One was sent, and nothing says that it is too old.
    Sent,
    /// It is past the lifetime seen at its grant.
    PastLifetime,
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// A whole answer.
    Answered(Answered),
    /// No whole answer, or none at all.
    Unanswered(Transport),
    /// We answered ourselves.
    Refused(Reason),
    /// The app hung up.
    Abandoned,
}

/// A whole answer.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// What `Content-Type` says.
    pub media: Media,
    /// `Location` leads to a sign-in page.
    pub leads_to_sign_in: bool,
    /// The body.
    pub body: BodySeen,
    /// What an error answer said; empty for others.
    pub error: ErrorSeen,
}

/// The kind of content that `Content-Type` claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// No `Content-Type`.
    Absent,
    /// `application/json` or `+json`.
    Json,
    /// HTML.
    Html,
    /// Anything else.
    Other,
}

/// What is known of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySeen {
    /// No bytes.
    Nothing,
    /// Bytes that nobody looked into, or that could not be decoded.
    Opaque,
    /// The probe's verdict.
    Json(JsonSeen),
}

/// Why there was no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The name did not resolve.
    Dns,
    /// No connection.
    Connect,
    /// No TLS session.
    Tls,
    /// No first byte in time.
    ResponseTimeout,
    /// The connection ended, or stopped making sense, before or inside the answer.
    Broken,
}

impl Transport {
    /// The reason of the contract.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Dns => Reason::DnsFailed,
            Self::Connect => Reason::ConnectFailed,
            Self::Tls => Reason::TlsFailed,
            Self::ResponseTimeout => Reason::ResponseTimeout,
            Self::Broken => Reason::BodyBroken,
        }
    }
}

/// Decides how an exchange ended.
#[must_use]
pub fn judge(asked: Asked, reply: Reply) -> Ending {
    match reply {
        Reply::Abandoned => Ending::Aborted,
        Reply::Refused(reason) => Ending::failed(reason),
        Reply::Unanswered(transport) => Ending::failed(transport.reason()),
        Reply::Answered(answered) => {
            let reason = match answered.status {
                ..=299 => success(asked, answered),
                300..=399 => redirect(asked, answered),
                status => Some(failure(asked, status, answered.error)),
            };
            reason.map_or(Ending::Ok, Ending::failed)
        }
    }
}

/// How many items a list answer has, where it is one.
#[must_use]
pub fn result_count(asked: Asked, answered: Answered) -> Option<u64> {
    let is_success = (200..300).contains(&answered.status);
    match answered.body {
        _ if !is_success => None,
        BodySeen::Json(JsonSeen::Value { count, top, .. }) => {
            count.filter(|_| asked.list || (asked.answer.is_none() && top == Top::Array))
        }
        BodySeen::Nothing | BodySeen::Json(JsonSeen::Nothing) if asked.list => Some(0),
        _ => None,
    }
}

fn success(asked: Asked, answered: Answered) -> Option<Reason> {
    if answered.status < 200 {
        return None;
    }
    let nothing = matches!(answered.body, BodySeen::Nothing | BodySeen::Json(JsonSeen::Nothing));
    if nothing {
        return (asked.list && asked.read).then_some(Reason::EmptyResult);
    }
    let wants_json = match asked.accepts {
        Accepts::Json => true,
        Accepts::Anything => asked.answer == Some(Answer::Json),
        Accepts::Other => false,
    };
    match answered.media {
        Media::Html if wants_json => return Some(Reason::UnexpectedBody),
        Media::Other if asked.accepts == Accepts::Json && asked.answer != Some(Answer::Any) => {
            return Some(Reason::UnexpectedBody);
        }
        _ => {}
    }
    match answered.body {
        BodySeen::Json(JsonSeen::Malformed) if answered.media == Media::Json => {
            Some(Reason::MalformedBody)
        }
        BodySeen::Json(JsonSeen::Value { count: Some(0), top, .. }) => {
            (asked.read && (asked.list || top == Top::Array)).then_some(Reason::EmptyResult)
        }
        _ => None,
    }
}

fn redirect(asked: Asked, answered: Answered) -> Option<Reason> {
    (answered.leads_to_sign_in && asked.endpoint != Endpoint::SignInPage)
        .then_some(Reason::LoginRedirect)
}

fn failure(asked: Asked, status: u16, error: ErrorSeen) -> Reason {
    if asked.endpoint == Endpoint::Token && matches!(status, 400 | 401 | 403) {
        match error.oauth {
            Some(OauthError::InvalidGrant | OauthError::InvalidToken) => {
                return Reason::GrantRejected;
            }
            Some(OauthError::InvalidClient) => return Reason::ClientRejected,
            Some(OauthError::InvalidScope) => return Reason::ScopeRejected,
            // RFC 6749, 5.2: at the token endpoint, 401 means that the client was not accepted.
            None if status == 401 => return Reason::ClientRejected,
            None => {}
        }
    }
    match status {
        400 | 401 | 403 if error.oauth == Some(OauthError::InvalidScope) => Reason::ScopeRejected,
        401 if asked.token == Token::Absent => Reason::TokenMissing,
        401 if error.says_expired || asked.token == Token::PastLifetime => Reason::TokenExpired,
        401 => Reason::TokenRejected,
        403 => Reason::Forbidden,
        404 => Reason::NotFound,
        405 => Reason::MethodNotAllowed,
        406 | 415 => Reason::UnsupportedType,
        408 => Reason::ResponseTimeout,
        409 | 412 | 428 => Reason::Conflict,
        410 => Reason::Gone,
        413 | 414 | 431 => Reason::TooLarge,
        422 => Reason::Unprocessable,
        429 => Reason::RateLimited,
        400..=499 => Reason::BadRequest,
        502..=504 => Reason::UpstreamUnavailable,
        _ => Reason::UpstreamError,
    }
}

#[cfg(test)]
mod tests;
