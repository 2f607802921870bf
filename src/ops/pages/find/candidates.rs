//! What went wrong at a clinic around a time, grouped so that somebody can choose; and what the reader
//! asked last.
//!
//! Owns both lists. A group is one person, one patient and one task; people and patients are shown by
//! the first letters of their references.

use std::time::Duration;

use maud::{Markup, html};

use crate::domain::event::Exchange;
use crate::domain::labels::Outcome;
use crate::domain::names::ClinicId;
use crate::domain::reference::Reference;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::components::finder::WINDOWS;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words::causes;
use crate::ops::words::numbers::counted;
use crate::ops::words::tasks::task;
use crate::ops::words::times::Zone;
use crate::store::{DiagnosisLine, ExchangeFilter, Scoped, StoreError};

/// Calls that are grouped.
const READ: u32 = 300;
/// Groups that are shown.
const SHOWN: usize = 15;

/// One person's failures with one patient in one task.
pub(super) struct Group {
    pub(super) newest: Exchange,
    oldest: Timestamp,
    calls: u64,
}

/// What failed there and then, the most calls first.
pub(super) async fn failed(
    store: &Scoped,
    clinic: &ClinicId,
    at: Timestamp,
    window: &str,
) -> Result<Vec<Group>, StoreError> {
    let around = match WINDOWS.iter().position(|(value, _)| *value == window) {
        Some(0) => Duration::from_mins(15),
        Some(2) => Duration::from_hours(2),
        Some(3) => Duration::from_hours(24),
        _ => Duration::from_hours(1),
    };
    let filter = ExchangeFilter {
        clinic: Some(clinic.clone()),
        outcome: Some(Outcome::Failed),
        from: Some(at.minus(around)),
        to: Some(at.plus(around)),
        ..ExchangeFilter::default()
    };
    Ok(grouped(store.exchanges(&filter, None, READ).await?.items))
}

/// Groups calls that come newest first.
fn grouped(calls: Vec<Exchange>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for call in calls {
        let same = |group: &&mut Group| {
            group.newest.actor_ref == call.actor_ref
                && group.newest.patient_ref == call.patient_ref
                && group.newest.operation == call.operation
        };
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.calls += 1;
                group.oldest = call.ts;
            }
            None => groups.push(Group { oldest: call.ts, newest: call, calls: 1 }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.calls));
    groups
}

fn short(reference: Option<&Reference>) -> Markup {
    let Some(reference) = reference else { return dash() };
    let text = reference.to_string();
    let letters = text.rsplit('_').next().and_then(|symbols| symbols.get(..4)).unwrap_or_default();
    html! { code { (letters.to_uppercase()) } }
}

/// The page to choose from.
pub(super) fn view(
    groups: &[Group],
    clinic: &ClinicId,
    at: Timestamp,
    registry: &Registry,
    frame: &Frame,
) -> Page {
    let known = registry.clinic(clinic);
    let zone = known.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone));
    let name = known.map_or("the clinic", |clinic| clinic.name.as_str());
    let title = format!(
        "{} went wrong around {}",
        counted(groups.len() as u64, "thing", "things"),
        zone.when(at, frame.now)
    );
    let body = html! {
        div.pagehead { div { h1 { (title) } p.soft { (name) ", " (zone.label) ". Which one is it?" } } }
        (card("h-choose", "Choose one", None, &rows(groups, &zone, frame)))
        @if groups.len() > SHOWN {
            p.small.soft { "The " (SHOWN) " with the most calls are shown. A shorter time or a person narrows it down." }
        }
    };
    Page { room: Some(Room::Diagnose), title: format!("{title}. Diagnose"), live: false, body }
}

fn rows(groups: &[Group], zone: &Zone, frame: &Frame) -> Markup {
    let row = |group: &Group| {
        let times = if group.oldest == group.newest.ts {
            zone.clock(group.oldest)
        } else {
            format!("{} to {}", zone.clock(group.oldest), zone.clock(group.newest.ts))
        };
        Row {
            selected: false,
            cells: vec![
                html! {
                    (task(group.newest.operation.as_str()))
                    small { (zone.day(group.newest.ts, frame.now)) ", " (times) }
                },
                html! { (kind(Kind::of(group.newest.ending), None)) },
                html! { (counted(group.calls, "try", "tries")) },
                short(group.newest.actor_ref.as_ref()),
                short(group.newest.patient_ref.as_ref()),
                html! {
                    form action="/find" method="post" {
                        input type="hidden" name="q" value=(group.newest.id);
                        button.btn type="submit" { "Why?" span.vh { " " (task(group.newest.operation.as_str())) ", " (times) } }
                    }
                },
            ],
        }
    };
    table(&Table {
        caption: "What went wrong, by person, patient and task".to_owned(),
        class: "",
        cols: vec![
            col("What was done", "", ""),
            col("Result", "Result", ""),
            col("Tries", "Tries", ""),
            col("Person", "Person", "opt"),
            col("Patient", "Patient", "opt"),
            col("Verdict", "Verdict", ""),
        ],
        rows: groups.iter().take(SHOWN).map(row).collect(),
    })
}

/// What the reader asked last.
pub(super) fn latest(lines: &[DiagnosisLine], registry: &Registry, frame: &Frame) -> Markup {
    if lines.is_empty() {
        let body =
            html! { p.pad.soft { "What you ask is listed here, so that you find it again." } };
        return card("h-latest", "Your latest diagnoses", None, &body);
    }
    let row = |line: &DiagnosisLine| {
        let clinic = line.clinic.as_ref().and_then(|id| registry.clinic(id));
        Row {
            selected: false,
            cells: vec![
                html! { a.rowlink href={ "/d/" (line.id) } { (causes::words(line.cause).says) } },
                html! { (clinic.map_or("Not known", |clinic| clinic.name.as_str())) },
                when(line.asked_at, &frame.home, frame.now),
            ],
        }
    };
    let body = table(&Table {
        caption: "What you asked last, the newest first".to_owned(),
        class: "",
        cols: vec![
            col("Verdict", "", ""),
            col("Clinic", "Clinic", ""),
            col("Asked", "Asked", "nowrap"),
        ],
        rows: lines.iter().map(row).collect(),
    });
    card("h-latest", "Your latest diagnoses", None, &body)
}
