//! The state of the whole where the watch says what the trouble is.
//!
//! Owns the joining of both: open incidents name the trouble, since when and whom; the figures say
//! who is silent, quiet or working, and count. What the figures alone take for trouble is dropped:
//! they look back ten minutes, so they go on about what has ended, and they cannot tell one person's
//! refusals from a clinic's.

use std::time::Duration;

use super::clinic::{ClinicFacts, ClinicHealth, SILENCE};
use super::few::few;
use super::tally::{Tally, sum_from};
use super::verdict::{affected, judge_within, lanes, worst_first};
use super::{Owner, State, Verdict};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::incident::Ongoing;
use crate::domain::time::Timestamp;

/// What is known at a moment, and for whom.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// Every clinic's facts, also of those that are not seen.
    pub facts: &'k [ClinicFacts],
    /// The clinics that are seen.
    pub scope: &'k ClinicScope,
    /// The open incidents, where the watch looks.
    pub open: Option<&'k [Ongoing]>,
    /// Until when events are recorded.
    pub recorded_until: Option<Timestamp>,
}

/// Judges what is known at a moment: what everybody shares by all clinics, and the rest by those that
/// are seen.
#[must_use]
pub fn judge_known(known: &Known<'_>, now: Timestamp) -> Verdict {
    let Known { facts, scope, open, recorded_until } = *known;
    let figures = judge_within(facts, scope, recorded_until, now);
    let Some(open) = open else { return figures };
    let seen = |ongoing: &&Ongoing| {
        let clinic = ongoing.incident.key.clinic.as_ref();
        clinic.is_none() || scope.covers(clinic)
    };
    let open: Vec<Ongoing> = open.iter().filter(seen).cloned().collect();
    with_watch(figures, facts, &open, now)
}

/// Judges everything at a moment at which these incidents are open.
#[must_use]
pub fn judge_watched(
    facts: &[ClinicFacts],
    open: &[Ongoing],
    recorded_until: Option<Timestamp>,
    now: Timestamp,
) -> Verdict {
    let scope = &ClinicScope::all();
    judge_known(&Known { facts, scope, open: Some(open), recorded_until }, now)
}

fn with_watch(
    figures: Verdict,
    facts: &[ClinicFacts],
    open: &[Ongoing],
    now: Timestamp,
) -> Verdict {
    if figures.state == State::NotKnown {
        return figures;
    }
    let mut all = Tally::default();
    for clinic in facts {
        all.add(&sum_from(&clinic.series, now.minus(Duration::from_mins(10))));
    }
    let mut clinics: Vec<ClinicHealth> = figures.clinics;
    for health in &mut clinics {
        let series = facts.iter().find(|f| f.clinic == health.clinic).map(|f| &f.series[..]);
        watched(health, series.unwrap_or(&[]), open, now);
    }
    let first = worst(open);
    worst_first(&mut clinics);
    let trouble = match first {
        Some(first) => Some(first.incident.key.trouble()),
        // Silence is no incident: no call tells of it.
        None => clinics.first().and_then(|clinic| clinic.trouble),
    };
    let few = few(facts, &mut clinics, trouble, now);
    worst_first(&mut clinics);
    let touched: Vec<usize> = match (first, trouble) {
        (Some(first), _) => {
            let of = |(_, clinic): &(usize, &ClinicHealth)| first.touches(&clinic.clinic);
            clinics.iter().enumerate().filter(of).map(|(index, _)| index).collect()
        }
        (None, Some(_)) => vec![0],
        (None, None) => Vec::new(),
    };
    let state = match first {
        Some(first) => first.incident.state,
        None if trouble.is_some() => clinics.first().map_or(State::Quiet, |clinic| clinic.state),
        None if few.is_some() => State::SomeFailures,
        None if clinics.iter().any(|clinic| clinic.state == State::Working) => State::Working,
        None => State::Quiet,
    };
    Verdict {
        as_of: now,
        state,
        trouble,
        category: match first {
            Some(first) => first.incident.category,
            None => few.as_ref().and_then(|few| few.category),
        },
        owner: trouble.map_or(Owner::Nobody, super::Trouble::owner),
        since: match first {
            Some(first) => Some(first.incident.since),
            None => touched.first().and_then(|index| clinics[*index].since),
        },
        affected: affected(&clinics, &touched),
        lanes: lanes(&clinics, &all, trouble, state, &touched),
        confidence: first.map(|first| first.incident.confidence),
        incident: first.map(|first| first.incident.number),
        clinics,
        touched,
        few,
    }
}

/// The incident that the first line tells of: the widest, then the worst, then the oldest.
fn worst(open: &[Ongoing]) -> Option<&Ongoing> {
    open.iter().min_by_key(|ongoing| {
        let incident = &ongoing.incident;
        (incident.key.clinic.is_some(), incident.key.scope, incident.state, incident.since)
    })
}

/// Puts what the watch says into one clinic's state.
fn watched(health: &mut ClinicHealth, series: &[super::Bucket], open: &[Ongoing], now: Timestamp) {
    if health.state == State::NotStarted {
        return;
    }
    let own: Vec<&Ongoing> = open.iter().filter(|each| each.touches(&health.clinic)).collect();
    let told = own.iter().min_by_key(|each| {
        let incident = &each.incident;
        (incident.state, incident.key.clinic.is_some(), incident.since)
    });
    if let Some(told) = told {
        let incident = &told.incident;
        health.state = incident.state;
        health.category = incident.category;
        health.trouble = Some(incident.key.trouble());
        health.operation.clone_from(&incident.operation);
        health.since = Some(incident.since);
        // Where the bucket was cut at the first call, that is exact; else its minute counts.
        let cut = series.iter().any(|bucket| bucket.start == incident.since);
        let from = if cut { incident.since } else { incident.since.floor_to(60) };
        let counted = sum_from(series, from);
        (health.failed, health.calls) = (counted.failed(), counted.ended());
    } else if matches!(health.state, State::Failing | State::SomeFailures) {
        let lately = health.last_call.is_some_and(|last| now.since(last) < SILENCE);
        health.state = if lately { State::Working } else { State::Quiet };
        (health.category, health.trouble, health.operation) = (None, None, None);
        health.since = None;
        let hour = sum_from(series, now.minus(Duration::from_hours(1)));
        (health.failed, health.calls) = (hour.failed(), hour.ended());
    }
}
