//! How long the pages of the adoption report take over HTTP, with a thousand clinics and 25 months of figures.
//!
//! `cargo bench --bench adoption`, with `ACCUSCOPE_TEST_POSTGRES_URL` for PostgreSQL beside SQLite. Each address is
//! asked twenty times over one connection on loopback, one after the other, after two that do not count; the
//! figures are the median, the slowest but one and the slowest. Prints a table; asserts nothing.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the real clock")]

#[path = "../../tests/ops/large_rollout.rs"]
mod large_rollout;

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accuscope::clock::Clock;
use accuscope::domain::labels::Environment;
use accuscope::domain::time::Timestamp;
use accuscope::ops::{Auth, OpsState, router};
use accuscope::store::{Store, StoreUrl};

use large_rollout::{CLINICS, NOW, fill, registry};

const TIMES: usize = 20;
const ADDRESSES: [&str; 7] = [
    "/adoption",
    "/adoption?week=2026-W20",
    "/adoption?show=all",
    "/adoption/c-7",
    "/adoption.csv",
    "/api/v1/adoption?from=2026-11-16&to=2026-11-22",
    "/api/v1/adoption?clinic=c-7&from=2024-11-01",
];

fn main() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        measure("SQLite", &StoreUrl::sqlite(&dir.path().join("store.db"))).await;
        if let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") {
            let admin = sqlx::PgPool::connect(&server).await.unwrap();
            for sql in
                ["drop schema if exists bench_adoption cascade", "create schema bench_adoption"]
            {
                sqlx::query(sql).execute(&admin).await.unwrap();
            }
            let url =
                StoreUrl::parse(&server).unwrap().with_setting("search_path", "bench_adoption");
            measure("PostgreSQL", &url).await;
            sqlx::query("drop schema bench_adoption cascade").execute(&admin).await.unwrap();
        }
    });
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

async fn measure(name: &str, url: &StoreUrl) {
    let store = Store::open(url).await.unwrap();
    fill(url, true).await;
    if let Some(server) = url.reveal().filter(|_| url.file().is_none()) {
        // As its own housekeeping does within minutes.
        let pool = sqlx::PgPool::connect(server).await.unwrap();
        sqlx::query("analyze task_counts, cohort_counts, rollup_day, clinic_firsts, labels")
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
    }
    let clock = Clock::fixed(Timestamp::parse(NOW).unwrap());
    let registry = Arc::new(registry());
    let state =
        OpsState::new(store.clone().into(), registry, Environment::Sandbox, Auth::Off, clock);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router(state)).await });
    let client = reqwest::Client::new();
    say(&format!("{name}: {CLINICS} clinics"));
    for address in ADDRESSES {
        let mut took = Vec::new();
        let mut bytes = 0;
        for time in 0..TIMES + 2 {
            let began = Instant::now();
            let answer = client.get(format!("{site}{address}")).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{address}");
            bytes = answer.bytes().await.unwrap().len();
            if time >= 2 {
                took.push(began.elapsed());
            }
        }
        took.sort();
        let ms = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1_000.0);
        let (median, late, last) = (took[TIMES / 2], took[TIMES - 2], took[TIMES - 1]);
        say(&format!(
            "  {address}: {}, {}, {} ({} KiB)",
            ms(median),
            ms(late),
            ms(last),
            bytes / 1_024
        ));
    }
    serving.abort();
    store.close().await;
}
