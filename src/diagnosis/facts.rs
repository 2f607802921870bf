//! What else the calls tell, apart from who shares the trouble: reasons, kinds of failure, history,
//! latency, the structure of answers.
//!
//! Owns the reading of these from a scene. What they are worth for a cause is in
//! [`super::model::hints`].

use std::collections::BTreeSet;
use std::time::Duration;

use super::alike::Core;
use super::barren::Barren;
use super::path_kind::PathKind;
use super::scene::{Scene, Seen};
use super::segment::{self, Mark};
use super::shapes::Shape;
use super::symptom::{Lack, Symptom};
use super::ticket::{is_grant, is_one_of};
use crate::domain::names::Office;
use crate::domain::reason::{Ending, Reason};
use crate::domain::time::Timestamp;

/// What else the calls tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Shares of the core's calls, 0 to 1.
    pub(super) forbidden: f64,
    pub(super) token_expired: f64,
    pub(super) gone: f64,
    pub(super) client_rejected: f64,
    pub(super) given_up: f64,
    /// The token is of another kind than the path.
    pub(super) mismatch: bool,
    /// Different tokens of the core's calls.
    pub(super) tokens: usize,
    /// The patient is known.
    pub(super) has_patient: bool,
    /// A search, not a list of something that is known.
    pub(super) is_search: bool,
    /// Calls for the patient that worked before the trouble, in the same office as far as known.
    pub(super) worked_before: u32,
    /// Calls with the ticket's token that worked after it was refused.
    pub(super) alive_after: u32,
    /// The person's searches, and the same list of other patients, that found something.
    pub(super) others_found: u32,
    /// Most of the core's calls in a row between which nothing of the kind worked for the person.
    pub(super) unbroken: u32,
    pub(super) barren: Barren,
    /// The person found the same in another office.
    pub(super) found_elsewhere: u32,
    pub(super) sign_ins: SignIns,
    /// Kinds of unavailability in the ticket's stretch: no connection, no answer, errors.
    pub(super) lacks: [u32; 3],
    /// Answered calls of that stretch, and those of them that took a multiple of the usual.
    pub(super) answered: u32,
    pub(super) slow: u32,
    /// … and those that took longer than nearly all do.
    pub(super) late: u32,
    /// Of other clinics alone, and of the ticket's own calls.
    pub(super) answered_elsewhere: u32,
    pub(super) slow_elsewhere: u32,
    pub(super) slow_own: u32,
    /// Calls of the ticket's clinic that got no answer in that stretch.
    pub(super) lacking_here: u32,
    pub(super) shape: Shape,
}

/// What happened while the clinic's sign-ins were refused.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SignIns {
    /// The clinic's calls that worked meanwhile.
    pub(super) works_meanwhile: u32,
    /// Whether what was refused meanwhile was so because tokens ran out: nobody says that living ones were.
    pub(super) ran_out_meanwhile: bool,
    /// Several calls of the ticket, and nothing tells that they are one person's.
    pub(super) nobodys: bool,
}

/// How far around a ticket failures and latencies are looked at that lies in no stretch of them.
const AROUND: Duration = Duration::from_mins(10);

impl Facts {
    /// Whether so many of the clinic's calls got no answer that one that worked says little.
    pub(super) const fn much_was_lacking(&self) -> bool {
        let answered = self.answered.saturating_sub(self.answered_elsewhere);
        self.lacking_here >= 3 && self.lacking_here.saturating_mul(3) >= answered
    }

    /// Whether so many answers were slow, or late, that it is no chance.
    pub(super) const fn many_are_late(&self) -> bool {
        self.answered >= 4
            && (self.late.saturating_mul(2) >= self.answered
                || self.slow >= 3 && self.slow.saturating_mul(5) >= self.answered)
    }

    pub(super) fn of(scene: &Scene, core: &Core) -> Self {
        let calls: Vec<&Seen> = core.calls.iter().map(|index| &scene.seen[*index]).collect();
        let share = |reason: Reason| {
            let of = calls.iter().filter(|seen| seen.call.ending.reason() == Some(reason)).count();
            ratio(of, calls.len())
        };
        let mut facts = Self {
            forbidden: share(Reason::Forbidden),
            token_expired: share(Reason::TokenExpired),
            gone: share(Reason::Gone),
            client_rejected: share(Reason::ClientRejected),
            given_up: ratio(
                calls.iter().filter(|seen| seen.call.ending == Ending::Aborted).count(),
                calls.len(),
            ),
            mismatch: PathKind::of_core(scene, core).refuses(core.context),
            tokens: core.tokens.len(),
            has_patient: !core.patients.is_empty(),
            is_search: core.is_search(),
            shape: super::shapes::shape(scene, core),
            unbroken: unbroken(scene, core),
            slow_own: count(calls.iter().filter(|seen| seen.slow).count()),
            ..Self::default()
        };
        facts.barren = Barren::of_core(scene, core);
        facts.sign_ins = sign_ins(scene, core);
        // Where it was found before and is missed now: it is not that the office is another one.
        let missed = scene.seen.iter().filter(|seen| {
            core.symptom == Symptom::NotFound
                && seen.symptom == Some(Symptom::NotFound)
                && scene.is_here(&seen.call)
                && core.is_of_patient(seen)
        });
        let missed_in: BTreeSet<Option<Office>> = missed.map(|seen| seen.call.office).collect();
        let (from, to) = lacking(scene, core);
        for seen in &scene.seen {
            let call = &seen.call;
            if seen.symptom == Some(Symptom::Worked)
                && call.ts < core.first
                && scene.is_here(call)
                && is_one_of(call.patient.as_ref(), &core.patients)
                && (call.office == core.office
                    || call.office.is_none()
                    || core.office.is_none()
                    || missed_in.contains(&call.office))
            {
                facts.worked_before += 1;
            }
            if seen.symptom == Some(Symptom::Worked)
                && scene.is_here(call)
                && core.is_mine(seen)
                && call.operation == core.operation
                && (core.patients.is_empty() || core.is_of_patient(seen))
                && call.office.zip(core.office).is_some_and(|(other, own)| other != own)
            {
                facts.found_elsewhere += 1;
            }
            // What the same list held before or since is not another search.
            let other = seen.call.operation.as_str().contains("search")
                || seen.call.operation == core.operation
                    && call.patient.is_some()
                    && !core.is_of_patient(seen);
            if seen.symptom == Some(Symptom::Worked)
                && scene.is_here(call)
                && core.is_mine(seen)
                && other
            {
                facts.others_found += 1;
            }
            if matches!(seen.symptom, Some(Symptom::Worked | Symptom::Empty))
                && call.ts > core.first
                && is_one_of(call.token.as_ref(), &core.tokens)
            {
                facts.alive_after += 1;
            }
            if call.ts < from || call.ts > to {
                continue;
            }
            if let Some(lack) =
                Lack::of(call).filter(|_| seen.symptom == Some(Symptom::Unavailable))
            {
                facts.lacking_here += u32::from(scene.is_here(call));
                facts.lacks[lack as usize] += 1;
            } else if call.ending == Ending::Aborted && seen.symptom.is_some() {
                facts.lacks[Lack::Answer as usize] += 1;
            }
            if matches!(seen.symptom, Some(Symptom::Worked | Symptom::Empty)) {
                facts.answered += 1;
                facts.slow += u32::from(seen.slow);
                facts.late += u32::from(seen.late);
                if !scene.is_here(call) {
                    facts.answered_elsewhere += 1;
                    facts.slow_elsewhere += u32::from(seen.slow);
                }
            }
        }
        facts
    }
}

/// How many of the core's calls follow each other without a success of the kind, at most.
fn unbroken(scene: &Scene, core: &Core) -> u32 {
    let (mut run, mut longest) = (0, 0);
    for (index, seen) in scene.seen.iter().enumerate() {
        let is_success = seen.symptom == Some(Symptom::Worked)
            && scene.is_here(&seen.call)
            && core.is_mine(seen)
            && seen.call.operation == core.operation;
        if core.calls.contains(&index) {
            run += 1;
            longest = longest.max(run);
        } else if is_success {
            run = 0;
        }
    }
    longest
}

/// From when to when answers were missing or late around the ticket, whoever asked.
fn lacking(scene: &Scene, core: &Core) -> (Timestamp, Timestamp) {
    let mark = |seen: &Seen| {
        let like = match seen.symptom? {
            Symptom::Unavailable => true,
            Symptom::Worked | Symptom::Empty => seen.slow,
            _ => return None,
        };
        Some(Mark { at: seen.call.ts, like })
    };
    let marks: Vec<Mark> = scene.seen.iter().filter_map(mark).collect();
    let segment = segment::around(&marks, core.first, core.last);
    let mut likes = marks[segment.start..segment.end].iter().filter(|mark| mark.like);
    let first = likes.next().map(|mark| mark.at);
    let last = likes.next_back().map(|mark| mark.at).or(first);
    match first.zip(last) {
        Some((first, last)) if first <= core.last && last >= core.first => {
            (first.min(core.first), last.max(core.last))
        }
        _ => (core.first.minus(AROUND), core.last.plus(AROUND)),
    }
}

/// Calls that worked while the clinic's sign-ins were refused, in the stretch of refused sign-ins
/// around the ticket, and whether those that did not had tokens that ran out. Where hardly any worked, they are
/// chance.
fn sign_ins(scene: &Scene, core: &Core) -> SignIns {
    let nobodys = core.is_nobodys() && core.calls.len() >= 3;
    let grants = scene
        .seen
        .iter()
        .filter(|seen| is_grant(seen) && scene.is_here(&seen.call) && scene.in_window(seen));
    let marks: Vec<Mark> = grants
        .filter_map(|seen| {
            let like = match seen.symptom? {
                Symptom::Grant | Symptom::Refused => true,
                Symptom::Worked => false,
                _ => return None,
            };
            Some(Mark { at: seen.call.ts, like })
        })
        .collect();
    let segment = segment::around(&marks, core.first, core.last);
    let inside = &marks[segment.start..segment.end];
    let first = inside.iter().find(|mark| mark.like).map(|mark| mark.at);
    let last = inside.iter().rev().find(|mark| mark.like).map(|mark| mark.at);
    let Some((first, last)) = first.zip(last) else {
        return SignIns { nobodys, ..SignIns::default() };
    };
    let (mut works, mut refused, mut ran_out, mut rejected) = (0, 0, 0, 0);
    // What the ticket was refused before the first sign-in was tells, too, whether tokens ran out.
    let (from, to) = (first.min(core.first), last.max(core.last));
    for seen in scene.seen.iter().filter(|seen| !is_grant(seen) && scene.is_here(&seen.call)) {
        let (ts, symptom) = (seen.call.ts, seen.symptom);
        let meanwhile = ts > first && ts < last;
        works += u32::from(meanwhile && symptom == Some(Symptom::Worked));
        refused += u32::from(meanwhile && symptom == Some(Symptom::Refused));
        if symptom == Some(Symptom::Refused) && (from..=to).contains(&ts) {
            let expired = seen.call.ending.reason() == Some(Reason::TokenExpired);
            *if expired { &mut ran_out } else { &mut rejected } += 1;
        }
    }
    let ran_out_meanwhile = ran_out > 0 && rejected * 10 <= ran_out;
    let works_meanwhile = if works * CHANCE < refused { 0 } else { works };
    SignIns { works_meanwhile, ran_out_meanwhile, nobodys }
}

/// So many times as many refusals as successes make the successes chance.
const CHANCE: u32 = 4;

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A share of a few.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}
