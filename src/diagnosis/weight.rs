//! What each call of a comparison weighs: how near it is in time, and on which side of the ticket.
//!
//! Owns the weights. Which stretch of time counts at all is [`super::segment`]'s.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::Core;
use super::cells::Cell;
use super::facts::ratio;
use super::segment::Mark;
use super::symptom::Symptom;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;

/// Whose calls a comparison is among: a change that is seen among all of these calls is likely one of
/// each comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Width {
    Person,
    Clinic,
    Everybody,
}

impl Width {
    pub(super) const ALL: [Self; 3] = [Self::Person, Self::Clinic, Self::Everybody];
}

/// How long a state holds: an outage is over in minutes, a permission holds for an hour at least.
fn half_life_us(symptom: Symptom) -> f64 {
    const MINUTE_US: f64 = 60e6;
    match symptom {
        Symptom::Unavailable | Symptom::Garbled | Symptom::Ours | Symptom::TooMany => {
            10.0 * MINUTE_US
        }
        _ => 60.0 * MINUTE_US,
    }
}

/// What one colleague's refusals weigh at most: many in a row are one matter of theirs, not many people's.
const ONE_VOICE: f64 = 1.0;

/// What a comparison's calls weigh: those like the ticket, and the contrary ones.
pub(super) fn weigh(core: &Core, cell: Cell, chosen: &[Mark], whose: &[Whose]) -> (f64, f64) {
    let (mut like, mut unlike) = (0.0, 0.0);
    let mut voices: BTreeMap<Whose, f64> = BTreeMap::new();
    let by_voice = core.symptom == Symptom::Refused && !cell.is_of_the_ticket();
    // A person's own calls before the trouble began say nothing about it; colleagues' say a little.
    // What holds on both sides of the ticket holds in between.
    let (only_before, only_after) =
        (chosen.iter().all(|m| m.at < core.first), chosen.iter().all(|m| m.at > core.last));
    let states = matches!(core.symptom, Symptom::Empty | Symptom::Invalid);
    let one_sided = match (cell.is_own(), states) {
        // What a list held before or since says nothing about what it held then.
        (true, true) if core.is_list() && core.patients.is_empty() => 0.05,
        // Several in a row say that something changed.
        (true, true) if only_before && core.calls.len() >= 3 => 0.1,
        (_, true) => 0.6,
        (true, false) if only_before => 0.08,
        _ => 0.35,
    };
    let discount = if only_before || only_after { one_sided } else { 1.0 };
    for (mark, whose) in chosen.iter().zip(whose) {
        let apart = core.first.since(mark.at).max(mark.at.since(core.last));
        let apart = micros(apart);
        // A failure like the ticket's does not need to be near: it is in the same stretch.
        let weight = 1.0 / (1.0 + apart / half_life_us(core.symptom));
        if mark.like {
            let weight = weight.max(0.3);
            let said = voices.entry(*whose).or_default();
            like += if by_voice { weight.min(ONE_VOICE - *said) } else { weight };
            *said = (*said + weight).min(ONE_VOICE);
        } else {
            unlike += weight * discount;
        }
    }
    (like, unlike)
}

/// How clear a trouble of others has to be.
const CLEAR: f64 = 0.6;

/// Whose a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    Somebody([u8; Reference::BYTES]),
    /// Nobody's that is known: each such call counts for one.
    Unknown(usize),
}

/// A call that is not the ticket's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Other {
    pub(super) mark: Mark,
    pub(super) whose: Whose,
}

/// From when to when others clearly met the same, around the ticket; `None` where they did not, or
/// always did. `chosen` are the calls of the ticket's stretch, `others` all that are not the ticket's.
pub(super) fn trouble_of_others(
    chosen: &[Mark],
    others: &[Other],
    core: &Core,
    least: usize,
) -> Option<(Timestamp, Timestamp)> {
    let from = chosen.iter().find(|mark| mark.like)?.at.min(core.first);
    let to = chosen.iter().rfind(|mark| mark.like)?.at.max(core.last);
    let start = others.partition_point(|other| other.mark.at < from);
    let end = others.partition_point(|other| other.mark.at <= to);
    let inside = &others[start..end];
    let likes = |part: &[Other]| part.iter().filter(|other| other.mark.like).count();
    let outside = likes(others) - likes(inside);
    let clear = likes(inside) >= least
        && ratio(likes(inside), inside.len()) >= CLEAR
        && ratio(outside, others.len() - inside.len()) <= 1.0 - CLEAR
        && (core.symptom != Symptom::Refused || is_of_several(inside, others));
    (clear && inside.len() < others.len()).then_some((from, to))
}

/// Whether not only one of the others met it: refusals of one person are that person's, such as a token that
/// ended in the same minute.
fn is_of_several(inside: &[Other], others: &[Other]) -> bool {
    let met: BTreeSet<Whose> =
        inside.iter().filter(|other| other.mark.like).map(|other| other.whose).collect();
    let all: BTreeSet<Whose> = others.iter().map(|other| other.whose).collect();
    met.len() >= all.len().min(2)
}

fn micros(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
