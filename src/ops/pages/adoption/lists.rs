//! Who needs somebody, and what goes well: sentences, a clinic each.

use maud::{Markup, html};

use super::Asked;
use crate::domain::adoption::Standing;
use crate::domain::adoption::cohort::still_after;
use crate::domain::names::ClinicId;
use crate::ops::components::kind::Kind;
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::report::{Blocker, ClinicReport, Report};
use crate::ops::words::adoption::{day, note_kind, stuck, stuck_more};
use crate::ops::words::health::phase;
use crate::ops::words::language::{Language, said};
use crate::ops::words::{causes, endings};

/// Most clinics of one list; the table below has them all.
const MOST: usize = 6;

/// What is in a clinic's way, in a few words; empty where nothing is known.
pub(crate) fn in_the_way(clinic: &ClinicReport, language: Language) -> String {
    match &clinic.blocker {
        Some(Blocker::Incident { cause, open: true, .. }) => {
            causes::words(*cause, language).name.to_owned()
        }
        Some(Blocker::Incident { cause, .. }) => {
            said!(language, "Lately: {}", "Dernièrement : {}", causes::words(*cause, language).name)
        }
        Some(Blocker::Reason { reason, calls }) => {
            format!(
                "{}, {}",
                endings::short(*reason, language),
                language.counted(*calls, ["call", "calls"], ["appel", "appels"])
            )
        }
        None => String::new(),
    }
}

/// What kind of failure that is and since when it is there, in brackets; empty where nothing is known.
pub(super) fn kind_and_since(clinic: &ClinicReport, year: i16, language: Language) -> String {
    let (category, since) = match &clinic.blocker {
        Some(Blocker::Incident { category, since, .. }) => (*category, Some(*since)),
        Some(Blocker::Reason { reason, .. }) => (Some(reason.category()), None),
        None => return String::new(),
    };
    let kind = category.map(|category| Kind::of_category(category).word(language).to_lowercase());
    let since = since.map(|since| {
        let on = clinic.clinic.time_zone.to_datetime(since.to_jiff()).date();
        said!(language, "since {}", "depuis le {}", day(on, year, language))
    });
    let both: Vec<String> = kind.into_iter().chain(since).collect();
    if both.is_empty() { String::new() } else { format!(" ({})", both.join(", ")) }
}

/// The incident that is in a clinic's way.
pub(crate) fn incident(clinic: &ClinicReport) -> Option<i64> {
    match &clinic.blocker {
        Some(Blocker::Incident { number, .. }) => Some(*number),
        _ => None,
    }
}

/// The clinics that are stuck.
pub(super) fn needs_you(report: &Report, asked: Asked, frame: &Frame) -> Markup {
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
        frame.t("Needs you", "Ont besoin de vous"),
        None,
        &html! {
            div.pad {
                @if report.is_being_counted() { p.soft { (frame.t("Said once the week is counted.", "Dit une fois la semaine calculée.")) } }
                @else if stuck_ones.is_empty() { p.soft { (frame.t("No clinic is stuck.", "Aucune clinique n’est bloquée.")) } }
                @else {
                    ol.steps {
                        @for (clinic, why) in stuck_ones.iter().take(MOST) {
                            @let way = in_the_way(clinic, frame.language());
                            li {
                                strong { (clinic.clinic.name) " " (stuck(*why, year, frame.language())) }
                                @if !way.is_empty() { (frame.t(" In the way: ", " Ce qui gêne : ")) (way.to_lowercase()) (kind_and_since(clinic, year, frame.language())) "." }
                                small {
                                    @if clinic.shows_more_of(*why) { (stuck_more(*why, frame.language())) " " }
                                    @if !asked.shared {
                                        a href={ "/adoption/" (clinic.clinic.id) "?week=" (report.week) } {
                                            (frame.t("See the clinic", "Voir la clinique")) span.vh { " " (clinic.clinic.name) }
                                        }
                                    }
                                    @if let Some(number) = incident(clinic).filter(|_| !asked.shared) {
                                        ". " a href={ "/incidents/" (number) } { (frame.t("Incident ", "Incident ")) (number) }
                                    }
                                }
                            }
                        }
                    }
                }
                @if more > 0 { p.small.soft { (frame.t("And ", "Et ")) (frame.number(more as u64)) (frame.t(" more in the list below.", " autres dans la liste ci-dessous.")) } }
            }
        },
    )
}

/// What changed in the weeks that the lines show, where anything did.
pub(super) fn notes_card(report: &Report, frame: &Frame) -> Markup {
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
        frame.t("What changed", "Ce qui a changé"),
        None,
        &html! {
            div.pad.stack {
                p.small.soft { (frame.t("Dashed on the lines of twelve weeks.", "En tirets sur les lignes de douze semaines.")) }
                ul.bullets {
                    @for note in &report.notes {
                        @let places: Vec<String> = note.clinics.iter().filter_map(name).collect();
                        li {
                            (day(note.day, year, frame.language())) ", " (note_kind(note.kind, frame.language())) (frame.t(": ", "\u{a0}: ")) (note.text)
                            @if !places.is_empty() { ". " (places.join(", ")) }
                        }
                    }
                }
            }
        },
    )
}

/// The clinics that are ready to move up, and whether new people stay.
pub(super) fn going_well(report: &Report, asked: Asked, frame: &Frame) -> Markup {
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
        frame.t("Going well", "Va bien"),
        None,
        &html! {
            div.pad {
                @if ready.is_empty() && of == 0 { p.soft { (frame.t("No clinic is ready to move up yet.", "Aucune clinique n’est encore prête à avancer.")) } }
                ol.steps {
                    @for (clinic, next) in ready.iter().take(MOST) {
                        li {
                            strong { (clinic.clinic.name) (frame.t(" is ready to move up to ", " est prête à passer à la phase ")) (phase(*next, frame.language())) "." }
                            small {
                                (frame.t("All ", "Les ")) (clinic.gates.len()) (frame.t(" gates are met. ", " seuils sont atteints. "))
                                @if !asked.shared {
                                    a href={ "/adoption/" (clinic.clinic.id) "?week=" (report.week) } {
                                        (frame.t("See the gates", "Voir les seuils")) span.vh { (frame.t(" of ", " sur ")) (clinic.clinic.name) }
                                    }
                                }
                            }
                        }
                    }
                    @if of > 0 {
                        li {
                            strong { (frame.number(back)) (frame.t(" of ", " sur ")) (frame.number(of)) (frame.t(" new staff used it two weeks after they started.", " nouvelles personnes l’ont utilisé deux semaines après leur début.")) }
                            small { (frame.t("Of those who started in the last weeks and have had two.", "De celles qui ont commencé dans les dernières semaines et en ont eu deux.")) }
                        }
                    }
                }
                @if more > 0 { p.small.soft { (frame.t("And ", "Et ")) (frame.number(more as u64)) (frame.t(" more that are ready.", " autres qui sont prêtes.")) } }
            }
        },
    )
}
