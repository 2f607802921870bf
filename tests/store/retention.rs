//! Nothing is kept longer than its limit, run after run, and nothing purged is left in any file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::event::Exchange;
use accuscope::domain::names::{InstanceId, KeyId};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::retention::{Class, Limits};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::retention::{AuditShelf, KeepRecord, Retention};
use accuscope::store::{
    Batch, ExchangeFilter, Inserted, RollupQuery, SecretDigest, Session, Span, Store, StoreUrl,
};

use crate::support::{
    at, begin_session, event, insert, on_each, on_each_own_database, registry, say_skipped,
};

const DAY: Duration = Duration::from_hours(24);
const DAYS: u64 = 120;
const EVENTS_A_DAY: u64 = 40;

/// Short limits, so that 120 days are enough for each of them to come into force.
fn limits() -> Limits {
    Limits {
        events: DAY * 30,
        patient_references: DAY * 10,
        actor_references: DAY * 20,
        minute_figures: DAY * 2,
        hour_figures: DAY * 30,
        day_figures: DAY * 60,
        incidents: DAY * 60,
        access: DAY * 5,
        diagnoses: DAY * 10,
        journal: DAY * 10,
        audit: DAY * 90,
    }
}

pub(crate) fn retention(journal: &Path, clock: &Clock) -> Retention {
    Retention {
        limits: limits(),
        journal: journal.to_owned(),
        instance: InstanceId::parse("i-1").unwrap(),
        audit: shelf(journal, Arc::new(|_| Box::pin(async { true }))),
        clock: clock.clone(),
    }
}

pub(crate) fn shelf(folder: &Path, keep: KeepRecord) -> AuditShelf {
    AuditShelf {
        folder: folder.to_owned(),
        instance: InstanceId::parse("i-1").unwrap(),
        signing_key: None,
        keep,
    }
}

/// A reference that no other test and no other run of this one makes.
fn mark(kind: ReferenceKind, day: u64) -> Reference {
    use sha2::Digest as _;
    let text = format!("{} {kind} {day}", std::process::id());
    let digest = sha2::Sha256::digest(text.as_bytes());
    let bytes: [u8; Reference::BYTES] = digest[..Reference::BYTES].try_into().unwrap();
    Reference::new(kind, KeyId::parse("k1").unwrap(), bytes)
}

pub(crate) fn day_start(day: u64) -> Timestamp {
    at(0).plus(DAY * u32::try_from(day).unwrap())
}

fn events_of(day: u64) -> Vec<Exchange> {
    let one = |n: u64| {
        let seconds = i64::try_from(day * 86_400 + n * 1_800).unwrap();
        let mut event = event(day * 1_000 + n, seconds);
        event.actor_ref = Some(mark(ReferenceKind::Actor, day));
        event.patient_ref = Some(mark(ReferenceKind::Patient, day));
        event.token_ref = Some(mark(ReferenceKind::Token, day));
        event
    };
    (0..EVENTS_A_DAY).map(one).collect()
}

async fn live_one_day(store: &Store, day: u64, now: Timestamp) {
    let (events, registry) = (events_of(day), registry());
    let batch = Batch { events: &events, checkpoint: None, registry: &registry, at: now };
    assert_eq!(store.insert(&batch).await.unwrap().inserted, events.len());
    let session = Session {
        role: Role::Support,
        account: "sam".into(),
        of_account: false,
        clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
        token: None,
        // It ends before it began, so that no later one sweeps it away.
        created: Timestamp::from_seconds(0),
        seen: now,
        expires: now,
    };
    begin_session(store, SecretDigest::of(&day.to_be_bytes()), &session).await;
}

/// How much longer than its limit something may be there just after a run: a run's distance, and
/// the length of a bucket, which goes as a whole.
fn grace(class: Class) -> Duration {
    match class {
        Class::DayFigures | Class::ActorReferences => DAY * 2,
        Class::HourFigures => DAY + Duration::from_hours(1),
        Class::MinuteFigures => DAY + Duration::from_mins(1),
        _ => DAY,
    }
}

#[test]
fn after_120_days_of_daily_runs_nothing_is_older_than_its_limit_and_no_file_remembers() {
    on_each_own_database(&async |url: &StoreUrl| {
        let dir = tempfile::tempdir().unwrap();
        // The file system's clock, to compare with files.
        let began = dir.path().metadata().unwrap().modified().unwrap();
        let store = Store::open(url).await.unwrap();
        let mut gone: BTreeMap<Class, u64> = BTreeMap::new();
        let mut clock = Clock::fixed(at(0));
        let mut longest = 0;
        for day in 0..DAYS {
            // A run is at the end of the day.
            let now = day_start(day + 1);
            clock = Clock::fixed(now);
            live_one_day(&store, day, now).await;
            if day % 10 == 3 {
                gather_statistics(url).await;
            }
            let retention = retention(dir.path(), &clock);
            let said = retention.look(&store).await.unwrap();
            let (done, _) = retention.run(&store, &mut (), Duration::ZERO).await.unwrap();
            for (said, done) in said.into_iter().zip(done) {
                assert_eq!(said.rows, done.rows, "{} said beforehand, day {day}", done.class);
                *gone.entry(done.class).or_default() += done.rows;
                let oldest = store.oldest(done.class, now).await.unwrap();
                assert_eq!(oldest, done.oldest, "{} on day {day}", done.class);
                let bound = limits().cutoff(done.class, now).minus(grace(done.class));
                assert!(oldest.is_none_or(|o| o >= bound), "{} on day {day}", done.class);
            }
            longest = longest.max(store.bytes().await.unwrap());
        }
        let now = clock.now();

        // What is gone and what is left is what there was.
        let left = store.count(&ExchangeFilter::default(), 1_000_000).await.unwrap();
        assert_eq!(gone[&Class::Events] + left, DAYS * EVENTS_A_DAY);
        let mut ledger: BTreeMap<Class, u64> = BTreeMap::new();
        for line in store.purge_ledger(100_000).await.unwrap() {
            assert!(line.started <= line.ended && line.ended <= now, "{line:?}");
            *ledger.entry(line.class).or_default() += line.rows;
        }
        gone.retain(|_, rows| *rows > 0);
        // The ledger's own lines are over their limit, too.
        assert!(gone.remove(&Class::Audit).is_some_and(|rows| rows > 0));
        for class in [Class::Access, Class::MinuteFigures, Class::DayFigures] {
            assert!(gone.contains_key(&class), "{class} was never purged");
        }
        assert!(ledger[&Class::Events] <= gone[&Class::Events]);
        for class in Class::ALL.iter().filter(|class| **class != Class::Audit) {
            assert_eq!(
                store.due(*class, limits().cutoff(*class, now), at(0)).await.unwrap(),
                0,
                "{class}"
            );
        }

        no_file_remembers(url, began).await;
        store.close().await;
        no_file_remembers_when_closed(url);
    });
}

/// Days whose references are over the limit, and one whose are not.
fn needles() -> (Vec<(String, Vec<u8>)>, Vec<u8>) {
    let mut purged = Vec::new();
    for (kind, limit) in [
        (ReferenceKind::Patient, limits().patient_references),
        (ReferenceKind::Actor, limits().actor_references),
        (ReferenceKind::Token, limits().actor_references),
    ] {
        let days = u64::from(u32::try_from(limit.as_secs() / 86_400).unwrap());
        for day in 0..DAYS - days - 2 {
            let reference = mark(kind, day);
            purged.push((format!("{kind} of day {day}"), reference.digest().to_vec()));
            purged.push((format!("{kind} of day {day}, text"), reference.to_string().into_bytes()));
        }
    }
    (purged, mark(ReferenceKind::Patient, DAYS - 2).digest().to_vec())
}

/// Looks for every needle in one pass, since the files of a whole database are many.
fn scan(files: &[PathBuf]) {
    let (purged, kept) = needles();
    let mut heads = vec![false; 1 << 16];
    let head = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    let mut wanted: BTreeMap<&[u8], (&str, &[u8])> = BTreeMap::new();
    for (what, needle) in purged.iter().map(|(what, needle)| (what.as_str(), needle.as_slice())) {
        heads[head(needle)] = true;
        // Ten bytes tell references and their texts apart.
        wanted.insert(&needle[..10], (what, needle));
    }
    let mut found_kept = false;
    for file in files {
        let text = std::fs::read(file).unwrap_or_default();
        found_kept |= memchr::memmem::find(&text, &kept).is_some();
        for (at, window) in text.windows(10).enumerate() {
            if heads[head(window)]
                && let Some((what, needle)) = wanted.get(window)
            {
                assert!(!text[at..].starts_with(needle), "{what} is still in {}", file.display());
            }
        }
    }
    // Where a reference that is kept is not found, the scan looks in the wrong place.
    assert!(found_kept, "the scan finds nothing at all");
}

fn sqlite_files(url: &StoreUrl) -> Option<Vec<PathBuf>> {
    let file = url.file()?;
    let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
    Some(vec![file.to_owned(), beside("-wal"), beside("-shm")])
}

async fn no_file_remembers(url: &StoreUrl, began: std::time::SystemTime) {
    if let Some(files) = sqlite_files(url) {
        scan(&files);
        // The file has shrunk to what is left: it does not keep the room of what is gone.
        let free: i64 = sqlite_number(url, "pragma freelist_count").await;
        assert_eq!(free, 0);
        return;
    }
    // What the planner samples must not outlive its rows.
    gather_statistics(url).await;
    let folder = std::env::var_os("ACCUSCOPE_TEST_POSTGRES_DATA").map(PathBuf::from);
    let Some(folder) = folder.filter(|folder| std::fs::read_dir(folder).is_ok()) else {
        say_skipped(
            "the raw scan of PostgreSQL's files: ACCUSCOPE_TEST_POSTGRES_DATA names no folder",
        );
        return;
    };
    let admin = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
    sqlx::query("checkpoint").execute(&admin).await.unwrap();
    let database: i64 = sqlx::query_scalar(
        "select oid::bigint from pg_database where datname = current_database()",
    )
    .fetch_one(&admin)
    .await
    .unwrap();
    admin.close().await;
    let folder = folder.join("base").join(database.to_string());
    // What was not written since the test began cannot hold what it wrote.
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let written = |file: &PathBuf| {
        let written = file.metadata().and_then(|about| about.modified());
        written.is_ok_and(|written| written >= began)
    };
    scan(&files.filter(written).collect::<Vec<_>>());
}

fn no_file_remembers_when_closed(url: &StoreUrl) {
    if let Some(files) = sqlite_files(url) {
        scan(&files);
    }
}

async fn sqlite_number(url: &StoreUrl, text: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(url.file().unwrap());
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let number = sqlx::query_scalar(text).fetch_one(&pool).await.unwrap();
    pool.close().await;
    number
}

async fn gather_statistics(url: &StoreUrl) {
    if let Some(server) = url.reveal() {
        let pool = sqlx::PgPool::connect(server).await.unwrap();
        for table in ["exchanges", "daily_actors"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("analyze {table}")))
                .execute(&pool)
                .await
                .unwrap();
        }
        pool.close().await;
    }
}

async fn calls_by_day(store: &Store) -> u64 {
    let query = RollupQuery::new(Span::Day, at(-400 * 86_400), at(400 * 86_400), &[]);
    store.rollup(&query).await.unwrap().first().map_or(0, |row| row.calls)
}

async fn purge(store: &Store, class: Class, cutoff: Timestamp, now: Timestamp) -> u64 {
    let instance = InstanceId::parse("i-1").unwrap();
    let mut purge = store.purge(class, cutoff, &instance, now).await.unwrap();
    while purge.step(now).await.unwrap() {}
    purge.rows()
}

#[test]
fn what_comes_after_its_time_was_purged_stays_out_and_counts_nowhere() {
    on_each(&async |store: &Store| {
        let old: Vec<_> = (0..20).map(|n| event(n, i64::try_from(n).unwrap())).collect();
        insert(store, &old).await;
        let now = at(10 * 86_400);
        assert_eq!(purge(store, Class::Events, at(86_400), now).await, 20);
        assert_eq!(calls_by_day(store).await, 20, "figures are kept longer");
        // The same events again, as when a file is imported twice, and new ones of that time.
        let again: Vec<_> = (10..30).map(|n| event(n, i64::try_from(n).unwrap())).collect();
        let late = Inserted { inserted: 0, duplicates: 0, late: 20 };
        assert_eq!(insert(store, &again).await, late);
        assert_eq!(calls_by_day(store).await, 20);
        let fresh = event(99, 5 * 86_400);
        assert_eq!(insert(store, &[fresh]).await.inserted, 1);
        assert_eq!(purge(store, Class::Events, at(86_400), now).await, 0);
    });
}

#[test]
fn references_go_earlier_than_their_events_and_do_not_come_back() {
    on_each(&async |store: &Store| {
        let old = event(1, 0);
        insert(store, std::slice::from_ref(&old)).await;
        let now = at(10 * 86_400);
        assert_eq!(purge(store, Class::PatientReferences, at(86_400), now).await, 1);
        let without = Exchange { patient_ref: None, ..old.clone() };
        assert_eq!(store.exchange(old.id).await.unwrap(), Some(without.clone()));
        assert_eq!(
            purge(store, Class::ActorReferences, at(86_400), now).await,
            2,
            "and a person's day"
        );
        let bare = Exchange { actor_ref: None, token_ref: None, ..without };
        assert_eq!(store.exchange(old.id).await.unwrap(), Some(bare));
        // An event of that time that comes now comes without.
        let late = event(2, 1);
        insert(store, std::slice::from_ref(&late)).await;
        let late = store.exchange(late.id).await.unwrap().unwrap();
        assert_eq!((late.patient_ref, late.actor_ref, late.token_ref), (None, None, None));
        let by_patient = ExchangeFilter {
            patient_refs: old.patient_ref.into_iter().collect(),
            ..ExchangeFilter::default()
        };
        assert_eq!(store.exchanges(&by_patient, None, 10).await.unwrap().items, []);
    });
}

#[test]
fn events_of_odd_times_are_kept_and_purged_like_others() {
    on_each(&async |store: &Store| {
        // Another age, and a clock that is a year ahead.
        let odd = [event(1, -30 * 365 * 86_400), event(2, 365 * 86_400), event(3, 0)];
        insert(store, &odd).await;
        for event in &odd {
            assert_eq!(store.exchange(event.id).await.unwrap().as_ref(), Some(event));
        }
        assert_eq!(purge(store, Class::Events, at(-86_400), at(0)).await, 1);
        // A year later that clock was right: the event has moved to the table of its day.
        let registry = registry();
        let later = [event(4, 365 * 86_400 + 60)];
        let now = at(365 * 86_400 + 100);
        let batch = Batch { events: &later, checkpoint: None, registry: &registry, at: now };
        assert_eq!(store.insert(&batch).await.unwrap().inserted, 1);
        assert_eq!(store.exchange(odd[1].id).await.unwrap().as_ref(), Some(&odd[1]));
        assert_eq!(store.count(&ExchangeFilter::default(), 10).await.unwrap(), 3);
    });
}

#[test]
fn a_run_that_was_stopped_is_finished_by_the_next_and_the_ledger_is_exact() {
    on_each(&async |store: &Store| {
        let old: Vec<_> = (0..3_500).map(|n| event(n, i64::try_from(n * 60).unwrap())).collect();
        for part in old.chunks(1_000) {
            insert(store, part).await;
        }
        let (instance, now) = (InstanceId::parse("i-1").unwrap(), at(30 * 86_400));
        let mut first = store.purge(Class::Events, at(20 * 86_400), &instance, now).await.unwrap();
        assert!(first.step(now).await.unwrap());
        drop(first);
        purge(store, Class::Events, at(20 * 86_400), now).await;
        let lines = store.purge_ledger(10).await.unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines.iter().map(|line| line.rows).sum::<u64>(), 3_500);
        assert_eq!(store.extent().await.unwrap(), None);
    });
}
