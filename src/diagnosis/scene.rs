//! What is looked at: the subject of a question, and every call around it, in one order.
//!
//! Owns the cleaning of what the store gave: each call once, of one environment, in the order of
//! time, none after the end of the window. What follows depends on this set alone, so the order in
//! which events were recorded or read changes nothing.

use std::collections::HashMap;
use std::time::Duration;

use super::recorded::Lag;
use super::symptom::Symptom;
use super::tokens;
use crate::domain::ids::EventId;
use crate::domain::labels::{Environment, Source};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::Ending;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

/// Whom, what and when a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) clinic: Option<ClinicId>,
    /// One person, under every listed key; empty where not named.
    pub(super) actors: Vec<Reference>,
    /// One patient, likewise.
    pub(super) patients: Vec<Reference>,
    pub(super) operation: Option<OperationName>,
    pub(super) at: Timestamp,
    pub(super) window: Duration,
    /// The call that a code or an id named.
    pub(super) call: Option<EventId>,
}

impl Subject {
    pub(super) fn from(&self) -> Timestamp {
        self.at.minus(self.window)
    }

    pub(super) fn to(&self) -> Timestamp {
        self.at.plus(self.window)
    }
}

/// A call, and what it shows.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) call: Sighting,
    pub(super) symptom: Option<Symptom>,
    /// It worked, and took a multiple of what it usually takes.
    pub(super) slow: bool,
    /// It worked, and took longer than nearly all usually do: one such call says nothing.
    pub(super) late: bool,
}

/// From when on every call was read; earlier ones are a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// Of the question's clinic.
    pub(super) here: Timestamp,
    /// Of everybody.
    pub(super) everywhere: Timestamp,
}

impl Reach {
    /// Whoever is meant.
    pub(super) const fn of(self, everywhere: bool) -> Timestamp {
        if everywhere { self.everywhere } else { self.here }
    }
}

/// Everything that is looked at.
pub(super) struct Scene {
    pub(super) env: Environment,
    /// What each operation usually takes, in microseconds.
    usual: Usual,
    pub(super) reach: Reach,
    /// In the order of time.
    pub(super) seen: Vec<Seen>,
    pub(super) subject: Subject,
    /// Stretches of the window in which nothing was recorded.
    pub(super) silences: Vec<(Timestamp, Timestamp)>,
    /// The end of what is recorded.
    pub(super) newest: Option<Timestamp>,
    /// Whether that is too early for the question.
    pub(super) lag: Lag,
}

/// A multiple of the usual latency, and at least this much.
const SLOW_TENTHS: u64 = 30;
const SLOW_LEAST_US: u64 = 400_000;
/// So many tenths of the usual latency, and at least this much, are late: of a log-normal with σ = ½ every
/// eighth is.
const LATE_TENTHS: u64 = 18;
const LATE_LEAST_US: u64 = 250_000;
/// The usual latency is 1.4 times the lower quartile: that is the median of a log-normal with σ = ½,
/// and a quartile stands also if half of the calls were slow.
const USUAL_TENTHS: u64 = 14;
/// Fewest calls of an operation that show what is usual.
const USUAL_LEAST: usize = 6;
/// What a rarer operation takes at most, as a multiple of what all take.
const RARE_TIMES: u64 = 2;

impl Scene {
    /// The scene of what was read. `before` are calls from before the window, of which only how long they
    /// took is looked at.
    pub(super) fn new(
        subject: Subject,
        env: Environment,
        mut calls: Vec<Sighting>,
        before: &[Sighting],
        silences: Vec<(Timestamp, Timestamp)>,
        newest: Option<Timestamp>,
    ) -> Self {
        calls.retain(|call| call.env == env);
        // Slowness that began before the window would be the usual within it.
        let mut usual = Usual::of(calls.iter().filter(|call| call.ts < subject.to()));
        usual.prefer(Usual::of(before.iter().filter(|call| call.env == env)));
        let reach = Reach { here: subject.from(), everywhere: subject.from() };
        let lag = Lag::Nothing;
        let scene = Self { env, usual, reach, seen: Vec::new(), subject, silences, newest, lag };
        scene.with(calls)
    }

    /// The same with more calls.
    pub(super) fn with(self, more: impl IntoIterator<Item = Sighting>) -> Self {
        let (env, to) = (self.env, self.subject.to());
        let more = more.into_iter().filter(|call| call.env == env && call.ts < to);
        let usual = &self.usual;
        let more: Vec<Seen> = more.map(|call| see(call, usual)).collect();
        let mut seen = self.seen;
        seen.extend(more);
        seen.sort_by_key(|seen| (seen.call.ts, seen.call.id));
        seen.dedup_by_key(|seen| seen.call.id);
        tokens::tell_kinds(&mut seen);
        tokens::leave_out_renewals(&mut seen, self.subject.call);
        Self { seen, ..self }
    }

    pub(super) fn in_window(&self, seen: &Seen) -> bool {
        seen.call.ts >= self.subject.from() && seen.call.ts < self.subject.to()
    }

    pub(super) fn is_here(&self, call: &Sighting) -> bool {
        call.clinic == self.subject.clinic
    }
}

fn see(call: Sighting, usual: &Usual) -> Seen {
    let took = |usual: Option<u64>, tenths: u64, least: u64| {
        usual.is_some_and(|usual| call.duration_us >= (usual * tenths / 10).max(least))
    };
    let known = usual.of.get(&call.operation).copied();
    let symptom = match call.ending {
        // The app gave up waiting for an answer that had not begun; what was answered in time and then let go of says
        // nothing of Accuro.
        Ending::Aborted
            if call.upstream_status.is_none()
                && call.source == Source::Upstream
                && took(known, SLOW_TENTHS, 2 * SLOW_LEAST_US) =>
        {
            Some(Symptom::Unavailable)
        }
        _ => Symptom::of(&call),
    };
    let answered = matches!(symptom, Some(Symptom::Worked | Symptom::Empty));
    // A rare operation may be a heavy one.
    let usual = known.or_else(|| usual.of_all.map(|usual| usual * RARE_TIMES));
    let slow = answered && took(usual, SLOW_TENTHS, SLOW_LEAST_US);
    let late = answered && took(usual, LATE_TENTHS, LATE_LEAST_US);
    Seen { call, symptom, slow, late }
}

/// How long answers usually take, in microseconds.
struct Usual {
    of: HashMap<OperationName, u64>,
    /// Of all operations together, for one that is called too rarely to know.
    of_all: Option<u64>,
}

impl Usual {
    fn of<'c>(calls: impl Iterator<Item = &'c Sighting>) -> Self {
        let mut durations: HashMap<OperationName, Vec<u64>> = HashMap::new();
        for call in calls.filter(|call| matches!(call.ending, Ending::Ok | Ending::Empty)) {
            durations.entry(call.operation.clone()).or_default().push(call.duration_us);
        }
        let quartile = |mut all: Vec<u64>| {
            all.sort_unstable();
            let lower = all.get(all.len() / 4).copied()?;
            (all.len() >= USUAL_LEAST).then_some(lower * USUAL_TENTHS / 10)
        };
        let of_all = quartile(durations.values().flatten().copied().collect());
        let of = durations.into_iter().filter_map(|(name, all)| Some((name, quartile(all)?)));
        Self { of: of.collect(), of_all }
    }

    /// Takes another's word where it has one.
    fn prefer(&mut self, other: Self) {
        self.of.extend(other.of);
        self.of_all = other.of_all.or(self.of_all);
    }
}
