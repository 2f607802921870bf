//! Finding, reading, adding and changing patients.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::Desk;
use crate::sim::answer::{Answer, created, list};
use crate::sim::world::Patient;
use crate::sim::{health_number, refusal};

/// Search fields, any of which has to be there.
const CRITERIA: &[&str] =
    &["lastName", "firstName", "dateOfBirth", "phn", "phone", "patientId", "startingId"];

impl Desk<'_> {
    pub(super) fn patients(&mut self, operation: &str) -> Result<Answer, Answer> {
        match operation {
            "patient.search" | "patient.public_search" => self.search(),
            "patient.read" => {
                let (_, patient) = self.patient()?;
                Ok(Answer::json(200, &self.demographics(patient)))
            }
            "patient.create" => self.add_patient(),
            "patient.update" => {
                let (place, _) = self.patient()?;
                self.change_patient(place)
            }
            _ => Ok(self.anything()),
        }
    }

    fn search(&self) -> Result<Answer, Answer> {
        if CRITERIA.iter().all(|name| self.call.query(name).is_none()) {
            return Err(refusal::missing("At least one search field"));
        }
        if let Some(text) = self.call.query("dateOfBirth")
            && text.parse::<Date>().is_err()
        {
            return Err(refusal::invalid("dateOfBirth", text));
        }
        let found = self.tenant.patients.iter().filter(|p| self.lists(p) && self.fits(p));
        Ok(list(self.call, found.map(|p| (p.id, self.demographics(p))).collect()))
    }

    /// Names match from their beginning, whatever the case; a space too many matches nobody.
    fn fits(&self, patient: &Patient) -> bool {
        let begins = |name: &str, query: &str| {
            self.call
                .query(query)
                .is_none_or(|wanted| name.to_lowercase().starts_with(&wanted.to_lowercase()))
        };
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let same = |own: &str, query: &str| {
            self.call.query(query).is_none_or(|wanted| digits(own) == digits(wanted))
        };
        begins(&patient.last, "lastName")
            && begins(&patient.first, "firstName")
            && same(&patient.number, "phn")
            && same(&patient.phone, "phone")
            && self.call.query("patientId").is_none_or(|id| id == patient.id.to_string())
            && self.call.query("dateOfBirth").is_none_or(|day| day == patient.born.to_string())
    }

    /// A patient as lists and reads show them.
    pub(super) fn demographics(&self, patient: &Patient) -> Value {
        json!({
            "patientId": patient.id, "firstName": patient.first, "lastName": patient.last,
            "dateOfBirth": patient.born.to_string(), "phone": patient.phone,
            "address": {"street": patient.street, "province": self.tenant.spec.province.as_str()},
            "insurer": {"phn": patient.number}, "providerId": patient.provider,
            "officeId": patient.office,
        })
    }

    fn add_patient(&mut self) -> Result<Answer, Answer> {
        let object = self.object()?;
        let changes = self.changes(&object)?;
        let needed = |value: Option<String>, name| value.ok_or_else(|| refusal::missing(name));
        let provider = self.tenant.providers.first().map_or(0, |provider| provider.id);
        let wanted = object.get("providerId").and_then(Value::as_u64);
        let patient = Patient {
            last: needed(changes.last, "lastName")?,
            first: needed(changes.first, "firstName")?,
            born: changes.born.ok_or_else(|| refusal::missing("dateOfBirth"))?,
            number: changes.number.unwrap_or_default(),
            phone: changes.phone.unwrap_or_default(),
            street: String::new(),
            provider: wanted.and_then(|id| u32::try_from(id).ok()).unwrap_or(provider),
            office: None,
            merged_into: None,
            id: self.tenant.take_id(),
        };
        let shown = self.demographics(&patient);
        let id = patient.id;
        self.tenant.patients.push(patient);
        Ok(created(self.call.operation(), &self.call.path, id, &shown))
    }

    /// Changes the patient at a place in the list; answers with what they are now.
    pub(super) fn change_patient(&mut self, place: usize) -> Result<Answer, Answer> {
        let object = self.object()?;
        let changes = self.changes(&object)?;
        let patient = &mut self.tenant.patients[place];
        let set = |field: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *field = value;
            }
        };
        set(&mut patient.first, changes.first);
        set(&mut patient.last, changes.last);
        set(&mut patient.number, changes.number);
        set(&mut patient.phone, changes.phone);
        patient.born = changes.born.unwrap_or(patient.born);
        let shown = self.demographics(&self.tenant.patients[place]);
        Ok(Answer::json(200, &shown).applied())
    }

    fn changes(&self, object: &Map<String, Value>) -> Result<Changes, Answer> {
        let text = |name: &str| match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(other) => Err(refusal::invalid(name, &other.to_string())),
        };
        let born = text("dateOfBirth")?;
        let read =
            |text: String| text.parse::<Date>().map_err(|_| refusal::invalid("dateOfBirth", &text));
        let number = text("phn")?;
        let province = self.tenant.spec.province;
        if let Some(number) = number.as_ref().filter(|n| !health_number::fits(province, n)) {
            return Err(refusal::unprocessable("phn", number));
        }
        Ok(Changes {
            first: text("firstName")?,
            last: text("lastName")?,
            born: born.map(read).transpose()?,
            phone: text("phone")?,
            number,
        })
    }
}

/// What a call wants to set.
struct Changes {
    first: Option<String>,
    last: Option<String>,
    born: Option<Date>,
    number: Option<String>,
    phone: Option<String>,
}
