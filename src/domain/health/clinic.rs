//! The state of one clinic.
//!
//! Owns the thresholds, each with the least number of calls below which it says nothing, and the
//! moment when the trouble began. Does not know the other clinics; see [`super::verdict`].

use std::time::Duration;

use super::tally::{Bucket, Tally, sum_from};
use super::{State, Trouble};
use crate::domain::labels::{Category, Context};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// Failing: more than this share of the last five minutes, in percent …
const FAILING_PERCENT: u64 = 25;
/// … and at least so many failed calls.
const FAILING_LEAST: u64 = 10;
/// Some failures: at least this share of the last ten minutes, in percent …
const SOME_PERCENT: u64 = 1;
/// … and at least so many failed calls.
const SOME_LEAST: u64 = 5;
/// A connection counts as refused as a whole above this share, in percent.
const WHOLE_PERCENT: u64 = 90;
/// Slow: one in twenty takes this many times as long as usual …
const SLOW_TIMES: u64 = 2;
/// … with at least so many calls to tell it by.
const SLOW_LEAST: u64 = 20;
/// No call for so long is silence, where calls are expected.
pub(super) const SILENCE: Duration = Duration::from_mins(30);
/// Calls an hour, in each of the earlier weeks, below which half an hour without any is chance.
const EXPECTED_LEAST: u64 = 12;
/// Earlier weeks that have to agree.
const EXPECTED_WEEKS: usize = 3;

/// What is known of one clinic.
#[derive(Clone, Debug)]
pub struct ClinicFacts {
    /// Which.
    pub clinic: ClinicId,
    /// Its calls in time order: minutes for the last hour, longer buckets before.
    pub series: Vec<Bucket>,
    /// Its last ten minutes by context.
    pub by_context: Vec<(Context, Tally)>,
    /// Its last ten minutes by operation.
    pub by_operation: Vec<(OperationName, Tally)>,
    /// One call in twenty took longer in the last ten minutes, in microseconds.
    pub p95_us: Option<u64>,
    /// The usual value of that, in microseconds.
    pub usual_p95_us: Option<u64>,
    /// Its last call.
    pub last_call: Option<Timestamp>,
    /// Its calls in this hour of the week, in each of the last weeks that we recorded.
    pub earlier_weeks: Vec<u64>,
}

/// How one clinic is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClinicHealth {
    /// Which.
    pub clinic: ClinicId,
    /// How it does.
    pub state: State,
    /// The kind of most failures.
    pub category: Option<Category>,
    /// What the trouble is.
    pub trouble: Option<Trouble>,
    /// The operation that fails, where it is a single one.
    pub operation: Option<OperationName>,
    /// When the trouble began, in whole minutes.
    pub since: Option<Timestamp>,
    /// Failed calls since then; of the last hour where nothing is wrong.
    pub failed: u64,
    /// All ended calls in the same time.
    pub calls: u64,
    /// Its last call.
    pub last_call: Option<Timestamp>,
}

/// Whether calls are expected in an hour, from how many there were in that hour of earlier weeks.
#[must_use]
pub fn is_expected(earlier_weeks: &[u64]) -> bool {
    earlier_weeks.len() >= EXPECTED_WEEKS
        && earlier_weeks.iter().all(|calls| *calls >= EXPECTED_LEAST)
}

/// Calls a second that are expected at least, from how many there were in this hour of earlier weeks;
/// `None` where none are expected.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "calls of one hour")]
pub fn expected_per_second(earlier_weeks: &[u64]) -> Option<f64> {
    let least = earlier_weeks.iter().min().filter(|_| is_expected(earlier_weeks))?;
    Some(*least as f64 / 3_600.0)
}

/// How many expected calls did not come since the last one. `before` is how many had not come when it
/// was last looked, at `looked`. Hours in which none are expected end the count, so that a clinic is
/// not silent because it has just opened.
#[must_use]
pub fn missed(
    before: f64,
    per_second: Option<f64>,
    last_call: Option<Timestamp>,
    looked: Timestamp,
    now: Timestamp,
) -> f64 {
    let Some(per_second) = per_second else { return 0.0 };
    match last_call {
        Some(last) if last > looked => per_second * now.since(last).as_secs_f64(),
        _ => before + per_second * now.since(looked).as_secs_f64(),
    }
}

/// Judges one clinic at a moment.
#[must_use]
pub fn judge_clinic(facts: &ClinicFacts, now: Timestamp) -> ClinicHealth {
    let five = sum_from(&facts.series, now.minus(Duration::from_mins(5)));
    let ten = sum_from(&facts.series, now.minus(Duration::from_mins(10)));
    let hour = sum_from(&facts.series, now.minus(Duration::from_hours(1)));
    let state = state(facts, &five, &ten, now);
    let (trouble, operation) = match state {
        State::Failing | State::SomeFailures => {
            let operation = failing_operation(facts);
            (Some(trouble(facts, &ten)), operation.cloned())
        }
        State::Silent => (Some(Trouble::GoneSilent), None),
        _ => (None, None),
    };
    let category = trouble.and_then(|trouble| category_of(trouble, &ten));
    let since = match (trouble, category) {
        (Some(Trouble::GoneSilent), _) => facts.last_call,
        (Some(_), Some(category)) if ten.of(category) > 0 => began(&facts.series, category, &ten),
        (Some(_), _) => Some(now.minus(Duration::from_mins(10)).floor_to(60)),
        (None, _) => None,
    };
    let counted = since.map_or(hour, |since| sum_from(&facts.series, since));
    ClinicHealth {
        clinic: facts.clinic.clone(),
        state,
        category,
        trouble,
        operation,
        since,
        failed: counted.failed(),
        calls: counted.ended(),
        last_call: facts.last_call,
    }
}

fn state(facts: &ClinicFacts, five: &Tally, ten: &Tally, now: Timestamp) -> State {
    let Some(last_call) = facts.last_call else { return State::NotStarted };
    let failing = |t: &Tally, least| t.failed() >= least && t.exceeds(t.failed(), FAILING_PERCENT);
    let refused_as_a_whole = |t: &Tally| {
        t.of(Category::Auth) >= SOME_LEAST && t.exceeds(t.of(Category::Auth), WHOLE_PERCENT)
    };
    // Few calls, all of them failed: the share says more than the count.
    let all_failed = failing(ten, SOME_LEAST) && ten.exceeds(ten.failed(), WHOLE_PERCENT);
    if failing(five, FAILING_LEAST)
        || all_failed
        || facts.by_context.iter().any(|(_, tally)| refused_as_a_whole(tally))
    {
        return State::Failing;
    }
    let some = ten.failed() >= SOME_LEAST && ten.exceeds(ten.failed() + 1, SOME_PERCENT);
    if some || failing_operation(facts).is_some() || is_slow(facts, ten) {
        return State::SomeFailures;
    }
    if now.since(last_call) < SILENCE {
        State::Working
    } else if is_expected(&facts.earlier_weeks) {
        State::Silent
    } else {
        State::Quiet
    }
}

/// The one operation that fails while the others do not.
fn failing_operation(facts: &ClinicFacts) -> Option<&OperationName> {
    let fails = |t: &Tally| t.failed() >= SOME_LEAST && t.exceeds(t.failed(), FAILING_PERCENT);
    let mut failing = facts.by_operation.iter().filter(|(_, tally)| fails(tally));
    let (only, _) = failing.next()?;
    let others_work = facts.by_operation.iter().any(|(name, t)| name != only && t.worked() > 0);
    (failing.next().is_none() && others_work).then_some(only)
}

/// Whether one in twenty takes a multiple of the usual.
pub(super) fn is_slow(facts: &ClinicFacts, ten: &Tally) -> bool {
    let (Some(now), Some(usual)) = (facts.p95_us, facts.usual_p95_us) else { return false };
    ten.ended() >= SLOW_LEAST && now >= usual.saturating_mul(SLOW_TIMES)
}

fn trouble(facts: &ClinicFacts, ten: &Tally) -> Trouble {
    match ten.main_failure() {
        None => Trouble::ClinicSlow,
        Some(_) if ten.failed() < SOME_LEAST && is_slow(facts, ten) => Trouble::ClinicSlow,
        Some(Category::Auth) => refusal(facts, ten),
        Some(Category::Transient) => {
            let limited = ten.of_reason(Reason::RateLimited);
            let mostly_limited = limited * 2 > ten.of(Category::Transient);
            if mostly_limited { Trouble::RateLimited } else { Trouble::ClinicDown }
        }
        Some(Category::Validation) => Trouble::RequestRejected,
        Some(Category::Policy | Category::NotFound) if ten.ours() > 0 => Trouble::AccuscopeFailing,
        Some(Category::Policy | Category::NotFound) => Trouble::RefusedByAccuscope,
    }
}

/// What a clinic's refusals are: its whole connection, its sign-ins, or a part.
fn refusal(facts: &ClinicFacts, ten: &Tally) -> Trouble {
    let is_grant =
        |name: &OperationName| name.as_str() == crate::domain::catalogue::TOKEN_OPERATION;
    let (mut grants, mut calls) = (Tally::default(), Tally::default());
    for (name, tally) in &facts.by_operation {
        if is_grant(name) { grants.add(tally) } else { calls.add(tally) }
    }
    let refused = |t: &Tally| t.of(Category::Auth) > 0 && t.exceeds(t.of(Category::Auth), 50);
    if refused(&grants) && calls.worked() > calls.failed() {
        Trouble::ClinicSignInFailing
    } else if ten.exceeds(ten.of(Category::Auth), WHOLE_PERCENT) {
        Trouble::ClinicConnectionRejected
    } else {
        Trouble::SomeRefused
    }
}

fn category_of(trouble: Trouble, ten: &Tally) -> Option<Category> {
    match trouble {
        Trouble::ClinicSlow | Trouble::AccuroSlow => Some(Category::Transient),
        Trouble::GoneSilent => None,
        _ => ten.main_failure(),
    }
}

/// When the failures of a category began: the oldest bad bucket of the run that reaches to now.
///
/// A bucket is bad where its share of failures is at least half of the recent share. The run ends
/// behind so many good calls in a row that chance alone would give them less than once in a hundred
/// times: 2 where nearly all fail, 44 where one in ten does. Buckets without calls change nothing.
#[must_use]
pub fn began(series: &[Bucket], category: Category, recent: &Tally) -> Option<Timestamp> {
    let share = share(recent.of(category), recent.ended()).clamp(0.01, 0.95);
    let enough = 0.01_f64.ln() / (1.0 - share).ln();
    let (mut began, mut good) = (None, 0);
    for bucket in series.iter().rev() {
        let (bad, ended) = (bucket.tally.of(category), bucket.tally.ended());
        if bad > 0 && self::share(bad, ended) >= share / 2.0 {
            began = Some(bucket.start);
            good = 0;
        } else {
            good += ended - bad;
        }
        if began.is_some() && self::share(good, 1) >= enough {
            break;
        }
    }
    began
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
