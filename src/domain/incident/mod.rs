//! Incidents: a trouble of a whole clinic or of everybody, from its opening to its close.
//!
//! Owns what the watch finds at a moment ([`Finding`]), what is kept of it ([`Incident`]), and the
//! rule that makes one of the other ([`step()`]): one incident per cause, scope and clinic, however
//! often the trouble comes and goes. Finds nothing by itself; see `crate::diagnosis`.

pub mod differs;
pub mod note;
pub mod step;

use super::cause::{Cause, Scope};
use super::health::{Owner, State, Trouble};
use super::labels::{Category, label_enum};
use super::names::{ClinicId, OperationName};
use super::time::Timestamp;

pub use step::{Change, Moment, step};

/// What makes two findings the same trouble.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What is the matter.
    pub cause: Cause,
    /// How far it reaches.
    pub scope: Scope,
    /// The clinic, where it is one clinic's.
    pub clinic: Option<ClinicId>,
}

impl Key {
    /// The trouble's name on the site and in the API.
    #[must_use]
    pub const fn trouble(&self) -> Trouble {
        Trouble::of(self.cause, self.scope)
    }

    /// Whether this trouble is what another finding shows, only wider or under another name: two
    /// names of one failing Accuro, or a clinic of which first a part and then everything is refused.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        use Cause::{
            AccuroDown, AccuroUnreachable, ClinicConnectionRejected, ClinicSignInFailing,
            SectionRestricted,
        };
        if self == other {
            return true;
        }
        let same_place = self.scope == other.scope && self.clinic == other.clinic;
        let siblings = matches!(
            (self.cause, other.cause),
            (AccuroDown, AccuroUnreachable)
                | (AccuroUnreachable, AccuroDown)
                | (ClinicConnectionRejected, ClinicSignInFailing | SectionRestricted)
                | (ClinicSignInFailing, SectionRestricted)
        );
        same_place && siblings
    }

    /// Whether this wider trouble makes another one no incident of its own.
    #[must_use]
    pub fn explains(&self, other: &Self) -> bool {
        if self == other {
            return false;
        }
        if self.covers(other) {
            return true;
        }
        let wider = self.clinic.is_none() && other.clinic.is_some();
        match self.cause {
            Cause::AccuroDown | Cause::AccuroUnreachable | Cause::AccuscopeFailing => {
                let down = matches!(
                    other.cause,
                    Cause::ClinicDown | Cause::AccuroSlow | Cause::AnswerChanged
                );
                self.clinic.is_none() && down
            }
            Cause::AppCredentialsRejected => {
                let refused = matches!(
                    other.cause,
                    Cause::ClinicConnectionRejected
                        | Cause::ClinicSignInFailing
                        | Cause::SectionRestricted
                );
                wider && refused
            }
            cause => wider && cause == other.cause,
        }
    }
}

/// How many a trouble touches, as far as the calls that were looked at tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Clinics.
    pub clinics: u64,
    /// Distinct people; `None` where they are not known, or where nobody was refused anything.
    pub actors: Option<u64>,
    /// Failed or slow calls.
    pub calls: u64,
}

impl Counts {
    /// The greater of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            clinics: self.clinics.max(other.clinics),
            actors: self.actors.max(other.actors),
            calls: self.calls.max(other.calls),
        }
    }
}

/// A trouble that holds at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What, how far, whose.
    pub key: Key,
    /// Its first failed or slow call.
    pub since: Timestamp,
    /// The calls that were looked at begin within the trouble, so it may be older.
    pub maybe_older: bool,
    /// How bad it is.
    pub state: State,
    /// The kind of its failures.
    pub category: Option<Category>,
    /// The one task that it concerns.
    pub operation: Option<OperationName>,
    /// 0 to 1, as in a diagnosis.
    pub confidence: f64,
    /// The clinics that it touches.
    pub clinics: Vec<ClinicId>,
    /// How many it touches.
    pub counts: Counts,
}

label_enum! {
    /// Why an incident was closed.
    End, "an end" {
        /// Calls work again.
        Recovered = "recovered",
        /// Nobody has called for so long that nothing is known.
        NoCalls = "no_calls",
        /// It was part of a wider trouble.
        Explained = "explained",
    }
}

label_enum! {
    /// A step in the course of an incident.
    UpdateKind, "an update" {
        /// It was opened.
        Opened = "opened",
        /// It touches more clinics.
        Wider = "wider",
        /// Calls work again.
        Recovered = "recovered",
        /// Nobody has called for so long that nothing is known.
        NoCalls = "no_calls",
        /// It was part of a wider trouble.
        Explained = "explained",
        /// It came back.
        Reopened = "reopened",
    }
}

impl UpdateKind {
    /// The step that a close is.
    #[must_use]
    pub const fn of(end: End) -> Self {
        match end {
            End::Recovered => Self::Recovered,
            End::NoCalls => Self::NoCalls,
            End::Explained => Self::Explained,
        }
    }
}

/// One step in the course of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: UpdateKind,
    /// How many clinics it touched then.
    pub clinics: u64,
}

/// An incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// What people call it by.
    pub number: i64,
    /// What, how far, whose.
    pub key: Key,
    /// How bad it is, or was when it was last seen.
    pub state: State,
    /// The kind of its failures.
    pub category: Option<Category>,
    /// The one task that it concerns.
    pub operation: Option<OperationName>,
    /// 0 to 1, when it was last seen.
    pub confidence: f64,
    /// When its first call failed.
    pub since: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the rule held last.
    pub last_seen: Timestamp,
    /// When it was closed; `None` while it is open.
    pub closed_at: Option<Timestamp>,
    /// Why.
    pub end: Option<End>,
    /// The most that it touched.
    pub peak: Counts,
}

impl Incident {
    /// Whether it is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whose move it is.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.key.trouble().owner()
    }
}

/// An open incident, and the clinics that it touches now.
#[derive(Clone, Debug, PartialEq)]
pub struct Ongoing {
    /// The incident.
    pub incident: Incident,
    /// The clinics.
    pub clinics: Vec<ClinicId>,
}

impl Ongoing {
    /// Whether it touches a clinic.
    #[must_use]
    pub fn touches(&self, clinic: &ClinicId) -> bool {
        self.incident.key.clinic.as_ref() == Some(clinic) || self.clinics.contains(clinic)
    }
}

#[cfg(test)]
mod tests;
