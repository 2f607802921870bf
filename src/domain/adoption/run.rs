//! From calls to tasks: a person's run of calls to one end is one task, however many calls it took.
//!
//! Owns where a run begins and ends and what it came to. Calls belong to one run if they are of one
//! person, one task and one patient (or none), and each begins within two minutes of the one before. A
//! run ends at midnight of the clinic's calendar, so that a day can be counted by itself. The order in
//! which calls are given, and whether they come late, make no difference.

use std::collections::BTreeMap;
use std::time::Duration;

use super::person::Person;
use super::task::Task;
use crate::domain::labels::{Category, Context};
use crate::domain::reason::Ending;
use crate::domain::time::Timestamp;

/// A call that begins later than this after the one before begins another run.
pub const PAUSE: Duration = Duration::from_mins(2);

/// How one call counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallEnd {
    /// Accuro did what was asked.
    Worked,
    /// Accuro answered that there is nothing.
    Nothing,
    /// It did not work.
    Failed,
    /// The app hung up first.
    GivenUp,
}

impl CallEnd {
    /// How an ending counts.
    #[must_use]
    pub fn of(ending: Ending) -> Self {
        match (ending, ending.category()) {
            (Ending::Ok, _) => Self::Worked,
            (Ending::Aborted, _) => Self::GivenUp,
            (_, Some(Category::NotFound)) => Self::Nothing,
            _ => Self::Failed,
        }
    }
}

/// Whether calls of a context are staff at work: not a patient's own, and not a background service's.
#[must_use]
pub const fn is_staff(context: Context) -> bool {
    match context {
        Context::Provider | Context::NoToken | Context::Unknown => true,
        Context::Patient | Context::Client => false,
    }
}

/// One call of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffCall {
    /// When it began.
    pub at: Timestamp,
    /// To what end.
    pub task: Task,
    /// Who; `None` where the app does not say.
    pub person: Option<Person>,
    /// About which patient, by the digest of the reference.
    pub patient: Option<Person>,
    /// How it ended.
    pub end: CallEnd,
    /// Whether it could change the chart.
    pub mutation: bool,
}

/// What somebody, or everybody, did. Each is a number of tasks unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Calls.
    pub calls: u64,
    /// Done: at least one call got an answer, also if the answer was that there is nothing.
    pub done: u64,
    /// Of those done, the ones in which there was nothing.
    pub empty: u64,
    /// Of those done, the ones without a failed call.
    pub first_time: u64,
    /// Failed: some call failed and none got an answer.
    pub failed: u64,
    /// The app hung up on every call.
    pub given_up: u64,
    /// Of those done, the ones that changed something.
    pub changed: u64,
}

impl Deeds {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.done += other.done;
        self.empty += other.empty;
        self.first_time += other.first_time;
        self.failed += other.failed;
        self.given_up += other.given_up;
        self.changed += other.changed;
    }

    /// Tasks that came to an end: what a share is a share of.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        self.done + self.failed
    }
}

/// What is known of a run so far.
#[expect(clippy::struct_excessive_bools, reason = "four questions that are answered apart")]
#[derive(Clone, Copy, Default)]
struct Run {
    calls: u64,
    worked: bool,
    nothing: bool,
    failed: bool,
    changed: bool,
}

impl Run {
    fn take(&mut self, call: &StaffCall) {
        self.calls += 1;
        match call.end {
            CallEnd::Worked => {
                self.worked = true;
                self.changed |= call.mutation;
            }
            CallEnd::Nothing => self.nothing = true,
            CallEnd::Failed => self.failed = true,
            CallEnd::GivenUp => {}
        }
    }

    fn deeds(self) -> Deeds {
        let done = self.worked || self.nothing;
        let one = u64::from;
        Deeds {
            calls: self.calls,
            done: one(done),
            empty: one(self.nothing && !self.worked),
            first_time: one(done && !self.failed),
            failed: one(self.failed && !done),
            given_up: one(!self.failed && !done),
            changed: one(self.changed),
        }
    }
}

/// Counts one day of one clinic: what each person did of each task. Calls without a person make no
/// tasks, since nobody can tell which of them belong together; they are only counted.
#[must_use]
pub fn count_day(mut calls: Vec<StaffCall>) -> BTreeMap<(Task, Option<Person>), Deeds> {
    calls.sort_by_key(|call| (call.person, call.task, call.patient, call.at));
    let mut found: BTreeMap<(Task, Option<Person>), Deeds> = BTreeMap::new();
    let mut rest = &calls[..];
    while let Some(first) = rest.first() {
        let whose = |call: &StaffCall| (call.person, call.task, call.patient);
        let goes_on = |pair: &[StaffCall]| {
            whose(&pair[0]) == whose(&pair[1]) && pair[1].at.since(pair[0].at) <= PAUSE
        };
        let length = 1 + rest.windows(2).take_while(|pair| goes_on(pair)).count();
        let (calls, others) = rest.split_at(length);
        rest = others;
        let mut run = Run::default();
        for call in calls {
            run.take(call);
        }
        let deeds = match first.person {
            Some(_) => run.deeds(),
            None => Deeds { calls: run.calls, ..Deeds::default() },
        };
        found.entry((first.task, first.person)).or_default().add(&deeds);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::Reason;
    use proptest::prelude::*;

    const WHO: Option<Person> = Some(Person([1; 17]));

    fn call(second: i64, end: CallEnd) -> StaffCall {
        StaffCall {
            at: Timestamp::from_seconds(second),
            task: Task::OpenChart,
            person: WHO,
            patient: Some(Person([9; 17])),
            end,
            mutation: false,
        }
    }

    fn deeds(calls: Vec<StaffCall>) -> Deeds {
        count_day(calls).remove(&(Task::OpenChart, WHO)).unwrap_or_default()
    }

    #[test]
    fn a_run_is_one_task_and_says_what_it_came_to() {
        use CallEnd::{Failed, GivenUp, Nothing, Worked};
        //                     calls, done, empty, first time, failed, given up
        for (ends, expected) in [
            (&[Worked][..], [1, 1, 0, 1, 0, 0]),
            (&[Nothing], [1, 1, 1, 1, 0, 0]),
            (&[Nothing, Worked], [2, 1, 0, 1, 0, 0]),
            (&[Failed, Worked], [2, 1, 0, 0, 0, 0]),
            (&[Worked, Failed], [2, 1, 0, 0, 0, 0]),
            (&[Failed, Failed, Nothing], [3, 1, 1, 0, 0, 0]),
            (&[Failed], [1, 0, 0, 0, 1, 0]),
            (&[GivenUp], [1, 0, 0, 0, 0, 1]),
            (&[GivenUp, Worked], [2, 1, 0, 1, 0, 0]),
            (&[GivenUp, Failed], [2, 0, 0, 0, 1, 0]),
        ] {
            let calls = (0..).zip(ends).map(|(n, end)| call(n * 60, *end)).collect();
            let d = deeds(calls);
            let found = [d.calls, d.done, d.empty, d.first_time, d.failed, d.given_up];
            assert_eq!(found, expected, "{ends:?}");
        }
    }

    #[test]
    fn two_minutes_another_patient_or_another_person_begin_another_task() {
        let ok = |second| call(second, CallEnd::Worked);
        assert_eq!(deeds(vec![ok(0), ok(120), ok(240)]).done, 1, "each within two minutes");
        assert_eq!(deeds(vec![ok(0), ok(121)]).done, 2);
        let other = StaffCall { patient: Some(Person([8; 17])), ..ok(1) };
        assert_eq!(deeds(vec![ok(0), other, ok(2)]).done, 2);
        let colleague = StaffCall { person: Some(Person([2; 17])), ..ok(1) };
        assert_eq!(deeds(vec![ok(0), colleague, ok(2)]).done, 1);
    }

    #[test]
    fn a_change_counts_where_it_worked() {
        let write = |end| StaffCall { mutation: true, ..call(0, end) };
        assert_eq!(deeds(vec![write(CallEnd::Worked)]).changed, 1);
        assert_eq!(deeds(vec![write(CallEnd::Failed), call(1, CallEnd::Worked)]).changed, 0);
    }

    #[test]
    fn calls_of_nobody_are_counted_and_make_no_task() {
        let nobody = StaffCall { person: None, ..call(0, CallEnd::Worked) };
        let found = count_day(vec![nobody, nobody]);
        let expected = Deeds { calls: 2, ..Deeds::default() };
        assert_eq!(found.get(&(Task::OpenChart, None)), Some(&expected));
    }

    #[test]
    fn nothing_found_is_no_failure_and_hanging_up_is_neither() {
        for (ending, end) in [
            (Ending::Ok, CallEnd::Worked),
            (Ending::Empty, CallEnd::Nothing),
            (Ending::failed(Reason::NotFound), CallEnd::Nothing),
            (Ending::failed(Reason::Forbidden), CallEnd::Failed),
            (Ending::failed(Reason::RateLimit), CallEnd::Failed),
            (Ending::Aborted, CallEnd::GivenUp),
        ] {
            assert_eq!(CallEnd::of(ending), end, "{ending:?}");
        }
    }

    proptest! {
        /// In whatever order they come, the same calls are the same tasks; no call is lost.
        #[test]
        fn the_order_makes_no_difference(
            calls in prop::collection::vec((0i64..900, 0u8..3, 0u8..2, 0u8..4), 0..60),
            turn in 0usize..60,
        ) {
            let made: Vec<StaffCall> = calls.iter().map(|(second, who, patient, end)| StaffCall {
                person: (*who > 0).then_some(Person([*who; 17])),
                patient: Some(Person([*patient; 17])),
                ..call(*second, [CallEnd::Worked, CallEnd::Nothing, CallEnd::Failed, CallEnd::GivenUp][usize::from(*end)])
            }).collect();
            let mut turned = made.clone();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            let counted = count_day(made.clone());
            prop_assert_eq!(&counted, &count_day(turned));
            prop_assert_eq!(counted.values().map(|d| d.calls).sum::<u64>(), made.len() as u64);
        }
    }
}
