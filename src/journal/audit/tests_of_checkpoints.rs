//! What checkpoints, anchors and the memory of open writes promise.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::checkpoints::{files_of, read_file};
use super::start::find_end;
use super::*;
use crate::clock::Clock;
use crate::domain::audit::checkpoint::Mark;
use crate::domain::audit::evidence::Evidence;
use crate::domain::audit::signature::{PublicKey, SigningKey};
use crate::domain::audit::verify::{Report, Verifier, Wrong};
use crate::domain::audit::{Event, json};
use crate::domain::event::Exchange;
use crate::journal::Folder;
use crate::telemetry::metrics::Metrics;

fn call(n: u64) -> Exchange {
    let line = format!(
        r#"{{"id":"01939f6e-5a2b-7c3d-8e4f-{n:012x}","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"appointment.update","domain":"scheduling","method":"PUT","route":"/rest/v1/x","mutation":true,"status":200,"upstream_status":200,"outcome":"ok"}}"#
    );
    crate::domain::event::json::read_line(line.as_bytes()).unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::parse(&SigningKey::pem(&[seed; 32])).ok().unwrap()
}

fn start(folder: &Folder, segment_bytes: u64, signer: Option<SigningKey>) -> AuditWriter {
    let metrics = Arc::new(Metrics::new("1", "sandbox", &[]));
    AuditWriter::start(folder, segment_bytes, signer, metrics, Clock::system()).unwrap()
}

/// Keeps so many intents, each with its outcome, one after the other.
async fn keep(log: &AuditLog, numbers: std::ops::Range<u64>) {
    for n in numbers {
        log.append(Entry::of_call(Kind::Intent, &call(n), None)).await.unwrap();
        log.append(Entry::outcome(&call(n), None)).await.unwrap();
    }
}

/// Whether the checkpoints fit each other and the key, and the chain fits them.
fn check(folder: &Path, key: Option<PublicKey>) -> Result<Report, String> {
    let mut evidence = Evidence::new(None, key);
    for file in files_of(folder) {
        evidence.begin_file();
        for line in read_file(&file).unwrap() {
            let checkpoint = line.read.map_err(|error| error.to_string())?;
            evidence.add(&checkpoint).map_err(|error| error.to_string())?;
        }
    }
    let (mut all, mut first) = (Vec::new(), 1);
    lines::<std::io::Error>(folder, |line| {
        if all.is_empty() {
            first = json::read_line(line.bytes).map_or(1, |record| record.seq);
        }
        all.push(line.bytes.to_vec());
        Ok(())
    })
    .unwrap();
    let mut verifier = Verifier::from(evidence.start(first), evidence.heads().clone());
    for line in all {
        verifier.line(&line);
    }
    Ok(verifier.finish())
}

fn wrong(folder: &Path, key: Option<PublicKey>) -> Option<Wrong> {
    check(folder, key).unwrap().broken.map(|broken| broken.wrong)
}

fn heads(folder: &Path) -> Vec<(Mark, u64)> {
    let [_, file] = files_of(folder);
    let lines = read_file(&file).unwrap();
    lines.into_iter().map(|line| line.read.unwrap()).map(|c| (c.mark, c.head.seq)).collect()
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found_by_what_stands_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let writer = start(&folder, 1 << 20, None);
    keep(&writer.log(), 0..5).await;
    writer.stop();
    assert_eq!(wrong(dir.path(), None), None);
    assert_eq!(heads(dir.path()).last(), Some(&(Mark::Head, 10)), "the stop is a checkpoint");
    let file = &files(dir.path()).unwrap()[0].path;
    let text = fs::read_to_string(file).unwrap();
    let shorter: String = text.split_inclusive('\n').take(8).collect();
    fs::write(file, &shorter).unwrap();
    assert_eq!(wrong(dir.path(), None), Some(Wrong::Truncated { from: 9, head: 10 }));
    // The next start says so in the audit itself, and what it writes does not hide it.
    let writer = start(&folder, 1 << 20, None);
    keep(&writer.log(), 5..6).await;
    writer.stop();
    let said = fs::read_to_string(file).unwrap();
    assert!(said.contains("tail_missing=2"), "{said}");
    let found = check(dir.path(), None);
    assert!(found.is_err() || found.is_ok_and(|report| report.broken.is_some()));
}

#[tokio::test]
async fn a_thousand_records_and_every_segment_s_end_have_a_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let writer = start(&folder, 60_000, None);
    let log = writer.log();
    for n in 0..2_500 {
        log.note(Entry::outcome(&call(n), None));
        if n % 100 == 0 {
            log.append(Entry::of_call(Kind::Intent, &call(n), None)).await.unwrap();
        }
    }
    writer.stop();
    let seqs: Vec<u64> = heads(dir.path()).into_iter().map(|(_, seq)| seq).collect();
    let mut before = 0;
    for file in files(dir.path()).unwrap() {
        let text = fs::read_to_string(&file.path).unwrap();
        let last = json::read_line(text.lines().last().unwrap().as_bytes()).unwrap().seq;
        assert!(seqs.contains(&last), "the end of segment {} has a checkpoint", file.segment);
        before = last;
    }
    assert_eq!(before, *seqs.last().unwrap());
    assert_eq!(wrong(dir.path(), None), None);
}

#[tokio::test]
async fn only_the_key_s_own_checkpoints_count() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    // Before there was a key.
    let writer = start(&folder, 1 << 20, None);
    keep(&writer.log(), 0..2).await;
    writer.stop();
    let writer = start(&folder, 1 << 20, Some(key(7)));
    keep(&writer.log(), 2..4).await;
    writer.stop();
    let public = key(7).public();
    assert_eq!(wrong(dir.path(), Some(public)), None);
    let other = check(dir.path(), Some(key(8).public())).unwrap_err();
    assert!(other.contains("not signed with this key"), "{other}");
    let [_, file] = files_of(dir.path());
    let text = fs::read_to_string(&file).unwrap();
    // Somebody without the key changes a number, or leaves a checkpoint without a signature.
    let last = text.lines().last().unwrap();
    let forged = text.replace(last, &last.replace("\"seq\":8", "\"seq\":7"));
    fs::write(&file, forged).unwrap();
    assert!(check(dir.path(), Some(public)).unwrap_err().contains("not signed"));
    let (unsigned, _) = text.split_once('\n').unwrap();
    fs::write(&file, format!("{text}{unsigned}\n")).unwrap();
    assert!(check(dir.path(), Some(public)).unwrap_err().contains("no signature"));
}

#[tokio::test]
async fn what_time_has_taken_is_neither_missed_nor_a_cover_for_what_somebody_took() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let writer = start(&folder, 4_000, Some(key(7)));
    let log = writer.log();
    keep(&log, 0..30).await;
    let later = crate::domain::time::Timestamp::from_micros(i64::MAX / 2);
    let earlier = crate::domain::time::Timestamp::from_micros(0);
    assert_eq!(prune::plan(dir.path(), earlier).unwrap().segments, []);
    let mut plan = prune::plan(dir.path(), later).unwrap();
    let all = files(dir.path()).unwrap();
    assert_eq!(plan.segments.len(), all.len() - 1, "the newest stays");
    plan.segments.truncate(2);
    let (through, records) = (plan.through().unwrap(), plan.records());
    assert_eq!(through.seq, records);
    log.append(plan.entry().unwrap()).await.unwrap();
    let copy = fs::read(&all[2].path).unwrap();
    assert_eq!(plan.carry_out(Some(&key(7)), Clock::system().now()).unwrap(), records);
    keep(&log, 30..33).await;
    writer.stop();
    assert_eq!(files(dir.path()).unwrap().len(), all.len() - 2 + files_since(dir.path(), &all));
    let public = key(7).public();
    assert_eq!(wrong(dir.path(), Some(public)), None);
    // A segment that nobody pruned.
    fs::remove_file(&all[2].path).unwrap();
    assert!(matches!(wrong(dir.path(), Some(public)), Some(Wrong::Removed { from: 1, .. })));
    fs::write(&all[2].path, copy).unwrap();
    assert_eq!(wrong(dir.path(), Some(public)), None);
    // The next start goes on behind what is left.
    assert!(find_end(dir.path()).unwrap().head.seq > through.seq);
}

fn files_since(folder: &Path, before: &[AuditFile]) -> usize {
    let last = before.last().unwrap().segment;
    files(folder).unwrap().iter().filter(|file| file.segment > last).count()
}

#[tokio::test]
async fn an_anchor_without_a_record_of_the_removal_is_no_excuse() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let writer = start(&folder, 4_000, None);
    keep(&writer.log(), 0..30).await;
    writer.stop();
    let later = crate::domain::time::Timestamp::from_micros(i64::MAX / 2);
    let plan = prune::plan(dir.path(), later).unwrap();
    let to = plan.through().unwrap().seq;
    plan.carry_out(None, Clock::system().now()).unwrap();
    assert_eq!(wrong(dir.path(), None), Some(Wrong::BeginningMissing { to }));
}

#[tokio::test]
async fn an_open_write_is_known_however_much_came_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let writer = start(&folder, 4_000, None);
    let log = writer.log();
    log.append(Entry::of_call(Kind::Intent, &call(999), None)).await.unwrap();
    keep(&log, 0..50).await;
    writer.stop();
    // What the memory covers is not read again: it could even be gone.
    let first = &files(dir.path()).unwrap()[0].path;
    let kept = fs::read(first).unwrap();
    fs::remove_file(first).unwrap();
    assert_eq!(find_end(dir.path()).unwrap().ledger.len(), 1);
    fs::write(first, kept).unwrap();
    // Without the memory, or with one that does not fit, everything is read.
    let memory = dir.path().join("open-writes");
    let text = fs::read_to_string(&memory).unwrap();
    for spoilt in ["", "1 9 9 9", &text[..text.len() - 3], &text.replacen(':', ":0", 1)] {
        fs::write(&memory, spoilt).unwrap();
        assert_eq!(find_end(dir.path()).unwrap().ledger.len(), 1, "{spoilt}");
    }
    fs::remove_file(&memory).unwrap();
    let writer = start(&folder, 4_000, None);
    assert_eq!(writer.unresolved(), 1);
    writer.stop();
    let (records, _) = read_all(dir.path());
    assert!(records.iter().any(|r| r.entry.detail == Some(Event::UnresolvedFound.of(1))));
}

fn read_all(folder: &Path) -> (Vec<crate::domain::audit::Record>, Report) {
    let mut verifier = Verifier::new(None);
    let mut records = Vec::new();
    lines::<std::io::Error>(folder, |line| {
        records.extend(verifier.line(line.bytes));
        Ok(())
    })
    .unwrap();
    (records, verifier.finish())
}

#[test]
fn a_segment_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let segment = dir.path().join(super::disk::file_name(1));
    // A link to itself: even root cannot open it.
    std::os::unix::fs::symlink(&segment, &segment).unwrap();
    fs::write(dir.path().join(super::disk::file_name(2)), "").unwrap();
    let error = find_end(dir.path()).unwrap_err();
    let Some(source) = std::error::Error::source(&error) else { panic!("{error}") };
    assert_eq!(
        error.to_string(),
        format!("the journal cannot be used: {}: {source}", segment.display())
    );
}
