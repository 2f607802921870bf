//! Which calls the question is about, and what they show.
//!
//! Owns the choice: the calls of the person, patient and operation that were named; what of it is
//! the matter, told from what happens by chance; and the core, the calls that are most alike. It
//! compares nothing with others; see [`super::cells`].

use std::collections::BTreeMap;

use super::scene::{Scene, Seen};
use super::symptom::Symptom;
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::digest::Digest;
use crate::domain::labels::{Context, WorkflowDomain};
use crate::domain::names::{AppId, Office, OperationName};
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;

/// The calls of a ticket that show one symptom and are most alike, and what they have in common.
#[derive(Clone, Debug)]
pub(super) struct Core {
    pub(super) symptom: Symptom,
    /// Indices into the scene, in the order of time; never empty.
    pub(super) calls: Vec<usize>,
    /// The part of the ticket's troubled calls that show this symptom, 0 to 1.
    pub(super) share: f64,
    pub(super) actors: Vec<Reference>,
    pub(super) tokens: Vec<Reference>,
    pub(super) patients: Vec<Reference>,
    /// The structures of their answers.
    pub(super) shapes: Vec<Digest>,
    pub(super) operation: OperationName,
    /// Whether they could change the chart.
    pub(super) mutation: bool,
    pub(super) domain: WorkflowDomain,
    pub(super) app: Option<AppId>,
    pub(super) context: Context,
    pub(super) office: Option<Office>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// The calls that a question is about, in the window.
pub(super) fn calls(scene: &Scene) -> Vec<usize> {
    let subject = &scene.subject;
    let named = |seen: &Seen| {
        scene.is_here(&seen.call)
            && scene.in_window(seen)
            && subject.operation.as_ref().is_none_or(|op| *op == seen.call.operation)
    };
    let by = |seen: &Seen| is_one_of(seen.call.actor.as_ref(), &subject.actors);
    let of = |seen: &Seen| is_one_of(seen.call.patient.as_ref(), &subject.patients);
    let pick = |fits: &dyn Fn(&Seen) -> bool| -> Vec<usize> {
        let found = scene.seen.iter().enumerate().filter(|(_, seen)| named(seen) && fits(seen));
        found.map(|(index, _)| index).collect()
    };
    if let Some(id) = subject.call {
        return kin(scene, id);
    }
    let strict = pick(&|seen| {
        (subject.actors.is_empty() || by(seen)) && (subject.patients.is_empty() || of(seen))
    });
    if !strict.is_empty() || subject.patients.is_empty() {
        return strict;
    }
    // A search names no patient in its path, and the app may not say who asked: the person's calls
    // without a patient that came to nothing, then the patient's calls without a person.
    let in_vain = |seen: &Seen| {
        seen.call.patient.is_none() && !matches!(seen.symptom, None | Some(Symptom::Worked))
    };
    let near = |seen: &Seen| closeness(scene, seen.call.ts) >= AT_THE_TIME;
    let searches =
        pick(&|seen| !subject.actors.is_empty() && by(seen) && in_vain(seen) && near(seen));
    if !searches.is_empty() {
        return searches;
    }
    let nobodys = pick(&|seen| seen.call.actor.is_none() && of(seen));
    if !nobodys.is_empty() || !subject.actors.is_empty() {
        return nobodys;
    }
    // Where only the patient is named: what failed around that time without naming one.
    let failed = pick(&|seen| could_be_meant(scene, seen));
    // Single failures of several people are everyday's.
    let again = |one: &usize| {
        let of = |i: usize| {
            (&scene.seen[i].call.actor, &scene.seen[i].call.token, scene.seen[i].symptom)
        };
        failed.iter().any(|other| other != one && of(*other) == of(*one))
    };
    if failed.iter().any(again) { failed } else { Vec::new() }
}

/// Whether a call without a patient failed so near to the moment that it could be what is meant.
pub(super) fn could_be_meant(scene: &Scene, seen: &Seen) -> bool {
    let failed = !matches!(seen.symptom, None | Some(Symptom::Worked | Symptom::Empty));
    seen.call.patient.is_none() && failed && closeness(scene, seen.call.ts) >= 0.8
}

/// A call and those like it: the same person, patient, and operation or domain.
fn kin(scene: &Scene, id: crate::domain::ids::EventId) -> Vec<usize> {
    let Some(named) = scene.seen.iter().find(|seen| seen.call.id == id) else { return Vec::new() };
    let call = &named.call;
    let is_kin = |seen: &Seen| {
        let other = &seen.call;
        let person = match (&call.actor, &call.token) {
            (Some(_), _) => other.actor == call.actor,
            (None, Some(_)) => other.actor.is_none() && other.token == call.token,
            (None, None) => other.actor.is_none() && other.token.is_none(),
        };
        other.id == call.id
            || person
                && other.clinic == call.clinic
                && other.app == call.app
                && other.patient == call.patient
                && (other.operation == call.operation || other.domain == call.domain)
                && scene.in_window(seen)
    };
    let kin = scene.seen.iter().enumerate().filter(|(_, seen)| is_kin(seen));
    kin.map(|(index, _)| index).collect()
}

/// Whether a reference is one of those; never for none.
pub(super) fn is_one_of(reference: Option<&Reference>, all: &[Reference]) -> bool {
    reference.is_some_and(|reference| all.contains(reference))
}

/// What is the matter with the ticket's calls, what bears most first. Empty: nothing is.
pub(super) fn symptoms(scene: &Scene, ticket: &[usize]) -> Vec<(Symptom, f64)> {
    if let Some(id) = scene.subject.call {
        let named = scene.seen.iter().find(|seen| seen.call.id == id);
        let symptom = named.and_then(|seen| seen.symptom).filter(|s| *s != Symptom::Worked);
        return symptom.map(|symptom| (symptom, 1.0)).into_iter().collect();
    }
    let mut weights: BTreeMap<Symptom, f64> = BTreeMap::new();
    let mut nearest: BTreeMap<Symptom, f64> = BTreeMap::new();
    let mut all = 0.0;
    for seen in ticket.iter().map(|index| &scene.seen[*index]) {
        let Some(symptom) = seen.symptom else { continue };
        let weight = closeness(scene, seen.call.ts);
        all += weight;
        *weights.entry(symptom).or_default() += weight;
        let near = nearest.entry(symptom).or_default();
        *near = near.max(weight);
    }
    let weight_of = |symptom: &Symptom| weights.get(symptom).copied().unwrap_or_default();
    let more_than_chance = |symptom: &Symptom| {
        weight_of(symptom) >= 3.0 * symptom.by_chance() * all || in_a_row(scene, ticket, *symptom)
    };
    // A few far from the moment are another story.
    let fits = |symptom: &Symptom| {
        nearest.get(symptom).is_some_and(|near| *near >= FITS) || in_a_row(scene, ticket, *symptom)
    };
    let mut found: Vec<(Symptom, f64)> = weights
        .iter()
        .filter(|(symptom, _)| **symptom != Symptom::Worked)
        .filter(|(symptom, _)| more_than_chance(symptom) && fits(symptom))
        .map(|(symptom, weight)| (*symptom, *weight))
        .collect();
    if found.is_empty() && nearest.get(&Symptom::Empty).is_some_and(|near| *near > NEAR) {
        found.push((Symptom::Empty, weight_of(&Symptom::Empty)));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let most = found.first().map_or(0.0, |(_, weight)| *weight);
    found.retain(|(_, weight)| *weight >= most * LEAST_SHARE);
    let sum: f64 = found.iter().map(|(_, weight)| weight).sum();
    found.into_iter().map(|(symptom, weight)| (symptom, weight / sum)).collect()
}

/// Whether a ticket's calls are near enough to the moment to be what the question means.
pub(super) fn fits_the_moment(scene: &Scene, ticket: &[usize]) -> bool {
    scene.subject.call.is_some()
        || ticket.iter().any(|index| closeness(scene, scene.seen[*index].call.ts) >= FITS)
}

/// Whether so many of one operation follow each other that it is no chance.
fn in_a_row(scene: &Scene, ticket: &[usize], symptom: Symptom) -> bool {
    let mut runs: BTreeMap<&OperationName, (i32, i32)> = BTreeMap::new();
    for seen in ticket.iter().map(|index| &scene.seen[*index]) {
        let (run, longest) = runs.entry(&seen.call.operation).or_default();
        *run = if seen.symptom == Some(symptom) { *run + 1 } else { 0 };
        *longest = (*longest).max(*run);
    }
    let longest = runs.values().map(|(_, longest)| *longest).max().unwrap_or(0);
    let all = f64::from(u32::try_from(ticket.len()).unwrap_or(u32::MAX));
    longest >= 3 && all * symptom.by_chance().powi(longest) < 0.02
}

/// Nearer than this, an empty search is what the question is about.
const NEAR: f64 = 0.8;
/// Within half the window of the moment, a call fits a question that does not name it …
const FITS: f64 = 0.2;
/// … and within a quarter, if it names no patient and the question does.
const AT_THE_TIME: f64 = 0.5;
/// A symptom that bears less than this part of the main one is left aside.
const LEAST_SHARE: f64 = 0.4;

/// How well a time fits the one that was named, 0 to 1: people remember times to about a quarter of
/// the window.
pub(super) fn closeness(scene: &Scene, ts: Timestamp) -> f64 {
    let subject = &scene.subject;
    let apart = ts.since(subject.at).max(subject.at.since(ts)).as_secs_f64();
    let scale = subject.window.as_secs_f64() / 4.0;
    1.0 / (1.0 + (apart / scale).powi(2))
}

/// The core of a ticket with a symptom.
pub(super) fn core(scene: &Scene, ticket: &[usize], symptom: Symptom, share: f64) -> Option<Core> {
    let subject = &scene.subject;
    let named = subject.call;
    let mut alike: Vec<usize> =
        ticket.iter().copied().filter(|i| scene.seen[*i].symptom == Some(symptom)).collect();
    let of = |index: &usize| &scene.seen[*index].call;
    // What the call that was named has, else what most have.
    let anchor = |alike: &[usize]| alike.iter().copied().find(|i| Some(of(i).id) == named);
    let actors = if subject.actors.is_empty() {
        common(scene, &alike, anchor(&alike), |i| of(&i).actor.clone())
            .flatten()
            .into_iter()
            .collect()
    } else {
        subject.actors.clone()
    };
    if subject.actors.is_empty() && subject.call.is_none() && !actors.is_empty() {
        alike.retain(|i| is_one_of(of(i).actor.as_ref(), &actors));
    }
    let patient = common(scene, &alike, anchor(&alike), |i| of(&i).patient.clone()).flatten();
    alike.retain(|i| {
        of(i).patient == patient || is_one_of(of(i).patient.as_ref(), &subject.patients)
    });
    let domain = common(scene, &alike, anchor(&alike), |i| of(&i).domain)?;
    alike.retain(|i| of(i).domain == domain);
    let operation = common(scene, &alike, anchor(&alike), |i| of(&i).operation.clone())?;
    if matches!(symptom, Symptom::Empty | Symptom::Invalid | Symptom::Garbled | Symptom::Worked) {
        alike.retain(|i| of(i).operation == operation);
    }
    if symptom == Symptom::Worked && named.is_none() {
        let near = |i: &usize| closeness(scene, of(i).ts) >= 0.5;
        if alike.iter().any(near) {
            alike.retain(near);
        }
    }
    if symptom == Symptom::Worked {
        // What took long is what the question is about.
        let slow = |i: &usize| scene.seen[*i].slow;
        let meant = anchor(&alike).is_none_or(|named| slow(&named));
        if meant && alike.iter().any(slow) {
            alike.retain(slow);
        }
    }
    let mutation = common(scene, &alike, anchor(&alike), |i| of(&i).mutation)?;
    let context = common(scene, &alike, anchor(&alike), |i| of(&i).context)?;
    let office = common(scene, &alike, anchor(&alike), |i| of(&i).office)?;
    let app = common(scene, &alike, anchor(&alike), |i| of(&i).app.clone())?;
    let patients = match patient {
        Some(patient) if !subject.patients.contains(&patient) => vec![patient],
        Some(_) => subject.patients.clone(),
        None => Vec::new(),
    };
    let mut tokens: Vec<Reference> = alike.iter().filter_map(|i| of(i).token.clone()).collect();
    tokens.sort();
    tokens.dedup();
    let shapes = alike.iter().filter_map(|i| of(i).shape).collect();
    let (first, last) = (of(alike.first()?).ts, of(alike.last()?).ts);
    Some(Core {
        symptom,
        calls: alike,
        share,
        actors,
        tokens,
        patients,
        shapes,
        operation,
        mutation,
        domain,
        app,
        context,
        office,
        first,
        last,
    })
}

/// What the anchor has, else what weighs most among the calls; equal ones by their order.
fn common<T: Ord + Clone>(
    scene: &Scene,
    calls: &[usize],
    anchor: Option<usize>,
    of: impl Fn(usize) -> T,
) -> Option<T> {
    if let Some(anchor) = anchor {
        return Some(of(anchor));
    }
    let mut weights: BTreeMap<T, f64> = BTreeMap::new();
    for index in calls {
        *weights.entry(of(*index)).or_default() += closeness(scene, scene.seen[*index].call.ts);
    }
    let mut best: Option<(T, f64)> = None;
    for (value, weight) in weights {
        if best.as_ref().is_none_or(|(_, most)| weight > *most) {
            best = Some((value, weight));
        }
    }
    best.map(|(value, _)| value)
}

impl Core {
    /// Whether a call is by the ticket's person: named as such, or with one of their tokens.
    pub(super) fn is_mine(&self, seen: &Seen) -> bool {
        match &seen.call.actor {
            Some(actor) if !self.actors.is_empty() => self.actors.contains(actor),
            _ => is_one_of(seen.call.token.as_ref(), &self.tokens),
        }
    }

    pub(super) fn is_of_patient(&self, seen: &Seen) -> bool {
        is_one_of(seen.call.patient.as_ref(), &self.patients)
    }

    /// Whether a call is of the same kind: the operation where a list, a form or an answer is the
    /// matter, else the domain.
    pub(super) fn is_same_task(&self, seen: &Seen) -> bool {
        match self.symptom {
            Symptom::Empty
            | Symptom::Invalid
            | Symptom::Garbled
            | Symptom::Conflict
            | Symptom::Worked => seen.call.operation == self.operation,
            // Who may not write may read; who may not read may not write.
            Symptom::Refused if self.mutation => {
                seen.call.domain == self.domain
                    && (seen.call.mutation || seen.symptom == Some(Symptom::Refused))
            }
            _ => seen.call.domain == self.domain,
        }
    }

    /// Whether it is a list of something known, in which nothing could be typed wrongly.
    pub(super) fn is_list(&self) -> bool {
        self.symptom == Symptom::Empty && !self.is_search()
    }

    pub(super) fn is_search(&self) -> bool {
        self.operation.as_str().contains("search")
    }

    /// The part of it within a stretch of time; `None` if that is all or nothing of it.
    pub(super) fn within(&self, scene: &Scene, from: Timestamp, to: Timestamp) -> Option<Self> {
        let ts = |index: &usize| scene.seen[*index].call.ts;
        let calls: Vec<usize> =
            self.calls.iter().copied().filter(|i| (from..=to).contains(&ts(i))).collect();
        if calls.len() == self.calls.len() {
            return None;
        }
        let (first, last) = (ts(calls.first()?), ts(calls.last()?));
        let mut tokens: Vec<Reference> =
            calls.iter().filter_map(|i| scene.seen[*i].call.token.clone()).collect();
        tokens.sort();
        tokens.dedup();
        Some(Self { calls, tokens, first, last, ..self.clone() })
    }
}

/// Whether a call asks for a token.
pub(super) fn is_grant(seen: &Seen) -> bool {
    seen.call.operation.as_str() == TOKEN_OPERATION
}
