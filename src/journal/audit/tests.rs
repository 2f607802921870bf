//! What the audit promises when the disk is well, and when it is not.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::disk::{Disk, Files, Place};
use super::seal::Seal;
use super::start::find_end;
use super::*;
use crate::clock::Clock;
use crate::domain::audit::verify::{Report, Verifier};
use crate::domain::audit::{CallResult, Event, Record, json};
use crate::domain::event::Exchange;
use crate::domain::names::InstanceId;
use crate::telemetry::metrics::Metrics;

fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new("1", "sandbox", &[]))
}

fn call(n: u64) -> Exchange {
    let line = format!(
        r#"{{"id":"01939f6e-5a2b-7c3d-8e4f-{n:012x}","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"appointment.update","domain":"scheduling","method":"PUT","route":"/rest/v1/x","mutation":true,"status":200,"upstream_status":200,"outcome":"ok"}}"#
    );
    crate::domain::event::json::read_line(line.as_bytes()).unwrap()
}

fn intent(n: u64) -> Entry {
    Entry::of_call(Kind::Intent, &call(n), None)
}

fn outcome(n: u64) -> Entry {
    Entry::outcome(&call(n), None)
}

fn start(folder: &std::path::Path, segment_bytes: u64, metrics: &Arc<Metrics>) -> AuditWriter {
    start_on(Files::new(folder.to_owned()), folder, segment_bytes, metrics)
}

fn start_on(
    disk: impl Disk + 'static,
    folder: &std::path::Path,
    segment_bytes: u64,
    metrics: &Arc<Metrics>,
) -> AuditWriter {
    let (found, instance) = (find_end(folder).unwrap(), InstanceId::parse("i-1").unwrap());
    let seal = Seal::new(instance.clone(), None);
    let (metrics, clock) = (Arc::clone(metrics), Clock::system());
    AuditWriter::over(disk, found, seal, instance, segment_bytes, metrics, clock).unwrap()
}

fn read(folder: &std::path::Path) -> (Vec<Record>, Report) {
    let mut verifier = Verifier::new(None);
    let mut records = Vec::new();
    lines::<std::io::Error>(folder, |line| {
        records.extend(verifier.line(line.bytes));
        Ok(())
    })
    .unwrap();
    (records, verifier.finish())
}

fn said(records: &[Record]) -> Vec<(Kind, Option<String>)> {
    let of = |record: &Record| (record.entry.kind, record.entry.detail.map(|d| d.to_string()));
    records.iter().map(of).collect()
}

/// What a test does to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Well,
    /// Takes nothing.
    Full,
    /// Takes half of it, and then nothing.
    Torn,
    /// Does not answer until it is something else.
    Blocked,
}

/// A folder's disk that a test can spoil.
struct Spoilt {
    files: Files,
    folder: std::path::PathBuf,
    control: Arc<(Mutex<Health>, Condvar)>,
}

#[derive(Clone)]
struct Control(Arc<(Mutex<Health>, Condvar)>);

impl Control {
    fn set(&self, health: Health) {
        *self.0.0.lock().unwrap() = health;
        self.0.1.notify_all();
    }
}

fn spoilt(folder: &std::path::Path) -> (Spoilt, Control) {
    let control = Arc::new((Mutex::new(Health::Well), Condvar::new()));
    let files = Files::new(folder.to_owned());
    let disk = Spoilt { files, folder: folder.to_owned(), control: Arc::clone(&control) };
    (disk, Control(control))
}

impl Disk for Spoilt {
    fn commit(&mut self, at: Place, bytes: &[u8]) -> std::io::Result<()> {
        let (health, changed) = &*self.control;
        let health = *changed
            .wait_while(health.lock().unwrap(), |health| *health == Health::Blocked)
            .unwrap();
        match health {
            Health::Well | Health::Blocked => self.files.commit(at, bytes),
            Health::Full => Err(std::io::ErrorKind::StorageFull.into()),
            Health::Torn => {
                // As a disk that fills up in the middle of a write leaves it.
                drop(self.files.commit(at, &bytes[..bytes.len() / 2]));
                self.files = Files::torn(self.folder.clone());
                Err(std::io::ErrorKind::StorageFull.into())
            }
        }
    }

    fn seal(&mut self, line: &str) -> std::io::Result<()> {
        self.files.seal(line)
    }

    fn remember(&mut self, text: &str) -> std::io::Result<()> {
        self.files.remember(text)
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .unwrap_or_else(|_| panic!("{what}: not in time"));
}

#[expect(clippy::disallowed_methods, reason = "the test measures what a caller waits")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_on_disk_in_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = metrics();
    let writer = start(dir.path(), u64::MAX, &metrics);
    let log = writer.log();
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..200 {
        let log = log.clone();
        asked.spawn(async move {
            log.append(intent(n)).await.unwrap();
            log.note(outcome(n));
        });
    }
    while let Some(done) = asked.join_next().await {
        done.unwrap();
    }
    let (records, report) = read(dir.path());
    assert_eq!(report.broken, None);
    assert_eq!(records.iter().filter(|r| r.entry.kind == Kind::Intent).count(), 200);
    assert!(metrics.audit_commit_duration.get_sample_count() < 400, "commits are shared");
    writer.stop();
    let (records, report) = read(dir.path());
    assert_eq!((records.len(), report.broken), (400, None));
    assert_eq!(metrics.writes_unresolved.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_goes_on_across_segments_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    for run in 0..3 {
        let writer = start(dir.path(), 2_000, &metrics());
        for n in 0..4 {
            writer.log().append(outcome(run * 4 + n)).await.unwrap();
        }
        writer.stop();
    }
    let (records, report) = read(dir.path());
    assert_eq!((records.len(), report.broken), (12, None));
    assert!(files(dir.path()).unwrap().len() >= 3, "segments follow one another");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_under_the_next_segment_s_name_does_not_stop_the_audit() {
    let dir = tempfile::tempdir().unwrap();
    for (run, folder) in
        ["audit-00000002.ndjson", "audit-00000007.ndjson", "none"].iter().enumerate()
    {
        let writer = start(dir.path(), 1, &metrics());
        writer.log().append(outcome(run as u64)).await.unwrap();
        writer.stop();
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let (records, report) = read(dir.path());
    assert_eq!((records.len(), report.broken), (3, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_last_line_is_cut_and_said_in_the_audit() {
    let dir = tempfile::tempdir().unwrap();
    start(dir.path(), u64::MAX, &metrics()).stop();
    let writer = start(dir.path(), u64::MAX, &metrics());
    writer.log().append(outcome(1)).await.unwrap();
    writer.stop();
    let file = &files(dir.path()).unwrap()[0].path;
    let mut bytes = std::fs::read(file).unwrap();
    bytes.extend_from_slice(b"{\"actor_ref\":nu");
    std::fs::write(file, bytes).unwrap();
    start(dir.path(), u64::MAX, &metrics()).stop();
    let (records, report) = read(dir.path());
    assert_eq!(report.broken, None);
    let torn = (Kind::System, Some("torn_line_cut=15".to_owned()));
    assert_eq!(said(&records).last(), Some(&torn));
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_last_lines_stay_and_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let writer = start(dir.path(), u64::MAX, &metrics());
    writer.log().append(outcome(1)).await.unwrap();
    writer.stop();
    let file = &files(dir.path()).unwrap()[0].path;
    let mut bytes = std::fs::read(file).unwrap();
    bytes.extend_from_slice(b"not a record\n");
    std::fs::write(file, &bytes).unwrap();
    let writer = start(dir.path(), u64::MAX, &metrics());
    writer.log().append(outcome(2)).await.unwrap();
    writer.stop();
    assert_eq!(std::fs::read(file).unwrap(), bytes, "nothing is overwritten");
    let (records, report) = read(dir.path());
    assert_eq!(report.broken.unwrap().line, 2);
    assert_eq!(said(&records)[1].1.as_deref(), Some("tail_damaged=13"));
    assert_eq!(records.iter().map(|r| r.seq).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_without_an_outcome_are_found_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let writer = start(dir.path(), u64::MAX, &metrics());
    for n in 0..3 {
        writer.log().append(intent(n)).await.unwrap();
    }
    writer.log().note(outcome(1));
    writer.stop();
    let metrics = metrics();
    let writer = start(dir.path(), u64::MAX, &metrics);
    assert_eq!((writer.unresolved(), metrics.writes_unresolved.get()), (2, 2));
    assert!(metrics.writes_oldest_unresolved.get() > 0);
    writer.log().note(outcome(0));
    writer.log().append(outcome(2)).await.unwrap();
    writer.stop();
    assert_eq!(metrics.writes_unresolved.get(), 0);
    assert_eq!(metrics.writes_oldest_unresolved.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_at_once_and_recovers_without_a_restart() {
    for trouble in [Health::Full, Health::Torn] {
        let dir = tempfile::tempdir().unwrap();
        let metrics = metrics();
        let (disk, control) = spoilt(dir.path());
        let writer = start_on(disk, dir.path(), u64::MAX, &metrics);
        let log = writer.log();
        log.append(intent(1)).await.unwrap();
        control.set(trouble);
        // Outcomes of what was sent are never refused.
        log.note(outcome(1));
        for n in 2..12 {
            let begun = now();
            assert_eq!(log.append(intent(n)).await, Err(AuditUnavailable), "{trouble:?}");
            assert!(begun.elapsed() < Duration::from_millis(400), "{trouble:?}");
        }
        // What a command has left is brought again until it is kept, so it is not refused.
        for _ in 0..3 {
            assert_eq!(
                log.append_at(outcome(1), Timestamp::from_seconds(1)).await,
                Err(AuditUnavailable)
            );
        }
        assert_eq!(metrics.audit_available.get(), 0);
        control.set(Health::Well);
        until("recovery", || log.is_available()).await;
        assert_eq!(metrics.audit_available.get(), 1);
        log.append(intent(20)).await.unwrap();
        writer.stop();
        let (records, report) = read(dir.path());
        assert_eq!(report.broken, None, "{trouble:?}");
        let kinds = said(&records);
        assert_eq!(kinds[0].0, Kind::Intent);
        assert_eq!(records[1].entry.result, Some(CallResult::Applied));
        let gaps: u64 = records
            .iter()
            .filter_map(|r| r.entry.detail.filter(|d| d.event == Event::Gap)?.count)
            .sum();
        assert_eq!(gaps, 10, "{kinds:?}");
        assert_eq!(records.iter().filter(|r| r.entry.kind == Kind::Intent).count(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_blocks_holds_nobody_up_and_leaves_no_intent_alone() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = metrics();
    let (disk, control) = spoilt(dir.path());
    let writer = start_on(disk, dir.path(), u64::MAX, &metrics);
    let log = writer.log();
    control.set(Health::Blocked);
    let begun = now();
    assert_eq!(log.append(intent(1)).await, Err(AuditUnavailable));
    assert!(begun.elapsed() < Duration::from_millis(900));
    let begun = now();
    assert_eq!(log.append(intent(2)).await, Err(AuditUnavailable));
    assert!(begun.elapsed() < Duration::from_millis(100), "the second is refused at once");
    assert_eq!(metrics.audit_available.get(), 0);
    control.set(Health::Well);
    until("recovery", || log.is_available()).await;
    log.append(intent(3)).await.unwrap();
    writer.stop();
    let (records, report) = read(dir.path());
    assert_eq!(report.broken, None);
    let taken_back = records.iter().find(|r| r.entry.kind == Kind::Refused).unwrap();
    assert_eq!(taken_back.entry.event_id, Some(call(1).id), "the first had reached the disk");
    assert_eq!(taken_back.entry.detail, Some(Event::NeverSent.plain()));
    assert_eq!(metrics.writes_unresolved.get(), 1, "only the third is under way");
    let gaps: u64 = records
        .iter()
        .filter_map(|r| r.entry.detail.filter(|d| d.event == Event::Gap)?.count)
        .sum();
    assert_eq!(gaps, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_takes_its_intent_back() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = metrics();
    let (disk, control) = spoilt(dir.path());
    let writer = start_on(disk, dir.path(), u64::MAX, &metrics);
    control.set(Health::Blocked);
    let log = writer.log();
    let waiting = tokio::spawn(async move { log.append(intent(1)).await });
    until("the record is asked for", || writer.log().queue.lock().records.is_empty()).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    control.set(Health::Well);
    writer.log().append(outcome(9)).await.unwrap();
    writer.stop();
    let (records, _) = read(dir.path());
    let about: Vec<Kind> = records
        .iter()
        .filter(|r| r.entry.event_id == Some(call(1).id))
        .map(|r| r.entry.kind)
        .collect();
    assert!(about.is_empty() || about == [Kind::Intent, Kind::Refused], "{about:?}");
    assert_eq!(metrics.writes_unresolved.get(), 0);
}

#[test]
fn a_disk_that_blocks_does_not_keep_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let (disk, control) = spoilt(dir.path());
    let writer = start_on(disk, dir.path(), u64::MAX, &metrics());
    control.set(Health::Blocked);
    writer.log().note(outcome(1));
    let begun = now();
    writer.stop();
    assert!(begun.elapsed() < Duration::from_secs(5));
    control.set(Health::Well);
}

#[test]
fn every_line_is_read_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let writer = start(dir.path(), u64::MAX, &metrics());
    writer.log().note(intent(1));
    writer.stop();
    let bytes = std::fs::read(&files(dir.path()).unwrap()[0].path).unwrap();
    let record = json::read_line(&bytes).unwrap();
    assert_eq!((record.seq, record.entry), (1, intent(1)));
}
