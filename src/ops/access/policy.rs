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
    pub(crate) const fn what(self, language: Language) -> &'static str {
        match self {
            Self::Health => language.of(
                "See how clinics and Accuro do, in counts",
                "Voir comment vont les cliniques et Accuro, en chiffres",
            ),
            Self::Share => language.of(
                "Make links that show the adoption page without an account",
                "Faire des liens qui montrent la page d’adoption sans compte",
            ),
            Self::Runbooks => language.of("Read runbooks", "Lire les guides"),
            Self::Calls => language.of("Look up single calls", "Chercher des appels un à un"),
            Self::Diagnoses => language.of(
                "Ask why somebody could not see something",
                "Demander pourquoi quelqu’un ne voyait pas quelque chose",
            ),
            Self::Incidents => language.of(
                "Take incidents, note what was done; tell of alerts",
                "Prendre en charge des incidents, noter ce qui a été fait; signaler des alertes",
            ),
            Self::Apps => language.of(
                "See the settings: clinics, apps, keys’ state, accuscope itself",
                "Voir les réglages : cliniques, applications, état des clés, accuscope lui-même",
            ),
            Self::Registry => language.of(
                "Add, change and remove clinics, apps and keys",
                "Ajouter, modifier et retirer cliniques, applications et clés",
            ),
            Self::Writes => {
                language.of("Switch writes off and on", "Désactiver et réactiver les écritures")
            }
            Self::People => language.of(
                "Add people, change what they may, sign them out",
                "Ajouter des personnes, changer leurs droits, les déconnecter",
            ),
            Self::AccessLog => language.of(
                "Read who looked up what, and take it out",
                "Lire qui a cherché quoi, et l’exporter",
            ),
        }
    }

    /// What is behind the door, and who may enter, for those who may not.
    pub(crate) const fn refusal(self, language: Language) -> (&'static str, &'static str) {
        match self {
            Self::Health => (language.of("This page is for people who are signed in", "Cette page est pour les personnes connectées"), ""),
            Self::Share => (
                language.of("Sharing the adoption page is for admins and managers", "Partager la page d’adoption est pour l’administration et la gestion"),
                language.of("Whoever has the link reads its counts without an account.", "Quiconque a le lien en lit les chiffres sans compte."),
            ),
            Self::Calls => (
                language.of("Single calls are for support, on call and admins", "Les appels un à un sont pour le soutien, la garde et l’administration"),
                language.of("A call is about one person at one clinic. Figures of whole clinics are open to you.", "Un appel concerne une personne d’une clinique. Les chiffres de cliniques entières vous sont ouverts."),
            ),
            Self::Diagnoses => (
                language.of("Diagnoses are for support, on call and admins", "Les diagnostics sont pour le soutien, la garde et l’administration"),
                language.of("A diagnosis is about one person at one clinic. Figures of whole clinics are open to you.", "Un diagnostic concerne une personne d’une clinique. Les chiffres de cliniques entières vous sont ouverts."),
            ),
            Self::Incidents => (
                language.of("Taking incidents is for on call and admins", "Prendre en charge des incidents est pour la garde et l’administration"),
                language.of("Everybody can read how an incident goes.", "Tous peuvent lire comment va un incident."),
            ),
            Self::Writes => (
                language.of("Switching writes off and on is for on call and admins", "Désactiver et réactiver les écritures est pour la garde et l’administration"),
                language.of("It stops every clinic from saving through the apps.", "Cela empêche toutes les cliniques d’enregistrer par les applications."),
            ),
            Self::Apps => (
                language.of("Settings are for on call and admins", "Les réglages sont pour la garde et l’administration"),
                language.of("They show which keys open the door, when they were last used, and how accuscope is set up.", "Ils montrent quelles clés ouvrent la porte, quand elles ont servi la dernière fois, et comment accuscope est réglé."),
            ),
            Self::Registry => (
                language.of("Changing clinics, apps and keys is for admins", "Modifier cliniques, applications et clés est pour l’administration"),
                language.of("It decides who may call, and which clinic a call is counted for.", "Cela décide qui peut appeler, et pour quelle clinique un appel est compté."),
            ),
            Self::Runbooks => (language.of("Runbooks are for people who are signed in", "Les guides sont pour les personnes connectées"), ""),
            Self::People => {
                (language.of("People are for admins", "Les personnes sont pour l’administration"), language.of("It decides who may sign in, and what each may see.", "Cela décide qui peut se connecter, et ce que chacun peut voir."))
            }
            Self::AccessLog => (
                language.of("The access log is for admins", "Le journal des accès est pour l’administration"),
                language.of("It says what each colleague looked up. An admin can take it out for whoever has to check it.", "Il dit ce que chaque collègue a cherché. L’administration peut l’exporter pour qui doit le vérifier."),
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
        Role::Support => language.of("support", "soutien"),
        Role::Oncall => language.of("on call", "de garde"),
        Role::Manager => language.of("manager", "gestion"),
        Role::Admin => language.of("admin", "administration"),
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
            let [english, french] = Language::ALL.map(|language| permission.what(language));
            assert!(!english.is_empty() && english != french, "{permission:?}");
            let [english, french] = Language::ALL.map(|language| permission.refusal(language).0);
            assert!(!english.is_empty() && english != french, "{permission:?}");
        }
    }
}
