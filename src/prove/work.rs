//! The parts of a run: sending, waiting, reading the site, running commands.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use super::calls::{Call, Calls, Owner};
use super::canaries::{Aviary, Canary, CanaryKind};
use super::drive::{Answer, send as send_one};
use super::installation::Installation;
use super::placements::{Ends, Sending};
use super::sinks::{Sink, site};
use super::twins::Twin;
use super::upstream::Upstream;
use super::{ProveError, Sent, typed};
use crate::clock::Clock;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::ids::EventId;
use crate::domain::role::Role;
use crate::store::{NewToken, SecretDigest, Store, StoreUrl};

/// Calls at a time.
const AT_A_TIME: usize = 32;
/// How long indexing may take.
const INDEXING: Duration = Duration::from_secs(20);

/// What the settings call a store.
pub(super) fn store_text(url: &StoreUrl) -> String {
    url.file().map_or_else(
        || url.reveal().unwrap_or_default().to_owned(),
        |file| format!("sqlite:{}", file.display()),
    )
}

/// Sends every call, and the second ones after their first.
pub(super) async fn send(at: &Installation, all: &Calls, upstream: &Upstream) -> Sent {
    let (proxy, next) = (at.proxy, Arc::new(AtomicUsize::new(0)));
    let calls = all.list.iter();
    let letters =
        calls.map(|call| (call.request.clone(), call.second.clone(), call.placement.sending));
    let work: Arc<Vec<_>> = Arc::new(letters.collect());
    let mut tasks = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let (work, next) = (Arc::clone(&work), Arc::clone(&next));
        tasks.spawn(async move {
            let mut answers: Vec<(usize, Answer, Option<Answer>)> = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((request, second, how)) = work.get(number) else { return answers };
                let answer = send_one(proxy, request, *how).await;
                let second = match second {
                    Some(second) => Some(send_one(proxy, second, Sending::Whole).await),
                    None => None,
                };
                answers.push((number, answer, second));
            }
        });
    }
    let mut sent = Sent::default();
    let mut problems = Vec::new();
    while let Some(answers) = tasks.join_next().await {
        for (number, answer, second) in answers.unwrap_or_default() {
            let call = &all.list[number];
            sent.requests += 1 + usize::from(second.is_some());
            for one in [Some(&answer), second.as_ref()].into_iter().flatten() {
                problems.extend(one.problem().into_iter().flatten());
            }
            sent.twins.extend(twin(call, &answer));
        }
    }
    for (number, _) in all.list.iter().enumerate().filter(|(_, c)| c.placement.forwarded) {
        sent.expected += 1;
        sent.seen += usize::from(upstream.has_seen(number));
    }
    sent.sinks.push(Sink::required("problem documents", problems));
    sent
}

/// Calls whose end depends on who is faster have no twins.
fn twin(call: &Call, answer: &Answer) -> Option<Twin> {
    let steady = matches!(call.placement.sending, Sending::Whole | Sending::Pieces);
    let support_code = answer.field("accuscope-support-code")?;
    (steady && call.placement.ends == Ends::Open).then_some(Twin {
        placement: call.placement.name,
        kind: call.kind,
        support_code,
    })
}

/// Waits until the store is open: a keyed write is refused as long as instances may share its ledger
/// and it is not reached.
pub(super) async fn store_reached(at: &Installation) -> bool {
    let reached = async {
        loop {
            let page = site::telemetry(at.telemetry, "/metrics").await;
            let text = String::from_utf8_lossy(page.body()).into_owned();
            if text.lines().any(|line| line == "accuscope_store_up 1") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(INDEXING, reached).await.is_ok()
}

/// Waits until everything is in the store.
pub(super) async fn indexed(at: &Installation) -> bool {
    let done = async {
        loop {
            let page = site::telemetry(at.telemetry, "/metrics").await;
            let text = String::from_utf8_lossy(page.body()).into_owned();
            let is = |series: &str| text.lines().any(|line| line == format!("{series} 0"));
            if is("accuscope_journal_unindexed_events") && is("accuscope_calls_in_flight") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(INDEXING, done).await.is_ok()
}

/// Reads the site and types canaries into it.
pub(super) async fn read_site(
    at: &Installation,
    store: &Store,
    clock: &Clock,
    aviary: &mut Aviary,
    clinic: &str,
    all: &mut Calls,
    sent: &mut Sent,
) -> Result<(), ProveError> {
    let token = aviary.draw(CanaryKind::ApiKey);
    let now = clock.now();
    let new = NewToken {
        id: EventId::new(now, fastrand::u128(..)).0,
        digest: SecretDigest::of(token.text.as_bytes()),
        role: Role::Admin,
        name: "proof",
        created: now,
        clinics: ClinicScope::all(),
        expires: Some(now.plus(Duration::from_hours(1))),
    };
    store.create_token(&new).await?;
    let mut reader = site::Reader::sign_in(at.ops, &token.text).await;
    if !reader.is_signed_in() {
        sent.sinks.push(Sink::required("pages, signed in", Vec::new()));
    }
    let session =
        Canary { kind: CanaryKind::Cookie, text: reader.secret().to_owned(), others: Vec::new() };
    all.owners.push(Owner {
        canary: token,
        placement: "API token of the site",
        digest_is_kept: true,
    });
    all.owners.push(Owner {
        canary: session,
        placement: "session of the site",
        digest_is_kept: true,
    });
    reader.crawl().await;
    for kind in [
        CanaryKind::Name,
        CanaryKind::BcHealthNumber,
        CanaryKind::BirthDate,
        CanaryKind::Email,
        CanaryKind::Bearer,
    ] {
        let canary = typed(aviary, kind, "typed into the site", &mut all.owners);
        reader.type_in(&canary, clinic).await;
    }
    sent.sinks.extend(reader.sinks());
    let canary = typed(aviary, CanaryKind::BcHealthNumber, "telemetry listener", &mut all.owners);
    for (name, path) in [
        ("metrics", "/metrics".to_owned()),
        ("readyz", "/readyz".to_owned()),
        ("healthz", "/healthz".to_owned()),
        ("metrics?…", format!("/metrics?match={}", canary.text)),
        ("telemetry, no such page", format!("/{}", canary.text)),
    ] {
        let answer = site::telemetry(at.telemetry, &path).await;
        sent.sinks.push(Sink::required(name, answer.bytes));
    }
    // Only this form shows trace ids, to whoever asks for it.
    let answer = site::open_metrics(at.telemetry).await;
    sent.sinks.push(Sink::required("metrics as OpenMetrics", answer.bytes));
    Ok(())
}

/// Runs the commands that print or write events and audit records, and gives one of them rubbish.
pub(super) async fn run_commands(
    at: &Installation,
    folder: &Path,
    aviary: &mut Aviary,
    all: &mut Calls,
    sent: &mut Sent,
) -> Result<(), ProveError> {
    for (name, arguments) in [
        ("export", &["export"][..]),
        ("audit export ndjson", &["audit", "export", "--format", "ndjson"]),
        ("audit export csv", &["audit", "export", "--format", "csv"]),
        ("audit export fhir", &["audit", "export", "--format", "fhir"]),
        ("audit verify", &["audit", "verify"]),
        ("check", &["check"]),
        ("catalogue check", &["catalogue", "check"]),
        ("token list", &["token", "list"]),
        ("adoption", &["adoption"]),
        ("digest --print", &["digest", "--print"]),
    ] {
        sent.sinks.push(Sink::required(name, at.command(arguments).await?));
    }
    let name = typed(aviary, CanaryKind::Name, "line of a file to import", &mut all.owners);
    let number =
        typed(aviary, CanaryKind::BcHealthNumber, "line of a file to import", &mut all.owners);
    let mut lines = format!("{}\n{{\"name\":\"{}\"}}\n", name.text, name.text);
    // Events but for the number of a patient where a template has to be.
    let events = self::lines(&folder.join("journal"), "exchanges-")?;
    for (event, route) in events.into_iter().zip(["/{}", "/rest/v1/patients/{}/labs"]) {
        let mut event = event;
        event["id"] = uuid::Uuid::from_u128(fastrand::u128(..)).to_string().into();
        event["route"] = route.replace("{}", &number.text).into();
        lines.push_str(&event.to_string());
        lines.push('\n');
    }
    // Beside the run's folder, since the file itself is no sink.
    let file = folder.with_extension("import");
    std::fs::write(&file, lines)?;
    let said = at.command(&["import", &file.display().to_string()]).await;
    std::fs::remove_file(&file)?;
    sent.sinks.push(Sink::required("import", said?));
    let typed_as_argument = [
        ("export, bad argument", vec!["export", "--clinic", name.text.as_str()]),
        ("audit export, bad argument", vec!["audit", "export", "--from", number.text.as_str()]),
    ];
    for (what, arguments) in typed_as_argument {
        sent.sinks.push(Sink::required(what, at.command(&arguments).await?));
    }
    Ok(())
}

/// The whole lines of a journal's segments.
pub(super) fn lines(folder: &Path, prefix: &str) -> io::Result<Vec<Value>> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let bytes = std::fs::read(entry.path())?;
        let found = bytes.split(|byte| *byte == b'\n');
        lines.extend(found.filter_map(|line| serde_json::from_slice::<Value>(line).ok()));
    }
    Ok(lines)
}
