//! What an administrator can do to an account.
//!
//! Owns the changes, what the audit calls them, and which of them leave an account as it may not be. Does
//! not make them; see [`super::accounts`].

use super::accounts::Account;
use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::ClinicId;
use crate::domain::role::Role;

/// What an administrator does to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Gives it another role.
    Role(Role),
    /// Shows it these clinics.
    Clinics(ClinicScope),
    /// Keeps it from signing in.
    Disable,
    /// Lets it sign in again.
    Enable,
    /// Takes its passphrase away; a link sets a new one.
    Reset,
    /// Takes its second factor away, since it is lost.
    SecondFactor,
    /// Removes it.
    Remove,
    /// Ends its sessions, and the links to the adoption page that it has made.
    SignOut,
}

impl AccountChange {
    /// Whether it ends the links to the adoption page that the account has made.
    #[must_use]
    pub const fn ends_shares(&self) -> bool {
        match self {
            Self::Role(role) => !role.may_share(),
            // Whoever was in with a passphrase or a session that is given up may have made some.
            Self::Disable | Self::Remove | Self::Reset | Self::SignOut => true,
            Self::Clinics(_) | Self::Enable | Self::SecondFactor => false,
        }
    }

    /// What the audit calls it.
    #[must_use]
    pub const fn event(&self) -> Event {
        match self {
            Self::Role(Role::Support) => Event::MadeSupport,
            Self::Role(Role::Oncall) => Event::MadeOncall,
            Self::Role(Role::Manager) => Event::MadeManager,
            Self::Role(Role::Admin) => Event::MadeAdmin,
            Self::Clinics(clinics) if clinics.is_all() => Event::SeesAllClinics,
            Self::Clinics(_) => Event::LimitedToClinic,
            Self::Disable => Event::AccountDisabled,
            Self::Enable => Event::AccountEnabled,
            Self::Reset => Event::AccountReset,
            Self::SignOut => Event::AccountSignedOut,
            Self::SecondFactor => Event::SecondFactorReset,
            Self::Remove => Event::AccountRemoved,
        }
    }

    /// What the audit keeps of it: the event, once for each clinic that it names.
    #[must_use]
    pub fn records(&self) -> Vec<(Event, Option<ClinicId>)> {
        match self {
            Self::Clinics(clinics) if !clinics.is_all() => {
                let listed = clinics.listed().into_iter().flatten();
                listed.map(|clinic| (self.event(), Some(clinic.clone()))).collect()
            }
            _ => vec![(self.event(), None)],
        }
    }

    /// Whether an account that manages people would no longer.
    pub(super) fn takes_admin(&self) -> bool {
        match self {
            Self::Role(role) => *role != Role::Admin,
            Self::Disable | Self::Remove => true,
            Self::Clinics(_) | Self::Reset | Self::SecondFactor | Self::Enable | Self::SignOut => {
                false
            }
        }
    }

    /// Whether it would leave an admin who sees some clinics only. Admins let people in, so a limit on
    /// one would be none.
    pub(super) fn would_limit_an_admin(&self, before: &Account) -> bool {
        match self {
            Self::Role(Role::Admin) => !before.clinics.is_all(),
            Self::Clinics(clinics) => before.role == Role::Admin && !clinics.is_all(),
            _ => false,
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done.
    Done,
    /// There is no such account.
    Unknown,
    /// Somebody else changed it in between.
    Stale,
    /// It would leave nobody who can manage people.
    LastAdmin,
    /// It would limit an admin to some clinics.
    AdminSeesAll,
}
