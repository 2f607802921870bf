//! Whether clinics really use it: the figures behind the adoption report, and what follows from them.
//!
//! Calls and days come in, figures and verdicts go out; nothing here reads a clock or a store. Read in
//! this order:
//!
//! | file | rule |
//! | --- | --- |
//! | [`task`] | what people set out to do, and which calls belong to it |
//! | [`run`] | calls of one day become tasks: done, empty, failed, worked first time |
//! | [`figures`] | the tasks of many people and days become counts, each person once |
//! | [`person`] | one person under several keys |
//! | [`calendar`] | ISO weeks and months of a clinic's own calendar |
//! | [`hours`] | when a clinic is open |
//! | [`rollout`] | what is planned for a clinic |
//! | [`cohort`] | who starts, and who stays |
//! | [`small`] | groups that are too small to be shown |
//! | [`funnel`] | from being enabled to steady use |
//! | [`gates`] | what a clinic has to reach, for all, by phase or by itself |
//! | [`standing`] | gates as they are measured; who is stuck |
//! | [`sheet`] | rows for a spreadsheet |
//! | [`note`] | what changed when |
//!
//! Counts people and never names or ranks them. Does not judge whether a clinic is up right now; that
//! is [`super::health`].

pub mod calendar;
pub mod cohort;
pub mod figures;
pub mod funnel;
pub mod gates;
pub mod hours;
pub mod note;
pub mod person;
pub mod rollout;
pub mod run;
pub mod sheet;
pub mod small;
pub mod standing;
pub mod task;

pub use calendar::{Bucket, Month, Week};
pub use figures::{Counts, PersonDay, count};
pub use funnel::Firsts;
pub use gates::{GateChanges, Gates, Goals};
pub use hours::OpeningHours;
pub use note::Note;
pub use person::{Person, SamePeople};
pub use rollout::Rollout;
pub use run::{CallEnd, Deeds, StaffCall, count_day};
pub use standing::{ClinicWeeks, Standing};
pub use task::Task;
