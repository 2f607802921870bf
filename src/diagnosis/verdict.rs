//! From a judgement to the answer: course, checks, what is ruled out, advice.
//!
//! Owns the putting together. Decides nothing about the cause; see [`super::judge`].

use super::advice::{advice_now, by_rule, held_back};
use super::answer::{
    Advice, Affected, Alternative, Diagnosis, RuledOut, two_digits, two_digits_down,
};
use super::checks;
use super::course::{self, Course};
use super::judge::{Finding, Judgement};
use super::recorded::Lag;
use super::refused;
use super::scene::Scene;
use super::symptom::{Symptom, is_ours, repeat};
use crate::domain::cause::{Cause, Persistence, Scope};
use crate::domain::labels::Category;
use crate::domain::reason::Reason;

/// Most ids of calls in an answer.
const MOST_EXCHANGES: usize = 50;
/// Less probable than this, a cause is ruled out.
const RULED_OUT_BELOW: f64 = 0.03;

/// The answer.
pub(super) fn diagnosis(scene: &Scene, judgement: &Judgement) -> Diagnosis {
    let cause = judgement.cause;
    let finding = judgement.findings.first();
    let core = finding.map(|finding| &finding.core);
    let course = match core {
        Some(core) if cause.is_trouble() => Course::of(scene, core, cause),
        _ => None,
    };
    let is_trouble = cause.is_trouble();
    let lasts = |course: &Course| course.persistence;
    let persistence = match &course {
        Some(course) => lasts(course),
        None if is_trouble => Persistence::Persistent,
        None => Persistence::Nothing,
    };
    let scope = match core {
        Some(core) if is_trouble => course::scope(scene, core, cause),
        _ if is_trouble || cause == Cause::NotRecorded => cause.scope(),
        _ => Scope::Nothing,
    };
    let since = course.as_ref().map(|course| course.since);
    let since = since.or_else(|| core.filter(|_| is_trouble).map(|core| core.first));
    let fallback = || {
        let failed = is_trouble || cause == Cause::Unknown;
        let calls = core.filter(|_| failed).map_or(&judgement.ticket[..], |core| &core.calls);
        let calls = if failed { calls } else { &[] };
        course::Affected::of(scene, calls)
    };
    let affected = course.as_ref().map_or_else(fallback, |course| course.affected);
    let (checks, without) = match finding {
        Some(Finding { core, cells, facts, .. }) => {
            checks::checks(scene, core, cells, facts, cause, &judgement.ticket)
        }
        None => (vec![checks::own(scene, &judgement.ticket, cause)], Vec::new()),
    };
    let ruled_out = ruled_out(scene, judgement);
    Diagnosis {
        cause: cause.as_str(),
        category: category(scene, judgement).map(Category::as_str),
        scope: scope.as_str(),
        persistence: persistence.as_str(),
        confidence: two_digits(judgement.confidence),
        since,
        worked_until: course.as_ref().and_then(|course| course.worked_until),
        works_again: course.as_ref().and_then(|course| course.works_again),
        owner: cause.owner().as_str(),
        affected: Affected {
            clinics: affected.clinics,
            actors: affected.actors,
            patients: affected.patients,
            calls: affected.calls,
        },
        checks,
        checks_without_calls: without,
        ruled_out: ruled_out.iter().map(|ruled| ruled.cause).collect(),
        ruled_out_reasons: ruled_out,
        alternatives: alternatives(judgement),
        advice: advice_for(scene, judgement, persistence),
        exchanges: exchanges(scene, judgement),
        as_of: scene.newest,
        lagging: scene.lag != Lag::Nothing,
        incident: None,
    }
}

/// What to do. Where a change was not sent again, that is said first; of a whole clinic's calls, only
/// where it is what is the matter.
fn advice_for(scene: &Scene, judgement: &Judgement, persistence: Persistence) -> Advice {
    let subject = &scene.subject;
    let of_somebody =
        subject.call.is_some() || !subject.actors.is_empty() || !subject.patients.is_empty();
    let core = judgement.findings.first().map(|finding| finding.core.calls.as_slice());
    let calls = if of_somebody { &judgement.ticket[..] } else { core.unwrap_or(&judgement.ticket) };
    let named = scene.seen.iter().filter(|seen| Some(seen.call.id) == subject.call);
    let first = named.filter_map(|seen| repeat(&seen.call)).min();
    let any = || calls.iter().filter_map(|index| repeat(&scene.seen[*index].call)).min();
    if let Some(repeat) = first.or_else(any) {
        return held_back(repeat, judgement.cause);
    }
    let rule = || refused::rule_of(core.unwrap_or(calls).iter().map(|i| &scene.seen[*i].call));
    match judgement.cause {
        Cause::RefusedByAccuscope if persistence != Persistence::Recovered => {
            rule().map_or_else(|| advice_now(judgement.cause, persistence), by_rule)
        }
        cause => advice_now(cause, persistence),
    }
}

/// The category of the cause; of a limit, by whose it was.
fn category(scene: &Scene, judgement: &Judgement) -> Option<Category> {
    let core = judgement.findings.first().map(|finding| &finding.core);
    let own_limit = core.is_some_and(|core| {
        let calls = core.calls.iter().map(|index| &scene.seen[*index].call);
        calls.clone().filter(|call| call.ending.reason() == Some(Reason::RateLimit)).count() * 2
            > calls.count()
    });
    match judgement.cause {
        Cause::RateLimited if own_limit => Some(Category::Policy),
        cause => cause.category(),
    }
}

/// The other causes. Their digits are cut off, so that all confidences together make no more than 1.
fn alternatives(judgement: &Judgement) -> Vec<Alternative> {
    let mut left = 1.0 - two_digits(judgement.confidence);
    let mut listed = Vec::new();
    for (cause, confidence) in &judgement.alternatives {
        let confidence = two_digits_down(confidence.min(left));
        if confidence > 0.0 {
            left -= confidence;
            listed.push(Alternative { cause: cause.as_str(), confidence });
        }
    }
    listed
}

/// Of the causes with the same symptom, those that the comparisons speak against; of the others, the
/// wide ones that the ticket's own calls contradict.
fn ruled_out(scene: &Scene, judgement: &Judgement) -> Vec<RuledOut> {
    let mut ruled = Vec::new();
    let Some(finding) = judgement.findings.first() else { return ruled };
    for candidate in &finding.candidates {
        let unlikely = candidate.probability < RULED_OUT_BELOW;
        let other = ![Cause::Unknown, judgement.cause].contains(&candidate.cause);
        if unlikely && other && !named_elsewhere(judgement, candidate.cause) {
            let reason = candidate
                .against
                .map_or(checks::RARER, |cell| checks::reason(cell, &finding.cells));
            ruled.push(RuledOut { cause: candidate.cause.as_str(), reason });
        }
    }
    let core = &finding.core;
    let by_accuro = core.calls.iter().any(|index| !is_ours(&scene.seen[*index].call));
    let answered =
        by_accuro && !matches!(core.symptom, Symptom::Unavailable | Symptom::Ours | Symptom::Rule);
    if answered && finding.candidates.iter().all(|c| c.cause != Cause::AccuroDown) {
        for cause in [Cause::AccuroDown, Cause::AccuroUnreachable] {
            if !named_elsewhere(judgement, cause) {
                let reason = "Accuro answered these calls.";
                ruled.push(RuledOut { cause: cause.as_str(), reason });
            }
        }
    }
    if !named_elsewhere(judgement, Cause::NoCalls) {
        let reason = "The calls were recorded.";
        ruled.push(RuledOut { cause: Cause::NoCalls.as_str(), reason });
    }
    ruled
}

fn named_elsewhere(judgement: &Judgement, cause: Cause) -> bool {
    judgement.cause == cause || judgement.alternatives.iter().any(|(other, _)| *other == cause)
}

/// The core's calls first of all; where there are too many, the ones nearest to its end.
fn exchanges(scene: &Scene, judgement: &Judgement) -> Vec<String> {
    let core = judgement.findings.first().map(|finding| finding.core.calls.as_slice());
    let calls = core.unwrap_or(&judgement.ticket);
    let from = calls.len().saturating_sub(MOST_EXCHANGES);
    calls[from..].iter().map(|index| scene.seen[*index].call.id.to_string()).collect()
}
