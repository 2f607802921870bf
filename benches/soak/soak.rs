//! The soak: starts everything, watches memory and descriptors, and hands what was seen to the verdict.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::load::{self, Connections};
use super::mischief::Mischief;
use super::program::{Program, metric};
use super::upstream::Upstream;
use super::verdict::Wrongs;
use super::{clock, report, say, setting};

/// Patience is short, so that ten minutes hold many of its ends; switched-off writes come back soon.
const SETTINGS: &str = r#"
proxy.head_timeout = "3s"
proxy.body_idle_timeout = "5s"
upstream.response_timeout = "3s"
upstream.pool_idle_timeout = "5s"
breaker.open = "1s"
breaker.flap_hold = "5s"
cache.coalesce = true
cache.ttl = "1s"
cache.stale = "10s"
"#;

/// What the kernel said at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) second: u64,
    pub(crate) rss_kib: u64,
    pub(crate) descriptors: usize,
}

fn sample(program: &Program, begun: Instant) -> Sample {
    let second = begun.elapsed().as_secs();
    Sample { second, rss_kib: program.rss_kib(), descriptors: program.descriptors() }
}

/// Runs it and prints the tables; how much was wrong.
pub(crate) async fn soak() -> usize {
    let seconds = setting("ACCUSCOPE_SOAK_SECONDS", 600);
    let rate = setting("ACCUSCOPE_SOAK_RATE", 500);
    let seed = setting("ACCUSCOPE_SOAK_SEED", 20_261_125);
    say(&format!("{seconds} s at {rate} calls/s, seed {seed}"));
    let upstream = Upstream::start(Mischief { seed, per_mille: 60 }).await;
    let mut program = Program::start(upstream.address, SETTINGS, |_| String::new()).await;
    let before = program.descriptors();
    let connections = Connections::open(program.proxy).await;
    let (begun, mut samples) = (clock(), Vec::new());
    let mut running = Box::pin(load::run(&connections, seconds, rate, seed));
    let done = loop {
        tokio::select! {
            done = &mut running => break done,
            // Memory is looked at while the load is on.
            () = sleep(Duration::from_millis((seconds * 50).max(1_000))) => {
                if begun.elapsed().as_secs() <= seconds {
                    samples.push(sample(&program, begun));
                }
            }
        }
    };
    drop(running);
    connections.close();
    let mut wrongs = Wrongs::default();
    let metrics = quiet(&program, before, &mut wrongs).await;
    wrongs.memory(&samples, seconds);
    let exit = program.stop().await;
    if exit != Some(0) {
        wrongs.add("the program did not stop by itself", &format!("exit {exit:?}"));
    }
    let log = program.log();
    for line in log.lines().filter(|line| line.contains("panic")) {
        wrongs.add("a panic in the log", line);
    }
    let ledger = upstream.ledger(std::mem::take);
    wrongs.calls(&done, &ledger);
    wrongs.kept(&done, &ledger, &program);
    report::print(&done, &ledger, &samples, &metrics, begun);
    wrongs.print()
}

/// Waits until nothing is left of the load, and tells the metrics then.
async fn quiet(program: &Program, before: usize, wrongs: &mut Wrongs) -> String {
    let limit = clock() + Duration::from_secs(40);
    loop {
        let text = program.metrics().await;
        let [in_flight, queued, dropped] =
            ["calls_in_flight", "recorder_queued_events", "recorder_dropped_events_total"]
                .map(|name| metric(&text, &format!("accuscope_{name}")));
        let descriptors = program.descriptors();
        // The store may have opened further connections to its file.
        let is_quiet = in_flight + queued < 0.5 && descriptors <= before + 20;
        if is_quiet || clock() > limit {
            if !is_quiet || dropped > 0.5 {
                let what = format!(
                    "{in_flight} calls in flight, {queued} events queued, {dropped} dropped, \
                     {descriptors} descriptors ({before} before)"
                );
                wrongs.add("something is left when all callers have gone", &what);
            }
            return text;
        }
        sleep(Duration::from_millis(200)).await;
    }
}
