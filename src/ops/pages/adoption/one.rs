//! The report of one clinic, drawn: its numbers and its way. Its tables are [`super::one_tables`].

use maud::{Markup, html};

use super::Asked;
use super::clinics::{badge, ladder};
use super::figures::{Kpi, PEOPLE, apart, compared, kpi_card};
use super::grids::staying_card;
use super::lists::{in_the_way, incident, kind_and_since, notes_card};
use super::one_tables::{gates_card, joined_card, tasks_card, weeks_card};
use super::view::{complete, meanings, print_line, stretch, weeks};
use crate::domain::adoption::funnel::Reached;
use crate::domain::adoption::standing::Stuck;
use crate::domain::adoption::{Standing, Task};
use crate::domain::registry::Clinic;
use crate::ops::components::parts::{card, kv};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::dash;
use crate::ops::report::{ClinicReport, Report, WEEKS};
use crate::ops::words::adoption::{change, day, first_time, step, stuck, stuck_more};
use crate::ops::words::health::phase;
use crate::ops::words::language::{Language, said};

/// The page.
pub(crate) fn view(
    report: &Report,
    own: &ClinicReport,
    way: &[Reached],
    into: Option<&Clinic>,
    asked: Asked,
    frame: &Frame,
) -> Page {
    let clinic = &own.clinic;
    let path = format!("/adoption/{}", clinic.id);
    let heading = heading(report, own, frame.language());
    let body = html! {
        (print_line(report.week, frame))
        div.pagehead {
            div {
                p.crumb { a href={ "/adoption?week=" (report.week) } { (frame.t("Adoption report", "Rapport d’adoption")) } " / " (clinic.name) }
                h1 { (heading) }
                p.soft.small {
                    (stretch(report.week, frame.language())) (frame.t(", on the clinic’s own calendar. ", ", au calendrier même de la clinique. ")) (complete(report, frame.language()))
                    " " a href={ "/clinics/" (clinic.id) } { (frame.t("How it does right now", "Comment elle va en ce moment")) }
                }
                (part_of(own, into, report, frame))
                p { (ladder(clinic.phase, frame)) " " @if let Some(badge) = badge(own.standing, frame) { (badge) } }
            }
            div.actions {
                (weeks(&path, asked, frame))
                button.btn.primary type="button" data-print hidden { (frame.t("Print or save as PDF", "Imprimer ou enregistrer en PDF")) }
            }
        }
        (kpis(report, own, frame))
        div.g2.even { (way_card(own, way, report, frame)) (gates_card(report, own, frame)) }
        (weeks_card(report, own, frame))
        div.g2.even { (tasks_card(own, frame)) (staying_card(&report.grid, frame)) }
        (joined_card(report, asked, frame))
        (notes_card(report, frame))
        (meanings(frame))
    };
    Page { room: Some(Room::Adoption), title: heading, live: false, body }
}

/// What becomes of a clinic that is part of another one after the week; `into` is that one where the reader sees it.
fn part_of(own: &ClinicReport, into: Option<&Clinic>, report: &Report, frame: &Frame) -> Markup {
    let year = report.week.last().year();
    html! {
        @if let Some(merged) = &own.clinic.rollout.merged {
            p.small {
                (frame.t("Part of ", "Réunie à "))
                @if let Some(into) = into { a href={ "/adoption/" (into.id) } { (into.name) } }
                @else { (frame.t("another clinic, which you do not see,", "une autre clinique, que vous ne voyez pas,")) }
                (frame.t(" from ", " dès le ")) (day(merged.on, year, frame.language())) (frame.t(" on.", "."))
            }
        }
    }
}

fn heading(report: &Report, own: &ClinicReport, language: Language) -> String {
    let (name, week) = (&own.clinic.name, report.week.number());
    match own.standing {
        Standing::Stuck(why) => {
            let text = format!("{name} {}", stuck(why, report.week.last().year(), language));
            match (language, why) {
                // An abbreviated month keeps its point.
                (Language::French, Stuck::NoUse { .. } | Stuck::Failing { .. }) => text,
                _ => text.trim_end_matches('.').to_owned(),
            }
        }
        Standing::Ready { next } => said!(
            language,
            "{name} is ready for {phase}",
            "{name} est prête pour la phase {phase}",
            phase = phase(next, language)
        ),
        Standing::NotStarted => {
            said!(language, "{name} has not started", "{name} n’a pas commencé")
        }
        Standing::Paused => said!(language, "{name} is paused", "{name} est en pause"),
        Standing::BeingCounted => said!(
            language,
            "{name}: week {week} is still being counted",
            "{name} : la semaine {week} est encore en cours de calcul"
        ),
        Standing::Live | Standing::OnTheWay => match own.staff(0) {
            Some(staff) => {
                let used = language.counted(staff, ["person", "people"], ["personne", "personnes"]);
                said!(
                    language,
                    "{name}: {used} used it in week {week}",
                    "{name} : utilisé par {used} dans la semaine {week}"
                )
            }
            None => said!(language, "{name} in week {week}", "{name}, semaine {week}"),
        },
    }
}

fn kpis(report: &Report, own: &ClinicReport, frame: &Frame) -> Markup {
    let (now, before) = (own.week(), own.week_before());
    let shown = own.shows(0);
    let hidden = || frame.t("Fewer than 5", "Moins de 5").to_owned();
    let against = |text| compared(report, text, frame.language());
    let from = own.shown_from();
    let line = |of: &dyn Fn(&crate::domain::adoption::Counts) -> u64| {
        let shown = from.map(|from| own.weeks.iter().skip(from).map(of));
        shown.map_or_else(
            || vec![0; WEEKS],
            |shown| vec![0; from.unwrap_or(0)].into_iter().chain(shown).collect(),
        )
    };
    // The week before was that of one of the clinics only, for some of its days at least.
    let joined = report.former.iter().find(|part| {
        let merged = part.clinic.rollout.merged.as_ref();
        merged.is_some_and(|merged| merged.on > report.week.plus(-1).first())
    });
    let this_week = |part: &&ClinicReport| {
        let merged = part.clinic.rollout.merged.as_ref();
        merged.is_some_and(|merged| merged.on >= report.week.first())
    };
    let invited = own.clinic.rollout.invited_staff;
    kpi_card(
        frame.t("The week in four numbers", "La semaine en quatre chiffres"),
        &[
            Kpi {
                name: frame.t("Staff using it", "Personnel qui l’utilise"),
                value: own.staff(0).map_or_else(hidden, |staff| frame.number(staff)),
                of: invited
                    .map(|of| {
                        said!(
                            frame.language(),
                            "of {} invited",
                            "sur {} invitées",
                            frame.number(of)
                        )
                    })
                    .unwrap_or_default(),
                note: if let Some(part) = joined.filter(|part| !this_week(part)) {
                    said!(
                        frame.language(),
                        "{} joined in the week before",
                        "{} l’a rejointe la semaine d’avant",
                        part.clinic.name
                    )
                } else if let Some(part) = joined {
                    said!(
                        frame.language(),
                        "{} joined in this week",
                        "{} l’a rejointe cette semaine",
                        part.clinic.name
                    )
                } else if shown && own.shows(1) {
                    against(change(now.staff, before.staff, Some(PEOPLE), frame.language()))
                } else {
                    String::new()
                },
                line: line(&|week| week.staff),
            },
            Kpi {
                name: frame.t("Tasks done", "Tâches faites"),
                value: if shown { frame.number(now.deeds.done) } else { hidden() },
                of: String::new(),
                note: if shown { apart(&now, frame.language()) } else { String::new() },
                line: line(&|week| week.deeds.done),
            },
            Kpi {
                name: frame.t("Worked first time", "Réussies du premier coup"),
                value: if shown { first_time(&now, frame.language()) } else { hidden() },
                of: String::new(),
                note: said!(
                    frame.language(),
                    "Given up by the app: {}",
                    "Abandonnées par l’application : {}",
                    if shown { frame.number(now.deeds.given_up) } else { hidden() }
                ),
                line: vec![0; WEEKS],
            },
            Kpi {
                name: frame.t("Used on", "Utilisé"),
                value: frame.number(own.active_days),
                of: frame.t("of the last 14 days", "des 14 derniers jours").to_owned(),
                note: said!(
                    frame.language(),
                    "For {} of {} kinds of tasks",
                    "Pour {} types de tâches sur {}",
                    own.breadth(),
                    Task::ALL.len()
                ),
                line: vec![0; WEEKS],
            },
        ],
        report.known_from().max(from.unwrap_or(0)),
        &report.marks(Some(&own.clinic.id)),
    )
}

fn way_card(own: &ClinicReport, way: &[Reached], report: &Report, frame: &Frame) -> Markup {
    let year = report.week.last().year();
    let blocked = in_the_way(own, frame.language());
    let last = own.firsts.last_done;
    card(
        "h-way",
        frame.t("From enabled to steady use", "De l’activation à l’usage régulier"),
        None,
        &html! {
            div.pad.stack {
                ol.steps {
                    @for reached in way {
                        li {
                            strong { (step(reached.step, frame.language())) }
                            small {
                                @match (reached.on, reached.after_days) {
                                    (Some(on), Some(0)) => { (day(on, year, frame.language())) }
                                    (Some(on), Some(days)) => { (day(on, year, frame.language())) (frame.t(", after ", ", après ")) (days) @if days == 1 { (frame.t(" day", " jour")) } @else { (frame.t(" days", " jours")) } }
                                    (Some(on), None) => { (day(on, year, frame.language())) }
                                    (None, _) => { (frame.t("Not yet", "Pas encore")) }
                                }
                            }
                        }
                    }
                }
                (kv(&[
                    (frame.t("Last use", "Dernier usage"), last.map_or_else(|| dash(frame), |last| html! { (day(last, year, frame.language())) })),
                    (frame.t("In the way", "Ce qui gêne"), html! {
                        @if blocked.is_empty() { (frame.t("Nothing known", "Rien de connu")) } @else { (blocked) (kind_and_since(own, year, frame.language())) }
                        @if let Some(number) = incident(own) { ". " a href={ "/incidents/" (number) } { (frame.t("Incident ", "Incident ")) (number) } }
                    }),
                ]))
                @if let Standing::Stuck(why) = own.standing && own.shows_more_of(why) { p.small { (stuck_more(why, frame.language())) } }
            }
        },
    )
}
