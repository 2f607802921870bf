//! The part of a ticket that lies in a wider trouble.
//!
//! Owns that cut. A chart that was closed to somebody an hour before the whole clinic is refused is
//! two troubles in one series of refusals: seen from the moment that is asked about, what others met
//! says where the second one begins. Which of the two is named is [`super::judge`]'s.

use super::alike::Core;
use super::scene::{Scene, Seen};
use super::segment::{self, Mark};
use super::symptom::Symptom;
use super::ticket::{closeness, is_grant};
use crate::domain::time::Timestamp;

/// Fewest calls of others, and the share of them, that make it a wider trouble.
const LEAST: usize = 3;
const MOSTLY: f64 = 0.6;

/// The parts of a core that lie in a trouble of its clinic, or of everybody.
pub(super) fn narrowed(scene: &Scene, core: &Core) -> Vec<Core> {
    let about = matches!(
        core.symptom,
        Symptom::Refused | Symptom::Grant | Symptom::Unavailable | Symptom::Garbled
    );
    let Some(moment) = moment(scene, core).filter(|_| about) else { return Vec::new() };
    let mut found: Vec<Core> = Vec::new();
    for here in [true, false] {
        let part = part(scene, core, moment, &|seen| !here || scene.is_here(&seen.call));
        if let Some(part) = part.filter(|part| found.iter().all(|old| old.calls != part.calls)) {
            found.push(part);
        }
    }
    found
}

/// When the call was that a question is about.
fn moment(scene: &Scene, core: &Core) -> Option<Timestamp> {
    let calls = core.calls.iter().map(|index| &scene.seen[*index].call);
    if let Some(named) = calls.clone().find(|call| Some(call.id) == scene.subject.call) {
        return Some(named.ts);
    }
    let near = |ts: Timestamp| closeness(scene, ts);
    calls.map(|call| call.ts).max_by(|a, b| near(*a).total_cmp(&near(*b)))
}

fn part(
    scene: &Scene,
    core: &Core,
    moment: Timestamp,
    among: &dyn Fn(&Seen) -> bool,
) -> Option<Core> {
    let others = scene.seen.iter().enumerate().filter(|(index, seen)| {
        among(seen)
            && core.calls.binary_search(index).is_err()
            && is_grant(seen) == (core.symptom == Symptom::Grant)
    });
    let marks: Vec<Mark> = others
        .filter_map(|(_, seen)| {
            let like = core.symptom.compare(seen.symptom?)?;
            Some(Mark { at: seen.call.ts, like })
        })
        .collect();
    let segment = segment::around(&marks, moment, moment);
    let inside = &marks[segment.start..segment.end];
    let likes = inside.iter().filter(|mark| mark.like).count();
    if likes < LEAST || super::facts::ratio(likes, inside.len()) < MOSTLY {
        return None;
    }
    let from = segment
        .start
        .checked_sub(1)
        .map_or(Timestamp::from_micros(i64::MIN), |before| marks[before].at);
    let to = marks.get(segment.end).map_or(Timestamp::from_micros(i64::MAX), |after| after.at);
    let part = core.within(scene, from, to)?;
    let weight = |calls: &[usize]| -> f64 {
        calls.iter().map(|index| closeness(scene, scene.seen[*index].call.ts)).sum()
    };
    let share = match scene.subject.call {
        Some(_) => core.share,
        None => core.share * weight(&part.calls) / weight(&core.calls),
    };
    Some(Core { share, ..part })
}
