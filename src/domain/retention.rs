//! How long what is kept: the classes of what accuscope keeps, and the moment before which each goes.
//!
//! Owns the classes and their arithmetic. Does not delete; see `crate::store` for rows and
//! `crate::journal` for segments.

use std::time::Duration;

use super::labels::label_enum;
use super::time::Timestamp;

label_enum! {
    /// What is kept for one length of time.
    Class, "a class of what is kept" {
        /// Events: one row for each call.
        Events = "events",
        /// References of patients, wherever they stand.
        PatientReferences = "patient_references",
        /// References of staff and of their tokens, wherever they stand.
        ActorReferences = "actor_references",
        /// Figures by the minute.
        MinuteFigures = "minute_figures",
        /// Figures by the hour.
        HourFigures = "hour_figures",
        /// Figures by the day.
        DayFigures = "day_figures",
        /// Incidents, after they are closed.
        Incidents = "incidents",
        /// Sessions, sign-in links and API tokens, after they have ended.
        Access = "access",
        /// Diagnoses, what was said about them, and who waits for their end.
        Diagnoses = "diagnoses",
        /// Segments of the journal that the store has indexed.
        Journal = "journal",
        /// The audit, and the ledger of what was purged.
        Audit = "audit",
    }
}

/// How long each class is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events.
    pub events: Duration,
    /// References of patients.
    pub patient_references: Duration,
    /// References of staff and of their tokens.
    pub actor_references: Duration,
    /// Figures by the minute.
    pub minute_figures: Duration,
    /// Figures by the hour.
    pub hour_figures: Duration,
    /// Figures by the day.
    pub day_figures: Duration,
    /// Incidents that are closed.
    pub incidents: Duration,
    /// Sessions, links and tokens that have ended.
    pub access: Duration,
    /// The diagnoses' own limit.
    pub diagnoses: Duration,
    /// The journal's own limit.
    pub journal: Duration,
    /// The audit.
    pub audit: Duration,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for Limits {
    fn default() -> Self {
        Self {
            events: DAY * 90,
            patient_references: DAY * 90,
            actor_references: DAY * 760,
            minute_figures: DAY * 2,
            hour_figures: DAY * 90,
            day_figures: DAY * 760,
            incidents: DAY * 760,
            access: DAY * 30,
            diagnoses: DAY * 90,
            journal: DAY * 90,
            audit: DAY * 3_650,
        }
    }
}

impl Limits {
    /// The shortest limit that can be set: a typing error must not empty the store.
    pub const SHORTEST: Duration = DAY;

    /// How long a class is kept. A segment of the journal holds events and references, and so does a
    /// diagnosis: each goes with the first of them.
    #[must_use]
    pub fn limit(&self, class: Class) -> Duration {
        match class {
            Class::Events => self.events,
            Class::PatientReferences => self.patient_references,
            Class::ActorReferences => self.actor_references,
            Class::MinuteFigures => self.minute_figures,
            Class::HourFigures => self.hour_figures,
            Class::DayFigures => self.day_figures,
            Class::Incidents => self.incidents,
            Class::Access => self.access,
            Class::Diagnoses => self.diagnoses.min(self.held()),
            Class::Journal => self.journal.min(self.held()),
            Class::Audit => self.audit,
        }
    }

    /// How long what holds events and references may be kept.
    fn held(&self) -> Duration {
        self.events.min(self.patient_references).min(self.actor_references)
    }

    /// What of a class is older than this is over its limit.
    #[must_use]
    pub fn cutoff(&self, class: Class, now: Timestamp) -> Timestamp {
        now.minus(self.limit(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_kept_no_longer_than_what_it_holds() {
        let limits =
            Limits { patient_references: DAY * 30, journal: DAY * 60, ..Limits::default() };
        assert_eq!(limits.limit(Class::Journal), DAY * 30);
        assert_eq!(limits.limit(Class::Diagnoses), DAY * 30);
        assert_eq!(limits.limit(Class::Events), DAY * 90);
        let now = Timestamp::from_seconds(100 * 86_400);
        assert_eq!(limits.cutoff(Class::PatientReferences, now).seconds(), 70 * 86_400);
    }
}
