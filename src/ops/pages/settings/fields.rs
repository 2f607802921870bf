//! Fields of the settings' forms, each with its hint, its mistake, and what somebody else made of it.
//!
//! Owns their markup. What may stand in a field is not known here.

use maud::{Markup, html};

use crate::config::Mistake;
use crate::ops::components::shell::Frame;
use crate::ops::words::language::Language;
use crate::ops::words::mistakes::french;

/// How a field is typed into.
#[derive(Clone, Copy)]
pub(super) enum Input {
    /// One line.
    Line,
    /// A name of the program's alphabet: no capital, no spelling help.
    Name,
    /// Several lines.
    Lines,
    /// A day.
    Day,
    /// One of a list, each with its word; the field shows the words.
    Choice(&'static [(&'static str, &'static str)]),
}

/// One field.
pub(super) struct Field<'f> {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) input: Input,
    pub(super) required: bool,
    pub(super) value: &'f str,
    /// What somebody else has put there in the meantime, where that is something else.
    pub(super) theirs: Option<&'f str>,
}

/// Draws a field.
pub(super) fn field(field: &Field<'_>, mistake: Option<&Mistake>, frame: &Frame) -> Markup {
    let id = format!("s-{}", field.name);
    let wrong = mistake.filter(|mistake| mistake.field.as_deref() == Some(field.name));
    let (hint, said) = (format!("{id}-hint"), format!("{id}-mistake"));
    let mut described = Vec::new();
    if wrong.is_some() {
        described.push(said.as_str());
    }
    if !field.hint.is_empty() {
        described.push(hint.as_str());
    }
    let described = described.join(" ");
    let described = (!described.is_empty()).then_some(described);
    let invalid = wrong.map(|_| "true");
    html! {
        div {
            label for=(id) { (field.label) }
            @if let Some(mistake) = wrong {
                p.mistake id=(said) { (frame.t("This field ", "Ce champ ")) (said_of(mistake, frame)) "." }
            }
            (input(field, &id, invalid, described.as_deref()))
            @if !field.hint.is_empty() { p.hint id=(hint) { (field.hint) } }
            @if let Some(theirs) = field.theirs {
                p.hint {
                    strong { (frame.t("Now: ", "Maintenant : ")) }
                    @if theirs.is_empty() { (frame.t("nothing", "rien")) } @else { (theirs) }
                }
            }
        }
    }
}

fn input(field: &Field<'_>, id: &str, invalid: Option<&str>, described: Option<&str>) -> Markup {
    let Field { name, value, required, .. } = *field;
    match field.input {
        Input::Lines => html! {
            textarea id=(id) name=(name) rows="3" required[required] spellcheck="false"
                aria-invalid=[invalid] aria-describedby=[described] { (value) }
        },
        Input::Choice(choices) => html! {
            select id=(id) name=(name) required[required] aria-invalid=[invalid] aria-describedby=[described] {
                @if !choices.iter().any(|(choice, _)| *choice == value) {
                    option value=(value) selected { (value) }
                }
                @for (choice, word) in choices {
                    option value=(choice) selected[*choice == value] { (word) }
                }
            }
        },
        Input::Line | Input::Name | Input::Day => {
            let plain = matches!(field.input, Input::Name);
            let kind = if matches!(field.input, Input::Day) { "date" } else { "text" };
            // A browser's day field would drop what is no day, and with it what was typed.
            let kind = if value.is_empty() || value.parse::<jiff::civil::Date>().is_ok() {
                kind
            } else {
                "text"
            };
            html! {
                input id=(id) name=(name) type=(kind) value=(value) required[required] autocomplete="off"
                    autocapitalize=[plain.then_some("none")] spellcheck=[plain.then_some("false")]
                    aria-invalid=[invalid] aria-describedby=[described];
            }
        }
    }
}

/// What is wrong, in the reader's language as far as it is known there.
fn said_of(mistake: &Mistake, frame: &Frame) -> Markup {
    let text = french(&mistake.words).filter(|_| frame.language() == Language::French);
    html! {
        @if let Some(text) = text { (text) } @else { span lang="en" { (mistake.words) } }
    }
}

/// What is wrong, above the form: it leads to the field.
pub(super) fn summary(mistake: Option<&Mistake>, label: Option<&str>, frame: &Frame) -> Markup {
    let Some(mistake) = mistake else { return html! {} };
    html! {
        div.notice.warn role="alert" tabindex="-1" {
            div {
                strong { (frame.t("Nothing was changed. ", "Rien n’a été changé. ")) }
                @match (&mistake.field, label) {
                    (Some(field), Some(label)) => {
                        a href={ "#s-" (field) } { (label) } " "
                        (said_of(mistake, frame)) "."
                    }
                    _ => { (said_of(mistake, frame)) "." }
                }
                " " (frame.t("What you typed is still here.", "Ce que vous avez saisi est encore là."))
            }
        }
    }
}
