//! The report of one clinic, drawn: its numbers, its way, its gates, its weeks and tasks.

use maud::{Markup, html};

use super::Asked;
use super::clinics::{badge, ladder};
use super::grids::staying_card;
use super::lists::{in_the_way, incident, notes_card};
use super::view::{Kpi, apart, compared, complete, kpi_card, meanings, print_line, stretch, weeks};
use crate::domain::adoption::funnel::Reached;
use crate::domain::adoption::{Standing, Task, small};
use crate::ops::components::parts::{card, kv};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::report::{ClinicReport, Report, WEEKS, staff_of};
use crate::ops::words::adoption::{
    change, day, first_time, gate, measured, phase, step, stuck, stuck_more, task,
};
use crate::ops::words::numbers::{count, counted};

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
    let heading = heading(report, own);
    let body = html! {
        (print_line(report.week, frame))
        div.pagehead {
            div {
                p.crumb { a href={ "/adoption?week=" (report.week) } { "Adoption report" } " / " (clinic.name) }
                h1 { (heading) }
                p.soft.small {
                    (stretch(report.week)) ", on the clinic’s own calendar. " (complete(report))
                    " " a href={ "/clinics/" (clinic.id) } { "How it does right now" }
                }
                p { (ladder(clinic.phase)) " " @if let Some(badge) = badge(own.standing) { (badge) } }
            }
            div.actions {
                (weeks(&path, asked))
                button.btn.primary type="button" data-print hidden { "Print or save as PDF" }
            }
        }
        (kpis(report, own))
        div.g2.even { (way_card(own, way, report)) (gates_card(own)) }
        (weeks_card(report, own))
        div.g2.even { (tasks_card(own)) (staying_card(&report.grid)) }
        (notes_card(report))
        (meanings())
    };
    Page { room: Some(Room::Adoption), title: heading, live: false, body }
}

fn heading(report: &Report, own: &ClinicReport) -> String {
    let name = &own.clinic.name;
    match own.standing {
        Standing::Stuck(why) => format!("{name} {}", stuck(why, report.week.last().year()))
            .trim_end_matches('.')
            .to_owned(),
        Standing::Ready { next } => format!("{name} is ready for {}", phase(next)),
        Standing::NotStarted => format!("{name} has not started"),
        Standing::Paused => format!("{name} is paused"),
        Standing::BeingCounted => {
            format!("{name}: week {} is still being counted", report.week.number())
        }
        Standing::Live | Standing::OnTheWay => match staff_of(own) {
            Some(staff) => {
                let used = counted(staff, "person", "people");
                format!("{name}: {used} used it in week {}", report.week.number())
            }
            None => format!("{name} in week {}", report.week.number()),
        },
    }
}

/// Whether figures of the clinic are of enough people.
fn shows(own: &ClinicReport, staff: u64) -> bool {
    staff == 0 || small::group(own.clinic.rollout.invited_staff, staff) >= small::LEAST
}

fn kpis(report: &Report, own: &ClinicReport) -> Markup {
    let (now, before) = (own.week(), own.week_before());
    let shown = shows(own, now.staff);
    let hidden = || "Fewer than 5".to_owned();
    let against = |text| compared(report, text);
    let line = |of: &dyn Fn(&crate::domain::adoption::Counts) -> u64| {
        if shown { own.weeks.iter().map(of).collect() } else { vec![0; WEEKS] }
    };
    let invited = own.clinic.rollout.invited_staff;
    kpi_card(
        "The week in four numbers",
        &[
            Kpi {
                name: "Staff using it",
                value: staff_of(own).map_or_else(hidden, count),
                of: invited.map(|of| format!("of {} invited", count(of))).unwrap_or_default(),
                note: if shown && shows(own, before.staff) {
                    against(change(now.staff, before.staff, "person", "people"))
                } else {
                    String::new()
                },
                line: line(&|week| week.staff),
            },
            Kpi {
                name: "Tasks done",
                value: if shown { count(now.deeds.done) } else { hidden() },
                of: String::new(),
                note: if shown { apart(&now) } else { String::new() },
                line: line(&|week| week.deeds.done),
            },
            Kpi {
                name: "Worked first time",
                value: if shown { first_time(&now) } else { hidden() },
                of: String::new(),
                note: format!(
                    "Given up by the app: {}",
                    if shown { count(now.deeds.given_up) } else { hidden() }
                ),
                line: vec![0; WEEKS],
            },
            Kpi {
                name: "Used on",
                value: count(own.active_days),
                of: "of the last 14 days".to_owned(),
                note: format!("For {} of {} kinds of tasks", own.breadth(), Task::ALL.len()),
                line: vec![0; WEEKS],
            },
        ],
        report.known_from(),
        &report.marks(Some(&own.clinic.id)),
    )
}

fn way_card(own: &ClinicReport, way: &[Reached], report: &Report) -> Markup {
    let year = report.week.last().year();
    let blocked = in_the_way(own);
    let last = own.firsts.last_done;
    card(
        "h-way",
        "From enabled to steady use",
        None,
        &html! {
            div.pad.stack {
                ol.steps {
                    @for reached in way {
                        li {
                            strong { (step(reached.step)) }
                            small {
                                @match (reached.on, reached.after_days) {
                                    (Some(on), Some(0)) => { (day(on, year)) }
                                    (Some(on), Some(days)) => { (day(on, year)) ", after " (days) @if days == 1 { " day" } @else { " days" } }
                                    (Some(on), None) => { (day(on, year)) }
                                    (None, _) => { "Not yet" }
                                }
                            }
                        }
                    }
                }
                (kv(&[
                    ("Last use", last.map_or_else(dash, |last| html! { (day(last, year)) })),
                    ("In the way", html! {
                        @if blocked.is_empty() { "Nothing known" } @else { (blocked) }
                        @if let Some(number) = incident(own) { ". " a href={ "/incidents/" (number) } { "Incident " (number) } }
                    }),
                ]))
                @if let Standing::Stuck(why) = own.standing { p.small { (stuck_more(why)) } }
            }
        },
    )
}

fn gates_card(own: &ClinicReport) -> Markup {
    let met = own.gates.iter().filter(|gate| gate.met).count();
    let rows = own.gates.iter().map(|each| Row {
        selected: false,
        cells: vec![
            html! { (gate(each)) },
            html! { (measured(each)) },
            html! { span.nowrap { @if each.met { strong { "Met" } } @else { "Not met" } } },
        ],
    });
    let end = html! { (met) " of " (own.gates.len()) " met" };
    card(
        "h-gates",
        "Gates to move up",
        Some(&end),
        &table(&Table {
            caption: "Gates to move up, as measured".to_owned(),
            class: "",
            cols: vec![
                col("Gate", "", ""),
                col("Measured", "Measured", ""),
                col("State", "State", ""),
            ],
            rows: rows.collect(),
        }),
    )
}

fn weeks_card(report: &Report, own: &ClinicReport) -> Markup {
    let row = |ago: usize| {
        let counts = own.weeks.iter().rev().nth(ago).copied().unwrap_or_default();
        let week = report.week.plus(-i64::try_from(ago).unwrap_or(0));
        let known = !report.is_unknown(week);
        let shown = known && shows(own, counts.staff);
        let number = |value: u64| {
            if shown {
                html! { (count(value)) }
            } else {
                dash()
            }
        };
        let deeds = counts.deeds;
        Row {
            selected: ago == 0,
            cells: vec![
                html! { "Week " (week.number()) small { (week.first().strftime("%-d %b")) } },
                if shown {
                    number(counts.staff)
                } else if known {
                    html! { "Fewer than 5" }
                } else {
                    html! { span.muted { "Not counted" } }
                },
                number(deeds.done),
                number(deeds.empty),
                if shown {
                    html! { (first_time(&counts)) }
                } else {
                    dash()
                },
                number(deeds.failed),
                number(deeds.given_up),
                if known {
                    html! { (count(counts.unknown_calls)) }
                } else {
                    dash()
                },
            ],
        }
    };
    card(
        "h-weeks",
        "Week by week",
        None,
        &table(&Table {
            caption: "The last twelve weeks, the newest first".to_owned(),
            class: "wide",
            cols: vec![
                col("Week", "", ""),
                col("Staff", "Staff", "num"),
                col("Tasks done", "Tasks done", "num"),
                col("Nothing found", "Nothing found", "num opt"),
                col("Worked first time", "Worked first time", "num"),
                col("Failed", "Failed", "num"),
                col("Given up", "Given up", "num opt"),
                col("Unknown calls", "Unknown calls", "num opt"),
            ],
            rows: (0..WEEKS).map(row).collect(),
        }),
    )
}

fn tasks_card(own: &ClinicReport) -> Markup {
    let active = own.week().staff;
    let shown = shows(own, active);
    let row = |each: &Task| {
        let counts = own.tasks.get(each).copied().unwrap_or_default();
        let number = |value: u64| {
            if shown {
                html! { (count(value)) }
            } else {
                dash()
            }
        };
        Row {
            selected: false,
            cells: vec![
                html! { (task(*each).replace('\u{ad}', "")) },
                small::shown(counts.staff, active).map_or_else(
                    || html! { "Fewer than 5 in all" },
                    |staff| html! { (count(staff)) },
                ),
                number(counts.deeds.done),
                if shown {
                    html! { (first_time(&counts)) }
                } else {
                    dash()
                },
            ],
        }
    };
    card(
        "h-tasks",
        "What it was used for",
        None,
        &table(&Table {
            caption: "The week by task".to_owned(),
            class: "",
            cols: vec![
                col("Task", "", ""),
                col("Staff", "Staff", "num"),
                col("Done", "Done", "num"),
                col("Worked first time", "Worked first time", "num"),
            ],
            rows: Task::ALL.iter().map(row).collect(),
        }),
    )
}
