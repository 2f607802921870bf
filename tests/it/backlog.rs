//! "The database was down": nothing is lost, and the index catches up faster than calls come.

use std::time::{Duration, Instant};

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
