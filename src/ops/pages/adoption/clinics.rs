//! The table of clinics, stuck first.
//!
//! Owns its columns. Of many clinics the first are drawn; the rest is a link away, and in the CSV.

use maud::{Markup, html};

use super::lists::{in_the_way, incident};
use super::{Asked, leading};
use crate::domain::adoption::Standing;
use crate::domain::adoption::standing::Measured;
use crate::domain::registry::Phase;
use crate::ops::components::kind::glyph;
use crate::ops::components::spark::spark_with;
use crate::ops::components::table::{Col, Row, Table, col, table};
use crate::ops::report::{ClinicReport, Report, shows, staff_of};
use crate::ops::words::adoption::{first_time, missing, phase};
use crate::ops::words::numbers::count;

/// Clinics that are drawn unless all are asked for.
pub(super) const MOST_ROWS: usize = 100;

pub(super) fn clinics_card(report: &Report, asked: Asked) -> Markup {
    let shown = if asked.all { report.clinics.len() } else { MOST_ROWS };
    let rest = report.clinics.len().saturating_sub(shown);
    let rows = report.clinics.iter().take(shown);
    let end = (rest > 0).then(|| {
        html! { a href={ "/adoption?week=" (report.week) "&show=all" } { "Show all " (count(report.clinics.len() as u64)) } }
    });
    let table = table(&Table {
        caption: format!("Adoption by clinic in week {}, stuck first", report.week.number()),
        class: "wide adopt",
        cols: vec![
            col("Clinic", "", ""),
            col("Phase", "Phase", ""),
            col("Staff using it", "Staff using it", ""),
            col("Worked first time", "Worked", "num"),
            Col {
                title: Some("Tasks done, each line on its own scale"),
                ..col("12 weeks", "", "opt")
            },
            col("In the way", "In the way", ""),
            col("Next", "Next", ""),
        ],
        rows: rows
            .map(|clinic| Row { selected: false, cells: cells(clinic, report, asked) })
            .collect(),
    });
    html! {
        // On paper it may break between rows.
        section.card.flow aria-labelledby="h-ad" {
            header {
                h2 #h-ad { "Clinic by clinic, stuck first" }
                @if let Some(end) = end { p.small.end { (end) } }
            }
            @if report.clinics.is_empty() { p.pad.soft { "No clinics are registered yet." } } @else { (table) }
        }
    }
}

fn cells(clinic: &ClinicReport, report: &Report, asked: Asked) -> Vec<Markup> {
    let way = in_the_way(clinic);
    let line: Vec<u64> = clinic.weeks.iter().map(|week| week.deeds.done).collect();
    vec![
        html! {
            @let page = format!("/adoption/{}?week={}", clinic.clinic.id, report.week);
            (leading(asked, Some("rowlink"), &page, &html! { (clinic.clinic.name) }))
            @let badge = badge(clinic.standing);
            @if let Some(badge) = badge { span.blk2 { (badge) } }
        },
        ladder(clinic.clinic.phase),
        staff(clinic),
        html! {
            @if clinic.week().deeds.ended() == 0 { span.muted { "No tasks" } }
            @else if shows(clinic) { (first_time(&clinic.week())) }
            @else { span.muted { "Fewer than 5 staff" } }
        },
        html! {
            @if line.iter().all(|tasks| *tasks == 0) { span.muted { "None yet" } }
            @else if shows(clinic) { (spark_with(&line, report.known_from(), &report.marks(Some(&clinic.clinic.id)))) }
        },
        html! {
            @if way.is_empty() { span.muted { "Nothing known" } } @else { (way) }
        },
        next(clinic, asked),
    ]
}

/// The word for where a clinic stands, where it needs one.
pub(super) fn badge(standing: Standing) -> Option<Markup> {
    match standing {
        Standing::Stuck(_) => Some(html! { span.badge.ink { (glyph("none")) "Stuck" } }),
        Standing::Ready { .. } => {
            Some(html! { span.badge.soft.k-ok { (glyph("ok")) "Ready to move up" } })
        }
        Standing::NotStarted => Some(html! { span.badge.hollow { "Not started" } }),
        Standing::BeingCounted => Some(html! { span.badge.hollow { "Being counted" } }),
        Standing::OnTheWay | Standing::Live | Standing::Paused => None,
    }
}

/// The phase as steps of a ladder.
pub(super) fn ladder(of: Phase) -> Markup {
    let reached = match of {
        Phase::Paused => 0,
        Phase::Onboarding => 1,
        Phase::Pilot => 2,
        Phase::Expanding => 3,
        Phase::Live => 4,
    };
    html! {
        span.ladder {
            svg width="68" height="10" aria-hidden="true" {
                @for step in 0..4 {
                    rect class=(if step < reached { "s5" } else { "f-line" }) x=(step * 17) width="15" height="10" rx="2" {}
                }
            }
            (phase(of))
        }
    }
}

/// How many use it of those invited, with a bar.
fn staff(clinic: &ClinicReport) -> Markup {
    let Some(staff) = staff_of(clinic) else {
        return html! { span.muted { "Fewer than 5" } };
    };
    let invited = clinic.clinic.rollout.invited_staff;
    html! {
        span.meterrow {
            span.nowrap { (count(staff)) @if let Some(of) = invited { " of " (count(of)) } }
            @if let Some(of) = invited.filter(|of| *of > 0) {
                svg.ratio height="8" width="100%" aria-hidden="true" {
                    rect.f-line width="100%" height="8" rx="2" {}
                    rect.s4 width={ ((staff * 100 / of).min(100)) "%" } height="8" rx="2" {}
                }
            }
        }
    }
}

fn next(clinic: &ClinicReport, asked: Asked) -> Markup {
    let met = |gates: &[Measured]| gates.iter().filter(|gate| gate.met).count();
    let (met, of) = (met(&clinic.gates), clinic.gates.len());
    html! {
        @match clinic.standing {
            Standing::Stuck(_) => {
                @if let Some(number) = incident(clinic).filter(|_| !asked.shared) {
                    a href={ "/incidents/" (number) } { "See incident " (number) }
                } @else { "Call the clinic" }
            }
            Standing::Ready { next } => { "Ready for " (phase(next)) ": " (of) " of " (of) " gates met" }
            Standing::OnTheWay => {
                (met) " of " (of) " gates met"
                @if let Some(gate) = clinic.gates.iter().find(|gate| !gate.met) {
                    small { "Missing: " (missing(gate.gate)) }
                }
            }
            Standing::Live => { "Keep watch" }
            Standing::NotStarted => { "Wait for the first task" }
            Standing::Paused => { "Paused" }
            Standing::BeingCounted => { "Wait for the count" }
        }
    }
}
