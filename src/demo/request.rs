//! From a step of an errand to the request that an application would send.
//!
//! Owns paths, queries and bodies. The people in them are the simulator's. Sends nothing.

use bytes::Bytes;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::work::{Op, Step};
use crate::domain::labels::Method;
use crate::sim::world::chart::{Part, entries};
use crate::sim::world::{Appointment, Patient, Tenant};

const PORTAL: &str = "/rest/v1/provider-portal";

/// One request, without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Path and query, the clinic's UUID included.
    pub target: String,
    /// `Content-Type` and content.
    pub body: Option<(&'static str, Bytes)>,
}

/// Where and when the request is made.
#[derive(Clone, Copy, Debug)]
pub struct Place<'w> {
    /// The simulator's seed, from which charts are derived.
    pub seed: u64,
    /// The clinic.
    pub tenant: &'w Tenant,
    /// The office that the person works in.
    pub office: u32,
    /// The clinic's day.
    pub today: Date,
}

/// Makes the request of a step. Sign-ins are made elsewhere: they carry secrets.
#[must_use]
pub fn request(step: Step, place: Place<'_>) -> Outgoing {
    let Place { tenant, today, .. } = place;
    let first = || tenant.patients.first();
    let patient = step.patient.and_then(|at| tenant.patients.get(at)).or_else(first);
    let id = patient.map_or(0, |patient| patient.id);
    let chart = format!("{PORTAL}/patients/{id}");
    let booking = booking(place, step.number).map_or(0, |booking| booking.id);
    let bookings = format!("{PORTAL}/scheduler/appointments");
    let get = |path: String| (Method::Get, path, None);
    let (method, path, body) = match step.op {
        Op::Token | Op::ServiceToken => (Method::Post, "/oauth/token".to_owned(), None),
        Op::ChangeOffice => {
            (Method::Put, format!("{PORTAL}/current-office?officeId={}", place.office), None)
        }
        Op::ApiVersion => get("/rest/v1/api-version".to_owned()),
        Op::Offices => get("/rest/v1/offices".to_owned()),
        Op::Providers => get("/rest/v1/providers".to_owned()),
        Op::Schedule => get(format!("/rest/v1/schedules?date={today}&officeId={}", place.office)),
        Op::DaySheet => {
            get(format!("{bookings}?date={today}&officeId={}&pageSize=100", place.office))
        }
        Op::Booking => get(format!("{bookings}/{booking}")),
        Op::Book => (Method::Post, bookings, Some(new_booking(step, tenant, id, today))),
        Op::Arrive => {
            (Method::Put, format!("{bookings}/{booking}"), Some(json!({"status": "arrived"})))
        }
        Op::Cancel => (Method::Delete, format!("{bookings}/{booking}"), None),
        Op::Materials => get(format!("/rest/v2/materials/appointments?date={today}")),
        Op::Fees => get(format!("{PORTAL}/appointments/{booking}/billprocedures")),
        Op::Search => get(format!("{PORTAL}/patients?{}", search(step, patient))),
        Op::PublicSearch => get(format!("/rest/v1/patients/search?{}", search(step, patient))),
        Op::OpenChart => get(chart),
        Op::Register => (Method::Post, format!("{PORTAL}/patients"), Some(newcomer(step))),
        Op::UpdatePatient => {
            let phone = format!("250-555-01{:02}", step.number % 100);
            (Method::Put, chart, Some(json!({"phone": phone})))
        }
        Op::Documents => get(format!("{chart}/documents")),
        Op::ReadDocument => {
            get(format!("{PORTAL}/documents/{}", entry(step, place, Part::Document)))
        }
        Op::Upload => {
            let content = Bytes::from(vec![b'0'; 20_000 + step.number as usize % 30_000]);
            let body = Some(("application/pdf", content));
            return Outgoing {
                method: Method::Post,
                target: with_uuid(&format!("{chart}/documents"), tenant),
                body,
            };
        }
        Op::Letters => get(format!("{chart}/letters")),
        Op::WriteLetter => {
            let letter = json!({"patientId": id, "title": "Referral letter"});
            (Method::Post, format!("{PORTAL}/letters"), Some(letter))
        }
        Op::Labs => get(format!("{chart}/labs")),
        Op::ReadLab => get(format!("{PORTAL}/labs/{}", entry(step, place, Part::Lab))),
        Op::Medications => get(format!("{chart}/medications")),
        Op::Prescriptions => get(format!("{chart}/prescriptions")),
        Op::Prescribe => {
            (Method::Post, format!("{chart}/prescriptions"), Some(json!({"drug": "placebo 5 mg"})))
        }
        Op::Allergies => get(format!("{chart}/allergies")),
        Op::History => get(format!("{chart}/history")),
        Op::OwnPage => get("/rest/v1/patient-portal/demographics".to_owned()),
        Op::OwnBookings => get("/rest/v1/patient-portal/appointments".to_owned()),
        Op::OwnLabs => get("/rest/v1/patient-portal/labs".to_owned()),
        Op::OwnDocuments => get("/rest/v1/patient-portal/documents".to_owned()),
    };
    let body = body.map(|value: Value| ("application/json", Bytes::from(value.to_string())));
    Outgoing { method, target: with_uuid(&path, tenant), body }
}

fn with_uuid(path: &str, tenant: &Tenant) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}uuid={}", tenant.spec.uuid)
}

/// One search in twelve is for a name that nobody has, some of them with a space too many.
fn search(step: Step, patient: Option<&Patient>) -> String {
    let name = patient.map_or("", |patient| patient.last.as_str());
    let name: String = name.chars().take(5).collect();
    match step.number % 24 {
        0 => "lastName=Nobodyhere".to_owned(),
        1 => format!("lastName=%20{}", encoded(&name)),
        n if n % 2 == 0 => format!("lastName={}", encoded(&name)),
        _ => format!("phn={}", patient.map_or("0", |patient| patient.number.as_str())),
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Today's bookings of the office, the drawn one of them.
fn booking(place: Place<'_>, number: u32) -> Option<&Appointment> {
    let today = || {
        let all = place.tenant.appointments.iter();
        all.filter(|a| a.date == place.today && a.office == place.office)
    };
    let any = || place.tenant.appointments.iter().find(|a| a.office == place.office);
    today().nth(number as usize % today().count().max(1)).or_else(any)
}

fn new_booking(step: Step, tenant: &Tenant, patient: i64, today: Date) -> Value {
    let provider = &tenant.providers[step.number as usize % tenant.providers.len()];
    let date = today.saturating_add((25 + i64::from(step.number >> 8 & 0x3f)).days());
    let start = format!("{:02}:{:02}", 8 + (step.number >> 16) % 9, (step.number >> 20) % 12 * 5);
    json!({"patientId": patient, "providerId": provider.id, "date": date.to_string(),
        "startTime": start, "reason": "follow-up"})
}

/// One newcomer in twenty is typed in without a birthday.
fn newcomer(step: Step) -> Value {
    let mut person = json!({"lastName": "Newcomer-Test", "firstName": "Demo",
        "dateOfBirth": format!("19{:02}-0{}-1{}", step.number % 90 + 10, step.number % 9 + 1, step.number % 9)});
    if step.number.is_multiple_of(20) {
        person["dateOfBirth"] = json!("unknown");
    }
    person
}

fn entry(step: Step, place: Place<'_>, part: Part) -> i64 {
    let at = step.patient.unwrap_or(0);
    let known = entries(place.seed, at, part).count().max(1);
    entries(place.seed, at, part).nth(step.number as usize % known).map_or(0, |entry| entry.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::clinics::sim_config;
    use crate::domain::catalogue::Catalogue;
    use crate::sim::world::World;
    use jiff::civil::date;

    #[test]
    fn every_step_is_asked_where_the_catalogue_says() {
        let catalogue = Catalogue::embedded().unwrap();
        let config = sim_config(7);
        let today = date(2026, 11, 24);
        let world = World::grow(&config, today);
        let place = Place { seed: 7, tenant: &world.tenants[0], office: 1, today };
        for op in Op::ALL {
            for number in 0..30 {
                let out = request(Step { op: *op, patient: Some(3), number }, place);
                let path = out.target.split('?').next().unwrap();
                let found = catalogue.identify(out.method, path);
                assert_eq!(found.operation.as_str(), op.operation(), "{}", out.target);
                assert!(out.target.contains("uuid="), "{}", out.target);
            }
        }
    }
}
