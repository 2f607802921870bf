//! The texts in English.

use super::{Saying, Words};

/// What stands before the support code.
pub(super) const BEFORE_CODE: &str = "If you ask for help, give this code:";

/// What stands before the time at which a change was made.
pub(super) const BEFORE_TIME: &str = "Already applied at";

/// The words.
pub(super) const fn words(saying: Saying) -> Words {
    let (title, detail) = match saying {
        Saying::AppKeyUnknown => (
            "This app is not known here",
            "The app did not show a key that works here. Your request was not sent to Accuro. Please tell the people who support the app.",
        ),
        Saying::ClinicNotAllowed => (
            "This app is not set up for this clinic",
            "The app is not set up to work for this clinic. Your request was not sent to Accuro. Please tell the people who support the app.",
        ),
        Saying::EnvironmentMismatch => (
            "Test and real clinics are mixed up",
            "The app mixed up a test clinic and a real one. Your request was not sent to Accuro. Please stop, and tell the people who support the app.",
        ),
        Saying::RateLimit => (
            "Too many requests",
            "The app sent too much at once. Your request was not sent to Accuro. Wait one minute, then try again.",
        ),
        Saying::CircuitOpen => (
            "Accuro is not answering",
            "Accuro has not worked for a while, so your request was not sent. Nothing was changed. Wait one minute, then try again.",
        ),
        Saying::ReadOnly => (
            "Changes are switched off",
            "You can look things up, but changes are switched off for now. Nothing was changed. Make the change in Accuro, or try again later.",
        ),
        Saying::AuditUnavailable => (
            "Changes are not possible right now",
            "We could not keep a safe record of this change, so it was not sent. Nothing was changed. You can still look things up. Wait one minute, then try again.",
        ),
        Saying::DuplicateInFlight => (
            "This change is being made",
            "The same change is being made right now. Wait a moment, then look in Accuro before you try again.",
        ),
        Saying::Overloaded => (
            "Too busy right now",
            "Our service is too busy right now. Your request was not sent to Accuro. Wait one minute, then try again.",
        ),
        Saying::ResponseTimeout => (
            "Accuro did not answer in time",
            "Accuro took too long to answer. If you made a change, look in Accuro to see if it was saved before you try again.",
        ),
        Saying::Unreachable => (
            "Accuro cannot be reached",
            "We cannot reach Accuro right now. Nothing was changed. Wait a few minutes, then try again.",
        ),
        Saying::AnswerBroken => (
            "Accuro's answer broke off",
            "The line to Accuro broke before the whole answer came. If you made a change, look in Accuro to see if it was saved before you try again.",
        ),
        Saying::TooLarge => (
            "The request was too large",
            "The app sent a request that is too large. It was not sent to Accuro. Please tell the people who support the app.",
        ),
        Saying::MethodNotAllowed => (
            "This cannot be done here",
            "The app asked for something that cannot be done here. Nothing was sent to Accuro. Please tell the people who support the app.",
        ),
        Saying::BadRequest => (
            "The request was not valid",
            "The app sent a request that is not valid. It was not sent to Accuro. Please tell the people who support the app.",
        ),
        Saying::PartlySent => (
            "The request broke off",
            "The request broke off, and part of it was sent to Accuro. If you made a change, look in Accuro to see if it was saved before you try again.",
        ),
        Saying::AlreadySaved => (
            "Already saved",
            "This change is in Accuro now, so it was not sent again. Open the record in Accuro to see it. Do not try again.",
        ),
        Saying::PerhapsSaved => (
            "This change may be saved",
            "A change with the same key was saved then. We can not tell if it is this one, so yours was not sent. Look in Accuro before you try again.",
        ),
        Saying::CheckInAccuro => (
            "Unknown: check in Accuro",
            "This change was sent before, but no one knows if it was saved. It was not sent again. Look in Accuro before you try again.",
        ),
        Saying::TwoChanges => (
            "Two changes were mixed up",
            "The app mixed up two changes, so this one was not sent to Accuro. Please tell the people who support the app.",
        ),
        Saying::KeysUnreachable => (
            "We cannot tell if this was sent before",
            "We cannot tell right now if this change was sent before, so it was not sent. Nothing was changed. Wait one minute, then try again.",
        ),
        Saying::NoIdempotencyKey => (
            "The change was not marked in a valid way",
            "The app did not mark this change in a valid way, so it was not sent to Accuro. Please tell the people who support the app.",
        ),
    };
    Words { title, detail }
}
