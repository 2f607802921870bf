//! A copy of a store is a store, and a store can be moved and made again.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use accuscope::domain::event::Exchange;
use accuscope::store::{ExchangeFilter, Store, StoreUrl};

use crate::support::{event, insert, on_each_url, say_skipped};

async fn everything(url: &StoreUrl) -> Vec<Exchange> {
    let store = Store::open(url).await.unwrap();
    let (mut walk, mut all) = (store.export(ExchangeFilter::default()), Vec::new());
    loop {
        let piece = walk.next_piece().await.unwrap();
        if piece.is_empty() {
            store.close().await;
            return all;
        }
        all.extend(piece);
    }
}

fn events() -> Vec<Exchange> {
    (0..300).map(|n| event(n, i64::try_from(n * 900).unwrap())).collect()
}

/// A PostgreSQL program; Debian keeps them out of the path.
fn postgres_program(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin").join(name)));
    programs.filter(|program| program.exists()).max()
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn a_backup_made_while_the_store_runs_restores_every_event() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        insert(&store, &events()).await;
        if let Some(file) = url.file() {
            let copy = file.with_file_name("copy.db");
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            let text = format!("vacuum into '{}'", copy.display());
            sqlx::query(sqlx::AssertSqlSafe(text)).execute(&pool).await.unwrap();
            pool.close().await;
            assert_eq!(everything(&StoreUrl::sqlite(&copy)).await, events());
        } else {
            let (Some(dump), Some(psql)) = (postgres_program("pg_dump"), postgres_program("psql"))
            else {
                return say_skipped("pg_dump and psql are not there");
            };
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("dump.sql").display().to_string();
            let pool = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
            let schema: String =
                sqlx::query_scalar("select current_schema()::text").fetch_one(&pool).await.unwrap();
            let server = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL").unwrap();
            run(&dump, &["--schema", &schema, "--file", &file, &server]);
            store.close().await;
            let drop = format!("drop schema {schema} cascade");
            sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&pool).await.unwrap();
            run(&psql, &["--quiet", "--set", "ON_ERROR_STOP=1", "--file", &file, &server]);
            pool.close().await;
            assert_eq!(everything(url).await, events());
        }
        // The restored store takes events in.
        let store = Store::open(url).await.unwrap();
        assert_eq!(insert(&store, &[event(5_000, 90)]).await.inserted, 1);
        store.close().await;
    });
}

/// Settings with a store and a journal of their own.
fn settings(dir: &Path, name: &str, store: &str) -> String {
    let journal = dir.join(format!("{name}-journal"));
    let text = format!(
        "environment = \"sandbox\"\n[upstream]\nbase_url = \"http://127.0.0.1:9\"\n[store]\nurl = \"{store}\"\n\
         [journal]\ndir = \"{}\"\n",
        journal.display()
    );
    let file = dir.join(format!("{name}.toml"));
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

fn accuscope(arguments: &[&str]) -> String {
    let output = run(Path::new(env!("CARGO_BIN_EXE_accuscope")), arguments);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn events_move_from_sqlite_to_any_store_and_back_from_a_file_and_are_counted_once() {
    on_each_url(&async |url: &StoreUrl| {
        let dir = tempfile::tempdir().unwrap();
        let old = dir.path().join("old.db");
        let store = Store::open(&StoreUrl::sqlite(&old)).await.unwrap();
        insert(&store, &events()).await;
        store.close().await;
        let new = url
            .reveal()
            .map_or_else(|| format!("sqlite:{}", url.file().unwrap().display()), str::to_owned);
        let from = settings(dir.path(), "from", &format!("sqlite:{}", old.display()));
        let to = settings(dir.path(), "to", &new);
        let file = dir.path().join("events.ndjson").display().to_string();
        accuscope(&["export", "--config", &from, "--output", &file]);
        let told = accuscope(&["import", "--config", &to, &file]);
        assert!(told.starts_with("300 events imported, 0 were there already"), "{told}");
        let told = accuscope(&["import", "--config", &to, &file]);
        assert!(told.starts_with("0 events imported, 300 were there already"), "{told}");
        assert_eq!(everything(url).await, events());

        // The command counts first, and changes nothing.
        let told = accuscope(&["prune", "--config", &to, "--dry-run", "--json"]);
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["dry_run"], true);
        assert_eq!(
            told["classes"].as_array().unwrap().len(),
            accuscope::domain::retention::Class::ALL.len()
        );
        assert_eq!(told["classes"][0]["class"], "events");
        assert_eq!(everything(url).await.len(), 300);
        let table = accuscope(&["prune", "--config", &to]);
        assert!(table.starts_with("class") && table.contains("patient_references"), "{table}");
    });
}
