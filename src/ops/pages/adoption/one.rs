//! The report of one clinic, drawn: its numbers, its way, its gates, its weeks and tasks.

use maud::{Markup, html};

use super::Asked;
use super::clinics::{badge, ladder};
use super::figures::{Kpi, PEOPLE, apart, compared, kpi_card};
use super::grids::staying_card;
use super::lists::{in_the_way, incident, notes_card};
use super::view::{complete, meanings, print_line, stretch, weeks};
use crate::domain::adoption::funnel::Reached;
use crate::domain::adoption::standing::Stuck;
use crate::domain::adoption::{Standing, Task, small};
use crate::ops::components::parts::{card, kv};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::report::{ClinicReport, Report, WEEKS, staff_of};
use crate::ops::words::adoption::{
    change, day, first_time, gate, measured, step, stuck, stuck_more, task,
};
use crate::ops::words::health::phase;
use crate::ops::words::language::{Language, said};
use crate::ops::words::times::named_in;

/// The page.
pub(crate) fn view(
    report: &Report,
    own: &ClinicReport,
    way: &[Reached],
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
                p { (ladder(clinic.phase, frame)) " " @if let Some(badge) = badge(own.standing, frame) { (badge) } }
            }
            div.actions {
                (weeks(&path, asked, frame))
                button.btn.primary type="button" data-print hidden { (frame.t("Print or save as PDF", "Imprimer ou enregistrer en PDF")) }
            }
        }
        (kpis(report, own, frame))
        div.g2.even { (way_card(own, way, report, frame)) (gates_card(own, frame)) }
        (weeks_card(report, own, frame))
        div.g2.even { (tasks_card(own, frame)) (staying_card(&report.grid, frame)) }
        (notes_card(report, frame))
        (meanings(frame))
    };
    Page { room: Some(Room::Adoption), title: heading, live: false, body }
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
        Standing::Live | Standing::OnTheWay => match staff_of(own) {
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

/// Whether figures of the clinic are of enough people.
fn shows(own: &ClinicReport, staff: u64) -> bool {
    staff == 0 || small::group(own.clinic.rollout.invited_staff, staff) >= small::LEAST
}

fn kpis(report: &Report, own: &ClinicReport, frame: &Frame) -> Markup {
    let (now, before) = (own.week(), own.week_before());
    let shown = shows(own, now.staff);
    let hidden = || frame.t("Fewer than 5", "Moins de 5").to_owned();
    let against = |text| compared(report, text, frame.language());
    let line = |of: &dyn Fn(&crate::domain::adoption::Counts) -> u64| {
        if shown { own.weeks.iter().map(of).collect() } else { vec![0; WEEKS] }
    };
    let invited = own.clinic.rollout.invited_staff;
    kpi_card(
        frame.t("The week in four numbers", "La semaine en quatre chiffres"),
        &[
            Kpi {
                name: frame.t("Staff using it", "Personnel qui l’utilise"),
                value: staff_of(own).map_or_else(hidden, |staff| frame.number(staff)),
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
                note: if shown && shows(own, before.staff) {
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
        report.known_from(),
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
                        @if blocked.is_empty() { (frame.t("Nothing known", "Rien de connu")) } @else { (blocked) }
                        @if let Some(number) = incident(own) { ". " a href={ "/incidents/" (number) } { (frame.t("Incident ", "Incident ")) (number) } }
                    }),
                ]))
                @if let Standing::Stuck(why) = own.standing { p.small { (stuck_more(why, frame.language())) } }
            }
        },
    )
}

fn gates_card(own: &ClinicReport, frame: &Frame) -> Markup {
    let met = own.gates.iter().filter(|gate| gate.met).count();
    let rows = own.gates.iter().map(|each| Row {
        selected: false,
        cells: vec![
            html! { (gate(each, frame.language())) },
            html! { (measured(each, frame.language())) },
            html! { span.nowrap { @if each.met { strong { (frame.t("Met", "Atteint")) } } @else { (frame.t("Not met", "Pas atteint")) } } },
        ],
    });
    let end =
        html! { (met) (frame.t(" of ", " sur ")) (own.gates.len()) (frame.t(" met", " atteints")) };
    card(
        "h-gates",
        frame.t("Gates to move up", "Seuils pour avancer"),
        Some(&end),
        &table(&Table {
            caption: frame
                .t("Gates to move up, as measured", "Seuils pour avancer, tels que mesurés")
                .to_owned(),
            class: "",
            cols: vec![
                col(frame.t("Gate", "Seuil"), "", ""),
                col(frame.t("Measured", "Mesuré"), frame.t("Measured", "Mesuré"), ""),
                col(frame.t("State", "État"), frame.t("State", "État"), ""),
            ],
            rows: rows.collect(),
        }),
    )
}

fn weeks_card(report: &Report, own: &ClinicReport, frame: &Frame) -> Markup {
    let row = |ago: usize| {
        let counts = own.weeks.iter().rev().nth(ago).copied().unwrap_or_default();
        let week = report.week.plus(-i64::try_from(ago).unwrap_or(0));
        let known = !report.is_unknown(week);
        let shown = known && shows(own, counts.staff);
        let number = |value: u64| {
            if shown {
                html! { (frame.number(value)) }
            } else {
                dash(frame)
            }
        };
        let deeds = counts.deeds;
        Row {
            selected: ago == 0,
            cells: vec![
                html! {
                    (frame.t("Week ", "Semaine ")) (week.number())
                    small { (named_in(&week.first().strftime("%-d %b").to_string(), frame.language())) }
                },
                if shown {
                    number(counts.staff)
                } else if known {
                    html! { (frame.t("Fewer than 5", "Moins de 5")) }
                } else {
                    html! { span.muted { (frame.t("Not counted", "Pas compté")) } }
                },
                number(deeds.done),
                number(deeds.empty),
                if shown {
                    html! { (first_time(&counts, frame.language())) }
                } else {
                    dash(frame)
                },
                number(deeds.failed),
                number(deeds.given_up),
                if known {
                    html! { (frame.number(counts.unknown_calls)) }
                } else {
                    dash(frame)
                },
            ],
        }
    };
    card(
        "h-weeks",
        frame.t("Week by week", "Semaine par semaine"),
        None,
        &table(&Table {
            caption: frame
                .t(
                    "The last twelve weeks, the newest first",
                    "Les douze dernières semaines, la plus récente d’abord",
                )
                .to_owned(),
            class: "wide",
            cols: vec![
                col(frame.t("Week", "Semaine"), "", ""),
                col(frame.t("Staff", "Personnel"), frame.t("Staff", "Personnel"), "num"),
                col(
                    frame.t("Tasks done", "Tâches faites"),
                    frame.t("Tasks done", "Tâches faites"),
                    "num",
                ),
                col(
                    frame.t("Nothing found", "Rien trouvé"),
                    frame.t("Nothing found", "Rien trouvé"),
                    "num opt",
                ),
                col(
                    frame.t("Worked first time", "1er coup"),
                    frame.t("Worked first time", "1er coup"),
                    "num",
                ),
                col(frame.t("Failed", "Échouées"), frame.t("Failed", "Échouées"), "num"),
                col(
                    frame.t("Given up", "Abandonnées"),
                    frame.t("Given up", "Abandonnées"),
                    "num opt",
                ),
                col(
                    frame.t("Unknown calls", "Appels inconnus"),
                    frame.t("Unknown calls", "Appels inconnus"),
                    "num opt",
                ),
            ],
            rows: (0..WEEKS).map(row).collect(),
        }),
    )
}

fn tasks_card(own: &ClinicReport, frame: &Frame) -> Markup {
    let active = own.week().staff;
    let shown = shows(own, active);
    let row = |each: &Task| {
        let counts = own.tasks.get(each).copied().unwrap_or_default();
        let number = |value: u64| {
            if shown {
                html! { (frame.number(value)) }
            } else {
                dash(frame)
            }
        };
        Row {
            selected: false,
            cells: vec![
                html! { (task(*each, frame.language()).replace('\u{ad}', "")) },
                small::shown(counts.staff, active).map_or_else(
                    || html! { (frame.t("Fewer than 5 in all", "Moins de 5 en tout")) },
                    |staff| html! { (frame.number(staff)) },
                ),
                number(counts.deeds.done),
                if shown {
                    html! { (first_time(&counts, frame.language())) }
                } else {
                    dash(frame)
                },
            ],
        }
    };
    card(
        "h-tasks",
        frame.t("What it was used for", "À quoi cela a servi"),
        None,
        &table(&Table {
            caption: frame.t("The week by task", "La semaine par tâche").to_owned(),
            class: "",
            cols: vec![
                col(frame.t("Task", "Tâche"), "", ""),
                col(frame.t("Staff", "Personnel"), frame.t("Staff", "Personnel"), "num"),
                col(frame.t("Done", "Faites"), frame.t("Done", "Faites"), "num"),
                col(
                    frame.t("Worked first time", "1er coup"),
                    frame.t("Worked first time", "1er coup"),
                    "num",
                ),
            ],
            rows: Task::ALL.iter().map(row).collect(),
        }),
    )
}
