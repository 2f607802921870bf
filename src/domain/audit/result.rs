//! What became of a mutation, judged by what was seen of it.

use crate::domain::labels::label_enum;
use crate::domain::reason::{Ending, Reason};

label_enum! {
    /// What became of a mutation.
    CallResult, "a result" {
        /// Accuro says that it was done.
        Applied = "applied",
        /// It was not done: Accuro refused it, or it never reached Accuro.
        Rejected = "rejected",
        /// It may have been done.
        Unknown = "unknown",
    }
}

impl CallResult {
    /// The result of a mutation that was sent.
    ///
    /// A success whose answer broke off, or was a page of another kind, is no proof. 408 comes from a
    /// server or something before it that stopped waiting, so it proves nothing either. Without a
    /// connection nothing can have been done.
    #[must_use]
    pub fn of(upstream_status: Option<u16>, ending: Ending) -> Self {
        match (upstream_status, ending.reason()) {
            (None, Some(Reason::DnsFailed | Reason::ConnectFailed | Reason::TlsFailed)) => {
                Self::Rejected
            }
            (
                Some(200..=299),
                Some(Reason::BodyBroken | Reason::MalformedBody | Reason::UnexpectedBody),
            )
            | (Some(408), _) => Self::Unknown,
            (Some(200..=299), _) => Self::Applied,
            (Some(400..=499), _) => Self::Rejected,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_called_applied_or_rejected() {
        let failed = Ending::failed;
        for (status, ending, result) in [
            (Some(200), Ending::Ok, CallResult::Applied),
            (Some(204), Ending::Empty, CallResult::Applied),
            // The app hung up after Accuro had said that it was done.
            (Some(201), Ending::Aborted, CallResult::Applied),
            (Some(200), failed(Reason::BodyBroken), CallResult::Unknown),
            (Some(200), failed(Reason::UnexpectedBody), CallResult::Unknown),
            (Some(200), failed(Reason::MalformedBody), CallResult::Unknown),
            (Some(303), Ending::Ok, CallResult::Unknown),
            (Some(302), failed(Reason::LoginRedirect), CallResult::Unknown),
            (Some(401), failed(Reason::TokenExpired), CallResult::Rejected),
            (Some(403), failed(Reason::Forbidden), CallResult::Rejected),
            (Some(409), failed(Reason::Conflict), CallResult::Rejected),
            (Some(422), Ending::Aborted, CallResult::Rejected),
            (Some(429), failed(Reason::RateLimited), CallResult::Rejected),
            (Some(408), failed(Reason::ResponseTimeout), CallResult::Unknown),
            (Some(500), failed(Reason::UpstreamError), CallResult::Unknown),
            (Some(503), failed(Reason::UpstreamUnavailable), CallResult::Unknown),
            (None, failed(Reason::ResponseTimeout), CallResult::Unknown),
            (None, failed(Reason::BodyBroken), CallResult::Unknown),
            (None, failed(Reason::ConnectFailed), CallResult::Rejected),
            (None, failed(Reason::DnsFailed), CallResult::Rejected),
            (None, failed(Reason::TlsFailed), CallResult::Rejected),
            (None, Ending::Aborted, CallResult::Unknown),
        ] {
            assert_eq!(CallResult::of(status, ending), result, "{status:?} {ending:?}");
        }
    }
}
