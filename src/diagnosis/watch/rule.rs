//! From the clinics' troubles to what holds: one finding per cause and scope.
//!
//! Owns the comparison of clinics. A trouble that most clinics share that have called since it began
//! is everybody's; it is named once. Whoever has not called since says neither yes nor no.

use std::collections::BTreeSet;
use std::time::Duration;

use super::clinic::{Local, troubles};
use super::evidence::{ClinicCalls, Evidence};
use super::run::{Run, Sort};
use crate::diagnosis::model::cap;
use crate::domain::cause::{Cause, Scope};
use crate::domain::health::State;
use crate::domain::incident::{Counts, Finding, Key};
use crate::domain::names::{AppId, ClinicId};
use crate::domain::time::Timestamp;

/// Clinics that share a trouble, where they are no majority …
const MANY: usize = 3;
/// … but one in so many of those that have called since.
const ONE_IN: usize = 3;
/// Our own failures, of all clinics together.
const OURS_LEAST: u32 = 5;
/// For so long a clinic's failures wait for another clinic's first call, which tells whose they are.
const WAITS: Duration = Duration::from_secs(6);
/// Clinics that have called within so long can be expected to tell.
const CALLING: Duration = Duration::from_mins(2);
/// Calls of one moment are not in the order in which the trouble met them.
const TOGETHER: Duration = Duration::from_secs(2);

/// A clinic's trouble.
struct Mine<'e> {
    clinic: &'e ClinicCalls,
    local: Local,
}

/// What holds at a moment.
pub(super) fn findings(evidence: &Evidence) -> Vec<Finding> {
    let of = |clinic| {
        let mine = |local| Mine { clinic, local };
        troubles(clinic, evidence.now).into_iter().map(mine).collect::<Vec<_>>()
    };
    let all: Vec<Mine<'_>> = evidence.clinics.iter().flat_map(of).collect();
    let by = |causes: &[Cause]| -> Vec<&Mine<'_>> {
        all.iter().filter(|mine| causes.contains(&mine.local.cause)).collect()
    };
    let mut found = Vec::new();
    found.extend(ours(&by(&[Cause::AccuscopeFailing])));
    found.extend(down(evidence, &by(&[Cause::ClinicDown])));
    found.extend(slow(evidence, &by(&[Cause::AccuroSlow])));
    let rejected = [Cause::ClinicConnectionRejected, Cause::ClinicSignInFailing];
    found.extend(refused(evidence, &by(&rejected)));
    found.extend(by(&[Cause::SectionRestricted]).iter().map(|mine| alone(evidence, mine)));
    for cause in [
        Cause::RequestRejected,
        Cause::AnswerChanged,
        Cause::RateLimited,
        Cause::RefusedByAccuscope,
    ] {
        match by(&[cause]).as_slice() {
            [] => {}
            [only] => found.push(alone(evidence, only)),
            several => found.push(together(cause, cause.scope(), several, &[])),
        }
    }
    found
}

/// What the clinics without a trouble say about it.
struct Others {
    /// They meet it too, though too few calls show it for a finding.
    leaning: Vec<ClinicId>,
    /// They have called since, and it worked.
    fine: usize,
    /// They call all the time, and have not yet since then.
    silent: usize,
}

fn others(evidence: &Evidence, sort: Sort, mine: &[&Mine<'_>], since: Timestamp) -> Others {
    let mut others = Others { leaning: Vec::new(), fine: 0, silent: 0 };
    let rest = evidence
        .clinics
        .iter()
        .filter(|clinic| !mine.iter().any(|mine| mine.clinic.clinic == clinic.clinic));
    for clinic in rest {
        let mark = |call| Some((sort.mark(call, clinic.usual_us)?, call.ts));
        let mut marks = clinic.calls.iter().rev().filter_map(mark);
        match marks.next() {
            Some((true, at)) if at >= since.minus(TOGETHER) => {
                others.leaning.push(clinic.clinic.clone());
            }
            Some((false, at)) if at > since => others.fine += 1,
            Some((_, at)) if evidence.now.since(at) < CALLING => others.silent += 1,
            _ => {}
        }
    }
    others
}

/// Whether those that share a trouble are so many that it is everybody's.
const fn is_everybodys(sharing: usize, fine: usize) -> bool {
    sharing >= 2 && (sharing > fine || (sharing >= MANY && sharing * ONE_IN >= sharing + fine))
}

fn began(mine: &[&Mine<'_>]) -> Option<Timestamp> {
    mine.iter().map(|mine| mine.local.run.since).min()
}

fn ours(mine: &[&Mine<'_>]) -> Option<Finding> {
    let bad: u32 = mine.iter().map(|mine| mine.local.run.bad).sum();
    let cause = Cause::AccuscopeFailing;
    (bad >= OURS_LEAST).then(|| together(cause, Scope::Platform, mine, &[]))
}

fn down(evidence: &Evidence, mine: &[&Mine<'_>]) -> Vec<Finding> {
    let Some(since) = began(mine) else { return Vec::new() };
    let others = others(evidence, Sort::Down, mine, since);
    let sum = |of: fn(&Run) -> u32| mine.iter().map(|mine| of(&mine.local.run)).sum::<u32>();
    let tried = sum(|run| run.bad) - sum(|run| run.not_tried);
    let unconnected = sum(|run| run.unconnected) * 2 > tried;
    let name = if unconnected { Cause::AccuroUnreachable } else { Cause::AccuroDown };
    let sharing = mine.len() + others.leaning.len();
    // All clinics go through one door: where it does not open for one, and for nobody else, it is shut.
    let shut = unconnected && others.fine == 0;
    if is_everybodys(sharing, others.fine) || shut {
        return vec![together(name, Scope::Platform, mine, &others.leaning)];
    }
    if others.fine == 0 && others.silent > 0 && evidence.now.since(since) < WAITS {
        return Vec::new();
    }
    mine.iter().map(|mine| alone(evidence, mine)).collect()
}

fn slow(evidence: &Evidence, mine: &[&Mine<'_>]) -> Vec<Finding> {
    let Some(since) = began(mine) else { return Vec::new() };
    let others = others(evidence, Sort::Slow, mine, since);
    if is_everybodys(mine.len(), others.fine) {
        return vec![together(Cause::AccuroSlow, Scope::Platform, mine, &[])];
    }
    mine.iter().map(|mine| alone(evidence, mine)).collect()
}

fn refused(evidence: &Evidence, mine: &[&Mine<'_>]) -> Vec<Finding> {
    let Some(since) = began(mine) else { return Vec::new() };
    let others = others(evidence, Sort::Refused, mine, since);
    let apps: BTreeSet<Option<&AppId>> = mine.iter().flat_map(|mine| apps(mine)).collect();
    let at_once = mine.iter().map(|mine| mine.local.run.since).max();
    let at_once = at_once.is_some_and(|last| last.since(since) < CALLING * 5);
    let many = mine.len() >= MANY || mine.len() > others.fine;
    if is_everybodys(mine.len(), others.fine) && many && apps.len() == 1 && at_once {
        return vec![together(Cause::AppCredentialsRejected, Scope::App, mine, &[])];
    }
    mine.iter().map(|mine| alone(evidence, mine)).collect()
}

fn apps<'e>(mine: &'e Mine<'_>) -> impl Iterator<Item = Option<&'e AppId>> {
    let since = mine.local.run.since;
    mine.clinic.calls.iter().filter(move |call| call.ts >= since).map(|call| call.app.as_ref())
}

/// How much less sure a clinic's trouble is where no other clinic calls.
const ALONE: f64 = 0.7;

/// One clinic's finding.
fn alone(evidence: &Evidence, mine: &Mine<'_>) -> Finding {
    let clinic = &mine.clinic.clinic;
    let comparable = evidence.clinics.iter().any(|other| {
        let last = other.calls.last().map(|call| call.ts);
        other.clinic != *clinic && last.is_some_and(|last| evidence.now.since(last) < CALLING)
    });
    let key = Key { cause: mine.local.cause, scope: Scope::Clinic, clinic: Some(clinic.clone()) };
    let mut finding = finding(key, &[mine], &[]);
    if !comparable {
        // Nobody else calls, so it could as well be everybody's.
        finding.confidence *= ALONE;
    }
    finding
}

/// A finding of several clinics.
fn together(cause: Cause, scope: Scope, mine: &[&Mine<'_>], leaning: &[ClinicId]) -> Finding {
    finding(Key { cause, scope, clinic: None }, mine, leaning)
}

fn finding(key: Key, mine: &[&Mine<'_>], leaning: &[ClinicId]) -> Finding {
    let runs = || mine.iter().map(|mine| &mine.local.run);
    let mut clinics: BTreeSet<ClinicId> = leaning.iter().cloned().collect();
    clinics.extend(mine.iter().map(|mine| mine.clinic.clinic.clone()));
    let bad: u32 = runs().map(|run| run.bad).sum();
    let actors: BTreeSet<_> = runs().flat_map(|run| &run.actors).collect();
    // Slowness happens to calls; who waits for them is not counted.
    let people = (key.cause != Cause::AccuroSlow && !actors.is_empty()).then_some(actors.len());
    let mut operations: Vec<_> = mine.iter().map(|mine| mine.local.operation.as_ref()).collect();
    operations.dedup();
    let operation =
        if let [Some(only)] = operations.as_slice() { Some((*only).clone()) } else { None };
    let since = runs().min_by_key(|run| run.since);
    Finding {
        since: since.map_or(Timestamp::from_micros(0), |run| run.since),
        maybe_older: since.is_some_and(|run| run.maybe_older),
        state: mine.iter().map(|mine| mine.local.state).min().unwrap_or(State::SomeFailures),
        category: key.cause.category(),
        operation,
        confidence: cap(bad, false),
        counts: Counts {
            clinics: clinics.len() as u64,
            actors: people.map(|people| people as u64),
            calls: u64::from(bad),
        },
        clinics: clinics.into_iter().collect(),
        key,
    }
}
