//! Two grids: which tasks are used where, and who stays.

use maud::{Markup, html};

use super::Asked;
use crate::domain::adoption::cohort::{Cohort, Grid};
use crate::domain::adoption::{Task, small};
use crate::ops::components::parts::card;
use crate::ops::report::{ClinicReport, Report};
use crate::ops::words::adoption::task;
use crate::ops::words::numbers::{count, counted};

/// Clinics of the grid unless all are asked for.
const MOST_ROWS: usize = 40;

/// The class of a share: six steps of one colour, none of them a failure's.
const fn step(part: u64, whole: u64) -> &'static str {
    let percent = match whole {
        0 => 0,
        whole => part * 100 / whole,
    };
    match percent {
        0 => "c0",
        1..=20 => "c1",
        21..=45 => "c2",
        46..=69 => "c3",
        70..=89 => "c4",
        _ => "c5",
    }
}

fn cell(part: u64, whole: u64) -> Markup {
    html! {
        td { span class=(step(part, whole)) { @if part == 0 { "0" } @else { (part * 100 / whole) "%" } } }
    }
}

/// The share of each clinic's active staff who did each task.
pub(super) fn matrix_card(report: &Report, asked: Asked) -> Markup {
    let mut rows: Vec<&ClinicReport> =
        report.clinics.iter().filter(|clinic| clinic.week().staff >= small::LEAST).collect();
    rows.sort_by_key(|clinic| std::cmp::Reverse((clinic.breadth(), clinic.week().staff)));
    let few = report.clinics.iter().filter(|c| (1..small::LEAST).contains(&c.week().staff)).count();
    let shown = if asked.all { rows.len() } else { MOST_ROWS.min(rows.len()) };
    let rest = rows.len() - shown;
    card(
        "h-mx",
        &finding(&rows),
        None,
        &html! {
            div.pad.stack {
                p.small.soft { "Share of each clinic’s active staff who got the task done at least once in the week" }
                @if rows.is_empty() { p.soft { "No clinic had five or more staff at work." } }
                @else {
                    div.tablewrap tabindex="0" role="group" aria-label="Tasks used, by clinic, scrolls sideways" {
                        table.matrix {
                            caption.vh { "Tasks used, by clinic" }
                            thead { tr {
                                th scope="col" { "Clinic" }
                                @for each in Task::ALL { th scope="col" { (task(*each)) } }
                            } }
                            tbody {
                                @for clinic in rows.iter().take(shown) {
                                    tr {
                                        th scope="row" { (clinic.clinic.name) }
                                        @for each in Task::ALL {
                                            @let staff = clinic.tasks.get(each).map_or(0, |counts| counts.staff);
                                            (cell(staff, clinic.week().staff))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                @if rest > 0 { p.small.muted { "And " (count(rest as u64)) " more clinics, in the CSV." } }
                @if few > 0 {
                    p.small.muted { (counted(few as u64, "clinic", "clinics")) " with fewer than 5 active staff "
                        @if few == 1 { "is" } @else { "are" } " not shown." }
                }
            }
        },
    )
}

/// The two tasks that the fewest of the active staff do.
fn finding(rows: &[&ClinicReport]) -> String {
    let staff = |each: &Task| -> u64 {
        rows.iter().filter_map(|clinic| clinic.tasks.get(each)).map(|counts| counts.staff).sum()
    };
    let all: u64 = rows.iter().map(|clinic| clinic.week().staff).sum();
    let mut tasks: Vec<Task> = Task::ALL.to_vec();
    tasks.sort_by_key(staff);
    match tasks.as_slice() {
        [first, second, ..] if staff(second) * 2 < all => {
            let name = |each: &Task| task(*each).replace('\u{ad}', "");
            format!("{} and {} are the slow starters", name(first), name(second).to_lowercase())
        }
        _ => "What it is used for".to_owned(),
    }
}

/// Who started when, and who came back.
pub(super) fn staying_card(grid: &Grid) -> Markup {
    let weeks = grid.cohorts.iter().map(|cohort| cohort.back.len()).max().unwrap_or(0);
    let (back, of) = crate::domain::adoption::cohort::still_after(grid, 2);
    let title = match of {
        0 => "Who stays",
        of if back * 3 >= of * 2 => "Most staff who start, stay",
        of if back * 2 >= of => "Half of the staff who start, stay",
        _ => "Most staff who start do not stay",
    };
    card(
        "h-rt",
        title,
        None,
        &html! {
            div.pad.stack {
                p.small.soft { "Of the staff who first used it in that week, the share who used it again 1, 2, 3 … weeks later" }
                @if grid.cohorts.is_empty() { p.soft { "Five or more have to start before this can be shown." } }
                @else {
                    div.tablewrap tabindex="0" role="group" aria-label="Staff who came back, scrolls sideways" {
                        table.matrix {
                            caption.vh { "Staff who came back, by week they started" }
                            thead { tr {
                                th scope="col" { "Started" }
                                @for later in 0..weeks { th scope="col" { span.vh { "Weeks later " } (later) } }
                            } }
                            tbody { @for cohort in &grid.cohorts { (cohort_row(cohort, weeks)) } }
                        }
                    }
                }
                p.small.muted {
                    "A week that isn’t over is not shown. Groups under 5 staff are merged with the next week."
                    @if grid.hidden > 0 { " A last group is still too small." }
                }
            }
        },
    )
}

fn cohort_row(cohort: &Cohort, weeks: usize) -> Markup {
    let day = |week: crate::domain::adoption::Week| week.first().strftime("%-d %b").to_string();
    html! {
        tr {
            th scope="row" {
                (day(cohort.started))
                @if cohort.until != cohort.started { " to " (day(cohort.until)) }
                span.muted.cn { " " (counted(cohort.size(), "person", "staff")) }
            }
            @for later in 0..weeks {
                @match cohort.back.get(later) {
                    Some(back) => (cell(*back, cohort.size())),
                    None => td {},
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_one_of_six_steps() {
        let found =
            [(0, 0), (0, 9), (1, 9), (4, 9), (5, 9), (7, 9), (9, 9)].map(|(n, of)| step(n, of));
        assert_eq!(found, ["c0", "c0", "c1", "c2", "c3", "c4", "c5"]);
    }
}
