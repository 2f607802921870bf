//! The rooms of the site: their names, doors and keys.

use crate::ops::access::policy::Permission;

/// The rooms of the site that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The state of this moment.
    Now,
    /// Every clinic.
    Clinics,
    /// Why somebody could not see something.
    Diagnose,
    /// Troubles of whole clinics, and of everybody.
    Incidents,
    /// Whether clinics really use it.
    Adoption,
    /// Single calls.
    Calls,
    /// How accuscope is set up.
    Settings,
    /// What to do about an alert.
    Runbooks,
    /// Are writes on.
    Writes,
    /// Who looked up what.
    AccessLog,
}

impl Room {
    pub(crate) const ALL: [Self; 10] = [
        Self::Now,
        Self::Diagnose,
        Self::Clinics,
        Self::Incidents,
        Self::Calls,
        Self::Adoption,
        Self::Runbooks,
        Self::Writes,
        Self::AccessLog,
        Self::Settings,
    ];

    /// Name, icon, address, the key after `g`, and who may enter.
    pub(crate) const fn door(
        self,
    ) -> (&'static str, &'static str, &'static str, &'static str, Permission) {
        match self {
            Self::Now => ("Now", "now", "/", "n", Permission::Health),
            Self::Clinics => ("Clinics", "clinic", "/clinics", "c", Permission::Health),
            Self::Diagnose => ("Diagnose", "find", "/find", "d", Permission::Diagnoses),
            Self::Incidents => ("Incidents", "warn", "/incidents", "i", Permission::Health),
            Self::Adoption => ("Adoption", "adopt", "/adoption", "u", Permission::Health),
            Self::Calls => ("Calls", "calls", "/calls", "l", Permission::Calls),
            Self::Settings => ("Settings", "key", "/settings", "s", Permission::Apps),
            Self::Runbooks => ("Runbooks", "book", "/runbooks", "b", Permission::Runbooks),
            Self::Writes => ("Writes", "pen", "/writes", "w", Permission::Writes),
            Self::AccessLog => ("Access log", "log", "/access-log", "o", Permission::AccessLog),
        }
    }
}

impl Room {
    /// Its name in French.
    pub(crate) const fn french(self) -> &'static str {
        match self {
            Self::Now => "En ce moment",
            Self::Clinics => "Cliniques",
            Self::Diagnose => "Diagnostiquer",
            Self::Incidents => "Incidents",
            Self::Adoption => "Adoption",
            Self::Calls => "Appels",
            Self::Settings => "Réglages",
            Self::Runbooks => "Guides",
            Self::Writes => "Écritures",
            Self::AccessLog => "Journal des accès",
        }
    }
}
