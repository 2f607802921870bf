//! accuscope beside other proxies that write a JSON line a call: what a request costs each of them.
//!
//! `scripts/compare-proxies` builds and runs it; it uses nothing but the standard library, so that it needs no
//! build of this crate but the one that is measured (`ACCUSCOPE_BESIDE_PROGRAM`, by default the release
//! build). One upstream and one load in this process, 64 kept connections; rows take turns, round by round, so that what else the machine does hits all alike.
//! CPU is what the kernel says that a row's processes ran, per request; a ratio is the median of the
//! rounds' own ratios to the first row. Rows that are not installed are left out, and said to be.
//! With `--scale` it prints instead how nginx and accuscope stand connections, idle ones, bodies, delays, clinics and
//! processors, each alone.
//! `ACCUSCOPE_BESIDE_ROUNDS` (5), `_RATE` (2,000 a second), `_SECONDS` (2, of each load), `_KIB` (2, of an
//! answer), and `ACCUSCOPE_BENCH_DIR` for the disk. Prints tables; asserts nothing but that each request was
//! answered with 200 by the upstream.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

mod load;
mod peer;
mod scale;
mod settings;
mod upstream;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use load::{Load, Seen, Way};
use peer::{Peer, Start};

/// What one round saw of one row.
struct Round {
    open: Figures,
    closed: Figures,
}

struct Figures {
    cpu_us: f64,
    switches: f64,
    log_bytes: f64,
    per_second: f64,
    p50: u128,
    p99: u128,
}

fn main() {
    let rounds = setting("ROUNDS", 5);
    let length = Duration::from_secs(setting("SECONDS", 2));
    let rate = setting("RATE", 2_000);
    let upstream = upstream::start(usize::try_from(setting("KIB", 2)).unwrap() * 1_024);
    let folder =
        std::env::var_os("ACCUSCOPE_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("accuscope-beside-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    if std::env::args().any(|argument| argument == "--scale") {
        scale::measure_all(&folder, upstream, length);
        std::fs::remove_dir_all(&folder).unwrap();
        return;
    }
    let peers = peer::start_all(&folder, upstream, Start::default());
    let mut seen: Vec<Vec<Round>> = peers.iter().map(|_| Vec::new()).collect();
    for peer in &peers {
        // What is made at the first call of each kind is made before the first round.
        measure(peer, &Load::usual(Way::Closed { length: Duration::from_millis(500) }));
    }
    for _ in 0..rounds {
        for (peer, seen) in peers.iter().zip(&mut seen) {
            let open = measure(peer, &Load::usual(Way::Open { rate, length }));
            let closed = measure(peer, &Load::usual(Way::Closed { length: length / 2 }));
            seen.push(Round { open, closed });
        }
    }
    let title = format!("open loop, {rate} requests/s");
    table(&title, &peers, &seen, |round| &round.open);
    table("closed loop, 64 connections", &peers, &seen, |round| &round.closed);
    drop(peers);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn measure(peer: &Peer, load: &Load) -> Figures {
    let before = peer.spent();
    let Seen { mut waits, took } = load.run(peer.address);
    let after = peer.spent();
    waits.sort_unstable();
    let number = waits.len().max(1);
    let each = |amount: u64| whole(amount) / whole(number as u64);
    let at = |percent: usize| waits.get(number * percent / 100).map_or(0, Duration::as_micros);
    Figures {
        cpu_us: each(after.cpu_ns - before.cpu_ns) / 1_000.0,
        switches: each(after.switches - before.switches),
        log_bytes: each(after.log_bytes - before.log_bytes),
        per_second: whole(number as u64) / took.as_secs_f64(),
        p50: at(50),
        p99: at(99),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn whole(number: u64) -> f64 {
    number as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn table(title: &str, peers: &[Peer], seen: &[Vec<Round>], of: impl Fn(&Round) -> &Figures) {
    say(&format!(
        "\n| {title} | CPU us/request (min to max) | x {} | switches/request | requests/s | p50 us | p99 us | log B/request |",
        peers[0].name
    ));
    say("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (peer, rounds) in peers.iter().zip(seen) {
        let all = |value: &dyn Fn(&Figures) -> f64| -> Vec<f64> {
            rounds.iter().map(|round| value(of(round))).collect()
        };
        let mut cpu = all(&|figures| figures.cpu_us);
        cpu.sort_unstable_by(f64::total_cmp);
        let ratios =
            rounds.iter().zip(&seen[0]).map(|(own, first)| of(own).cpu_us / of(first).cpu_us);
        say(&format!(
            "| {} | {:.1} ({:.1} to {:.1}) | {:.2} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} |",
            peer.name,
            median(cpu.clone()),
            cpu[0],
            cpu[cpu.len() - 1],
            median(ratios.collect()),
            median(all(&|figures| figures.switches)),
            median(all(&|figures| figures.per_second)),
            median(all(&|figures| whole(u64::try_from(figures.p50).unwrap()))),
            median(all(&|figures| whole(u64::try_from(figures.p99).unwrap()))),
            median(all(&|figures| figures.log_bytes)),
        ));
    }
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    let name = format!("ACCUSCOPE_BESIDE_{name}");
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the real clock")]
fn clock() -> Instant {
    Instant::now()
}
