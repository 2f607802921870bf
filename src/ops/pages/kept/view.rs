//! How the page looks.

use maud::{Markup, html};

use super::Kept;
use crate::domain::retention::{Class, Limits};
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words::numbers::{count, counted, size};
use crate::store::{ColumnKept, TableKept};

/// What a class is called.
const fn name(class: Class) -> &'static str {
    match class {
        Class::Events => "Calls",
        Class::PatientReferences => "References of patients",
        Class::ActorReferences => "References of staff and tokens",
        Class::MinuteFigures => "Figures by the minute",
        Class::HourFigures => "Figures by the hour",
        Class::DayFigures => "Figures by the day",
        Class::Incidents => "Closed incidents",
        Class::Access => "Ended sessions, links and tokens",
        Class::Diagnoses => "Diagnoses and what was said about them",
        Class::Journal => "Journal files that are indexed",
        Class::Audit => "The audit",
    }
}

/// Draws the page.
pub(super) fn view(kept: &Kept, limits: &Limits, frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { "What is kept and until when" }
                p.soft.small {
                    "accuscope keeps no name, no health number, no path, no query value, no body and no token. "
                    "What it keeps is listed here column by column, from the database’s own schema."
                }
            }
        }
        (card("h-limits", "Limits", None, &classes(kept, limits, frame)))
        @for entry in TableKept::ALL {
            @let id = format!("h-{}", entry.name);
            (card(&id, entry.name, Some(&html! { (until(entry.class, limits)) }), &columns(entry, limits)))
        }
        (card("h-ledger", "Removed lately", None, &ledger(kept, frame)))
    };
    Page { room: None, title: "What is kept and until when".to_owned(), live: false, body }
}

/// How long, in words.
fn until(class: Option<Class>, limits: &Limits) -> String {
    class.map_or_else(
        || "stays: it is about nobody".to_owned(),
        |class| counted(limits.limit(class).as_secs() / 86_400, "day", "days"),
    )
}

pub(in crate::ops::pages) fn classes(kept: &Kept, limits: &Limits, frame: &Frame) -> Markup {
    let row = |class: &Class| {
        let oldest = kept.oldest.iter().find(|(known, _)| known == class).and_then(|(_, at)| *at);
        Row {
            selected: false,
            cells: vec![
                html! { (name(*class)) },
                html! { (until(Some(*class), limits)) },
                oldest.map_or_else(dash, |at| when(at, &frame.home, frame.now)),
                html! { code { "retention." (class) } },
            ],
        }
    };
    table(&Table {
        caption: "How long what is kept, and the oldest that is there".to_owned(),
        class: "",
        cols: vec![
            col("What", "", ""),
            col("Kept for", "Kept for", ""),
            col("Oldest now", "Oldest now", ""),
            col("Setting", "Setting", "opt"),
        ],
        rows: Class::ALL.iter().map(row).collect(),
    })
}

fn columns(entry: &TableKept, limits: &Limits) -> Markup {
    let row = |column: &ColumnKept| Row {
        selected: false,
        cells: vec![
            html! { code { (column.name) } },
            html! { (column.holds) },
            html! { (until(column.class.or(entry.class), limits)) },
        ],
    };
    html! {
        p.pad.small.soft { "One row: " (entry.what) "." }
        (table(&Table {
            caption: format!("Columns of {}", entry.name),
            class: "",
            cols: vec![col("Column", "", ""), col("Holds", "Holds", ""), col("Kept for", "Kept for", "")],
            rows: entry.columns.iter().map(row).collect(),
        }))
    }
}

pub(in crate::ops::pages) fn ledger(kept: &Kept, frame: &Frame) -> Markup {
    if kept.ledger.is_empty() {
        return html! { p.pad.soft { "Nothing was over its limit yet." } };
    }
    table(&Table {
        caption: "Runs that removed something, the newest first".to_owned(),
        class: "",
        cols: vec![
            col("When", "", ""),
            col("What", "What", ""),
            col("Older than", "Older than", ""),
            col("Rows", "Rows", "num"),
            col("Bytes given back", "Given back", "num opt"),
        ],
        rows: kept
            .ledger
            .iter()
            .map(|line| Row {
                selected: false,
                cells: vec![
                    when(line.ended, &frame.home, frame.now),
                    html! { (name(line.class)) },
                    when(line.cutoff, &frame.home, frame.now),
                    html! { (count(line.rows)) },
                    if line.bytes == 0 {
                        dash()
                    } else {
                        html! { (size(line.bytes)) }
                    },
                ],
            })
            .collect(),
    })
}
