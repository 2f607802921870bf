//! What one call's ending means: what happened, whose move it is, what to say.
//!
//! Owns a sentence for every reason. It looks at one call only, so it says what is certain and
//! leaves the cause to the diagnosis, which compares calls.

use super::tasks::task;
use crate::domain::event::Exchange;
use crate::domain::health::Owner;
use crate::domain::labels::Outcome;
use crate::domain::reason::{Ending, Reason};

/// What is said about one ending.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// What happened, one sentence.
    pub(crate) happened: String,
    /// What it means.
    pub(crate) means: &'static str,
    /// Whose move it is.
    pub(crate) owner: Owner,
    /// What to tell the person who asked.
    pub(crate) tell: &'static str,
}

/// Explains a call.
pub(crate) fn explain(call: &Exchange) -> Explanation {
    let task = task(call.operation.as_str());
    let (owner, happened, means, tell) = match call.ending {
        Ending::Ok => WORKED,
        Ending::Aborted => ABORTED,
        ending => of_reason(ending.reason().unwrap_or(Reason::UpstreamError)),
    };
    let unknown_write = call.mutation
        && call.attempts > 0
        && matches!(call.ending.outcome(), Outcome::Failed | Outcome::Aborted)
        && call.upstream_status.is_none();
    let means = if unknown_write { MAY_HAVE_BEEN_APPLIED } else { means };
    Explanation { happened: format!("{task}: {happened}"), means, owner, tell }
}

/// A reason in a few words, for lists.
pub(crate) const fn short(reason: Reason) -> &'static str {
    match reason {
        Reason::TokenMissing => "The call carried no sign-in",
        Reason::TokenExpired => "The sign-in had expired",
        Reason::TokenRejected => "The sign-in was not accepted",
        Reason::Forbidden => "The person was refused",
        Reason::GrantRejected => "Signing in was refused",
        Reason::ClientRejected => "The app itself was refused",
        Reason::ScopeRejected => "The app lacks a permission",
        Reason::LoginRedirect => "A sign-in page came instead of data",
        Reason::BadRequest => "The request was not accepted",
        Reason::Unprocessable => "A field was not accepted",
        Reason::Conflict => "Somebody else was changing it",
        Reason::MethodNotAllowed => "Accuro does not offer this here",
        Reason::TooLarge => "Too large for Accuro",
        Reason::UnsupportedType => "A kind of content that Accuro does not take",
        Reason::NotFound => "No such record",
        Reason::Gone => "The record is no longer there",
        Reason::EmptyResult => "Nothing found",
        Reason::RateLimited => "Accuro asked to slow down",
        Reason::UpstreamError => "Accuro failed while answering",
        Reason::UpstreamUnavailable => "Accuro is not available",
        Reason::DnsFailed => "Accuro’s address was not found",
        Reason::ConnectFailed => "No connection to Accuro",
        Reason::TlsFailed => "No safe connection to Accuro",
        Reason::ResponseTimeout => "Accuro took too long",
        Reason::BodyBroken => "The answer broke off",
        Reason::MalformedBody => "The answer could not be read",
        Reason::UnexpectedBody => "A web page came instead of data",
        Reason::AppKeyUnknown => "The app is not known to us",
        Reason::ClinicNotAllowed => "The app may not work for this clinic",
        Reason::EnvironmentMismatch => "Test and real were mixed up",
        Reason::RateLimit => "Our own limit",
        Reason::CircuitOpen => "We left a failing Accuro alone",
        Reason::ReadOnly => "Changes are switched off",
        Reason::AuditUnavailable => "No audit record could be written",
        Reason::DuplicateInFlight => "The same change was on its way",
        Reason::Overloaded => "We had no capacity",
    }
}

type Words = (Owner, &'static str, &'static str, &'static str);

const MAY_HAVE_BEEN_APPLIED: &str = "The change was sent and no answer came back, so it may have been applied. Look in Accuro before trying again.";

const WORKED: Words = (
    Owner::Nobody,
    "Accuro sent what was asked for.",
    "The call worked. If the screen showed nothing, the app did not show what it got.",
    "Accuro sent the answer. Which screen were you on, and which button did you press?",
);

const ABORTED: Words = (
    Owner::AppVendor,
    "the app hung up before the answer was complete.",
    "Somebody closed the screen, or the app waits for less long than Accuro needs.",
    "The app stopped waiting. Please try again and let it finish.",
);

const TRY_LATER: &str = "Accuro did not answer. Please try again in a few minutes.";
const OUR_FAULT: &str =
    "That is on our side and we are looking at it. You don’t need to do anything.";

#[expect(clippy::too_many_lines, reason = "one entry for each reason is the point of the table")]
const fn of_reason(reason: Reason) -> Words {
    match reason {
        Reason::TokenMissing => (
            Owner::AppVendor,
            "the call carried no sign-in.",
            "The app asked without a token. Accuro answers nobody without one.",
            "Please sign out of the app, sign in again and try once more.",
        ),
        Reason::TokenExpired => (
            Owner::User,
            "the sign-in had expired.",
            "Tokens live for about an hour. The app should have renewed this one.",
            "Please sign out, sign in again and try once more.",
        ),
        Reason::TokenRejected => (
            Owner::User,
            "Accuro did not accept the sign-in for this.",
            "Accuro says the same for a dead sign-in and for a missing permission. If this person’s other calls work, it is a permission.",
            "We are checking whether your sign-in ended or a permission is missing.",
        ),
        Reason::Forbidden => (
            Owner::ClinicAdmin,
            "Accuro refused this person.",
            "Accuro knows who asked and says no: a role, a mask or an office keeps this closed.",
            "Your sign-in works. Accuro limits this request, and your clinic’s Accuro administrator can look.",
        ),
        Reason::GrantRejected => (
            Owner::ClinicAdmin,
            "Accuro did not accept the sign-in data.",
            "A password changed, a refresh token was used twice, or access ended.",
            "Please sign in again. If that fails, your clinic’s Accuro administrator can check your access.",
        ),
        Reason::ClientRejected => (
            Owner::AppVendor,
            "Accuro did not accept the app itself.",
            "The app’s own credentials are wrong, ended or were replaced.",
            OUR_FAULT,
        ),
        Reason::ScopeRejected => (
            Owner::AppVendor,
            "the app was not granted permission for this.",
            "The grant lacks a scope that this task needs, for everybody who uses the app.",
            OUR_FAULT,
        ),
        Reason::LoginRedirect => (
            Owner::User,
            "Accuro sent a sign-in page instead of data.",
            "The session ended on Accuro’s side.",
            "Please sign out, sign in again and try once more.",
        ),
        Reason::BadRequest | Reason::Unprocessable => (
            Owner::AppVendor,
            "Accuro did not accept what the app sent.",
            "A field is missing, has the wrong form, or breaks a rule of Accuro’s.",
            "The app sent something that Accuro does not accept. We are passing it on.",
        ),
        Reason::Conflict => (
            Owner::User,
            "somebody else was changing the same thing.",
            "Accuro keeps the first change and asks the second to look again.",
            "Somebody changed it first. Please reload and try again.",
        ),
        Reason::MethodNotAllowed => (
            Owner::AppVendor,
            "Accuro does not offer this here.",
            "The app asked in a way that this version of Accuro does not know.",
            OUR_FAULT,
        ),
        Reason::TooLarge => (
            Owner::User,
            "what was sent is too large for Accuro.",
            "Usually an attachment above Accuro’s limit.",
            "The file is too large for Accuro. Please send a smaller one.",
        ),
        Reason::UnsupportedType => (
            Owner::AppVendor,
            "Accuro does not take this kind of content.",
            "The type of the upload, or of the answer asked for, is not one that Accuro knows.",
            OUR_FAULT,
        ),
        Reason::NotFound => (
            Owner::User,
            "Accuro has no such record for this person.",
            "It was never there, is hidden from this person, or was merged or deleted.",
            "Accuro has nothing under that. Please check that it belongs to this clinic and office.",
        ),
        Reason::Gone => (
            Owner::ClinicAdmin,
            "the record is no longer there.",
            "Accuro says that it was there: merged, archived or deleted.",
            "The record was merged, archived or deleted in Accuro.",
        ),
        Reason::EmptyResult => (
            Owner::Nobody,
            "Accuro answered that there is nothing.",
            "Often the true answer. It can also mean that the search was too narrow, or that this person may not see what is there.",
            "Accuro found nothing. Please try other search terms, and check the office you work in.",
        ),
        Reason::RateLimited => (
            Owner::AppVendor,
            "Accuro asked the app to slow down.",
            "Too many calls in a short time.",
            "Please wait a minute and try again.",
        ),
        Reason::UpstreamError => (
            Owner::Accuro,
            "Accuro failed while answering.",
            "An error inside Accuro. If others have it too, Accuro is in trouble.",
            TRY_LATER,
        ),
        Reason::UpstreamUnavailable => (
            Owner::Accuro,
            "Accuro is not available.",
            "Accuro’s entrance answers, what is behind it does not: an outage or maintenance.",
            TRY_LATER,
        ),
        Reason::DnsFailed => (
            Owner::Operator,
            "we could not find Accuro’s address.",
            "The name did not resolve. Look at our network first.",
            OUR_FAULT,
        ),
        Reason::ConnectFailed => (
            Owner::Operator,
            "we could not connect to Accuro.",
            "No connection came about. Our network, a firewall, or Accuro being down.",
            TRY_LATER,
        ),
        Reason::TlsFailed => (
            Owner::Operator,
            "we could not connect to Accuro safely.",
            "The certificate did not pass. Nothing was sent.",
            OUR_FAULT,
        ),
        Reason::ResponseTimeout => (
            Owner::Accuro,
            "Accuro took too long.",
            "No answer came in the time that we wait.",
            TRY_LATER,
        ),
        Reason::BodyBroken => (
            Owner::Accuro,
            "Accuro’s answer broke off.",
            "The connection ended in the middle of the answer.",
            TRY_LATER,
        ),
        Reason::MalformedBody => (
            Owner::AppVendor,
            "Accuro’s answer could not be read.",
            "It claims to be JSON and is not. A new version of Accuro may answer differently.",
            OUR_FAULT,
        ),
        Reason::UnexpectedBody => (
            Owner::Accuro,
            "Accuro sent a web page instead of data.",
            "Usually a maintenance page or a sign-in page.",
            TRY_LATER,
        ),
        Reason::AppKeyUnknown => (
            Owner::Operator,
            "we don’t know the app that called.",
            "Its key is missing or not registered, so nothing was sent to Accuro.",
            OUR_FAULT,
        ),
        Reason::ClinicNotAllowed => (
            Owner::Operator,
            "the app may not work for this clinic.",
            "The registration does not list it, so nothing was sent to Accuro.",
            OUR_FAULT,
        ),
        Reason::EnvironmentMismatch => (
            Owner::Operator,
            "test and real were mixed up.",
            "A sandbox identity met production, or the reverse. Nothing was sent to Accuro.",
            "Please stop using the app until we write to you.",
        ),
        Reason::RateLimit => (
            Owner::AppVendor,
            "our own limit stopped the call.",
            "The app sends more calls than it may. Nothing was sent to Accuro.",
            "Please wait a minute and try again.",
        ),
        Reason::CircuitOpen => (
            Owner::Accuro,
            "Accuro fails so often that we left it alone for a moment.",
            "We pause calls to a failing Accuro, so that people get an answer at once.",
            TRY_LATER,
        ),
        Reason::ReadOnly => (
            Owner::Operator,
            "changes are switched off right now.",
            "Reading works. Nothing was sent to Accuro.",
            "Changes are paused for the moment. Reading works.",
        ),
        Reason::AuditUnavailable => (
            Owner::Operator,
            "we could not write the audit record, so we did not send the change.",
            "No change goes to a chart without its record.",
            OUR_FAULT,
        ),
        Reason::DuplicateInFlight => (
            Owner::Nobody,
            "the same change was already on its way.",
            "The app sent it twice with one key. The first one counts.",
            "The change is on its way. Please look again in a moment.",
        ),
        Reason::Overloaded => {
            (Owner::Operator, "we had no capacity.", "Our service was overloaded.", OUR_FAULT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_whose_move_it_is_in_plain_words() {
        for reason in Reason::ALL {
            let (_, happened, means, tell) = of_reason(*reason);
            for text in [happened, means, tell] {
                assert!(text.ends_with('.') || text.ends_with('?'), "{reason}: {text}");
                assert!(text.split(' ').count() <= 40, "{reason}: {text}");
                assert!(!text.contains(['!', '\'', ';']), "{reason}: {text}");
            }
        }
    }

    #[test]
    fn a_refusal_of_ours_never_blames_accuro() {
        use crate::domain::labels::Category;
        for reason in Reason::ALL.iter().filter(|r| r.category() == Category::Policy) {
            let owner = of_reason(*reason).0;
            assert!(owner != Owner::Accuro || *reason == Reason::CircuitOpen, "{reason}");
        }
    }
}
