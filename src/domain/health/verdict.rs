//! The state of the whole: our trouble, Accuro's, or which clinics'.
//!
//! Owns the rule that the widest explanation wins: trouble that many clinics share is named once,
//! not clinic by clinic. Does not choose words; see [`super::say`].

use std::time::Duration;

use super::clinic::{ClinicFacts, ClinicHealth, is_slow, judge_clinic};
use super::few::{Few, few};
use super::tally::{Tally, sum_from};
use super::{Owner, State, Trouble};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::labels::{Category, label_enum};
use crate::domain::time::Timestamp;

/// Clinics that have to share a trouble before it counts as Accuro's …
const MANY_CLINICS: usize = 3;
/// … or the share of all calls, in percent, with …
const MANY_PERCENT: u64 = 50;
/// … at least so many failed calls.
const MANY_LEAST: u64 = 10;
/// Our own failures: at least so many, and at least this share, in percent.
const OURS_LEAST: u64 = 5;
const OURS_PERCENT: u64 = 1;
/// Without an event for so long the recorder's state is unknown.
pub const STALE_AFTER: Duration = Duration::from_mins(1);

label_enum! {
    /// The three sides that a trouble can lie on.
    Lane, "a lane" {
        /// accuscope.
        OurService = "our_service",
        /// Accuro itself.
        Accuro = "accuro",
        /// The clinics' connections to it.
        Clinics = "clinics",
    }
}

/// How many a trouble touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Clinics.
    pub clinics: usize,
    /// Staff and services, where they were counted.
    pub actors: Option<u64>,
    /// Failed calls since it began.
    pub calls: u64,
    /// All calls of those clinics since it began.
    pub of_calls: u64,
}

/// The verdict of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The moment.
    pub as_of: Timestamp,
    /// How the whole does.
    pub state: State,
    /// The trouble, the widest one first.
    pub trouble: Option<Trouble>,
    /// The kind of most of its failures.
    pub category: Option<Category>,
    /// Whose move it is.
    pub owner: Owner,
    /// When it began.
    pub since: Option<Timestamp>,
    /// How many it touches.
    pub affected: Affected,
    /// The state of each side, with the trouble that explains it.
    pub lanes: [(Lane, State, Option<Trouble>); 3],
    /// Every clinic, worst first.
    pub clinics: Vec<ClinicHealth>,
    /// The indices of the clinics that the trouble touches.
    pub touched: Vec<usize>,
    /// How sure the watch is, 0 to 1; `None` where it did not look.
    pub confidence: Option<f64>,
    /// The number of the incident.
    pub incident: Option<i64>,
    /// Calls that failed, too few to name a trouble; only where none is named.
    pub few: Option<Few>,
}

/// Judges everything at a moment. `recorded_until` is when the last event was stored.
#[must_use]
pub fn judge(facts: &[ClinicFacts], recorded_until: Option<Timestamp>, now: Timestamp) -> Verdict {
    judge_within(facts, &ClinicScope::all(), recorded_until, now)
}

/// Judges everything for somebody who may see some clinics only: what many clinics share is told by all
/// of them, and everything else by theirs.
pub(super) fn judge_within(
    facts: &[ClinicFacts],
    scope: &ClinicScope,
    recorded_until: Option<Timestamp>,
    now: Timestamp,
) -> Verdict {
    let mut clinics: Vec<ClinicHealth> = facts.iter().map(|f| judge_clinic(f, now)).collect();
    let ten = now.minus(Duration::from_mins(10));
    let mut all = Tally::default();
    for clinic in facts {
        all.add(&sum_from(&clinic.series, ten));
    }
    let seen = |clinic: &ClinicHealth| scope.covers(Some(&clinic.clinic));
    if recorded_until.is_none_or(|until| now.since(until) > STALE_AFTER) {
        clinics.retain(seen);
        return not_known(clinics, recorded_until, now);
    }
    let calling = clinics.iter().filter(|c| c.state < State::Quiet && c.calls > 0).count()
        + clinics.iter().filter(|c| c.state == State::Working).count();
    let slow = facts.iter().filter(|f| is_slow(f, &sum_from(&f.series, ten))).count();
    let wide = everywhere(&clinics, &all, calling, slow);
    clinics.retain(seen);
    worst_first(&mut clinics);
    let trouble = wide.or_else(|| clinics.first().and_then(|c| c.trouble));
    let few = few(facts, &mut clinics, trouble, now);
    worst_first(&mut clinics);
    let touched = touched(&clinics, trouble, wide.is_some());
    let state = match trouble {
        None if few.is_some() => State::SomeFailures,
        None if clinics.iter().any(|c| c.state == State::Working) => State::Working,
        None => State::Quiet,
        Some(_) => touched.iter().map(|i| clinics[*i].state).min().unwrap_or(State::SomeFailures),
    };
    let lanes = lanes(&clinics, &all, trouble, state, &touched);
    let few_of = few.as_ref().and_then(|few| few.category);
    let category = touched.iter().find_map(|i| clinics[*i].category).or(few_of);
    Verdict {
        as_of: now,
        state,
        trouble,
        category,
        owner: trouble.map_or(Owner::Nobody, Trouble::owner),
        since: since(&clinics, &touched),
        affected: affected(&clinics, &touched),
        lanes,
        clinics,
        touched,
        confidence: None,
        incident: None,
        few,
    }
}

/// The order of every list of clinics.
pub(super) fn worst_first(clinics: &mut [ClinicHealth]) {
    clinics.sort_by(|a, b| {
        (a.state, std::cmp::Reverse(a.failed), &a.clinic).cmp(&(
            b.state,
            std::cmp::Reverse(b.failed),
            &b.clinic,
        ))
    });
}

fn not_known(
    mut clinics: Vec<ClinicHealth>,
    recorded_until: Option<Timestamp>,
    now: Timestamp,
) -> Verdict {
    for clinic in &mut clinics {
        if clinic.state != State::NotStarted {
            clinic.state = State::NotKnown;
            clinic.trouble = None;
        }
    }
    clinics.sort_by(|a, b| (a.state, &a.clinic).cmp(&(b.state, &b.clinic)));
    Verdict {
        as_of: now,
        state: State::NotKnown,
        trouble: Some(Trouble::NotRecorded),
        category: None,
        owner: Owner::Operator,
        since: recorded_until,
        affected: Affected::default(),
        lanes: [Lane::OurService, Lane::Accuro, Lane::Clinics]
            .map(|lane| (lane, State::NotKnown, None)),
        clinics,
        touched: Vec::new(),
        confidence: None,
        incident: None,
        few: None,
    }
}

/// The trouble that many clinics share, if there is one.
fn everywhere(
    clinics: &[ClinicHealth],
    all: &Tally,
    calling: usize,
    slow: usize,
) -> Option<Trouble> {
    if all.ours() >= OURS_LEAST && all.exceeds(all.ours() + 1, OURS_PERCENT) {
        return Some(Trouble::AccuscopeFailing);
    }
    let sharing = |category| clinics.iter().filter(|c| c.category == Some(category)).count();
    // With fewer clinics than three, most of them are all that could share it.
    let many = |count: usize| count >= 2 && (count >= MANY_CLINICS || count * 2 > calling);
    let most = |category| {
        let failed = all.of(category);
        failed >= MANY_LEAST && all.exceeds(failed, MANY_PERCENT) && sharing(category) >= 2
    };
    let down = clinics.iter().filter(|c| c.trouble == Some(Trouble::ClinicDown)).count();
    if many(down) || (most(Category::Transient) && down > 0) {
        let unreachable = all.unconnected() * 2 > all.of(Category::Transient);
        return Some(if unreachable { Trouble::AccuroUnreachable } else { Trouble::AccuroDown });
    }
    if many(slow) {
        return Some(Trouble::AccuroSlow);
    }
    let refused = clinics.iter().filter(|c| {
        let whole = [Trouble::ClinicConnectionRejected, Trouble::ClinicSignInFailing];
        c.trouble.is_some_and(|trouble| whole.contains(&trouble))
    });
    many(refused.count()).then_some(Trouble::AppCredentialsRejected)
}

/// Which clinics a trouble explains.
fn touched(clinics: &[ClinicHealth], trouble: Option<Trouble>, wide: bool) -> Vec<usize> {
    let Some(trouble) = trouble else { return Vec::new() };
    let explains = |other: Trouble| match trouble {
        Trouble::AccuroDown | Trouble::AccuroUnreachable => {
            matches!(other, Trouble::ClinicDown | Trouble::ClinicSlow)
        }
        Trouble::AccuroSlow => matches!(other, Trouble::ClinicDown | Trouble::ClinicSlow),
        Trouble::AppCredentialsRejected => {
            matches!(other, Trouble::ClinicConnectionRejected | Trouble::ClinicSignInFailing)
        }
        other_trouble => other == other_trouble,
    };
    let of = |c: &ClinicHealth| c.trouble.is_some_and(explains);
    let found = clinics.iter().enumerate().filter(|(_, c)| of(c)).map(|(i, _)| i).collect();
    // A trouble of one clinic is told for the worst one; the others follow in the list.
    if wide { found } else { found.into_iter().take(1).collect() }
}

/// The earliest beginning among the clinics, without those that were in trouble long before the rest.
fn since(clinics: &[ClinicHealth], touched: &[usize]) -> Option<Timestamp> {
    const TOGETHER: Duration = Duration::from_mins(15);
    let mut begun: Vec<Timestamp> = touched.iter().filter_map(|i| clinics[*i].since).collect();
    begun.sort_unstable();
    let median = *begun.get(begun.len() / 2)?;
    begun.into_iter().find(|since| *since >= median.minus(TOGETHER))
}

pub(super) fn affected(clinics: &[ClinicHealth], touched: &[usize]) -> Affected {
    Affected {
        clinics: touched.len(),
        actors: None,
        calls: touched.iter().map(|i| clinics[*i].failed).sum(),
        of_calls: touched.iter().map(|i| clinics[*i].calls).sum(),
    }
}

pub(super) fn lanes(
    clinics: &[ClinicHealth],
    all: &Tally,
    trouble: Option<Trouble>,
    state: State,
    touched: &[usize],
) -> [(Lane, State, Option<Trouble>); 3] {
    let quiet =
        if all.calls() == 0 && state >= State::Silent { State::Quiet } else { State::Working };
    let ours = match trouble {
        Some(Trouble::AccuscopeFailing) => (state, trouble),
        _ if all.ours() > 0 => (State::SomeFailures, Some(Trouble::AccuscopeFailing)),
        _ => (State::Working, None),
    };
    let accuros = [Trouble::AccuroDown, Trouble::AccuroSlow, Trouble::AccuroUnreachable];
    let accuro = match trouble {
        Some(t) if accuros.contains(&t) => (state, trouble),
        _ => (quiet, None),
    };
    let wide = trouble.is_some_and(|t| t.is_everywhere() && t != Trouble::AppCredentialsRejected);
    let own = |(index, _): &(usize, &ClinicHealth)| !(wide && touched.contains(index));
    let worst = clinics
        .iter()
        .enumerate()
        .filter(own)
        .map(|(_, c)| (c.state, c.trouble))
        .min_by_key(|(state, _)| *state);
    let connections = match worst {
        Some((state, trouble)) if state <= State::Silent => (state, trouble),
        _ => (quiet, None),
    };
    [
        (Lane::OurService, ours.0, ours.1),
        (Lane::Accuro, accuro.0, accuro.1),
        (Lane::Clinics, connections.0, connections.1),
    ]
}
