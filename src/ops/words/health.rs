//! Words for states, owners and troubles.
//!
//! Owns what a state is called and who "whose to fix" is. The sentences themselves are
//! `crate::domain::health::say`'s, since the API says them too.

use super::language::{Language, said};
use crate::domain::health::{Owner, State, Trouble};
use crate::domain::registry::Phase;

/// The word on a badge.
pub(crate) const fn state(state: State, language: Language) -> &'static str {
    match state {
        State::Failing => language.of("Failing", "En panne"),
        State::SomeFailures => language.of("Some failures", "Quelques échecs"),
        State::Silent => language.of("Silent", "Muette"),
        State::NotKnown => language.of("Not known", "Inconnu"),
        State::Quiet => language.of("Quiet", "Calme"),
        State::Working => language.of("Working", "Fonctionne"),
        State::NotStarted => language.of("Not started", "Pas commencé"),
    }
}

/// Who has to move, and who has not.
pub(crate) const fn owner(owner: Owner, language: Language) -> (&'static str, &'static str) {
    match owner {
        Owner::Accuro => (
            language.of("Accuro (QHR)", "Accuro (QHR)"),
            language.of("Not us. Not the clinic.", "Ni nous, ni la clinique."),
        ),
        Owner::ClinicAdmin => (
            language.of("The clinic’s administrator", "L’administrateur de la clinique"),
            language.of("Not us. Not Accuro.", "Ni nous, ni Accuro."),
        ),
        Owner::User => (
            language.of("The person who asked", "La personne qui a demandé"),
            language.of("Not us. Not Accuro.", "Ni nous, ni Accuro."),
        ),
        Owner::AppVendor => (
            language.of("The app’s makers", "Les auteurs de l’application"),
            language.of("Not the clinic. Not Accuro.", "Ni la clinique, ni Accuro."),
        ),
        Owner::Operator => (
            language.of("Us", "Nous"),
            language.of("Not the clinic. Not Accuro.", "Ni la clinique, ni Accuro."),
        ),
        Owner::Nobody => (
            language.of("Nobody", "Personne"),
            language.of("There is nothing to fix.", "Il n’y a rien à réparer."),
        ),
    }
}

/// What is wrong, in a few words.
pub(crate) const fn trouble(trouble: Trouble, language: Language) -> &'static str {
    match trouble {
        Trouble::AccuscopeFailing => language.of(
            "Our service has no capacity or no audit",
            "Notre service n’a plus de capacité ou plus d’audit",
        ),
        Trouble::AccuroUnreachable => language
            .of("No connection to Accuro comes about", "Aucune connexion à Accuro ne s’établit"),
        Trouble::AccuroDown | Trouble::ClinicDown => language
            .of("Accuro gives errors or no answer", "Accuro donne des erreurs ou ne répond pas"),
        Trouble::AccuroSlow => language.of(
            "Accuro takes more than twice as long as usual",
            "Accuro prend plus de deux fois le temps habituel",
        ),
        Trouble::AppCredentialsRejected => language.of(
            "Accuro refuses our app’s credentials",
            "Accuro refuse les identifiants de notre application",
        ),
        Trouble::ClinicConnectionRejected => language.of(
            "Accuro rejects the clinic’s connection",
            "Accuro rejette la connexion de la clinique",
        ),
        Trouble::ClinicSignInFailing => {
            language.of("New sign-ins are refused", "Les nouvelles connexions sont refusées")
        }
        Trouble::ClinicSlow => language.of(
            "Calls take more than twice as long as usual",
            "Les appels prennent plus de deux fois le temps habituel",
        ),
        Trouble::RateLimited => language.of(
            "Accuro limits how much the app may ask",
            "Accuro limite ce que l’application peut demander",
        ),
        Trouble::RequestRejected => language.of(
            "Accuro does not accept what the app sends",
            "Accuro n’accepte pas ce que l’application envoie",
        ),
        Trouble::AnswerChanged => language.of(
            "Answers have another form than the app expects",
            "Les réponses n’ont pas la forme que l’application attend",
        ),
        Trouble::SomeRefused => language.of(
            "Some calls are refused, others work",
            "Certains appels sont refusés, d’autres fonctionnent",
        ),
        Trouble::RefusedByAccuscope => {
            language.of("A rule of ours stops the calls", "Une de nos règles arrête les appels")
        }
        Trouble::GoneSilent => language
            .of("No calls, where there always are some", "Aucun appel, là où il y en a toujours"),
        Trouble::NotRecorded => {
            language.of("We are not recording calls", "Nous n’enregistrons pas les appels")
        }
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
pub(crate) fn confidence(confidence: f64, language: Language) -> String {
    let percent = (confidence * 100.0).round();
    said!(language, "{percent:.0}% sure", "sûr à {percent:.0}\u{a0}%")
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
