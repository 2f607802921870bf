//! When accuscope answers instead of Accuro: which status, and what is said.
//!
//! Owns one row a reason. 401 is never made here, so that a failure of ours is never taken for
//! Accuro's (design 13). The words are in [`super::refusal_words`].

use super::reason::Reason;
use super::refusal_words::Saying;

/// Status and saying of one refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What is said.
    pub saying: Saying,
}

/// The refusal for a reason. Reasons that only Accuro's answers have never come here; if one did, it
/// would be told as a request that is not valid.
#[must_use]
pub const fn refusal(reason: Reason) -> Refusal {
    let (status, saying) = match reason {
        Reason::AppKeyUnknown => (403, Saying::AppKeyUnknown),
        Reason::ClinicNotAllowed => (403, Saying::ClinicNotAllowed),
        Reason::EnvironmentMismatch => (421, Saying::EnvironmentMismatch),
        Reason::RateLimit => (429, Saying::RateLimit),
        Reason::CircuitOpen => (503, Saying::CircuitOpen),
        Reason::ReadOnly => (503, Saying::ReadOnly),
        Reason::AuditUnavailable => (503, Saying::AuditUnavailable),
        Reason::DuplicateInFlight => (409, Saying::DuplicateInFlight),
        Reason::Overloaded => (503, Saying::Overloaded),
        Reason::ResponseTimeout => (504, Saying::ResponseTimeout),
        Reason::DnsFailed | Reason::ConnectFailed | Reason::TlsFailed => (502, Saying::Unreachable),
        Reason::BodyBroken => (502, Saying::AnswerBroken),
        Reason::TooLarge => (413, Saying::TooLarge),
        Reason::MethodNotAllowed => (405, Saying::MethodNotAllowed),
        Reason::BadRequest
        | Reason::TokenMissing
        | Reason::TokenExpired
        | Reason::TokenRejected
        | Reason::Forbidden
        | Reason::GrantRejected
        | Reason::ClientRejected
        | Reason::ScopeRejected
        | Reason::LoginRedirect
        | Reason::Unprocessable
        | Reason::Conflict
        | Reason::UnsupportedType
        | Reason::NotFound
        | Reason::Gone
        | Reason::EmptyResult
        | Reason::RateLimited
        | Reason::UpstreamError
        | Reason::UpstreamUnavailable
        | Reason::MalformedBody
        | Reason::UnexpectedBody => (400, Saying::BadRequest),
    };
    Refusal { status, saying }
}

/// The refusal of a request that broke off after part of it had gone on to Accuro.
pub const PARTLY_SENT: Refusal = Refusal { status: 400, saying: Saying::PartlySent };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::labels::Category;

    #[test]
    fn every_policy_reason_has_its_own_words_and_none_is_401() {
        for reason in Reason::ALL {
            let refusal = refusal(*reason);
            assert_ne!(refusal.status, 401, "{reason}");
            let own = reason.category() != Category::Policy || refusal.saying != Saying::BadRequest;
            assert!(own, "{reason}");
        }
    }
}
