//! How the adoption report says things: tasks, steps, gates, what is in the way, what a word means.
//!
//! Owns the words. Rules are `crate::domain::adoption`'s.

use jiff::civil::Date;

use super::numbers::{count, counted, share};
use crate::domain::adoption::funnel::Step;
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::standing::{Gate, Measured, Stuck};
use crate::domain::adoption::{Counts, Task};
use crate::domain::registry::Phase;

/// What a task is called; the soft hyphen says where a narrow column may break it.
pub(crate) const fn task(task: Task) -> &'static str {
    match task {
        Task::FindPatient => "Find a patient",
        Task::OpenChart => "Open a chart",
        Task::SeeSchedule => "See the schedule",
        Task::Book => "Book",
        Task::ChangeAppointment => "Change an appoint\u{ad}ment",
        Task::Documents => "Docu\u{ad}ments",
        Task::Results => "Lab results",
        Task::Medications => "Medi\u{ad}cations",
    }
}

/// What a step on the way is called.
pub(crate) const fn step(step: Step) -> &'static str {
    match step {
        Step::Enabled => "Enabled",
        Step::SignedIn => "First sign-in",
        Step::Found => "First patient found",
        Step::Changed => "First change saved",
        Step::Steady => "Steady use",
    }
}

/// What a gate asks for.
pub(crate) fn gate(measured: &Measured) -> String {
    let goal = measured.goal;
    match measured.gate {
        Gate::Staff => format!("{goal}% of those invited use it"),
        Gate::FirstTime => format!("{} of tasks worked first time, each week", tenths(goal)),
        Gate::Tasks => format!("{} in use", counted(goal, "task", "tasks")),
        Gate::Steady => format!("Used on {goal} of the last 14 days"),
        Gate::NoIncident => "No open incident".to_owned(),
    }
}

/// What was measured at a gate.
pub(crate) fn measured(measured: &Measured) -> String {
    match (measured.gate, measured.value) {
        (Gate::Staff, None) => "Nobody said how many were invited".to_owned(),
        (_, None) => "Nothing to measure".to_owned(),
        (Gate::Staff, Some(percent)) => format!("{percent}%"),
        (Gate::FirstTime, Some(share)) => tenths(share),
        (Gate::Tasks | Gate::Steady, Some(number)) => count(number),
        (Gate::NoIncident, Some(0)) => "None".to_owned(),
        (Gate::NoIncident, Some(_)) => "One is open".to_owned(),
    }
}

/// A share in tenths of a percent, `98.5%`.
pub(crate) fn tenths(permille: u64) -> String {
    if permille >= 1_000 {
        "100%".to_owned()
    } else {
        format!("{}.{}%", permille / 10, permille % 10)
    }
}

/// What a kind of note is called.
pub(crate) const fn note_kind(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Release => "release",
        NoteKind::Training => "training",
        NoteKind::Phase => "phase moved",
        NoteKind::Other => "note",
    }
}

/// A gate that is missing, in a few words.
pub(crate) const fn missing(gate: Gate) -> &'static str {
    match gate {
        Gate::Staff => "more of its staff",
        Gate::FirstTime => "fewer failures",
        Gate::Tasks => "more kinds of tasks",
        Gate::Steady => "use on more days",
        Gate::NoIncident => "its incident closed",
    }
}

/// Why a clinic is stuck, as a sentence after its name.
pub(crate) fn stuck(stuck: Stuck, year: i16) -> String {
    match stuck {
        Stuck::NeverStarted { days } => {
            format!("hasn’t started. It was enabled {days} days ago.")
        }
        Stuck::NoUse { last, .. } => format!("stopped using it on {}.", day(last, year)),
        Stuck::Fewer { .. } => "is used by less than half of its usual staff.".to_owned(),
        Stuck::Failing { since } => format!("is failing since {}.", day(since, year)),
    }
}

/// What else is to be known about a clinic that is stuck.
pub(crate) fn stuck_more(stuck: Stuck) -> String {
    match stuck {
        Stuck::NeverStarted { .. } => "No task was ever done there.".to_owned(),
        Stuck::NoUse { open_days, .. } => {
            format!("{} without use.", counted(open_days, "open day", "open days"))
        }
        Stuck::Fewer { staff, before } => {
            format!("{staff} staff used it, from {before} in a usual week.")
        }
        Stuck::Failing { .. } => "Its incident is open.".to_owned(),
    }
}

/// `Wed 18 Nov`, with the year where it is another one.
pub(crate) fn day(day: Date, year: i16) -> String {
    let form = if day.year() == year { "%a %-d %b" } else { "%a %-d %b %Y" };
    day.strftime(form).to_string()
}

/// What a phase is called where it is moved up to.
pub(crate) const fn phase(phase: Phase) -> &'static str {
    super::health::phase(phase, super::language::Language::English)
}

/// The share of tasks that worked first time.
pub(crate) fn first_time(counts: &Counts) -> String {
    match counts.deeds.ended() {
        0 => "No tasks".to_owned(),
        ended => share(counts.deeds.first_time, ended),
    }
}

/// A number in words up to nine, as a sentence has it.
pub(crate) fn small(number: u64) -> String {
    const WORDS: [&str; 10] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let place = usize::try_from(number).unwrap_or(usize::MAX);
    WORDS.get(place).map_or_else(|| count(number), |word| (*word).to_owned())
}

/// How a number changed: `Up 9`, `Down 3`, `As before`.
pub(crate) fn change(now: u64, before: u64, one: &str, many: &str) -> String {
    let noun = |n: u64| if one.is_empty() { count(n) } else { counted(n, one, many) };
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => "As the week before".to_owned(),
        std::cmp::Ordering::Greater => format!("Up {} on the week before", noun(now - before)),
        std::cmp::Ordering::Less => format!("Down {} on the week before", noun(before - now)),
    }
}

/// What the words on the report mean.
pub(crate) const MEANINGS: [(&str, &str); 8] = [
    ("Using it", "got at least one task done that week, on the clinic’s own calendar."),
    (
        "Task",
        "one thing a person set out to do, however many calls it took: calls of one person for one purpose and one \
         patient, each within two minutes of the one before, on one day.",
    ),
    ("Done", "Accuro answered, also where the answer was that there is nothing."),
    ("Worked first time", "done without a failed call. Of all tasks that were done or failed."),
    (
        "Failed",
        "a call failed and none was answered. What the app gave up by itself counts as neither.",
    ),
    (
        "Staff",
        "distinct people by keyed references, never named or ranked; somebody who works at two clinics counts at each. \
         Calls of patients and of background services are left out.",
    ),
    (
        "Unknown",
        "calls for which the app did not say who made them. They are counted apart, as calls, and in no other figure.",
    ),
    (
        "Fewer than 5",
        "a figure about so few people would be about each of them, so it is not shown.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_from_what() {
        assert_eq!(change(9, 8, "person", "people"), "Up 1 person on the week before");
        assert_eq!(change(8, 1_208, "person", "people"), "Down 1,200 people on the week before");
        assert_eq!(change(8, 8, "", ""), "As the week before");
        assert_eq!([small(0), small(9), small(10)].join(" "), "no nine 10");
        assert_eq!([tenths(985), tenths(1_000), tenths(7)].join(" "), "98.5% 100% 0.7%");
    }
}
