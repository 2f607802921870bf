//! How far back a trouble reaches.
//!
//! Owns the reading on where what was read first does not show the beginning: a clinic that was refused
//! hours before the window began, or an outage of so many calls that a window's reading ends within it. The
//! judgement is made anew each time, since what came before is evidence, too.

use std::time::Duration;

use super::course::Course;
use super::extent::Extent;
use super::judge::{Judgement, judge};
use super::scene::Scene;
use crate::store::{Around, ExchangeFilter, Store, StoreError};

/// How much further each reading goes, at most.
const STEPS: [Duration; 4] = [
    Duration::from_hours(6),
    Duration::from_hours(24),
    Duration::from_hours(3 * 24),
    Duration::from_hours(14 * 24),
];
/// Most calls of one reading.
const MOST: u32 = 2_000;

/// The judgement of a scene, with as much more of what came before as it takes to see the beginning.
pub(super) async fn judged(
    store: &Store,
    mut scene: Scene,
) -> Result<(Scene, Judgement), StoreError> {
    let mut judgement = judge(&scene);
    for step in STEPS {
        let Some(everywhere) = is_open(&scene, &judgement) else { break };
        let before = scene.reach.of(everywhere);
        let from = before.minus(step);
        let filter = ExchangeFilter {
            clinic: scene.subject.clinic.clone().filter(|_| !everywhere),
            from: Some(from),
            to: Some(before),
            ..ExchangeFilter::default()
        };
        let around = Around { at: before, before: MOST, after: 0 };
        let calls = store.sightings(&filter, around).await?;
        let oldest = calls.iter().map(|call| call.ts).min();
        let reached = match oldest {
            Some(oldest) if calls.len() >= MOST as usize => oldest,
            _ => from,
        };
        if everywhere {
            scene.reach.everywhere = reached;
            scene.reach.here = scene.reach.here.min(reached);
        } else {
            scene.reach.here = reached;
        }
        scene = scene.with(calls);
        judgement = judge(&scene);
    }
    Ok((scene, judgement))
}

/// Whether it is open when a trouble of many began: no success stands before it that was not read by choice.
/// Then also whether it reaches beyond the clinic.
fn is_open(scene: &Scene, judgement: &Judgement) -> Option<bool> {
    let core = &judgement.findings.first()?.core;
    let cause = judgement.cause;
    let extent = Extent::of(scene, core, cause);
    if !cause.is_trouble() || !extent.is_of_many(cause) {
        return None;
    }
    let reach = scene.reach.of(extent.everywhere);
    let course = Course::of(scene, core, cause)?;
    course.worked_until.is_none_or(|until| until < reach).then_some(extent.everywhere)
}
