//! The proof that nothing leaks: canary identities and secrets through this very installation.
//!
//! Read [`prove`] first; it is the whole run, top to bottom. The same code is behind
//! `accuscope prove-redaction` and the tests.
//!
//! | file | what |
//! | --- | --- |
//! | [`canaries`] | invented people and secrets, from a seed |
//! | [`placements`] | where in a call they are put, as data |
//! | [`calls`] | which canary in which placement |
//! | [`installation`] | the operator's own settings, started once more beside the serving process |
//! | [`upstream`], [`drive`] | both ends of the call path |
//! | [`sinks`] | everything that accuscope writes, shows or says |
//! | [`needles`], [`scan`] | every form of a canary, looked for in everything a sink decodes to |
//! | [`control`] | planted leaks that have to be found |
//! | [`twins`], [`references`] | what cannot be searched for: digests over values, keys that are none |
//! | [`mod@panic`] | what is said of a panic with a canary in its hands |
//! | [`report`] | what was found out |
//!
//! It touches nothing of the installation but reads its settings, keys and catalogue: journal, audit
//! and an SQLite store are in a folder of its own, and in PostgreSQL it makes a schema and drops it.

mod calls;
mod canaries;
mod control;
mod drive;
mod installation;
mod needles;
pub mod panic;
mod placements;
mod references;
mod report;
mod scan;
mod sinks;
mod twins;
mod upstream;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitStatus;

pub use calls::Coverage;
use calls::{Calls, Owner};
pub use canaries::CanaryKind;
use canaries::{Aviary, Canary};
use installation::{Installation, Plan};
pub use report::{Leak, Report, SinkSize};
use scan::Scanner;
use sinks::Sink;
use sinks::postgres::Schema;
use upstream::Upstream;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Store, StoreError, StoreUrl, StoreUrlError};

/// How many of a hundred valid requests have to reach the upstream.
const FEWEST_SEEN_PERCENT: usize = 90;

/// Why a proof could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// A file, a socket or a process.
    #[error("the proof cannot be run ({0})")]
    Io(#[from] std::io::Error),
    /// The installation did not start.
    #[error("the installation did not start ({status}): {said}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        said: String,
    },
    /// Somebody stopped it.
    #[error("the proof was stopped before its end")]
    Interrupted,
    /// It took too long.
    #[error("the installation did not start, answer or stop in time")]
    Slow,
    /// The store of the settings is none.
    #[error("store.url: {0}")]
    Url(#[from] StoreUrlError),
    /// The store could not be opened.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// PostgreSQL refused.
    #[error(
        "the database did not do as asked; the role of store.url has to be allowed to create a schema in its database"
    )]
    Postgres(#[from] sqlx::Error),
}

/// What a run is made with.
pub struct Settings<'s> {
    /// The program; this very one.
    pub program: &'s Path,
    /// The operator's settings file.
    pub file: &'s Path,
    /// What the canaries grow from.
    pub seed: u64,
    /// How much is sent.
    pub coverage: Coverage,
    /// The folder of the run, which exists and is empty.
    pub folder: &'s Path,
}

/// What was sent and what came back, for those who judge.
#[derive(Default)]
struct Sent {
    sinks: Vec<Sink>,
    twins: Vec<twins::Twin>,
    seen: usize,
    expected: usize,
    requests: usize,
}

/// Sends canaries through the installation and looks for them in every sink.
///
/// # Errors
///
/// [`ProveError`] if it could not be tried, or `stopped` came first; leaks are in the report.
pub async fn prove(
    settings: &Settings<'_>,
    config: &Config,
    clock: &Clock,
    stopped: impl Future<Output = ()>,
) -> Result<Report, ProveError> {
    let begun = clock.instant();
    let store_url = StoreUrl::parse(&config.store.url)?;
    let (schema, url) = if store_url.file().is_none() {
        let name = format!("accuscope_proof_{:016x}", fastrand::u64(..));
        let schema = Schema::make(&store_url, name).await?;
        let url = schema.url().clone();
        (Some(schema), url)
    } else {
        (None, StoreUrl::sqlite(&settings.folder.join("store.db")))
    };
    let report = tokio::select! {
        report = run(settings, config, clock, &url, schema.as_ref()) => report,
        // What was started ends with the run that is dropped here.
        () = stopped => Err(ProveError::Interrupted),
    };
    if let Some(schema) = schema {
        schema.drop().await?;
    }
    let mut report = report?;
    report.took_ms = u64::try_from(clock.elapsed(begun).as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

async fn run(
    settings: &Settings<'_>,
    config: &Config,
    clock: &Clock,
    store_url: &StoreUrl,
    schema: Option<&Schema>,
) -> Result<Report, ProveError> {
    let mut aviary = Aviary::new(settings.seed);
    let clinic = installation::clinic(&config.registry);
    let app_keys = [aviary.draw(CanaryKind::ApiKey), aviary.draw(CanaryKind::ApiKey)];
    let texts = [app_keys[0].text.as_str(), app_keys[1].text.as_str()];
    let mut all = calls::draw(&mut aviary, settings.coverage, &clinic, texts);
    let replies = std::mem::take(&mut all.replies);
    let (upstream, collector) = (Upstream::start(replies).await?, Upstream::collector().await?);
    let plan = Plan {
        program: settings.program,
        settings: settings.file,
        folder: settings.folder,
        store_url: &work::store_text(store_url),
        upstream: upstream.address(),
        collector: collector.address(),
        app_keys: texts,
    };
    let mut installation = Installation::start(&plan, config).await?;
    if !work::store_reached(&installation).await {
        return Err(ProveError::Slow);
    }
    let mut sent = work::send(&installation, &all, &upstream).await;
    for (canary, placement) in app_keys.into_iter().zip(["key of the proof's app"; 2]) {
        all.owners.push(Owner { canary, placement, digest_is_kept: true });
    }
    let store = Store::open(store_url).await?;
    let indexed = work::indexed(&installation).await;
    work::read_site(&installation, &store, clock, &mut aviary, &clinic.id, &mut all, &mut sent)
        .await?;
    store.close().await;
    work::run_commands(&installation, settings.folder, &mut aviary, &mut all, &mut sent).await?;
    sent.sinks.extend(panic::provoke(settings.program, &mut aviary, &mut all.owners).await?);
    sent.sinks.extend(sinks::files(settings.folder, "serving")?);
    if let Some(schema) = schema {
        sent.sinks.extend(schema.dump("serving").await?);
    }
    let ended = installation.stop().await?;
    sent.sinks.push(Sink::required("OTLP payloads", collector.kept()));
    let later = sinks::files(settings.folder, "stopped")?;
    sinks::add_what_is_new(&mut sent.sinks, later);
    if let Some(schema) = schema {
        sent.sinks.extend(schema.dump("stopped").await?);
    }
    let mut report = judge(settings, config, &all, &sent, &clinic.id)?;
    if !indexed {
        report.doubts.push("what was sent was not indexed in time".to_owned());
    }
    if !ended.success() {
        report.doubts.push(format!("the installation did not stop well ({ended})"));
    }
    Ok(report)
}

/// Looks for everything everywhere.
fn judge(
    settings: &Settings<'_>,
    config: &Config,
    all: &Calls,
    sent: &Sent,
    clinic: &str,
) -> Result<Report, ProveError> {
    let scanner = scanner(&all.owners);
    let journal = settings.folder.join("journal");
    let (events, audit) = (work::lines(&journal, "exchanges-")?, work::lines(&journal, "audit-")?);
    let copy = sent.sinks.iter().find(|sink| sink.name.contains("exchanges-"));
    let control = control::run(&scanner, &all.owners, copy.map_or(&[][..], |sink| &sink.bytes));
    let mut doubts: Vec<String> = control
        .missed
        .iter()
        .map(|what| format!("a planted leak was not found ({what})"))
        .collect();
    let empty = sent.sinks.iter().filter(|sink| sink.required && sink.bytes.is_empty());
    doubts.extend(empty.map(|sink| format!("the sink {} is empty", sink.name)));
    for wanted in ["exchanges-", "audit-", "stdout.log", "metrics", "panic", "audit export fhir"] {
        if !sent.sinks.iter().any(|sink| sink.name.contains(wanted)) {
            doubts.push(format!("the sink {wanted} is missing"));
        }
    }
    if sent.seen * 100 < sent.expected * FEWEST_SEEN_PERCENT {
        doubts.push(format!(
            "only {} of {} requests were seen by the upstream",
            sent.seen, sent.expected
        ));
    }
    if events.len() < sent.seen {
        doubts.push(format!("{} events for {} requests", events.len(), sent.seen));
    }
    let mut leaks = leaks(&scanner, &all.owners, &sent.sinks);
    let (differences, twins) = twins::compare(&sent.twins, &events);
    leaks.extend(differences.into_iter().map(|difference| Leak {
        sink: format!("event field {}", difference.field),
        placement: difference.placement,
        kind: "any",
        form: "changes with the value".to_owned(),
        canaries: 2,
    }));
    if twins == 0 {
        doubts.push("no twins could be compared".to_owned());
    }
    let lines: Vec<_> = events.into_iter().chain(audit).collect();
    let keys = &config.privacy.key_files;
    let checked = references::check(&lines, &all.identifiers(), clinic, keys)?;
    leaks.extend(checked.wrong.iter().map(|field| Leak {
        sink: format!("reference {field}"),
        placement: "any",
        kind: "any",
        form: "under no listed key".to_owned(),
        canaries: 1,
    }));
    for kind in ["patient", "actor", "token", "request", "idempotency"] {
        if !checked.right.contains_key(kind) {
            doubts.push(format!("no reference of a {kind} was made"));
        }
    }
    let sinks = sent.sinks.iter().map(|s| SinkSize { sink: s.name.clone(), bytes: s.bytes.len() });
    Ok(Report {
        seed: settings.seed,
        requests: sent.requests,
        expected_upstream: sent.expected,
        seen_upstream: sent.seen,
        placements: placements::all().count(),
        canaries: all.owners.len(),
        needles: scanner.len(),
        planted: control.planted,
        planted_found: control.planted - control.missed.len(),
        twins,
        references: checked.right,
        sinks: sinks.collect(),
        leaks,
        doubts,
        took_ms: 0,
    })
}

fn scanner(owners: &[Owner]) -> Scanner {
    let mut all = Vec::with_capacity(owners.len() * 64);
    for (number, owner) in owners.iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let needles = if owner.digest_is_kept {
            needles::without_digests(&owner.canary)
        } else {
            needles::of(&owner.canary)
        };
        all.extend(needles.into_iter().map(|needle| (number, needle)));
    }
    Scanner::new(all)
}

/// What was found, one row for each sink, placement and kind.
fn leaks(scanner: &Scanner, owners: &[Owner], sinks: &[Sink]) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for sink in sinks {
        let mut rows: BTreeMap<_, (String, BTreeSet<u32>)> = BTreeMap::new();
        for hit in scanner.scan(&sink.bytes) {
            let Some(owner) = owners.get(hit.canary as usize) else { continue };
            let row = rows.entry((owner.placement, owner.canary.kind.as_str())).or_default();
            row.0 = format!("{}, {}", hit.form, hit.view);
            row.1.insert(hit.canary);
        }
        leaks.extend(rows.into_iter().map(|((placement, kind), (form, canaries))| Leak {
            sink: sink.name.clone(),
            placement,
            kind,
            form,
            canaries: canaries.len(),
        }));
    }
    leaks
}

/// A canary that is typed somewhere by hand.
fn typed(
    aviary: &mut Aviary,
    kind: CanaryKind,
    placement: &'static str,
    owners: &mut Vec<Owner>,
) -> Canary {
    let canary = aviary.draw(kind);
    owners.push(Owner { canary: canary.clone(), placement, digest_is_kept: false });
    canary
}
