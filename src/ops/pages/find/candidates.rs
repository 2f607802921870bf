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
use crate::ops::words::language::said;
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

fn short(reference: Option<&Reference>, frame: &Frame) -> Markup {
    let Some(reference) = reference else { return dash(frame) };
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
    let name = known.map_or(frame.t("the clinic", "la clinique"), |clinic| clinic.name.as_str());
    let title = said!(
        frame.language(),
        "{} went wrong around {}",
        "{} autour de {}",
        frame.count(groups.len() as u64, ["thing", "things"], ["problème", "problèmes"]),
        zone.when(at, frame.now)
    );
    let body = html! {
        div.pagehead { div { h1 { (title) } p.soft { (name) ", " (zone.label) (frame.t(". Which one is it?", ". Lequel est-ce?")) } } }
        (card("h-choose", frame.t("Choose one", "Choisissez-en un"), None, &rows(groups, &zone, frame)))
        @if groups.len() > SHOWN {
            p.small.soft { (frame.t("The ", "Les ")) (SHOWN) (frame.t(" with the most calls are shown. A shorter time or a person narrows it down.", " qui ont le plus d’appels sont montrés. Un temps plus court ou une personne restreint le choix.")) }
        }
    };
    Page {
        room: Some(Room::Diagnose),
        title: said!(frame.language(), "{title}. Diagnose", "{title}. Diagnostiquer"),
        live: false,
        body,
    }
}

fn rows(groups: &[Group], zone: &Zone, frame: &Frame) -> Markup {
    let row = |group: &Group| {
        let times = if group.oldest == group.newest.ts {
            zone.clock(group.oldest)
        } else {
            said!(
                frame.language(),
                "{} to {}",
                "{} à {}",
                zone.clock(group.oldest),
                zone.clock(group.newest.ts)
            )
        };
        Row {
            selected: false,
            cells: vec![
                html! {
                    (task(group.newest.operation.as_str(), frame.language()))
                    small { (zone.day(group.newest.ts, frame.now)) ", " (times) }
                },
                html! { (kind(Kind::of(group.newest.ending), None, frame.language())) },
                html! { (frame.count(group.calls, ["try", "tries"], ["essai", "essais"])) },
                short(group.newest.actor_ref.as_ref(), frame),
                short(group.newest.patient_ref.as_ref(), frame),
                html! {
                    form action="/find" method="post" {
                        input type="hidden" name="q" value=(group.newest.id);
                        button.btn type="submit" { (frame.t("Why?", "Pourquoi?")) span.vh { " " (task(group.newest.operation.as_str(), frame.language())) ", " (times) } }
                    }
                },
            ],
        }
    };
    table(&Table {
        caption: frame
            .t(
                "What went wrong, by person, patient and task",
                "Ce qui a mal tourné, par personne, patient et tâche",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("What was done", "Ce qui a été fait"), "", ""),
            col(frame.t("Result", "Résultat"), frame.t("Result", "Résultat"), ""),
            col(frame.t("Tries", "Essais"), frame.t("Tries", "Essais"), ""),
            col(frame.t("Person", "Personne"), frame.t("Person", "Personne"), "opt"),
            col(frame.t("Patient", "Patient"), frame.t("Patient", "Patient"), "opt"),
            col(frame.t("Verdict", "Verdict"), frame.t("Verdict", "Verdict"), ""),
        ],
        rows: groups.iter().take(SHOWN).map(row).collect(),
    })
}

/// What the reader asked last.
pub(super) fn latest(lines: &[DiagnosisLine], registry: &Registry, frame: &Frame) -> Markup {
    if lines.is_empty() {
        let body = html! { p.pad.soft { (frame.t("What you ask is listed here, so that you find it again.", "Ce que vous demandez est listé ici, pour que vous le retrouviez.")) } };
        return card(
            "h-latest",
            frame.t("Your latest diagnoses", "Vos derniers diagnostics"),
            None,
            &body,
        );
    }
    let row = |line: &DiagnosisLine| {
        let clinic = line.clinic.as_ref().and_then(|id| registry.clinic(id));
        Row {
            selected: false,
            cells: vec![
                html! { a.rowlink href={ "/d/" (line.id) } { (causes::words(line.cause, frame.language()).says) } },
                html! { (clinic.map_or(frame.t("Not known", "Inconnue"), |clinic| clinic.name.as_str())) },
                when(line.asked_at, &frame.home, frame.now),
            ],
        }
    };
    let body = table(&Table {
        caption: frame
            .t(
                "What you asked last, the newest first",
                "Ce que vous avez demandé en dernier, le plus récent d’abord",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("Verdict", "Verdict"), "", ""),
            col(frame.t("Clinic", "Clinique"), frame.t("Clinic", "Clinique"), ""),
            col(frame.t("Asked", "Demandé"), frame.t("Asked", "Demandé"), "nowrap"),
        ],
        rows: lines.iter().map(row).collect(),
    });
    card("h-latest", frame.t("Your latest diagnoses", "Vos derniers diagnostics"), None, &body)
}
