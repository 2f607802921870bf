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
use crate::ops::words::language::said;
use crate::ops::words::tasks::{sign_in, task};
use crate::ops::words::times::Zone;

/// What a value is called.
pub(super) fn value(of: &Difference, registry: &Registry, frame: &Frame) -> String {
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
        Facet::Operation => Some(task(text, frame.language())),
        Facet::Context => {
            Context::parse(text).map(|context| sign_in(context, frame.language()).to_owned())
        }
        Facet::Office | Facet::TokenAge | Facet::ApiVersion | Facet::Instance | Facet::Shape => {
            None
        }
    };
    name.unwrap_or_else(|| text.to_owned())
}

/// `40 of 40, 100%`.
pub(super) fn of(part: Share, frame: &Frame) -> String {
    if part.of == 0 {
        return frame.t("none", "aucun").to_owned();
    }
    let counts = said!(
        frame.language(),
        "{} of {}",
        "{} sur {}",
        frame.number(part.with),
        frame.number(part.of)
    );
    let percent = frame.share(part.with, part.of);
    if percent == counts { counts } else { format!("{counts}, {percent}") }
}

/// The finding, as a title.
pub(super) fn finding(model: &IncidentModel, frame: &Frame) -> String {
    let differences = &model.calls.differences;
    match differences.found.first() {
        Some(first) => said!(
            frame.language(),
            "What differs most: {}",
            "Ce qui diffère le plus : {}",
            within(facet(first.facet, frame.language()))
        ),
        None if differences.failing == 0 => frame
            .t("None of its calls are kept any more", "Aucun de ses appels n’est encore gardé")
            .to_owned(),
        None if differences.working == 0 => frame
            .t(
                "Nothing worked that it could be compared with",
                "Rien n’a fonctionné à quoi le comparer",
            )
            .to_owned(),
        None => frame
            .t(
                "Nothing tells its calls from those that work",
                "Rien ne distingue ses appels de ceux qui réussissent",
            )
            .to_owned(),
    }
}

/// The comparison.
pub(super) fn differs(model: &IncidentModel, registry: &Registry, frame: &Frame) -> Markup {
    let differences = &model.calls.differences;
    let slow = model.incident.key.cause == Cause::AccuroSlow;
    let bad = if slow { frame.t("were slow", "lents") } else { frame.t("failed", "en échec") };
    let row = |one: &Difference| Row {
        selected: false,
        cells: vec![
            html! { (facet(one.facet, frame.language())) },
            html! { strong { (value(one, registry, frame)) } },
            html! { (of(one.failing, frame)) },
            html! { (of(one.working, frame)) },
        ],
    };
    let body = html! {
        @if !differences.found.is_empty() {
            (table(&Table {
                caption: frame.t("What failing calls have oftener than working ones, the greatest difference first", "Ce que les appels en échec ont plus souvent que les appels réussis, la plus grande différence d’abord").to_owned(),
                class: "wide",
                cols: vec![
                    col(frame.t("What", "Quoi"), "", ""),
                    col(frame.t("Which", "Lequel"), frame.t("Which", "Lequel"), ""),
                    col(if slow { frame.t("Of the slow calls", "Des appels lents") } else { frame.t("Of the failing calls", "Des appels en échec") }, if slow { frame.t("Slow", "Lents") } else { frame.t("Failing", "Échecs") }, "num"),
                    col(frame.t("Of the others", "Des autres"), frame.t("Others", "Autres"), "num"),
                ],
                rows: differences.found.iter().map(row).collect(),
            }))
        }
        div.pad.stack.small.soft {
            p {
                (frame.t("Compared: ", "Comparés : ")) (frame.count(differences.failing, ["call", "calls"], ["appel", "appels"])) (frame.t(" that ", " ")) (bad) ", "
                (frame.count(differences.working, ["call", "calls"], ["appel", "appels"])) (frame.t(" that worked", " réussis"))
                @if model.calls.with_before { (frame.t(", those of the hour before among them, since few worked meanwhile", ", dont ceux de l’heure d’avant, car peu ont réussi entre-temps")) }
                (frame.t(". A line is shown where chance does not explain it. It is no cause by itself.", ". Une ligne paraît là où le hasard ne l’explique pas. Ce n’est pas une cause en soi."))
            }
            @if !differences.alike.is_empty() {
                p { (frame.t("Makes no difference: ", "Ne fait aucune différence : ")) (list(differences.alike.iter().map(|one| within(facet(*one, frame.language()))))) "." }
            }
            @if !slow && !model.calls.reasons.is_empty() {
                p {
                    (frame.t("How they failed: ", "Comment ils ont échoué : "))
                    (list(model.calls.reasons.iter().map(|(reason, n)| format!("{} ({})", within(short(*reason, frame.language())), frame.number(*n)))))
                    "."
                }
            }
        }
    };
    card("h-differs", &finding(model, frame), None, &body)
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
    let all = html! { a href=(facts::calls(&model.incident)) { (frame.t("All of them", "Tous")) } };
    let body = if model.calls.samples.is_empty() {
        html! { p.pad.small.soft { (frame.t("None of its calls are kept any more.", "Aucun de ses appels n’est encore gardé.")) } }
    } else {
        calls_table(&model.calls.samples, registry, zone, frame, None)
    };
    card("h-calls", frame.t("Some of its calls", "Quelques-uns de ses appels"), Some(&all), &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;
    use crate::ops::words::language::Language;

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
        let of = |share| of(share, &frame("/", Language::English));
        assert_eq!(of(Share { with: 3, of: 5 }), "3 of 5");
        assert_eq!(of(Share { with: 30, of: 40 }), "30 of 40, 75.0%");
        assert_eq!(of(Share::default()), "none");
    }
}
