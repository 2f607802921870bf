//! What each protection costs: one switched on at a time, beside everything off.
//!
//! CPU is the program's own user and system time; `ACCUSCOPE_SOAK_REQUESTS` (default 5,000) calls a round
//! at `ACCUSCOPE_SOAK_RATE` (default 500) a second, three interleaved rounds, medians.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::call::{Call, Ending, Kind};
use super::connection::Connection;
use super::mischief::Mischief;
use super::program::Program;
use super::report::percentiles;
use super::upstream::Upstream;
use super::{clock, say, setting};

const ROUNDS: usize = 3;
const CALLERS: u64 = 16;
const RETRY: &str = "retry.most_sends = 1\n";
const BREAKER: &str = "breaker.enabled = false\n";
const LIMITS: &str = "limits.clinic_per_minute = 10000000\nlimits.app_per_minute = 10000000\n";

/// One row: its name, what kind of calls, lines of settings, whether over TLS, and the row beside which
/// it is shown.
struct Row {
    name: &'static str,
    kind: Kind,
    lines: String,
    is_tls: bool,
    beside: usize,
}

fn rows() -> Vec<Row> {
    let off = format!("{RETRY}{BREAKER}");
    let row = |name, kind, lines: &str, is_tls, beside| Row {
        name,
        kind,
        lines: lines.to_owned(),
        is_tls,
        beside,
    };
    vec![
        row("reads, everything off", Kind::Read, &off, false, 0),
        row("retry", Kind::Read, BREAKER, false, 0),
        row("breaker", Kind::Read, RETRY, false, 0),
        row("limits", Kind::Read, &format!("{off}{LIMITS}"), false, 0),
        row("TLS", Kind::Read, &off, true, 0),
        row("all of these", Kind::Read, LIMITS, true, 0),
        row("reference data, no cache", Kind::SharedRead, &off, false, 6),
        row("coalescing", Kind::SharedRead, &format!("{off}cache.coalesce = true"), false, 6),
        row("cache", Kind::SharedRead, &format!("{off}cache.ttl = \"60s\""), false, 6),
        row("writes (audit: its intent and outcome)", Kind::Write, &off, false, 0),
        row("writes with a key", Kind::KeyedWrite, &off, false, 9),
    ]
}

/// Measures all rows and prints them.
pub(crate) async fn measure() {
    let requests = setting("ACCUSCOPE_SOAK_REQUESTS", 5_000);
    let rate = setting("ACCUSCOPE_SOAK_RATE", 500);
    let rows = rows();
    let mut seen: Vec<Vec<(u64, u128)>> = rows.iter().map(|_| Vec::new()).collect();
    for round in 0..ROUNDS {
        for (row, seen) in rows.iter().zip(&mut seen) {
            seen.push(once(row, requests, rate, round as u64).await);
        }
    }
    let medians: Vec<(u64, u128)> = seen
        .into_iter()
        .map(|rounds| {
            let (mut cpu, mut p50): (Vec<u64>, Vec<u128>) = rounds.into_iter().unzip();
            cpu.sort_unstable();
            p50.sort_unstable();
            (cpu[ROUNDS / 2], p50[ROUNDS / 2])
        })
        .collect();
    say("| one protection at a time | beside | CPU us/request | ratio | p50 us | added p50 us |");
    say("| --- | --- | --- | --- | --- | --- |");
    for (row, (cpu, p50)) in rows.iter().zip(&medians) {
        let (beside_cpu, beside_p50) = medians[row.beside];
        let hundredths = cpu * 100 / beside_cpu.max(1);
        let added = p50.cast_signed() - beside_p50.cast_signed();
        let beside = rows[row.beside].name;
        let ratio = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        say(&format!("| {} | {beside} | {cpu} | {ratio} | {p50} | {added} |", row.name));
    }
}

/// One round: CPU per request and the median wait, in microseconds.
async fn once(row: &Row, requests: u64, rate: u64, seed: u64) -> (u64, u128) {
    let upstream = Upstream::start(Mischief { seed, per_mille: 0 }).await;
    let mut trust = None;
    let mut program = Program::start(upstream.address, &row.lines, |folder| {
        if !row.is_tls {
            return String::new();
        }
        let (config, line) = certificate(folder);
        trust = Some(config);
        line
    })
    .await;
    let callers = |number: u64| {
        let (proxy, trust, kind) = (program.proxy, trust.clone(), row.kind);
        let begun = clock();
        let mut running = JoinSet::new();
        for caller in 0..CALLERS {
            let trust = trust.clone();
            running.spawn(async move {
                let mut random = fastrand::Rng::with_seed(seed * 1_000 + caller + number);
                let mut kept = match trust {
                    Some(trust) => Connection::open_tls(proxy, trust).await.ok(),
                    None => Connection::open(proxy).await.ok(),
                };
                let mut waits = Vec::new();
                for place in (caller..number).step_by(usize::try_from(CALLERS).unwrap()) {
                    let planned = begun + Duration::from_micros(place * 1_000_000 / rate);
                    sleep(planned.saturating_duration_since(clock())).await;
                    let call = Call::draw(kind, &mut random);
                    let sent = clock();
                    let (ending, after) = call.make(kept.take(), proxy).await;
                    waits.push(sent.elapsed());
                    assert!(matches!(ending, Ending::Answered { .. }), "{ending:?}");
                    kept = after;
                }
                waits
            });
        }
        running
    };
    drop(callers(requests / 10).join_all().await);
    let before = program.cpu_us();
    let mut waits = callers(requests).join_all().await.concat();
    let cpu = (program.cpu_us() - before) / requests;
    assert_eq!(program.stop().await, Some(0), "{}", program.log());
    (cpu, percentiles(&mut waits).0)
}

/// A certificate for the proxy, whoever trusts it, and the line of settings.
fn certificate(folder: &Path) -> (Arc<rustls::ClientConfig>, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let [certificate, key] = ["proxy.crt", "proxy.key"].map(|name| folder.join(name));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let line = format!(
        "proxy.tls = {{ certificate = \"{}\", key = \"{}\" }}",
        certificate.display(),
        key.display()
    );
    (Arc::new(config), line)
}
