//! What patients see and change of themselves.

use super::Desk;
use super::appointments::shown;
use crate::sim::answer::{Answer, list};
use crate::sim::refusal;
use crate::sim::world::chart::Part;

impl Desk<'_> {
    pub(super) fn portal(&mut self, operation: &str) -> Result<Answer, Answer> {
        let place = self.own.ok_or_else(|| refusal::denied(403, self.call))?;
        let patient = &self.tenant.patients[place];
        let id = patient.id;
        match operation {
            "patient.self.read" => Ok(Answer::json(200, &self.demographics(patient))),
            "patient.self.update" => self.change_patient(place),
            "appointment.self.list" => {
                let own = self.tenant.appointments.iter().filter(|a| a.patient == id);
                Ok(list(self.call, own.map(|a| (a.id, shown(a))).collect()))
            }
            "document.self.list" => Ok(list(self.call, self.part(place, id, Part::Document))),
            "lab.self.list" => Ok(list(self.call, self.part(place, id, Part::Lab))),
            _ => Ok(self.anything()),
        }
    }
}
