//! What a gateway must not send on, whoever asks for it.
//!
//! Owns four refusals of RFC 9110. Which calls Accuro can take is `admit`'s business.

use http::Method;

use super::Shared;
use super::headers::{self, Expectation, Forwards};
use crate::domain::reason::Reason;

/// Refuses what a gateway must not send on: tunnels, loops, unknown expectations, and requests that
/// have no hop left.
pub(super) fn check(
    shared: &Shared,
    head: &mut http::request::Parts,
) -> Result<Way, (u16, Reason)> {
    if head.method == Method::CONNECT {
        return Err((405, Reason::MethodNotAllowed));
    }
    if shared.via.is_in(&head.headers) {
        return Err((508, Reason::BadRequest));
    }
    if headers::expectation(&head.headers, head.version) == Expectation::Unknown {
        return Err((417, Reason::BadRequest));
    }
    if headers::count_forwards(&head.method, &mut head.headers) == Forwards::EndsHere {
        // RFC 9110, 7.6.2: whoever gets a 0 answers as the last recipient.
        if head.method == Method::OPTIONS {
            return Ok(Way::EndsHere);
        }
        return Err((405, Reason::MethodNotAllowed));
    }
    Ok(Way::Onward)
}

/// What becomes of a request that is not refused.
pub(super) enum Way {
    /// It goes on to Accuro.
    Onward,
    /// It asks what can be done here.
    EndsHere,
}
