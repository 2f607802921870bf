//! What the forms send, and what the second one asks.
//!
//! Owns the reading of the form into a question. Identifiers are wiped with the form; what is said
//! about a field repeats nothing of it.

use serde::Deserialize;
use zeroize::Zeroize;

use crate::diagnosis::{Asked, Question};
use crate::domain::audit::Event;
use crate::domain::names::ClinicId;
use crate::domain::registry::{Clinic, Registry};
use crate::domain::time::Timestamp;
use crate::keys::Keyring;
use crate::ops::components::clinic_field::Named;
use crate::ops::components::finder::WINDOWS;
use crate::ops::words::language::Language;
use crate::ops::words::times::Zone;

/// What the forms send.
#[derive(Default, Deserialize)]
pub(crate) struct FindForm {
    #[serde(default)]
    pub(super) q: Option<String>,
    #[serde(default)]
    pub(super) clinic: Option<String>,
    #[serde(default)]
    pub(super) day: String,
    #[serde(default)]
    pub(super) at: String,
    #[serde(default)]
    pub(super) window: String,
    #[serde(default)]
    pub(super) actor: String,
    #[serde(default)]
    pub(super) patient: String,
    #[serde(default)]
    pub(super) why: String,
}

impl Drop for FindForm {
    fn drop(&mut self) {
        self.actor.zeroize();
        self.patient.zeroize();
        self.q.zeroize();
        self.clinic.zeroize();
    }
}

/// What is wrong with a form: the field, and why.
pub(super) type Wrong = (&'static str, &'static str);

/// What the second form asks.
pub(super) struct Place {
    pub(super) clinic: ClinicId,
    pub(super) at: Timestamp,
    /// As the form sends it.
    pub(super) window: &'static str,
    /// The question about somebody, and why it is asked; `None` where only place and time are known.
    pub(super) about: Option<(Question, Event)>,
}

impl FindForm {
    /// Reads the second form.
    pub(super) fn place(
        &self,
        registry: &Registry,
        keys: Option<&Keyring>,
        now: Timestamp,
        language: Language,
    ) -> Result<Place, Wrong> {
        let named = self.named(registry);
        let Named::One(clinic) = named else {
            let none = language.of("Choose one of the clinics", "Choisissez une des cliniques");
            return Err(("clinic", named.problem(language).map_or(none, |(_, why)| why)));
        };
        let at = self.moment(clinic, now, language)?;
        let window = self.known_window();
        let (actor, patient) = (filled(&self.actor), filled(&self.patient));
        let place = Place { clinic: clinic.id.clone(), at, window, about: None };
        if actor.is_none() && patient.is_none() {
            return Ok(place);
        }
        let deed = reason(&self.why).ok_or((
            "why",
            language.of(
                "Say why: looking somebody up is recorded",
                "Dites pourquoi : chercher quelqu’un est consigné",
            ),
        ))?;
        let mut asked = Asked::default();
        asked.clinic = Some(clinic.id.to_string());
        asked.actor = actor.map(str::to_owned);
        asked.patient = patient.map(str::to_owned);
        asked.at = Some(at.to_string());
        asked.window = Some(window.to_owned());
        let question = Question::read(&asked, keys).map_err(|error| {
            if error.is_ours {
                return (
                    "patient",
                    language.of(
                        "This process has no keys, so it cannot look people up",
                        "Ce processus n’a pas de clés; il ne peut donc chercher personne",
                    ),
                );
            }
            match error.field {
                "actor" => {
                    ("actor", language.of("That is no identifier", "Ce n’est pas un identifiant"))
                }
                _ => (
                    "patient",
                    language.of(
                        "That is no patient number; give the one that Accuro shows",
                        "Ce n’est pas un numéro de patient; donnez celui qu’Accuro montre",
                    ),
                ),
            }
        })?;
        Ok(Place { about: Some((question, deed)), ..place })
    }

    /// Which clinic is meant.
    pub(super) fn named<'r>(&self, registry: &'r Registry) -> Named<'r> {
        Named::read(self.clinic.as_deref().unwrap_or_default(), registry)
    }

    /// The window, if it is one of the form's.
    pub(super) fn known_window(&self) -> &'static str {
        WINDOWS.iter().find(|(value, _)| *value == self.window).map_or("1h", |(value, _)| value)
    }

    /// The time in the clinic's clock; the last such time where no day is given.
    fn moment(
        &self,
        clinic: &Clinic,
        now: Timestamp,
        language: Language,
    ) -> Result<Timestamp, Wrong> {
        let wrong: Wrong =
            ("at", language.of("Give a time such as 10:40", "Donnez une heure comme 10:40"));
        let zone = Zone::of(&clinic.time_zone);
        if self.day.is_empty() {
            return zone.last_time_of_day(&self.at, now).ok_or(wrong);
        }
        let at = zone.time_on_day(&self.day, &self.at).ok_or(wrong)?;
        if at > now {
            return Err((
                "at",
                language.of(
                    "That is in the future, so nothing can have been recorded yet",
                    "C’est dans l’avenir; rien n’a donc pu être enregistré encore",
                ),
            ));
        }
        Ok(at)
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The deed that a reason makes of a look-up.
fn reason(text: &str) -> Option<Event> {
    Some(match text {
        "ticket" => Event::DiagnosedForTicket,
        "caller" => Event::DiagnosedForCaller,
        "alert" => Event::DiagnosedForAlert,
        "test" => Event::DiagnosedForTest,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;
    use crate::ops::components::finder::REASONS;
    use crate::ops::reading::fixtures;

    #[test]
    fn every_reason_of_the_form_has_a_deed() {
        for (value, _) in REASONS {
            assert!(reason(value).is_some(), "{value}");
        }
        assert!(reason("").is_none());
    }

    #[test]
    fn each_mistake_is_named_by_its_field_and_repeats_nothing() {
        let registry = fixtures::registry();
        let keys = Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]);
        let now = Timestamp::parse("2026-11-24T17:46:00Z").unwrap();
        let form = |clinic: &str, day: &str, at: &str, patient: &str, actor: &str, why: &str| {
            let mut form = FindForm::default();
            form.clinic = Some(clinic.to_owned());
            for (field, text) in [
                (&mut form.day, day),
                (&mut form.at, at),
                (&mut form.patient, patient),
                (&mut form.actor, actor),
                (&mut form.why, why),
            ] {
                text.clone_into(field);
            }
            form
        };
        let wrong =
            |form: FindForm| form.place(&registry, Some(&keys), now, Language::English).err();
        let clinic = "harbour-view";
        assert_eq!(wrong(form(clinic, "", "10:40", "", "", "")), None);
        for (form, field) in [
            (form("Tremblay", "", "10:40", "", "", ""), "clinic"),
            (form(clinic, "", "9123456780", "", "", ""), "at"),
            (form(clinic, "2026-11-25", "10:40", "", "", ""), "at"),
            (form(clinic, "", "10:40", "8812", "", ""), "why"),
            (form(clinic, "", "10:40", "Tremblay", "", "ticket"), "patient"),
            (form(clinic, "", "10:40", "", "a\u{7}b", "ticket"), "actor"),
        ] {
            let (found, why) = wrong(form).unwrap();
            assert_eq!(found, field);
            assert!(!why.contains("Tremblay") && !why.contains("8812"), "{why}");
        }
        let good = form(clinic, "", "10:40", " 8812 ", "", "ticket");
        let place = good.place(&registry, Some(&keys), now, Language::English).unwrap();
        assert!(matches!(place.about, Some((_, Event::DiagnosedForTicket))));
    }
}
