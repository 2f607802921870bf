//! Tasks: what a person at a clinic sets out to do.
//!
//! Owns the list and which operations belong to which. Goes by domain, by whether the call could change
//! the chart, and by the last word of the operation's name, so that an operator's own catalogue is
//! counted, too. Signing in, offices and providers, billing and administration are no tasks: nobody
//! came for them.

use crate::domain::labels::{WorkflowDomain, label_enum};

label_enum! {
    /// What a person set out to do.
    Task, "a task" {
        /// Looking for a patient.
        FindPatient = "find_patient",
        /// Reading or changing one patient's chart.
        OpenChart = "open_chart",
        /// Looking at appointments and schedules.
        SeeSchedule = "see_schedule",
        /// A new appointment.
        Book = "book",
        /// Another time, an arrival, a cancellation.
        ChangeAppointment = "change_appointment",
        /// Documents and letters.
        Documents = "documents",
        /// Laboratory results.
        Results = "results",
        /// Medications and prescriptions.
        Medications = "medications",
    }
}

impl Task {
    /// The task that an operation belongs to, if it is one.
    #[must_use]
    pub fn of(domain: WorkflowDomain, operation: &str, mutation: bool) -> Option<Self> {
        let last = operation.rsplit('.').next().unwrap_or(operation);
        Some(match domain {
            WorkflowDomain::Patients => match last {
                "search" | "public_search" | "list" | "find" => Self::FindPatient,
                _ => Self::OpenChart,
            },
            WorkflowDomain::Clinical => Self::OpenChart,
            WorkflowDomain::Scheduling if !mutation => Self::SeeSchedule,
            WorkflowDomain::Scheduling if last == "create" => Self::Book,
            WorkflowDomain::Scheduling => Self::ChangeAppointment,
            WorkflowDomain::Documents => Self::Documents,
            WorkflowDomain::Labs => Self::Results,
            WorkflowDomain::Medications => Self::Medications,
            WorkflowDomain::Auth
            | WorkflowDomain::Reference
            | WorkflowDomain::Billing
            | WorkflowDomain::Admin
            | WorkflowDomain::Unknown => return None,
        })
    }

    /// Its number in the store, from 1 on; 0 stands for all of them.
    #[must_use]
    pub fn number(self) -> i64 {
        let place = Self::ALL.iter().position(|task| *task == self);
        place.and_then(|place| i64::try_from(place + 1).ok()).unwrap_or(0)
    }

    /// The reverse of [`Task::number`].
    #[must_use]
    pub fn of_number(number: i64) -> Option<Self> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        Self::ALL.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogue;

    #[test]
    fn each_operation_of_the_default_catalogue_is_the_task_that_people_would_say() {
        let expected = |operation: &str| {
            Some(match operation {
                "patient.search" | "patient.public_search" => Task::FindPatient,
                "patient.create"
                | "patient.read"
                | "patient.update"
                | "patient.self.read"
                | "patient.self.update"
                | "allergy.list"
                | "history.list" => Task::OpenChart,
                "appointment.create" => Task::Book,
                "appointment.update" | "appointment.cancel" => Task::ChangeAppointment,
                "document.list" | "document.read" | "document.create" | "document.self.list"
                | "letter.list" | "letter.create" => Task::Documents,
                "lab.list" | "lab.read" | "lab.self.list" => Task::Results,
                "medication.list" | "prescription.list" | "prescription.create" => {
                    Task::Medications
                }
                _ if operation.starts_with("appointment.") || operation == "schedule.list" => {
                    Task::SeeSchedule
                }
                _ => return None,
            })
        };
        for endpoint in Catalogue::embedded().unwrap().endpoints() {
            let operation = endpoint.operation.as_str();
            let found = Task::of(endpoint.domain, operation, endpoint.mutation);
            assert_eq!(found, expected(operation), "{operation}");
        }
    }

    #[test]
    fn a_task_is_found_by_its_number() {
        for task in Task::ALL {
            assert_eq!(Task::of_number(task.number()), Some(*task));
        }
        assert_eq!(
            (Task::of_number(0), Task::of_number(-1), Task::of_number(99)),
            (None, None, None)
        );
    }
}
