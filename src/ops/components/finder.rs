//! The finder: one box for whatever was read aloud or pasted, and a way in without a code.
//!
//! Owns the two forms. Both post, so that what is typed never stands in an address. A number or a
//! person is never given back: where something is wrong, those fields return empty.

use maud::{Markup, html};

use super::clinic_field::{Choice, Look, clinic_field};
use super::kind::{Kind, kind};
use super::shell::Frame;
use crate::domain::registry::Clinic;

/// What the finder shows.
#[derive(Default)]
pub(crate) struct Finder {
    /// The clinics to choose from.
    pub(crate) clinics: Choice,
    /// Why it could not.
    pub(crate) mistake: Option<&'static str>,
    /// A time of day to begin with.
    pub(crate) at: String,
    /// The day that was chosen before.
    pub(crate) day: String,
    /// The clinic that was chosen before.
    pub(crate) clinic: Option<Clinic>,
    /// How far around that time.
    pub(crate) window: &'static str,
    /// What is wrong in the second form: the field and why.
    pub(crate) wrong: Option<(&'static str, &'static str)>,
}

/// The longest text that the box takes.
pub(crate) const MAX_TYPED: usize = 80;

/// How far before and after the time is looked: as the form sends it, and in both languages.
pub(crate) const WINDOWS: [(&str, [&str; 2]); 4] = [
    ("15m", ["15 minutes either side", "15 minutes avant et après"]),
    ("1h", ["An hour either side", "Une heure avant et après"]),
    ("2h", ["2 hours either side", "2 heures avant et après"]),
    ("24h", ["A day either side", "Un jour avant et après"]),
];

/// Why somebody is looked up: as the form sends it, and in both languages.
pub(crate) const REASONS: [(&str, [&str; 2]); 4] = [
    (
        "ticket",
        ["A ticket about this person or patient", "Un billet sur cette personne ou ce patient"],
    ),
    ("caller", ["The clinic is on the phone", "La clinique est au téléphone"]),
    ("alert", ["An alert or incident", "Une alerte ou un incident"]),
    ("test", ["A test with made-up data", "Un essai avec des données fictives"]),
];

/// Draws the card.
pub(crate) fn finder(model: &Finder, frame: &Frame) -> Markup {
    html! {
        section.card aria-labelledby="h-find" {
            header { h2 #h-find { (frame.t("A clinic can’t see something?", "Une clinique ne voit pas quelque chose?")) } }
            div.pad.stack {
                (code_form(model, frame))
                @if !model.clinics.is_none() {
                    p.or { (frame.t("or, with no code", "ou, sans code")) }
                    (clinic_form(model, frame))
                }
            }
        }
    }
}

fn code_form(model: &Finder, frame: &Frame) -> Markup {
    let described = model.mistake.map_or("f-hint", |_| "f-hint f-mistake");
    html! {
        form.stack action="/find" method="post" {
            div {
                label for="f-code" { (frame.t("Support code, from the error message or ticket", "Code de soutien, du message d’erreur ou du billet")) }
                @if let Some(mistake) = model.mistake {
                    p.hint #f-mistake { (kind(Kind::NoAnswer, Some(mistake), frame.language())) }
                }
                div.row {
                    div.grow {
                        input.code #f-code name="q" placeholder="7KQ4-M2PX" autocomplete="off"
                            spellcheck="false" maxlength=(MAX_TYPED) required
                            data-key="f"
                            aria-invalid=[model.mistake.map(|_| "true")]
                            aria-describedby=(described);
                    }
                    button.btn.primary type="submit" { (frame.t("Find out why", "Trouver pourquoi")) }
                }
            }
            p.hint #f-hint { (frame.t("A request id or a trace id works too. Never type patient details here.", "Un identifiant de requête ou de trace convient aussi. Ne tapez jamais ici de données de patient.")) }
        }
    }
}

/// A field's problem, above the field.
fn problem(model: &Finder, field: &str, frame: &Frame) -> Markup {
    html! {
        @if let Some((_, why)) = model.wrong.filter(|(wrong, _)| *wrong == field) {
            p.hint id={ "f-" (field) "-wrong" } { (kind(Kind::NoAnswer, Some(why), frame.language())) }
        }
    }
}

fn clinic_form(model: &Finder, frame: &Frame) -> Markup {
    let wrong = |field: &str| model.wrong.is_some_and(|(wrong, _)| wrong == field);
    let invalid = |field: &str| wrong(field).then_some("true");
    let described = |field: &str| wrong(field).then(|| format!("f-{field}-wrong"));
    let more = ["patient", "actor", "why"].iter().any(|field| wrong(field));
    html! {
        form.stack action="/find" method="post" {
            div.fields {
                div {
                    label for="f-clinic" { (frame.t("Clinic", "Clinique")) }
                    (problem(model, "clinic", frame))
                    (clinic_field(&model.clinics, Look {
                        id: "f-clinic",
                        chosen: model.clinic.as_ref(),
                        every: None,
                        wrong: described("clinic").as_deref(),
                    }, frame))
                }
                div {
                    label for="f-at" { (frame.t("About when, their time", "Vers quand, à leur heure")) }
                    (problem(model, "at", frame))
                    input #f-at name="at" type="time" value=(model.at) required
                        aria-invalid=[invalid("at")] aria-describedby=[described("at")];
                }
            }
            details.more open[more] {
                summary { (frame.t("Another day, a person or a patient", "Un autre jour, une personne ou un patient")) }
                div.stack {
                    div.fields {
                        div {
                            label for="f-day" { (frame.t("Day, if not the last such time", "Jour, si ce n’est la dernière fois")) }
                            input #f-day name="day" type="date" value=(model.day);
                        }
                        div {
                            label for="f-window" { (frame.t("How far around it", "À combien de temps près")) }
                            select #f-window name="window" {
                                @for (value, [english, french]) in WINDOWS {
                                    option value=(value) selected[model.window == value || (model.window.is_empty() && value == "1h")] { (frame.t(english, french)) }
                                }
                            }
                        }
                        (secret(model, "actor", frame.t("Person’s identifier in the app", "Identifiant de la personne dans l’application"), frame))
                        (secret(model, "patient", frame.t("Patient’s number in Accuro", "Numéro du patient dans Accuro"), frame))
                    }
                    div {
                        label for="f-why" { (frame.t("Why this person or patient is looked up", "Pourquoi chercher cette personne ou ce patient")) }
                        (problem(model, "why", frame))
                        select #f-why name="why" aria-invalid=[invalid("why")] aria-describedby=[described("why")] {
                            option value="" { (frame.t("Choose, if you filled in one of them", "Choisissez, si vous en avez rempli un")) }
                            @for (value, [english, french]) in REASONS { option value=(value) { (frame.t(english, french)) } }
                        }
                    }
                    p.hint {
                        (frame.t("Both become references and are forgotten: they stand in no address, page or log. ", "Les deux deviennent des références et sont oubliés : ils ne figurent dans aucune adresse, page ou journal. "))
                        (frame.t("That you looked, and why, is kept in the audit.", "Que vous avez cherché, et pourquoi, est gardé dans l’audit."))
                    }
                }
            }
            div.row {
                p.hint.grow { (frame.t("Leads to the verdict; where several things went wrong then, you choose.", "Mène au verdict; si plusieurs choses ont mal tourné alors, vous choisissez.")) }
                button.btn type="submit" { (frame.t("Find out why", "Trouver pourquoi")) }
            }
        }
    }
}

/// A field that is veiled, never filled in by the browser and never given back.
fn secret(model: &Finder, field: &'static str, label: &str, frame: &Frame) -> Markup {
    let wrong = model.wrong.is_some_and(|(wrong, _)| wrong == field);
    html! {
        div {
            label for={ "f-" (field) } { (label) }
            (problem(model, field, frame))
            input.veil id={ "f-" (field) } name=(field) autocomplete="off" autocapitalize="off"
                spellcheck="false" maxlength="64" aria-invalid=[wrong.then_some("true")]
                aria-describedby=[wrong.then(|| format!("f-{field}-wrong"))];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;
    use crate::ops::words::language::Language;

    #[test]
    fn both_forms_post_and_a_mistake_is_tied_to_its_field() {
        let model = Finder {
            clinics: Choice::Typed,
            mistake: Some("That code is too short"),
            at: "10:40".into(),
            wrong: Some(("patient", "Not a patient number")),
            ..Finder::default()
        };
        let drawn = finder(&model, &frame("/", Language::English)).into_string();
        assert_eq!(drawn.matches("method=\"post\"").count(), 2);
        assert!(!drawn.contains("method=\"get\""));
        assert!(drawn.contains("aria-invalid=\"true\""));
        assert!(drawn.contains("aria-describedby=\"f-hint f-mistake\""));
        assert!(drawn.contains("aria-describedby=\"f-patient-wrong\""), "{drawn}");
        assert!(drawn.contains("<details class=\"more\" open>"), "{drawn}");
    }
}
