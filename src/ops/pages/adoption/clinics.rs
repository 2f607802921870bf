//! The table of clinics, stuck first.
//!
//! Owns its columns. Of many clinics the first are drawn; the rest is a link away, and in the CSV.

use maud::{Markup, html};

use super::lists::{in_the_way, incident};
use super::{Asked, leading};
use crate::domain::adoption::standing::Measured;
use crate::domain::adoption::{Counts, Standing, Week};
use crate::domain::registry::Phase;
use crate::ops::components::kind::glyph;
use crate::ops::components::shell::Frame;
use crate::ops::components::spark::spark_with;
use crate::ops::components::table::{Col, Row, Table, col, table};
use crate::ops::report::{ClinicReport, Report};
use crate::ops::words::adoption::{day, first_time, missing};
use crate::ops::words::health::phase;
use crate::ops::words::language::said;

/// Clinics that are drawn unless all are asked for, as for paper: a page stays light.
pub(super) const MOST_ROWS: usize = 20;

pub(super) fn clinics_card(report: &Report, asked: Asked, frame: &Frame) -> Markup {
    let shown = if asked.all { report.clinics.len() } else { MOST_ROWS };
    let rest = report.clinics.len().saturating_sub(shown);
    let rows = report.clinics.iter().take(shown);
    let end = (rest > 0).then(|| {
        html! { a href={ "/adoption?week=" (report.week) "&show=all" } { (frame.t("Show all ", "Tout voir\u{a0}: ")) (frame.number(report.clinics.len() as u64)) } }
    });
    let table = table(&Table {
        caption: said!(
            frame.language(),
            "Adoption by clinic in week {}, stuck first",
            "Adoption par clinique, semaine {}, les bloquées d’abord",
            report.week.number()
        ),
        class: "wide adopt",
        cols: vec![
            col(frame.t("Clinic", "Clinique"), "", ""),
            col(frame.t("Phase", "Phase"), frame.t("Phase", "Phase"), ""),
            col(
                frame.t("Staff using it", "Personnel actif"),
                frame.t("Staff using it", "Personnel actif"),
                "",
            ),
            col(
                frame.t("Worked first time", "Du premier coup"),
                frame.t("Worked", "Réussies"),
                "num",
            ),
            Col {
                title: Some(frame.t(
                    "Tasks done, each line on its own scale",
                    "Tâches faites, chaque ligne à sa propre échelle",
                )),
                ..col(frame.t("12 weeks", "12 semaines"), "", "opt")
            },
            col(frame.t("In the way", "Ce qui gêne"), frame.t("In the way", "Ce qui gêne"), ""),
            col(frame.t("Next", "Ensuite"), frame.t("Next", "Ensuite"), ""),
        ],
        rows: rows
            .map(|clinic| Row { selected: false, cells: cells(clinic, report, asked, frame) })
            .collect(),
    });
    html! {
        // On paper it may break between rows.
        section.card.flow aria-labelledby="h-ad" {
            header {
                h2 #h-ad { (frame.t("Clinic by clinic, stuck first", "Clinique par clinique, les bloquées d’abord")) }
                @if let Some(end) = end { p.small.end { (end) } }
            }
            @if !report.clinics.is_empty() { (table) }
            @else if report.former.is_empty() { p.pad.soft { (frame.t("No clinics are registered yet.", "Aucune clinique n’est encore inscrite.")) } }
            (gone(report, asked, frame))
        }
    }
}

/// What became of clinics that are part of one that the reader does not see.
fn gone(report: &Report, asked: Asked, frame: &Frame) -> Markup {
    let year = report.week.last().year();
    html! {
        @for clinic in report.gone() {
            @if let Some(merged) = &clinic.clinic.rollout.merged {
                @let last = Week::of(merged.on).plus(-1);
                p.pad.soft {
                    (clinic.clinic.name) (frame.t(" has been part of another clinic, which you do not see, since ", " fait partie d’une autre clinique, que vous ne voyez pas, depuis le "))
                    (day(merged.on, year, frame.language())) (frame.t(". What it does now counts there; an admin can show it to you. ", ". Ce qu’elle fait maintenant compte là-bas; un administrateur peut vous la montrer. "))
                    @let page = format!("/adoption/{}?week={last}", clinic.clinic.id);
                    (leading(asked, None, &page, &html! { (frame.t("Its last week of its own", "Sa dernière semaine à elle")) }))
                }
            }
        }
    }
}

fn cells(clinic: &ClinicReport, report: &Report, asked: Asked, frame: &Frame) -> Vec<Markup> {
    let way = in_the_way(clinic, frame.language());
    let from = clinic.shown_from();
    let done = |(place, week): (usize, &Counts)| {
        if from.is_some_and(|from| place >= from) { week.deeds.done } else { 0 }
    };
    let line: Vec<u64> = clinic.weeks.iter().enumerate().map(done).collect();
    vec![
        html! {
            @let page = format!("/adoption/{}?week={}", clinic.clinic.id, report.week);
            (leading(asked, Some("rowlink"), &page, &html! { (clinic.clinic.name) }))
            @let badge = badge(clinic.standing, frame);
            @if let Some(badge) = badge { span.blk2 { (badge) } }
        },
        ladder(clinic.clinic.phase, frame),
        staff(clinic, frame),
        html! {
            @if clinic.week().deeds.ended() == 0 { span.muted { (frame.t("No tasks", "Aucune tâche")) } }
            @else if clinic.shows(0) { (first_time(&clinic.week(), frame.language())) }
            @else { span.muted { (frame.t("Fewer than 5 staff", "Moins de 5 personnes")) } }
        },
        html! {
            @if clinic.weeks.iter().all(|week| week.deeds.done == 0) { span.muted { (frame.t("None yet", "Aucune encore")) } }
            @else if let Some(from) = from { (spark_with(&line, report.known_from().max(from), &report.marks(Some(&clinic.clinic.id)))) }
        },
        html! {
            @if way.is_empty() { span.muted { (frame.t("Nothing known", "Rien de connu")) } } @else { (way) }
        },
        next(clinic, asked, frame),
    ]
}

/// The word for where a clinic stands, where it needs one.
pub(super) fn badge(standing: Standing, frame: &Frame) -> Option<Markup> {
    match standing {
        Standing::Stuck(_) => {
            Some(html! { span.badge.ink { (glyph("none")) (frame.t("Stuck", "Bloquée")) } })
        }
        Standing::Ready { .. } => Some(
            html! { span.badge.soft.k-ok { (glyph("ok")) (frame.t("Ready to move up", "Prête à avancer")) } },
        ),
        Standing::NotStarted => {
            Some(html! { span.badge.hollow { (frame.t("Not started", "Pas commencé")) } })
        }
        Standing::BeingCounted => {
            Some(html! { span.badge.hollow { (frame.t("Being counted", "En cours de calcul")) } })
        }
        Standing::OnTheWay | Standing::Live | Standing::Paused => None,
    }
}

/// The phase as steps of a ladder.
pub(super) fn ladder(of: Phase, frame: &Frame) -> Markup {
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
            (phase(of, frame.language()))
        }
    }
}

/// How many use it of those invited, with a bar.
fn staff(clinic: &ClinicReport, frame: &Frame) -> Markup {
    let Some(staff) = clinic.staff(0) else {
        return html! { span.muted { (frame.t("Fewer than 5", "Moins de 5")) } };
    };
    let invited = clinic.clinic.rollout.invited_staff;
    html! {
        span.meterrow {
            span.nowrap { (frame.number(staff)) @if let Some(of) = invited { (frame.t(" of ", " sur ")) (frame.number(of)) } }
            @if let Some(of) = invited.filter(|of| *of > 0) {
                svg.ratio height="8" width="100%" aria-hidden="true" {
                    rect.f-line width="100%" height="8" rx="2" {}
                    rect.s4 width={ ((staff * 100 / of).min(100)) "%" } height="8" rx="2" {}
                }
            }
        }
    }
}

fn next(clinic: &ClinicReport, asked: Asked, frame: &Frame) -> Markup {
    let met = |gates: &[Measured]| gates.iter().filter(|gate| gate.met).count();
    let (met, of) = (met(&clinic.gates), clinic.gates.len());
    html! {
        @match clinic.standing {
            Standing::Stuck(_) => {
                @if let Some(number) = incident(clinic).filter(|_| !asked.shared) {
                    a href={ "/incidents/" (number) } { (frame.t("See incident ", "Voir l’incident ")) (number) }
                } @else { (frame.t("Call the clinic", "Appeler la clinique")) }
            }
            Standing::Ready { next } => { (frame.t("Ready for ", "Prête pour ")) (phase(next, frame.language())) (frame.t(": ", "\u{a0}: ")) (of) (frame.t(" of ", " sur ")) (of) (frame.t(" gates met", " seuils atteints")) }
            Standing::OnTheWay => {
                (met) (frame.t(" of ", " sur ")) (of) (frame.t(" gates met", " seuils atteints"))
                @if let Some(gate) = clinic.gates.iter().find(|gate| !gate.met) {
                    small { (missing(gate, frame.language())) }
                }
            }
            Standing::Live => { (frame.t("Keep watch", "Garder l’œil")) }
            Standing::NotStarted => { (frame.t("Wait for the first task", "Attendre la première tâche")) }
            Standing::Paused => { (frame.t("Paused", "En pause")) }
            Standing::BeingCounted => { (frame.t("Wait for the count", "Attendre le calcul")) }
        }
    }
}
