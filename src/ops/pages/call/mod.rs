//! One call: what happened in plain words, whose move it is, and how it compares.
//!
//! Owns the page of a single event. It says what the event says; the cause is the diagnosis's.

mod facts;
pub(crate) mod view;

use crate::domain::event::Exchange;
use crate::domain::health::Tally;

/// What is shown of a call.
pub(crate) struct CallModel {
    /// The call.
    pub(crate) call: Exchange,
    /// The same task at the same clinic, in the hour around it.
    pub(crate) here: Tally,
    /// The same task at the other clinics, in the hour around it.
    pub(crate) elsewhere: Tally,
    /// When the same last worked.
    pub(crate) worked: Vec<LastWorked>,
    /// Calls just before, the nearest last.
    pub(crate) before: Vec<Exchange>,
    /// Calls just after, the nearest first.
    pub(crate) after: Vec<Exchange>,
}

/// When something last worked before or after the call.
pub(crate) struct LastWorked {
    /// The same what.
    pub(crate) same: &'static str,
    /// The call that worked.
    pub(crate) call: Option<Exchange>,
}
