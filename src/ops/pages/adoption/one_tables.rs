//! The tables of one clinic's report: its gates, its weeks, its tasks, and what it was before clinics became one.

use maud::{Markup, html};

use super::Asked;
use crate::domain::adoption::Task;
use crate::domain::adoption::gates::SetFor;
use crate::domain::adoption::standing::{Gate, Measured};
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::report::{ClinicReport, Report, WEEKS};
use crate::ops::words::adoption::{day, first_time, gate, measured, task};
use crate::ops::words::health::phase;
use crate::ops::words::language::said;
use crate::ops::words::times::named_in;

/// Weeks of a clinic that is part of another one.
const MOST_BEFORE: usize = 4;

/// What was measured at a gate, where it is not about too few people.
fn value(own: &ClinicReport, each: &Measured, frame: &Frame) -> String {
    let of_people = matches!(each.gate, Gate::Staff | Gate::FirstTime);
    let weeks = match each.gate {
        Gate::FirstTime => usize::try_from(own.goals.weeks).unwrap_or(WEEKS),
        _ => 1,
    };
    if of_people && each.value.is_some() && !(0..weeks).all(|ago| own.shows(ago)) {
        return frame.t("Fewer than 5", "Moins de 5").to_owned();
    }
    measured(each, frame.language())
}

/// Whose threshold it is, where it is not everybody's.
fn whose(report: &Report, own: &ClinicReport, each: Gate, frame: &Frame) -> Option<String> {
    match report.goals.set_for(&own.clinic, each) {
        SetFor::All => None,
        SetFor::Clinic => Some(frame.t("Its own threshold", "Son propre seuil").to_owned()),
        SetFor::Phase => Some(said!(
            frame.language(),
            "For clinics in {}",
            "Pour les cliniques à l’étape {}",
            phase(own.clinic.phase, frame.language())
        )),
    }
}

pub(super) fn gates_card(report: &Report, own: &ClinicReport, frame: &Frame) -> Markup {
    let met = own.gates.iter().filter(|gate| gate.met).count();
    let rows = own.gates.iter().map(|each| Row {
        selected: false,
        cells: vec![
            html! {
                (gate(each, own.goals.weeks, frame.language()))
                @if let Some(whose) = whose(report, own, each.gate, frame) { small { (whose) } }
            },
            html! { (value(own, each, frame)) },
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

pub(super) fn weeks_card(report: &Report, own: &ClinicReport, frame: &Frame) -> Markup {
    let row = |ago: usize| {
        let counts = own.weeks.iter().rev().nth(ago).copied().unwrap_or_default();
        let week = report.week.plus(-i64::try_from(ago).unwrap_or(0));
        let known = !report.is_unknown(week);
        let shown = known && own.shows(ago);
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

pub(super) fn tasks_card(own: &ClinicReport, frame: &Frame) -> Markup {
    let row = |each: &Task| {
        let counts = own.tasks.get(each).copied().unwrap_or_default();
        let told = own.tells(*each);
        Row {
            selected: false,
            cells: vec![
                html! { (task(*each, frame.language()).replace('\u{ad}', "")) },
                match (own.staff_of(*each), told || !own.shows(0)) {
                    (Some(staff), _) => html! { (frame.number(staff)) },
                    (None, true) => html! { (frame.t("Fewer than 5", "Moins de 5")) },
                    (None, false) => html! { (frame.t("Not shown", "Pas montré")) },
                },
                if told {
                    html! { (frame.number(counts.deeds.done)) }
                } else {
                    dash(frame)
                },
                if told {
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
        &html! { (table(&Table {
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
        }))
        @if own.shows(0) && !own.untold.is_empty() {
            p.pad.small.muted { (frame.t("Not shown are tasks that fewer than 5 did in the month, and one more, so that they are not what is left of the sum.", "Pas montrées\u{a0}: les tâches que moins de 5 personnes ont faites dans le mois, et une de plus, pour qu’elles ne soient pas ce qui reste de la somme.")) }
        } },
    )
}

/// The clinics that became part of it: since when, and their own weeks before that.
pub(super) fn joined_card(report: &Report, asked: Asked, frame: &Frame) -> Markup {
    if report.former.is_empty() {
        return Markup::default();
    }
    let year = report.week.last().year();
    let rows = report.former.iter().flat_map(|part| {
        let before = (0..WEEKS).filter(|ago| part.weeks[WEEKS - 1 - ago] != <_>::default());
        before.take(MOST_BEFORE).map(move |ago| (part, ago))
    });
    let row = |(part, ago): (&ClinicReport, usize)| {
        let week = report.week.plus(-i64::try_from(ago).unwrap_or(0));
        let counts = part.weeks[WEEKS - 1 - ago];
        Row {
            selected: false,
            cells: vec![
                html! {
                    // The week of the merger has no page of its own.
                    @if part.clinic.rollout.merged.as_ref().is_none_or(|merged| week.last() < merged.on) {
                        a href={ "/adoption/" (part.clinic.id) "?week=" (week) } { (part.clinic.name) }
                    } @else { (part.clinic.name) }
                },
                html! { (frame.t("Week ", "Semaine ")) (week.number()) },
                part.staff(ago).map_or_else(
                    || html! { (frame.t("Fewer than 5", "Moins de 5")) },
                    |staff| html! { (frame.number(staff)) },
                ),
                if part.shows(ago) {
                    html! { (frame.number(counts.deeds.done)) }
                } else {
                    dash(frame)
                },
                if part.shows(ago) {
                    html! { (first_time(&counts, frame.language())) }
                } else {
                    dash(frame)
                },
            ],
        }
    };
    let rows: Vec<Row> = rows.map(row).collect();
    card(
        "h-joined",
        frame.t("What became part of it", "Ce qui l’a rejointe"),
        None,
        &html! {
            div.pad.stack {
                ul.bullets {
                    @for part in &report.former {
                        @if let Some(merged) = &part.clinic.rollout.merged {
                            li { (part.clinic.name) (frame.t(", since ", ", depuis le ")) (day(merged.on, year, frame.language())) }
                        }
                    }
                }
                p.small.soft {
                    (frame.t("From that day on, every day counts here, each person of all of them once as far as they were seen since. The days before stay each clinic’s own, in the week and month of the merger as well, and those who began there are looked for wherever they are now. Whoever was at both in the week of the merger counts at each, and once in the sums over all clinics where each has enough people:", "Dès ce jour, chaque jour compte ici, chaque personne de toutes une fois pour autant qu’elle a été vue depuis. Les jours d’avant restent à chacune, dans la semaine et le mois de la fusion aussi, et qui y a commencé est cherché là où il est maintenant. Qui était aux deux dans la semaine de la fusion compte à chacune, et une fois dans les sommes de toutes les cliniques où chacune a assez de personnes\u{a0}:"))
                    @if rows.is_empty() { " " (frame.t("nothing in these twelve weeks.", "rien dans ces douze semaines.")) }
                }
            }
            @if !rows.is_empty() && !asked.shared {
                (table(&Table {
                    caption: frame.t("Weeks before, the newest first", "Les semaines d’avant, la plus récente d’abord").to_owned(),
                    class: "",
                    cols: vec![
                        col(frame.t("Clinic", "Clinique"), "", ""),
                        col(frame.t("Week", "Semaine"), frame.t("Week", "Semaine"), ""),
                        col(frame.t("Staff", "Personnel"), frame.t("Staff", "Personnel"), "num"),
                        col(frame.t("Tasks done", "Tâches faites"), frame.t("Tasks done", "Tâches faites"), "num"),
                        col(frame.t("Worked first time", "1er coup"), frame.t("Worked first time", "1er coup"), "num"),
                    ],
                    rows,
                }))
            }
        },
    )
}
