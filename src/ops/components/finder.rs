//! The finder: one box for whatever was read aloud or pasted, and a way in without a code.
//!
//! Owns the two forms. Both post, so that what is typed never stands in an address. A number or a
//! person is never given back: where something is wrong, those fields return empty.

use maud::{Markup, html};

use super::kind::{Kind, kind};
use crate::domain::names::ClinicId;

/// What the finder shows.
#[derive(Default)]
pub(crate) struct Finder {
    /// The clinics to choose from.
    pub(crate) clinics: Vec<(ClinicId, String)>,
    /// Why it could not.
    pub(crate) mistake: Option<&'static str>,
    /// A time of day to begin with.
    pub(crate) at: String,
    /// The day that was chosen before.
    pub(crate) day: String,
    /// The clinic that was chosen before.
    pub(crate) clinic: Option<ClinicId>,
    /// How far around that time.
    pub(crate) window: &'static str,
    /// What is wrong in the second form: the field and why.
    pub(crate) wrong: Option<(&'static str, &'static str)>,
}

/// The longest text that the box takes.
pub(crate) const MAX_TYPED: usize = 80;

/// How far before and after the time is looked, as the form sends it.
pub(crate) const WINDOWS: [(&str, &str); 4] = [
    ("15m", "15 minutes either side"),
    ("1h", "An hour either side"),
    ("2h", "2 hours either side"),
    ("24h", "A day either side"),
];

/// Why somebody is looked up, as the form sends it.
pub(crate) const REASONS: [(&str, &str); 4] = [
    ("ticket", "A ticket about this person or patient"),
    ("caller", "The clinic is on the phone"),
    ("alert", "An alert or incident"),
    ("test", "A test with made-up data"),
];

/// Draws the card.
pub(crate) fn finder(model: &Finder) -> Markup {
    html! {
        section.card aria-labelledby="h-find" {
            header { h2 #h-find { "A clinic can’t see something?" } }
            div.pad.stack {
                (code_form(model))
                @if !model.clinics.is_empty() {
                    p.or { "or, with no code" }
                    (clinic_form(model))
                }
            }
        }
    }
}

fn code_form(model: &Finder) -> Markup {
    let described = model.mistake.map_or("f-hint", |_| "f-hint f-mistake");
    html! {
        form.stack action="/find" method="post" {
            div {
                label for="f-code" { "Support code, from the error message or ticket" }
                @if let Some(mistake) = model.mistake {
                    p.hint #f-mistake { (kind(Kind::NoAnswer, Some(mistake))) }
                }
                div.row {
                    div.grow {
                        input.code #f-code name="q" placeholder="7KQ4-M2PX" autocomplete="off"
                            spellcheck="false" maxlength=(MAX_TYPED) required
                            data-key="f"
                            aria-invalid=[model.mistake.map(|_| "true")]
                            aria-describedby=(described);
                    }
                    button.btn.primary type="submit" { "Find out why" }
                }
            }
            p.hint #f-hint { "A request id or a trace id works too. Never type patient details here." }
        }
    }
}

/// A field's problem, above the field.
fn problem(model: &Finder, field: &str) -> Markup {
    html! {
        @if let Some((_, why)) = model.wrong.filter(|(wrong, _)| *wrong == field) {
            p.hint id={ "f-" (field) "-wrong" } { (kind(Kind::NoAnswer, Some(why))) }
        }
    }
}

fn clinic_form(model: &Finder) -> Markup {
    let wrong = |field: &str| model.wrong.is_some_and(|(wrong, _)| wrong == field);
    let invalid = |field: &str| wrong(field).then_some("true");
    let described = |field: &str| wrong(field).then(|| format!("f-{field}-wrong"));
    let more = ["patient", "actor", "why"].iter().any(|field| wrong(field));
    html! {
        form.stack action="/find" method="post" {
            div.fields {
                div {
                    label for="f-clinic" { "Clinic" }
                    (problem(model, "clinic"))
                    select #f-clinic name="clinic" aria-invalid=[invalid("clinic")] aria-describedby=[described("clinic")] {
                        @for (id, name) in &model.clinics {
                            option value=(id) selected[model.clinic.as_ref() == Some(id)] { (name) }
                        }
                    }
                }
                div {
                    label for="f-at" { "About when, their time" }
                    (problem(model, "at"))
                    input #f-at name="at" type="time" value=(model.at) required
                        aria-invalid=[invalid("at")] aria-describedby=[described("at")];
                }
            }
            details.more open[more] {
                summary { "Another day, a person or a patient" }
                div.stack {
                    div.fields {
                        div {
                            label for="f-day" { "Day, if not the last such time" }
                            input #f-day name="day" type="date" value=(model.day);
                        }
                        div {
                            label for="f-window" { "How far around it" }
                            select #f-window name="window" {
                                @for (value, name) in WINDOWS {
                                    option value=(value) selected[model.window == value || (model.window.is_empty() && value == "1h")] { (name) }
                                }
                            }
                        }
                        (secret(model, "actor", "Person’s identifier in the app"))
                        (secret(model, "patient", "Patient’s number in Accuro"))
                    }
                    div {
                        label for="f-why" { "Why this person or patient is looked up" }
                        (problem(model, "why"))
                        select #f-why name="why" aria-invalid=[invalid("why")] aria-describedby=[described("why")] {
                            option value="" { "Choose, if you filled in one of them" }
                            @for (value, name) in REASONS { option value=(value) { (name) } }
                        }
                    }
                    p.hint {
                        "Both become references and are forgotten: they stand in no address, page or log. "
                        "That you looked, and why, is kept in the audit."
                    }
                }
            }
            div.row {
                p.hint.grow { "Leads to the verdict; where several things went wrong then, you choose." }
                button.btn type="submit" { "Find out why" }
            }
        }
    }
}

/// A field that is veiled, never filled in by the browser and never given back.
fn secret(model: &Finder, field: &'static str, label: &str) -> Markup {
    let wrong = model.wrong.is_some_and(|(wrong, _)| wrong == field);
    html! {
        div {
            label for={ "f-" (field) } { (label) }
            (problem(model, field))
            input.veil id={ "f-" (field) } name=(field) autocomplete="off" autocapitalize="off"
                spellcheck="false" maxlength="64" aria-invalid=[wrong.then_some("true")]
                aria-describedby=[wrong.then(|| format!("f-{field}-wrong"))];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_post_and_a_mistake_is_tied_to_its_field() {
        let drawn = finder(&Finder {
            clinics: vec![(ClinicId::parse("a").unwrap(), "A".into())],
            mistake: Some("That code is too short"),
            at: "10:40".into(),
            wrong: Some(("patient", "Not a patient number")),
            ..Finder::default()
        })
        .into_string();
        assert_eq!(drawn.matches("method=\"post\"").count(), 2);
        assert!(!drawn.contains("method=\"get\""));
        assert!(drawn.contains("aria-invalid=\"true\""));
        assert!(drawn.contains("aria-describedby=\"f-hint f-mistake\""));
        assert!(drawn.contains("aria-describedby=\"f-patient-wrong\""), "{drawn}");
        assert!(drawn.contains("<details class=\"more\" open>"), "{drawn}");
    }
}
