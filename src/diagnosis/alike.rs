//! The core of a ticket: those of its calls that show one symptom and are most alike.
//!
//! Owns what they have in common, and which other calls are the same person's, the same patient's or of
//! the same kind. Which calls the question is about is [`super::ticket`]'s.

use std::collections::BTreeMap;

use super::scene::{Scene, Seen};
use super::symptom::Symptom;
use super::ticket::{closeness, is_one_of};
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
    /// Everything that showed the same for the patient in the office.
    pub(super) in_vain: Vec<OperationName>,
    /// Whether they could change the chart.
    pub(super) mutation: bool,
    pub(super) domain: WorkflowDomain,
    pub(super) app: Option<AppId>,
    pub(super) context: Context,
    pub(super) office: Option<Office>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
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
    let of_clinic = subject.actors.is_empty() && subject.patients.is_empty() && named.is_none();
    if symptom == Symptom::Worked && of_clinic {
        // Of a whole clinic, what took long about that time is what the question is about.
        let late = |i: &usize| scene.seen[*i].slow && closeness(scene, of(i).ts) >= 0.5;
        if alike.iter().any(late) {
            alike.retain(late);
        }
    }
    if subject.actors.is_empty() && subject.call.is_none() {
        // One person's; where nobody is named, one app's.
        let who = |i: &usize| match &of(i).actor {
            Some(actor) => (Some(actor.clone()), None),
            None => (None, of(i).app.clone()),
        };
        let most = common(scene, &alike, None, |i| who(&i))?;
        alike.retain(|i| who(i) == most);
    }
    let actors = if subject.actors.is_empty() {
        common(scene, &alike, anchor(&alike), |i| of(&i).actor.clone())
            .flatten()
            .into_iter()
            .collect()
    } else {
        subject.actors.clone()
    };
    if actors.is_empty() && subject.call.is_none() {
        retain_one_person(scene, &mut alike);
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
    let same = scene.seen.iter().filter(|seen| {
        seen.symptom == Some(symptom)
            && is_one_of(seen.call.patient.as_ref(), &patients)
            && seen.call.office == office
    });
    let mut in_vain: Vec<OperationName> = same.map(|seen| seen.call.operation.clone()).collect();
    in_vain.sort();
    in_vain.dedup();
    Some(Core {
        in_vain,
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

/// Where nobody is named, a token stands for a person, and so do those that follow it: who signs in
/// again has a new one, and two that are used by turns are two people's.
fn retain_one_person(scene: &Scene, alike: &mut Vec<usize>) {
    let token = |index: &usize| scene.seen[*index].call.token.as_ref();
    let Some(Some(chosen)) = common(scene, alike, None, |i| token(&i).cloned()) else { return };
    let mut spans: BTreeMap<&Reference, (Timestamp, Timestamp)> = BTreeMap::new();
    for seen in &scene.seen {
        if let Some(token) = &seen.call.token {
            spans.entry(token).or_insert((seen.call.ts, seen.call.ts)).1 = seen.call.ts;
        }
    }
    let mut own = vec![chosen];
    for other in alike.iter().filter_map(token) {
        let apart = |one: &Reference| match (spans.get(one), spans.get(other)) {
            (Some(one), Some(other)) => one.1 < other.0 || other.1 < one.0,
            _ => false,
        };
        if own.iter().all(apart) {
            own.push(other.clone());
        }
    }
    alike.retain(|index| token(index).is_none_or(|token| own.contains(token)));
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

    /// Whether nothing tells whose calls they are, so that they may be several people's.
    pub(super) const fn is_nobodys(&self) -> bool {
        self.actors.is_empty() && self.tokens.is_empty()
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
            | Symptom::Repeated
            | Symptom::Worked => seen.call.operation == self.operation,
            // Who may not write may read; who may not read may not write.
            Symptom::Refused if self.mutation => {
                seen.call.domain == self.domain
                    && (seen.call.mutation || seen.symptom == Some(Symptom::Refused))
            }
            _ => seen.call.domain == self.domain,
        }
    }

    /// Whether a call asks for the same thing: what was asked for of the patient in vain, or the same
    /// operation.
    pub(super) fn is_same_thing(&self, seen: &Seen) -> bool {
        seen.call.operation == self.operation || self.in_vain.contains(&seen.call.operation)
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
