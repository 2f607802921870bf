//! How many audit records become durable in a second, and what a write waits for its intent.
//!
//! `cargo bench --bench audit`, with `ACCUSCOPE_BENCH_DIR` for a folder on the disk that matters.
//! Then how long checking a million records takes, and how long the index takes to catch up with an hour
//! without the store: `ACCUSCOPE_BENCH_BACKLOG` events (default 100,000; 500 a second for an hour are
//! 1,800,000), on SQLite and, where `ACCUSCOPE_TEST_POSTGRES_URL` is set, on PostgreSQL.
//! `ACCUSCOPE_BENCH_ONLY=backlog` leaves the rest out. Prints tables; asserts nothing.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should stop")]

mod backlog;
#[path = "../store/traffic.rs"]
#[expect(dead_code, reason = "the store's benchmark draws batches, this one single events")]
mod traffic;
mod verify;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accuscope::app::App;
use accuscope::clock::Clock;
use accuscope::config::Config;
use accuscope::domain::audit::{Entry, Kind};
use accuscope::domain::event::{Exchange, json};
use accuscope::journal::Folder;
use accuscope::journal::audit::{AuditLog, AuditWriter};
use accuscope::store::StoreUrl;
use accuscope::telemetry::metrics::Metrics;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const MEASURED: Duration = Duration::from_secs(3);
const PORT: &str = "\"127.0.0.1:0\"";
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"id\":1}";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if std::env::var("ACCUSCOPE_BENCH_ONLY").is_ok_and(|only| only == "backlog") {
        runtime.block_on(backlogs());
        return;
    }
    runtime.block_on(async {
        say("callers  records/s  commits/s  wait p50 us  p99 us");
        for callers in [1, 8, 64, 256] {
            durable(callers).await;
        }
        say("\nclients  method  requests/s  answer p50 us  p99 us");
        for clients in [1, 16, 64] {
            for method in ["GET", "PUT"] {
                through_the_proxy(clients, method).await;
            }
        }
    });
    verify::verify(1_000_000);
    runtime.block_on(backlogs());
}

async fn backlogs() {
    let events = std::env::var("ACCUSCOPE_BENCH_BACKLOG").ok().and_then(|n| n.parse().ok());
    let events = events.unwrap_or(100_000);
    say("\nstore          events  seconds  events/s  MiB before  MiB after");
    let dir = folder();
    backlog::catch_up("SQLite", StoreUrl::sqlite(&dir.path().join("store.db")), events).await;
    if let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") {
        let admin = sqlx::PgPool::connect(&server).await.unwrap();
        for sql in ["drop schema if exists backlog cascade", "create schema backlog"] {
            sqlx::query(sql).execute(&admin).await.unwrap();
        }
        let url = StoreUrl::parse(&server).unwrap().with_setting("search_path", "backlog");
        backlog::catch_up("PostgreSQL", url, events).await;
        sqlx::query("drop schema backlog cascade").execute(&admin).await.unwrap();
    }
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

/// Microseconds at the middle and at the 99th percentile.
fn percentiles(mut waits: Vec<Duration>) -> (u128, u128) {
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100].as_micros();
    (at(50), at(99))
}

fn call() -> Exchange {
    let line = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","operation":"appointment.update","domain":"scheduling","method":"PUT","route":"/rest/v1/appointments/{appointmentId}","mutation":true,"status":200,"upstream_status":200,"outcome":"ok","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya"}"#;
    json::read_line(line.as_bytes()).unwrap()
}

async fn keep(log: AuditLog, until: Instant) -> Vec<Duration> {
    let call = call();
    let mut waits = Vec::new();
    while clock() < until {
        let begun = clock();
        log.append(Entry::of_call(Kind::Intent, &call, None)).await.unwrap();
        waits.push(begun.elapsed());
    }
    waits
}

async fn durable(callers: usize) {
    let dir = folder();
    let journal = Folder::open(dir.path()).unwrap();
    let metrics = Arc::new(Metrics::new("bench", "sandbox", &[]));
    let writer =
        AuditWriter::start(&journal, 1 << 26, None, Arc::clone(&metrics), Clock::system()).unwrap();
    let mut running = JoinSet::new();
    for _ in 0..callers {
        running.spawn(keep(writer.log(), clock() + MEASURED));
    }
    let waits: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    let commits = metrics.audit_commit_duration.get_sample_count();
    let seconds = MEASURED.as_secs();
    let (records, commits) = (waits.len() as u64 / seconds, commits / seconds);
    let (p50, p99) = percentiles(waits);
    say(&format!("{callers:>7}  {records:>9}  {commits:>9}  {p50:>11}  {p99:>6}"));
    writer.stop();
}

/// An upstream that answers every request on a connection at once.
async fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let mut bytes = vec![0; 16_384];
                // Small requests on loopback come in one piece.
                while socket.read(&mut bytes).await.unwrap_or(0) > 0 {
                    if socket.write_all(ANSWER).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

fn config(dir: &Path, base_url: &str) -> Config {
    let key = dir.join("k1");
    std::fs::write(&key, [7; 32]).unwrap();
    let shown = dir.display();
    let listeners = ["proxy", "ops", "telemetry"].map(|name| format!("{name}.listen = {PORT}"));
    let listeners = listeners.join("\n");
    let text = format!(
        "environment = \"sandbox\"\n{listeners}\nupstream.base_url = \"{base_url}\"\n\
         store.url = \"sqlite:{shown}/store.db\"\njournal.dir = \"{shown}/journal\"\n\
         privacy.keys = {{ k1 = {{ file = \"{shown}/k1\" }} }}\n"
    );
    Config::parse(&text, &dir.join("accuscope.toml"), std::iter::empty()).unwrap()
}

async fn ask(address: std::net::SocketAddr, request: String, until: Instant) -> Vec<Duration> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let (mut waits, mut answer) = (Vec::new(), vec![0; 16_384]);
    while clock() < until {
        let begun = clock();
        socket.write_all(request.as_bytes()).await.unwrap();
        assert!(socket.read(&mut answer).await.unwrap() > 0 && answer.starts_with(b"HTTP/1.1 200"));
        waits.push(begun.elapsed());
    }
    waits
}

async fn through_the_proxy(clients: usize, method: &str) {
    let dir = folder();
    let app = App::open(config(dir.path(), &upstream().await), Clock::system()).unwrap();
    let running = app.start().unwrap();
    let request = format!("{method} /rest/v1/a HTTP/1.1\r\nHost: p\r\n\r\n");
    let mut asking = JoinSet::new();
    for _ in 0..clients {
        asking.spawn(ask(running.addresses.proxy, request.clone(), clock() + MEASURED));
    }
    let waits: Vec<Duration> = asking.join_all().await.into_iter().flatten().collect();
    let requests = waits.len() as u64 / MEASURED.as_secs();
    let (p50, p99) = percentiles(waits);
    say(&format!("{clients:>7}  {method:<6}  {requests:>10}  {p50:>13}  {p99:>6}"));
    running.stop().await;
}
