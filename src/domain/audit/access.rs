//! What a person did, as the access log tells and filters it.
//!
//! Owns which records belong to the access log, and to which heading. One record can stand under two: a
//! diagnosis of a patient is a look-up of the patient, too. Does not know how records are found.

use super::{Entry, Event, Kind};
use crate::domain::labels::label_enum;

label_enum! {
    /// A heading of the access log.
    AccessKind, "a kind of access" {
        /// Signed in, or signed out.
        SignIn = "sign_in",
        /// Tried to sign in.
        SignInRefused = "sign_in_refused",
        /// Looked a patient up.
        Patient = "patient",
        /// Looked a member of staff up.
        Person = "person",
        /// Looked for calls, or at one.
        Call = "call",
        /// Asked for a diagnosis, opened one, or said whether it was right.
        Diagnosis = "diagnosis",
        /// Was kept out of a page.
        KeptOut = "kept_out",
        /// Opened the adoption page by a link, without an account.
        Shared = "shared",
        /// Took records out.
        Export = "export",
        /// Changed who may do what, or how accuscope works.
        Administration = "administration",
    }
}

impl AccessKind {
    /// The kinds of records that are about people's own deeds; all others are about calls of apps.
    pub const KINDS: [Kind; 4] = [Kind::Lookup, Kind::SignIn, Kind::Export, Kind::Admin];

    /// The kind that every record under this heading has.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::SignIn | Self::SignInRefused => Kind::SignIn,
            Self::Export => Kind::Export,
            Self::Administration => Kind::Admin,
            Self::Patient
            | Self::Person
            | Self::Call
            | Self::Diagnosis
            | Self::KeptOut
            | Self::Shared => Kind::Lookup,
        }
    }

    /// The details that a record under this heading may have; `None` where any will do.
    #[must_use]
    pub const fn events(self) -> Option<&'static [Event]> {
        Some(match self {
            Self::SignIn => &[Event::SignedIn, Event::SignedOut],
            Self::SignInRefused => &[Event::SignInRefused],
            Self::Call => &[Event::FoundById, Event::ListedCalls, Event::OpenedCall],
            Self::Diagnosis => &[
                Event::Diagnosed,
                Event::DiagnosedForTicket,
                Event::DiagnosedForCaller,
                Event::DiagnosedForAlert,
                Event::DiagnosedForTest,
                Event::OpenedDiagnosis,
                Event::DiagnosisConfirmed,
                Event::DiagnosisDenied,
            ],
            Self::KeptOut => &[Event::KeptOut],
            Self::Shared => &[Event::ShareOpened],
            Self::Patient | Self::Person | Self::Export | Self::Administration => return None,
        })
    }

    /// Whether a record stands under this heading.
    #[must_use]
    pub fn fits(self, entry: &Entry) -> bool {
        let about = match self {
            Self::Patient => entry.patient_ref.is_some(),
            Self::Person => entry.actor_ref.is_some(),
            _ => true,
        };
        let event = entry.detail.map(|detail| detail.event);
        let named =
            self.events().is_none_or(|events| event.is_some_and(|event| events.contains(&event)));
        entry.kind == self.kind() && about && named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_a_call_of_an_app_is_under_no_heading() {
        for kind in Kind::ALL.iter().filter(|kind| !AccessKind::KINDS.contains(kind)) {
            for event in Event::ALL {
                let entry = Entry { detail: Some(event.plain()), ..Entry::new(*kind) };
                assert!(!AccessKind::ALL.iter().any(|heading| heading.fits(&entry)), "{kind}");
            }
        }
    }

    #[test]
    fn each_heading_holds_its_own_details() {
        for (event, heading) in [
            (Event::SignedIn, AccessKind::SignIn),
            (Event::SignedOut, AccessKind::SignIn),
            (Event::SignInRefused, AccessKind::SignInRefused),
            (Event::OpenedCall, AccessKind::Call),
            (Event::DiagnosedForTicket, AccessKind::Diagnosis),
            (Event::KeptOut, AccessKind::KeptOut),
            (Event::ShareOpened, AccessKind::Shared),
            (Event::ShareMade, AccessKind::Administration),
            (Event::LetterSent, AccessKind::Administration),
            (Event::LetterNotSent, AccessKind::Administration),
            (Event::AuditExported, AccessKind::Export),
            (Event::TokenCreated, AccessKind::Administration),
        ] {
            let entry = Entry::of(event.plain());
            assert_eq!(entry.kind, heading.kind(), "{event}");
            let under: Vec<_> = AccessKind::ALL.iter().filter(|one| one.fits(&entry)).collect();
            assert_eq!(under, [&heading], "{event}");
        }
    }
}
