//! What the rows of bad calls make of one clinic.
//!
//! Owns the thresholds: the least number of bad calls and the least share below which nothing is
//! said. Does not know the other clinics; see [`super::rule`].

use super::evidence::ClinicCalls;
use super::run::{Run, Sort};
use crate::domain::cause::Cause;
use crate::domain::health::State;
use crate::domain::labels::Context;
use crate::domain::names::OperationName;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

/// Fewest bad calls where they are nearly all …
const LEAST: u32 = 4;
/// … where they are some among others …
const LEAST_AMONG: u32 = 6;
/// … and fewest slow ones, since one slow answer makes the next ones wait.
const LEAST_SLOW: u32 = 8;
/// Fewest sign-ins.
const LEAST_GRANTS: u32 = 3;
/// Shares in percent: nearly all, a good part, some.
const NEARLY_ALL: u32 = 89;
const GOOD_PART: u32 = 25;
const SOME: u32 = 10;
/// Of one task's calls, so many fail where it is the task.
const OF_TASK: u32 = 60;

/// A trouble of one clinic, as far as its own calls tell.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) cause: Cause,
    pub(super) state: State,
    pub(super) operation: Option<OperationName>,
    pub(super) run: Run,
}

impl Local {
    const fn new(cause: Cause, state: State, run: Run) -> Self {
        Self { cause, state, operation: None, run }
    }
}

/// The troubles of a clinic.
pub(super) fn troubles(clinic: &ClinicCalls, now: Timestamp) -> Vec<Local> {
    let run = |sort| Run::of(sort, clinic, now);
    let garbled = run(Sort::Garbled);
    // A maintenance page stands in for every answer; one task's changed form does not.
    let page = garbled.clone().filter(|run| run.operations.len() >= 3).and_then(down);
    let down = run(Sort::Down).and_then(down).or(page);
    let mut found = Vec::new();
    if down.is_none() {
        found.extend(run(Sort::Slow).and_then(slow));
        found.extend(garbled.and_then(|run| of_one_task(Cause::AnswerChanged, clinic, &run)));
    }
    found.extend(down);
    found.extend(refused(clinic, run(Sort::Refused), run(Sort::Grants)));
    found.extend(run(Sort::Invalid).and_then(|r| of_one_task(Cause::RequestRejected, clinic, &r)));
    let whole = [(Sort::TooMany, Cause::RateLimited), (Sort::Rule, Cause::RefusedByAccuscope)];
    for (sort, cause) in whole {
        let good_part = |run: &Run| run.bad >= LEAST_AMONG && run.exceeds(GOOD_PART);
        found.extend(run(sort).filter(good_part).map(|run| {
            let state = if run.exceeds(NEARLY_ALL) { State::Failing } else { State::SomeFailures };
            Local::new(cause, state, run)
        }));
    }
    // One is enough to be counted; how many there must be is asked of all clinics together.
    let ours = run(Sort::Ours);
    found.extend(ours.map(|run| Local::new(Cause::AccuscopeFailing, State::SomeFailures, run)));
    found
}

fn down(run: Run) -> Option<Local> {
    let spread = run.is_shared() || run.operations.len() >= 2;
    let state = if run.bad >= LEAST && run.exceeds(GOOD_PART) {
        State::Failing
    } else if run.bad >= LEAST_AMONG && run.exceeds(SOME) {
        State::SomeFailures
    } else {
        return None;
    };
    spread.then(|| Local::new(Cause::ClinicDown, state, run))
}

fn slow(run: Run) -> Option<Local> {
    let enough = run.bad >= LEAST_SLOW && run.exceeds(SOME);
    let spread = run.is_shared() || run.operations.len() >= 2;
    (enough && spread).then(|| Local::new(Cause::AccuroSlow, State::SomeFailures, run))
}

/// What a clinic's refusals are: its whole connection, its sign-ins, or a part that several people
/// share. What only one person meets is none of these.
fn refused(clinic: &ClinicCalls, refused: Option<Run>, grants: Option<Run>) -> Option<Local> {
    let nearly_all =
        |run: &Run, least| run.bad >= least && run.exceeds(NEARLY_ALL) && run.is_shared();
    if let Some(run) = refused.clone().filter(|run| nearly_all(run, LEAST)) {
        // Grants alone say nothing of the tokens that live.
        let only_grants = run.part(clinic, |call| Sort::Grants.mark(call, None).is_none()).bad == 0;
        if !only_grants {
            let cause = Cause::ClinicConnectionRejected;
            return Some(Local::new(cause, State::Failing, run));
        }
    }
    if let Some(run) = grants.filter(|run| nearly_all(run, LEAST_GRANTS)) {
        return Some(Local::new(Cause::ClinicSignInFailing, State::Failing, run));
    }
    let run = refused?;
    let several = |part: &Run| {
        let people = part.actors.len() >= 2;
        part.bad >= LEAST && part.exceeds(OF_TASK) && people
    };
    for context in [Context::Provider, Context::Patient, Context::Client] {
        let part = run.part(clinic, |call| call.context == context);
        if several(&part) && part.exceeds(NEARLY_ALL) && part.operations.len() >= 2 {
            return Some(Local::new(Cause::SectionRestricted, State::Failing, part));
        }
    }
    let part = run.operations.iter().map(|task| (task, run.part(clinic, in_task(task))));
    let (task, part) = part.filter(|(_, part)| several(part)).max_by_key(|(_, part)| part.bad)?;
    let operation = Some(task.clone());
    Some(Local { operation, ..Local::new(Cause::SectionRestricted, State::SomeFailures, part) })
}

fn in_task(task: &OperationName) -> impl Fn(&Sighting) -> bool {
    move |call| call.operation == *task
}

/// A trouble of the one task that fails most, for more than one person.
fn of_one_task(cause: Cause, clinic: &ClinicCalls, run: &Run) -> Option<Local> {
    let parts = run.operations.iter().map(|task| (task, run.part(clinic, in_task(task))));
    let fails = |part: &Run| part.bad >= LEAST_AMONG && part.exceeds(OF_TASK) && part.is_shared();
    let (task, part) = parts.filter(|(_, part)| fails(part)).max_by_key(|(_, part)| part.bad)?;
    let operation = Some(task.clone());
    Some(Local { operation, ..Local::new(cause, State::SomeFailures, part) })
}
