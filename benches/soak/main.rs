//! Ten minutes of clinics at work while everything around the program goes wrong.
//!
//! `cargo bench --bench soak` starts `accuscope serve` in front of an upstream of its own that resets
//! connections, goes deaf, bursts into 5xx, stalls and trickles by a seeded schedule, and calls it at a
//! fixed rate with readers, writers, slow ones and such as hang up (`ACCUSCOPE_SOAK_SECONDS`, default
//! 600; `ACCUSCOPE_SOAK_RATE`, default 500 a second; `ACCUSCOPE_SOAK_SEED`; `ACCUSCOPE_BENCH_DIR` for the
//! disk). It exits 1, with what was wrong, unless no call was lost, mixed or repeated.
//! `ACCUSCOPE_SOAK_ONLY=overheads` measures what each protection costs instead. To try it in a debug build:
//! `cargo bench --profile dev --bench soak`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

mod call;
mod connection;
mod load;
mod mischief;
mod overheads;
mod program;
mod report;
mod soak;
mod upstream;
mod verdict;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if std::env::var("ACCUSCOPE_SOAK_ONLY").is_ok_and(|only| only == "overheads") {
        runtime.block_on(overheads::measure());
        return ExitCode::SUCCESS;
    }
    let wrong = runtime.block_on(soak::soak());
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the real clock")]
fn clock() -> Instant {
    Instant::now()
}

fn folder() -> tempfile::TempDir {
    std::env::var_os("ACCUSCOPE_BENCH_DIR")
        .map_or_else(tempfile::tempdir, tempfile::tempdir_in)
        .unwrap()
}
