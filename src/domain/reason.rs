//! Why a call failed: the reasons of the contract, section 5.1, each in exactly one category.
//!
//! Owns the vocabulary and the pairing of reason, category and outcome. Does not decide which
//! reason applies; see [`super::classify`].

use super::labels::{Category, Outcome, label_enum};

label_enum! {
    /// Why a call failed.
    Reason, "a reason" {
        /// 401 and the call had no bearer token.
        TokenMissing = "token_missing",
        /// 401 and the token was too old.
        TokenExpired = "token_expired",
        /// Any other 401.
        TokenRejected = "token_rejected",
        /// 403.
        Forbidden = "forbidden",
        /// Token endpoint: `invalid_grant`.
        GrantRejected = "grant_rejected",
        /// Token endpoint: `invalid_client`, `unauthorized_client`.
        ClientRejected = "client_rejected",
        /// `invalid_scope`, `insufficient_scope`.
        ScopeRejected = "scope_rejected",
        /// A redirect to a sign-in page where data was asked for.
        LoginRedirect = "login_redirect",
        /// 400 and the other 4xx not named here.
        BadRequest = "bad_request",
        /// 422.
        Unprocessable = "unprocessable",
        /// 409, 412, 428.
        Conflict = "conflict",
        /// 405.
        MethodNotAllowed = "method_not_allowed",
        /// 413, 414, 431.
        TooLarge = "too_large",
        /// 406, 415.
        UnsupportedType = "unsupported_type",
        /// 404.
        NotFound = "not_found",
        /// 410.
        Gone = "gone",
        /// A success that holds nothing where a list was asked for.
        EmptyResult = "empty_result",
        /// 429.
        RateLimited = "rate_limited",
        /// 500 and the other 5xx.
        UpstreamError = "upstream_error",
        /// 502, 503, 504 from Accuro.
        UpstreamUnavailable = "upstream_unavailable",
        /// The upstream's name did not resolve.
        DnsFailed = "dns_failed",
        /// No TCP connection.
        ConnectFailed = "connect_failed",
        /// No TLS session.
        TlsFailed = "tls_failed",
        /// No first byte in time; also 408.
        ResponseTimeout = "response_timeout",
        /// The response stopped early.
        BodyBroken = "body_broken",
        /// A success that claims JSON and is not.
        MalformedBody = "malformed_body",
        /// A success of another type where JSON was asked for.
        UnexpectedBody = "unexpected_body",
        /// The calling application is not known.
        AppKeyUnknown = "app_key_unknown",
        /// The application may not work for this clinic.
        ClinicNotAllowed = "clinic_not_allowed",
        /// A sandbox identity in production, or the reverse.
        EnvironmentMismatch = "environment_mismatch",
        /// Too many calls by this application or clinic.
        RateLimit = "rate_limit",
        /// Accuro fails so often that it is left alone for a while.
        CircuitOpen = "circuit_open",
        /// Writes are switched off.
        ReadOnly = "read_only",
        /// The audit could not be made durable, so the write was not sent.
        AuditUnavailable = "audit_unavailable",
        /// The same idempotency key is being worked on.
        DuplicateInFlight = "duplicate_in_flight",
        /// accuscope has no capacity.
        Overloaded = "overloaded",
    }
}

impl Reason {
    /// The one category that a reason belongs to.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::TokenMissing
            | Self::TokenExpired
            | Self::TokenRejected
            | Self::Forbidden
            | Self::GrantRejected
            | Self::ClientRejected
            | Self::ScopeRejected
            | Self::LoginRedirect => Category::Auth,
            Self::BadRequest
            | Self::Unprocessable
            | Self::Conflict
            | Self::MethodNotAllowed
            | Self::TooLarge
            | Self::UnsupportedType => Category::Validation,
            Self::NotFound | Self::Gone | Self::EmptyResult => Category::NotFound,
            Self::RateLimited
            | Self::UpstreamError
            | Self::UpstreamUnavailable
            | Self::DnsFailed
            | Self::ConnectFailed
            | Self::TlsFailed
            | Self::ResponseTimeout
            | Self::BodyBroken
            | Self::MalformedBody
            | Self::UnexpectedBody => Category::Transient,
            Self::AppKeyUnknown
            | Self::ClinicNotAllowed
            | Self::EnvironmentMismatch
            | Self::RateLimit
            | Self::CircuitOpen
            | Self::ReadOnly
            | Self::AuditUnavailable
            | Self::DuplicateInFlight
            | Self::Overloaded => Category::Policy,
        }
    }

    /// Whether the same call may work later without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self.category() {
            Category::Transient => !matches!(self, Self::MalformedBody | Self::UnexpectedBody),
            Category::Policy => !matches!(
                self,
                Self::AppKeyUnknown | Self::ClinicNotAllowed | Self::EnvironmentMismatch
            ),
            Category::Auth | Category::Validation | Category::NotFound => false,
        }
    }

    /// Whether an app may send the same call again by itself. Not a change whose answer was lost:
    /// Accuro may have made it, so a person has to look first.
    #[must_use]
    pub const fn may_be_sent_again(self, mutation: bool) -> bool {
        self.is_retryable()
            && !(mutation && matches!(self, Self::BodyBroken | Self::ResponseTimeout))
    }
}

/// How one exchange ended, with its cause where it has one.
///
/// Outcome, category and reason of the event are views of this value, so an event cannot be `ok`
/// with a reason, or failed without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Accuro did what was asked.
    Ok,
    /// Accuro answered that there is nothing.
    Empty,
    /// It did not work. Invariant: never [`Reason::EmptyResult`]; built by [`Ending::failed`].
    Failed(FailedReason),
    /// The app hung up first.
    Aborted,
}

/// A reason other than [`Reason::EmptyResult`], which is not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FailedReason(Reason);

impl Ending {
    /// The ending for a reason; [`Reason::EmptyResult`] gives [`Ending::Empty`].
    #[must_use]
    pub const fn failed(reason: Reason) -> Self {
        match reason {
            Reason::EmptyResult => Self::Empty,
            other => Self::Failed(FailedReason(other)),
        }
    }

    /// Puts an ending together from an event's three texts; `None` where they contradict.
    #[must_use]
    pub fn of(
        outcome: Outcome,
        category: Option<Category>,
        reason: Option<Reason>,
    ) -> Option<Self> {
        let ending = match (outcome, reason) {
            (Outcome::Ok, None) => Self::Ok,
            (Outcome::Aborted, None) => Self::Aborted,
            (Outcome::Empty, None | Some(Reason::EmptyResult)) => Self::Empty,
            (Outcome::Failed, Some(reason)) if reason != Reason::EmptyResult => {
                Self::failed(reason)
            }
            _ => return None,
        };
        (category.is_none() || category == ending.category()).then_some(ending)
    }

    /// The outcome.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Ok => Outcome::Ok,
            Self::Empty => Outcome::Empty,
            Self::Failed(_) => Outcome::Failed,
            Self::Aborted => Outcome::Aborted,
        }
    }

    /// The reason, where there is one.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Empty => Some(Reason::EmptyResult),
            Self::Failed(FailedReason(reason)) => Some(reason),
            Self::Ok | Self::Aborted => None,
        }
    }

    /// The category, where there is one.
    #[must_use]
    pub const fn category(self) -> Option<Category> {
        match self.reason() {
            Some(reason) => Some(reason.category()),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_whose_answer_was_lost_is_not_to_be_sent_again_unseen() {
        for (reason, mutation, expected) in [
            (Reason::BodyBroken, false, true),
            (Reason::BodyBroken, true, false),
            (Reason::ResponseTimeout, false, true),
            (Reason::ResponseTimeout, true, false),
            (Reason::ConnectFailed, true, true),
            (Reason::AuditUnavailable, true, true),
            (Reason::ReadOnly, true, true),
            (Reason::AppKeyUnknown, false, false),
        ] {
            assert_eq!(reason.may_be_sent_again(mutation), expected, "{reason:?} {mutation}");
        }
    }

    #[test]
    fn an_ending_survives_its_three_texts() {
        let endings = Reason::ALL.iter().map(|r| Ending::failed(*r));
        for ending in endings.chain([Ending::Ok, Ending::Empty, Ending::Aborted]) {
            assert_eq!(
                Ending::of(ending.outcome(), ending.category(), ending.reason()),
                Some(ending)
            );
        }
    }

    #[test]
    fn contradictions_are_no_ending() {
        for (outcome, category, reason) in [
            (Outcome::Ok, None, Some(Reason::Forbidden)),
            (Outcome::Failed, None, None),
            (Outcome::Failed, Some(Category::Auth), Some(Reason::NotFound)),
            (Outcome::Failed, Some(Category::NotFound), Some(Reason::EmptyResult)),
            (Outcome::Aborted, Some(Category::Transient), None),
            (Outcome::Empty, Some(Category::Auth), None),
        ] {
            assert_eq!(
                Ending::of(outcome, category, reason),
                None,
                "{outcome} {category:?} {reason:?}"
            );
        }
    }
}
