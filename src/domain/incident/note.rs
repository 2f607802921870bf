//! What people do about an incident: a fixed list, so that no text can name anybody.
//!
//! Owns the list and who has taken an incident. Who may is the site's policy.

use super::Incident;
use crate::domain::labels::label_enum;
use crate::domain::time::Timestamp;

label_enum! {
    /// Something that somebody did about an incident.
    Note, "a note" {
        /// Took it: others need not.
        Taken = "taken",
        /// Gave it back, for somebody else to take.
        GivenBack = "given_back",
        /// Told the clinics that it touches.
        ToldClinics = "told_clinics",
        /// Wrote to a clinic's administrator.
        AskedClinic = "asked_clinic",
        /// Reported it to Accuro's support.
        ReportedToAccuro = "reported_to_accuro",
        /// Wrote to the app's makers.
        AskedVendor = "asked_vendor",
        /// Put new credentials or settings in place.
        ChangedSettings = "changed_settings",
        /// Done what can be done; waits whether it works.
        Watching = "watching",
        /// It was planned work.
        Planned = "planned",
        /// Nothing was wrong.
        FalseAlarm = "false_alarm",
    }
}

impl Note {
    /// The notes that somebody may choose; the others follow from what is done.
    pub const CHOICES: &'static [Self] = &[
        Self::ToldClinics,
        Self::AskedClinic,
        Self::ReportedToAccuro,
        Self::AskedVendor,
        Self::ChangedSettings,
        Self::Watching,
        Self::Planned,
        Self::FalseAlarm,
    ];
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// When.
    pub at: Timestamp,
    /// What.
    pub note: Note,
    /// Whose account; `None` where sign-in is off.
    pub account: Option<String>,
}

/// Who has taken an incident, and since when: the last who took it, unless it was given back or has
/// come back since. The notes are in the order of time.
#[must_use]
pub fn taken(notes: &[Noted]) -> Option<&Noted> {
    let last = notes.iter().rfind(|noted| matches!(noted.note, Note::Taken | Note::GivenBack))?;
    (last.note == Note::Taken).then_some(last)
}

/// How far an incident has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has taken it.
    Open,
    /// Somebody looks after it.
    Taken,
    /// What can be done is done.
    Watching,
    /// It is over.
    Closed,
}

/// How far an incident has come, by its notes in the order of time.
#[must_use]
pub fn stage(incident: &Incident, notes: &[Noted]) -> Stage {
    if !incident.is_open() {
        return Stage::Closed;
    }
    let Some(taken) = taken(notes) else { return Stage::Open };
    let watching = |noted: &Noted| noted.note == Note::Watching && noted.at >= taken.at;
    if notes.iter().any(watching) { Stage::Watching } else { Stage::Taken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cause::{Cause, Scope};
    use crate::domain::health::State;
    use crate::domain::incident::{Counts, Key};

    fn incident(closed_at: Option<Timestamp>) -> Incident {
        Incident {
            number: 1,
            key: Key { cause: Cause::AccuroDown, scope: Scope::Platform, clinic: None },
            state: State::Failing,
            category: None,
            operation: None,
            confidence: 0.9,
            since: Timestamp::from_seconds(0),
            opened_at: Timestamp::from_seconds(0),
            last_seen: Timestamp::from_seconds(0),
            closed_at,
            end: None,
            peak: Counts::default(),
        }
    }

    #[test]
    fn an_incident_goes_from_open_to_taken_to_watching_and_back() {
        let made = |(second, note): (i64, Note)| Noted {
            at: Timestamp::from_seconds(second),
            note,
            account: Some("r.okafor".into()),
        };
        for (notes, expected) in [
            (vec![], Stage::Open),
            (vec![(1, Note::ToldClinics)], Stage::Open),
            (vec![(1, Note::Taken)], Stage::Taken),
            (vec![(1, Note::Taken), (2, Note::Watching)], Stage::Watching),
            (vec![(1, Note::Watching), (2, Note::Taken)], Stage::Taken),
            (vec![(1, Note::Taken), (2, Note::Watching), (3, Note::GivenBack)], Stage::Open),
            (vec![(1, Note::Taken), (2, Note::GivenBack), (3, Note::Taken)], Stage::Taken),
        ] {
            let notes: Vec<Noted> = notes.into_iter().map(made).collect();
            assert_eq!(stage(&incident(None), &notes), expected, "{notes:?}");
            let closed = incident(Some(Timestamp::from_seconds(9)));
            assert_eq!(stage(&closed, &notes), Stage::Closed);
        }
    }

    #[test]
    fn what_follows_from_a_deed_is_no_choice() {
        for note in [Note::Taken, Note::GivenBack] {
            assert!(!Note::CHOICES.contains(&note), "{note}");
        }
        assert_eq!(Note::CHOICES.len() + 2, Note::ALL.len());
    }
}
