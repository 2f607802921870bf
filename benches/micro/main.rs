//! What the parts of the call path cost, each alone.
//!
//! `cargo bench --bench micro` prints nanoseconds; on a machine with other work only ratios within one run
//! say something. `ACCUSCOPE_MICRO_TIMES=200` runs each part so many times instead and prints nothing, for
//! `scripts/count-instructions`, which counts what valgrind sees in the functions of [`parts`].

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

mod parts;

use std::io::Write as _;
use std::time::{Duration, Instant};

/// How long each part is measured, and how often; the median counts.
const LENGTH: Duration = Duration::from_millis(50);
const ROUNDS: usize = 11;

fn main() {
    let parts = parts::Parts::new();
    if let Ok(times) = std::env::var("ACCUSCOPE_MICRO_TIMES") {
        let times = times.parse::<u64>().unwrap();
        for (_, part) in parts::ALL {
            (0..times).for_each(|number| part(&parts, number));
        }
        return;
    }
    say("| part | ns |");
    say("| --- | --- |");
    for (name, part) in parts::ALL {
        say(&format!("| {name} | {} |", median_ns(|number| part(&parts, number))));
    }
}

fn median_ns(mut part: impl FnMut(u64)) -> u128 {
    let mut run = |times: u64| {
        let begun = clock();
        (0..times).for_each(&mut part);
        begun.elapsed()
    };
    let mut times = 1;
    while run(times) < LENGTH {
        times *= 2;
    }
    let mut rounds: Vec<u128> =
        (0..ROUNDS).map(|_| run(times).as_nanos() / u128::from(times)).collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the real clock")]
fn clock() -> Instant {
    Instant::now()
}
