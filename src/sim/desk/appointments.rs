//! Day sheets: looking, booking, changing, cancelling.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Desk;
use crate::sim::answer::{Answer, created, list};
use crate::sim::refusal;
use crate::sim::world::Appointment;

impl Desk<'_> {
    pub(super) fn appointments(&mut self, operation: &str) -> Result<Answer, Answer> {
        match operation {
            "appointment.list" | "appointment.history.list" | "appointment.materials.list" => {
                self.day_sheet()
            }
            "appointment.read" => {
                Ok(Answer::json(200, &shown(&self.tenant.appointments[self.place()?])))
            }
            "appointment.history.read" => {
                let one = &self.tenant.appointments[self.place()?];
                Ok(list(self.call, vec![(1, json!({"version": 1, "status": one.status}))]))
            }
            "appointment.materials.read" => {
                self.place()?;
                let text = "Please bring your list of medications.\n";
                Ok(Answer::of(200, Some("text/plain;charset=UTF-8"), text.as_bytes().to_vec()))
            }
            "billing.procedures.list" => {
                let one = &self.tenant.appointments[self.place()?];
                let fee = json!({"procedureCode": "00100", "units": 1, "minutes": one.minutes});
                Ok(list(self.call, vec![(1, fee)]))
            }
            "appointment.create" => self.book(),
            "appointment.update" => self.change_booking(),
            "appointment.cancel" => {
                let place = self.free_place()?;
                self.tenant.appointments.remove(place);
                Ok(Answer::empty(204).applied())
            }
            _ => Ok(self.anything()),
        }
    }

    fn day_sheet(&self) -> Result<Answer, Answer> {
        let date = self.day("date")?;
        let provider = self.call.query_number("providerId");
        let patient = self.call.query_number("patientId");
        let wanted = |a: &&Appointment| {
            // All bookings of one patient, else one day's.
            patient.map_or(a.date == date, |id| id == a.patient)
                && provider.is_none_or(|id| id == i64::from(a.provider))
                && self.viewer().sees_appointment(a)
                && self.tenant.patient(a.patient).is_some_and(|(_, patient)| self.lists(patient))
        };
        let found = self.tenant.appointments.iter().filter(wanted);
        Ok(list(self.call, found.map(|a| (a.id, shown(a))).collect()))
    }

    /// The place of the booking in the path, if it is on this person's day sheet.
    fn place(&self) -> Result<usize, Answer> {
        let id = self.id("{appointmentId}")?;
        let mine = |a: &Appointment| a.id == id && self.viewer().sees_appointment(a);
        let found = self.tenant.appointments.iter().position(mine);
        found.ok_or_else(|| refusal::not_there(self.call))
    }

    /// The same, unless somebody has it open.
    fn free_place(&self) -> Result<usize, Answer> {
        let place = self.place()?;
        let until = self.tenant.appointments[place].edited_until;
        if until.is_some_and(|until| until > self.call.at) {
            return Err(refusal::being_edited());
        }
        Ok(place)
    }

    fn book(&mut self) -> Result<Answer, Answer> {
        let object = self.object()?;
        let number = |name: &str| {
            let value = object.get(name).ok_or_else(|| refusal::missing(name))?;
            value.as_i64().ok_or_else(|| refusal::invalid(name, &value.to_string()))
        };
        let (patient, provider) = (number("patientId")?, number("providerId")?);
        let day = object.get("date").ok_or_else(|| refusal::missing("date"))?;
        let date: Option<Date> = day.as_str().and_then(|text| text.parse().ok());
        let date = date.ok_or_else(|| refusal::invalid("date", &day.to_string()))?;
        let start = object.get("startTime").and_then(Value::as_str).unwrap_or("09:00");
        let start_minute =
            minute(start).ok_or_else(|| refusal::unprocessable("startTime", start))?;
        self.patient_numbered(patient)?;
        let provider = u32::try_from(provider).unwrap_or(0);
        if !self.viewer().sees_day_sheet(provider) {
            return Err(refusal::not_there(self.call));
        }
        let taken = |a: &Appointment| {
            a.date == date && a.provider == provider && a.start_minute == start_minute
        };
        if self.tenant.appointments.iter().any(taken) {
            return Err(refusal::being_edited());
        }
        let reason = object.get("reason").and_then(Value::as_str).unwrap_or_default();
        let booked = Appointment {
            id: self.tenant.take_id(),
            patient,
            provider,
            office: self.office,
            date,
            start_minute,
            minutes: 15,
            reason: reason.to_owned(),
            status: "booked",
            edited_until: None,
        };
        let (id, object) = (booked.id, shown(&booked));
        self.tenant.appointments.push(booked);
        Ok(created(self.call.operation(), &self.call.path, id, &object))
    }

    fn change_booking(&mut self) -> Result<Answer, Answer> {
        let place = self.free_place()?;
        let object = self.object()?;
        let status = match object.get("status").and_then(Value::as_str) {
            None => None,
            Some("booked") => Some("booked"),
            Some("arrived") => Some("arrived"),
            Some("complete") => Some("complete"),
            Some(other) => return Err(refusal::unprocessable("status", other)),
        };
        let booking = &mut self.tenant.appointments[place];
        booking.status = status.unwrap_or(booking.status);
        if let Some(reason) = object.get("reason").and_then(Value::as_str) {
            reason.clone_into(&mut booking.reason);
        }
        Ok(Answer::json(200, &shown(booking)).applied())
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A booking as lists and reads show it.
pub(super) fn shown(a: &Appointment) -> Value {
    json!({
        "appointmentId": a.id, "patientId": a.patient, "providerId": a.provider,
        "officeId": a.office, "date": a.date.to_string(),
        "startTime": format!("{:02}:{:02}", a.start_minute / 60, a.start_minute % 60),
        "duration": a.minutes, "reason": a.reason, "status": a.status,
    })
}
