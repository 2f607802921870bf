//! Which calls the question is about, and what they show.
//!
//! Owns the choice: the calls of the person, patient and operation that were named, and what of it is
//! the matter, told from what happens by chance. Which of them are most alike is
//! [`super::alike`]'s; it compares nothing with others, see [`super::cells`].

use std::collections::BTreeMap;

use super::barren::Barren;
use super::scene::{Scene, Seen};
use super::symptom::Symptom;
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::names::OperationName;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;

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
    if strict.is_empty() && is_nameless(scene) {
        return pick(&|seen| subject.patients.is_empty() || of(seen));
    }
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

/// Whether a person is named, but hardly any call of the clinic says who asked: that none names this one says nothing.
pub(super) fn is_nameless(scene: &Scene) -> bool {
    let here = scene
        .seen
        .iter()
        .filter(|seen| scene.is_here(&seen.call) && scene.in_window(seen) && !is_grant(seen));
    let (mut named, mut unnamed) = (0, 0);
    for seen in here {
        *if seen.call.actor.is_some() { &mut named } else { &mut unnamed } += 1;
    }
    let asked = scene.subject.call.is_none() && !scene.subject.actors.is_empty();
    asked && unnamed > 0 && named * NAMELESS <= unnamed
}

/// Whether only a patient is named and none of the calls names it: they failed around that time, and
/// nobody knows whether they are meant.
pub(super) fn names_nobody(scene: &Scene, ticket: &[usize]) -> bool {
    let subject = &scene.subject;
    let asked = subject.call.is_none() && subject.actors.is_empty() && !subject.patients.is_empty();
    let of = |index: &usize| is_one_of(scene.seen[*index].call.patient.as_ref(), &subject.patients);
    asked && !ticket.is_empty() && !ticket.iter().any(of)
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
    let in_a_row = |symptom: &Symptom| {
        in_a_row(scene, ticket, *symptom)
            || *symptom == Symptom::Empty && nothing_is_listed(scene, ticket)
    };
    let more_than_chance = |symptom: &Symptom| {
        weight_of(symptom) >= 3.0 * symptom.by_chance() * all || in_a_row(symptom)
    };
    let nothing_is_near = nearest.values().all(|near| *near < FITS);
    // A few far from the moment are another story, unless the patient is the one that was named, or there is
    // nothing nearer: the window says how far to look.
    let fits = |symptom: &Symptom| {
        !scene.subject.patients.is_empty()
            || nothing_is_near
            || nearest.get(symptom).is_some_and(|near| *near >= FITS)
            || in_a_row(symptom)
    };
    let mut found: Vec<(Symptom, f64)> = weights
        .iter()
        .filter(|(symptom, _)| **symptom != Symptom::Worked)
        .filter(|(symptom, _)| more_than_chance(symptom) && fits(symptom))
        .map(|(symptom, weight)| (*symptom, *weight))
        .collect();
    if found.is_empty() && is_empty_meant(scene, ticket, &nearest) {
        found.push((Symptom::Empty, weight_of(&Symptom::Empty)));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let most = found.first().map_or(0.0, |(_, weight)| *weight);
    found.retain(|(_, weight)| *weight >= most * LEAST_SHARE);
    let sum: f64 = found.iter().map(|(_, weight)| weight).sum();
    found.into_iter().map(|(symptom, weight)| (symptom, weight / sum)).collect()
}

/// Whether a single empty list or search is what the question is about: it is near to the moment, or, of one person's or
/// patient's, nothing is nearer, or it was the last before it, since people ask afterwards.
fn is_empty_meant(scene: &Scene, ticket: &[usize], nearest: &BTreeMap<Symptom, f64>) -> bool {
    let subject = &scene.subject;
    let Some(empty) = nearest.get(&Symptom::Empty).filter(|_| !is_nameless(scene)) else {
        return false;
    };
    let shows =
        ticket.iter().map(|index| &scene.seen[*index]).filter(|seen| seen.symptom.is_some());
    let last = shows.take_while(|seen| seen.call.ts <= subject.at).last();
    let was_last = last.is_some_and(|seen| seen.symptom == Some(Symptom::Empty));
    let of_somebody = !subject.actors.is_empty() || !subject.patients.is_empty();
    let is_nearest = was_last || nearest.values().all(|near| near <= empty);
    let is_near = *empty >= FITS || nearest.values().all(|near| *near < FITS);
    *empty > NEAR || of_somebody && is_nearest && is_near
}

/// Whether any of what somebody asked for about that time came to nothing: by chance, or that is what is meant.
pub(super) fn is_marred(scene: &Scene, ticket: &[usize]) -> bool {
    let subject = &scene.subject;
    let of_somebody = !subject.actors.is_empty() || !subject.patients.is_empty();
    let in_vain = |seen: &Seen| {
        !matches!(seen.symptom, None | Some(Symptom::Worked))
            && closeness(scene, seen.call.ts) >= FITS
    };
    subject.call.is_none() && of_somebody && ticket.iter().any(|index| in_vain(&scene.seen[*index]))
}

/// Whether a ticket's calls are near enough to the moment to be what the question means.
pub(super) fn fits_the_moment(scene: &Scene, ticket: &[usize]) -> bool {
    scene.subject.call.is_some()
        || !scene.subject.patients.is_empty()
        || ticket.iter().any(|index| closeness(scene, scene.seen[*index].call.ts) >= FITS)
}

/// Whether most of a ticket's answers about that time took long; of a whole clinic's, whether a stretch of them
/// did, since who asks about a clinic may be late by more than that.
pub(super) fn is_slow(scene: &Scene, ticket: &[usize]) -> bool {
    let answered = ticket.iter().map(|index| &scene.seen[*index]);
    let answered =
        answered.filter(|seen| matches!(seen.symptom, Some(Symptom::Worked | Symptom::Empty)));
    let near = |seen: &&Seen| closeness(scene, seen.call.ts) >= AT_THE_TIME;
    let slow = answered.clone().filter(near).filter(|seen| seen.slow).count();
    if slow >= SLOW_LEAST && slow * 2 > answered.clone().filter(near).count() {
        return true;
    }
    let subject = &scene.subject;
    let of_a_clinic =
        subject.call.is_none() && subject.actors.is_empty() && subject.patients.is_empty();
    // Three in five of them at least, and more than single ones.
    let (mut run, mut longest) = (0, 0);
    for seen in answered {
        run = (run + if seen.slow { 2 } else { -3 }).max(0);
        longest = longest.max(run);
    }
    of_a_clinic && longest >= SLOW_STRETCH
}

/// Whether a person's lists and searches of several kinds follow each other and hold nothing: one matter, that no
/// single one of them would show.
fn nothing_is_listed(scene: &Scene, ticket: &[usize]) -> bool {
    let calls = ticket.iter().map(|index| (&scene.seen[*index], true));
    !scene.subject.actors.is_empty() && Barren::longest(calls).is_no_chance()
}

/// Whether so many of one operation follow each other that it is no chance.
fn in_a_row(scene: &Scene, ticket: &[usize], symptom: Symptom) -> bool {
    let is_unlikely = |calls: &[usize]| {
        let mut runs: BTreeMap<&OperationName, (i32, i32)> = BTreeMap::new();
        for index in calls {
            let seen = &scene.seen[*index];
            let (run, longest) = runs.entry(&seen.call.operation).or_default();
            // That a token was renewed in between, or the app hung up, changes nothing of what was asked for.
            let between = symptom == Symptom::Empty && seen.symptom == Some(Symptom::Refused);
            if between || seen.symptom.is_none() {
                continue;
            }
            *run = if seen.symptom == Some(symptom) { *run + 1 } else { 0 };
            if ticket.binary_search(index).is_ok() {
                *longest = (*longest).max(*run);
            }
        }
        let longest = runs.values().map(|(_, longest)| *longest).max().unwrap_or(0);
        let all = f64::from(u32::try_from(calls.len()).unwrap_or(u32::MAX));
        longest >= 3 && all * symptom.by_chance().powi(longest) < 0.02
    };
    // A person's row may have begun long before the window.
    let subject = &scene.subject;
    let of_person = |seen: &Seen| {
        scene.is_here(&seen.call)
            && is_one_of(seen.call.actor.as_ref(), &subject.actors)
            && subject.operation.as_ref().is_none_or(|asked| *asked == seen.call.operation)
            && (subject.patients.is_empty()
                || is_one_of(seen.call.patient.as_ref(), &subject.patients))
    };
    is_unlikely(ticket)
        || !subject.actors.is_empty() && {
            let calls = scene.seen.iter().enumerate();
            let calls: Vec<usize> =
                calls.filter(|(_, seen)| of_person(seen)).map(|(index, _)| index).collect();
            is_unlikely(&calls)
        }
}

/// Nearer than this, an empty search is what the question is about.
const NEAR: f64 = 0.8;
/// Within half the window of the moment, a call fits a question that does not name it …
const FITS: f64 = 0.2;
/// … and within a quarter, if it names no patient and the question does.
const AT_THE_TIME: f64 = 0.5;
/// Fewer slow answers say nothing.
const SLOW_LEAST: usize = 3;
/// So many slow ones in a row, at two each.
const SLOW_STRETCH: i32 = 16;
/// So many calls that name nobody for each that does: what names nobody is not the exception.
const NAMELESS: usize = 4;
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

/// Whether a call asks for a token.
pub(super) fn is_grant(seen: &Seen) -> bool {
    seen.call.operation.as_str() == TOKEN_OPERATION
}
