//! The table of clinics, worst first, on Now and on Clinics.
//!
//! Owns its columns and what each cell says where there is nothing to say.

use maud::{Markup, html};

use crate::domain::health::{ClinicHealth, State, Tally, Trouble};
use crate::domain::labels::Category;
use crate::domain::registry::{Clinic, Registry};

use crate::ops::components::kind::{Kind, badge, kind_count};
use crate::ops::components::parts::when;
use crate::ops::components::shell::Frame;
use crate::ops::components::strip::{Cell, Size, strip};
use crate::ops::components::table::{Col, Row, Table, col, dash, table};
use crate::ops::reading::{ClinicReading, Reading};
use crate::ops::words;
use crate::ops::words::language::said;
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
pub(crate) fn state_badge(health: &ClinicHealth, frame: &Frame) -> Markup {
    let silent = (health.state == State::Silent)
        .then(|| health.last_call.map(|last| frame.span(frame.now.since(last))))
        .flatten();
    badge(health.state, health.category.map(Kind::of_category), silent.as_deref(), frame.language())
}

/// What the badge means here, in a few words; empty where it says it all.
pub(crate) fn why(health: &ClinicHealth, frame: &Frame) -> String {
    match (health.state, health.trouble, health.category) {
        (State::Quiet, ..) => health.last_call.map_or_else(String::new, |last| {
            said!(
                frame.language(),
                "No calls for {}",
                "Aucun appel depuis {}",
                frame.span(frame.now.since(last))
            )
        }),
        (_, Some(Trouble::ClinicSlow | Trouble::AccuroSlow), _) => {
            frame.t("Slow answers", "Réponses lentes").to_owned()
        }
        (_, Some(_), Some(category)) => {
            let word = Kind::of_category(category).word(frame.language());
            match &health.operation {
                Some(operation) => {
                    let task = words::tasks::task(operation.as_str(), frame.language());
                    said!(frame.language(), "{word}: {}", "{word} : {}", task.to_lowercase())
                }
                None => word.to_owned(),
            }
        }
        _ => String::new(),
    }
}

fn columns(frame: &Frame) -> Vec<Col> {
    let (worked, failed) = (frame.t("Worked", "Réussis"), frame.t("Failed", "Échecs"));
    let staff = frame.t("Staff today", "Personnel");
    vec![
        col(frame.t("Clinic", "Clinique"), "", ""),
        col(frame.t("State", "État"), "", ""),
        col(frame.t("Last 24 hours", "24 heures"), frame.t("24 hours", "24 heures"), "w-strip"),
        col(worked, worked, "num"),
        col(failed, failed, "num"),
        Col {
            head: frame.t("1 in 20 slower than", "1 sur 20 dépasse"),
            label: frame.t("Slow calls", "Appels lents"),
            class: "num opt",
            title: Some(frame.t(
                "95th percentile: one call in twenty is slower",
                "95e centile : un appel sur vingt est plus lent",
            )),
        },
        col(frame.t("Staff today", "Personnel"), staff, "num"),
        col(
            frame.t("Last call, their time", "Dernier appel"),
            frame.t("Last call", "Dernier appel"),
            "num opt",
        ),
    ]
}

/// Draws the table; the worst clinic stands out if it is failing.
pub(crate) fn clinics_table(rows: &[ClinicRow<'_>], frame: &Frame) -> Markup {
    let drawn = rows.iter().enumerate().map(|(index, row)| {
        let selected = index == 0 && row.health.state == State::Failing;
        Row { selected, cells: cells_of(row, frame) }
    });
    table(&Table {
        caption: frame
            .t(
                "State of each clinic in the last hour, worst first",
                "État de chaque clinique dans la dernière heure, les pires d’abord",
            )
            .to_owned(),
        class: "wide clinics",
        cols: columns(frame),
        rows: drawn.collect(),
    })
}

/// How the clinics do that are not listed, worst first, each state leading to its clinics: what is broken is
/// told, however much there is of it.
pub(crate) fn by_state(others: &[ClinicRow<'_>], frame: &Frame) -> Markup {
    let language = frame.language();
    let of = |state: State| others.iter().filter(|row| row.health.state == state).count() as u64;
    let states = State::ALL.iter().map(|state| (*state, of(*state))).filter(|(_, some)| *some > 0);
    let number = frame.number(others.len() as u64);
    html! {
        div.pad.others {
            p.small.soft { (said!(language, "The {number} others, by state", "Les {number} autres, par état")) }
            ul.small {
                @for (state, some) in states {
                    li { a href={ "/clinics?state=" (state) } { (words::health::state(state, language)) (frame.t(": ", "\u{a0}: ")) (frame.number(some)) } }
                }
            }
        }
    }
}

fn cells_of(row: &ClinicRow<'_>, frame: &Frame) -> Vec<Markup> {
    let zone = frame.zone(&row.clinic.time_zone);
    let own = Zone::of(&row.clinic.time_zone).in_language(frame.language());
    let why = why(&row.health, frame);
    vec![
        html! {
            a.rowlink href={ "/clinics/" (row.clinic.id) } { (row.clinic.name) }
            small { (own.label) ". " (words::health::phase(row.clinic.phase, frame.preferences.language)) }
        },
        html! {
            (state_badge(&row.health, frame))
            @if !why.is_empty() { small { (why) } }
        },
        strip(&row.cells, Size::Row, None),
        worked(&row.hour, frame),
        failed(&row.hour, frame),
        row.p95_us
            .filter(|_| row.hour.calls() > 0)
            .map_or_else(|| dash(frame), |us| html! { (frame.took(us)) }),
        if row.health.state == State::NotStarted {
            dash(frame)
        } else {
            html! { (frame.staff(row.staff_today)) }
        },
        match row.health.last_call {
            None => html! { (frame.t("Never", "Jamais")) },
            Some(last) => when(last, &zone, frame.now),
        },
    ]
}

fn worked(hour: &Tally, frame: &Frame) -> Markup {
    html! {
        @if hour.ended() == 0 { span.muted { (frame.t("No calls", "Aucun appel")) } }
        @else { (frame.share(hour.worked(), hour.ended())) }
    }
}

/// Failed calls by kind, or a zero that is not nothing.
pub(crate) fn failed(tally: &Tally, frame: &Frame) -> Markup {
    if tally.ended() == 0 {
        return dash(frame);
    }
    let kinds = [Category::Auth, Category::Validation, Category::Transient, Category::Policy];
    let found: Vec<(Kind, u64)> = kinds
        .into_iter()
        .map(|category| (Kind::of_category(category), tally.of(category)))
        .filter(|(_, calls)| *calls > 0)
        .collect();
    html! {
        @if found.is_empty() { span.muted { "0" } }
        @for (kind, calls) in &found { (kind_count(*kind, *calls, frame.language())) " " }
    }
}
