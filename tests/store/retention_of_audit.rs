//! The audit goes by whole segments when its time has come, and says so itself before it does.

use std::sync::Arc;
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::audit::{Entry, Event, Kind};
use accuscope::domain::retention::Class;
use accuscope::journal::Folder;
use accuscope::journal::audit::AuditWriter;
use accuscope::retention::{Done, KeepRecord, Retention, RetentionError};
use accuscope::store::Store;
use accuscope::telemetry::metrics::Metrics;

use crate::retention::{day_start, retention, shelf};
use crate::support::{at, on_each};

#[test]
fn the_audit_goes_by_whole_segments_and_only_after_it_says_so_itself() {
    on_each(&async |store: &Store| {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let clock = Clock::fixed(at(0));
        let metrics = Arc::new(Metrics::new("test", "sandbox", &[]));
        let writer = AuditWriter::start(&folder, 4_000, None, metrics, clock.clone()).unwrap();
        let log = writer.log();
        let look =
            || Entry { detail: Some(Event::ListedCalls.plain()), ..Entry::new(Kind::Lookup) };
        for _ in 0..30 {
            log.append(look()).await.unwrap();
        }
        clock.set(day_start(100));
        log.append(look()).await.unwrap();
        let of_log = log.clone();
        let keep: KeepRecord = Arc::new(move |entry| {
            let log = of_log.clone();
            Box::pin(async move { log.append(entry).await.is_ok() })
        });
        let with =
            |keep| Retention { audit: shelf(dir.path(), keep), ..retention(dir.path(), &clock) };
        let of_audit = |done: &[Done]| {
            done.iter().find(|done| done.class == Class::Audit).map(|done| done.rows).unwrap()
        };
        // An audit that cannot be kept loses nothing.
        let refusing = with(Arc::new(|_| Box::pin(async { false })));
        let refused = refusing.run(store, &mut (), Duration::ZERO).await;
        assert!(matches!(refused, Err(RetentionError::AuditUnavailable)));

        let would = of_audit(&with(Arc::clone(&keep)).look(store).await.unwrap());
        // A record of today stands in a segment of its own, so all of that day's go.
        assert_eq!(would, 30);
        let run = with(keep);
        let gone = of_audit(&run.run(store, &mut (), Duration::ZERO).await.unwrap().0);
        assert_eq!(gone, would);
        assert_eq!(of_audit(&run.run(store, &mut (), Duration::ZERO).await.unwrap().0), 0);
        let ledger = store.purge_ledger(100).await.unwrap();
        let told: u64 =
            ledger.iter().filter(|line| line.class == Class::Audit).map(|line| line.rows).sum();
        assert_eq!(told, gone);
        writer.stop();
    });
}
