//! From what holds now to what happens to incidents.
//!
//! Owns opening, hysteresis and reopening. Everything it needs is in the incidents themselves and in
//! the findings, so two instances that share a store come to the same changes.

use std::time::Duration;

use super::{End, Finding, Incident};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// An incident is closed once its rule has not held for so long, and calls have come since.
pub const CLOSE_AFTER: Duration = Duration::from_secs(45);
/// Without any call, nobody knows whether it is over; after so long it is closed all the same.
pub const QUIET_AFTER: Duration = Duration::from_mins(15);
/// What comes back within so long is the same incident.
pub const REOPEN_WITHIN: Duration = Duration::from_mins(15);

/// What happens to incidents.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new one.
    Open(Finding),
    /// An open one still holds.
    Sight(i64, Finding),
    /// A closed one is back.
    Reopen(i64, Finding),
    /// An open one is over.
    Close(i64, End),
}

/// A moment, and when calls last came.
#[derive(Clone, Copy)]
pub struct Moment<'m> {
    /// The moment.
    pub now: Timestamp,
    /// When the last call of a clinic, or of any clinic, ended.
    pub last_call: &'m dyn Fn(Option<&ClinicId>) -> Option<Timestamp>,
}

/// What happens to the known incidents (all open ones, and those closed within [`REOPEN_WITHIN`])
/// given what holds now.
#[must_use]
pub fn step(known: &[Incident], findings: &[Finding], moment: Moment<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut sighted = Vec::new();
    for finding in findings {
        if findings.iter().any(|wider| wider.key.explains(&finding.key)) {
            continue;
        }
        let mut open = known.iter().filter(|incident| incident.is_open());
        // A narrower finding of what is open keeps it open.
        if let Some(same) = open.clone().find(|open| open.key.covers(&finding.key)) {
            if !sighted.contains(&same.number) {
                sighted.push(same.number);
                changes.push(Change::Sight(same.number, finding.clone()));
            }
            continue;
        }
        // While the wider trouble is not over, its last clinics are no incidents of their own.
        if open.any(|wider| wider.key.explains(&finding.key)) {
            continue;
        }
        let back = known.iter().filter(|closed| {
            closed.key == finding.key
                && closed.end != Some(End::Explained)
                && closed.closed_at.is_some_and(|at| moment.now.since(at) <= REOPEN_WITHIN)
        });
        changes.push(match back.max_by_key(|closed| closed.closed_at) {
            Some(closed) => Change::Reopen(closed.number, finding.clone()),
            None => Change::Open(finding.clone()),
        });
    }
    for open in known.iter().filter(|open| open.is_open() && !sighted.contains(&open.number)) {
        if let Some(end) = over(open, findings, moment) {
            changes.push(Change::Close(open.number, end));
        }
    }
    changes
}

/// Whether an open incident that was not seen is over.
fn over(open: &Incident, findings: &[Finding], moment: Moment<'_>) -> Option<End> {
    if findings.iter().any(|wider| wider.key.explains(&open.key)) {
        return Some(End::Explained);
    }
    let unseen = moment.now.since(open.last_seen);
    let called = (moment.last_call)(open.key.clinic.as_ref()).is_some_and(|at| at > open.last_seen);
    if unseen >= CLOSE_AFTER && called {
        Some(End::Recovered)
    } else if unseen >= QUIET_AFTER {
        Some(End::NoCalls)
    } else {
        None
    }
}
