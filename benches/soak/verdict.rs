//! What must be true at the end: each call beside the upstream's ledger, the journal and the audit.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::call::{Done, Ending, Kind};
use super::mischief::Fault;
use super::program::Program;
use super::say;
use super::soak::Sample;
use super::upstream::{Ledger, Seen};

/// What was wrong, by rule: how often, and the first few.
#[derive(Default)]
pub(crate) struct Wrongs(BTreeMap<&'static str, (usize, Vec<String>)>);

/// Refusals that a well-formed call may get with no fault of its own: the protections' and the keys'.
const PROTECTIONS: [&str; 5] =
    ["circuit_open", "read_only", "overloaded", "duplicate_in_flight", "conflict"];

/// What a call may hear whose sending met a fault of the upstream's.
const TRANSIENT: [&str; 3] = ["body_broken", "connect_failed", "response_timeout"];

impl Wrongs {
    pub(crate) fn add(&mut self, rule: &'static str, what: &str) {
        let (count, first) = self.0.entry(rule).or_default();
        *count += 1;
        if first.len() < 5 {
            first.push(what.to_owned());
        }
    }

    /// Prints them; how many there are.
    pub(crate) fn print(&self) -> usize {
        let all = self.0.values().map(|(count, _)| count).sum();
        if all == 0 {
            say("\nnothing lost, mixed, repeated or unrecorded");
        } else {
            say("\nWRONG");
        }
        for (rule, (count, first)) in &self.0 {
            say(&format!("{count:>8}  {rule}"));
            for what in first {
                say(&format!("          {what}"));
            }
        }
        all
    }

    /// Memory and descriptors from a fifth of the run to its end.
    pub(crate) fn memory(&mut self, samples: &[Sample], seconds: u64) {
        let early = samples.iter().find(|sample| sample.second * 5 >= seconds);
        let (Some(early), Some(late)) = (early, samples.last()) else {
            return self.add("the run was too short to tell how memory goes", "");
        };
        if late.rss_kib > early.rss_kib + early.rss_kib / 10 + 16 * 1024 {
            let what = format!("{} KiB, then {} KiB", early.rss_kib, late.rss_kib);
            self.add("memory grows", &what);
        }
        // What is in flight, and so the sockets to the upstream, comes and goes with the faults.
        if late.descriptors > early.descriptors * 2 + 100 {
            let what = format!("{}, then {}", early.descriptors, late.descriptors);
            self.add("descriptors grow", &what);
        }
    }

    /// Each call's answer, and each write's deliveries.
    pub(crate) fn calls(&mut self, done: &[Done], ledger: &Ledger) {
        let nobody = Seen::default();
        for Done { call, ending, took, .. } in done {
            let seen = ledger.requests.get(&call.id).unwrap_or(&nobody);
            if call.kind.is_well_formed() {
                let Seen { heads, faults, .. } = seen;
                let what = format!("{} {:?} {ending:?} after {took:?}", call.id, call.kind);
                let what = format!("{what}, came {heads} times, {faults:?}");
                self.answer(ending, call.kind, seen, &what);
            } else if matches!(ending, Ending::Unheard | Ending::Wrong(_)) {
                self.add("a caller at fault was not cut off", &format!("{} {ending:?}", call.id));
            }
            let whole = ledger.writes.get(&call.write).copied().unwrap_or(0);
            let is_success = matches!(ending, Ending::Answered { status: 200..=299, .. });
            if call.kind.writes() && is_success && whole != 1 {
                self.add("a write that was answered did not come once", &call.id);
            }
        }
        for (id, seen) in &ledger.requests {
            if seen.is_write && seen.heads > 1 {
                self.add("a write was sent twice", &format!("{id} {} times", seen.heads));
            }
        }
        for (write, count) in ledger.writes.iter().filter(|(_, count)| **count > 1) {
            self.add("a write came twice", &format!("{write} {count} times"));
        }
    }

    fn answer(&mut self, ending: &Ending, kind: Kind, seen: &Seen, what: &str) {
        let excused = seen.faults.iter().any(|fault| fault.excuses());
        match ending {
            Ending::Answered { .. } => {}
            Ending::Cut if seen.faults.contains(&Fault::ResetInBody) => {}
            Ending::Cut => self.add("an answer was cut and Accuro had not cut it", what),
            Ending::Problem { reason, .. } if PROTECTIONS.contains(&reason.as_str()) => {
                if kind != Kind::KeyedWrite && reason == "conflict" {
                    self.add("a refusal that makes no sense", what);
                }
            }
            // A connection that the upstream had closed: nothing of the call came there.
            Ending::Problem { reason, .. }
                if TRANSIENT.contains(&reason.as_str()) && (excused || seen.heads == 0) => {}
            Ending::Problem { .. } => self.add("a failure that Accuro did not make", what),
            Ending::Lost => self.add("a call was lost", what),
            Ending::Unheard => self.add("a call was never answered", what),
            Ending::Wrong(why) => {
                self.add("an answer was not the caller's", &format!("{what}: {why}"));
            }
            Ending::Left => self.add("a caller left that should not", what),
        }
    }

    /// The journal has every call once, the audit every write that came, and the command says so too.
    pub(crate) fn kept(&mut self, done: &[Done], ledger: &Ledger, program: &Program) {
        let mut events: HashMap<String, u32> = HashMap::new();
        lines(&program.journal(), "exchanges-", |line| {
            if line["mark"].is_null() {
                let id = line["request_id"].as_str().unwrap_or_default();
                *events.entry(id.to_owned()).or_default() += 1;
            }
        });
        for Done { call, .. } in done {
            let count = events.remove(&call.id).unwrap_or(0);
            let must = call.kind.is_well_formed() || ledger.requests.contains_key(&call.id);
            if count > 1 || (must && count == 0) {
                let what = format!("{} {:?} has {count}", call.id, call.kind);
                self.add("a call that has not one event", &what);
            }
        }
        let broken = [Kind::LeaveInHead, Kind::EndlessHead];
        let heads = done.iter().filter(|done| broken.contains(&done.call.kind)).count();
        if events.len() > heads {
            let what = format!("{} events, {heads} broken heads", events.len());
            self.add("events of calls that nobody made", &what);
        }
        let mut intents = HashSet::new();
        lines(&program.journal(), "audit-", |line| {
            if line["kind"] == "intent" {
                intents.insert(line["request_id"].as_str().unwrap_or_default().to_owned());
            }
        });
        for (id, _) in ledger.requests.iter().filter(|(_, seen)| seen.is_write) {
            if !intents.contains(id) {
                self.add("a write without an intent in the audit", id);
            }
        }
        let (is_whole, said) = program.run(&["audit", "verify"]);
        say(&format!("\naudit verify\n{}", said.trim_end()));
        if !is_whole {
            self.add("audit verify", &said);
        }
    }
}

/// Every line of the files whose names begin so.
fn lines(folder: &Path, prefix: &str, mut look: impl FnMut(&serde_json::Value)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with(prefix) && name.ends_with(".ndjson") {
            for line in BufReader::new(File::open(path).unwrap()).lines() {
                look(&serde_json::from_str(&line.unwrap()).unwrap());
            }
        }
    }
}
