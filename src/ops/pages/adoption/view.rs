//! The report of all clinics, drawn.
//!
//! Owns the head, the comparison of phases and what the words mean.

use maud::{Markup, html};

use super::Asked;
use super::clinics::clinics_card;
use super::figures::{kpis, shows_staff, staff, without};
use super::grids::{matrix_card, staying_card};
use super::lists::{going_well, needs_you, notes_card};
use super::sharing::{Sharing, sharing_card};
use crate::domain::adoption::{Standing, Week, small as small_group};
use crate::domain::registry::Phase;
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::report::groups::Sum;
use crate::ops::report::{ClinicReport, Report};
use crate::ops::words::adoption::{MEANINGS, day, first_time, small};
use crate::ops::words::health::phase;
use crate::ops::words::language::{Language, said};
use crate::ops::words::times::named_in;

/// The page.
pub(crate) fn view(
    report: &Report,
    asked: Asked,
    sharing: Option<&Sharing>,
    frame: &Frame,
) -> Page {
    let heading = heading(report, frame.language());
    let body = html! {
        (print_line(report.week, frame))
        div.pagehead {
            div {
                p.crumb { (frame.t("Adoption report", "Rapport d’adoption")) }
                h1 { (heading) }
                p.soft.small { (stretch(report.week, frame.language())) (frame.t(", each clinic on its own calendar. ", ", chaque clinique à son propre calendrier. ")) (complete(report, frame.language())) }
            }
            div.actions {
                @if !asked.shared {
                    (weeks("/adoption", asked, frame))
                    a.btn href={ "/adoption.csv?week=" (report.week) } { "CSV" }
                }
                @if sharing.is_some() { a.btn href="#share" { (frame.t("Share", "Partager")) } }
                button.btn.primary type="button" data-print hidden { (frame.t("Print or save as PDF", "Imprimer ou enregistrer en PDF")) }
            }
        }
        (kpis(report, frame))
        div.g2.even { (needs_you(report, asked, frame)) (going_well(report, asked, frame)) }
        (clinics_card(report, asked, frame))
        (matrix_card(report, asked, frame))
        div.g2.even.printstack {
            (staying_card(&report.grid, frame))
            @if !report.clinics.is_empty() { (phases_card(report, frame)) }
        }
        (notes_card(report, frame))
        @if let Some(sharing) = sharing { (sharing_card(sharing, asked, frame)) }
        (meanings(frame))
    };
    Page { room: Some(Room::Adoption), title: heading, live: false, body }
}

/// What the week was, in a sentence.
pub(crate) fn heading(report: &Report, language: Language) -> String {
    let (using, of) = (report.clinics_using(0), report.clinics.len() as u64);
    let stuck = report.clinics.iter().filter(|c| matches!(c.standing, Standing::Stuck(_))).count();
    let so_far = if report.over { "" } else { language.of(" so far", ", jusqu’ici") };
    let number = report.week.number();
    if report.is_being_counted() {
        return said!(
            language,
            "Week {number} is still being counted",
            "La semaine {number} est encore en cours de calcul"
        );
    }
    let word = |number: u64| small(number, language);
    let used = match (using, of) {
        (_, 0) => without_clinics(report, language),
        (0, _) => language.of("no clinic used it", "aucune clinique ne l’a utilisé").to_owned(),
        (using, of) if using == of && of > 1 => {
            said!(language, "all {} clinics used it", "les {} cliniques l’ont utilisé", word(of))
        }
        (using, of) => {
            let (some, all) = (word(using), word(of));
            match (language, using, of) {
                (Language::English, _, 1) => format!("{some} of {all} clinic used it"),
                (Language::English, ..) => format!("{some} of {all} clinics used it"),
                (Language::French, 1, _) => format!("{some} clinique sur {all} l’a utilisé"),
                (Language::French, ..) => format!("{some} cliniques sur {all} l’ont utilisé"),
            }
        }
    };
    match stuck as u64 {
        0 => said!(language, "Week {number}{so_far}: {used}", "Semaine {number}{so_far} : {used}"),
        1 => said!(
            language,
            "Week {number}{so_far}: {used}. One is stuck",
            "Semaine {number}{so_far} : {used}. Une est bloquée"
        ),
        stuck => said!(
            language,
            "Week {number}{so_far}: {used}. {stuck} are stuck",
            "Semaine {number}{so_far} : {used}. {stuck} sont bloquées",
            stuck = capital(&word(stuck))
        ),
    }
}

/// What is to be said where no clinic has figures of its own.
fn without_clinics(report: &Report, language: Language) -> String {
    let year = report.week.last().year();
    let since =
        |one: &ClinicReport| Some(day(one.clinic.rollout.merged.as_ref()?.on, year, language));
    match &report.gone()[..] {
        [] => language.of("no clinics are registered", "aucune clinique n’est inscrite").to_owned(),
        [one] => said!(
            language,
            "{name} has been part of another clinic since {since}",
            "{name} fait partie d’une autre clinique depuis le {since}",
            name = one.clinic.name,
            since = since(one).unwrap_or_default()
        ),
        some => said!(
            language,
            "{} clinics are part of others",
            "{} cliniques font partie d’autres",
            small(some.len() as u64, language)
        ),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// `Mon 16 to Sun 22 November 2026`.
pub(crate) fn stretch(week: Week, language: Language) -> String {
    let day = |text: String| named_in(&text, language);
    said!(
        language,
        "{first} to {last}",
        "Du {first} au {last}",
        first = day(week.first().strftime("%a %-d %b").to_string()),
        last = day(week.last().strftime("%a %-d %b %Y").to_string())
    )
}

/// The line that stands on paper.
pub(super) fn print_line(week: Week, frame: &Frame) -> Markup {
    html! {
        p.printonly.small {
            (frame.t("accuscope adoption report (", "Rapport d’adoption accuscope (")) (frame.environment)
            (frame.t("). Week ", "). Semaine ")) (week.number()) ", " (stretch(week, frame.language()))
            (frame.t(". Printed ", ". Imprimé ")) (frame.home.day(frame.now, frame.now)) ", " (frame.home.clock(frame.now)) " "
            (frame.home.label)
            (frame.t(". No patient or staff names in this report.", ". Aucun nom de patient ou de personnel dans ce rapport."))
        }
    }
}

/// Whether everything is counted.
pub(crate) fn complete(report: &Report, language: Language) -> String {
    let from = match report.counted_from {
        Some(from) if from > report.week.first() => said!(
            language,
            " Counted since {day}.",
            " Compté depuis le {day}.",
            day = named_in(&from.strftime("%-d %b %Y").to_string(), language)
        ),
        None if report.all_due > 0 => language
            .of(
                " What was recorded is still being counted.",
                " Ce qui est enregistré est encore en cours de calcul.",
            )
            .to_owned(),
        None => language.of(" Nothing is counted yet.", " Rien n’est encore compté.").to_owned(),
        Some(_) => String::new(),
    };
    let due = match report.days_due {
        days if !report.over && days > 0 => said!(
            language,
            "The week is not over, and is still being counted: {days} to go.",
            "La semaine n’est pas finie et encore en cours de calcul : reste {days}.",
            days = language.counted(
                days,
                ["day of a clinic", "days of a clinic"],
                ["jour de clinique", "jours de clinique"]
            )
        ),
        _ if !report.over => language
            .of(
                "The week is not over, so figures still grow.",
                "La semaine n’est pas finie; les chiffres augmentent donc encore.",
            )
            .to_owned(),
        0 => language
            .of(
                "Every call that was recorded is counted.",
                "Tous les appels enregistrés sont comptés.",
            )
            .to_owned(),
        days => said!(
            language,
            "{days} of a clinic are being counted.",
            "{days} de clinique en cours de calcul.",
            days = language.counted(days, ["day", "days"], ["jour", "jours"])
        ),
    };
    format!("{due}{from}")
}

/// The week before, this one, and the one that is running.
pub(super) fn weeks(path: &str, asked: Asked, frame: &Frame) -> Markup {
    let link = |week: Week, text: String, current: bool| {
        html! {
            a href={ (path) "?week=" (week) } aria-current=[current.then_some("true")] { (text) }
        }
    };
    let name = |week: Week| {
        if week == asked.running {
            frame.t("This week so far", "Cette semaine jusqu’ici").to_owned()
        } else {
            said!(frame.language(), "Week {}", "Semaine {}", week.number())
        }
    };
    let (before, after) = (asked.week.plus(-1), asked.week.plus(1));
    html! {
        nav.seg aria-label=(frame.t("Week", "Semaine")) {
            (link(before, name(before), false))
            (link(asked.week, name(asked.week), true))
            @if asked.week < asked.running { (link(after, name(after), false)) }
            @if after < asked.running { (link(asked.running, name(asked.running), false)) }
        }
    }
}

fn phases_card(report: &Report, frame: &Frame) -> Markup {
    let of = |phase: &Phase| {
        let clinics: Vec<_> = report.clinics.iter().filter(|c| c.clinic.phase == *phase).collect();
        let invited: u64 = clinics.iter().filter_map(|c| c.clinic.rollout.invited_staff).sum();
        (clinics.len() as u64, report.of_phase(*phase), invited)
    };
    let row = |of_phase: &Phase| {
        let (clinics, Sum { counts: sum, left_out }, invited) = of(of_phase);
        let per_person = (sum.staff >= small_group::LEAST).then(|| sum.deeds.done / sum.staff);
        Row {
            selected: false,
            cells: vec![
                html! { (phase(*of_phase, frame.language())) },
                html! { (frame.number(clinics)) },
                html! {
                    (staff(sum.staff, invited, frame.language()))
                    @if invited > 0 && shows_staff(sum.staff, invited) { (frame.t(" of ", " sur ")) (frame.number(invited)) }
                },
                html! {
                    (frame.number(sum.deeds.done))
                    @if left_out > 0 { small { (without(left_out, frame.language())) } }
                },
                per_person.map_or_else(|| dash(frame), |tasks| html! { (frame.number(tasks)) }),
                html! { (first_time(&sum, frame.language())) },
            ],
        }
    };
    let there: Vec<&Phase> = Phase::ALL.iter().filter(|phase| of(phase).0 > 0).collect();
    card(
        "h-phases",
        frame.t("Phase by phase", "Phase par phase"),
        None,
        &table(&Table {
            caption: frame.t("The week by phase", "La semaine par phase").to_owned(),
            class: "",
            cols: vec![
                col(frame.t("Phase", "Phase"), "", ""),
                col(frame.t("Clinics", "Cliniques"), frame.t("Clinics", "Cliniques"), "num"),
                col(
                    frame.t("Staff using it", "Personnel"),
                    frame.t("Staff using it", "Personnel"),
                    "num",
                ),
                col(frame.t("Tasks done", "Tâches"), frame.t("Tasks done", "Tâches"), "num"),
                col(frame.t("Tasks each", "Chacun"), frame.t("Tasks each", "Chacun"), "num opt"),
                col(
                    frame.t("Worked first time", "1er coup"),
                    frame.t("Worked first time", "1er coup"),
                    "num",
                ),
            ],
            rows: there.into_iter().map(row).collect(),
        }),
    )
}

/// What the words on the page mean.
pub(super) fn meanings(frame: &Frame) -> Markup {
    html! {
        footer.foot {
            p {
                strong { (frame.t("What the words mean. ", "Ce que les mots veulent dire. ")) }
                @for [english, french] in MEANINGS {
                    @let (word, meaning) = frame.language().of(english, french);
                    b { (word) (frame.t(":", "\u{a0}:")) } " " (meaning) " "
                }
            }
            p { (frame.t("Staff are counted, never named or ranked.", "Le personnel est compté, jamais nommé ni classé.")) }
        }
    }
}
