//! What a person or a program may do on the ops site and the JSON API.
//!
//! Owns the roles and what each may see. Does not know accounts or tokens.

use super::labels::label_enum;

label_enum! {
    /// What somebody is here for.
    Role, "a role" {
        /// Answers clinics on the phone: looks calls up, asks for diagnoses.
        Support = "support",
        /// Keeps it running.
        Oncall = "oncall",
        /// Reads figures; must not reach single calls.
        Manager = "manager",
        /// Everything, accounts included.
        Admin = "admin",
    }
}

impl Role {
    /// Whether the role may look at single exchanges and at references to people.
    #[must_use]
    pub const fn may_see_exchanges(self) -> bool {
        !matches!(self, Self::Manager)
    }

    /// Whether the role may let somebody without an account see the adoption page for a while.
    #[must_use]
    pub const fn may_share(self) -> bool {
        matches!(self, Self::Manager | Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_see_figures_and_no_calls() {
        for role in Role::ALL {
            assert_eq!(role.may_see_exchanges(), *role != Role::Manager, "{role}");
        }
    }
}
