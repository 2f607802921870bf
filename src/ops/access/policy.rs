//! Who may do what on the site: one table.
//!
//! Owns the permissions. Does not know sessions; see [`super::session`].

use crate::domain::clinic_scope::ClinicScope;
use crate::domain::role::Role;
use crate::ops::words::language::Language;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See the state of the whole and of each clinic, in counts.
    Health,
    /// Look up single calls.
    Calls,
    /// Ask why somebody could not see something, and read the answers.
    Diagnoses,
    /// Read runbooks.
    Runbooks,
    /// See apps, their keys' state and the settings' state.
    Apps,
    /// Add, change and remove clinics, apps and keys.
    Registry,
    /// Make links that show the adoption page without an account.
    Share,
    /// Take incidents, note what was done, tell of alerts.
    Incidents,
    /// Switch writes off and on.
    Writes,
    /// Let people in: add accounts, change and end them.
    People,
    /// Read who looked up what, and take it out.
    AccessLog,
}

impl Permission {
    /// Every permission, in the order of the table that people see.
    pub(crate) const ALL: [Self; 11] = [
        Self::Health,
        Self::Share,
        Self::Runbooks,
        Self::Calls,
        Self::Diagnoses,
        Self::Incidents,
        Self::Apps,
        Self::Writes,
        Self::Registry,
        Self::People,
        Self::AccessLog,
    ];

    /// Whether it concerns all clinics at once.
    #[must_use]
    pub const fn is_of_all_clinics(self) -> bool {
        match self {
            Self::Apps | Self::Writes | Self::Registry | Self::People | Self::AccessLog => true,
            Self::Health
            | Self::Calls
            | Self::Diagnoses
            | Self::Incidents
            | Self::Share
            | Self::Runbooks => false,
        }
    }

    /// What it lets somebody do, for the table that people see.
    pub(crate) const fn what(self) -> &'static str {
        match self {
            Self::Health => "See how clinics and Accuro do, in counts",
            Self::Share => "Make links that show the adoption page without an account",
            Self::Runbooks => "Read runbooks",
            Self::Calls => "Look up single calls",
            Self::Diagnoses => "Ask why somebody could not see something",
            Self::Incidents => "Take incidents, note what was done; tell of alerts",
            Self::Apps => "See the settings: clinics, apps, keys’ state, accuscope itself",
            Self::Registry => "Add, change and remove clinics, apps and keys",
            Self::Writes => "Switch writes off and on",
            Self::People => "Add people, change what they may, sign them out",
            Self::AccessLog => "Read who looked up what, and take it out",
        }
    }

    /// What is behind the door, and who may enter, for those who may not.
    pub(crate) const fn refusal(self) -> (&'static str, &'static str) {
        match self {
            Self::Health => ("This page is for people who are signed in", ""),
            Self::Share => (
                "Sharing the adoption page is for admins and managers",
                "Whoever has the link reads its counts without an account.",
            ),
            Self::Calls => (
                "Single calls are for support, on call and admins",
                "A call is about one person at one clinic. Figures of whole clinics are open to you.",
            ),
            Self::Diagnoses => (
                "Diagnoses are for support, on call and admins",
                "A diagnosis is about one person at one clinic. Figures of whole clinics are open to you.",
            ),
            Self::Incidents => (
                "Taking incidents is for on call and admins",
                "Everybody can read how an incident goes.",
            ),
            Self::Writes => (
                "Switching writes off and on is for on call and admins",
                "It stops every clinic from saving through the apps.",
            ),
            Self::Apps => (
                "Settings are for on call and admins",
                "They show which keys open the door, when they were last used, and how accuscope is set up.",
            ),
            Self::Registry => (
                "Changing clinics, apps and keys is for admins",
                "It decides who may call, and which clinic a call is counted for.",
            ),
            Self::Runbooks => ("Runbooks are for people who are signed in", ""),
            Self::People => {
                ("People are for admins", "It decides who may sign in, and what each may see.")
            }
            Self::AccessLog => (
                "The access log is for admins",
                "It says what each colleague looked up. An admin can take it out for whoever has to check it.",
            ),
        }
    }
}

/// The table. A manager sees counts, never a single call: that is about a person.
#[must_use]
pub const fn may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::Health | Permission::Runbooks => true,
        Permission::Calls | Permission::Diagnoses => role.may_see_exchanges(),
        Permission::Share => role.may_share(),
        Permission::Writes | Permission::Apps | Permission::Incidents => {
            matches!(role, Role::Oncall | Role::Admin)
        }
        // Those who look things up, on call among them, do not keep watch over themselves.
        Permission::Registry | Permission::People | Permission::AccessLog => {
            matches!(role, Role::Admin)
        }
    }
}

/// The same for somebody who may see some clinics only: what concerns all of them at once is for those
/// who see all.
#[must_use]
pub fn may_within(role: Role, clinics: &ClinicScope, permission: Permission) -> bool {
    may(role, permission) && (clinics.is_all() || !permission.is_of_all_clinics())
}

/// What a role is called, in a language.
pub(crate) const fn word_in(role: Role, language: Language) -> &'static str {
    match role {
        Role::Support => language.of(word(role), "soutien"),
        Role::Oncall => language.of(word(role), "de garde"),
        Role::Manager => language.of(word(role), "gestion"),
        Role::Admin => language.of(word(role), "administration"),
    }
}

/// What a role is called.
pub(crate) const fn word(role: Role) -> &'static str {
    match role {
        Role::Support => "support",
        Role::Oncall => "on call",
        Role::Manager => "manager",
        Role::Admin => "admin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_that_was_agreed() {
        // Support, on call, manager, admin.
        let agreed = [
            (Permission::Health, [true, true, true, true]),
            (Permission::Share, [false, false, true, true]),
            (Permission::Runbooks, [true, true, true, true]),
            (Permission::Calls, [true, true, false, true]),
            (Permission::Diagnoses, [true, true, false, true]),
            (Permission::Incidents, [false, true, false, true]),
            (Permission::Apps, [false, true, false, true]),
            (Permission::Writes, [false, true, false, true]),
            (Permission::Registry, [false, false, false, true]),
            (Permission::People, [false, false, false, true]),
            (Permission::AccessLog, [false, false, false, true]),
        ];
        let roles = [Role::Support, Role::Oncall, Role::Manager, Role::Admin];
        assert_eq!(roles, Role::ALL);
        let table = Permission::ALL.map(|one| (one, roles.map(|role| may(role, one))));
        assert_eq!(table, agreed);
    }

    #[test]
    fn whoever_sees_some_clinics_does_nothing_that_concerns_all() {
        let some = ClinicScope::parse("lakeshore").unwrap();
        for (permission, allowed) in [
            (Permission::Health, true),
            (Permission::Runbooks, true),
            (Permission::Calls, true),
            (Permission::Diagnoses, true),
            (Permission::Share, true),
            (Permission::Apps, false),
            (Permission::Writes, false),
            (Permission::Registry, false),
            (Permission::People, false),
            (Permission::AccessLog, false),
        ] {
            assert_eq!(may_within(Role::Admin, &some, permission), allowed, "{permission:?}");
            for role in Role::ALL {
                let all = may_within(*role, &ClinicScope::all(), permission);
                assert_eq!(all, may(*role, permission), "{role} {permission:?}");
                assert!(!may_within(*role, &some, permission) || all, "{role} {permission:?}");
            }
        }
    }

    #[test]
    fn admins_alone_read_who_looked_up_what() {
        for role in Role::ALL {
            assert_eq!(may(*role, Permission::AccessLog), *role == Role::Admin, "{role}");
        }
    }

    #[test]
    fn every_permission_has_words_for_those_who_have_it_and_those_who_have_not() {
        for permission in Permission::ALL {
            assert!(!permission.what().is_empty() && !permission.refusal().0.is_empty());
        }
    }
}
