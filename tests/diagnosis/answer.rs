//! How a call can end, by name: what the scenarios' `answer` may say.
//!
//! Owns the table from a name to the fields of the event, as the contract (section 5.1) pairs them.

use accuscope::domain::labels::Source;
use accuscope::domain::reason::{Ending, Reason};

/// The end of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// What the app got.
    pub(crate) status: u16,
    /// What Accuro said.
    pub(crate) upstream: Option<u16>,
    pub(crate) ending: Ending,
    pub(crate) source: Source,
    pub(crate) time: Time,
    /// Whether the structure is another than usual.
    pub(crate) reshaped: bool,
}

/// How long it took.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    /// So many times as long as usual.
    Factor(f64),
    /// As long as accuscope waits for Accuro.
    Patience,
    /// Nothing was sent.
    Nothing,
}

impl Answer {
    /// The answer of a name; `denied` is by the clinic's habit, 401 or 403. `None` for `silent`: the
    /// call was not recorded.
    pub(crate) fn named(name: &str, denial: u16) -> Option<Self> {
        use Reason as R;
        let factor = Time::Factor;
        Some(match name {
            "silent" => return None,
            "ok" => Self::good(1.0),
            "slow" => Self::good(9.0),
            "slower" => Self::good(25.0),
            "reshaped" => Self { reshaped: true, ..Self::good(1.0) },
            "denied" if denial == 401 => Self::from_accuro(401, R::TokenRejected, factor(0.4)),
            "denied" | "forbidden" => Self::from_accuro(403, R::Forbidden, factor(0.4)),
            "token_missing" => Self::from_accuro(401, R::TokenMissing, factor(0.3)),
            "token_expired" => Self::from_accuro(401, R::TokenExpired, factor(0.3)),
            "token_rejected" => Self::from_accuro(401, R::TokenRejected, factor(0.3)),
            "grant_rejected" => Self::from_accuro(400, R::GrantRejected, factor(0.6)),
            "client_rejected" => Self::from_accuro(401, R::ClientRejected, factor(0.6)),
            "scope_rejected" => Self::from_accuro(403, R::ScopeRejected, factor(0.4)),
            "login_redirect" => Self::from_accuro(302, R::LoginRedirect, factor(0.4)),
            "bad_request" => Self::from_accuro(400, R::BadRequest, factor(0.6)),
            "unprocessable" => Self::from_accuro(422, R::Unprocessable, factor(0.6)),
            "conflict" => Self::from_accuro(409, R::Conflict, factor(0.7)),
            "locked" => Self::from_accuro(423, R::BadRequest, factor(0.7)),
            "method_not_allowed" => Self::from_accuro(405, R::MethodNotAllowed, factor(0.3)),
            "too_large" => Self::from_accuro(413, R::TooLarge, factor(0.5)),
            "unsupported_type" => Self::from_accuro(415, R::UnsupportedType, factor(0.3)),
            "not_found" => Self::from_accuro(404, R::NotFound, factor(0.6)),
            "gone" => Self::from_accuro(410, R::Gone, factor(0.6)),
            "empty" => Self::from_accuro(200, R::EmptyResult, factor(0.7)),
            "rate_limited" => Self::from_accuro(429, R::RateLimited, factor(0.2)),
            "http_500" => Self::from_accuro(500, R::UpstreamError, factor(0.8)),
            "http_502" => Self::from_accuro(502, R::UpstreamUnavailable, factor(0.1)),
            "http_503" => Self::from_accuro(503, R::UpstreamUnavailable, factor(0.1)),
            "http_504" => Self::from_accuro(504, R::UpstreamUnavailable, factor(20.0)),
            "malformed" => Self::from_accuro(200, R::MalformedBody, factor(1.0)),
            "html" => Self::from_accuro(200, R::UnexpectedBody, factor(0.5)),
            "broken" => Self { status: 502, ..Self::from_accuro(200, R::BodyBroken, factor(1.2)) },
            "timeout" => Self { time: Time::Patience, ..Self::no_answer(504, R::ResponseTimeout) },
            "connect_failed" => Self::no_answer(502, R::ConnectFailed),
            "dns_failed" => Self::no_answer(502, R::DnsFailed),
            "tls_failed" => Self::no_answer(502, R::TlsFailed),
            "aborted" => Self {
                status: 499,
                upstream: None,
                ending: Ending::Aborted,
                time: factor(6.0),
                ..Self::good(1.0)
            },
            "app_key_unknown" => Self::ours(403, R::AppKeyUnknown),
            "clinic_not_allowed" => Self::ours(403, R::ClinicNotAllowed),
            "environment_mismatch" => Self::ours(403, R::EnvironmentMismatch),
            "rate_limit" => Self::ours(429, R::RateLimit),
            "circuit_open" => Self::ours(503, R::CircuitOpen),
            "read_only" => Self::ours(503, R::ReadOnly),
            "audit_unavailable" => Self::ours(503, R::AuditUnavailable),
            "duplicate_in_flight" => Self::ours(409, R::DuplicateInFlight),
            "overloaded" => Self::ours(503, R::Overloaded),
            other => panic!("no such answer: {other}"),
        })
    }

    /// A success, so many times as slow as usual.
    pub(crate) const fn good(factor: f64) -> Self {
        Self {
            status: 200,
            upstream: Some(200),
            ending: Ending::Ok,
            source: Source::Upstream,
            time: Time::Factor(factor),
            reshaped: false,
        }
    }

    const fn from_accuro(status: u16, reason: Reason, time: Time) -> Self {
        Self {
            status,
            upstream: Some(status),
            ending: Ending::failed(reason),
            time,
            ..Self::good(1.0)
        }
    }

    const fn no_answer(status: u16, reason: Reason) -> Self {
        Self {
            upstream: None,
            time: Time::Nothing,
            ..Self::from_accuro(status, reason, Time::Nothing)
        }
    }

    const fn ours(status: u16, reason: Reason) -> Self {
        Self { source: Source::Accuscope, ..Self::no_answer(status, reason) }
    }

    /// Whether everything went well.
    pub(crate) fn is_good(self) -> bool {
        matches!(self.ending, Ending::Ok)
    }
}
