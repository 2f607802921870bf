//! One clinic: its state, its day, its tasks, its problems, how it is connected.
//!
//! Owns what is shown about a clinic. Counts only: nothing here is about one person.

mod cards;
pub(crate) mod view;

use crate::domain::health::Tally;
use crate::domain::labels::Context;
use crate::domain::names::OperationName;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// Half hours that the clinic's strip shows.
pub(crate) const SLOTS: usize = 48;
/// Days that a task's line shows.
pub(crate) const DAYS: usize = 14;

/// What is known of one clinic besides the [`crate::ops::reading::Reading`].
#[derive(Default)]
pub(crate) struct Detail {
    /// The start of the first of [`SLOTS`] half hours.
    pub(crate) first_slot: Option<Timestamp>,
    /// The half hours.
    pub(crate) slots: Vec<Tally>,
    /// Its tasks, the most used first.
    pub(crate) tasks: Vec<TaskFigures>,
    /// What failed in the last seven days, the most first.
    pub(crate) problems: Vec<Problem>,
    /// Kinds of sign-in seen in the last day, with their calls.
    pub(crate) contexts: Vec<(Context, u64)>,
    /// Its first call ever.
    pub(crate) first_call: Option<Timestamp>,
}

/// The figures of one task.
pub(crate) struct TaskFigures {
    /// Which.
    pub(crate) operation: OperationName,
    /// Since the trouble began, or in the last hour.
    pub(crate) recent: Tally,
    /// In the last day.
    pub(crate) day: Tally,
    /// When it last worked.
    pub(crate) last_worked: Option<Timestamp>,
    /// Calls of each of the last [`DAYS`] days.
    pub(crate) by_day: Vec<u64>,
}

/// One way in which calls failed.
pub(crate) struct Problem {
    /// Why.
    pub(crate) reason: Reason,
    /// The tasks that it hit, the most hit first.
    pub(crate) operations: Vec<OperationName>,
    /// How many calls.
    pub(crate) calls: u64,
    /// The hour of the first one.
    pub(crate) first: Timestamp,
    /// The hour of the last one.
    pub(crate) last: Timestamp,
}
