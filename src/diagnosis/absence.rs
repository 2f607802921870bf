//! Where no call was found: did the app never ask, or were we not looking?
//!
//! Owns that decision. A time that a person remembers is uncertain, so a gap in the recording weighs
//! as much as the chance that the moment lay in it.

use super::judge::Judgement;
use super::scene::Scene;
use super::symptom::Symptom;
use super::ticket::{self, closeness, could_be_meant, is_grant};
use crate::domain::cause::Cause;
use crate::domain::time::Timestamp;

/// Of tickets without calls whose moment may have been recorded or not, so many were in the gap.
const GAP_PRIOR: f64 = 0.75;
/// Refused sign-ins from this number on explain why there are no calls.
const GRANTS: usize = 3;
/// Pieces of the window that the chance is summed over.
const PIECES: i64 = 240;

/// Names the cause of silence.
pub(super) fn judge(scene: &Scene) -> Judgement {
    let gap = share_in_silence(scene);
    let not_recorded = GAP_PRIOR * gap;
    let no_calls = (1.0 - GAP_PRIOR) * (1.0 - gap);
    let not_recorded = not_recorded / (not_recorded + no_calls).max(f64::MIN_POSITIVE);
    if let Some(judgement) = sign_ins_failing(scene, not_recorded) {
        return judgement;
    }
    let (cause, other, confidence) = if not_recorded >= 0.5 {
        (Cause::NotRecorded, Cause::NoCalls, not_recorded)
    } else {
        (Cause::NoCalls, Cause::NotRecorded, 1.0 - not_recorded)
    };
    // Something else may be asked than what was meant: another person, another day; and a call that
    // names no patient may be the one.
    let meant = |seen: &super::scene::Seen| {
        scene.is_here(&seen.call) && scene.in_window(seen) && could_be_meant(scene, seen)
    };
    let vague = scene.subject.actors.is_empty() && scene.seen.iter().any(meant);
    // People remember times badly, so calls of another hour may be the ones.
    let another_hour = !ticket::calls(scene).is_empty();
    let most = match (vague, another_hour) {
        (false, false) => 0.95,
        (false, true) => 0.65,
        (true, _) => 0.75,
    };
    let confidence = confidence.min(most);
    let alternatives = vec![(other, (1.0 - confidence).max(0.01))];
    Judgement { cause, confidence, alternatives, findings: Vec::new(), ticket: Vec::new() }
}

/// `not_recorded`, where calls were found but the moment itself lies in a silence and none of them is
/// near it.
pub(super) fn of_the_moment(scene: &Scene, ticket: &[usize]) -> Option<Judgement> {
    let at = scene.subject.at;
    let (start, end) = silences(scene).find(|(start, end)| *start < at && at < *end)?;
    let near = ticket.iter().any(|index| closeness(scene, scene.seen[*index].call.ts) > 0.8);
    let gap = share_in_silence(scene);
    let inside = |ts: Timestamp| ts > start && ts < end;
    let calls_inside = ticket.iter().any(|index| inside(scene.seen[*index].call.ts));
    if scene.subject.call.is_some() || near || calls_inside || gap < 0.5 {
        return None;
    }
    Some(Judgement {
        cause: Cause::NotRecorded,
        confidence: gap.min(0.9),
        alternatives: vec![(Cause::Delivered, (1.0 - gap).max(0.05))],
        findings: Vec::new(),
        ticket: Vec::new(),
    })
}

/// The silences in the window. What comes after the last event of all is not silence yet, unless the
/// moment itself lies in it.
fn silences(scene: &Scene) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
    let at = scene.subject.at;
    let open =
        move |start: Timestamp| scene.newest.is_none_or(|newest| start >= newest) && start > at;
    scene.silences.iter().copied().filter(move |(start, _)| !open(*start))
}

/// The chance that the moment lay in a silence.
fn share_in_silence(scene: &Scene) -> f64 {
    let from = scene.subject.from().micros();
    let last = silences_end(scene).micros();
    let step = ((last - from) / PIECES).max(1);
    let (mut inside, mut all) = (0.0, 0.0);
    for piece in 0..PIECES {
        let ts = Timestamp::from_micros(from + piece * step + step / 2);
        let weight = closeness(scene, ts);
        all += weight;
        if silences(scene).any(|(start, end)| start <= ts && ts < end) {
            inside += weight;
        }
    }
    if all > 0.0 { inside / all } else { 1.0 }
}

/// Where the window ends for this purpose: at the last event, if that is later than the moment.
fn silences_end(scene: &Scene) -> Timestamp {
    let to = scene.subject.to();
    match scene.newest {
        Some(newest) if newest > scene.subject.at => newest.min(to),
        _ => scene.subject.at.max(scene.subject.from()),
    }
}

/// People who cannot sign in make no calls.
fn sign_ins_failing(scene: &Scene, not_recorded: f64) -> Option<Judgement> {
    let here = |refused: bool| {
        let grants = scene.seen.iter().filter(|seen| {
            is_grant(seen)
                && scene.is_here(&seen.call)
                && scene.in_window(seen)
                && closeness(scene, seen.call.ts) > 0.4
        });
        let failed = |symptom| matches!(symptom, Some(Symptom::Grant | Symptom::Refused));
        grants.filter(|seen| failed(seen.symptom) == refused).count()
    };
    let (refused, worked) = (here(true), here(false));
    if refused < GRANTS || refused < 3 * worked || not_recorded > 0.3 {
        return None;
    }
    Some(Judgement {
        cause: Cause::ClinicSignInFailing,
        confidence: 0.6,
        alternatives: vec![(Cause::NoCalls, 0.3)],
        findings: Vec::new(),
        ticket: Vec::new(),
    })
}
