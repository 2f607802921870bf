//! One answer against what a careful person would expect.

#![expect(clippy::cast_possible_truncation, reason = "figures for people")]

use accuscope::domain::time::Timestamp;
use serde_json::Value;

use crate::ask::Said;
use crate::history::History;
use crate::scenario::{Half, Scenario};
use crate::vocabulary::owner;

/// How far `since` may be from the first call that the fault hit: the neighbours' calls are minutes
/// apart, and the clocks of two processes may differ.
const SINCE_S: i64 = 600;

/// One scenario with its answer.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a measure of its own")]
pub(crate) struct Judged {
    pub(crate) half: Half,
    pub(crate) name: String,
    /// The cause that made the events.
    pub(crate) truth: String,
    pub(crate) said: Said,
    pub(crate) question: String,
    pub(crate) accepted: Vec<String>,
    /// Whether the first, or one of the first two, is right.
    pub(crate) top1: bool,
    pub(crate) top2: bool,
    /// Surer than the evidence allows.
    pub(crate) too_sure: bool,
    /// `None` where nothing is expected.
    pub(crate) scope: Option<bool>,
    pub(crate) persistence: Option<bool>,
    pub(crate) owner: bool,
    pub(crate) since: Option<bool>,
    pub(crate) affected: Option<bool>,
    /// What was expected of scope and persistence, for people.
    pub(crate) wanted: String,
}

/// Compares.
pub(crate) fn judge(
    half: Half,
    scenario: &Scenario,
    history: &History,
    question: &Value,
    said: Said,
) -> Judged {
    let accepted = scenario.accepted();
    let top1 = accepted.contains(&said.cause.as_str());
    let second = said.alternatives.iter().max_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let top2 = top1 || second.is_some_and(|second| accepted.contains(&second.cause.as_str()));
    let most = scenario.expect.max_confidence.filter(|_| said.cause != "unknown");
    // Where and since when is asked of an answer that names the cause, not of one that is beside it.
    let named = said.cause == scenario.cause;
    let scope = &scenario.expect.scope;
    let persistence = persistence(scenario);
    let since = named && scenario.expect.since;
    let first_hit = history.hit.iter().map(|id| history.event(*id).ts).min();
    Judged {
        half,
        name: scenario.name.clone(),
        truth: scenario.cause.clone(),
        question: question.to_string(),
        top1,
        top2,
        too_sure: most.is_some_and(|most| said.confidence > most + 0.005),
        scope: (named && !scope.is_empty()).then(|| scope.contains(&said.scope)),
        persistence: named.then(|| persistence.contains(&said.persistence)),
        owner: owner(&said.cause) == said.owner,
        since: since.then(|| first_hit.is_some_and(|first| near(&said, first))),
        affected: named.then(|| affected(&said, history)).flatten(),
        wanted: format!("{} / {}", scope.join("|"), persistence.join("|")),
        accepted: accepted.into_iter().map(str::to_owned).collect(),
        said,
    }
}

fn persistence(scenario: &Scenario) -> Vec<String> {
    if !scenario.expect.persistence.is_empty() {
        return scenario.expect.persistence.clone();
    }
    // One call alone says little about what lasts.
    let words: &[&str] = match scenario.end {
        Some(_) => &["recovered"],
        None if scenario.hits <= 1 => &["persistent", "none"],
        None => &["persistent"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn near(said: &Said, first: Timestamp) -> bool {
    said.began().is_some_and(|began| (began.seconds() - first.seconds()).abs() <= SINCE_S)
}

/// Whether the numbers of clinics and calls can be those of the fault: at least one, and not many
/// more than it hit, since a sporadic failure may be counted with it.
fn affected(said: &Said, history: &History) -> Option<bool> {
    let hit: Vec<_> = history.hit.iter().map(|id| history.event(*id)).collect();
    if hit.is_empty() || matches!(said.cause.as_str(), "delivered" | "unknown" | "no_calls") {
        return None;
    }
    let clinics: std::collections::BTreeSet<_> = hit.iter().map(|event| &event.clinic).collect();
    let calls = said.affected.calls as usize;
    let clinics_fit = (1..=clinics.len()).contains(&(said.affected.clinics as usize));
    Some(clinics_fit && (1..=hit.len() + hit.len() / 4 + 3).contains(&calls))
}
