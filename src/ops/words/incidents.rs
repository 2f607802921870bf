//! Words for incidents: notes, alerts' severities, silences, what calls differ by.
//!
//! Owns the texts. What they stand for is the domain's.

use super::language::Language;
use crate::domain::alert::Severity;
use crate::domain::alert::silence::{Span, Why};
use crate::domain::incident::differs::Facet;
use crate::domain::incident::note::Note;

/// What was done, after the fact.
pub(crate) const fn noted(note: Note, language: Language) -> &'static str {
    match note {
        Note::Taken => language.of("Took it", "L’a pris en charge"),
        Note::GivenBack => language.of("Gave it back", "L’a rendu"),
        Note::ToldClinics => language.of("Told the clinics", "A prévenu les cliniques"),
        Note::AskedClinic => language
            .of("Wrote to the clinic’s administrator", "A écrit à l’administrateur de la clinique"),
        Note::ReportedToAccuro => {
            language.of("Reported it to Accuro’s support", "L’a signalé au soutien d’Accuro")
        }
        Note::AskedVendor => {
            language.of("Wrote to the app’s makers", "A écrit aux auteurs de l’application")
        }
        Note::ChangedSettings => language.of(
            "Put new credentials or settings in place",
            "A mis en place de nouveaux identifiants ou réglages",
        ),
        Note::Watching => language.of("Watches whether it works", "Surveille si cela fonctionne"),
        Note::Planned => language.of("It was planned work", "C’était un travail planifié"),
        Note::FalseAlarm => language.of("Nothing was wrong", "Rien n’allait mal"),
    }
}

/// The same in the list to choose from.
pub(crate) const fn choice(note: Note, language: Language) -> &'static str {
    match note {
        Note::ToldClinics => language.of("I told the clinics", "J’ai prévenu les cliniques"),
        Note::AskedClinic => language.of(
            "I wrote to the clinic’s administrator",
            "J’ai écrit à l’administrateur de la clinique",
        ),
        Note::ReportedToAccuro => {
            language.of("I reported it to Accuro’s support", "Je l’ai signalé au soutien d’Accuro")
        }
        Note::AskedVendor => {
            language.of("I wrote to the app’s makers", "J’ai écrit aux auteurs de l’application")
        }
        Note::ChangedSettings => language.of(
            "I put new credentials or settings in place",
            "J’ai mis en place de nouveaux identifiants ou réglages",
        ),
        Note::Watching => {
            language.of("I watch whether it works", "Je surveille si cela fonctionne")
        }
        other => noted(other, language),
    }
}

/// Who is told of an alert.
pub(crate) const fn severity(severity: Severity, language: Language) -> &'static str {
    match severity {
        Severity::Critical => language.of("Pages", "Appelle quelqu’un"),
        Severity::Warning => language.of("Ticket", "Billet"),
        Severity::Silent => language.of("Nobody is told", "Personne n’est prévenu"),
    }
}

/// For how long nobody is told.
pub(crate) const fn silenced_for(span: Span, language: Language) -> &'static str {
    match span {
        Span::HalfHour => language.of("30 minutes", "30 minutes"),
        Span::TwoHours => language.of("2 hours", "2 heures"),
        Span::EightHours => language.of("8 hours", "8 heures"),
    }
}

/// Why nobody is told.
pub(crate) const fn silenced_why(why: Why, language: Language) -> &'static str {
    match why {
        Why::WorkedOn => language.of("Somebody is working on it", "Quelqu’un y travaille"),
        Why::KnownToAccuro => {
            language.of("Accuro’s support is working on it", "Le soutien d’Accuro y travaille")
        }
        Why::KnownToClinic => language.of("The clinic is working on it", "La clinique y travaille"),
        Why::Planned => language.of("It is planned work", "C’est un travail planifié"),
        Why::FalseAlarm => language.of("Nothing is wrong", "Rien ne va mal"),
    }
}

/// What calls differ by.
pub(crate) const fn facet(facet: Facet, language: Language) -> &'static str {
    match facet {
        Facet::Clinic => language.of("Clinic", "Clinique"),
        Facet::App => language.of("App", "Application"),
        Facet::Operation => language.of("Task", "Tâche"),
        Facet::Context => language.of("Kind of sign-in", "Type de connexion"),
        Facet::Office => language.of("Office", "Bureau"),
        Facet::TokenAge => language.of("Age of the sign-in", "Âge de la connexion"),
        Facet::ApiVersion => language.of("API version", "Version de l’API"),
        Facet::Instance => language.of("Our instance", "Notre instance"),
        Facet::Shape => language.of("Form of the answer", "Forme de la réponse"),
    }
}
