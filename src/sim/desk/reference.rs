//! Offices, providers, schedules, versions, and the change of office.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Desk;
use crate::sim::answer::{Answer, list};
use crate::sim::refusal;
use crate::sim::world::{Office, Provider};

/// Needs no token.
pub(super) fn api_version() -> Answer {
    Answer::json(200, &json!({"apiVersion": "v1", "accuroVersion": "2026.3"}))
}

/// The answer, and the office to change to if it was allowed.
pub(super) fn change_office(desk: &Desk<'_>) -> (Answer, Option<u32>) {
    let body: Option<Value> = serde_json::from_slice(&desk.call.body).ok();
    let in_body = body.as_ref().and_then(|b| b.get("officeId").unwrap_or(b).as_i64());
    let Some(wanted) = desk.call.query_number("officeId").or(in_body) else {
        return (refusal::missing("officeId"), None);
    };
    let office = u32::try_from(wanted).ok();
    let exists = |id: &u32| desk.tenant.offices.iter().any(|office| office.id == *id);
    match office.filter(exists) {
        None => (refusal::not_there(desk.call), None),
        Some(id) if desk.grants.offices.contains(&id) => (Answer::empty(204), Some(id)),
        Some(_) => (refusal::denied(desk.tenant.spec.denial.status(), desk.call), None),
    }
}

impl Desk<'_> {
    pub(super) fn reference(&self, operation: &str) -> Result<Answer, Answer> {
        let offices = self.tenant.offices.iter().filter(|o| self.grants.offices.contains(&o.id));
        let providers = self.tenant.providers.iter().filter(|p| self.provides(p));
        match operation {
            "office.list" => {
                Ok(list(self.call, offices.map(|o| (i64::from(o.id), office(o))).collect()))
            }
            "office.read" => {
                let id = self.id("{officeId}")?;
                let mut found = self.tenant.offices.iter().filter(|o| i64::from(o.id) == id);
                let found = found.next().map(|o| Answer::json(200, &office(o)));
                found.ok_or_else(|| refusal::not_there(self.call))
            }
            "provider.list" => {
                Ok(list(self.call, providers.map(|p| (i64::from(p.id), provider(p))).collect()))
            }
            "provider.read" => {
                let id = self.id("{providerId}")?;
                let mut found = providers.filter(|p| i64::from(p.id) == id);
                let found = found.next().map(|p| Answer::json(200, &provider(p)));
                found.ok_or_else(|| refusal::not_there(self.call))
            }
            "schedule.list" => self.schedules(),
            "platform.settings" => Ok(Answer::json(
                200,
                &json!({"appointmentInterval": 15, "timeout": 30, "province": self.tenant.spec.province.as_str()}),
            )),
            _ => Ok(self.anything()),
        }
    }

    fn schedules(&self) -> Result<Answer, Answer> {
        let date = self.day("date")?;
        let providers = self.tenant.providers.iter().filter(|p| self.provides(p));
        let one = |p: &Provider| {
            let booked = self.tenant.appointments.iter().filter(|a| {
                a.date == date && a.provider == p.id && self.viewer().sees_appointment(a)
            });
            let day = json!({"providerId": p.id, "officeId": self.office, "date": date.to_string(),
                "open": "08:30", "close": "16:30", "booked": booked.count()});
            (i64::from(p.id), day)
        };
        Ok(list(self.call, providers.map(one).collect()))
    }

    fn provides(&self, provider: &Provider) -> bool {
        self.viewer().sees_day_sheet(provider.id)
    }

    /// The day in a query parameter; today where there is none.
    pub(super) fn day(&self, name: &str) -> Result<Date, Answer> {
        let today = || jiff::tz::TimeZone::UTC.to_datetime(self.call.at.to_jiff()).date();
        let Some(text) = self.call.query(name) else { return Ok(today()) };
        text.parse().map_err(|_| refusal::invalid(name, text))
    }
}

fn office(office: &Office) -> Value {
    json!({"officeId": office.id, "name": office.name})
}

fn provider(provider: &Provider) -> Value {
    json!({"providerId": provider.id, "firstName": provider.first, "lastName": provider.last,
        "officeId": provider.office, "active": true})
}
