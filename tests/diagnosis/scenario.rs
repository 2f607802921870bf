//! The scenarios as they stand in `scenarios/*.toml`: one file a cause (and one of what others found),
//! one table a variant.
//!
//! Owns their form, reading them, and the split into a half to tune on and a half to report on. A
//! variant is the file's own table with the variant's keys laid over it, so that a variant says only
//! what is different. Does not make events; see [`super::history`].

use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

/// One scenario: what the world is like, what goes wrong, what is asked, what is right to answer.
/// Times are minutes before (negative) or after `at`, the time that the ticket names.
/// `also` of the file names other faults at the same time, from `also.toml`; their rules and calls
/// are behind the scenario's own here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is an axis of its own")]
pub(crate) struct Scenario {
    /// The cause that made the events; the name of the file.
    pub(crate) cause: String,
    /// What the family is about, for people.
    #[expect(dead_code, reason = "for the reader of the file, and so that it is never missing")]
    about: String,
    /// Cause and variant, `chart_restricted/one-call`.
    pub(crate) name: String,
    /// `code`, `request_id`, or `clinic` and what else is known: `clinic+patient+actor+operation`.
    pub(crate) ask: String,
    /// The question's `operation`; that of the ticket's calls without.
    pub(crate) question_operation: Option<String>,
    /// The question's `window`, where it names one.
    pub(crate) window: Option<String>,
    /// Whether the question names its time; without, the time of asking is meant.
    #[serde(default = "yes")]
    pub(crate) names_time: bool,
    #[serde(default = "Scenario::clinics")]
    pub(crate) clinics: usize,
    /// People at each clinic; the first one of the first clinic is the ticket's.
    #[serde(default = "Scenario::staff")]
    pub(crate) staff: usize,
    #[serde(default = "one")]
    pub(crate) offices: u32,
    /// Calls an hour of all people of a clinic together.
    #[serde(default = "Scenario::pace")]
    pub(crate) pace: f64,
    /// The same for the ticket's clinic, where it is another.
    pub(crate) own_pace: Option<f64>,
    /// Other calls an hour of the ticket's person, about other patients.
    #[serde(default = "Scenario::subject_pace")]
    pub(crate) subject_pace: f64,
    /// Whether a background service polls at the ticket's clinic (it does at the others).
    #[serde(default = "yes")]
    pub(crate) service: bool,
    /// Whether patients use a portal.
    #[serde(default)]
    pub(crate) portal: bool,
    /// Sporadic failures a thousand calls.
    #[serde(default = "Scenario::noise")]
    pub(crate) noise: u32,
    /// The status of a denied call: 401 or 403.
    #[serde(default = "Scenario::denial")]
    pub(crate) denial: u16,
    /// What `answer = "fault"` of a rule means.
    #[serde(default)]
    pub(crate) answer: String,
    /// The share of the rules' calls that are hit.
    #[serde(default = "whole")]
    pub(crate) share: f64,
    /// How many calls the ticket is about.
    #[serde(default = "Scenario::hits")]
    pub(crate) hits: u32,
    /// How many comparable calls others make.
    #[serde(default = "Scenario::others")]
    pub(crate) others: u32,
    /// Minutes before `at` that the trouble begins.
    #[serde(default = "Scenario::start")]
    pub(crate) start: i64,
    /// When it ends; it goes on without.
    pub(crate) end: Option<i64>,
    /// How long before `at` the records begin.
    #[serde(default = "Scenario::before")]
    pub(crate) before: i64,
    /// How long after `at` they end, and the question is asked.
    #[serde(default = "Scenario::after")]
    pub(crate) after: i64,
    /// Seconds between the clocks of two accuscope processes.
    #[serde(default)]
    pub(crate) skew_s: i64,
    #[serde(default)]
    pub(crate) no_actor: bool,
    #[serde(default)]
    pub(crate) no_patient: bool,
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
    /// How many of the rules are the scenario's own; those of other faults come behind them.
    #[serde(default)]
    pub(crate) own_rules: usize,
    #[serde(default)]
    pub(crate) calls: Vec<Calls>,
    pub(crate) expect: Expect,
}

/// What goes wrong for which calls. A criterion that is absent is met by every call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// `subject`, `second`, `others` or `all`.
    #[serde(default = "Rule::clinic")]
    pub(crate) clinic: String,
    /// `subject` or an app's name.
    pub(crate) app: Option<String>,
    /// `subject`, `colleagues` or `service`.
    pub(crate) actor: Option<String>,
    /// `subject` or `others`.
    pub(crate) patient: Option<String>,
    #[serde(default)]
    pub(crate) domains: Vec<String>,
    /// Operations; a sign-in is hit only where it is named here, or by `grants`.
    #[serde(default)]
    pub(crate) operations: Vec<String>,
    pub(crate) office: Option<u32>,
    /// Whether sign-ins are hit, too.
    #[serde(default)]
    pub(crate) grants: bool,
    /// Whether those whom it hits keep the token that they have.
    #[serde(default)]
    pub(crate) keeps_token: bool,
    /// The name of the answer; see [`super::answer`].
    pub(crate) answer: String,
    pub(crate) share: Option<f64>,
    pub(crate) from: Option<Minute>,
    pub(crate) to: Option<Minute>,
}

/// Calls that somebody makes, beside life as usual.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calls {
    /// `subject`, `colleagues`, `service`, `portal`, or `everyone` (people of all clinics).
    pub(crate) who: String,
    /// `subject`, `second`, `others` or `all`.
    #[serde(default = "Rule::clinic")]
    pub(crate) clinic: String,
    pub(crate) operation: String,
    /// `subject`, `others` or `none`.
    #[serde(default = "Calls::patient")]
    pub(crate) patient: String,
    pub(crate) office: Option<u32>,
    pub(crate) count: Count,
    #[serde(default = "Calls::from")]
    pub(crate) from: Minute,
    #[serde(default = "Calls::to")]
    pub(crate) to: Minute,
    /// An answer that no rule changes.
    pub(crate) answer: Option<String>,
    /// Whether the ticket is about these calls.
    #[serde(default)]
    pub(crate) ticket: bool,
    /// Whether they are made only where the trouble has an end.
    #[serde(default)]
    pub(crate) if_ended: bool,
}

/// A number, or the name of the axis that says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Count {
    Number(u32),
    Axis(String),
}

/// Minutes from `at`, or one of `begin`, `start`, `end`, `after`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Minute {
    Number(i64),
    Word(String),
}

/// What is right to answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// The causes that a careful person could name from these events; the file's cause without.
    #[serde(default)]
    pub(crate) accept: Vec<String>,
    /// Whether "not enough evidence" is right, too.
    #[serde(default)]
    pub(crate) unclear: bool,
    /// The most confidence that the evidence allows.
    pub(crate) max_confidence: Option<f64>,
    /// Scopes that fit; any without.
    #[serde(default)]
    pub(crate) scope: Vec<String>,
    /// Persistences that fit; by the trouble's end without.
    #[serde(default)]
    pub(crate) persistence: Vec<String>,
    /// Whether the answer should say when it began.
    #[serde(default = "yes")]
    pub(crate) since: bool,
    /// The owners that fit; the contract's for the accepted causes without.
    #[serde(default)]
    pub(crate) owner: Vec<String>,
}

const fn yes() -> bool {
    true
}
const fn one() -> u32 {
    1
}
const fn whole() -> f64 {
    1.0
}

impl Scenario {
    const fn clinics() -> usize {
        5
    }
    const fn staff() -> usize {
        6
    }
    const fn pace() -> f64 {
        16.0
    }
    const fn subject_pace() -> f64 {
        10.0
    }
    const fn noise() -> u32 {
        12
    }
    const fn denial() -> u16 {
        403
    }
    const fn hits() -> u32 {
        5
    }
    const fn others() -> u32 {
        4
    }
    const fn start() -> i64 {
        50
    }
    const fn before() -> i64 {
        150
    }
    const fn after() -> i64 {
        15
    }

    /// Minutes of a word or a number.
    pub(crate) fn minute(&self, minute: &Minute) -> i64 {
        match minute {
            Minute::Number(number) => *number,
            Minute::Word(word) => match word.as_str() {
                "begin" => -self.before,
                "start" => -self.start,
                "end" => self.end.unwrap_or(self.after),
                "after" => self.after,
                other => panic!("{}: no such time: {other}", self.name),
            },
        }
    }

    /// The number of a count.
    pub(crate) fn count(&self, count: &Count) -> u32 {
        match count {
            Count::Number(number) => *number,
            Count::Axis(axis) if axis == "hits" => self.hits,
            Count::Axis(axis) if axis == "others" => self.others,
            Count::Axis(axis) => panic!("{}: no such axis: {axis}", self.name),
        }
    }

    /// The causes that are right.
    pub(crate) fn accepted(&self) -> Vec<&str> {
        let mut accepted: Vec<&str> = self.expect.accept.iter().map(String::as_str).collect();
        if accepted.is_empty() {
            accepted.push(&self.cause);
        }
        if self.expect.unclear {
            accepted.push("unknown");
        }
        accepted
    }

    /// What every number of this scenario grows from. `ACCUSCOPE_SCENARIO_SALT` gives every history
    /// other people, times and noise, for figures on histories that nobody has seen.
    pub(crate) fn seed(&self) -> u64 {
        let salt = std::env::var("ACCUSCOPE_SCENARIO_SALT").unwrap_or_default();
        fnv1a(&format!("{}{salt}", self.name))
    }
}

impl Rule {
    fn clinic() -> String {
        "subject".to_owned()
    }
}

impl Calls {
    fn patient() -> String {
        "subject".to_owned()
    }
    fn from() -> Minute {
        Minute::Word("start".to_owned())
    }
    fn to() -> Minute {
        Minute::Word("end".to_owned())
    }
}

/// Which half a scenario is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// Weights may be set by it.
    Train,
    /// Nobody looks at it but the report.
    HeldOut,
}

/// Every scenario with its half, by file and in the file's order.
pub(crate) fn all() -> Vec<(Half, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnosis/scenarios");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|file| file.file_name().unwrap() != "also.toml");
    files.sort();
    let also: Table = fs::read_to_string(folder.join("also.toml")).unwrap().parse().unwrap();
    files.iter().flat_map(|file| family(&fs::read_to_string(file).unwrap(), &also)).collect()
}

/// The scenarios of one file. Within a cause, the half is decided by the order of the names'
/// hashes, so that each cause is in both halves.
fn family(text: &str, also: &Table) -> Vec<(Half, Scenario)> {
    let mut base: Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let variants = base.remove("variants").expect("variants");
    let variants = variants.as_array().expect("a list of variants");
    let scenarios: Vec<Scenario> = variants
        .iter()
        .map(|variant| {
            let mut table = base.clone();
            lay_over(&mut table, variant.as_table().expect("a table"));
            with_other_faults(&mut table, also);
            let full =
                format!("{}/{}", table["cause"].as_str().unwrap(), table["name"].as_str().unwrap());
            table.insert("name".to_owned(), Value::String(full.clone()));
            Scenario::deserialize(table).unwrap_or_else(|error| panic!("{full}: {error}"))
        })
        .collect();
    let mut order: Vec<usize> = (0..scenarios.len()).collect();
    order.sort_by_key(|at| fnv1a(&scenarios[*at].name));
    // A file may hold several causes.
    let half = |at: usize| {
        let alike = order.iter().filter(|other| scenarios[**other].cause == scenarios[at].cause);
        let rank = alike.clone().position(|other| *other == at).unwrap();
        if rank.is_multiple_of(2) { Half::Train } else { Half::HeldOut }
    };
    let halves: Vec<Half> = (0..scenarios.len()).map(half).collect();
    halves.into_iter().zip(scenarios).collect()
}

fn lay_over(base: &mut Table, over: &Table) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            _ => drop(base.insert(key.clone(), value.clone())),
        }
    }
}

/// Puts the rules and calls of other faults behind the scenario's own.
fn with_other_faults(table: &mut Table, also: &Table) {
    let own = table.get("rules").and_then(Value::as_array).map_or(0, Vec::len);
    table.insert("own_rules".to_owned(), Value::Integer(i64::try_from(own).unwrap()));
    let names = table.remove("also").unwrap_or(Value::Array(Vec::new()));
    for name in names.as_array().expect("a list of names") {
        let other = also[name.as_str().unwrap()].as_table().unwrap();
        for list in ["rules", "calls"] {
            let more = other.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
            let own = table.entry(list).or_insert_with(|| Value::Array(Vec::new()));
            own.as_array_mut().unwrap().extend(more);
        }
    }
}

/// Fowler, Noll and Vo's hash, 64 bits, with a final mix so that similar names differ everywhere.
pub(crate) fn fnv1a(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    (hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (hash >> 32)
}
