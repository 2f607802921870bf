//! Words for incidents: notes, alerts' severities, silences, what calls differ by.
//!
//! Owns the texts. What they stand for is the domain's.

use crate::domain::alert::Severity;
use crate::domain::alert::silence::{Span, Why};
use crate::domain::incident::differs::Facet;
use crate::domain::incident::note::Note;

/// What was done, after the fact.
pub(crate) const fn noted(note: Note) -> &'static str {
    match note {
        Note::Taken => "Took it",
        Note::GivenBack => "Gave it back",
        Note::ToldClinics => "Told the clinics",
        Note::AskedClinic => "Wrote to the clinic’s administrator",
        Note::ReportedToAccuro => "Reported it to Accuro’s support",
        Note::AskedVendor => "Wrote to the app’s makers",
        Note::ChangedSettings => "Put new credentials or settings in place",
        Note::Watching => "Watches whether it works",
        Note::Planned => "It was planned work",
        Note::FalseAlarm => "Nothing was wrong",
    }
}

/// The same in the list to choose from.
pub(crate) const fn choice(note: Note) -> &'static str {
    match note {
        Note::ToldClinics => "I told the clinics",
        Note::AskedClinic => "I wrote to the clinic’s administrator",
        Note::ReportedToAccuro => "I reported it to Accuro’s support",
        Note::AskedVendor => "I wrote to the app’s makers",
        Note::ChangedSettings => "I put new credentials or settings in place",
        Note::Watching => "I watch whether it works",
        other => noted(other),
    }
}

/// Who is told of an alert.
pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Pages",
        Severity::Warning => "Ticket",
        Severity::Silent => "Nobody is told",
    }
}

/// For how long nobody is told.
pub(crate) const fn silenced_for(span: Span) -> &'static str {
    match span {
        Span::HalfHour => "30 minutes",
        Span::TwoHours => "2 hours",
        Span::EightHours => "8 hours",
    }
}

/// Why nobody is told.
pub(crate) const fn silenced_why(why: Why) -> &'static str {
    match why {
        Why::WorkedOn => "Somebody is working on it",
        Why::KnownToAccuro => "Accuro’s support is working on it",
        Why::KnownToClinic => "The clinic is working on it",
        Why::Planned => "It is planned work",
        Why::FalseAlarm => "Nothing is wrong",
    }
}

/// What calls differ by.
pub(crate) const fn facet(facet: Facet) -> &'static str {
    match facet {
        Facet::Clinic => "Clinic",
        Facet::App => "App",
        Facet::Operation => "Task",
        Facet::Context => "Kind of sign-in",
        Facet::Office => "Office",
        Facet::TokenAge => "Age of the sign-in",
        Facet::ApiVersion => "API version",
        Facet::Instance => "Our instance",
        Facet::Shape => "Form of the answer",
    }
}
