//! Counts of calls by how they ended.
//!
//! Owns what counts as worked and as failed: "nothing found" is an answer, also as 404, and a call
//! that the app gave up on is neither. Does not judge; see [`super::clinic`].

use crate::domain::labels::{Category, Outcome};
use crate::domain::reason::{Ending, Reason};
use crate::domain::time::Timestamp;

/// Counts of calls by ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Worked.
    pub ok: u64,
    /// Answered that there is nothing.
    pub empty: u64,
    /// Given up by the app.
    pub aborted: u64,
    failed: [u64; Reason::ALL.len()],
}

impl Default for Tally {
    fn default() -> Self {
        Self { ok: 0, empty: 0, aborted: 0, failed: [0; Reason::ALL.len()] }
    }
}

impl Tally {
    /// Counts `calls` more calls that ended so.
    pub fn count(&mut self, ending: Ending, calls: u64) {
        let slot = match (ending.outcome(), ending.reason()) {
            (Outcome::Ok, _) => &mut self.ok,
            (Outcome::Aborted, _) => &mut self.aborted,
            (Outcome::Failed, Some(reason)) => &mut self.failed[reason as usize],
            (Outcome::Empty | Outcome::Failed, _) => &mut self.empty,
        };
        *slot += calls;
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        self.ok += other.ok;
        self.empty += other.empty;
        self.aborted += other.aborted;
        for (mine, theirs) in self.failed.iter_mut().zip(&other.failed) {
            *mine += theirs;
        }
    }

    /// What is left without a part of it.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        let mut left = self.clone();
        left.ok = left.ok.saturating_sub(part.ok);
        left.empty = left.empty.saturating_sub(part.empty);
        left.aborted = left.aborted.saturating_sub(part.aborted);
        for (mine, theirs) in left.failed.iter_mut().zip(&part.failed) {
            *mine = mine.saturating_sub(*theirs);
        }
        left
    }

    /// Calls that ended with that reason.
    #[must_use]
    pub const fn of_reason(&self, reason: Reason) -> u64 {
        self.failed[reason as usize]
    }

    /// Calls of a category; empty answers count as [`Category::NotFound`].
    #[must_use]
    pub fn of(&self, category: Category) -> u64 {
        let failed: u64 = Reason::ALL
            .iter()
            .filter(|reason| reason.category() == category)
            .map(|reason| self.of_reason(*reason))
            .sum();
        failed + if category == Category::NotFound { self.empty } else { 0 }
    }

    /// Every call.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.ended() + self.aborted
    }

    /// Calls that were not given up: what shares are shares of.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.ok + self.empty + self.failed.iter().sum::<u64>()
    }

    /// Calls that failed. Nothing found is an answer, so it is not among them.
    #[must_use]
    pub fn failed(&self) -> u64 {
        FAILURES.iter().map(|category| self.of(*category)).sum()
    }

    /// Calls that were answered, with something or with nothing.
    #[must_use]
    pub fn worked(&self) -> u64 {
        self.ended() - self.failed()
    }

    /// The category that most failures are of.
    #[must_use]
    pub fn main_failure(&self) -> Option<Category> {
        let most = FAILURES.iter().max_by_key(|category| self.of(**category))?;
        (self.of(*most) > 0).then_some(*most)
    }

    /// Failures that are accuscope's own: no capacity, no durable audit.
    #[must_use]
    pub const fn ours(&self) -> u64 {
        self.of_reason(Reason::Overloaded) + self.of_reason(Reason::AuditUnavailable)
    }

    /// Calls that a rule of accuscope stopped, which is no failure of its own.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        let own = [Reason::Overloaded, Reason::AuditUnavailable];
        let stopped =
            |reason: &&Reason| reason.category() == Category::Policy && !own.contains(reason);
        Reason::ALL.iter().filter(stopped).map(|reason| self.of_reason(*reason)).sum()
    }

    /// Failures to connect: name, TCP, TLS.
    #[must_use]
    pub const fn unconnected(&self) -> u64 {
        self.of_reason(Reason::DnsFailed)
            + self.of_reason(Reason::ConnectFailed)
            + self.of_reason(Reason::TlsFailed)
    }

    /// Whether more than `percent` % of the ended calls are `part`.
    #[must_use]
    pub fn exceeds(&self, part: u64, percent: u64) -> bool {
        part * 100 > self.ended() * percent
    }
}

/// The categories that count as failed, in the order that charts stack them (reversed for ties).
pub const FAILURES: [Category; 4] =
    [Category::Policy, Category::Validation, Category::Transient, Category::Auth];

/// The calls of one stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its first moment.
    pub start: Timestamp,
    /// What came in it.
    pub tally: Tally,
}

/// The sum of the buckets that begin at `from` or later.
#[must_use]
pub fn sum_from(series: &[Bucket], from: Timestamp) -> Tally {
    let mut sum = Tally::default();
    for bucket in series.iter().filter(|bucket| bucket.start >= from) {
        sum.add(&bucket.tally);
    }
    sum
}
