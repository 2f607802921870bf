//! The people and services at work in the live scenarios.

use accuscope::demo::work::Op;
use accuscope::sim::world::Role;

use super::stage::{Back, CLINICS, Stage};

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// By their place in the clinic's accounts.
    Person {
        account: usize,
    },
    Service,
    /// By Accuro's number of the patient.
    Portal {
        patient: i64,
    },
}

/// Somebody with a token.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) clinic: usize,
    pub(super) who: Who,
    pub(super) app: &'static str,
    pub(super) token: String,
    pub(super) office: u32,
    /// An app key of another app, or of none.
    pub(super) key: Option<String>,
}

/// Everybody: four people, a service and, at two clinics, a patient.
pub(super) struct Cast {
    pub(super) holders: Vec<Holder>,
    turn: u32,
}

impl Cast {
    /// Signs everybody in.
    pub(super) async fn assemble(stage: &Stage) -> Self {
        let mut holders = Vec::new();
        for clinic in 0..CLINICS.len() {
            let physicians = stage.with_role(clinic, Role::Physician);
            let nurse = stage.with_role(clinic, Role::Nurse)[0];
            let people = [
                (physicians[0], "chart-app"),
                (physicians[1], "chart-app"),
                (nurse, "chart-app"),
                (physicians[2], "intake-web"),
            ];
            let holder =
                |who, app| Holder { clinic, who, app, token: String::new(), office: 1, key: None };
            for (account, app) in people {
                let office = stage.tenant(clinic).accounts[account].office;
                holders.push(Holder { office, ..holder(Who::Person { account }, app) });
            }
            holders.push(holder(Who::Service, "sync-service"));
            if clinic < 2 {
                let patient = stage.tenant(clinic).patients[3].id;
                holders.push(holder(Who::Portal { patient }, "patient-app"));
            }
        }
        for holder in &mut holders {
            stage.sign_in(holder).await;
        }
        Self { holders, turn: 0 }
    }

    /// The places of those whom a scenario names.
    pub(super) fn named(&self, name: &str) -> Vec<usize> {
        let person = |holder: &Holder| matches!(holder.who, Who::Person { .. });
        let all = |fits: &dyn Fn(&Holder) -> bool| {
            let places = self.holders.iter().enumerate().filter(|(_, holder)| fits(holder));
            places.map(|(place, _)| place).collect::<Vec<_>>()
        };
        match name {
            "subject" => vec![0],
            "colleague" => vec![1],
            "colleagues" => vec![1, 2, 3],
            "at_second" => vec![all(&|h| h.clinic == 1 && person(h))[0]],
            "everyone" => all(&person),
            "app_users" => all(&|h| person(h) && h.app == "chart-app"),
            "service" => vec![all(&|h| h.who == Who::Service)[0]],
            "services" => all(&|h| h.who == Who::Service),
            "patient" => vec![all(&|h| matches!(h.who, Who::Portal { .. }))[0]],
            "patients" => all(&|h| matches!(h.who, Who::Portal { .. })),
            other => panic!("nobody is called {other}"),
        }
    }

    /// What everybody does in a few minutes of an ordinary morning.
    pub(super) async fn round(&mut self, stage: &Stage) -> Option<String> {
        let mut last = None;
        for holder in self.holders.clone() {
            self.turn += 1;
            let turn = self.turn;
            let ops: &[Op] = match holder.who {
                Who::Service => &[Op::Schedule, Op::Offices],
                Who::Portal { .. } => &[Op::OwnPage, Op::OwnBookings],
                Who::Person { .. } => {
                    let more = [Op::Labs, Op::Documents, Op::Medications, Op::Providers];
                    &[Op::OpenChart, Op::DaySheet, Op::Search, more[turn as usize % 4]]
                }
            };
            for op in ops {
                let patient = ordinary_patient(stage, holder.clinic, turn as usize);
                // An even number is a search for somebody who is there.
                let number = 2 + turn % 4 * 2;
                let back: Back = stage.call(&holder, *op, patient, number).await;
                last = back.support_code.or(last);
            }
            stage.pass(18);
        }
        last
    }
}

/// A patient that every office knows, never one of the first: those are the scenarios'.
pub(super) fn ordinary_patient(stage: &Stage, clinic: usize, turn: usize) -> usize {
    let patients = stage.tenant(clinic).patients.iter().enumerate();
    let everywhere: Vec<usize> =
        patients.filter(|(_, patient)| patient.office.is_none()).map(|(at, _)| at).collect();
    everywhere[4 + turn % (everywhere.len() - 4)]
}
