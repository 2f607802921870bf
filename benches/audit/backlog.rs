//! An hour without the store: how long the index takes to catch up, and in how much memory.

use std::sync::Arc;
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::registry::Registry;
use accuscope::indexer::Indexer;
use accuscope::journal::{Folder, Tail, Writer};
use accuscope::store::{Store, StoreHandle, StoreUrl};
use accuscope::telemetry::metrics::Metrics;
use tokio_util::sync::CancellationToken;

use super::traffic::Traffic;
use super::{clock, folder, say};

/// 500 calls a second.
const GAP_US: u64 = 2_000;
/// Events that may wait for the writer while the backlog is made.
const MOST_QUEUED: u64 = 10_000;

/// The most memory that this process has held, in MiB, since it was last asked.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    kib / 1_024
}

pub(crate) async fn catch_up(name: &str, url: StoreUrl, events: u64) {
    let dir = folder();
    let journal = Folder::open(dir.path()).unwrap();
    let instance = journal.instance().clone();
    let writer = Writer::start(journal, 1 << 26, Clock::system()).unwrap();
    let recorder = writer.recorder();
    let mut traffic = Traffic::new(GAP_US);
    for _ in 0..events {
        while recorder.counts().queued > MOST_QUEUED {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        recorder.record(Box::new(traffic.next()));
    }
    while recorder.counts().queued > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let end = *recorder.written().borrow();
    let (slot, _handle) = StoreHandle::new();
    let indexer = Indexer {
        url: url.clone(),
        slot,
        tail: Tail::new(dir.path()),
        instance: instance.clone(),
        recorder: recorder.clone(),
        registry: Arc::new(Registry::default()).into(),
        metrics: Arc::new(Metrics::new("bench", "sandbox", &[])),
        clock: Clock::system(),
    };
    let store = Store::open(&url).await.unwrap();
    let (stop, before, begun) = (CancellationToken::new(), peak_mib(), clock());
    let running = tokio::spawn(indexer.run(stop.clone()));
    loop {
        let at = store.checkpoint(&instance).await.unwrap();
        let done = at.is_some_and(|at| {
            (at.segment.as_str(), at.offset) >= (end.segment.file_name().as_str(), end.offset)
        });
        if done {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = begun.elapsed();
    stop.cancel();
    running.await.unwrap();
    writer.stop();
    let rate = u128::from(events) * 1_000 / took.as_millis().max(1);
    let (seconds, peak) = (took.as_secs(), peak_mib());
    say(&format!("{name:<10}  {events:>9}  {seconds:>7}  {rate:>8}  {before:>10}  {peak:>9}"));
}
