//! The finder: one box for whatever was read aloud or pasted, and a way in without a code.
//!
//! Owns the two forms. Both post, so that what is typed never stands in an address; neither asks
//! for a patient.

use maud::{Markup, html};

use crate::domain::names::ClinicId;

/// What the finder shows.
#[derive(Default)]
pub(crate) struct Finder {
    /// The clinics to choose from.
    pub(crate) clinics: Vec<(ClinicId, String)>,
    /// What was typed before, if it could not be used.
    pub(crate) typed: Option<String>,
    /// Why it could not.
    pub(crate) mistake: Option<&'static str>,
    /// A time of day to begin with.
    pub(crate) at: String,
}

/// The longest text that the box takes.
pub(crate) const MAX_TYPED: usize = 80;

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
                    p.hint #f-mistake {
                        (super::kind::kind(super::kind::Kind::NoAnswer, Some(mistake)))
                    }
                }
                div.row {
                    div.grow {
                        input.code #f-code name="q" placeholder="7KQ4-M2PX" autocomplete="off"
                            spellcheck="false" maxlength=(MAX_TYPED) required
                            value=[model.typed.as_deref()] data-key="f"
                            aria-invalid=[model.mistake.map(|_| "true")]
                            aria-describedby=(described);
                    }
                    button.btn.primary type="submit" { "Find the call" }
                }
            }
            p.hint #f-hint { "A request id or a trace id works too. Never type patient details." }
        }
    }
}

fn clinic_form(model: &Finder) -> Markup {
    html! {
        form.stack action="/find" method="post" {
            div.fields {
                div {
                    label for="f-clinic" { "Clinic" }
                    select #f-clinic name="clinic" {
                        @for (id, name) in &model.clinics { option value=(id) { (name) } }
                    }
                }
                div {
                    label for="f-at" { "About when, their time" }
                    input #f-at name="at" type="time" value=(model.at) required;
                }
            }
            div.row {
                p.hint.grow { "Shows what did not work there, fifteen minutes either side." }
                button.btn type="submit" { "Find their calls" }
            }
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
            typed: Some("7KQ4".into()),
            mistake: Some("That code is too short"),
            at: "10:40".into(),
        })
        .into_string();
        assert_eq!(drawn.matches("method=\"post\"").count(), 2);
        assert!(!drawn.contains("method=\"get\""));
        assert!(drawn.contains("aria-invalid=\"true\""));
        assert!(drawn.contains("aria-describedby=\"f-hint f-mistake\""));
    }
}
