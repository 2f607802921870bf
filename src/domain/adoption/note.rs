//! Notes on what changed: a release, a training day, a phase moved. They are drawn on the report's lines.
//!
//! Owns the note. What is written in one is the operator's own text from the settings; it is shown and never
//! read.

use jiff::civil::Date;

use crate::domain::labels::label_enum;
use crate::domain::names::ClinicId;

/// Most characters of a note.
pub const MOST_CHARACTERS: usize = 80;

label_enum! {
    /// What changed.
    NoteKind, "a kind of note" {
        /// A new version of an app, of Accuro, of accuscope.
        Release = "release",
        /// People were shown how to use it.
        Training = "training",
        /// A clinic moved to another phase.
        Phase = "phase",
        /// A clinic became part of another; told by the registry, not by a note.
        Merged = "merged",
        /// Something else.
        Other = "other",
    }
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When it changed.
    pub day: Date,
    /// What kind of change it was.
    pub kind: NoteKind,
    /// In words.
    pub text: String,
    /// At which clinics; none means all.
    pub clinics: Vec<ClinicId>,
}

impl Note {
    /// The note as somebody sees it who sees some clinics only; `None` if it concerns none of those.
    #[must_use]
    pub fn within(&self, seen: impl Fn(&ClinicId) -> bool) -> Option<Self> {
        let clinics: Vec<ClinicId> = self.clinics.iter().filter(|id| seen(id)).cloned().collect();
        let concerns = self.clinics.is_empty() || !clinics.is_empty();
        concerns.then(|| Self { clinics, ..self.clone() })
    }

    /// Whether it concerns a clinic.
    #[must_use]
    pub fn concerns(&self, clinic: &ClinicId) -> bool {
        self.clinics.is_empty() || self.clinics.contains(clinic)
    }

    /// Whether a text may be a note: short, and on one line.
    #[must_use]
    pub fn is_text(text: &str) -> bool {
        let length = text.chars().count();
        (1..=MOST_CHARACTERS).contains(&length) && !text.chars().any(char::is_control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_short_and_concerns_whom_it_names() {
        for (text, fits) in [
            ("", false),
            ("Training at the front desk", true),
            ("a\nb", false),
            ("x".repeat(81).as_str(), false),
        ] {
            assert_eq!(Note::is_text(text), fits, "{text:?}");
        }
        let id = |text: &str| ClinicId::parse(text).unwrap();
        let note = |clinics| Note {
            day: jiff::civil::date(2026, 11, 3),
            kind: NoteKind::Training,
            text: "Training".into(),
            clinics,
        };
        assert!(note(vec![]).concerns(&id("a")) && note(vec![id("a")]).concerns(&id("a")));
        assert!(!note(vec![id("b")]).concerns(&id("a")));
        let seen = |clinics| note(clinics).within(|clinic| clinic == &id("a"));
        assert_eq!(seen(vec![]), Some(note(vec![])));
        assert_eq!(seen(vec![id("a"), id("b")]), Some(note(vec![id("a")])));
        assert_eq!(seen(vec![id("b")]), None, "not that others had a training day");
    }
}
