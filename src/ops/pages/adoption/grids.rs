//! Two grids: which tasks are used where, and who stays.

use maud::{Markup, html};

use super::Asked;
use crate::domain::adoption::cohort::{Cohort, Grid};
use crate::domain::adoption::{Task, small};
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::table::dash;
use crate::ops::report::{ClinicReport, Report};
use crate::ops::words::adoption::task;
use crate::ops::words::language::{Language, said};
use crate::ops::words::times::named_in;

/// Clinics of the grid unless all are asked for.
const MOST_ROWS: usize = 12;

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

fn cell(part: u64, whole: u64, frame: &Frame) -> Markup {
    html! {
        td { span class=(step(part, whole)) { @if part == 0 { "0" } @else { (part * 100 / whole) (frame.t("%", "\u{a0}%")) } } }
    }
}

/// The share of each clinic's active staff who did each task.
pub(super) fn matrix_card(report: &Report, asked: Asked, frame: &Frame) -> Markup {
    let enough = |clinic: &&ClinicReport| clinic.week().staff >= small::LEAST && clinic.shows(0);
    let mut rows: Vec<&ClinicReport> = report.clinics.iter().filter(enough).collect();
    rows.sort_by_key(|clinic| std::cmp::Reverse((clinic.breadth(), clinic.week().staff)));
    let few = report.clinics.iter().filter(|c| c.week().staff > 0 && !enough(c)).count();
    let shown = if asked.all { rows.len() } else { MOST_ROWS.min(rows.len()) };
    let rest = rows.len() - shown;
    let hides = |clinic: &&ClinicReport| Task::ALL.iter().any(|t| clinic.staff_of(*t).is_none());
    let untold = rows.iter().take(shown).any(hides);
    card(
        "h-mx",
        &finding(&rows, frame.language()),
        None,
        &html! {
            div.pad.stack {
                p.small.soft { (frame.t("Share of each clinic’s active staff who got the task done at least once in the week", "Part du personnel actif de chaque clinique qui a accompli la tâche au moins une fois dans la semaine")) }
                @if rows.is_empty() { p.soft { (frame.t("No clinic had five or more staff at work.", "Aucune clinique n’avait cinq personnes ou plus au travail.")) } }
                @else {
                    div.tablewrap tabindex="0" role="group" aria-label=(frame.t("Tasks used, by clinic, scrolls sideways", "Tâches utilisées, par clinique, défile de côté")) {
                        table.matrix {
                            caption.vh { (frame.t("Tasks used, by clinic", "Tâches utilisées, par clinique")) }
                            thead { tr {
                                th scope="col" { (frame.t("Clinic", "Clinique")) }
                                @for each in Task::ALL { th scope="col" { (task(*each, frame.language())) } }
                            } }
                            tbody {
                                @for clinic in rows.iter().take(shown) {
                                    tr {
                                        th scope="row" { (clinic.clinic.name) }
                                        @for each in Task::ALL {
                                            @match clinic.staff_of(*each) {
                                                Some(staff) => (cell(staff, clinic.week().staff, frame)),
                                                None => td { span.c0 { (dash(frame)) } },
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                @if untold { p.small.muted { (frame.t("Where there is a dash, one to four did it, or it would be told from the others.", "Où il y a un tiret, une à quatre personnes l’ont fait, ou cela se lirait dans les autres.")) } }
                @if rest > 0 { p.small.muted { (frame.t("And ", "Et ")) (frame.number(rest as u64)) (frame.t(" more clinics, in the CSV.", " autres cliniques, dans le CSV.")) } }
                @if few > 0 {
                    p.small.muted { (frame.count(few as u64, ["clinic", "clinics"], ["clinique", "cliniques"])) (frame.t(" with fewer than 5 active staff ", " de moins de 5 personnes actives "))
                        @if few == 1 { (frame.t("is", "n’est pas montrée")) } @else { (frame.t("are", "ne sont pas montrées")) } (frame.t(" not shown.", ".")) }
                }
            }
        },
    )
}

/// The two tasks that the fewest of the active staff do.
fn finding(rows: &[&ClinicReport], language: Language) -> String {
    let staff = |each: &Task| -> u64 {
        rows.iter().filter_map(|clinic| clinic.tasks.get(each)).map(|counts| counts.staff).sum()
    };
    let all: u64 = rows.iter().map(|clinic| clinic.week().staff).sum();
    let mut tasks: Vec<Task> = Task::ALL.to_vec();
    tasks.sort_by_key(staff);
    match tasks.as_slice() {
        [first, second, ..] if staff(second) * 2 < all => {
            let name = |each: &Task| task(*each, language).replace('\u{ad}', "");
            said!(
                language,
                "{} and {} are the slow starters",
                "Les plus lents à venir : {} et {}",
                name(first),
                name(second).to_lowercase()
            )
        }
        _ => language.of("What it is used for", "À quoi cela sert").to_owned(),
    }
}

/// Who started when, and who came back.
pub(super) fn staying_card(grid: &Grid, frame: &Frame) -> Markup {
    let weeks = grid.cohorts.iter().map(|cohort| cohort.back.len()).max().unwrap_or(0);
    let (back, of) = crate::domain::adoption::cohort::still_after(grid, 2);
    let title = match of {
        0 => frame.t("Who stays", "Qui reste"),
        of if back * 3 >= of * 2 => {
            frame.t("Most staff who start, stay", "La plupart de ceux qui commencent restent")
        }
        of if back * 2 >= of => {
            frame.t("Half of the staff who start, stay", "La moitié de ceux qui commencent restent")
        }
        _ => frame.t(
            "Most staff who start do not stay",
            "La plupart de ceux qui commencent ne restent pas",
        ),
    };
    card(
        "h-rt",
        title,
        None,
        &html! {
            div.pad.stack {
                p.small.soft { (frame.t("Of the staff who first used it in that week, the share who used it again 1, 2, 3 … weeks later", "Du personnel qui l’a utilisé pour la première fois cette semaine-là, la part qui l’a réutilisé 1, 2, 3 … semaines plus tard")) }
                @if grid.cohorts.is_empty() { p.soft { (frame.t("Five or more have to start before this can be shown.", "Cinq personnes ou plus doivent commencer avant que cela puisse être montré.")) } }
                @else {
                    div.tablewrap tabindex="0" role="group" aria-label=(frame.t("Staff who came back, scrolls sideways", "Personnel revenu, défile de côté")) {
                        table.matrix {
                            caption.vh { (frame.t("Staff who came back, by week they started", "Personnel revenu, par semaine de début")) }
                            thead { tr {
                                th scope="col" { (frame.t("Started", "Début")) }
                                @for later in 0..weeks { th scope="col" { span.vh { (frame.t("Weeks later ", "Semaines plus tard\u{a0}: ")) } (later) } }
                            } }
                            tbody { @for cohort in &grid.cohorts { (cohort_row(cohort, weeks, frame)) } }
                        }
                    }
                }
                p.small.muted {
                    (frame.t("A week that isn’t over is not shown. Groups under 5 staff are merged with the next week.", "Une semaine qui n’est pas finie n’est pas montrée. Les groupes de moins de 5 sont réunis à la semaine suivante."))
                    @if grid.hidden > 0 { (frame.t(" A last group is still too small.", " Un dernier groupe est encore trop petit.")) }
                }
            }
        },
    )
}

fn cohort_row(cohort: &Cohort, weeks: usize, frame: &Frame) -> Markup {
    let day = |week: crate::domain::adoption::Week| {
        named_in(&week.first().strftime("%-d %b").to_string(), frame.language())
    };
    html! {
        tr {
            th scope="row" {
                (day(cohort.started))
                @if cohort.until != cohort.started { (frame.t(" to ", " au ")) (day(cohort.until)) }
                span.muted.cn { " " (frame.count(cohort.size(), ["person", "staff"], ["personne", "personnes"])) }
            }
            @for later in 0..weeks {
                @match cohort.back.get(later) {
                    Some(back) => (cell(*back, cohort.size(), frame)),
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
