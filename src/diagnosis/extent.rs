//! Who shares a trouble: one clinic or all of them, one app or all of them.
//!
//! Owns that reading, for causes that can reach differently far: a limit or a rule may hold for one
//! app, for a clinic whatever the app, or for everybody. What the answer names as its scope is what its
//! course and its counts are about.

use std::collections::BTreeMap;
use std::time::Duration;

use super::alike::Core;
use super::scene::{Scene, Seen};
use super::segment::{self, Mark};
use super::symptom::Symptom;
use crate::domain::cause::{Cause, Scope};
use crate::domain::names::{AppId, ClinicId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// Whose calls a trouble reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Other clinics, too.
    pub(super) everywhere: bool,
    /// Other apps, too.
    pub(super) all_apps: bool,
}

/// A trouble of moments is compared with so much around it.
const LEAST: Duration = Duration::from_mins(2);
/// Of those who share it, so many in ten fail: a limit lets some through.
const SHARES_TENTHS: u32 = 3;

impl Extent {
    /// Whose calls a cause claims.
    pub(super) fn of(scene: &Scene, core: &Core, cause: Cause) -> Self {
        let of = |everywhere, all_apps| Self { everywhere, all_apps };
        match cause {
            // Who holds the wrong kind of token does so through whatever app.
            Cause::AccuroDown
            | Cause::AccuroSlow
            | Cause::AccuroUnreachable
            | Cause::AccuscopeFailing
            | Cause::AnswerChanged
            | Cause::WrongContext => of(true, true),
            // A change that came twice is one record's, whoever else's did.
            Cause::RefusedByAccuscope if core.symptom == Symptom::Repeated => of(false, false),
            Cause::RefusedByAccuscope | Cause::RateLimited => {
                let is_switch = reason(scene, core) == Some(Reason::ReadOnly);
                if is_switch { of(true, true) } else { measured(scene, core) }
            }
            // A form is one app's, unless the others' is not taken either.
            Cause::RequestRejected => of(true, measured(scene, core).all_apps),
            Cause::AppCredentialsRejected | Cause::ScopeMissing => of(true, false),
            _ => of(false, true),
        }
    }

    /// Whether a call is of those.
    pub(super) fn reaches(self, scene: &Scene, core: &Core, seen: &Seen) -> bool {
        (self.everywhere || scene.is_here(&seen.call))
            && (self.all_apps || core.app.is_none() || seen.call.app == core.app)
    }

    /// Whether it is about more than a person, a patient or a record.
    pub(super) const fn is_of_many(self, cause: Cause) -> bool {
        matches!(self.scope(cause), Scope::Platform | Scope::Clinic | Scope::App | Scope::Operation)
    }

    /// How far a cause reaches with it.
    pub(super) const fn scope(self, cause: Cause) -> Scope {
        match (cause, self.everywhere, self.all_apps) {
            (Cause::RateLimited | Cause::RefusedByAccuscope, true, true) => Scope::Platform,
            (Cause::RateLimited | Cause::RefusedByAccuscope, false, true) => Scope::Clinic,
            _ => cause.scope(),
        }
    }
}

fn reason(scene: &Scene, core: &Core) -> Option<Reason> {
    core.calls.first().and_then(|index| scene.seen[*index].call.ending.reason())
}

/// Who else fails in the ticket's stretch for the same reason.
fn measured(scene: &Scene, core: &Core) -> Extent {
    let reason = reason(scene, core);
    let like = |seen: &Seen| {
        let like = core.symptom.compare(seen.symptom?)?;
        (!like || seen.call.ending.reason() == reason).then_some(like)
    };
    let (from, to) = stretch(scene, core, &like);
    // Other clinics through the same app, and other apps at this clinic and at others.
    let mut clinics: BTreeMap<Option<&ClinicId>, Count> = BTreeMap::new();
    let (mut apps, mut apps_elsewhere) = (ByApp::new(), ByApp::new());
    for seen in &scene.seen {
        let call = &seen.call;
        if call.ts < from || call.ts > to || !is_comparable(core, seen) {
            continue;
        }
        let Some(like) = like(seen) else { continue };
        let count = match (scene.is_here(call), call.app == core.app) {
            (true, true) => continue,
            (true, false) => apps.entry((call.app.as_ref(), None)).or_default(),
            (false, true) => clinics.entry(call.clinic.as_ref()).or_default(),
            (false, false) => {
                apps_elsewhere.entry((call.app.as_ref(), call.clinic.as_ref())).or_default()
            }
        };
        count.add(like);
    }
    let everywhere = match (clinics.is_empty(), apps_elsewhere.is_empty()) {
        (false, _) => mostly(clinics.values()),
        (true, false) => mostly(apps_elsewhere.values()),
        (true, true) => met_elsewhere(scene, core, &like),
    };
    let elsewhere = apps_elsewhere.values().filter(|_| everywhere);
    let all_apps = mostly(apps.values().chain(elsewhere));
    Extent { everywhere, all_apps }
}

/// Whether most other clinics met it through the same app in the window. Asked where nobody else called in the
/// ticket's stretch; by chance nobody meets it twice.
fn met_elsewhere(scene: &Scene, core: &Core, like: &dyn Fn(&Seen) -> Option<bool>) -> bool {
    let mut clinics: BTreeMap<Option<&ClinicId>, Count> = BTreeMap::new();
    for seen in scene.seen.iter().filter(|seen| scene.in_window(seen)) {
        let elsewhere = !scene.is_here(&seen.call) && seen.call.app == core.app;
        if let Some(like) = like(seen).filter(|_| elsewhere && is_comparable(core, seen)) {
            clinics.entry(seen.call.clinic.as_ref()).or_default().add(like);
        }
    }
    let meets = |count: &&Count| count.like >= 2 && count.like * 10 >= count.all;
    clinics.values().filter(meets).count() * 2 > clinics.len()
}

type ByApp<'s> = BTreeMap<(Option<&'s AppId>, Option<&'s ClinicId>), Count>;

/// Where one operation's form is the matter, others say nothing.
fn is_comparable(core: &Core, seen: &Seen) -> bool {
    core.symptom != Symptom::Invalid || seen.call.operation == core.operation
}

/// The ticket's stretch, by what its own clinic's calls through its app met.
fn stretch(
    scene: &Scene,
    core: &Core,
    like: &dyn Fn(&Seen) -> Option<bool>,
) -> (Timestamp, Timestamp) {
    let own = scene.seen.iter().filter(|seen| {
        scene.is_here(&seen.call) && seen.call.app == core.app && is_comparable(core, seen)
    });
    let marks: Vec<Mark> =
        own.filter_map(|seen| Some(Mark { at: seen.call.ts, like: like(seen)? })).collect();
    let segment = segment::around(&marks, core.first, core.last);
    let mut likes = marks[segment.start..segment.end].iter().filter(|mark| mark.like);
    let first = likes.next().map_or(core.first, |mark| mark.at.min(core.first));
    let last = likes.next_back().map_or(core.last, |mark| mark.at.max(core.last));
    if last.since(first) < LEAST {
        (first.minus(LEAST / 2), last.plus(LEAST / 2))
    } else {
        (first, last)
    }
}

/// Calls of one clinic or app that are like the ticket's, and all of them.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    like: u32,
    all: u32,
}

impl Count {
    fn add(&mut self, like: bool) {
        self.like += u32::from(like);
        self.all += 1;
    }
}

/// Whether most of those who called share it.
fn mostly<'c>(counts: impl Iterator<Item = &'c Count>) -> bool {
    let (mut sharing, mut all) = (0, 0);
    for count in counts {
        let shares = count.like > 0 && count.like * 10 >= count.all * SHARES_TENTHS;
        sharing += u32::from(shares);
        all += 1;
    }
    sharing * 2 > all
}
