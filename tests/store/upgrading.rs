//! A database of an earlier version is brought up to date, and several processes do it at once.

use std::borrow::Cow;
use std::time::Duration;

use accuscope::domain::reason::Ending;
use accuscope::domain::time::Timestamp;
use accuscope::store::{By, ExchangeFilter, RollupQuery, Span, Store, StoreUrl};
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::support::{NOON, on_each_url};

/// The schema as it was before retention.
const BEFORE: [&str; 5] =
    ["0001_dictionaries", "0002_exchanges", "0003_rollups", "0004_checkpoints", "0005_access"];

fn earlier(folder: &str, names: &[&'static str]) -> Migrator {
    let migration = |name: &'static str| {
        let version = name[..4].parse().unwrap();
        let sql = std::fs::read_to_string(format!("migrations/{folder}/{name}.sql")).unwrap();
        let sql = sqlx::AssertSqlSafe(sql);
        let sql = sqlx::SqlSafeStr::into_sql_str(sql);
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(names.iter().copied().map(migration).collect())
}

/// Statements that leave so many calls, an hour apart, the way an earlier version kept them.
fn calls(number: i64) -> Vec<String> {
    let mut statements = vec![
        "insert into labels (text) values ('office.list')".to_owned(),
        "insert into kinds (digest, env, context, operation, domain, method, route, mutation, status, \
         outcome, attempts, source, instance) values ('', 'sandbox', 'none', 'office.list', 'reference', \
         'GET', '/rest/v1/offices', 0, 200, 'ok', 1, 'upstream', 'i-1')"
            .to_owned(),
    ];
    for n in 0..number {
        let micros = (NOON + n * 3_600) * 1_000_000;
        let key = micros * 16;
        let id = format!("{:012x}70008000{n:012x}", micros / 1_000);
        let rest = &id[12..];
        statements.push(format!(
            "insert into exchanges (key, kind, operation_label, id, duration_us, span_id, support_code, \
             bytes_in, bytes_out) values ({key}, 1, 1, HEX{rest}', 5, {n}, {n}, 0, 7)"
        ));
    }
    statements
}

/// Makes a database of an earlier version and runs statements in it, `HEX…'` in its own way of writing bytes.
pub(crate) async fn fill(url: &StoreUrl, names: &[&'static str], statements: &[String]) {
    if let Some(file) = url.file() {
        // Made without incremental vacuum, as by hand or by an older SQLite.
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        earlier("sqlite", names).run(&pool).await.unwrap();
        for statement in statements {
            let statement = statement.replace("HEX", "x'").replace("('', ", "(x'', ");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        }
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
        earlier("postgres", names).run(&pool).await.unwrap();
        for day in NOON / 86_400..NOON / 86_400 + 6 {
            if names.contains(&"0008_days") {
                let open = format!("select open_day({day})");
                sqlx::query(sqlx::AssertSqlSafe(open)).execute(&pool).await.unwrap();
            }
        }
        for statement in statements {
            let statement = statement.replace("HEX", "'\\x");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        }
        pool.close().await;
    }
}

#[test]
fn calls_of_an_earlier_version_are_found_after_the_upgrade() {
    on_each_url(&async |url: &StoreUrl| {
        fill(url, &BEFORE, &calls(100)).await;
        let store = Store::open(url).await.unwrap();
        assert_eq!(store.count(&ExchangeFilter::default(), 1_000).await.unwrap(), 100);
        let page = store.exchanges(&ExchangeFilter::default(), None, 10).await.unwrap();
        assert_eq!(page.items[0].ts.seconds(), NOON + 99 * 3_600);
        assert_eq!(store.exchange(page.items[3].id).await.unwrap().as_ref(), Some(&page.items[3]));
        // A file that could not shrink is written anew, once.
        let returned = store.give_back().await.unwrap();
        assert_eq!(returned.needs_bytes, None);
        assert_eq!(store.count(&ExchangeFilter::default(), 1_000).await.unwrap(), 100);
        store.close().await;
        if let Some(file) = url.file() {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            let mode: i64 =
                sqlx::query_scalar("pragma auto_vacuum").fetch_one(&pool).await.unwrap();
            assert_eq!(mode, 2, "incremental");
            pool.close().await;
        }
    });
}

/// The schema as it was before roll-ups named kinds of figures.
const BEFORE_KINDS: [&str; 18] = [
    "0001_dictionaries",
    "0002_exchanges",
    "0003_rollups",
    "0004_checkpoints",
    "0005_access",
    "0006_audit",
    "0007_retention",
    "0008_days",
    "0012_diagnoses",
    "0013_incidents",
    "0015_claims",
    "0016_accounts",
    "0017_access_log",
    "0020_adoption",
    "0021_oncall",
    "0022_claim_owner",
    "0026_clinic_scope",
    "0027_second_factor",
];

/// One call of many, the way the schema before kinds of figures kept it, with every id of its own.
fn call(n: i64) -> String {
    let micros = (NOON + n * 3_600) * 1_000_000;
    let id = format!("{:012x}70008000{n:012x}", micros / 1_000);
    let reference =
        |kind: i64, number: i64| format!("HEX{}40'", format!("{:02x}", kind + number).repeat(16));
    let (actor, patient) = (reference(0x10, n % 3), reference(0x40, n % 7));
    format!(
        "insert into exchanges (key, kind, clinic_label, operation_label, id, duration_us, span_id, \
         support_code, bytes_in, bytes_out, actor_ref, patient_ref, request_id, trace_id) values \
         ({}, 1, 4, 1, HEX{}', 5, {n}, {}, {}, 7, {actor}, {patient}, HEX01{:016x}', HEX{:032x}')",
        micros * 16,
        &id[12..],
        n * 7_919,
        n % 2,
        n + 1,
        n + 1,
    )
}

#[test]
fn calls_and_figures_from_before_kinds_of_figures_are_found_after_the_upgrade() {
    on_each_url(&async |url: &StoreUrl| {
        let mut statements: Vec<String> =
            ["office.list", "reference", "provider", "maple-ridge", "aborted"]
                .map(|label| format!("insert into labels (text) values ('{label}')"))
                .into();
        statements.push(
            "insert into kinds (digest, env, context, operation, domain, method, route, mutation, status, \
             outcome, attempts, source, instance, actor_key, patient_key) values ('', 'sandbox', 'provider', \
             'office.list', 'reference', 'GET', '/rest/v1/offices', 0, 200, 'ok', 1, 'upstream', 'i-1', \
             'k1', 'k1')"
                .to_owned(),
        );
        statements.extend((0..100).map(call));
        statements.push(format!(
            "insert into clinics_seen (clinic_label, first_ts, last_ts) values (4, {NOON}000000, {}000000)",
            NOON + 99 * 3_600
        ));
        // Two buckets, calls that worked and calls that were given up, two durations.
        let spans =
            [(Span::Minute, "minute", 60), (Span::Hour, "hour", 3_600), (Span::Day, "day", 86_400)];
        for (_, table, seconds) in spans {
            for (later, ending, latency, calls) in
                [(0, 0, 3, 7), (0, 5, 3, 1), (0, 0, 4, 2), (1, 0, 3, 40)]
            {
                statements.push(format!(
                    "insert into rollup_{table} (clinic_label, bucket, operation_label, app_label, \
                     domain_label, context_label, ending_label, latency, calls, duration_us) \
                     values (4, {}, 1, 0, 2, 3, {ending}, {latency}, {calls}, {})",
                    NOON / seconds + later,
                    calls * 1_000
                ));
            }
        }
        fill(url, &BEFORE_KINDS, &statements).await;
        let store = Store::open(url).await.unwrap();
        let all = store.exchanges(&ExchangeFilter::default(), None, 500).await.unwrap().items;
        assert_eq!(all.len(), 100);
        for event in all.iter().step_by(9) {
            let blank = ExchangeFilter::default;
            let refs = |reference: &Option<_>| reference.iter().cloned().collect();
            for (filter, calls) in [
                (ExchangeFilter { support_code: Some(event.support_code), ..blank() }, 1),
                (ExchangeFilter { trace_ids: vec![event.trace_id], ..blank() }, 1),
                (ExchangeFilter { request_ids: vec![event.request_id.clone()], ..blank() }, 1),
                (ExchangeFilter { patient_refs: refs(&event.patient_ref), ..blank() }, 14),
                (ExchangeFilter { actor_refs: refs(&event.actor_ref), ..blank() }, 33),
            ] {
                let found = store.exchanges(&filter, None, 500).await.unwrap().items;
                assert!(
                    found.contains(event) && found.len() >= calls,
                    "{filter:?}: {}",
                    found.len()
                );
            }
        }
        let task = ExchangeFilter {
            clinic: all[0].clinic.clone(),
            operation: Some(all[0].operation.clone()),
            ..ExchangeFilter::default()
        };
        assert_eq!(store.exchanges(&task, None, 500).await.unwrap().items, all);
        for (span, _, seconds) in spans {
            let start = Timestamp::from_seconds(NOON / seconds * seconds);
            let by = [By::Bucket, By::Operation, By::Ending, By::Latency];
            let query = RollupQuery::new(span, start, start.plus(Duration::from_hours(72)), &by);
            let mut rows = store.rollup(&query).await.unwrap();
            rows.sort_by_key(|row| std::cmp::Reverse(row.calls));
            let shape: Vec<_> = rows
                .iter()
                .map(|row| {
                    (row.bucket.unwrap().since(start).as_secs(), row.latency.unwrap(), row.calls)
                })
                .collect();
            let next = seconds.unsigned_abs();
            assert_eq!(shape, [(next, 3, 40), (0, 3, 7), (0, 4, 2), (0, 3, 1)], "{span:?}");
            assert!(rows.iter().all(|row| row.duration_us == row.calls * 1_000));
            assert!(rows.iter().all(|row| row.operation.as_ref() == Some(&all[0].operation)));
            assert_eq!(rows[3].ending, Some(Ending::Aborted));
        }
        store.close().await;
    });
}

#[test]
fn several_processes_may_start_on_an_empty_database_at_once() {
    on_each_url(&async |url: &StoreUrl| {
        let (a, b, c, d) =
            tokio::join!(Store::open(url), Store::open(url), Store::open(url), Store::open(url));
        for store in [a, b, c, d] {
            store.unwrap().close().await;
        }
    });
}
