//! Who may do what on the site: one table.
//!
//! Owns the permissions. Does not know sessions; see [`super::session`].

use crate::domain::role::Role;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
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
    /// Switch writes off and on.
    Writes,
}

impl Permission {
    /// What is behind the door, and who may enter, for those who may not.
    pub(crate) const fn refusal(self) -> (&'static str, &'static str) {
        match self {
            Self::Health => ("This page is for people who are signed in", ""),
            Self::Calls => (
                "Single calls are for support, on call and admins",
                "A call is about one person at one clinic. Figures of whole clinics are open to you.",
            ),
            Self::Diagnoses => (
                "Diagnoses are for support, on call and admins",
                "A diagnosis is about one person at one clinic. Figures of whole clinics are open to you.",
            ),
            Self::Writes => (
                "Switching writes off and on is for on call and admins",
                "It stops every clinic from saving through the apps.",
            ),
            Self::Apps => (
                "Apps and keys are for on call and admins",
                "It shows which keys open the door, and when they were last used.",
            ),
            Self::Runbooks => ("Runbooks are for people who are signed in", ""),
        }
    }
}

/// The table. A manager sees counts, never a single call: that is about a person.
pub(crate) const fn may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::Health | Permission::Runbooks => true,
        Permission::Calls | Permission::Diagnoses => role.may_see_exchanges(),
        Permission::Writes | Permission::Apps => matches!(role, Role::Oncall | Role::Admin),
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
    fn on_call_and_admins_switch_writes_off() {
        for role in Role::ALL {
            let expected = matches!(role, Role::Oncall | Role::Admin);
            assert_eq!(may(*role, Permission::Writes), expected, "{role}");
        }
    }

    #[test]
    fn a_manager_sees_counts_and_no_single_call() {
        let of = |role: Role| {
            [Permission::Health, Permission::Calls, Permission::Runbooks, Permission::Diagnoses]
                .map(|permission| may(role, permission))
        };
        assert_eq!(of(Role::Manager), [true, false, true, false]);
        for role in [Role::Support, Role::Oncall, Role::Admin] {
            assert_eq!(of(role), [true, true, true, true], "{role}");
        }
    }
}
