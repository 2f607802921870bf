//! Trouble on order: which calls, how often, and what happens to them.
//!
//! Owns the rules and the drawing of who is hit. Does not wait and breaks nothing itself; see
//! [`super::wire`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::Call;
use super::refusal::{self, ErrorBody};

/// What happens to a call that is hit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Effect {
    /// It takes longer.
    Latency {
        /// Milliseconds added.
        ms: u64,
        /// Up to so many more, drawn.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// It fails.
    Status {
        /// The status.
        status: u16,
        /// What the error looks like.
        #[serde(default)]
        body: ErrorBody,
        /// Whether the work is done all the same.
        #[serde(default)]
        applied: bool,
        /// `Retry-After`, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// No answer ever.
    StallHead {
        /// Whether the work is done all the same.
        #[serde(default)]
        applied: bool,
    },
    /// The answer stops after so many bytes of its body, and the connection stays.
    StallBody {
        /// Bytes that still come.
        #[serde(default)]
        after_bytes: usize,
    },
    /// The answer stops after so many bytes of its body, and the connection ends.
    CutBody {
        /// Bytes that still come.
        #[serde(default)]
        after_bytes: usize,
    },
    /// The connection is reset instead of an answer.
    Reset {
        /// Whether the work is done all the same.
        #[serde(default)]
        applied: bool,
    },
    /// A maintenance page, with success.
    HtmlPage,
    /// JSON that ends in the middle, with success and the right length.
    Malformed,
    /// The answer of another version: the same content in another shape.
    Reshape,
}

/// Which calls a rule is about; what is absent matters not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Target {
    pub(super) tenant: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) user: Option<String>,
    pub(super) token: Option<String>,
}

/// One rule.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) target: Target,
    /// The share of those calls that are hit, 0 to 1.
    pub(super) rate: f64,
    /// How many more calls it hits; `None` for no end.
    pub(super) times: Option<u32>,
    pub(super) effect: Effect,
}

/// What a rule looks at.
pub(super) struct Subject<'c> {
    pub(super) tenant: Option<&'c str>,
    pub(super) operation: &'c str,
    pub(super) domain: &'c str,
    pub(super) user: Option<&'c str>,
    pub(super) token: Option<&'c str>,
}

/// What will happen to one call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) delay: Duration,
    pub(super) effect: Option<Effect>,
}

/// Every rule in force.
#[derive(Debug)]
pub(super) struct Faults {
    rng: fastrand::Rng,
    rules: Vec<Rule>,
    named: u32,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed ^ 0xfa17), rules: Vec::new(), named: 0 }
    }

    /// Adds a rule, in the place of one with the same id. Gives its id.
    pub(super) fn add(
        &mut self,
        id: Option<String>,
        target: Target,
        rate: f64,
        times: Option<u32>,
        effect: Effect,
    ) -> String {
        self.named += 1;
        let id = id.unwrap_or_else(|| format!("fault-{}", self.named));
        self.rules.retain(|rule| rule.id != id);
        self.rules.push(Rule { id: id.clone(), target, rate, times, effect });
        id
    }

    /// Takes a rule away; false if there was none.
    pub(super) fn clear(&mut self, id: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    pub(super) fn clear_all(&mut self) {
        self.rules.clear();
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Decides one call: delays add up, the first other effect counts.
    pub(super) fn plan(&mut self, subject: &Subject<'_>) -> Plan {
        let mut plan = Plan { delay: Duration::ZERO, effect: None };
        for rule in &mut self.rules {
            if !rule.target.fits(subject) || rule.times == Some(0) || self.rng.f64() >= rule.rate {
                continue;
            }
            match &rule.effect {
                Effect::Latency { ms, jitter_ms } => {
                    let more = self.rng.u64(..=*jitter_ms);
                    plan.delay += Duration::from_millis(ms.saturating_add(more));
                }
                _ if plan.effect.is_some() => continue,
                effect => plan.effect = Some(effect.clone()),
            }
            rule.times = rule.times.map(|times| times - 1);
        }
        plan
    }
}

impl Target {
    fn fits(&self, subject: &Subject<'_>) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
        };
        same(&self.tenant, subject.tenant)
            && same(&self.operation, Some(subject.operation))
            && same(&self.domain, Some(subject.domain))
            && same(&self.user, subject.user)
            && same(&self.token, subject.token)
    }
}

/// Whether the work of the call is done before the effect shows.
pub(super) const fn does_the_work(effect: Option<&Effect>) -> bool {
    match effect {
        Some(
            Effect::Status { applied, .. }
            | Effect::StallHead { applied }
            | Effect::Reset { applied },
        ) => *applied,
        Some(Effect::HtmlPage) => false,
        _ => true,
    }
}

/// What is answered in the place of the true answer.
pub(super) fn instead(effect: Option<&Effect>, answer: Answer, call: &Call) -> Answer {
    let changed = match effect {
        Some(Effect::Status { status, body, retry_after, .. }) => {
            let refused = refusal::error(*status, *body, call);
            match retry_after {
                Some(seconds) => refused.with("retry-after", seconds.to_string()),
                None => refused,
            }
        }
        Some(Effect::HtmlPage) => refusal::maintenance(),
        Some(Effect::Malformed) => {
            let half = answer.body.len() / 2;
            Answer { body: answer.body[..half].to_vec(), ..answer.clone() }
        }
        Some(Effect::Reshape) => reshaped(&answer),
        _ => return answer,
    };
    Answer { applied: answer.applied, ..changed }
}

fn reshaped(answer: &Answer) -> Answer {
    let Ok(content) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
        return answer.clone();
    };
    let body = serde_json::json!({"apiVersion": "v2", "payload": {"value": content}});
    Answer { body: body.to_string().into_bytes(), ..answer.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: Subject<'_> = Subject {
        tenant: Some("MRFP"),
        operation: "patient.read",
        domain: "patients",
        user: Some("a"),
        token: Some("t"),
    };

    fn target(tenant: &str, operation: &str) -> Target {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Target { tenant: some(tenant), operation: some(operation), ..Target::default() }
    }

    #[test]
    fn a_rule_hits_only_what_it_names() {
        for (tenant, operation, hit) in [
            ("", "", true),
            ("MRFP", "", true),
            ("HVM", "", false),
            ("MRFP", "patient.read", true),
            ("MRFP", "lab.list", false),
        ] {
            let mut faults = Faults::new(1);
            faults.add(None, target(tenant, operation), 1.0, None, Effect::HtmlPage);
            let hits = faults.plan(&SUBJECT).effect.is_some();
            assert_eq!(hits, hit, "{tenant} {operation}");
        }
    }

    #[test]
    fn delays_add_up_and_the_first_effect_counts_as_often_as_it_may() {
        let mut faults = Faults::new(1);
        let slow = |ms| Effect::Latency { ms, jitter_ms: 0 };
        faults.add(None, Target::default(), 1.0, None, slow(30));
        faults.add(None, Target::default(), 1.0, Some(1), Effect::Malformed);
        faults.add(None, Target::default(), 1.0, None, Effect::HtmlPage);
        faults.add(None, Target::default(), 1.0, None, slow(12));
        let plan = faults.plan(&SUBJECT);
        assert_eq!(plan.delay, Duration::from_millis(42));
        assert_eq!(plan.effect, Some(Effect::Malformed));
        assert_eq!(faults.plan(&SUBJECT).effect, Some(Effect::HtmlPage));
    }

    #[test]
    fn a_rate_hits_about_its_share_and_the_same_calls_every_time() {
        let hits = || {
            let mut faults = Faults::new(9);
            faults.add(None, Target::default(), 0.25, None, Effect::HtmlPage);
            (0..1_000).map(|_| faults.plan(&SUBJECT).effect.is_some()).collect::<Vec<_>>()
        };
        let share = hits().iter().filter(|hit| **hit).count();
        assert!((200..300).contains(&share), "{share}");
        assert_eq!(hits(), hits());
    }
}
