//! The health of this moment: whose trouble it is, since when, and how many it affects.
//!
//! Counts come in, a [`Verdict`] goes out; nothing here reads a clock or a store. Read in this
//! order:
//!
//! | file | rule |
//! | --- | --- |
//! | [`tally`] | counts by ending, and what counts as failed |
//! | [`clinic`] | the state of one clinic, with thresholds and least samples |
//! | [`verdict`] | the state of the whole: ours, Accuro's, or which clinics' |
//! | [`watched`] | the same, where the watch says what the trouble is |
//! | [`few`] | failures that are too few to tell what they are |
//! | [`say`] | the one sentence that tells it, and the JSON form |
//!
//! Does not explain one person's refused call: that is the diagnosis, which looks at neighbours.

pub mod clinic;
pub mod few;
pub mod say;
pub mod tally;
pub mod verdict;
pub mod watched;

use super::cause::{Cause, Scope};
use super::labels::label_enum;

pub use clinic::{ClinicFacts, ClinicHealth, expected_per_second, judge_clinic, missed};
pub use few::Few;
pub use tally::{Bucket, FAILURES, Tally};
pub use verdict::{Affected, Lane, Verdict, judge};
pub use watched::{Known, judge_known, judge_watched};

label_enum! {
    /// How a clinic, a lane or the whole is doing. Best last, so that sorting puts the worst first.
    State, "a state" {
        /// Most of what is asked fails.
        Failing = "failing",
        /// A part fails, or it is slow.
        SomeFailures = "some_failures",
        /// No calls although there always are some at this hour.
        Silent = "silent",
        /// We were not recording, so absence of calls proves nothing.
        NotKnown = "not_known",
        /// No calls, and none expected.
        Quiet = "quiet",
        /// Calls come and are answered.
        Working = "working",
        /// Never a call.
        NotStarted = "not_started",
    }
}

label_enum! {
    /// What the trouble is. Where the diagnosis has a cause of that name, the name is the same.
    Trouble, "a trouble" {
        /// accuscope itself failed: no capacity, or no durable audit.
        AccuscopeFailing = "accuscope_failing",
        /// No connection to Accuro for all clinics: name, TCP or TLS.
        AccuroUnreachable = "accuro_unreachable",
        /// Errors or no answer for all clinics.
        AccuroDown = "accuro_down",
        /// A multiple of the usual latency for all clinics.
        AccuroSlow = "accuro_slow",
        /// Sign-ins and calls are refused at many clinics at once.
        AppCredentialsRejected = "app_credentials_rejected",
        /// Every call of one clinic is refused.
        ClinicConnectionRejected = "clinic_connection_rejected",
        /// One clinic's sign-ins are refused while its live tokens work.
        ClinicSignInFailing = "clinic_sign_in_failing",
        /// One clinic gets errors or no answer while others work.
        ClinicDown = "clinic_down",
        /// One clinic is slow while others are not.
        ClinicSlow = "clinic_slow",
        /// Accuro refused for too many calls.
        RateLimited = "rate_limited",
        /// Accuro does not accept what the app sends.
        RequestRejected = "request_rejected",
        /// Accuro's answers have another form than the app expects.
        AnswerChanged = "answer_changed",
        /// Part of a clinic's calls are refused.
        SomeRefused = "some_refused",
        /// Refused here, by a rule of ours.
        RefusedByAccuscope = "refused_by_accuscope",
        /// No calls although there always are some at this hour.
        GoneSilent = "gone_silent",
        /// We are not recording.
        NotRecorded = "not_recorded",
    }
}

label_enum! {
    /// Whose move it is.
    Owner, "an owner" {
        /// The vendor of Accuro.
        Accuro = "accuro",
        /// The clinic's Accuro administrator.
        ClinicAdmin = "clinic_admin",
        /// The person who called.
        User = "user",
        /// Whoever makes the calling app.
        AppVendor = "app_vendor",
        /// Whoever runs accuscope.
        Operator = "operator",
        /// Nobody has to do anything.
        Nobody = "nobody",
    }
}

impl Trouble {
    /// The trouble that a cause is where it concerns a clinic or everybody.
    #[must_use]
    pub const fn of(cause: Cause, scope: Scope) -> Self {
        match cause {
            Cause::AccuscopeFailing => Self::AccuscopeFailing,
            Cause::AccuroUnreachable => Self::AccuroUnreachable,
            Cause::AccuroDown => Self::AccuroDown,
            Cause::AccuroSlow if matches!(scope, Scope::Platform) => Self::AccuroSlow,
            Cause::AccuroSlow => Self::ClinicSlow,
            Cause::AppCredentialsRejected => Self::AppCredentialsRejected,
            Cause::ClinicConnectionRejected => Self::ClinicConnectionRejected,
            Cause::ClinicSignInFailing => Self::ClinicSignInFailing,
            Cause::ClinicDown => Self::ClinicDown,
            Cause::RateLimited => Self::RateLimited,
            Cause::RequestRejected | Cause::RecordRejected | Cause::BeingEdited => {
                Self::RequestRejected
            }
            Cause::AnswerChanged => Self::AnswerChanged,
            Cause::RefusedByAccuscope => Self::RefusedByAccuscope,
            Cause::NoCalls => Self::GoneSilent,
            Cause::NotRecorded => Self::NotRecorded,
            Cause::SectionRestricted
            | Cause::SessionExpired
            | Cause::WrongContext
            | Cause::ChartRestricted
            | Cause::ChartMaskedForAll
            | Cause::SilentlyFiltered
            | Cause::WrongOffice
            | Cause::NoMatch
            | Cause::RecordGone
            | Cause::NeverFound
            | Cause::ScopeMissing
            | Cause::Delivered
            | Cause::Unknown => Self::SomeRefused,
        }
    }

    /// Whose move it is.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            Self::AccuscopeFailing
            | Self::AccuroUnreachable
            | Self::RefusedByAccuscope
            | Self::NotRecorded => Owner::Operator,
            Self::AccuroDown | Self::AccuroSlow | Self::ClinicDown | Self::ClinicSlow => {
                Owner::Accuro
            }
            Self::AppCredentialsRejected
            | Self::RateLimited
            | Self::RequestRejected
            | Self::AnswerChanged => Owner::AppVendor,
            Self::ClinicConnectionRejected
            | Self::ClinicSignInFailing
            | Self::SomeRefused
            | Self::GoneSilent => Owner::ClinicAdmin,
        }
    }

    /// Whether it concerns every clinic at once rather than single ones.
    #[must_use]
    pub const fn is_everywhere(self) -> bool {
        matches!(
            self,
            Self::AccuscopeFailing
                | Self::AccuroUnreachable
                | Self::AccuroDown
                | Self::AccuroSlow
                | Self::AppCredentialsRejected
                | Self::NotRecorded
        )
    }
}

#[cfg(test)]
mod tests;
