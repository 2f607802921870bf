//! How long a diagnosis takes on a store of a million events or more.
//!
//! `cargo bench --bench diagnosis`, with `ACCUSCOPE_BENCH_EVENTS` for another number,
//! `ACCUSCOPE_TEST_POSTGRES_URL` for PostgreSQL beside SQLite, and `ACCUSCOPE_BENCH_PLANS=1` for the
//! plans of the reads at that size. `ACCUSCOPE_BENCH_KEEP` names a folder: the stores are left there, and
//! the next run with as many events asks them without filling them again. `ACCUSCOPE_BENCH_ONLY=PostgreSQL`
//! leaves SQLite out. Prints figures; asserts nothing but that there are answers.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

#[path = "../store/traffic.rs"]
mod traffic;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use accuscope::diagnosis::{Asked, Question, diagnose};
use accuscope::domain::event::Exchange;
use accuscope::domain::labels::{Environment, Outcome};
use accuscope::domain::registry::Registry;
use accuscope::store::{Around, Batch, ExchangeFilter, Store, StoreUrl};
use serde_json::{Value, json};

use self::traffic::Traffic;

/// About 40,000 calls on a clinic's working day of ten hours, for all clinics together.
const GAP_US: u64 = 900_000;
/// Events of one batch.
const BATCH: usize = 5_000;
/// How a call is asked about.
type Ask = fn(&Exchange) -> Value;
/// Questions before those that count; the first is said by itself.
const FIRST: usize = 12;
/// Questions of each kind.
const QUESTIONS: usize = 150;

fn main() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let events: usize = number("ACCUSCOPE_BENCH_EVENTS").unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let kept = std::env::var_os("ACCUSCOPE_BENCH_KEEP").map(PathBuf::from);
        let folder = kept.as_deref().unwrap_or(dir.path());
        std::fs::create_dir_all(folder).unwrap();
        let file = folder.join(format!("diagnosis-{events}.db"));
        if std::env::var_os("ACCUSCOPE_BENCH_ONLY").is_none_or(|only| only != "PostgreSQL") {
            measure("SQLite", &StoreUrl::sqlite(&file), events).await;
        }
        if let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") {
            let admin = sqlx::PgPool::connect(&server).await.unwrap();
            let schema = format!("bench_diagnosis_{events}");
            let run = async |sql: String| {
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&admin).await.unwrap();
            };
            if kept.is_none() {
                run(format!("drop schema if exists {schema} cascade")).await;
            }
            run(format!("create schema if not exists {schema}")).await;
            let url = StoreUrl::parse(&server).unwrap().with_setting("search_path", &schema);
            measure("PostgreSQL", &url, events).await;
            if kept.is_none() {
                run(format!("drop schema {schema} cascade")).await;
            }
        }
    });
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the real clock")]
fn clock() -> Instant {
    Instant::now()
}

async fn measure(name: &str, url: &StoreUrl, events: usize) {
    let store = Store::open(url).await.unwrap();
    let (registry, mut traffic) = (Registry::default(), Traffic::new(GAP_US));
    // What people ask about, spread over all of the time.
    let mut asked_about: Vec<Exchange> = Vec::new();
    let (mut written, mut last) = (0, None);
    let filling = clock();
    let filled = store.freshness().await.unwrap().newest;
    while written < events {
        let batch = traffic.batch(BATCH.min(events - written));
        let at = batch[0].ts;
        let newest = batch[batch.len() - 1].ts;
        if filled.is_none_or(|filled| filled < newest) {
            let batch = Batch { events: &batch, checkpoint: None, registry: &registry, at };
            store.insert(&batch).await.unwrap();
        }
        written += batch.len();
        let failed = batch.iter().find(|event| event.ending.outcome() == Outcome::Failed);
        asked_about.extend(failed.cloned());
        last = batch.into_iter().next_back();
    }
    let now = last.unwrap().ts.plus(Duration::from_secs(5));
    let seconds = filling.elapsed().as_secs();
    say(&format!(
        "{name}: {written} events{}",
        if filled.is_none() { format!(", filled in {seconds} s") } else { String::new() }
    ));
    let step = (asked_about.len() / QUESTIONS).max(1);
    let about: Vec<Exchange> = asked_about.into_iter().step_by(step).take(QUESTIONS).collect();
    let kinds: [(&str, Ask); 3] = [
        ("by code", |event| json!({ "support_code": event.support_code.to_string() })),
        (
            "by clinic and operation",
            |event| json!({ "clinic": event.clinic, "operation": event.operation, "at": event.ts }),
        ),
        ("by clinic", |event| json!({ "clinic": event.clinic, "at": event.ts })),
    ];
    // Connections are opened and pages read by what is asked first; a server that runs has done so.
    for (turn, event) in about.iter().rev().take(FIRST).enumerate() {
        let asked: Asked = serde_json::from_value(kinds[turn % kinds.len()].1(event)).unwrap();
        let question = Question::read(&asked, None).unwrap();
        let began = clock();
        diagnose(&store.whole(), &registry, Environment::Production, &question, now).await.unwrap();
        if turn == 0 {
            say(&format!("  the very first             {:>7.1} ms", ms(began.elapsed())));
        }
    }
    for (kind, asked) in kinds {
        let mut took = Vec::new();
        for event in &about {
            let asked: Asked = serde_json::from_value(asked(event)).unwrap();
            let question = Question::read(&asked, None).unwrap();
            let began = clock();
            let answer =
                diagnose(&store.whole(), &registry, Environment::Production, &question, now).await;
            took.push(began.elapsed());
            answer.unwrap();
        }
        took.sort_unstable();
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
        let (half, most) = (ms(at(50)), ms(at(99)));
        say(&format!("  {kind:<26} p50 {half:>7.1} ms   p99 {most:>7.1} ms"));
    }
    if std::env::var_os("ACCUSCOPE_BENCH_PLANS").is_some() {
        plans(&store, &about[about.len() / 2]).await;
    }
    store.close().await;
}

fn ms(length: Duration) -> f64 {
    length.as_secs_f64() * 1_000.0
}

async fn plans(store: &Store, event: &Exchange) {
    let (from, to) =
        (event.ts.minus(Duration::from_hours(2)), event.ts.plus(Duration::from_hours(2)));
    // As far back as the diagnosis looks for a person.
    let here = || ExchangeFilter {
        clinic: event.clinic.clone(),
        from: Some(event.ts.minus(Duration::from_hours(14 * 24))),
        to: Some(to),
        ..ExchangeFilter::default()
    };
    let stretch = |filter| ExchangeFilter { from: Some(from), to: Some(to), ..filter };
    let reads = [
        ("clinic", stretch(here())),
        ("everybody", stretch(ExchangeFilter::default())),
        (
            "person",
            ExchangeFilter { actor_refs: event.actor_ref.iter().cloned().collect(), ..here() },
        ),
        (
            "patient",
            ExchangeFilter { patient_refs: event.patient_ref.iter().cloned().collect(), ..here() },
        ),
        ("task", ExchangeFilter { operation: Some(event.operation.clone()), ..here() }),
    ];
    for (what, filter) in reads {
        say(&format!("  plan: {what}"));
        let around = Around { at: event.ts, before: 10, after: 10 };
        for line in store.plan_of_sightings(&filter, around).await.unwrap() {
            say(&format!("    {line}"));
        }
    }
}
