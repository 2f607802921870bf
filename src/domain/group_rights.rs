//! From the groups of a sign-in provider to a role and clinics.
//!
//! Owns the rule. The groups' names come from the settings and from a verified token; nothing of a token
//! that is not in the settings has an effect, and none of it is kept.

use super::clinic_scope::ClinicScope;
use super::role::Role;

/// What groups give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRights {
    /// The role of each group.
    pub roles: Vec<(String, Role)>,
    /// The clinics of each group that is limited to some.
    pub clinics: Vec<(String, ClinicScope)>,
}

/// Whoever is in groups of several roles gets the one that may most. Support and on call come before a
/// manager, who sees no single call.
const ORDER: [Role; 4] = [Role::Admin, Role::Oncall, Role::Support, Role::Manager];

impl GroupRights {
    /// The role and the clinics of somebody in these groups; `None` where no group gives a role. Clinics
    /// of several groups add up; where no group of theirs lists any, it is all of them. An admin sees all.
    #[must_use]
    pub fn of<'g>(&self, groups: impl IntoIterator<Item = &'g str>) -> Option<(Role, ClinicScope)> {
        let groups: Vec<&str> = groups.into_iter().collect();
        let is_in = |name: &String| groups.contains(&name.as_str());
        let given = |role: &Role| self.roles.iter().any(|(name, of)| of == role && is_in(name));
        let role = *ORDER.iter().find(|role| given(role))?;
        let listed = self.clinics.iter().filter(|(name, _)| is_in(name));
        let listed: Vec<_> = listed.filter_map(|(_, clinics)| clinics.listed()).collect();
        let clinics = if role == Role::Admin || listed.is_empty() {
            ClinicScope::all()
        } else {
            ClinicScope::only(listed.into_iter().flatten().cloned())
        };
        Some((role, clinics))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Line = (&'static [&'static str], Option<(Role, ClinicScope)>);

    #[test]
    fn groups_give_the_role_that_may_most_and_the_clinics_together() {
        let scope = |text| ClinicScope::parse(text).unwrap();
        let rights = GroupRights {
            roles: vec![
                ("desk".into(), Role::Support),
                ("duty".into(), Role::Oncall),
                ("lead".into(), Role::Manager),
                ("root".into(), Role::Admin),
            ],
            clinics: vec![("west".into(), scope("a,b")), ("east".into(), scope("c"))],
        };
        let all = ClinicScope::all();
        #[rustfmt::skip]
        let table: [Line; 10] = [
            (&[], None),
            (&["staff"], None),
            (&["west"], None),
            (&["Desk"], None),
            (&["desk"], Some((Role::Support, all.clone()))),
            (&["staff", "lead", "desk"], Some((Role::Support, all.clone()))),
            (&["duty", "desk"], Some((Role::Oncall, all.clone()))),
            (&["desk", "west"], Some((Role::Support, scope("a,b")))),
            (&["desk", "west", "east"], Some((Role::Support, scope("a,b,c")))),
            (&["root", "west"], Some((Role::Admin, all))),
        ];
        for (groups, expected) in table {
            assert_eq!(rights.of(groups.iter().copied()), expected, "{groups:?}");
        }
    }
}
