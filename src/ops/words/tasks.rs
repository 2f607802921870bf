//! What an operation is called on the pages: a task that a person does.
//!
//! Owns the names of the default catalogue's operations. An operation of the operator's own
//! catalogue is called by its domain and its own name.

use super::language::Language;
use crate::domain::labels::{Context, WorkflowDomain};

/// The task that an operation is.
pub(crate) fn task(operation: &str, language: Language) -> String {
    match named(operation, language) {
        Some(name) => name.to_owned(),
        None => operation.replace(['.', '_'], " "),
    }
}

fn named(operation: &str, language: Language) -> Option<&'static str> {
    Some(match operation {
        "auth.authorize" => language.of("Open the sign-in page", "Ouvrir la page de connexion"),
        "auth.token" => language.of("Sign in", "Se connecter"),
        "auth.change_office" => language.of("Change office", "Changer de bureau"),
        "platform.api_version" => {
            language.of("Ask for Accuro’s version", "Demander la version d’Accuro")
        }
        "platform.settings" => language.of("Read Accuro’s settings", "Lire les réglages d’Accuro"),
        "admin.authorized_clients.list" => {
            language.of("List connected apps", "Lister les applications liées")
        }
        "admin.authorized_clients.create" => language.of("Connect an app", "Lier une application"),
        "admin.authorized_clients.read" => {
            language.of("Look at a connected app", "Voir une application liée")
        }
        "admin.authorized_clients.delete" => {
            language.of("Disconnect an app", "Délier une application")
        }
        "admin.user.create" => language.of("Add a user", "Ajouter un utilisateur"),
        "admin.user.update" => language.of("Change a user", "Modifier un utilisateur"),
        "office.list" => language.of("List offices", "Lister les bureaux"),
        "office.read" => language.of("Look at an office", "Voir un bureau"),
        "provider.list" => language.of("List providers", "Lister les professionnels"),
        "provider.read" => language.of("Look at a provider", "Voir un professionnel"),
        "schedule.list" => language.of("See schedules", "Voir les horaires"),
        "patient.search" | "patient.public_search" => {
            language.of("Find a patient", "Trouver un patient")
        }
        "patient.create" => language.of("Add a patient", "Ajouter un patient"),
        "patient.read" => language.of("Open a chart", "Ouvrir un dossier"),
        "patient.update" => {
            language.of("Change a patient’s details", "Modifier les données d’un patient")
        }
        "patient.self.read" => language.of("See own details", "Voir ses propres données"),
        "patient.self.update" => language.of("Change own details", "Modifier ses propres données"),
        "appointment.list" => language.of("See appointments", "Voir les rendez-vous"),
        "appointment.read" => language.of("Open an appointment", "Ouvrir un rendez-vous"),
        "appointment.create" => language.of("Book an appointment", "Prendre un rendez-vous"),
        "appointment.update" => language.of("Change an appointment", "Modifier un rendez-vous"),
        "appointment.cancel" => language.of("Cancel an appointment", "Annuler un rendez-vous"),
        "appointment.history.list" | "appointment.history.read" => {
            language.of("See appointment history", "Voir l’historique des rendez-vous")
        }
        "appointment.materials.list" | "appointment.materials.read" => {
            language.of("Get visit materials", "Obtenir les documents de visite")
        }
        "appointment.self.list" => {
            language.of("See own appointments", "Voir ses propres rendez-vous")
        }
        "billing.procedures.list" => {
            language.of("See billed procedures", "Voir les actes facturés")
        }
        "document.list" => language.of("See documents", "Voir les documents"),
        "document.read" => language.of("Get a document", "Obtenir un document"),
        "document.create" => language.of("Add a document", "Ajouter un document"),
        "document.self.list" => language.of("See own documents", "Voir ses propres documents"),
        "letter.list" => language.of("See letters", "Voir les lettres"),
        "letter.create" => language.of("Write a letter", "Écrire une lettre"),
        "medication.list" => language.of("See medications", "Voir les médicaments"),
        "prescription.list" => language.of("See prescriptions", "Voir les ordonnances"),
        "prescription.create" => language.of("Write a prescription", "Rédiger une ordonnance"),
        "lab.list" => language.of("See lab results", "Voir les résultats de laboratoire"),
        "lab.read" => language.of("Open a lab result", "Ouvrir un résultat de laboratoire"),
        "lab.self.list" => language.of("See own lab results", "Voir ses propres résultats"),
        "allergy.list" => language.of("See allergies", "Voir les allergies"),
        "history.list" => language.of("See medical history", "Voir les antécédents"),
        "unknown" => language.of("A call we don’t know", "Un appel inconnu de nous"),
        _ => return None,
    })
}

/// What a workflow domain is called.
pub(crate) const fn domain(domain: WorkflowDomain, language: Language) -> &'static str {
    match domain {
        WorkflowDomain::Auth => language.of("Sign-in", "Connexion"),
        WorkflowDomain::Patients => language.of("Patients", "Patients"),
        WorkflowDomain::Scheduling => language.of("Appointments", "Rendez-vous"),
        WorkflowDomain::Clinical => language.of("Clinical notes", "Notes cliniques"),
        WorkflowDomain::Documents => language.of("Documents", "Documents"),
        WorkflowDomain::Medications => language.of("Medications", "Médicaments"),
        WorkflowDomain::Labs => language.of("Lab results", "Laboratoire"),
        WorkflowDomain::Reference => {
            language.of("Offices and providers", "Bureaux et professionnels")
        }
        WorkflowDomain::Billing => language.of("Billing", "Facturation"),
        WorkflowDomain::Admin => language.of("Administration", "Administration"),
        WorkflowDomain::Unknown => language.of("Unknown", "Inconnu"),
    }
}

/// What kind of sign-in a context is.
pub(crate) const fn sign_in(context: Context, language: Language) -> &'static str {
    match context {
        Context::Patient => language.of("Patient", "Patient"),
        Context::Provider => language.of("Staff", "Personnel"),
        Context::Client => language.of("Background service", "Service automatique"),
        Context::NoToken => language.of("Not signed in", "Sans connexion"),
        Context::Unknown => language.of("Not known", "Inconnu"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogue;

    #[test]
    fn every_operation_of_the_default_catalogue_has_a_name() {
        for endpoint in Catalogue::embedded().unwrap().endpoints() {
            let operation = endpoint.operation.as_str();
            assert!(named(operation, Language::English).is_some(), "{operation}");
        }
        assert_eq!(task("referral.fax_out", Language::French), "referral fax out");
    }
}
