//! The measure of the answers: every scenario asked, and the figures of each half.
//!
//! Writes `target/diagnosis/evaluation.txt`, which `scripts/evaluate-diagnosis` shows. Only the half
//! to tune on is shown scenario by scenario, so that nobody tunes on the other by accident.

mod figures;
mod judge;
mod report;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::figures::Figures;
use self::judge::{Judged, judge};
use crate::ask::ask;
use crate::history::grow;
use crate::question::question;
use crate::scenario::{Half, Scenario, all};

/// Asks every given scenario, on as many threads as there are processors.
fn run(scenarios: &[(Half, Scenario)]) -> Vec<Judged> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let worker = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        while let Some((half, scenario)) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            let history = grow(scenario);
            let question = question(scenario, &history);
            let said = runtime.block_on(ask(scenario, &history, &question));
            done.lock().unwrap().push(judge(*half, scenario, &history, &question, said));
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        for _ in 0..threads {
            scope.spawn(worker);
        }
    });
    let mut judged = done.into_inner().unwrap();
    judged.sort_by(|a, b| a.name.cmp(&b.name));
    judged
}

#[test]
fn the_answers_are_right_on_scenarios_that_nothing_was_tuned_on() {
    let judged = run(&all());
    let text = report::text(&judged);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/diagnosis");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("evaluation.txt"), &text).unwrap();

    let held_out = Figures::of(judged.iter().filter(|one| one.half == Half::HeldOut));
    assert!(held_out.top1() >= TOP1, "{text}");
    assert!(held_out.top2() >= TOP2, "{text}");
    assert_eq!(held_out.sure_and_wrong, SURE_AND_WRONG, "{text}");
}

/// The least share of held-out scenarios whose first answer is right.
const TOP1: f64 = 0.98;
/// The least share whose first or second answer is right.
const TOP2: f64 = 0.985;
/// The most held-out answers that are wrong with more than 0.8 confidence.
const SURE_AND_WRONG: usize = 0;
