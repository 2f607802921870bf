//! What differs between its calls and those that worked, and some of its calls.
//!
//! Owns the tables' words. What differs enough is `domain::incident::differs`'s business.

use maud::{Markup, html};

use super::facts;
use super::load::IncidentModel;
use crate::domain::cause::Cause;
use crate::domain::incident::differs::{Difference, Facet, Share};
use crate::domain::labels::Context;
use crate::domain::names::{AppId, ClinicId};
use crate::domain::registry::Registry;
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::pages::calls::view::calls_table;
use crate::ops::words::endings::short;
use crate::ops::words::incidents::facet;
use crate::ops::words::numbers::{count, counted, share};
use crate::ops::words::tasks::{sign_in, task};
use crate::ops::words::times::Zone;

/// What a value is called.
pub(super) fn value(of: &Difference, registry: &Registry) -> String {
    let text = of.value.as_str();
    let name = match of.facet {
        Facet::Clinic => {
            let id = ClinicId::parse(text).ok();
            id.and_then(|id| registry.clinic(&id)).map(|clinic| clinic.name.clone())
        }
        Facet::App => {
            let id = AppId::parse(text).ok();
            id.and_then(|id| registry.apps().iter().find(|app| app.id == id))
                .map(|app| app.name.clone())
        }
        Facet::Operation => Some(task(text)),
        Facet::Context => Context::parse(text).map(|context| sign_in(context).to_owned()),
        Facet::Office | Facet::TokenAge | Facet::ApiVersion | Facet::Instance | Facet::Shape => {
            None
        }
    };
    name.unwrap_or_else(|| text.to_owned())
}

/// `40 of 40, 100%`.
pub(super) fn of(part: Share) -> String {
    if part.of == 0 {
        return "none".to_owned();
    }
    let counts = format!("{} of {}", count(part.with), count(part.of));
    let percent = share(part.with, part.of);
    if percent == counts { counts } else { format!("{counts}, {percent}") }
}

/// The finding, as a title.
pub(super) fn finding(model: &IncidentModel) -> String {
    let differences = &model.calls.differences;
    match differences.found.first() {
        Some(first) => format!("What differs most: {}", within(facet(first.facet))),
        None if differences.failing == 0 => "None of its calls are kept any more".to_owned(),
        None if differences.working == 0 => {
            "Nothing worked that it could be compared with".to_owned()
        }
        None => "Nothing tells its calls from those that work".to_owned(),
    }
}

/// The comparison.
pub(super) fn differs(model: &IncidentModel, registry: &Registry) -> Markup {
    let differences = &model.calls.differences;
    let slow = model.incident.key.cause == Cause::AccuroSlow;
    let bad = if slow { "were slow" } else { "failed" };
    let row = |one: &Difference| Row {
        selected: false,
        cells: vec![
            html! { (facet(one.facet)) },
            html! { strong { (value(one, registry)) } },
            html! { (of(one.failing)) },
            html! { (of(one.working)) },
        ],
    };
    let body = html! {
        @if !differences.found.is_empty() {
            (table(&Table {
                caption: "What failing calls have oftener than working ones, the greatest difference first".to_owned(),
                class: "wide",
                cols: vec![
                    col("What", "", ""),
                    col("Which", "Which", ""),
                    col(if slow { "Of the slow calls" } else { "Of the failing calls" }, if slow { "Slow" } else { "Failing" }, "num"),
                    col("Of the others", "Others", "num"),
                ],
                rows: differences.found.iter().map(row).collect(),
            }))
        }
        div.pad.stack.small.soft {
            p {
                "Compared: " (counted(differences.failing, "call", "calls")) " that " (bad) ", "
                (counted(differences.working, "call", "calls")) " that worked"
                @if model.calls.with_before { ", those of the hour before among them, since few worked meanwhile" }
                ". A line is shown where chance does not explain it. It is no cause by itself."
            }
            @if !differences.alike.is_empty() {
                p { "Makes no difference: " (list(differences.alike.iter().map(|one| within(facet(*one))))) "." }
            }
            @if !slow && !model.calls.reasons.is_empty() {
                p {
                    "How they failed: "
                    (list(model.calls.reasons.iter().map(|(reason, n)| format!("{} ({})", within(short(*reason)), count(*n)))))
                    "."
                }
            }
        }
    };
    card("h-differs", &finding(model), None, &body)
}

/// A word within a sentence: names and abbreviations keep their capitals.
pub(super) fn within(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() && !text.starts_with("Accuro") => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Words with commas.
pub(super) fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// Some of its calls. Nobody is named in them; each call's own page is kept in the access log.
pub(super) fn samples(
    model: &IncidentModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    let all = html! { a href=(facts::calls(&model.incident)) { "All of them" } };
    let body = if model.calls.samples.is_empty() {
        html! { p.pad.small.soft { "None of its calls are kept any more." } }
    } else {
        calls_table(&model.calls.samples, registry, zone, frame, None)
    };
    card("h-calls", "Some of its calls", Some(&all), &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_capitals_within_a_sentence() {
        for (text, expected) in [
            ("Kind of sign-in", "kind of sign-in"),
            ("API version", "API version"),
            ("Accuro is not available", "Accuro is not available"),
        ] {
            assert_eq!(within(text), expected);
        }
    }

    #[test]
    fn a_share_of_few_is_told_in_numbers_alone() {
        assert_eq!(of(Share { with: 3, of: 5 }), "3 of 5");
        assert_eq!(of(Share { with: 30, of: 40 }), "30 of 40, 75.0%");
        assert_eq!(of(Share::default()), "none");
    }
}
