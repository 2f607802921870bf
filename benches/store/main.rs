//! How fast the store takes events in, how many bytes each costs, how long pages take.
//!
//! `cargo bench --bench store`, with `ACCUSCOPE_BENCH_EVENTS` for another number than 200,000 and
//! `ACCUSCOPE_TEST_POSTGRES_URL` for PostgreSQL beside SQLite (`ACCUSCOPE_BENCH_ONLY=PostgreSQL` leaves SQLite
//! out). Prints a table; asserts nothing. Events and figures are told apart: there is at most one row of
//! figures by the minute for an event, and the fewer calls a minute and clinic has, the closer it comes.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

mod traffic;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use accuscope::domain::event::Exchange;
use accuscope::domain::labels::{Category, WorkflowDomain};
use accuscope::domain::registry::Registry;
use accuscope::domain::time::Timestamp;
use accuscope::store::{ActorQuery, Batch, By, ExchangeFilter, RollupQuery, Span, Store, StoreUrl};

use self::traffic::Traffic;

/// About 40,000 calls on a clinic's working day of ten hours, for all clinics together.
const GAP_US: u64 = 900_000;

fn main() {
    let events = std::env::var("ACCUSCOPE_BENCH_EVENTS").ok().and_then(|n| n.parse().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.db");
        if std::env::var_os("ACCUSCOPE_BENCH_ONLY").is_none_or(|only| only != "PostgreSQL") {
            measure("SQLite", &StoreUrl::sqlite(&path), events.unwrap_or(200_000)).await;
        }
        if let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") {
            let admin = sqlx::PgPool::connect(&server).await.unwrap();
            for sql in ["drop schema if exists bench cascade", "create schema bench"] {
                sqlx::query(sql).execute(&admin).await.unwrap();
            }
            let url = StoreUrl::parse(&format!("{server}?options=-csearch_path%3Dbench")).unwrap();
            measure("PostgreSQL", &url, events.unwrap_or(200_000)).await;
            sqlx::query("drop schema bench cascade").execute(&admin).await.unwrap();
        }
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the real clock")]
fn clock() -> Instant {
    Instant::now()
}

async fn insert(store: &Store, registry: &Registry, events: &[Exchange]) {
    let at = events[0].ts;
    store.insert(&Batch { events, checkpoint: None, registry, at }).await.unwrap();
}

async fn measure(name: &str, url: &StoreUrl, events: usize) {
    let store = Store::open(url).await.unwrap();
    let (registry, mut traffic) = (Registry::default(), Traffic::new(GAP_US));
    let mut last = traffic.next();
    say(&format!("{name}: {events} events"));
    for (size, count) in [(1, 300), (10, 300), (100, 100)] {
        let batches: Vec<_> = (0..count).map(|_| traffic.batch(size)).collect();
        let began = clock();
        for batch in &batches {
            insert(&store, &registry, batch).await;
        }
        rate(&format!("insert in batches of {size}"), size * count, began.elapsed());
    }
    let (mut written, mut spent) = (0, Duration::ZERO);
    while written < events {
        let batch = traffic.batch(1_000);
        let began = clock();
        insert(&store, &registry, &batch).await;
        spent += began.elapsed();
        written += batch.len();
        last = batch.into_iter().next_back().unwrap();
    }
    rate("insert in batches of 1000", written, spent);
    // What the indexer writes at once while it is behind.
    let (mut more, mut spent) = (0, Duration::ZERO);
    while more < events / 2 {
        let batch = traffic.batch(5_000);
        let began = clock();
        insert(&store, &registry, &batch).await;
        spent += began.elapsed();
        more += batch.len();
        last = batch.into_iter().next_back().unwrap();
    }
    rate("insert in batches of 5000", more, spent);
    written += more;
    sizes(store.bytes_by_table().await.unwrap(), written);
    reads(&store, &last).await;
    store.close().await;
}

fn rate(what: &str, events: usize, spent: Duration) {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = events as f64 / spent.as_secs_f64();
    say(&format!("  {what:<32} {rate:>8.0} events/s"));
}

/// What a table or index is part of. PostgreSQL's indices of a day bear the day's name.
fn part_of(name: &str) -> &'static str {
    let name = name.trim_start_matches("sqlite_autoindex_");
    let day = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit());
    match name {
        "exchanges" | "exchanges_odd" => "events",
        _ if name.strip_prefix("exchanges_").is_some_and(day) => "events",
        _ if name.starts_with("exchanges") => "events' indices",
        _ if name.starts_with("rollup_minute") => "figures by the minute (kept two days)",
        _ if name.starts_with("rollup") || name.starts_with("figure") => "figures by hour and day",
        _ => "all other tables",
    }
}

fn sizes(tables: Vec<(String, u64)>, events: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let per_event = |bytes: u64| bytes as f64 / events as f64;
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut named: BTreeMap<String, u64> = BTreeMap::new();
    for (name, bytes) in tables {
        *parts.entry(part_of(&name)).or_default() += bytes;
        // One line for the same of every day.
        let pieces = name.split('_').filter(|piece| !piece.starts_with("20"));
        *named.entry(pieces.collect::<Vec<_>>().join("_")).or_default() += bytes;
    }
    for (name, bytes) in named.into_iter().filter(|(_, bytes)| per_event(*bytes) >= 0.5) {
        say(&format!("    {name:<60} {:>8.1} bytes/event", per_event(bytes)));
    }
    for (part, bytes) in &parts {
        say(&format!("  {part:<38} {:>8.1} bytes/event", per_event(*bytes)));
    }
    say(&format!("  {:<38} {:>8.1} bytes/event", "together", per_event(parts.values().sum())));
}

async fn reads(store: &Store, last: &Exchange) {
    let blank = ExchangeFilter::default;
    let clinic = last.clinic.clone();
    let pages = [
        ("everything", blank()),
        ("one clinic", ExchangeFilter { clinic: clinic.clone(), ..blank() }),
        ("failures of one kind", ExchangeFilter { category: Some(Category::Auth), ..blank() }),
        ("one domain", ExchangeFilter { domain: Some(WorkflowDomain::Labs), ..blank() }),
        (
            "a domain nobody uses",
            ExchangeFilter {
                domain: Some(WorkflowDomain::Patients),
                context: Some(accuscope::domain::labels::Context::Patient),
                ..blank()
            },
        ),
        (
            "one person",
            ExchangeFilter { actor_refs: last.actor_ref.iter().cloned().collect(), ..blank() },
        ),
        ("a support code", ExchangeFilter { support_code: Some(last.support_code), ..blank() }),
        ("a request id", ExchangeFilter { request_ids: vec![last.request_id.clone()], ..blank() }),
        ("a trace id", ExchangeFilter { trace_ids: vec![last.trace_id], ..blank() }),
    ];
    for (what, filter) in pages {
        let took = best(async || drop(store.exchanges(&filter, None, 50).await.unwrap())).await;
        say(&format!("  page of 50: {what:<20} {took:>8.2} ms"));
    }
    let to = last.ts;
    let week = to.minus(Duration::from_hours(7 * 24));
    let figures = [
        ("a day by the minute", Span::Minute, to.minus(Duration::from_hours(24)), None),
        ("a week by the hour", Span::Hour, week, None),
        ("a clinic's week by the hour", Span::Hour, week, clinic),
        ("25 months by the day", Span::Day, Timestamp::from_seconds(0), None),
    ];
    for (what, span, from, clinic) in figures {
        let by = [By::Bucket, By::Ending];
        let query = RollupQuery { clinic, ..RollupQuery::new(span, from, to, &by) };
        let took = best(async || drop(store.rollup(&query).await.unwrap())).await;
        say(&format!("  figures: {what:<29} {took:>4.1} ms"));
    }
    let people = ActorQuery {
        clinic: None,
        from: jiff::civil::date(2026, 11, 1),
        to: jiff::civil::date(2026, 11, 30),
        by_day: false,
        by_clinic: true,
        by_domain: false,
    };
    let took = best(async || drop(store.active_actors(&people).await.unwrap())).await;
    say(&format!("  people of a month by clinic            {took:>4.1} ms"));
}

/// The best of five, in milliseconds.
async fn best(run: impl AsyncFn()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = clock();
        run().await;
        best = best.min(began.elapsed().as_secs_f64() * 1_000.0);
    }
    best
}
