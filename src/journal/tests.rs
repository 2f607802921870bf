//! What the journal promises: order, restarts, torn lines, locks.

use std::path::Path;

use super::*;
use crate::clock::Clock;
use crate::domain::event::{Exchange, json};
use crate::domain::mark::{Mark, MarkKind, is_mark};

fn event(n: u16) -> Exchange {
    let line = format!(
        r#"{{"id":"01939f6e-5a2b-7c3d-8e4f-{n:012x}","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}}"#
    );
    json::read_line(line.as_bytes()).unwrap()
}

fn write(path: &Path, segment_bytes: u64, events: std::ops::Range<u16>) -> u64 {
    let folder = Folder::open(path).unwrap();
    let torn = folder.torn_bytes();
    let writer = Writer::start(folder, segment_bytes, Clock::system()).unwrap();
    let recorder = writer.recorder();
    for n in events {
        recorder.record(Box::new(event(n)));
    }
    writer.stop();
    assert_eq!(recorder.dropped(), 0);
    torn
}

fn read_all(path: &Path, max_bytes: usize) -> (Vec<Exchange>, Position) {
    let tail = Tail::new(path);
    let mut at = Position::START;
    let mut events = Vec::new();
    loop {
        let batch = tail.read(at, max_bytes).unwrap();
        if batch.lines.is_empty() {
            return (events, batch.next);
        }
        at = batch.next;
        for line in batch.lines.split_inclusive(|b| *b == b'\n') {
            if !is_mark(line) {
                events.push(json::read_line(line).unwrap());
            }
        }
    }
}

#[test]
fn what_was_recorded_is_read_back_in_order() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), u64::MAX, 0..300);
    let (events, end) = read_all(dir.path(), 1_000);
    assert_eq!(events, (0..300).map(event).collect::<Vec<_>>());
    let tail = Tail::new(dir.path());
    assert_eq!(tail.count_lines(Position::START).unwrap(), 300);
    assert_eq!(tail.count_lines(end).unwrap(), 0);
}

#[test]
fn what_somebody_else_wrote_under_a_segment_s_name_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), u64::MAX, 0..3);
    let foreign = dir.path().join("exchanges-00000002.ndjson");
    std::fs::write(&foreign, "not ours\nand without an end").unwrap();
    write(dir.path(), u64::MAX, 3..5);
    assert_eq!(std::fs::read(&foreign).unwrap(), b"not ours\nand without an end");
    let ours = std::fs::read_to_string(dir.path().join("exchanges-00000003.ndjson")).unwrap();
    assert_eq!(ours.lines().filter(|line| !is_mark(line.as_bytes())).count(), 2);
}

#[test]
fn a_folder_under_a_segment_s_name_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), u64::MAX, 0..3);
    for name in ["exchanges-00000000.ndjson", "exchanges-00000002.ndjson"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    write(dir.path(), u64::MAX, 3..5);
    assert_eq!(read_all(dir.path(), 1_000).0.len(), 5);
    assert_eq!(Tail::new(dir.path()).oldest().unwrap(), Some(Segment::FIRST));
}

#[test]
fn a_restart_goes_on_in_the_same_segment_with_the_same_instance() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), u64::MAX, 0..3);
    let first = std::fs::read_to_string(dir.path().join("instance")).unwrap();
    write(dir.path(), u64::MAX, 3..5);
    assert_eq!(first, std::fs::read_to_string(dir.path().join("instance")).unwrap());
    assert_eq!(read_all(dir.path(), 1_000).0.len(), 5);
    assert_eq!(Tail::new(dir.path()).oldest().unwrap(), Some(Segment::FIRST));
}

#[test]
fn segments_follow_one_another() {
    let dir = tempfile::tempdir().unwrap();
    for start in [0, 2, 4] {
        write(dir.path(), 100, start..start + 2);
    }
    let files = std::fs::read_dir(dir.path()).unwrap();
    let segments = files
        .filter(|f| Segment::parse(f.as_ref().unwrap().file_name().to_str().unwrap()).is_some());
    assert!(segments.count() >= 3);
    assert_eq!(read_all(dir.path(), 1_000).0, (0..6).map(event).collect::<Vec<_>>());
}

#[test]
fn a_torn_last_line_is_cut_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), u64::MAX, 0..2);
    let file = dir.path().join(Segment::FIRST.file_name());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"{\"v\":1,\"id\":\"01");
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(write(dir.path(), u64::MAX, 2..3), 15);
    assert_eq!(read_all(dir.path(), 1_000).0, (0..3).map(event).collect::<Vec<_>>());
}

#[test]
fn two_writers_cannot_share_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let error = Folder::open(dir.path()).unwrap_err();
    assert!(matches!(error, JournalError::InUse { .. }), "{error}");
    drop(folder);
    assert!(Folder::open(dir.path()).is_ok());
}

#[test]
fn a_foreign_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    std::fs::write(dir.path().join("exchanges-1.ndjson"), "not a segment").unwrap();
    write(dir.path(), u64::MAX, 0..1);
    assert_eq!(read_all(dir.path(), 1_000).0.len(), 1);
    assert_eq!(std::fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine");
}

#[test]
fn a_journal_says_when_it_was_kept() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), u64::MAX, 0..3);
    write(dir.path(), u64::MAX, 3..4);
    let text = std::fs::read_to_string(dir.path().join(Segment::FIRST.file_name())).unwrap();
    let marks: Vec<_> =
        text.lines().filter_map(|line| Mark::parse(line.as_bytes())).map(|m| m.kind).collect();
    let run = [MarkKind::Start, MarkKind::Stop];
    assert_eq!(marks, [run, run].concat());
}
