//! From a fault to a page, on a real stack: Prometheus, Alertmanager, `accuscope serve`, clinics at work.
//!
//! `cargo bench --bench oncall` stages each fault on a stack of its own, with the rules and the Alertmanager
//! configuration that ship, and measures the seconds until the site says so (`/api/v1/status`), until an
//! alert fires in Prometheus, until Alertmanager has told the site, and until the pager is told; and it
//! counts who was told of what. It exits 1 unless each fault brings the one page (or ticket) that it should
//! and nothing else. Needs `prometheus` and `prometheus-alertmanager` (Debian packages).
//!
//! `ACCUSCOPE_ONCALL_SCRAPE` (seconds, default 15, as the rules are written for), `ACCUSCOPE_ONCALL_AT_ONCE`
//! (stacks side by side, default 4), `ACCUSCOPE_ONCALL_ONLY` (part of a fault's name). To try it in a debug
//! build: `cargo bench --profile dev --bench oncall`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

mod accuro;
mod clinics;
mod fault;
mod report;
mod stack;
mod watch;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

fn main() -> ExitCode {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(all())
}

async fn all() -> ExitCode {
    let only = std::env::var("ACCUSCOPE_ONCALL_ONLY").unwrap_or_default();
    let scrape = setting("ACCUSCOPE_ONCALL_SCRAPE", 15);
    let places = usize::try_from(setting("ACCUSCOPE_ONCALL_AT_ONCE", 4)).unwrap();
    let (places, mut runs) = (Arc::new(Semaphore::new(places)), JoinSet::new());
    for (index, fault) in fault::ALL.iter().enumerate().filter(|(_, f)| f.name.contains(&only)) {
        let places = Arc::clone(&places);
        runs.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            (index, watch::stage(fault, scrape).await)
        });
    }
    let mut found = runs.join_all().await;
    found.sort_by_key(|(index, _)| *index);
    let found: Vec<_> = found.into_iter().map(|(_, found)| found).collect();
    say(&report::table(&found, scrape));
    if found.iter().all(report::Found::is_right) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
