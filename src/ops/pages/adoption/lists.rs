//! Who needs somebody, and what goes well: sentences, a clinic each.

use maud::{Markup, html};

use super::Asked;
use crate::domain::adoption::Standing;
use crate::domain::adoption::cohort::still_after;
use crate::domain::names::ClinicId;
use crate::ops::components::parts::card;
use crate::ops::report::{Blocker, ClinicReport, Report};
use crate::ops::words::adoption::{day, note_kind, phase, stuck, stuck_more};
use crate::ops::words::numbers::{count, counted};
use crate::ops::words::{causes, endings};

/// Most clinics of one list; the table below has them all.
const MOST: usize = 6;

/// What is in a clinic's way, in a few words; empty where nothing is known.
pub(crate) fn in_the_way(clinic: &ClinicReport) -> String {
    match &clinic.blocker {
        Some(Blocker::Incident { cause, open: true, .. }) => causes::words(*cause).name.to_owned(),
        Some(Blocker::Incident { cause, .. }) => format!("Lately: {}", causes::words(*cause).name),
        Some(Blocker::Reason { reason, calls }) => {
            format!("{}, {}", endings::short(*reason), counted(*calls, "call", "calls"))
        }
        None => String::new(),
    }
}

/// The incident that is in a clinic's way.
pub(crate) fn incident(clinic: &ClinicReport) -> Option<i64> {
    match &clinic.blocker {
        Some(Blocker::Incident { number, .. }) => Some(*number),
        _ => None,
    }
}

/// The clinics that are stuck.
pub(super) fn needs_you(report: &Report, asked: Asked) -> Markup {
    let year = report.week.last().year();
    let stuck_ones: Vec<_> = report
        .clinics
        .iter()
        .filter_map(|clinic| match clinic.standing {
            Standing::Stuck(why) => Some((clinic, why)),
            _ => None,
        })
        .collect();
    let more = stuck_ones.len().saturating_sub(MOST);
    card(
        "h-stuck",
        "Needs you",
        None,
        &html! {
            div.pad {
                @if report.is_being_counted() { p.soft { "Said once the week is counted." } }
                @else if stuck_ones.is_empty() { p.soft { "No clinic is stuck." } }
                @else {
                    ol.steps {
                        @for (clinic, why) in stuck_ones.iter().take(MOST) {
                            @let way = in_the_way(clinic);
                            li {
                                strong { (clinic.clinic.name) " " (stuck(*why, year)) }
                                @if !way.is_empty() { " In the way: " (way.to_lowercase()) "." }
                                small {
                                    @if crate::ops::report::staff_of(clinic).is_some() { (stuck_more(*why)) " " }
                                    @if !asked.shared {
                                        a href={ "/adoption/" (clinic.clinic.id) "?week=" (report.week) } {
                                            "See the clinic" span.vh { " " (clinic.clinic.name) }
                                        }
                                    }
                                    @if let Some(number) = incident(clinic).filter(|_| !asked.shared) {
                                        ". " a href={ "/incidents/" (number) } { "Incident " (number) }
                                    }
                                }
                            }
                        }
                    }
                }
                @if more > 0 { p.small.soft { "And " (count(more as u64)) " more in the list below." } }
            }
        },
    )
}

/// What changed in the weeks that the lines show, where anything did.
pub(super) fn notes_card(report: &Report) -> Markup {
    let year = report.week.last().year();
    let name = |id: &ClinicId| {
        let clinic = report.clinics.iter().find(|clinic| clinic.clinic.id == *id);
        clinic.map(|clinic| clinic.clinic.name.clone())
    };
    if report.notes.is_empty() {
        return Markup::default();
    }
    card(
        "h-notes",
        "What changed",
        None,
        &html! {
            div.pad.stack {
                p.small.soft { "Dashed on the lines of twelve weeks." }
                ul.bullets {
                    @for note in &report.notes {
                        @let places: Vec<String> = note.clinics.iter().filter_map(name).collect();
                        li {
                            (day(note.day, year)) ", " (note_kind(note.kind)) ": " (note.text)
                            @if !places.is_empty() { ". " (places.join(", ")) }
                        }
                    }
                }
            }
        },
    )
}

/// The clinics that are ready to move up, and whether new people stay.
pub(super) fn going_well(report: &Report, asked: Asked) -> Markup {
    let ready: Vec<_> = report
        .clinics
        .iter()
        .filter_map(|clinic| match clinic.standing {
            Standing::Ready { next } => Some((clinic, next)),
            _ => None,
        })
        .collect();
    let more = ready.len().saturating_sub(MOST);
    let (back, of) = still_after(&report.grid, 2);
    card(
        "h-good",
        "Going well",
        None,
        &html! {
            div.pad {
                @if ready.is_empty() && of == 0 { p.soft { "No clinic is ready to move up yet." } }
                ol.steps {
                    @for (clinic, next) in ready.iter().take(MOST) {
                        li {
                            strong { (clinic.clinic.name) " is ready to move up to " (phase(*next)) "." }
                            small {
                                "All " (clinic.gates.len()) " gates are met. "
                                @if !asked.shared {
                                    a href={ "/adoption/" (clinic.clinic.id) "?week=" (report.week) } {
                                        "See the gates" span.vh { " of " (clinic.clinic.name) }
                                    }
                                }
                            }
                        }
                    }
                    @if of > 0 {
                        li {
                            strong { (count(back)) " of " (count(of)) " new staff used it two weeks after they started." }
                            small { "Of those who started in the last weeks and have had two." }
                        }
                    }
                }
                @if more > 0 { p.small.soft { "And " (count(more as u64)) " more that are ready." } }
            }
        },
    )
}
