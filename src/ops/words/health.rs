//! Words for states, owners and troubles.
//!
//! Owns what a state is called and who "whose to fix" is. The sentences themselves are
//! `crate::domain::health::say`'s, since the API says them too.

use super::language::Language;
use crate::domain::health::{Owner, State, Trouble};
use crate::domain::registry::Phase;

/// The word on a badge.
pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Failing => "Failing",
        State::SomeFailures => "Some failures",
        State::Silent => "Silent",
        State::NotKnown => "Not known",
        State::Quiet => "Quiet",
        State::Working => "Working",
        State::NotStarted => "Not started",
    }
}

/// Who has to move, and who has not.
pub(crate) const fn owner(owner: Owner) -> (&'static str, &'static str) {
    match owner {
        Owner::Accuro => ("Accuro (QHR)", "Not us. Not the clinic."),
        Owner::ClinicAdmin => ("The clinic’s administrator", "Not us. Not Accuro."),
        Owner::User => ("The person who asked", "Not us. Not Accuro."),
        Owner::AppVendor => ("The app’s makers", "Not the clinic. Not Accuro."),
        Owner::Operator => ("Us", "Not the clinic. Not Accuro."),
        Owner::Nobody => ("Nobody", "There is nothing to fix."),
    }
}

/// What is wrong, in a few words.
pub(crate) const fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AccuscopeFailing => "Our service has no capacity or no audit",
        Trouble::AccuroUnreachable => "No connection to Accuro comes about",
        Trouble::AccuroDown | Trouble::ClinicDown => "Accuro gives errors or no answer",
        Trouble::AccuroSlow => "Accuro takes more than twice as long as usual",
        Trouble::AppCredentialsRejected => "Accuro refuses our app’s credentials",
        Trouble::ClinicConnectionRejected => "Accuro rejects the clinic’s connection",
        Trouble::ClinicSignInFailing => "New sign-ins are refused",
        Trouble::ClinicSlow => "Calls take more than twice as long as usual",
        Trouble::RateLimited => "Accuro limits how much the app may ask",
        Trouble::RequestRejected => "Accuro does not accept what the app sends",
        Trouble::AnswerChanged => "Answers have another form than the app expects",
        Trouble::SomeRefused => "Some calls are refused, others work",
        Trouble::RefusedByAccuscope => "A rule of ours stops the calls",
        Trouble::GoneSilent => "No calls, where there always are some",
        Trouble::NotRecorded => "We are not recording calls",
    }
}

/// The alert whose runbook says what to do about a trouble.
pub(crate) const fn runbook(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AccuscopeFailing => "AccuscopeDown",
        Trouble::AccuroUnreachable | Trouble::AccuroDown => "AccuscopeUpstreamOutage",
        Trouble::AccuroSlow | Trouble::ClinicDown | Trouble::ClinicSlow => {
            "AccuscopeUpstreamDegraded"
        }
        Trouble::AppCredentialsRejected => "AccuscopeFleetAuthFailing",
        Trouble::ClinicConnectionRejected | Trouble::SomeRefused => "AccuscopeClinicAuthFailing",
        Trouble::ClinicSignInFailing => "AccuscopeTokenRefreshFailing",
        Trouble::RateLimited => "AccuscopeRateLimited",
        Trouble::RequestRejected | Trouble::AnswerChanged => "AccuscopeSchemaDrift",
        Trouble::RefusedByAccuscope => "AccuscopeEnvironmentMismatch",
        Trouble::GoneSilent => "AccuscopeClinicSilent",
        Trouble::NotRecorded => "AccuscopeIndexerBehind",
    }
}

/// How sure the watch is, in words and a number.
pub(crate) fn confidence(confidence: f64) -> String {
    format!("{:.0} % sure", (confidence * 100.0).round())
}

/// What a phase is called.
pub(crate) const fn phase(phase: Phase, language: Language) -> &'static str {
    match phase {
        Phase::Onboarding => language.of("Setting up", "En préparation"),
        Phase::Pilot => language.of("Pilot", "Essai"),
        Phase::Expanding => language.of("Expanding", "En expansion"),
        Phase::Live => language.of("Live", "En usage"),
        Phase::Paused => language.of("Paused", "En pause"),
    }
}
