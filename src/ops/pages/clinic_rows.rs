//! The table of clinics, worst first, on Now and on Clinics.
//!
//! Owns its columns and what each cell says where there is nothing to say.

use maud::{Markup, html};

use crate::domain::health::{ClinicHealth, State, Tally, Trouble};
use crate::domain::labels::Category;
use crate::domain::registry::{Clinic, Registry};
use crate::domain::time::Timestamp;
use crate::ops::components::kind::{Kind, badge, kind_count};
use crate::ops::components::parts::when;
use crate::ops::components::shell::Frame;
use crate::ops::components::strip::{Cell, Size, strip};
use crate::ops::components::table::{Col, Row, Table, col, dash, table};
use crate::ops::reading::{ClinicReading, Reading};
use crate::ops::words;
use crate::ops::words::numbers::{count, share, span, took};
use crate::ops::words::times::Zone;

/// One clinic in the table.
pub(crate) struct ClinicRow<'r> {
    /// Its entry in the registry.
    pub(crate) clinic: &'r Clinic,
    /// How it does.
    pub(crate) health: ClinicHealth,
    /// Its day.
    pub(crate) cells: Vec<Cell>,
    /// Its last hour.
    pub(crate) hour: Tally,
    /// One call in twenty of that took longer.
    pub(crate) p95_us: Option<u64>,
    /// People today.
    pub(crate) staff_today: u64,
}

/// The rows of a reading, worst first. Clinics that the registry no longer lists are left out.
pub(crate) fn rows<'r>(
    reading: &Reading,
    healths: &[ClinicHealth],
    registry: &'r Registry,
) -> Vec<ClinicRow<'r>> {
    let row = |health: &ClinicHealth| {
        let clinic = registry.clinic(&health.clinic)?;
        let figures = reading.clinic(&health.clinic)?;
        Some(ClinicRow {
            clinic,
            health: health.clone(),
            cells: cells(reading, figures),
            hour: figures.last_hour(reading.now),
            p95_us: figures.hour_p95_us,
            staff_today: figures.staff_today,
        })
    };
    healths.iter().filter_map(row).collect()
}

/// The day of a clinic as bars.
pub(crate) fn cells(reading: &Reading, figures: &ClinicReading) -> Vec<Cell> {
    let bar = |(index, tally)| Cell::of(reading.recorded(index, tally));
    let mut cells: Vec<Cell> = figures.hours.iter().enumerate().map(bar).collect();
    cells.extend(reading.gap_until_now());
    cells
}

/// The badge of a clinic.
pub(crate) fn state_badge(health: &ClinicHealth, now: Timestamp) -> Markup {
    let silent = (health.state == State::Silent)
        .then(|| health.last_call.map(|last| span(now.since(last))))
        .flatten();
    badge(health.state, health.category.map(Kind::of_category), silent.as_deref())
}

/// What the badge means here, in a few words; empty where it says it all.
pub(crate) fn why(health: &ClinicHealth, now: Timestamp) -> String {
    match (health.state, health.trouble, health.category) {
        (State::Quiet, ..) => health
            .last_call
            .map_or_else(String::new, |last| format!("No calls for {}", span(now.since(last)))),
        (_, Some(Trouble::ClinicSlow | Trouble::AccuroSlow), _) => "Slow answers".to_owned(),
        (_, Some(_), Some(category)) => {
            let word = Kind::of_category(category).word();
            match &health.operation {
                Some(operation) => {
                    format!("{word}: {}", words::tasks::task(operation.as_str()).to_lowercase())
                }
                None => word.to_owned(),
            }
        }
        _ => String::new(),
    }
}

const COLUMNS: [Col; 8] = [
    col("Clinic", "", ""),
    col("State", "", ""),
    col("Last 24 hours", "24 hours", "w-strip"),
    col("Worked", "Worked", "num"),
    col("Failed", "Failed", "num"),
    Col {
        head: "1 in 20 slower than",
        label: "Slow calls",
        class: "num opt",
        title: Some("95th percentile: one call in twenty is slower"),
    },
    col("Staff today", "Staff today", "num"),
    col("Last call, their time", "Last call", "num opt"),
];

/// Draws the table; the worst clinic stands out if it is failing.
pub(crate) fn clinics_table(rows: &[ClinicRow<'_>], frame: &Frame) -> Markup {
    let drawn = rows.iter().enumerate().map(|(index, row)| {
        let selected = index == 0 && row.health.state == State::Failing;
        Row { selected, cells: cells_of(row, frame) }
    });
    table(&Table {
        caption: "State of each clinic in the last hour, worst first".to_owned(),
        class: "wide clinics",
        cols: COLUMNS.to_vec(),
        rows: drawn.collect(),
    })
}

fn cells_of(row: &ClinicRow<'_>, frame: &Frame) -> Vec<Markup> {
    let zone = frame.zone(&row.clinic.time_zone);
    let city = Zone::of(&row.clinic.time_zone);
    let why = why(&row.health, frame.now);
    vec![
        html! {
            a.rowlink href={ "/clinics/" (row.clinic.id) } { (row.clinic.name) }
            small { (city.city()) " time. " (words::health::phase(row.clinic.phase, frame.preferences.language)) }
        },
        html! {
            (state_badge(&row.health, frame.now))
            @if !why.is_empty() { small { (why) } }
        },
        strip(&row.cells, Size::Row, None),
        worked(&row.hour),
        failed(&row.hour),
        row.p95_us.filter(|_| row.hour.calls() > 0).map_or_else(dash, |us| html! { (took(us)) }),
        if row.health.state == State::NotStarted {
            dash()
        } else {
            html! { (count(row.staff_today)) }
        },
        match row.health.last_call {
            None => html! { "Never" },
            Some(last) => when(last, &zone, frame.now),
        },
    ]
}

fn worked(hour: &Tally) -> Markup {
    html! {
        @if hour.ended() == 0 { span.muted { "No calls" } }
        @else { (share(hour.worked(), hour.ended())) }
    }
}

/// Failed calls by kind, or a zero that is not nothing.
pub(crate) fn failed(tally: &Tally) -> Markup {
    if tally.ended() == 0 {
        return dash();
    }
    let kinds = [Category::Auth, Category::Validation, Category::Transient, Category::Policy];
    let found: Vec<(Kind, u64)> = kinds
        .into_iter()
        .map(|category| (Kind::of_category(category), tally.of(category)))
        .filter(|(_, calls)| *calls > 0)
        .collect();
    html! {
        @if found.is_empty() { span.muted { "0" } }
        @for (kind, calls) in &found { (kind_count(*kind, *calls)) " " }
    }
}
