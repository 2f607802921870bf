//! What exactly happened: a word of a closed vocabulary, with at most one number.

use super::Kind;
use crate::domain::labels::label_enum;

label_enum! {
    /// What exactly happened.
    Event, "an audit detail" {
        /// The process began to keep this audit.
        Started = "started",
        /// The process ended as it should.
        Stopped = "stopped",
        /// Writes and look-ups that were refused while the audit could not be kept, by number.
        Gap = "gap",
        /// The last line was torn by a crash and cut off; bytes.
        TornLineCut = "torn_line_cut",
        /// The last lines are no records. They were left where they are; bytes.
        TailDamaged = "tail_damaged",
        /// The audit is shorter than a checkpoint says it was; missing records, by number.
        TailMissing = "tail_missing",
        /// Records whose time had come were removed, up to this number.
        Pruned = "pruned",
        /// Events that were lost while the journal could not be written, by number.
        EventsLost = "events_lost",
        /// Keys of references were added, by number.
        KeyAdded = "key_added",
        /// Writes of earlier runs without a known result, found at the start, by number.
        UnresolvedFound = "unresolved_found",
        /// A mutation's intent became durable too late; nothing was sent.
        NeverSent = "never_sent",
        /// A person looked in Accuro what became of a write.
        Settled = "settled",
        /// Signed in.
        SignedIn = "signed_in",
        /// Tried to sign in.
        SignInRefused = "sign_in_refused",
        /// Signed out.
        SignedOut = "signed_out",
        /// Looked for calls by a code or an id.
        FoundById = "found_by_id",
        /// Listed calls.
        ListedCalls = "listed_calls",
        /// Opened a call.
        OpenedCall = "opened_call",
        /// Had identifiers turned into references.
        MadeReferences = "made_references",
        /// Asked why somebody could not see something.
        Diagnosed = "diagnosed",
        /// The same of somebody by name or number, for a ticket.
        DiagnosedForTicket = "diagnosed_for_ticket",
        /// The same, for somebody on the phone.
        DiagnosedForCaller = "diagnosed_for_caller",
        /// The same, for an alert.
        DiagnosedForAlert = "diagnosed_for_alert",
        /// The same, to try whether it works.
        DiagnosedForTest = "diagnosed_for_test",
        /// Opened a diagnosis that was kept.
        OpenedDiagnosis = "opened_diagnosis",
        /// Said that a diagnosis was right.
        DiagnosisConfirmed = "diagnosis_confirmed",
        /// Said that a diagnosis was wrong.
        DiagnosisDenied = "diagnosis_denied",
        /// Was kept out of a page.
        KeptOut = "kept_out",
        /// Made an API token.
        TokenCreated = "token_created",
        /// Ended an API token.
        TokenRevoked = "token_revoked",
        /// New settings were taken over while the process ran.
        SettingsTaken = "settings_taken",
        /// New settings had a mistake, and nothing was taken over.
        SettingsRefused = "settings_refused",
        /// Switched writes off.
        ReadOnlyOn = "read_only_on",
        /// Switched writes on again.
        ReadOnlyOff = "read_only_off",
        /// Added a person's account, by number.
        AccountAdded = "account_added",
        /// Gave an account, by number, the role of support.
        MadeSupport = "made_support",
        /// Gave an account, by number, the role of on call.
        MadeOncall = "made_oncall",
        /// Gave an account, by number, the role of a manager.
        MadeManager = "made_manager",
        /// Gave an account, by number, the role of an administrator.
        MadeAdmin = "made_admin",
        /// Let an account, by number, see a clinic; what it is not told of it no longer sees.
        LimitedToClinic = "limited_to_clinic",
        /// Let an account, by number, see all clinics.
        SeesAllClinics = "sees_all_clinics",
        /// Kept an account, by number, from signing in.
        AccountDisabled = "account_disabled",
        /// Let an account, by number, sign in again.
        AccountEnabled = "account_enabled",
        /// Took the passphrase of an account, by number, away and made a link for a new one.
        AccountReset = "account_reset",
        /// Took the second factor of an account, by number, away.
        SecondFactorReset = "second_factor_reset",
        /// Ended the sessions of an account, by number.
        AccountSignedOut = "account_signed_out",
        /// Removed an account, by number.
        AccountRemoved = "account_removed",
        /// What the record before it says of an account, an incident, a clinic, an app or a key, by number,
        /// was not done after all.
        NotDone = "not_done",
        /// Made the link of the first administrator.
        FirstLinkMade = "first_link_made",
        /// Set one's own passphrase.
        PassphraseSet = "passphrase_set",
        /// Set up one's own second factor.
        SecondFactorSet = "second_factor_set",
        /// Took one's own second factor away.
        SecondFactorRemoved = "second_factor_removed",
        /// Ended one's own sessions everywhere.
        SignedOutEverywhere = "signed_out_everywhere",
        /// Took events out.
        EventsExported = "events_exported",
        /// Took audit records out.
        AuditExported = "audit_exported",
        /// Read who looked up what.
        ReadAccessLog = "read_access_log",
        /// Made a link, by number, that shows the adoption page to whoever has it.
        ShareMade = "share_made",
        /// Ended such a link, by number, before its time.
        ShareRevoked = "share_revoked",
        /// Somebody opened the adoption page by such a link, by number; kept once an hour at most.
        ShareOpened = "share_opened",
        /// Sent the weekly letter about adoption, to so many addresses.
        LetterSent = "letter_sent",
        /// Tried to send the weekly letter and could not; the number says which try it was.
        LetterNotSent = "letter_not_sent",
        /// Took an incident, by number.
        IncidentTaken = "incident_taken",
        /// Gave an incident back, by number.
        IncidentGivenBack = "incident_given_back",
        /// Noted something about an incident, by number.
        IncidentNoted = "incident_noted",
        /// Took the summary of an incident out, by number.
        IncidentExported = "incident_exported",
        /// Silenced the alerts about an incident, by number.
        AlertsSilenced = "alerts_silenced",
        /// Ended a silence of the alerts about an incident, by number.
        SilenceEnded = "silence_ended",
        /// Entered a clinic on the site, by number.
        ClinicAdded = "clinic_added",
        /// Changed a clinic that was entered on the site, by number.
        ClinicChanged = "clinic_changed",
        /// Removed a clinic that was entered on the site, by number.
        ClinicRemoved = "clinic_removed",
        /// Entered an app on the site, by number.
        AppAdded = "app_added",
        /// Changed an app that was entered on the site, by number.
        AppChanged = "app_changed",
        /// Removed an app that was entered on the site and its keys, by number.
        AppRemoved = "app_removed",
        /// Made a key of an app, by number.
        AppKeyMade = "app_key_made",
        /// Revoked a key of an app, by number.
        AppKeyRevoked = "app_key_revoked",
        /// Had what is over its limit removed.
        RetentionApplied = "retention_applied",
    }
}

impl Event {
    /// What a record with this detail is about.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Started
            | Self::Stopped
            | Self::Gap
            | Self::TornLineCut
            | Self::TailDamaged
            | Self::TailMissing
            | Self::Pruned
            | Self::EventsLost
            | Self::KeyAdded
            | Self::UnresolvedFound => Kind::System,
            Self::NeverSent => Kind::Refused,
            Self::Settled => Kind::Outcome,
            Self::SignedIn
            | Self::SignInRefused
            | Self::SignedOut
            | Self::PassphraseSet
            | Self::SecondFactorSet
            | Self::SecondFactorRemoved
            | Self::SignedOutEverywhere => Kind::SignIn,
            Self::FoundById
            | Self::ListedCalls
            | Self::OpenedCall
            | Self::MadeReferences
            | Self::Diagnosed
            | Self::DiagnosedForTicket
            | Self::DiagnosedForCaller
            | Self::DiagnosedForAlert
            | Self::DiagnosedForTest
            | Self::OpenedDiagnosis
            | Self::DiagnosisConfirmed
            | Self::DiagnosisDenied
            | Self::KeptOut
            | Self::ShareOpened
            | Self::ReadAccessLog => Kind::Lookup,
            Self::EventsExported | Self::AuditExported | Self::IncidentExported => Kind::Export,
            Self::TokenCreated
            | Self::TokenRevoked
            | Self::SettingsTaken
            | Self::SettingsRefused
            | Self::ReadOnlyOn
            | Self::ReadOnlyOff
            | Self::AccountAdded
            | Self::MadeSupport
            | Self::MadeOncall
            | Self::MadeManager
            | Self::MadeAdmin
            | Self::LimitedToClinic
            | Self::SeesAllClinics
            | Self::AccountDisabled
            | Self::AccountEnabled
            | Self::AccountReset
            | Self::SecondFactorReset
            | Self::AccountSignedOut
            | Self::AccountRemoved
            | Self::NotDone
            | Self::FirstLinkMade
            | Self::ShareMade
            | Self::ShareRevoked
            | Self::LetterSent
            | Self::LetterNotSent
            | Self::IncidentTaken
            | Self::IncidentGivenBack
            | Self::IncidentNoted
            | Self::AlertsSilenced
            | Self::SilenceEnded
            | Self::ClinicAdded
            | Self::ClinicChanged
            | Self::ClinicRemoved
            | Self::AppAdded
            | Self::AppChanged
            | Self::AppRemoved
            | Self::AppKeyMade
            | Self::AppKeyRevoked
            | Self::RetentionApplied => Kind::Admin,
        }
    }

    /// The detail without a number.
    #[must_use]
    pub const fn plain(self) -> Detail {
        Detail { event: self, count: None }
    }

    /// The detail with a number.
    #[must_use]
    pub const fn of(self, count: u64) -> Detail {
        Detail { event: self, count: Some(count) }
    }
}

/// What exactly happened, `gap` or `gap=12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Detail {
    /// What.
    pub event: Event,
    /// How many, or how much.
    pub count: Option<u64>,
}

impl Detail {
    /// Reads the written form; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some((event, digits)) = text.split_once('=') else {
            return Event::parse(text).map(Event::plain);
        };
        let plain = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let count = if plain { digits.parse().ok()? } else { return None };
        Event::parse(event).map(|event| event.of(count))
    }
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.event.as_str())?;
        self.count.map_or(Ok(()), |count| write!(f, "={count}"))
    }
}
