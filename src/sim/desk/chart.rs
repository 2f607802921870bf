//! Documents, letters, labs, medications, prescriptions, allergies, history.

use serde_json::{Value, json};

use super::Desk;
use crate::sim::answer::{Answer, created, list};
use crate::sim::refusal;
use crate::sim::world::Written;
use crate::sim::world::chart::{Entry, Part, entries, place_of};

impl Desk<'_> {
    pub(super) fn chart(&mut self, operation: &str) -> Result<Answer, Answer> {
        let part = part_of(operation);
        match operation {
            "document.read" => self.document(),
            "lab.read" => {
                let (place, patient, entry) = self.entry("{labId}", Part::Lab)?;
                Ok(Answer::json(200, &self.shown(place, patient, Part::Lab, &entry)))
            }
            "letter.create" => {
                let object = self.object()?;
                let patient = object.get("patientId").and_then(Value::as_i64);
                let patient = patient.ok_or_else(|| refusal::missing("patientId"))?;
                self.patient_numbered(patient)?;
                Ok(self.write(patient, part, object.get("title").and_then(Value::as_str)))
            }
            "document.create" => {
                // Uploads come as a form of several parts, or as JSON; neither is read.
                let (_, patient) = self.patient()?;
                let id = patient.id;
                if self.call.body.is_empty() {
                    return Err(refusal::missing("file"));
                }
                Ok(self.write(id, part, None))
            }
            "prescription.create" => {
                let object = self.object()?;
                let (_, patient) = self.patient()?;
                let id = patient.id;
                let drug = object.get("drug").and_then(Value::as_str);
                let drug = drug.ok_or_else(|| refusal::missing("drug"))?.to_owned();
                Ok(self.write(id, part, Some(&drug)))
            }
            _ => {
                let (place, patient) = self.patient()?;
                let id = patient.id;
                Ok(list(self.call, self.part(place, id, part)))
            }
        }
    }

    /// Everything in one part of a chart, oldest numbers first.
    pub(super) fn part(&self, place: usize, patient: i64, part: Part) -> Vec<(i64, Value)> {
        let first = entries(self.seed, place, part);
        let first = first.map(|entry| (entry.id, self.shown(place, patient, part, &entry)));
        let since = self.tenant.written.iter().filter(|w| w.patient == patient && w.part == part);
        let since = since.map(|w| {
            (w.id, json!({key(part): w.id, "patientId": patient, "title": w.title, "date": w.at}))
        });
        first.chain(since).collect()
    }

    fn shown(&self, place: usize, patient: i64, part: Part, entry: &Entry) -> Value {
        let tested = self.tenant.appointments.first().map(|a| a.date);
        let made = tested.map(|day| {
            day.saturating_sub(jiff::Span::new().days(i64::from(entry.age_days))).to_string()
        });
        let mut value =
            json!({key(part): entry.id, "patientId": patient, "title": entry.title, "date": made});
        match part {
            Part::Lab => {
                value["result"] = json!(f64::from(entry.value_milli) / 1_000.0);
                value["abnormal"] = json!(entry.value_milli.is_multiple_of(7));
            }
            Part::Document => value["pages"] = json!(entry.value_milli % 6 + 1),
            Part::Medication | Part::Prescription => value["refills"] = json!(place % 4),
            Part::Letter | Part::Allergy | Part::History => {}
        }
        value
    }

    /// The derived entry of the number in the path, if its patient's chart is open.
    fn entry(&self, name: &str, part: Part) -> Result<(usize, i64, Entry), Answer> {
        let id = self.id(name)?;
        let nothing = || refusal::not_there(self.call);
        let place = place_of(id).ok_or_else(nothing)?;
        let patient = self.tenant.patients.get(place).ok_or_else(nothing)?;
        let (place, patient) = self.patient_numbered(patient.id)?;
        let found = entries(self.seed, place, part).find(|entry| entry.id == id);
        found.map(|entry| (place, patient.id, entry)).ok_or_else(nothing)
    }

    /// A document's bytes, under a file name that names the patient, as such names do.
    fn document(&self) -> Result<Answer, Answer> {
        let (place, _, entry) = self.entry("{documentId}", Part::Document)?;
        let patient = &self.tenant.patients[place];
        let body = format!(
            "%PDF-1.4\n% {} for {} {}, born {}\n{}\n%%EOF\n",
            entry.title,
            patient.first,
            patient.last,
            patient.born,
            "0".repeat(2_000 + entry.value_milli as usize)
        );
        let name: String = patient.last.chars().filter(char::is_ascii_alphanumeric).collect();
        let disposition = format!("attachment; filename=\"{name}-{}.pdf\"", patient.born);
        let answer = Answer::of(200, Some("application/pdf"), body.into_bytes());
        Ok(answer.with("content-disposition", disposition))
    }

    fn write(&mut self, patient: i64, part: Part, title: Option<&str>) -> Answer {
        let id = self.tenant.take_id();
        let title = title.unwrap_or("Upload").to_owned();
        let object = json!({key(part): id, "patientId": patient, "title": title});
        self.tenant.written.push(Written { id, patient, part, title, at: self.call.at });
        created(self.call.operation(), &self.call.path, id, &object)
    }
}

fn part_of(operation: &str) -> Part {
    match operation.split('.').next().unwrap_or_default() {
        "letter" => Part::Letter,
        "lab" => Part::Lab,
        "medication" => Part::Medication,
        "prescription" => Part::Prescription,
        "allergy" => Part::Allergy,
        "history" => Part::History,
        _ => Part::Document,
    }
}

const fn key(part: Part) -> &'static str {
    match part {
        Part::Document => "documentId",
        Part::Letter => "letterId",
        Part::Lab => "labId",
        Part::Medication => "medicationId",
        Part::Prescription => "prescriptionId",
        Part::Allergy => "allergyId",
        Part::History => "historyId",
    }
}
