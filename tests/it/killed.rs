//! "The power went": a process that is killed in the middle of writes loses no audit record.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accuscope::domain::audit::Kind;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::app::journal;
use crate::support::audit::audit;
use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, until};

/// Installations that are killed side by side.
const SIDE_BY_SIDE: u32 = 4;

/// How often each of them is killed: 20 kills in all; `ACCUSCOPE_KILLS` asks for more.
fn kills() -> u32 {
    let all = std::env::var("ACCUSCOPE_KILLS").ok().and_then(|text| text.parse().ok());
    all.unwrap_or(20u32).div_ceil(SIDE_BY_SIDE)
}

/// The ids of the writes that an upstream saw, also of those that broke off.
pub(crate) fn seen(upstream: &RawUpstream) -> BTreeSet<String> {
    let text = upstream.seen_text();
    let ids = text.lines().filter_map(|line| line.strip_prefix("x-request-id: "));
    ids.map(|id| id.trim().to_owned()).collect()
}

pub(crate) fn intents(journal: &Path) -> BTreeSet<String> {
    let intents = audit(journal).into_iter().filter(|record| record.entry.kind == Kind::Intent);
    intents.map(|record| record.entry.request_id.unwrap().as_str().to_owned()).collect()
}

/// Sends one write after the other until the connection ends.
pub(crate) async fn writes(address: std::net::SocketAddr, number: Arc<AtomicU64>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let Ok(mut socket) = tokio::net::TcpStream::connect(address).await else { return };
    let mut answer = vec![0; 4_096];
    loop {
        let id = number.fetch_add(1, Ordering::Relaxed);
        let request = format!(
            "PUT /rest/v1/a HTTP/1.1\r\nHost: p\r\nX-Request-Id: a{id:031x}\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let sent = socket.write_all(request.as_bytes()).await;
        if sent.is_err() || socket.read(&mut answer).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

async fn killed_again_and_again(number: u32) {
    let upstream = RawUpstream::always(OK).await;
    let mut program = Program::start(&upstream.url(), &[]).await;
    let next = Arc::new(AtomicU64::new(1));
    for round in 0..kills() {
        let mut load = JoinSet::new();
        for _ in 0..4 {
            load.spawn(writes(program.proxy, Arc::clone(&next)));
        }
        // A number of writes that is not the same each time, and then at once.
        let enough = seen(&upstream).len() + 15 + 23 * ((round + number) as usize * 7 % 5);
        until("writes at the upstream", || async {
            (seen(&upstream).len() >= enough).then_some(())
        })
        .await;
        program = program.kill_and_restart(&upstream.url(), &[], |_| {}).await;
        while load.join_next().await.is_some() {}
        let journal = program.folder().join("journal");
        let (seen, intents) = (seen(&upstream), intents(&journal));
        let missing: Vec<_> = seen.difference(&intents).collect();
        assert!(missing.is_empty(), "round {round}: seen without an intent: {missing:?}");
    }
    until("the index", || async {
        let (_, text) = program.page("/metrics").await;
        text.contains("accuscope_journal_unindexed_events 0\n").then_some(())
    })
    .await;
    assert_eq!(program.terminate().await, 0);
    let (worked, text) = program.command(&["audit", "verify"]);
    assert!(worked && text.contains("are as they were written"), "{text}");
    assert!(text.contains("the store's copy is the same"), "{text}");
    // The index has every event of the journal, each once.
    let of = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].to_string();
    let (_, exported) = program.command(&["export"]);
    let mut indexed: Vec<String> = exported.lines().map(of).collect();
    let events = journal(&program.folder().join("journal"));
    let mut recorded: Vec<String> = events.iter().map(|event| event["id"].to_string()).collect();
    indexed.sort();
    recorded.sort();
    assert!(!recorded.is_empty());
    assert_eq!(indexed, recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_accuro_saw_has_an_intent_however_often_the_process_is_killed() {
    let mut installations = JoinSet::new();
    for number in 0..SIDE_BY_SIDE {
        installations.spawn(killed_again_and_again(number));
    }
    while let Some(ended) = installations.join_next().await {
        ended.unwrap();
    }
}
