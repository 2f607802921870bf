//! How the page looks.

use maud::{Markup, html};

use super::Kept;
use crate::domain::retention::{Class, Limits};
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Col, Row, Table, col, dash, table};
use crate::ops::words::kept::in_language;
use crate::ops::words::language::said;
use crate::store::{ColumnKept, TableKept};

/// What a class is called.
const fn name(class: Class, frame: &Frame) -> &'static str {
    match class {
        Class::Events => frame.t("Calls", "Appels"),
        Class::PatientReferences => frame.t("References of patients", "Références de patients"),
        Class::ActorReferences => {
            frame.t("References of staff and tokens", "Références du personnel et des jetons")
        }
        Class::MinuteFigures => frame.t("Figures by the minute", "Chiffres à la minute"),
        Class::HourFigures => frame.t("Figures by the hour", "Chiffres à l’heure"),
        Class::DayFigures => frame.t("Figures by the day", "Chiffres au jour"),
        Class::Incidents => frame.t("Closed incidents", "Incidents clos"),
        Class::Access => {
            frame.t("Ended sessions, links and tokens", "Sessions, liens et jetons terminés")
        }
        Class::Diagnoses => {
            frame.t("Diagnoses and what was said about them", "Diagnostics et ce qui en a été dit")
        }
        Class::Journal => {
            frame.t("Journal files that are indexed", "Fichiers du journal qui sont indexés")
        }
        Class::Audit => frame.t("The audit", "L’audit"),
    }
}

/// Draws the page.
pub(super) fn view(kept: &Kept, limits: &Limits, frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { (frame.t("What is kept and until when", "Ce qui est gardé et jusqu’à quand")) }
                p.soft.small {
                    (frame.t("accuscope keeps no name, no health number, no path, no query value, no body and no token. ", "accuscope ne garde aucun nom, aucun numéro d’assurance maladie, aucun chemin, aucune valeur de requête, aucun corps et aucun jeton. "))
                    (frame.t("What it keeps is listed here column by column, from the database’s own schema.", "Ce qu’il garde est listé ici colonne par colonne, d’après le schéma même de la base."))
                }
            }
        }
        (card("h-limits", frame.t("Limits", "Limites"), None, &classes(kept, limits, frame)))
        @for entry in TableKept::all() {
            @let id = format!("h-{}", entry.name);
            (card(&id, entry.name, None, &columns(entry, limits, frame)))
        }
        (card("h-ledger", frame.t("Removed lately", "Retiré récemment"), None, &ledger(kept, frame)))
    };
    Page {
        room: None,
        title: frame
            .t("What is kept and until when", "Ce qui est gardé et jusqu’à quand")
            .to_owned(),
        live: false,
        body,
    }
}

/// A column whose label on a phone is its head.
const fn both(name: &'static str, class: &'static str) -> Col {
    col(name, name, class)
}

/// How long, in words.
fn until(class: Class, limits: &Limits, frame: &Frame) -> String {
    let days = limits.limit(class).as_secs() / 86_400;
    frame.count(days, ["day", "days"], ["jour", "jours"])
}

/// How long a table's rows stay, as a sentence.
fn stay(class: Option<Class>, limits: &Limits, frame: &Frame) -> String {
    let Some(class) = class else {
        return frame
            .t("It stays: it is about nobody.", "Elle reste : elle ne concerne personne.")
            .to_owned();
    };
    let days = until(class, limits, frame);
    said!(frame.language(), "Kept for {days}.", "Gardée {days}.")
}

pub(in crate::ops::pages) fn classes(kept: &Kept, limits: &Limits, frame: &Frame) -> Markup {
    let row = |class: &Class| {
        let oldest = kept.oldest.iter().find(|(known, _)| known == class).and_then(|(_, at)| *at);
        Row {
            selected: false,
            cells: vec![
                html! { (name(*class, frame)) },
                html! { (until(*class, limits, frame)) },
                oldest.map_or_else(|| dash(frame), |at| frame.when(at)),
                html! { code { "retention." (class) } },
            ],
        }
    };
    table(&Table {
        caption: frame
            .t(
                "How long what is kept, and the oldest that is there",
                "Combien de temps quoi est gardé, et le plus ancien qui est là",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("What", "Quoi"), "", ""),
            both(frame.t("Kept for", "Gardé"), ""),
            both(frame.t("Oldest now", "Le plus ancien"), ""),
            both(frame.t("Setting", "Réglage"), "opt"),
        ],
        rows: Class::ALL.iter().map(row).collect(),
    })
}

/// Names and what they hold; hundreds of them, so as light as it goes.
fn columns(entry: &TableKept, limits: &Limits, frame: &Frame) -> Markup {
    let other = |column: &ColumnKept| column.class.filter(|class| Some(*class) != entry.class);
    html! {
        p.pad.small.soft { (frame.t("One row: ", "Une ligne : ")) (in_language(entry.what, frame.language())) ". " (stay(entry.class, limits, frame)) }
        dl.kv.pad.columns {
            @for column in entry.columns {
                dt lang="en" { (column.name) }
                dd {
                    (in_language(column.holds, frame.language()))
                    @if let Some(class) = other(column) {
                        (frame.t(". Kept for ", ". Gardé ")) (until(class, limits, frame))
                    }
                }
            }
        }
    }
}

pub(in crate::ops::pages) fn ledger(kept: &Kept, frame: &Frame) -> Markup {
    if kept.ledger.is_empty() {
        return html! { p.pad.soft { (frame.t("Nothing was over its limit yet.", "Rien n’a encore dépassé sa limite.")) } };
    }
    table(&Table {
        caption: frame
            .t(
                "Runs that removed something, the newest first",
                "Passages qui ont retiré quelque chose, le plus récent d’abord",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("When", "Quand"), "", ""),
            both(frame.t("What", "Quoi"), ""),
            both(frame.t("Older than", "Plus ancien que"), ""),
            both(frame.t("Rows", "Lignes"), "num"),
            both(frame.t("Given back", "Rendu"), "num opt"),
        ],
        rows: kept
            .ledger
            .iter()
            .map(|line| Row {
                selected: false,
                cells: vec![
                    frame.when(line.ended),
                    html! { (name(line.class, frame)) },
                    frame.when(line.cutoff),
                    html! { (frame.number(line.rows)) },
                    if line.bytes == 0 {
                        dash(frame)
                    } else {
                        html! { (frame.language().size(line.bytes)) }
                    },
                ],
            })
            .collect(),
    })
}
