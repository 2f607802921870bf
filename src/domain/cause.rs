//! What a diagnosis can say: causes, how far they reach, whether they last, whose move it is.
//!
//! Owns the vocabulary of the contract's section 6 and what belongs to each cause whatever the
//! evidence: its category, its usual scope, its owner. Does not decide which cause it is; see
//! `crate::diagnosis`.

pub use super::health::Owner;
use super::labels::{Category, label_enum};

label_enum! {
    /// Why somebody could not see what they asked for.
    Cause, "a cause" {
        /// The app never asked for this through accuscope in the window.
        NoCalls = "no_calls",
        /// It worked: what was asked for was returned.
        Delivered = "delivered",
        /// Errors or no answer for all clinics.
        AccuroDown = "accuro_down",
        /// Timeouts or a multiple of the usual latency for all clinics.
        AccuroSlow = "accuro_slow",
        /// No connection (name, TCP, TLS) for all clinics.
        AccuroUnreachable = "accuro_unreachable",
        /// Transient failures for one clinic while others work.
        ClinicDown = "clinic_down",
        /// Accuro or accuscope refused for too many calls.
        RateLimited = "rate_limited",
        /// Every call of one clinic is refused while others work.
        ClinicConnectionRejected = "clinic_connection_rejected",
        /// One clinic's grants are refused while tokens still alive work.
        ClinicSignInFailing = "clinic_sign_in_failing",
        /// One app's grants or calls are refused at all its clinics.
        AppCredentialsRejected = "app_credentials_rejected",
        /// One token is dead: everything with it is refused, colleagues work.
        SessionExpired = "session_expired",
        /// A token of one kind was used on another kind's paths.
        WrongContext = "wrong_context",
        /// One person is refused in one domain for any patient, fine elsewhere.
        SectionRestricted = "section_restricted",
        /// One person is refused for one patient, fine with others.
        ChartRestricted = "chart_restricted",
        /// Everyone is refused for one patient, fine with others.
        ChartMaskedForAll = "chart_masked_for_all",
        /// One person's lists are empty where colleagues' same lists are not.
        SilentlyFiltered = "silently_filtered",
        /// Empty or not found in this office, found in another.
        WrongOffice = "wrong_office",
        /// A search came back empty; the same person's other searches find.
        NoMatch = "no_match",
        /// Worked before, not found for everyone since.
        RecordGone = "record_gone",
        /// Not found for everyone, and never worked.
        NeverFound = "never_found",
        /// Validation failures of one operation at many clinics.
        RequestRejected = "request_rejected",
        /// Validation failures for one patient or record only.
        RecordRejected = "record_rejected",
        /// A write met another one on the same record.
        BeingEdited = "being_edited",
        /// Answers of one operation changed shape, or stopped being JSON, at many clinics.
        AnswerChanged = "answer_changed",
        /// The app's grant lacks a scope that the call needs.
        ScopeMissing = "scope_missing",
        /// A rule of accuscope's own.
        RefusedByAccuscope = "refused_by_accuscope",
        /// accuscope itself failed.
        AccuscopeFailing = "accuscope_failing",
        /// accuscope was not recording, so absence of calls proves nothing.
        NotRecorded = "not_recorded",
        /// Not enough evidence.
        Unknown = "unknown",
    }
}

label_enum! {
    /// How far a cause reaches. The widest first.
    Scope, "a scope" {
        /// Every clinic.
        Platform = "platform",
        /// One calling application.
        App = "app",
        /// One clinic.
        Clinic = "clinic",
        /// One operation.
        Operation = "operation",
        /// One office of a clinic.
        Office = "office",
        /// One person.
        Actor = "actor",
        /// One patient.
        Patient = "patient",
        /// One person with one patient.
        ActorPatient = "actor_patient",
        /// Nothing is wrong, or nothing is known.
        Nothing = "none",
    }
}

label_enum! {
    /// Whether a trouble lasts.
    Persistence, "a persistence" {
        /// It was so to the end of what was looked at.
        Persistent = "persistent",
        /// Failures and successes take turns.
        Intermittent = "intermittent",
        /// It was over before the end of what was looked at.
        Recovered = "recovered",
        /// Nothing is wrong, or nothing is known.
        Nothing = "none",
    }
}

label_enum! {
    /// What it was instead, as people say who know how it ended.
    Correction, "a correction" {
        /// A mask on the chart.
        Mask = "mask",
        /// A role or a permission.
        Permission = "permission",
        /// A sign-in.
        SignIn = "sign_in",
        /// The wrong number, office or clinic.
        WrongRecord = "wrong_record",
        /// Accuro or the way to it.
        Accuro = "accuro",
        /// The app.
        App = "app",
        /// Our own service.
        Ours = "ours",
        /// Nothing was wrong.
        Nothing = "nothing",
        /// Something that is not in this list.
        Other = "other",
    }
}

impl Cause {
    /// The failure category that calls of this cause mostly end in; `None` where nothing failed.
    #[must_use]
    pub const fn category(self) -> Option<Category> {
        Some(match self {
            Self::NoCalls | Self::Delivered | Self::NotRecorded | Self::Unknown => return None,
            Self::AccuroDown
            | Self::AccuroSlow
            | Self::AccuroUnreachable
            | Self::ClinicDown
            | Self::RateLimited
            | Self::AnswerChanged => Category::Transient,
            Self::ClinicConnectionRejected
            | Self::ClinicSignInFailing
            | Self::AppCredentialsRejected
            | Self::SessionExpired
            | Self::WrongContext
            | Self::SectionRestricted
            | Self::ChartRestricted
            | Self::ChartMaskedForAll
            | Self::ScopeMissing => Category::Auth,
            Self::SilentlyFiltered
            | Self::WrongOffice
            | Self::NoMatch
            | Self::RecordGone
            | Self::NeverFound => Category::NotFound,
            Self::RequestRejected | Self::RecordRejected | Self::BeingEdited => {
                Category::Validation
            }
            Self::RefusedByAccuscope | Self::AccuscopeFailing => Category::Policy,
        })
    }

    /// How far it reaches, unless the evidence says otherwise.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::NoCalls | Self::Delivered | Self::Unknown => Scope::Nothing,
            Self::AccuroDown
            | Self::AccuroSlow
            | Self::AccuroUnreachable
            | Self::AccuscopeFailing
            | Self::NotRecorded => Scope::Platform,
            Self::ClinicDown | Self::ClinicConnectionRejected | Self::ClinicSignInFailing => {
                Scope::Clinic
            }
            Self::RateLimited
            | Self::AppCredentialsRejected
            | Self::WrongContext
            | Self::ScopeMissing
            | Self::RefusedByAccuscope => Scope::App,
            Self::SessionExpired
            | Self::SectionRestricted
            | Self::SilentlyFiltered
            | Self::NoMatch => Scope::Actor,
            Self::ChartRestricted => Scope::ActorPatient,
            Self::ChartMaskedForAll
            | Self::RecordGone
            | Self::NeverFound
            | Self::RecordRejected
            | Self::BeingEdited => Scope::Patient,
            Self::WrongOffice => Scope::Office,
            Self::RequestRejected | Self::AnswerChanged => Scope::Operation,
        }
    }

    /// Whose move it is.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            Self::Unknown => Owner::Nobody,
            Self::AccuroDown | Self::AccuroSlow | Self::ClinicDown => Owner::Accuro,
            Self::AccuroUnreachable
            | Self::RefusedByAccuscope
            | Self::AccuscopeFailing
            | Self::NotRecorded => Owner::Operator,
            Self::NoCalls
            | Self::Delivered
            | Self::RateLimited
            | Self::AppCredentialsRejected
            | Self::WrongContext
            | Self::RequestRejected
            | Self::RecordRejected
            | Self::AnswerChanged
            | Self::ScopeMissing => Owner::AppVendor,
            Self::ClinicConnectionRejected
            | Self::ClinicSignInFailing
            | Self::SectionRestricted
            | Self::ChartRestricted
            | Self::ChartMaskedForAll
            | Self::SilentlyFiltered
            | Self::RecordGone => Owner::ClinicAdmin,
            Self::SessionExpired
            | Self::WrongOffice
            | Self::NoMatch
            | Self::NeverFound
            | Self::BeingEdited => Owner::User,
        }
    }

    /// Whether something went wrong, as far as is known.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        !matches!(self, Self::NoCalls | Self::Delivered | Self::NotRecorded | Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_says_whose_move_it_is_and_how_far_it_reaches() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.as_str()), Some(*cause));
            assert_eq!(cause.is_trouble(), cause.category().is_some(), "{cause}");
            assert_eq!(cause.owner() == Owner::Nobody, *cause == Cause::Unknown, "{cause}");
            if cause.is_trouble() {
                assert_ne!(cause.scope(), Scope::Nothing, "{cause}");
            }
        }
    }
}
