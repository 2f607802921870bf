//! A row of bad calls of one sort at one clinic: since when, how many of how many, and whether it is
//! over.
//!
//! Owns the decay. A row is over when so many good calls followed the last bad one that chance alone
//! would give them less than once in a hundred times (2 where all fail, 16 where one in four does),
//! or when no bad call came for as long as three of the clinic's calls take, at least two minutes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::evidence::{ClinicCalls, ended_at};
use crate::diagnosis::segment::{self, Mark};
use crate::diagnosis::symptom::{Lack, Symptom};
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::cause::Cause;
use crate::domain::names::OperationName;
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

/// What bad calls have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Errors, no answer, no connection.
    Down,
    /// Answered, and much later than usual.
    Slow,
    /// Refused: 401, 403, sign-ins included.
    Refused,
    /// Sign-ins refused.
    Grants,
    /// Not accepted.
    Invalid,
    /// Answered in a form that cannot be read.
    Garbled,
    /// Too many.
    TooMany,
    /// accuscope's own failures.
    Ours,
    /// accuscope's own rules.
    Rule,
}

/// Slow is twice of what one call in twenty usually takes longer than, and at least this.
const SLOW_TIMES: u64 = 2;
const SLOW_LEAST_US: u64 = 300_000;
/// The shortest and longest time without a bad call after which a row is over.
const STALE: (Duration, Duration) = (Duration::from_mins(2), Duration::from_mins(10));
/// A row of good calls is no chance if it were rarer than this.
const CHANCE: f64 = 0.01;

impl Sort {
    /// Whether a cause's calls are of this sort.
    pub(super) const fn is_of(self, cause: Cause) -> bool {
        match cause {
            Cause::AccuroDown
            | Cause::AccuroUnreachable
            | Cause::AccuroSlow
            | Cause::ClinicDown => matches!(self, Self::Down | Self::Slow | Self::Garbled),
            Cause::ClinicConnectionRejected
            | Cause::ClinicSignInFailing
            | Cause::AppCredentialsRejected
            | Cause::SectionRestricted => matches!(self, Self::Refused | Self::Grants),
            Cause::RequestRejected => matches!(self, Self::Invalid),
            Cause::AnswerChanged => matches!(self, Self::Garbled),
            Cause::RateLimited => matches!(self, Self::TooMany),
            Cause::RefusedByAccuscope => matches!(self, Self::Rule),
            Cause::AccuscopeFailing => matches!(self, Self::Ours),
            _ => false,
        }
    }

    /// Whether a call is one of the bad ones; `None` if it says nothing about that.
    pub(super) fn mark(self, call: &Sighting, usual_us: Option<u64>) -> Option<bool> {
        let symptom = Symptom::of(call)?;
        let is_grant = call.operation.as_str() == TOKEN_OPERATION;
        match self {
            Self::Slow => {
                let limit = (usual_us? * SLOW_TIMES).max(SLOW_LEAST_US);
                match symptom {
                    Symptom::Worked | Symptom::Empty => Some(call.duration_us >= limit),
                    Symptom::Unavailable if Lack::of(call) == Some(Lack::Answer) => Some(true),
                    _ => None,
                }
            }
            Self::Refused => match symptom {
                Symptom::Refused | Symptom::Scope | Symptom::Grant => Some(true),
                other => Symptom::Refused.compare(other),
            },
            Self::Grants if !is_grant => None,
            Self::Grants => match symptom {
                Symptom::Refused | Symptom::Grant => Some(true),
                other => Symptom::Grant.compare(other),
            },
            Self::Down => Symptom::Unavailable.compare(symptom),
            Self::Invalid => Symptom::Invalid.compare(symptom),
            Self::Garbled => Symptom::Garbled.compare(symptom),
            Self::TooMany => Symptom::TooMany.compare(symptom),
            Self::Ours => Symptom::Ours.compare(symptom),
            Self::Rule => Symptom::Rule.compare(symptom),
        }
    }
}

/// A row of bad calls that is not over.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Its first bad call.
    pub(super) since: Timestamp,
    /// The calls that were read begin within it.
    pub(super) maybe_older: bool,
    pub(super) bad: u32,
    /// Of so many comparable calls.
    pub(super) all: u32,
    /// Bad calls without a connection, and those that the breaker kept from trying.
    pub(super) unconnected: u32,
    pub(super) not_tried: u32,
    /// Who met it, and who called meanwhile without meeting it, too.
    pub(super) actors: BTreeSet<Reference>,
    pub(super) all_actors: BTreeSet<Reference>,
    pub(super) tokens: BTreeSet<Reference>,
    pub(super) operations: BTreeSet<OperationName>,
    /// The indices of its calls, good and bad.
    calls: Vec<(usize, bool)>,
}

impl Run {
    /// The row of a sort at a clinic, if there is one that is not over.
    pub(super) fn of(sort: Sort, clinic: &ClinicCalls, now: Timestamp) -> Option<Self> {
        // What belongs to a trouble that is over does not begin the next one.
        let over = clinic.over(sort);
        let mark = |(index, call): (usize, &Sighting)| {
            if over.is_some_and(|over| call.ts <= over) {
                return None;
            }
            sort.mark(call, clinic.usual_us).map(|like| (index, Mark { at: call.ts, like }))
        };
        let (calls, marks): (Vec<usize>, Vec<Mark>) =
            clinic.calls.iter().enumerate().filter_map(mark).unzip();
        let last = marks.iter().rposition(|mark| mark.like)?;
        let segment = segment::around(&marks, marks[last].at, marks[last].at);
        let end = last + 1;
        let share = share(&marks[segment.start.min(last)..end]);
        let start = first_of_row(&marks[..end], segment.start.min(last), share);
        let first = start + marks[start..end].iter().position(|mark| mark.like)?;
        let good_after = u32::try_from(marks.len() - end).unwrap_or(u32::MAX);
        let last_bad = ended_at(&clinic.calls[calls[last]]);
        if f64::from(good_after) >= enough(share) || now.since(last_bad) > stale_after(&marks) {
            return None;
        }
        let row = || calls[first..end].iter().zip(&marks[first..end]);
        let mut run = Self {
            since: marks[first].at,
            maybe_older: first == 0 && over.is_none(),
            bad: 0,
            all: 0,
            unconnected: 0,
            not_tried: 0,
            actors: BTreeSet::new(),
            all_actors: BTreeSet::new(),
            tokens: BTreeSet::new(),
            operations: BTreeSet::new(),
            calls: row().map(|(index, mark)| (*index, mark.like)).collect(),
        };
        for (index, mark) in row() {
            run.count(&clinic.calls[*index], mark.like);
        }
        Some(run)
    }

    fn count(&mut self, call: &Sighting, bad: bool) {
        self.all += 1;
        self.all_actors.extend(call.actor.clone());
        if bad {
            self.bad += 1;
            self.unconnected += u32::from(Lack::of(call) == Some(Lack::Connection));
            self.not_tried += u32::from(call.ending.reason() == Some(Reason::CircuitOpen));
            self.actors.extend(call.actor.clone());
            self.tokens.extend(call.token.clone());
            self.operations.insert(call.operation.clone());
        }
    }

    /// Whether the bad ones are more than this share of all, in percent.
    pub(super) const fn exceeds(&self, percent: u32) -> bool {
        self.bad * 100 > self.all * percent
    }

    /// The row, limited to some of its calls.
    pub(super) fn part(&self, clinic: &ClinicCalls, of: impl Fn(&Sighting) -> bool) -> Self {
        let mut part = Self {
            bad: 0,
            all: 0,
            actors: BTreeSet::new(),
            all_actors: BTreeSet::new(),
            tokens: BTreeSet::new(),
            operations: BTreeSet::new(),
            ..self.clone()
        };
        for (index, bad) in &self.calls {
            let call = &clinic.calls[*index];
            if of(call) {
                part.count(call, *bad);
            }
        }
        part
    }

    /// Whether it is more than one person's: two people met it, or nobody else called who could have,
    /// and it does not hang on one token and one task.
    pub(super) fn is_shared(&self) -> bool {
        let others = self.all_actors.len() > self.actors.len();
        match self.actors.len() {
            2.. => true,
            _ if others => false,
            1 => self.tokens.len() >= 2 && self.operations.len() >= 2,
            _ => true,
        }
    }
}

fn share(marks: &[Mark]) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    count(marks.iter().filter(|mark| mark.like).count()) / count(marks.len().max(1))
}

/// How many good calls in a row end a trouble of a share.
fn enough(share: f64) -> f64 {
    (CHANCE.ln() / (1.0 - share.clamp(0.01, 0.95)).ln()).ceil()
}

/// Where a row begins that reaches to the end. The search for change points looks at so many calls
/// only, so from its start it goes on back, until good calls in a row end it.
fn first_of_row(marks: &[Mark], start: usize, share: f64) -> usize {
    let (mut first, mut good) = (start, 0.0);
    if !marks[start].like {
        return start;
    }
    for (index, mark) in marks[..start].iter().enumerate().rev() {
        if mark.like {
            (first, good) = (index, 0.0);
        } else {
            good += 1.0;
        }
        if good >= enough(share) {
            break;
        }
    }
    first
}

fn stale_after(marks: &[Mark]) -> Duration {
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return STALE.0 };
    let gaps = u32::try_from(marks.len() - 1).unwrap_or(u32::MAX).max(1);
    (last.at.since(first.at) / gaps * 3).clamp(STALE.0, STALE.1)
}
