//! From a scene to the one cause that is named.
//!
//! Owns the last rules of the contract: the widest cause that explains the ticket's calls is named,
//! too little evidence gives `unknown`, and silence is told apart from a gap in the recording.

use super::absence;
use super::alike::{self, Core};
use super::cells::{Cell, Cells};
use super::facts::Facts;
use super::model::{self, Candidate};
use super::narrow;
use super::scene::Scene;
use super::symptom::Symptom;
use super::ticket;
use crate::domain::cause::{Cause, Scope};
use crate::domain::time::Timestamp;

/// What was found about one core.
pub(super) struct Finding {
    pub(super) core: Core,
    pub(super) cells: Cells,
    pub(super) facts: Facts,
    pub(super) candidates: Vec<Candidate>,
    /// Whether so little bears on the first one that it is not named.
    pub(super) thin: bool,
    /// The first one's probability, capped by how much bears on it.
    pub(super) confidence: f64,
}

/// What is named.
pub(super) struct Judgement {
    pub(super) cause: Cause,
    pub(super) confidence: f64,
    /// Other causes with their confidence, the most probable first.
    pub(super) alternatives: Vec<(Cause, f64)>,
    /// Each symptom's finding, the named one's first; none where no call was found.
    pub(super) findings: Vec<Finding>,
    /// Every call of the ticket.
    pub(super) ticket: Vec<usize>,
}

/// Fewer calls than this prove nothing, unless they speak for themselves …
const ENOUGH: u32 = 3;
/// … where "there is none" is said plainly, and only the reason is open …
const ENOUGH_MISSING: u32 = 2;
/// … or one call of each of two people who get through otherwise …
const ENOUGH_OF_TWO: u32 = 2;
/// … or of one record, which is there or not.
const ENOUGH_OF_ONE: u32 = 1;
/// … less probable than this, nothing is named …
const NAMED_FROM: f64 = 0.5;
/// … and a second trouble of the same ticket is not preferred for being wider.
const WIDE_FROM: f64 = 0.55;
/// The most, where no comparison was made that would tell the runner-up apart …
const UNTOLD: f64 = 0.75;
/// … and where what worked was slow (or many others were) or looked another way than before, where some of what was
/// asked came to nothing, or no record is named.
const ODD: f64 = 0.7;
/// What answers that took long bear, where some held nothing or failed.
const SLOW_SHARE: f64 = 0.5;
/// A wider trouble must explain this part of the ticket.
const WIDE_SHARE: f64 = 0.3;
/// The most, where the calls do not name the patient that was named, and the part of what is left that
/// nobody asked for the patient.
const NOBODYS: f64 = 0.6;
const NOBODY_ASKED: f64 = 0.4;
/// How sure `unknown` is, at least and at most: half, so that no single cause is more probable than
/// that there is not enough to name one.
const UNKNOWN: (f64, f64) = (0.5, 0.7);
/// Less probable than this, a cause is no alternative.
const ALTERNATIVE_FROM: f64 = 0.01;

/// Judges a scene. Where the records end early, what came later could tell otherwise.
pub(super) fn judge(scene: &Scene) -> Judgement {
    let judgement = judge_the_records(scene);
    let judgement = if ticket::names_nobody(scene, &judgement.ticket) {
        of_nobody(judgement)
    } else if ticket::is_nameless(scene) && !judgement.ticket.is_empty() {
        of_the_nameless(judgement)
    } else {
        judgement
    };
    if matches!(judgement.cause, Cause::NotRecorded | Cause::Unknown) {
        return judgement;
    }
    Judgement { confidence: judgement.confidence.min(scene.lag.cap()), ..judgement }
}

/// A judgement on calls that do not name the patient who was named: they may be meant, or nobody asked
/// for this patient at all. What would be about one patient is not said of them.
fn of_nobody(mut judgement: Judgement) -> Judgement {
    let narrow = matches!(judgement.cause.scope(), Scope::Patient | Scope::ActorPatient);
    let (cause, confidence) = if narrow {
        (Cause::Unknown, UNKNOWN.0)
    } else {
        (judgement.cause, judgement.confidence.min(NOBODYS))
    };
    let left = 1.0 - confidence;
    let mut alternatives = vec![(Cause::NoCalls, left * NOBODY_ASKED)];
    if narrow {
        alternatives.push((judgement.cause, left * NOBODY_ASKED));
    }
    judgement.alternatives.retain(|(cause, _)| *cause != Cause::NoCalls);
    share_out(&mut judgement.alternatives, left - alternatives.iter().map(|(_, p)| p).sum::<f64>());
    judgement.alternatives.append(&mut alternatives);
    sort(&mut judgement.alternatives);
    Judgement { cause, confidence, ..judgement }
}

/// A judgement on calls of a clinic where nobody is named, for one person: what many meet, this one met; what one
/// person met may be another's; and where all is well, this one may not have asked.
fn of_the_nameless(judgement: Judgement) -> Judgement {
    let broad = matches!(
        judgement.cause.scope(),
        Scope::Platform | Scope::Clinic | Scope::App | Scope::Operation
    );
    let cause = match judgement.cause {
        Cause::Delivered => Cause::NoCalls,
        cause if broad => {
            return Judgement { confidence: judgement.confidence.min(ODD), cause, ..judgement };
        }
        _ => Cause::Unknown,
    };
    let mut alternatives = judgement.alternatives;
    alternatives.retain(|(other, _)| *other != cause);
    if judgement.cause != Cause::Unknown {
        alternatives.push((judgement.cause, judgement.confidence));
    }
    let confidence = if cause == Cause::Unknown { UNKNOWN.0 } else { NOBODYS };
    share_out(&mut alternatives, 1.0 - confidence);
    sort(&mut alternatives);
    Judgement { cause, confidence, alternatives, ..judgement }
}

fn judge_the_records(scene: &Scene) -> Judgement {
    let ticket = ticket::calls(scene);
    if ticket.is_empty() {
        return absence::judge(scene);
    }
    let mut symptoms = ticket::symptoms(scene, &ticket);
    if symptoms.is_empty() {
        symptoms.push((Symptom::Worked, 1.0));
    } else if ticket::is_slow(scene, &ticket) {
        // Nothing found is everyday's, and so is a single error; that everything took long is not.
        symptoms.push((Symptom::Worked, SLOW_SHARE));
    }
    let core = |(symptom, share): &(Symptom, f64)| alike::core(scene, &ticket, *symptom, *share);
    let cores: Vec<Core> = symptoms.iter().filter_map(core).collect();
    let narrow = cores.iter().flat_map(|core| narrow::narrowed(scene, core));
    let narrow: Vec<Core> = narrow.collect();
    let mut findings: Vec<Finding> =
        cores.into_iter().chain(narrow).map(|core| find(scene, core)).collect();
    if findings.is_empty() {
        // Only calls that the app gave up: nothing is known of what they would have brought.
        return unknown(0.6, Vec::new(), Vec::new(), ticket);
    }
    if findings[0].core.symptom == Symptom::Worked
        && findings[0].candidates[0].cause == Cause::Delivered
    {
        // What worked at another time says nothing of the moment.
        if !ticket::fits_the_moment(scene, &ticket) {
            return absence::judge(scene);
        }
        if let Some(gap) = absence::of_the_moment(scene, &ticket) {
            return Judgement { findings, ticket, ..gap };
        }
    }
    if let Some(trouble) = trouble_around(scene, &findings[0], &ticket) {
        findings.insert(0, trouble);
    }
    bring_forward_the_widest(&mut findings);
    if let Some(delivered) = delivered_after_all(scene, &findings[0], &ticket) {
        return Judgement { findings, ticket, ..delivered };
    }
    if findings[0].candidates[0].cause == Cause::Delivered && ticket::is_marred(scene, &ticket) {
        findings[0].confidence = findings[0].confidence.min(ODD);
    }
    name(findings, ticket)
}

/// The call that was named worked, but others like it got no answer, while much at the clinic got none:
/// who asks means these.
fn trouble_around(scene: &Scene, named: &Finding, ticket: &[usize]) -> Option<Finding> {
    let worked = scene.subject.call.is_some() && named.core.symptom == Symptom::Worked;
    if !worked || !named.facts.much_was_lacking() {
        return None;
    }
    let mut finding = find(scene, alike::core(scene, ticket, Symptom::Unavailable, 1.0)?);
    let first = finding.candidates[0];
    finding.confidence = finding.confidence.min(UNTOLD);
    let explains = first.cause.is_trouble() && !finding.thin && first.probability >= WIDE_FROM;
    explains.then_some(finding)
}

/// One failure that nobody shares, and the same worked right after it: what was asked for was
/// returned.
fn delivered_after_all(scene: &Scene, finding: &Finding, ticket: &[usize]) -> Option<Judgement> {
    let core = &finding.core;
    let worked_after = ticket.iter().map(|index| &scene.seen[*index]).any(|seen| {
        seen.symptom == Some(Symptom::Worked)
            && seen.call.ts > core.last
            && seen.call.operation == core.operation
    });
    let one_off = core.symptom == Symptom::Unavailable && core.calls.len() == 1;
    if scene.subject.call.is_some() || !finding.thin || !one_off || !worked_after {
        return None;
    }
    let other = finding.candidates.iter().find(|candidate| candidate.cause.is_trouble())?;
    Some(Judgement {
        cause: Cause::Delivered,
        confidence: 0.75,
        alternatives: vec![(other.cause, 0.1)],
        findings: Vec::new(),
        ticket: Vec::new(),
    })
}

fn find(scene: &Scene, mut core: Core) -> Finding {
    let mut facts = Facts::of(scene, &core);
    if let Some((began, shapes)) = facts.shape.since.clone()
        && core.symptom == Symptom::Worked
    {
        // What was asked before the answers changed is not what the question is about.
        core = core.within(scene, began, Timestamp::from_micros(i64::MAX)).unwrap_or(core);
        core.shapes = shapes.into_iter().collect();
        facts = Facts { shape: facts.shape, ..Facts::of(scene, &core) };
    }
    let cells = Cells::of(scene, &core);
    let candidates = model::candidates(&core, &cells, &facts);
    let first = candidates[0];
    let bearing = model::bearing(&core, &cells, first.cause);
    let bearing = match first.cause {
        Cause::SilentlyFiltered if facts.barren.is_no_chance() => bearing.max(facts.barren.calls),
        _ => bearing,
    };
    let stated = core.symptom.speaks_for_itself()
        || (facts.token_expired > 0.5 && first.cause == Cause::SessionExpired)
        || (facts.gone > 0.5 && first.cause == Cause::RecordGone);
    let confidence = first.probability.min(model::cap(bearing, stated));
    let confidence = confidence.min(doubt(&core, &cells, &facts, &candidates));
    let enough = match core.symptom {
        // Two people, whom nothing else is refused.
        Symptom::Refused if first.cause == Cause::ChartMaskedForAll => ENOUGH_OF_TWO,
        Symptom::NotFound if facts.has_patient => ENOUGH_OF_ONE,
        Symptom::NotFound => ENOUGH_MISSING,
        Symptom::Empty if core.is_search() && first.cause == Cause::NoMatch => ENOUGH_MISSING,
        _ => ENOUGH,
    };
    let thin = bearing < enough && !stated
        || first.probability < NAMED_FROM && !model::is_of_one_family(&candidates);
    Finding { core, cells, facts, candidates, thin, confidence }
}

/// The most that may be said while something is open.
fn doubt(core: &Core, cells: &Cells, facts: &Facts, candidates: &[Candidate]) -> f64 {
    let first = candidates[0].cause;
    let second = candidates[1..].iter().find(|other| other.cause != Cause::Unknown);
    let apart =
        second.is_none_or(|second| model::told_apart(core, cells, facts, first, second.cause));
    let odd = facts.slow_own > 0 || facts.shape.changed_here || facts.shape.perhaps;
    let colleagues = cells.get(Cell::PeerPatient).likes > 0;
    let open = match first {
        Cause::Delivered => odd || facts.much_was_lacking() || facts.many_are_late(),
        // Found elsewhere by others alone: that this person may not see it would look the same.
        Cause::WrongOffice if core.symptom == Symptom::Empty => {
            facts.found_elsewhere == 0 && !colleagues
        }
        // How long somebody waits is theirs.
        Cause::AccuroDown | Cause::AccuroSlow | Cause::AccuroUnreachable | Cause::ClinicDown => {
            facts.given_up > 0.9
        }
        // Two empty day sheets may be two days without appointments.
        Cause::SilentlyFiltered => core.patients.is_empty() && core.calls.len() < ENOUGH as usize,
        // Which record it was is not known.
        Cause::RecordRejected => !facts.has_patient,
        _ => false,
    };
    match (apart, open) {
        (false, _) => UNTOLD,
        (_, true) => ODD,
        _ => 1.0,
    }
}

/// Puts the finding first whose cause reaches furthest, of those that explain enough of the ticket.
fn bring_forward_the_widest(findings: &mut [Finding]) {
    let explains = |finding: &Finding| {
        let first = finding.candidates[0];
        first.cause.is_trouble()
            && !finding.thin
            && first.probability >= WIDE_FROM
            && finding.core.share >= WIDE_SHARE
    };
    let widest = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| explains(finding))
        .min_by_key(|(index, finding)| (finding.candidates[0].cause.scope(), *index));
    if let Some((index, _)) = widest {
        findings[..=index].rotate_right(1);
    }
}

fn name(findings: Vec<Finding>, ticket: Vec<usize>) -> Judgement {
    let named = &findings[0];
    let first = named.candidates[0];
    let mut alternatives: Vec<(Cause, f64)> = Vec::new();
    let mut add = |cause: Cause, confidence: f64| {
        let listed = alternatives.iter().any(|(other, _)| *other == cause);
        if confidence >= ALTERNATIVE_FROM && cause != Cause::Unknown && !listed {
            alternatives.push((cause, confidence));
        }
    };
    // What the first one leaves is shared among the others.
    let rest = 1.0 - named.confidence;
    for other in &findings[1..] {
        add(other.candidates[0].cause, rest * other.core.share);
    }
    let mut left = 1.0 - first.probability;
    if left <= 0.0 {
        left = 1.0;
    }
    for other in &named.candidates[1..] {
        add(other.cause, rest * other.probability / left);
    }
    if named.thin || first.cause == Cause::Unknown {
        let mut alternatives = alternatives;
        if first.cause != Cause::Unknown {
            alternatives.retain(|(cause, _)| *cause != first.cause);
            alternatives.push((first.cause, named.confidence));
        }
        let confidence = (1.0 - named.confidence).clamp(UNKNOWN.0, UNKNOWN.1);
        share_out(&mut alternatives, 1.0 - confidence);
        return unknown(confidence, alternatives, findings, ticket);
    }
    alternatives.retain(|(cause, _)| *cause != first.cause);
    let confidence = named.confidence;
    share_out(&mut alternatives, 1.0 - confidence);
    sort(&mut alternatives);
    Judgement { cause: first.cause, confidence, alternatives, findings, ticket }
}

/// Makes alternatives no more than what is left for them.
fn share_out(alternatives: &mut [(Cause, f64)], most: f64) {
    let sum: f64 = alternatives.iter().map(|(_, probability)| probability).sum();
    for (_, probability) in alternatives {
        *probability *= most / sum.max(most).max(f64::MIN_POSITIVE);
    }
}

fn unknown(
    confidence: f64,
    mut alternatives: Vec<(Cause, f64)>,
    findings: Vec<Finding>,
    ticket: Vec<usize>,
) -> Judgement {
    sort(&mut alternatives);
    Judgement { cause: Cause::Unknown, confidence, alternatives, findings, ticket }
}

fn sort(alternatives: &mut [(Cause, f64)]) {
    alternatives.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
}
