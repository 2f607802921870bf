//! What one call shows: its ending, grouped by what could be the matter.
//!
//! Owns the grouping. A symptom is coarser than a reason where Accuro's own words are ambiguous (401
//! and 403 both mean "refused"), and finer where accuscope knows more (its own failures).

use crate::domain::labels::Source;
use crate::domain::reason::{Ending, Reason};
use crate::domain::refusal::Repeat;
use crate::store::Sighting;

/// What a call shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Symptom {
    /// It was answered as asked.
    Worked,
    /// It was answered with nothing.
    Empty,
    /// 401, 403, or a redirect to a sign-in.
    Refused,
    /// The grant lacks a scope.
    Scope,
    /// The token endpoint refused a grant.
    Grant,
    /// 404 or 410.
    NotFound,
    /// Accuro did not accept what was sent.
    Invalid,
    /// 409, 412, 423, 428.
    Conflict,
    /// 429, or accuscope's own limit.
    TooMany,
    /// Errors, no answer or no connection.
    Unavailable,
    /// A success that cannot be read.
    Garbled,
    /// accuscope itself failed.
    Ours,
    /// A rule of accuscope's own.
    Rule,
    /// accuscope did not send a change, since one with its key came before.
    Repeated,
}

impl Symptom {
    /// The symptom of a call; `None` where it shows nothing, because the app hung up.
    pub(super) fn of(call: &Sighting) -> Option<Self> {
        let reason = match call.ending {
            Ending::Ok => return Some(Self::Worked),
            Ending::Empty => return Some(Self::Empty),
            Ending::Aborted => return None,
            Ending::Failed(_) => call.ending.reason()?,
        };
        if repeat(call).is_some() {
            return Some(Self::Repeated);
        }
        Some(match reason {
            Reason::TokenMissing
            | Reason::TokenExpired
            | Reason::TokenRejected
            | Reason::Forbidden
            | Reason::LoginRedirect => Self::Refused,
            Reason::GrantRejected | Reason::ClientRejected => Self::Grant,
            Reason::ScopeRejected => Self::Scope,
            Reason::NotFound | Reason::Gone => Self::NotFound,
            Reason::EmptyResult => Self::Empty,
            Reason::Conflict => Self::Conflict,
            Reason::BadRequest if call.status == LOCKED => Self::Conflict,
            Reason::BadRequest
            | Reason::Unprocessable
            | Reason::MethodNotAllowed
            | Reason::TooLarge
            | Reason::UnsupportedType => Self::Invalid,
            Reason::RateLimited | Reason::RateLimit => Self::TooMany,
            Reason::UpstreamError | Reason::UpstreamUnavailable if is_ours(call) => Self::Ours,
            Reason::UpstreamError
            | Reason::UpstreamUnavailable
            | Reason::DnsFailed
            | Reason::ConnectFailed
            | Reason::TlsFailed
            | Reason::ResponseTimeout
            | Reason::BodyBroken
            // The breaker opens because Accuro fails.
            | Reason::CircuitOpen => Self::Unavailable,
            Reason::MalformedBody | Reason::UnexpectedBody => Self::Garbled,
            Reason::AuditUnavailable | Reason::Overloaded => Self::Ours,
            Reason::AppKeyUnknown
            | Reason::ClinicNotAllowed
            | Reason::EnvironmentMismatch
            | Reason::ReadOnly
            | Reason::DuplicateInFlight => Self::Rule,
        })
    }

    /// What another call says about a ticket with this symptom: the same, the contrary, or nothing.
    pub(super) fn compare(self, other: Self) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        let contrary = match self {
            Self::Worked => false,
            // Whatever Accuro answered, it was there.
            Self::Unavailable => {
                !matches!(other, Self::Ours | Self::Rule | Self::Repeated | Self::TooMany)
            }
            Self::Refused | Self::Scope => {
                matches!(
                    other,
                    Self::Worked | Self::Empty | Self::NotFound | Self::Invalid | Self::Conflict
                )
            }
            Self::Empty | Self::Garbled => other == Self::Worked,
            Self::NotFound => matches!(other, Self::Worked | Self::Empty),
            Self::Grant
            | Self::Invalid
            | Self::Conflict
            | Self::TooMany
            | Self::Ours
            | Self::Rule
            | Self::Repeated => {
                matches!(other, Self::Worked | Self::Empty)
            }
        };
        contrary.then_some(false)
    }

    /// How often calls show it although nothing is the matter: the share that is put down to chance.
    pub(super) const fn by_chance(self) -> f64 {
        match self {
            Self::Worked => 1.0,
            // People mistype, and lists are empty.
            Self::Empty => 0.1,
            Self::NotFound => 0.02,
            _ => 0.01,
        }
    }

    /// The reason says by itself what is the matter, so a single call is enough.
    pub(super) const fn speaks_for_itself(self) -> bool {
        matches!(
            self,
            Self::Worked
                | Self::Scope
                | Self::Conflict
                | Self::TooMany
                | Self::Ours
                | Self::Rule
                | Self::Repeated
        )
    }
}

/// 423 (RFC 4918): somebody holds a lock.
const LOCKED: u16 = 423;

/// Why accuscope did not send a change, where one with its key came before.
pub(super) fn repeat(call: &Sighting) -> Option<Repeat> {
    Repeat::of(call.ending, call.source, call.upstream_status)
}

/// A rule of accuscope's own, by which it turned a call away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// The app's key is missing or not registered.
    AppKey,
    /// The app is not registered for the clinic.
    Clinic,
    /// Sandbox and production met.
    Environment,
    /// Changes are switched off.
    ReadOnly,
}

impl Rule {
    #[cfg(test)]
    pub(super) const ALL: [Self; 4] =
        [Self::AppKey, Self::Clinic, Self::Environment, Self::ReadOnly];

    pub(super) fn of(call: &Sighting) -> Option<Self> {
        Some(match call.ending.reason()? {
            Reason::AppKeyUnknown => Self::AppKey,
            Reason::ClinicNotAllowed => Self::Clinic,
            Reason::EnvironmentMismatch => Self::Environment,
            Reason::ReadOnly => Self::ReadOnly,
            _ => return None,
        })
    }
}

/// An answer that did not come from Accuro.
pub(super) fn is_ours(call: &Sighting) -> bool {
    call.source == Source::Accuscope && call.upstream_status.is_none()
}

/// What kind of unavailability a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// No name, TCP or TLS.
    Connection,
    /// No answer in time.
    Answer,
    /// An answer that says error.
    Sense,
}

impl Lack {
    pub(super) fn of(call: &Sighting) -> Option<Self> {
        Some(match call.ending.reason()? {
            Reason::DnsFailed | Reason::ConnectFailed | Reason::TlsFailed => Self::Connection,
            Reason::ResponseTimeout => Self::Answer,
            Reason::UpstreamError | Reason::UpstreamUnavailable | Reason::BodyBroken => Self::Sense,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::fixtures::call;

    #[test]
    fn every_reason_is_a_symptom() {
        for reason in Reason::ALL {
            let call = Sighting { ending: Ending::failed(*reason), ..call(0) };
            assert!(Symptom::of(&call).is_some_and(|s| s != Symptom::Worked), "{reason}");
        }
        assert_eq!(Symptom::of(&Sighting { ending: Ending::Aborted, ..call(0) }), None);
    }

    #[test]
    fn a_lock_and_our_own_error_are_told_from_what_looks_the_same() {
        let of = |reason, status, source, upstream_status| {
            let ending = Ending::failed(reason);
            Symptom::of(&Sighting { status, upstream_status, ending, source, ..call(0) })
        };
        let (up, us) = (Source::Upstream, Source::Accuscope);
        assert_eq!(of(Reason::BadRequest, 423, up, Some(423)), Some(Symptom::Conflict));
        assert_eq!(of(Reason::BadRequest, 400, up, Some(400)), Some(Symptom::Invalid));
        assert_eq!(of(Reason::UpstreamError, 500, us, None), Some(Symptom::Ours));
        assert_eq!(of(Reason::UpstreamError, 500, up, Some(500)), Some(Symptom::Unavailable));
    }

    #[test]
    fn a_change_that_was_not_sent_again_is_told_from_accuros_conflict() {
        let (up, us) = (Source::Upstream, Source::Accuscope);
        for (reason, source, upstream_status, symptom) in [
            (Reason::Conflict, us, None, Symptom::Repeated),
            (Reason::Unprocessable, us, None, Symptom::Repeated),
            (Reason::DuplicateInFlight, us, None, Symptom::Repeated),
            (Reason::Conflict, up, Some(409), Symptom::Conflict),
            (Reason::Conflict, us, Some(409), Symptom::Conflict),
            (Reason::Unprocessable, up, Some(422), Symptom::Invalid),
            (Reason::ReadOnly, us, None, Symptom::Rule),
        ] {
            let ending = Ending::failed(reason);
            let seen = Sighting { upstream_status, ending, source, ..call(0) };
            assert_eq!(Symptom::of(&seen), Some(symptom), "{reason} {source:?}");
        }
        // It never reached Accuro, so it does not show that Accuro was there.
        assert_eq!(Symptom::Unavailable.compare(Symptom::Repeated), None);
    }

    #[test]
    fn an_answer_of_any_kind_shows_that_accuro_was_there() {
        assert_eq!(Symptom::Unavailable.compare(Symptom::Refused), Some(false));
        assert_eq!(Symptom::Unavailable.compare(Symptom::Rule), None);
        assert_eq!(Symptom::Refused.compare(Symptom::Unavailable), None);
        assert_eq!(Symptom::Refused.compare(Symptom::Empty), Some(false));
    }
}
