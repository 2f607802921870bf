//! A small world for tests: clinics at work around noon, to which a test adds its trouble.

use std::time::Duration;

use crate::diagnosis::answer::Diagnosis;
use crate::diagnosis::fixtures::{at, call, reference};
use crate::diagnosis::judge::judge;
use crate::diagnosis::scene::{Scene, Subject};
use crate::diagnosis::verdict;
use crate::domain::ids::EventId;
use crate::domain::labels::{Environment, WorkflowDomain};
use crate::domain::names::{AppId, ClinicId, Office, OperationName, RouteTemplate};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::ReferenceKind;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

pub(super) const HERE: &str = "maple-ridge";
pub(super) const CLINICS: [&str; 4] = [HERE, "harbour-view", "lakeshore", "signal-hill"];

/// Operation, domain, path.
const TASKS: [(&str, WorkflowDomain, &str); 5] = [
    ("patient.read", WorkflowDomain::Patients, "/rest/v1/provider-portal/patients/{patientId}"),
    ("patient.search", WorkflowDomain::Patients, "/rest/v1/provider-portal/patients"),
    (
        "appointment.list",
        WorkflowDomain::Scheduling,
        "/rest/v1/provider-portal/scheduler/appointments",
    ),
    ("lab.list", WorkflowDomain::Labs, "/rest/v1/provider-portal/patients/{patientId}/labs"),
    (
        "document.list",
        WorkflowDomain::Documents,
        "/rest/v1/provider-portal/patients/{patientId}/documents",
    ),
];

#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) calls: Vec<Sighting>,
    number: u128,
}

/// One call in short: seconds after noon, clinic, person, patient (0: none), operation.
pub(super) fn one(
    seconds: i64,
    clinic: &str,
    person: u8,
    patient: u8,
    operation: &str,
) -> Sighting {
    let mut made = call(0);
    made.ts = Timestamp::from_micros(at(0).micros() + seconds * 1_000_000);
    made.clinic = Some(ClinicId::parse(clinic).unwrap());
    let base = u8::try_from(CLINICS.iter().position(|c| *c == clinic).unwrap()).unwrap() * 50;
    made.actor = Some(reference(ReferenceKind::Actor, base + person));
    made.token = Some(reference(ReferenceKind::Token, base + person));
    made.patient = (patient > 0).then(|| reference(ReferenceKind::Patient, base + patient));
    let task = TASKS.iter().find(|(name, ..)| *name == operation);
    let (name, domain, route) =
        task.copied().unwrap_or((operation, WorkflowDomain::Auth, "/oauth/token"));
    made.operation = OperationName::parse(name).unwrap();
    made.domain = domain;
    made.route = RouteTemplate::parse(route).unwrap();
    made.office = Office::parse("1");
    made
}

/// The status that a reason comes with.
pub(super) fn with(reason: Reason, mut call: Sighting) -> Sighting {
    call.ending = Ending::failed(reason);
    call.status = match reason {
        Reason::EmptyResult => 200,
        Reason::Forbidden => 403,
        Reason::NotFound => 404,
        Reason::Gone => 410,
        Reason::Conflict => 409,
        Reason::Unprocessable => 422,
        Reason::RateLimited => 429,
        Reason::BadRequest | Reason::GrantRejected | Reason::ClientRejected => 400,
        Reason::UpstreamError => 500,
        Reason::UpstreamUnavailable => 503,
        Reason::ResponseTimeout | Reason::DnsFailed | Reason::ConnectFailed => 504,
        _ => 401,
    };
    call.upstream_status = Some(call.status);
    call
}

impl World {
    /// Two hours before and after noon at four clinics: five people a clinic, a call a minute each
    /// clinic, one in fifty of which fails for no reason, and one search in eight finds nothing.
    pub(super) fn at_work() -> Self {
        let mut world = Self::default();
        for (index, clinic) in (0..).zip(&CLINICS) {
            for minute in -120..120i64 {
                let turn = usize::try_from(minute + 120).unwrap() * 7
                    + usize::try_from(index).unwrap() * 3;
                let person = u8::try_from(turn % 5).unwrap() + 2;
                let (task, ..) = TASKS[turn / 5 % 5];
                let named = !matches!(task, "patient.search" | "appointment.list");
                let patient = if named { u8::try_from(turn % 20).unwrap() + 10 } else { 0 };
                let made = one(minute * 60 + 17 * (1 + index), clinic, person, patient, task);
                world.add(match turn % 100 {
                    13 => with(Reason::UpstreamError, made),
                    63 => with(Reason::NotFound, made),
                    _ if task == "patient.search" && turn % 8 == 0 => {
                        with(Reason::EmptyResult, made)
                    }
                    _ => made,
                });
            }
        }
        world
    }

    pub(super) fn add(&mut self, mut call: Sighting) -> &mut Self {
        self.number += 1;
        call.id = EventId::new(call.ts, self.number << 40 | self.number);
        self.calls.push(call);
        self
    }

    /// Changes the calls of a stretch of time, in minutes from noon, that fit.
    pub(super) fn change(
        &mut self,
        minutes: std::ops::Range<i64>,
        fits: impl Fn(&Sighting) -> bool,
        into: impl Fn(Sighting) -> Sighting,
    ) -> &mut Self {
        let (from, to) = (at(minutes.start), at(minutes.end));
        for call in &mut self.calls {
            if call.ts >= from && call.ts < to && fits(call) {
                *call = into(call.clone());
            }
        }
        self
    }

    pub(super) fn scene(&self, subject: Subject) -> Scene {
        let newest = self.calls.iter().map(|call| call.ts).max();
        Scene::new(subject, Environment::Sandbox, self.calls.clone(), &[], Vec::new(), newest)
    }

    pub(super) fn ask(&self, subject: Subject) -> Diagnosis {
        let scene = self.scene(subject);
        verdict::diagnosis(&scene, &judge(&scene))
    }
}

/// Person 1 and a patient at Maple Ridge, at noon.
pub(super) fn about(person: u8, patient: u8) -> Subject {
    let list = |kind, number: u8| {
        if number == 0 { Vec::new() } else { vec![reference(kind, number)] }
    };
    Subject {
        clinic: Some(ClinicId::parse(HERE).unwrap()),
        actors: list(ReferenceKind::Actor, person),
        patients: list(ReferenceKind::Patient, patient),
        operation: None,
        at: at(0),
        window: Duration::from_hours(2),
        call: None,
    }
}

pub(super) fn is_at(clinic: &str) -> impl Fn(&Sighting) -> bool {
    let clinic = ClinicId::parse(clinic).unwrap();
    move |call| call.clinic.as_ref() == Some(&clinic)
}

pub(super) fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}
