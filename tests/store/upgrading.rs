//! A database of an earlier version is brought up to date, and several processes do it at once.

use std::borrow::Cow;

use accuscope::store::{ExchangeFilter, Store, StoreUrl};
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::support::{NOON, on_each_url};

/// The schema as it was before retention.
const BEFORE: [&str; 5] =
    ["0001_dictionaries", "0002_exchanges", "0003_rollups", "0004_checkpoints", "0005_access"];

fn earlier(folder: &str) -> Migrator {
    let migration = |(name, version): (&'static str, i64)| {
        let sql = std::fs::read_to_string(format!("migrations/{folder}/{name}.sql")).unwrap();
        let sql = sqlx::AssertSqlSafe(sql);
        let sql = sqlx::SqlSafeStr::into_sql_str(sql);
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(BEFORE.into_iter().zip(1..).map(migration).collect())
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

#[test]
fn calls_of_an_earlier_version_are_found_after_the_upgrade() {
    on_each_url(&async |url: &StoreUrl| {
        if let Some(file) = url.file() {
            // Made without incremental vacuum, as by hand or by an older SQLite.
            let options =
                sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            earlier("sqlite").run(&pool).await.unwrap();
            for statement in calls(100) {
                let statement = statement.replace("HEX", "x'").replace("('', ", "(x'', ");
                sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
            }
            pool.close().await;
        } else {
            let pool = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
            earlier("postgres").run(&pool).await.unwrap();
            for statement in calls(100) {
                let statement = statement.replace("HEX", "'\\x");
                sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
            }
            pool.close().await;
        }
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
