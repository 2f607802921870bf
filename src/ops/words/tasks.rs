//! What an operation is called on the pages: a task that a person does.
//!
//! Owns the names of the default catalogue's operations. An operation of the operator's own
//! catalogue is called by its domain and its own name.

use crate::domain::labels::{Context, WorkflowDomain};

/// The task that an operation is.
pub(crate) fn task(operation: &str) -> String {
    match named(operation) {
        Some(name) => name.to_owned(),
        None => operation.replace(['.', '_'], " "),
    }
}

fn named(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "auth.authorize" => "Open the sign-in page",
        "auth.token" => "Sign in",
        "auth.change_office" => "Change office",
        "platform.api_version" => "Ask for Accuro’s version",
        "platform.settings" => "Read Accuro’s settings",
        "admin.authorized_clients.list" => "List connected apps",
        "admin.authorized_clients.create" => "Connect an app",
        "admin.authorized_clients.read" => "Look at a connected app",
        "admin.authorized_clients.delete" => "Disconnect an app",
        "admin.user.create" => "Add a user",
        "admin.user.update" => "Change a user",
        "office.list" => "List offices",
        "office.read" => "Look at an office",
        "provider.list" => "List providers",
        "provider.read" => "Look at a provider",
        "schedule.list" => "See schedules",
        "patient.search" | "patient.public_search" => "Find a patient",
        "patient.create" => "Add a patient",
        "patient.read" => "Open a chart",
        "patient.update" => "Change a patient’s details",
        "patient.self.read" => "See own details",
        "patient.self.update" => "Change own details",
        "appointment.list" => "See appointments",
        "appointment.read" => "Open an appointment",
        "appointment.create" => "Book an appointment",
        "appointment.update" => "Change an appointment",
        "appointment.cancel" => "Cancel an appointment",
        "appointment.history.list" | "appointment.history.read" => "See appointment history",
        "appointment.materials.list" | "appointment.materials.read" => "Get visit materials",
        "appointment.self.list" => "See own appointments",
        "billing.procedures.list" => "See billed procedures",
        "document.list" => "See documents",
        "document.read" => "Get a document",
        "document.create" => "Add a document",
        "document.self.list" => "See own documents",
        "letter.list" => "See letters",
        "letter.create" => "Write a letter",
        "medication.list" => "See medications",
        "prescription.list" => "See prescriptions",
        "prescription.create" => "Write a prescription",
        "lab.list" | "lab.read" => "See lab results",
        "lab.self.list" => "See own lab results",
        "allergy.list" => "See allergies",
        "history.list" => "See medical history",
        "unknown" => "A call we don’t know",
        _ => return None,
    })
}

/// What a workflow domain is called.
pub(crate) const fn domain(domain: WorkflowDomain) -> &'static str {
    match domain {
        WorkflowDomain::Auth => "Sign-in",
        WorkflowDomain::Patients => "Patients",
        WorkflowDomain::Scheduling => "Appointments",
        WorkflowDomain::Clinical => "Clinical notes",
        WorkflowDomain::Documents => "Documents",
        WorkflowDomain::Medications => "Medications",
        WorkflowDomain::Labs => "Lab results",
        WorkflowDomain::Reference => "Offices and providers",
        WorkflowDomain::Billing => "Billing",
        WorkflowDomain::Admin => "Administration",
        WorkflowDomain::Unknown => "Unknown",
    }
}

/// What kind of sign-in a context is.
pub(crate) const fn sign_in(context: Context) -> &'static str {
    match context {
        Context::Patient => "Patient",
        Context::Provider => "Staff",
        Context::Client => "Background service",
        Context::NoToken => "Not signed in",
        Context::Unknown => "Not known",
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
            assert!(named(operation).is_some(), "{operation}");
        }
        assert_eq!(task("referral.fax_out"), "referral fax out");
    }
}
