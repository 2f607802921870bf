//! The figures as rows of a table for a spreadsheet.
//!
//! Owns the columns and their closing against formulas. One row is one clinic and one day, week or month.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::figures::Counts;
use super::small;
use super::task::Task;
use crate::domain::registry::Clinic;

/// The figures of one clinic and stretch.
#[derive(Clone, Debug)]
pub struct Line<'c> {
    /// The clinic.
    pub clinic: &'c Clinic,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How many people the clinic had around that time, as far as they were seen.
    pub seen: u64,
    /// How many were invited by then.
    pub invited: Option<u64>,
    /// Kinds of tasks that so few did that they are not told apart.
    pub untold: BTreeSet<Task>,
    /// Of all tasks.
    pub all: Counts,
    /// Of each task.
    pub tasks: Vec<(Task, Counts)>,
}

impl Line<'_> {
    /// How many people the clinic has, as far as is known.
    #[must_use]
    pub fn group(&self) -> u64 {
        small::group(self.invited, self.seen)
    }

    /// How many used it; `None` where they are too few to be counted in the open.
    #[must_use]
    pub fn staff(&self) -> Option<u64> {
        small::shown(self.all.staff, self.group())
    }

    /// Whether the figures of a task may be told apart from those of all.
    #[must_use]
    pub fn tells(&self, task: Task) -> bool {
        self.figures().is_some() && !self.untold.contains(&task)
    }

    /// How many did a task; `None` where they are too few.
    #[must_use]
    pub fn staff_of(&self, task: Task) -> Option<u64> {
        let staff = self.of(task).staff;
        small::shown(staff, staff).filter(|_| self.tells(task))
    }

    /// The figures of a task.
    #[must_use]
    pub fn of(&self, task: Task) -> Counts {
        let found = self.tasks.iter().find(|(of, _)| *of == task);
        found.map(|(_, counts)| *counts).unwrap_or_default()
    }

    /// The figures of all tasks; those of too few people are left out.
    #[must_use]
    pub fn figures(&self) -> Option<Counts> {
        (self.all.staff == 0 || self.group() >= small::LEAST).then_some(self.all)
    }
}

/// The heads of the columns.
#[must_use]
pub fn columns() -> Vec<String> {
    let fixed = [
        "clinic",
        "name",
        "phase",
        "timezone",
        "first_day",
        "last_day",
        "staff_invited",
        "staff",
        "tasks_done",
        "nothing_found",
        "worked_first_time",
        "tasks_failed",
        "tasks_given_up",
        "changed",
        "calls",
        "unknown_calls",
    ];
    let mut heads: Vec<String> = fixed.map(str::to_owned).into();
    for task in Task::ALL {
        heads.push(format!("{task}_staff"));
        heads.push(format!("{task}_done"));
    }
    heads
}

/// The cells of a row; empty where there is nothing to say, or the group is too small.
#[must_use]
pub fn cells(line: &Line<'_>) -> Vec<String> {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let clinic = line.clinic;
    let figures = line.figures();
    let of = |value: fn(&Counts) -> u64| number(figures.as_ref().map(value));
    let mut cells = vec![
        clinic.id.to_string(),
        closed(clinic.name.clone()),
        clinic.phase.to_string(),
        clinic.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        line.first.to_string(),
        line.last.to_string(),
        number(clinic.rollout.invited_staff),
        number(line.staff()),
        of(|counts| counts.deeds.done),
        of(|counts| counts.deeds.empty),
        of(|counts| counts.deeds.first_time),
        of(|counts| counts.deeds.failed),
        of(|counts| counts.deeds.given_up),
        of(|counts| counts.deeds.changed),
        of(|counts| counts.deeds.calls),
        number(Some(line.all.unknown_calls)),
    ];
    for task in Task::ALL {
        cells.push(number(line.staff_of(*task)));
        let done = line.of(*task).deeds.done;
        cells.push(number(line.tells(*task).then_some(done)));
    }
    cells
}

/// Spreadsheets take a cell that begins like this for a formula; an apostrophe makes it text.
///
/// Source: OWASP, "CSV Injection".
fn closed(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::run::Deeds;
    use crate::domain::registry::tests::clinic;
    use jiff::civil::date;

    fn line(clinic: &Clinic, staff: u64) -> Line<'_> {
        let deeds = Deeds { done: 7, first_time: 6, ..Deeds::default() };
        let all = Counts { staff, deeds, unknown_calls: 2 };
        Line {
            clinic,
            first: date(2026, 11, 16),
            last: date(2026, 11, 22),
            seen: staff,
            invited: clinic.rollout.invited_staff,
            untold: BTreeSet::new(),
            all,
            tasks: vec![(Task::Book, Counts { staff: 1, ..all })],
        }
    }

    fn cell(line: &Line<'_>, head: &str) -> String {
        let place = columns().iter().position(|column| column == head).unwrap();
        cells(line)[place].clone()
    }

    #[test]
    fn a_row_has_a_cell_for_each_column_and_no_formula() {
        let mut clinic = clinic("maple-ridge", 1);
        for name in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"] {
            name.clone_into(&mut clinic.name);
            let line = line(&clinic, 6);
            assert_eq!(cells(&line).len(), columns().len());
            assert_eq!(cell(&line, "name"), format!("'{name}"));
        }
        "Maple Ridge, \"Family\"".clone_into(&mut clinic.name);
        assert_eq!(cell(&line(&clinic, 6), "name"), "Maple Ridge, \"Family\"");
    }

    #[test]
    fn figures_of_fewer_than_five_are_left_out() {
        let mut clinic = clinic("maple-ridge", 1);
        let few = line(&clinic, 4);
        assert_eq!([cell(&few, "staff"), cell(&few, "tasks_done")].concat(), "");
        let kinds = cells(&few)[16..].to_vec();
        assert!(kinds.iter().all(String::is_empty), "all alike, used or not: {kinds:?}");
        clinic.rollout.invited_staff = Some(12);
        let some = line(&clinic, 4);
        assert_eq!((cell(&some, "staff"), cell(&some, "tasks_done")), ("4".into(), "7".into()));
        assert_eq!(cell(&some, "book_staff"), "", "one of four");
        assert_eq!(cell(&line(&clinic, 5), "book_staff"), "", "one of five");
        assert_eq!(cell(&line(&clinic, 5), "results_staff"), "0", "nobody is no secret");
        let untold = Line { untold: [Task::Book].into(), ..line(&clinic, 9) };
        assert_eq!(
            (cell(&untold, "book_done"), cell(&untold, "results_done")),
            (String::new(), "0".into())
        );
        clinic.rollout.invited_staff = None;
        let in_a_large_month = Line { seen: 9, ..line(&clinic, 4) };
        assert_eq!(cell(&in_a_large_month, "staff"), "4", "four of nine");
        let in_a_small_month = Line { seen: 4, ..line(&clinic, 5) };
        assert_eq!(cell(&in_a_small_month, "tasks_done"), "", "or the month less this one");
        let none = Line { all: Counts::default(), tasks: vec![], ..line(&clinic, 0) };
        assert_eq!((cell(&none, "staff"), cell(&none, "tasks_done")), ("0".into(), "0".into()));
    }
}
