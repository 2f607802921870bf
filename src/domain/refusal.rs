//! What accuscope says when it answers instead of Accuro: status and words for clinic staff.
//!
//! Owns one row a reason. Nothing of the request is repeated, and 401 is never made here, so that a
//! failure of ours is never taken for Accuro's (design 13).

use super::reason::Reason;

/// Status and words of one refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// A few words (RFC 9457, `title`).
    pub title: &'static str,
    /// What happened and what to do, for clinic staff (RFC 9457, `detail`).
    pub detail: &'static str,
}

/// The words for a reason for which accuscope answers.
#[must_use]
pub const fn refusal(reason: Reason) -> Refusal {
    let (status, title, detail) = match reason {
        Reason::AppKeyUnknown => (
            403,
            "This app is not known here",
            "The app did not show a valid key, so its request was not sent to Accuro. Please tell the app's support and give them the support code.",
        ),
        Reason::ClinicNotAllowed => (
            403,
            "This app may not work for this clinic",
            "The app is not set up for this clinic, so its request was not sent to Accuro. Please tell the app's support and give them the support code.",
        ),
        Reason::EnvironmentMismatch => (
            421,
            "Wrong environment",
            "The app mixes test and real clinics, so its request was not sent to Accuro. Please stop and tell the app's support.",
        ),
        Reason::RateLimit => (
            429,
            "Too many requests",
            "The app sent too many requests at once. Please wait a minute and try again.",
        ),
        Reason::CircuitOpen => (
            503,
            "Accuro is not answering",
            "Accuro has not been answering, so this request was not sent. Please wait a minute and try again.",
        ),
        Reason::ReadOnly => (
            503,
            "Changes are switched off",
            "Looking things up works, but changes are switched off for now. Nothing was changed in Accuro. Please make the change in Accuro itself or try again later.",
        ),
        Reason::AuditUnavailable => (
            503,
            "Changes are not possible right now",
            "This change could not be recorded safely, so it was not sent. Nothing was changed in Accuro. Please try again in a minute.",
        ),
        Reason::DuplicateInFlight => (
            409,
            "Already being worked on",
            "The same change is being made right now. Please wait a moment and look at the result before trying again.",
        ),
        Reason::Overloaded => (
            503,
            "Too busy",
            "Our service is too busy right now, and the request was not sent to Accuro. Please try again in a minute.",
        ),
        Reason::ResponseTimeout => (
            504,
            "Accuro did not answer in time",
            "Accuro took too long to answer. If you were changing something, look in Accuro whether it was saved before you try again.",
        ),
        Reason::DnsFailed | Reason::ConnectFailed | Reason::TlsFailed => (
            502,
            "Accuro cannot be reached",
            "There is no connection to Accuro, and nothing was changed there. Please try again in a few minutes.",
        ),
        Reason::BodyBroken => (
            502,
            "Accuro's answer broke off",
            "The connection to Accuro broke before the answer was complete. If you were changing something, look in Accuro whether it was saved before you try again.",
        ),
        Reason::TooLarge => (
            413,
            "The request was too large",
            "The app sent a request with an address or header fields that are too large, so it was not sent to Accuro. Please tell the app's support and give them the support code.",
        ),
        Reason::MethodNotAllowed => (
            405,
            "Not possible",
            "The app asked for something that cannot be done here. Please tell the app's support and give them the support code.",
        ),
        _ => (
            400,
            "The request was not valid",
            "The app sent a request that is not valid, so it was not sent to Accuro. Please tell the app's support and give them the support code.",
        ),
    };
    Refusal { status, title, detail }
}

/// The words for a request that broke off after part of it had gone on to Accuro.
pub const PARTLY_SENT: Refusal = Refusal {
    status: 400,
    title: "The request broke off",
    detail: "The app's request broke off, and part of it had been sent to Accuro already. If you were changing something, look in Accuro whether it was saved before you try again.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::labels::Category;

    #[test]
    fn every_policy_reason_has_its_own_words_and_none_is_401() {
        let general = refusal(Reason::BadRequest);
        for reason in Reason::ALL {
            let refusal = refusal(*reason);
            assert_ne!(refusal.status, 401, "{reason}");
            assert!(refusal.detail.split_whitespace().count() <= 40, "{reason}");
            let own = reason.category() != Category::Policy || refusal.title != general.title;
            assert!(own, "{reason}");
        }
    }
}
