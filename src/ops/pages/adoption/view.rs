//! The report of all clinics, drawn.
//!
//! Owns the head, the four numbers, the comparison of phases and what the words mean.

use maud::{Markup, html};

use super::Asked;
use super::clinics::clinics_card;
use super::grids::{matrix_card, staying_card};
use super::lists::{going_well, needs_you, notes_card};
use super::sharing::{Sharing, sharing_card};
use crate::domain::adoption::standing::first_time_permille;
use crate::domain::adoption::{Counts, Standing, Week, small as small_group};
use crate::domain::registry::Phase;
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::spark::spark_with;
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::report::{Report, series};
use crate::ops::words::adoption::{MEANINGS, change, first_time, phase, small, tenths};
use crate::ops::words::numbers::{count, counted};

/// The page.
pub(crate) fn view(
    report: &Report,
    asked: Asked,
    sharing: Option<&Sharing>,
    frame: &Frame,
) -> Page {
    let heading = heading(report);
    let body = html! {
        (print_line(report.week, frame))
        div.pagehead {
            div {
                p.crumb { "Adoption report" }
                h1 { (heading) }
                p.soft.small { (stretch(report.week)) ", each clinic on its own calendar. " (complete(report)) }
            }
            div.actions {
                @if !asked.shared {
                    (weeks("/adoption", asked))
                    a.btn href={ "/adoption.csv?week=" (report.week) } { "CSV" }
                }
                @if sharing.is_some() { a.btn href="#share" { "Share" } }
                button.btn.primary type="button" data-print hidden { "Print or save as PDF" }
            }
        }
        (kpis(report))
        div.g2.even { (needs_you(report, asked)) (going_well(report, asked)) }
        (clinics_card(report, asked))
        (matrix_card(report, asked))
        div.g2.even.printstack {
            (staying_card(&report.grid))
            @if !report.clinics.is_empty() { (phases_card(report)) }
        }
        (notes_card(report))
        @if let Some(sharing) = sharing { (sharing_card(sharing, asked, frame)) }
        (meanings())
    };
    Page { room: Some(Room::Adoption), title: heading, live: false, body }
}

/// What the week was, in a sentence.
pub(crate) fn heading(report: &Report) -> String {
    let (using, of) = (report.clinics_using(0), report.clinics.len() as u64);
    let stuck = report.clinics.iter().filter(|c| matches!(c.standing, Standing::Stuck(_))).count();
    let so_far = if report.over { "" } else { " so far" };
    if report.is_being_counted() {
        return format!("Week {} is still being counted", report.week.number());
    }
    let used = match (using, of) {
        (_, 0) => "no clinics are registered".to_owned(),
        (0, _) => "no clinic used it".to_owned(),
        (using, of) if using == of && of > 1 => format!("all {} clinics used it", small(of)),
        (using, of) => format!("{} of {} used it", small(using), counted_words(of)),
    };
    let number = report.week.number();
    match stuck as u64 {
        0 => format!("Week {number}{so_far}: {used}"),
        1 => format!("Week {number}{so_far}: {used}. One is stuck"),
        stuck => format!("Week {number}{so_far}: {used}. {} are stuck", capital(&small(stuck))),
    }
}

fn counted_words(clinics: u64) -> String {
    format!("{} {}", small(clinics), if clinics == 1 { "clinic" } else { "clinics" })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// `Mon 16 to Sun 22 November 2026`.
pub(crate) fn stretch(week: Week) -> String {
    format!("{} to {}", week.first().strftime("%a %-d %b"), week.last().strftime("%a %-d %b %Y"))
}

/// The line that stands on paper.
pub(super) fn print_line(week: Week, frame: &Frame) -> Markup {
    html! {
        p.printonly.small {
            "accuscope adoption report (" (frame.environment) "). Week " (week.number()) ", " (stretch(week))
            ". Printed " (frame.home.day(frame.now, frame.now)) ", " (frame.home.clock(frame.now)) " "
            (frame.home.label) ". No patient or staff names in this report."
        }
    }
}

/// Whether everything is counted.
pub(crate) fn complete(report: &Report) -> String {
    let from = match report.counted_from {
        Some(from) if from > report.week.first() => {
            format!(" Counted since {}.", from.strftime("%-d %b %Y"))
        }
        None => " Nothing is counted yet.".to_owned(),
        Some(_) => String::new(),
    };
    let due = match report.days_due {
        _ if !report.over => "The week is not over, so figures still grow.".to_owned(),
        0 => "Every call that was recorded is counted.".to_owned(),
        days => format!("{} of a clinic are being counted.", counted(days, "day", "days")),
    };
    format!("{due}{from}")
}

/// The week before, this one, and the one that is running.
pub(super) fn weeks(path: &str, asked: Asked) -> Markup {
    let link = |week: Week, text: String, current: bool| {
        html! {
            a href={ (path) "?week=" (week) } aria-current=[current.then_some("true")] { (text) }
        }
    };
    let name = |week: Week| {
        if week == asked.running {
            "This week so far".to_owned()
        } else {
            format!("Week {}", week.number())
        }
    };
    let (before, after) = (asked.week.plus(-1), asked.week.plus(1));
    html! {
        nav.seg aria-label="Week" {
            (link(before, name(before), false))
            (link(asked.week, name(asked.week), true))
            @if asked.week < asked.running { (link(after, name(after), false)) }
            @if after < asked.running { (link(asked.running, name(asked.running), false)) }
        }
    }
}

/// One of the numbers at the top: what, the value, what it is of, how it changed, and its line.
pub(crate) struct Kpi {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) of: String,
    pub(crate) note: String,
    pub(crate) line: Vec<u64>,
}

/// Numbers beside each other.
pub(super) fn kpi_card(label: &str, kpis: &[Kpi], known_from: usize, marks: &[usize]) -> Markup {
    html! {
        section.card aria-label=(label) {
            dl.kpis {
                @for kpi in kpis {
                    div.kpi {
                        dt { (kpi.name) }
                        dd.v { (kpi.value) @if !kpi.of.is_empty() { " " small { (kpi.of) } } }
                        dd.n { (kpi.note) }
                        @if kpi.line.iter().any(|value| *value > 0) {
                            dd.sp12 aria-hidden="true" { (spark_with(&kpi.line, known_from, marks)) }
                        }
                    }
                }
            }
        }
    }
}

fn kpis(report: &Report) -> Markup {
    let marks = report.marks(None);
    kpi_card("The week in four numbers", &four(report), report.known_from(), &marks)
}

/// The four numbers.
pub(crate) fn four(report: &Report) -> [Kpi; 4] {
    let (now, before) = (report.total(0), report.total(1));
    let (using, used) = (report.clinics_using(0), report.clinics_using(1));
    let against = |text| compared(report, text);
    let invited = report.invited();
    let percent = (now.staff * 100).checked_div(invited);
    let share = percent.map(|percent| format!("{percent}%. ")).unwrap_or_default();
    let shown = shows_staff(now.staff, invited);
    let goal = format!("Goal {}", tenths(report.goals.first_time_permille));
    [
        Kpi {
            name: "Clinics using it",
            value: count(using),
            of: format!("of {}", count(report.clinics.len() as u64)),
            note: against(change(using, used, "", "")),
            line: series(|ago| report.clinics_using(ago)),
        },
        Kpi {
            name: "Staff using it",
            value: staff(now.staff, invited),
            of: if shown && invited > 0 {
                format!("of {} invited", count(invited))
            } else {
                String::new()
            },
            note: if shown {
                format!("{share}{}", against(change(now.staff, before.staff, "person", "people")))
            } else {
                String::new()
            },
            line: if shown { series(|ago| report.total(ago).staff) } else { Vec::new() },
        },
        Kpi {
            name: "Tasks done",
            value: count(now.deeds.done),
            of: String::new(),
            note: format!(
                "{}. {}",
                against(change(now.deeds.done, before.deeds.done, "", "")),
                apart(&now)
            ),
            line: series(|ago| report.total(ago).deeds.done),
        },
        Kpi {
            name: "Worked first time",
            value: first_time(&now),
            of: String::new(),
            note: goal,
            line: series(|ago| first_time_permille(&report.total(ago)).unwrap_or(0)),
        },
    ]
}

/// Whether so few are at work in so few clinics that a count of them would be about each of them.
fn shows_staff(staff: u64, invited: u64) -> bool {
    small_group::shown(staff, small_group::group(Some(invited), staff)).is_some()
}

/// How many use it, where they are enough to say.
fn staff(staff: u64, invited: u64) -> String {
    if shows_staff(staff, invited) { count(staff) } else { "Fewer than 5".to_owned() }
}

/// How a number compares with the week before, where that can be said.
pub(super) fn compared(report: &Report, change: String) -> String {
    match (report.over, report.has_week_before()) {
        (false, _) => "The week is not over".to_owned(),
        _ if report.days_due > 0 => "Still being counted".to_owned(),
        (true, false) => "Nothing to compare with yet".to_owned(),
        (true, true) => change,
    }
}

/// What is told apart from the tasks that were done.
pub(super) fn apart(counts: &Counts) -> String {
    let found_nothing = format!("Nothing found in {}", count(counts.deeds.empty));
    let failed = format!("{} failed", count(counts.deeds.failed));
    if counts.unknown_calls == 0 {
        return format!("{found_nothing}, {failed}");
    }
    format!("{found_nothing}, {failed}, {} unknown", counted(counts.unknown_calls, "call", "calls"))
}

fn phases_card(report: &Report) -> Markup {
    let of = |phase: &Phase| {
        let clinics: Vec<_> = report.clinics.iter().filter(|c| c.clinic.phase == *phase).collect();
        let mut sum = Counts::default();
        for clinic in &clinics {
            sum.add(&clinic.week());
        }
        let invited: u64 = clinics.iter().filter_map(|c| c.clinic.rollout.invited_staff).sum();
        (clinics.len() as u64, sum, invited)
    };
    let row = |of_phase: &Phase| {
        let (clinics, sum, invited) = of(of_phase);
        let per_person = (sum.staff >= small_group::LEAST).then(|| sum.deeds.done / sum.staff);
        Row {
            selected: false,
            cells: vec![
                html! { (phase(*of_phase)) },
                html! { (count(clinics)) },
                html! {
                    (staff(sum.staff, invited))
                    @if invited > 0 && shows_staff(sum.staff, invited) { " of " (count(invited)) }
                },
                html! { (count(sum.deeds.done)) },
                per_person.map_or_else(dash, |tasks| html! { (count(tasks)) }),
                html! { (first_time(&sum)) },
            ],
        }
    };
    let there: Vec<&Phase> = Phase::ALL.iter().filter(|phase| of(phase).0 > 0).collect();
    card(
        "h-phases",
        "Phase by phase",
        None,
        &table(&Table {
            caption: "The week by phase".to_owned(),
            class: "",
            cols: vec![
                col("Phase", "", ""),
                col("Clinics", "Clinics", "num"),
                col("Staff using it", "Staff using it", "num"),
                col("Tasks done", "Tasks done", "num"),
                col("Tasks each", "Tasks each", "num opt"),
                col("Worked first time", "Worked first time", "num"),
            ],
            rows: there.into_iter().map(row).collect(),
        }),
    )
}

/// What the words on the page mean.
pub(super) fn meanings() -> Markup {
    html! {
        footer.foot {
            p {
                strong { "What the words mean. " }
                @for (word, meaning) in MEANINGS { b { (word) ":" } " " (meaning) " " }
            }
            p { "Staff are counted, never named or ranked." }
        }
    }
}
