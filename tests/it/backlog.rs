//! "The database was down": nothing is lost, and the index catches up faster than calls come.

use std::time::{Duration, Instant};

use accuscope::store::ExchangeFilter;
use tokio::task::JoinSet;

use crate::support::app::{CLINICS, page};
use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, until};

const CLIENTS: usize = 4;
const CALLS_EACH: usize = 250;
const GET: &str = "GET /rest/v1/a HTTP/1.1\r\nHost: p\r\n\r\n";
/// The traffic that the index has to outrun.
const CALLS_PER_SECOND: u32 = 500;

#[expect(clippy::disallowed_methods, reason = "the test measures real time")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_away_loses_nothing_and_catches_up_faster_than_calls_come() {
    let upstream = RawUpstream::always(OK).await;
    let place = tempfile::tempdir().unwrap();
    // The database's folder is missing until somebody mounts it.
    let mount = place.path().join("mount");
    let url = format!("\"sqlite:{}\"", mount.join("store.db").display());
    let app = TestApp::with(&upstream.url(), &[("store.url", &url)], CLINICS);
    let mut calling = JoinSet::new();
    for _ in 0..CLIENTS {
        let mut client = app.client().await;
        calling.spawn(async move {
            for _ in 0..CALLS_EACH {
                client.send(GET).await;
                assert_eq!(client.answer().await.status, 200);
            }
        });
    }
    calling.join_all().await;
    assert!(app.store().is_none());
    let (status, text) = page(app.at.ops, "/").await;
    assert_eq!(status, 503);
    assert!(text.contains("We can’t read what was recorded"), "{text}");
    let all = CLIENTS * CALLS_EACH;
    assert_eq!(app.events_of(all).await.len(), all, "all of it is in the journal");

    std::fs::create_dir(&mount).unwrap();
    until("the store", || async { app.store() }).await;
    let begun = now();
    app.metric_is("accuscope_journal_unindexed_events", 0.0).await;
    let longest = Duration::from_secs(all as u64) / CALLS_PER_SECOND;
    assert!(begun.elapsed() < longest, "{all} calls in {:?}", begun.elapsed());
    let (_, text) = page(app.at.ops, "/").await;
    assert!(text.contains("Live. Updated"), "{text}");
    // The audit's copy comes after, too.
    let store = app.store().unwrap();
    let instance = app.running.as_ref().unwrap().instance.clone();
    until("the audit's copy", || async {
        let copies = store.audit_copies(&instance, 0, 10).await.unwrap();
        (!copies.is_empty() && copies[0].seq == 1).then_some(())
    })
    .await;
}

/// A database of its own on the PostgreSQL server of the tests; `None` where there is none and nobody
/// insists.
async fn database() -> Option<(sqlx::PgPool, String, String)> {
    let Ok(url) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") else {
        let insist = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!insist, "ACCUSCOPE_TEST_POSTGRES_URL names no server");
        return None;
    };
    let admin = sqlx::PgPool::connect(&url).await.unwrap();
    let name = format!("backlog_{:016x}", fastrand::u64(..));
    let (server, _) = url.rsplit_once('/').unwrap();
    let own = format!("\"{server}/{name}\"");
    Some((admin, name, own))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_made_anew_gets_everything_that_the_journal_has() {
    let Some((admin, name, url)) = database().await else { return };
    let run = async |sql: String| {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&admin).await.unwrap();
    };
    run(format!("create database {name}")).await;
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[("store.url", &url)], CLINICS);
    let store = until("the store", || async { app.store() }).await;
    let count = async || store.count(&ExchangeFilter::default(), 1_000).await.unwrap_or(0);
    let mut client = app.client().await;
    let mut call = async || {
        for _ in 0..40 {
            client.send(GET).await;
            assert_eq!(client.answer().await.status, 200);
        }
    };
    call().await;
    until("the first calls", async || (count().await == 40).then_some(())).await;
    run(format!("drop database {name} with (force)")).await;
    call().await;
    run(format!("create database {name}")).await;
    call().await;
    until("all calls", async || (count().await == 120).then_some(())).await;
    let instance = app.running.as_ref().unwrap().instance.clone();
    until("the audit's copy", async || {
        let copies = store.audit_copies(&instance, 0, 10).await.unwrap_or_default();
        copies.first().is_some_and(|first| first.seq == 1).then_some(())
    })
    .await;
    drop(app);
    run(format!("drop database {name} with (force)")).await;
}
