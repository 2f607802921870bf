//! The store's copy of the audit, and when instances were recording.

use std::time::Duration;

use accuscope::domain::audit::chain::Head;
use accuscope::domain::audit::json::read_line;
use accuscope::domain::audit::{Entry, Event, Kind};
use accuscope::domain::mark::{Mark, MarkKind};
use accuscope::domain::names::InstanceId;
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::store::{AuditCopied, AuditRow, Store, StoreError, StoreUrl};

use crate::support::{at, clinic, on_each, on_each_own_database, reference};

fn instance(name: &str) -> InstanceId {
    InstanceId::parse(name).unwrap()
}

/// The rows of a chain of so many records.
fn chain(name: &str, records: u64) -> Vec<AuditRow> {
    let (mut head, mut lines) = (Head::START, Vec::new());
    for n in 0..records {
        let mut entry = Entry::system(Event::Gap.of(n));
        if n % 3 == 0 {
            entry = Entry::new(Kind::Lookup);
            entry.patient_ref = Some(reference(ReferenceKind::Patient, 1));
            entry.clinic = Some(clinic("maple-ridge"));
        }
        head.append(entry, at(i64::try_from(n).unwrap()), &instance(name), &mut lines);
    }
    rows_of(lines)
}

fn rows_of(lines: Vec<u8>) -> Vec<AuditRow> {
    let text = String::from_utf8(lines).unwrap();
    let row = |line: &str| AuditRow {
        record: read_line(line.as_bytes()).unwrap(),
        line: line.to_owned(),
    };
    text.lines().map(row).collect()
}

fn to(name: &str, seq: u64) -> AuditCopied {
    AuditCopied { instance: instance(name), segment: 1, offset: seq * 10, seq }
}

#[test]
fn several_instances_copies_stand_side_by_side_each_record_once() {
    on_each(&async |store: &Store| {
        assert_eq!(store.audit_copied(&instance("i-1")).await.unwrap(), None);
        for name in ["i-1", "i-2"] {
            let rows = chain(name, 237);
            store.copy_audit(&rows[..120], &to(name, 120), at(0)).await.unwrap();
            // As after a crash between the commit and what follows it.
            store.copy_audit(&rows[100..], &to(name, 237), at(1)).await.unwrap();
        }
        for name in ["i-1", "i-2"] {
            assert_eq!(store.audit_copied(&instance(name)).await.unwrap(), Some(to(name, 237)));
            let first = store.audit_copies(&instance(name), 0, 200).await.unwrap();
            let rest = store.audit_copies(&instance(name), 200, 200).await.unwrap();
            let copies: Vec<_> = first.into_iter().chain(rest).collect();
            let expected: Vec<_> = chain(name, 237).into_iter().map(|row| row.line).collect();
            assert!(copies.iter().all(|copy| copy.columns_fit));
            assert_eq!(copies.into_iter().map(|copy| copy.line).collect::<Vec<_>>(), expected);
        }
        assert_eq!(store.prune_audit_copies(&instance("i-1"), 100).await.unwrap(), 100);
        assert_eq!(store.audit_copies(&instance("i-1"), 0, 1).await.unwrap()[0].seq, 101);
        assert_eq!(store.audit_copies(&instance("i-2"), 0, 1).await.unwrap()[0].seq, 1);
    });
}

#[test]
fn what_is_purged_of_the_copy_is_in_no_file_and_no_sample() {
    on_each_own_database(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        // SQLite overwrites what it deletes, which the retention's own test shows.
        let Some(server) = url.reveal() else { return };
        let about = |number: u8| reference(ReferenceKind::Patient, number);
        for (name, number) in [("i-1", 1), ("i-2", 2)] {
            let (mut head, mut lines) = (Head::START, Vec::new());
            for n in 0..500 {
                let entry = Entry { patient_ref: Some(about(number)), ..Entry::new(Kind::Lookup) };
                head.append(entry, at(n), &instance(name), &mut lines);
            }
            store.copy_audit(&rows_of(lines), &to(name, 500), at(0)).await.unwrap();
        }
        let pool = sqlx::PgPool::connect(server).await.unwrap();
        let run = async |text: &'static str| sqlx::query(text).execute(&pool).await.unwrap();
        let found = async |reference: &Reference| -> i64 {
            run("checkpoint").await;
            sqlx::query_scalar(
                "select sum(position(convert_to($1, 'UTF8') in pg_read_binary_file(pg_relation_filepath(name))))::bigint \
                 from unnest(array['audit', 'audit_patient']) name",
            )
            .bind(reference.to_string())
            .fetch_one(&pool)
            .await
            .unwrap()
        };
        assert!(
            found(&about(1)).await > 0 && found(&about(2)).await > 0,
            "the look finds what is there"
        );
        run("analyze audit").await;
        let samples: i64 = sqlx::query_scalar(
            "select count(*) from pg_stats where tablename = 'audit' \
             and attname in ('patient_ref', 'record', 'event_id')",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(samples, 0);
        // Somebody reads for longer than the removal takes, and PostgreSQL keeps it for them.
        let mut reader = pool.acquire().await.unwrap();
        for text in ["begin isolation level repeatable read", "select 1"] {
            sqlx::query(text).execute(&mut *reader).await.unwrap();
        }
        assert_eq!(store.prune_audit_copies(&instance("i-1"), 500).await.unwrap(), 500);
        assert!(found(&about(1)).await > 0, "the reader could read it");
        let early = store.finish_rewriting(Duration::ZERO).await;
        assert!(matches!(early, Err(StoreError::StillSeen { tables: 1.. })), "{early:?}");
        // Nor does somebody who reads the table itself end the run.
        sqlx::query("select count(*) from audit").execute(&mut *reader).await.unwrap();
        let busy = store.finish_rewriting(Duration::ZERO).await;
        assert!(matches!(busy, Err(StoreError::StillSeen { tables: 1.. })), "{busy:?}");
        let finished = store.finish_rewriting(Duration::from_mins(1));
        let read = async { sqlx::query("commit").execute(&mut *reader).await };
        let (finished, read) = tokio::join!(finished, read);
        finished.unwrap();
        read.unwrap();
        drop(reader);
        assert_eq!(found(&about(1)).await, 0, "purged");
        assert!(found(&about(2)).await > 0, "kept");
        pool.close().await;
    });
}

#[test]
fn a_copy_that_is_there_is_never_written_over() {
    on_each(&async |store: &Store| {
        let mut rows = chain("i-1", 2);
        store.copy_audit(&rows, &to("i-1", 2), at(0)).await.unwrap();
        let before = store.audit_copies(&instance("i-1"), 0, 10).await.unwrap();
        rows[1].line = rows[0].line.clone();
        store.copy_audit(&rows, &to("i-1", 2), at(0)).await.unwrap();
        assert_eq!(store.audit_copies(&instance("i-1"), 0, 10).await.unwrap(), before);
    });
}

#[test]
fn marks_say_when_an_instance_was_recording_however_often_they_come() {
    on_each(&async |store: &Store| {
        let mark = |kind, seconds| Mark::new(kind, at(seconds), instance("i-1"));
        let marks = [
            mark(MarkKind::Start, 0),
            mark(MarkKind::Alive, 60),
            mark(MarkKind::Alive, 120),
            // Killed, and started again.
            mark(MarkKind::Start, 500),
            Mark { since: Some(at(510)), lost: Some(7), ..mark(MarkKind::Gap, 520) },
            mark(MarkKind::Stop, 530),
        ];
        for _ in 0..2 {
            store.note_marks(&marks).await.unwrap();
        }
        let spans = store.recorded_spans(at(0), at(1_000)).await.unwrap();
        let seen: Vec<_> = spans.iter().map(|s| (s.began, s.until, s.stopped)).collect();
        assert_eq!(seen, [(at(0), at(120), false), (at(500), at(530), true)]);
        assert_eq!(store.recorded_spans(at(200), at(400)).await.unwrap(), []);
        let gaps = store.recording_gaps(at(515), at(1_000)).await.unwrap();
        let seen: Vec<_> = gaps.iter().map(|g| (g.began, g.until, g.lost)).collect();
        assert_eq!(seen, [(at(510), at(520), 7)]);
    });
}

#[test]
fn records_about_keyed_writes_are_found_in_their_order_and_others_are_left_out() {
    on_each(&async |store: &Store| {
        for name in ["i-1", "i-2"] {
            let (mut head, mut lines) = (Head::START, Vec::new());
            // More than one piece of them.
            for n in 0..4_200 {
                let kind = if n % 2 == 0 { Kind::Intent } else { Kind::Outcome };
                let keyed = n % 3 != 0;
                let entry = Entry {
                    idempotency_ref: keyed.then(|| reference(ReferenceKind::Idempotency, 1)),
                    ..Entry::new(kind)
                };
                head.append(entry, at(n), &instance(name), &mut lines);
            }
            store.copy_audit(&rows_of(lines), &to(name, 4_200), at(0)).await.unwrap();
        }
        let mut found = Vec::new();
        let each =
            |record: accuscope::domain::audit::Record| found.push((record.instance, record.seq));
        store.keyed_records(at(100), each).await.unwrap();
        let expected = ["i-1", "i-2"].into_iter().flat_map(|name| {
            (100..4_200_u64).filter(|n| n % 3 != 0).map(move |n| (instance(name), n + 1))
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    });
}
