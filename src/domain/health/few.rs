//! Failures that are too few to tell what they are.
//!
//! Owns the rule for when a moment without a known trouble must not be said to work: most of the calls
//! failed, and there were hardly any. It names no trouble; that would be a guess.

use std::time::Duration;

use super::clinic::{ClinicFacts, ClinicHealth};
use super::tally::{Tally, sum_from};
use super::{State, Trouble};
use crate::domain::labels::Category;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// From so many calls in ten minutes on, the other rules tell whether something is wrong.
const ENOUGH: u64 = 10;
/// At one clinic among others a single failed call is a single case.
const LEAST_AT_A_CLINIC: u64 = 2;

/// Calls of the last ten minutes, most of which failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few {
    /// Failed.
    pub failed: u64,
    /// Of so many.
    pub of: u64,
    /// At which clinics.
    pub clinics: Vec<ClinicId>,
    /// The kind of most of them.
    pub category: Option<Category>,
}

/// Marks the clinics of which most calls failed, few as they are, and sums them up; `None` where there
/// are none, or where a trouble is known that says more.
pub(super) fn few(
    facts: &[ClinicFacts],
    clinics: &mut [ClinicHealth],
    trouble: Option<Trouble>,
    now: Timestamp,
) -> Option<Few> {
    let ten = |of: &ClinicFacts| sum_from(&of.series, now.minus(Duration::from_mins(10)));
    let mut all = Tally::default();
    for of in facts {
        all.add(&ten(of));
    }
    let least = if all.ended() < ENOUGH { 1 } else { LEAST_AT_A_CLINIC };
    let (mut sum, mut names) = (Tally::default(), Vec::new());
    for of in facts {
        let tally = ten(of);
        let mostly = tally.failed() >= least && tally.failed() * 2 >= tally.ended();
        if !mostly || tally.ended() >= ENOUGH {
            continue;
        }
        let health = clinics.iter_mut().find(|health| health.clinic == of.clinic);
        if let Some(health) = health.filter(|health| health.state == State::Working) {
            health.state = State::SomeFailures;
            health.category = tally.main_failure();
            sum.add(&tally);
            names.push(of.clinic.clone());
        }
    }
    let found = trouble.is_none() && !names.is_empty();
    found.then(|| Few {
        failed: sum.failed(),
        of: sum.ended(),
        clinics: names,
        category: sum.main_failure(),
    })
}
