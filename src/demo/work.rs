//! What people at a clinic do all day: operations, and the errands made of them.
//!
//! Owns the order of calls that one errand takes, by job and by the clinic's habits. The same
//! errands fill the history and go through the running proxy. Draws from a generator that comes in,
//! reads no clock and sends nothing.

use crate::domain::labels::Context;
use crate::sim::world::Role;

/// Declares the operations with their catalogue names and usual times at Accuro, in milliseconds.
macro_rules! operations {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $ms:literal;)+) => {
        /// One operation that an errand uses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Op { $($(#[$meta])* $variant,)+ }

        impl Op {
            /// Every operation; its place is `op as usize`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in the endpoint catalogue.
            #[must_use]
            pub const fn operation(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What Accuro usually takes, in milliseconds.
            #[must_use]
            pub const fn usual_ms(self) -> u64 {
                match self { $(Self::$variant => $ms,)+ }
            }
        }
    };
}

operations! {
    /// A person signing in, or again.
    Token = "auth.token", 180;
    /// A service signing in.
    ServiceToken = "auth.token", 120;
    /// Working in another office.
    ChangeOffice = "auth.change_office", 70;
    /// Which version.
    ApiVersion = "platform.api_version", 25;
    /// The offices.
    Offices = "office.list", 45;
    /// The providers.
    Providers = "provider.list", 60;
    /// Opening hours.
    Schedule = "schedule.list", 130;
    /// The day sheet.
    DaySheet = "appointment.list", 190;
    /// One booking.
    Booking = "appointment.read", 80;
    /// A new booking.
    Book = "appointment.create", 260;
    /// Somebody has arrived.
    Arrive = "appointment.update", 210;
    /// A booking that is off.
    Cancel = "appointment.cancel", 220;
    /// What to bring.
    Materials = "appointment.materials.list", 150;
    /// Fees.
    Fees = "billing.procedures.list", 140;
    /// Finding somebody.
    Search = "patient.search", 320;
    /// The same, in the background.
    PublicSearch = "patient.public_search", 280;
    /// A chart's first page.
    OpenChart = "patient.read", 150;
    /// A new chart.
    Register = "patient.create", 380;
    /// A new telephone number.
    UpdatePatient = "patient.update", 300;
    /// Documents.
    Documents = "document.list", 270;
    /// One document.
    ReadDocument = "document.read", 620;
    /// A new document.
    Upload = "document.create", 840;
    /// Letters.
    Letters = "letter.list", 200;
    /// A new letter.
    WriteLetter = "letter.create", 410;
    /// Laboratory results.
    Labs = "lab.list", 290;
    /// One result.
    ReadLab = "lab.read", 160;
    /// Medications.
    Medications = "medication.list", 210;
    /// Prescriptions.
    Prescriptions = "prescription.list", 220;
    /// A new prescription.
    Prescribe = "prescription.create", 450;
    /// Allergies.
    Allergies = "allergy.list", 120;
    /// History.
    History = "history.list", 180;
    /// A patient's own page.
    OwnPage = "patient.self.read", 140;
    /// A patient's own bookings.
    OwnBookings = "appointment.self.list", 180;
    /// A patient's own results.
    OwnLabs = "lab.self.list", 230;
    /// A patient's own documents.
    OwnDocuments = "document.self.list", 240;
}

/// What somebody does for a living, as far as their errands differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Sees patients.
    Doctor,
    /// Prepares and follows up.
    Nurse,
    /// Books, registers, answers the telephone.
    FrontDesk,
    /// Looks after offices and schedules.
    Office,
    /// A service without a person.
    Background,
    /// A patient at home.
    Portal,
}

impl Job {
    /// The job of an account.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Physician => Self::Doctor,
            Role::Nurse => Self::Nurse,
            Role::FrontDesk => Self::FrontDesk,
            Role::Administrator => Self::Office,
            Role::Client => Self::Background,
        }
    }

    /// The kind of token.
    #[must_use]
    pub const fn context(self) -> Context {
        match self {
            Self::Background => Context::Client,
            Self::Portal => Context::Patient,
            _ => Context::Provider,
        }
    }

    /// How they sign in.
    #[must_use]
    pub const fn sign_in(self) -> Op {
        if matches!(self, Self::Background) { Op::ServiceToken } else { Op::Token }
    }

    /// Errands on a usual weekday.
    #[must_use]
    pub const fn errands_a_day(self) -> u32 {
        match self {
            Self::Doctor => 36,
            Self::Nurse => 30,
            Self::FrontDesk => 42,
            Self::Office => 10,
            Self::Background | Self::Portal => 0,
        }
    }
}

/// One call of an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is asked.
    pub op: Op,
    /// About whom, by their place in the clinic's list.
    pub patient: Option<usize>,
    /// What else the request is made from.
    pub number: u32,
}

/// Draws an errand. `patients` are the places of those whom the person works with; `habits` the
/// clinic's use of documents, labs and medications, in percent.
pub fn errand(
    job: Job,
    patients: &[usize],
    habits: [u32; 3],
    rng: &mut fastrand::Rng,
    out: &mut Vec<Step>,
) {
    let patient = pick(patients, rng);
    let [documents, labs, medications] = habits;
    let mut add = |percent: u32, op: Op, rng: &mut fastrand::Rng| {
        if rng.u32(..100) < percent {
            let about = if concerns_patient(op) { patient } else { None };
            if about.is_some() || !concerns_patient(op) {
                out.push(Step { op, patient: about, number: rng.u32(..) });
            }
        }
    };
    let plan: &[(u32, Op)] = match job {
        Job::Doctor => &[
            (30, Op::DaySheet),
            (15, Op::Search),
            (100, Op::OpenChart),
            (60, Op::Allergies),
            (45, Op::History),
            (labs * 7 / 10, Op::Labs),
            (labs * 4 / 10, Op::ReadLab),
            (documents * 5 / 10, Op::Documents),
            (documents * 3 / 10, Op::ReadDocument),
            (medications * 7 / 10, Op::Medications),
            (medications * 2 / 10, Op::Prescriptions),
            (medications / 6, Op::Prescribe),
            (documents / 10, Op::WriteLetter),
            (6, Op::Fees),
        ],
        Job::Nurse => &[
            (35, Op::DaySheet),
            (45, Op::Search),
            (100, Op::OpenChart),
            (40, Op::Allergies),
            (medications * 6 / 10, Op::Medications),
            (labs * 5 / 10, Op::Labs),
            (labs * 2 / 10, Op::ReadLab),
            (documents * 3 / 10, Op::Documents),
            (documents / 8, Op::Upload),
            (20, Op::Arrive),
        ],
        Job::FrontDesk => &[
            (60, Op::DaySheet),
            (70, Op::Search),
            (60, Op::OpenChart),
            (12, Op::UpdatePatient),
            (25, Op::Book),
            (30, Op::Arrive),
            (20, Op::Booking),
            (3, Op::Cancel),
            (4, Op::Register),
            (documents * 2 / 10, Op::Documents),
            (documents / 10, Op::Letters),
        ],
        Job::Office => {
            &[(60, Op::Offices), (70, Op::Providers), (80, Op::Schedule), (40, Op::DaySheet)]
        }
        Job::Background => &[
            (100, Op::Materials),
            (25, Op::Schedule),
            (15, Op::PublicSearch),
            (8, Op::Providers),
            (8, Op::Offices),
            (6, Op::ApiVersion),
        ],
        Job::Portal => {
            &[(100, Op::OwnPage), (80, Op::OwnBookings), (50, Op::OwnLabs), (40, Op::OwnDocuments)]
        }
    };
    for (percent, op) in plan {
        add(*percent, *op, rng);
    }
}

/// Whether the operation is about one patient whom the request names.
#[must_use]
pub const fn concerns_patient(op: Op) -> bool {
    matches!(
        op,
        Op::OpenChart
            | Op::UpdatePatient
            | Op::Documents
            | Op::ReadDocument
            | Op::Upload
            | Op::Letters
            | Op::WriteLetter
            | Op::Labs
            | Op::ReadLab
            | Op::Medications
            | Op::Prescriptions
            | Op::Prescribe
            | Op::Allergies
            | Op::History
            | Op::Book
            | Op::Search
    )
}

/// Whether the path shows the patient, so that accuscope can know them.
#[must_use]
pub const fn shows_patient(op: Op) -> bool {
    matches!(
        op,
        Op::OpenChart
            | Op::UpdatePatient
            | Op::Documents
            | Op::Upload
            | Op::Letters
            | Op::Labs
            | Op::Medications
            | Op::Prescriptions
            | Op::Prescribe
            | Op::Allergies
            | Op::History
    )
}

/// Whether the query shows the office.
#[must_use]
pub const fn shows_office(op: Op) -> bool {
    matches!(op, Op::ChangeOffice | Op::DaySheet | Op::Schedule)
}

/// Whether it is a sign-in, which carries no token yet.
#[must_use]
pub const fn is_sign_in(op: Op) -> bool {
    matches!(op, Op::Token | Op::ServiceToken)
}

/// Some come often and many seldom.
fn pick(patients: &[usize], rng: &mut fastrand::Rng) -> Option<usize> {
    let rank = rng.usize(..patients.len().max(1)).min(rng.usize(..patients.len().max(1)));
    patients.get(rank).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogue;

    #[test]
    fn every_operation_is_in_the_catalogue() {
        let catalogue = Catalogue::embedded().unwrap();
        for op in Op::ALL {
            let name = op.operation();
            assert!(catalogue.endpoints().iter().any(|e| e.operation.as_str() == name), "{name}");
        }
    }

    #[test]
    fn nobody_without_patients_asks_for_one() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut steps = Vec::new();
        for _ in 0..50 {
            errand(Job::Doctor, &[], [100; 3], &mut rng, &mut steps);
        }
        assert!(steps.iter().all(|step| step.patient.is_none()));
        assert!(!steps.is_empty());
    }
}
