//! When accuscope answers instead of Accuro: which status, and what is said.
//!
//! Owns one row a reason. 401 is never made here, so that a failure of ours is never taken for
//! Accuro's (design 13). The words are in [`super::refusal_words`].

use super::labels::Source;
use super::reason::{Ending, Reason};
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

/// Why a change was not sent to Accuro: one with its `Idempotency-Key` came before. That one is saved or
/// may be, so whoever meets it looks in Accuro before anything else. The most that may be saved first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repeat {
    /// It was sent before.
    Before,
    /// Another change was sent with its key.
    Mixed,
    /// It is on its way.
    UnderWay,
}

impl Repeat {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Before, Self::Mixed, Self::UnderWay];

    /// Of a recorded call. Accuro has a 409 and a 422 of its own, which say something else.
    #[must_use]
    pub fn of(ending: Ending, source: Source, upstream_status: Option<u16>) -> Option<Self> {
        if source != Source::Accuscope || upstream_status.is_some() {
            return None;
        }
        match ending.reason()? {
            Reason::Conflict => Some(Self::Before),
            Reason::Unprocessable => Some(Self::Mixed),
            Reason::DuplicateInFlight => Some(Self::UnderWay),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::admission::idempotency::{self, Fate, Standing};
    use crate::domain::labels::Category;
    use crate::domain::time::Timestamp;

    #[test]
    fn every_policy_reason_has_its_own_words_and_none_is_401() {
        for reason in Reason::ALL {
            let refusal = refusal(*reason);
            assert_ne!(refusal.status, 401, "{reason}");
            let own = reason.category() != Category::Policy || refusal.saying != Saying::BadRequest;
            assert!(own, "{reason}");
        }
    }

    #[test]
    fn what_is_refused_for_its_key_is_told_from_accuros_own_answers() {
        let at = Timestamp::from_seconds(0);
        for (standing, repeat) in [
            (Standing::Again(Fate::Applied { status: 201, at }), Repeat::Before),
            (Standing::Again(Fate::Unknown { at }), Repeat::Before),
            (Standing::Alike { at }, Repeat::Before),
            (Standing::OtherRequest, Repeat::Mixed),
            (Standing::Again(Fate::InFlight), Repeat::UnderWay),
        ] {
            let (reason, words) = idempotency::refusal(standing).unwrap();
            let ending = Ending::failed(reason);
            assert_eq!(Repeat::of(ending, Source::Accuscope, None), Some(repeat), "{standing:?}");
            assert_eq!(Repeat::of(ending, Source::Upstream, Some(words.status)), None);
        }
        for reason in [Reason::ReadOnly, Reason::BadRequest, Reason::ResponseTimeout] {
            assert_eq!(Repeat::of(Ending::failed(reason), Source::Accuscope, None), None);
        }
        assert_eq!(Repeat::of(Ending::Ok, Source::Accuscope, None), None);
    }
}
