//! "The other server sent it again": keys and the switch hold across instances on one PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::admission::claims::Claim;
use accuscope::domain::admission::idempotency::{ClaimKey, Fate, Fingerprint, Standing};
use accuscope::domain::ids::EventId;
use accuscope::domain::names::InstanceId;
use accuscope::store::{ClaimTimes, Store, StoreUrl};

use crate::support::app::CLINICS;
use crate::support::{Client, RawUpstream, TestApp, exchange, until};
use crate::{keyed, numbered, post};

/// A database of its own; `None` where no server is named and nobody insists.
async fn database() -> Option<String> {
    let Ok(url) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") else {
        let insist = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!insist, "ACCUSCOPE_TEST_POSTGRES_URL names no server");
        return None;
    };
    let name = format!("admit_{:016x}", fastrand::u64(..));
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}")))
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let (server, _) = url.rsplit_once('/').unwrap();
    Some(format!("\"{server}/{name}\""))
}

async fn ready(app: &TestApp) {
    until("the store", || async { app.store().map(drop) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_sent_once_whichever_instance_is_asked() {
    let Some(database) = database().await else { return };
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::answering(move |request| {
        numbered(request, count.fetch_add(1, Ordering::SeqCst) + 1)
    })
    .await;
    let settings = [("store.url", database.as_str())];
    let apps = [0, 1].map(|_| TestApp::with(&upstream.url(), &settings, CLINICS));
    for app in &apps {
        ready(app).await;
    }
    for round in 0..20 {
        let request = keyed(&format!("k{round}"), "{}");
        let mut racing = tokio::task::JoinSet::new();
        for number in 0..10 {
            let (proxy, request) = (apps[number % 2].at.proxy, request.clone());
            racing.spawn(async move {
                let mut client = Client::connect(proxy).await;
                client.send(request).await;
                client.answer().await.status
            });
        }
        let statuses = racing.join_all().await;
        // A ledger that is slow for a moment refuses, and that is all that it may do.
        let known = statuses.iter().all(|status| matches!(status, 201 | 409 | 503));
        assert!(known && seen.load(Ordering::SeqCst) <= round + 1, "{statuses:?}");
        until("the write to be made", || async {
            (exchange(&apps[0], &request).await.status != 503).then_some(())
        })
        .await;
        until("the one write at Accuro", || async {
            exchange(&apps[1], &request).await;
            (seen.load(Ordering::SeqCst) == round + 1).then_some(())
        })
        .await;
    }
    // Once settled, both tell the same.
    for app in &apps {
        until("the key's fate", || async {
            let answer = exchange(app, keyed("k0", "{}")).await;
            (answer.status == 201 || answer.is_problem(409)["title"] == "Already saved")
                .then_some(())
        })
        .await;
        exchange(app, keyed("k0", "{\"other\":1}")).await.is_problem(422);
    }
    assert_eq!(seen.load(Ordering::SeqCst), 20);
    // The switch is one for all.
    let at = accuscope::clock::Clock::system().now();
    apps[0].store().unwrap().keep_read_only_switch(true, at).await.unwrap();
    for app in &apps {
        until("writes off", || async {
            (exchange(app, post("", "{}")).await.status == 503).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_instance_was_making_when_it_was_killed_is_unknown_once_it_is_back() {
    let Some(database) = database().await else { return };
    let store = Store::open(&StoreUrl::parse(database.trim_matches('"')).unwrap()).await.unwrap();
    let (journal, now) = (tempfile::tempdir().unwrap(), Clock::system().now());
    std::fs::write(journal.path().join("instance"), "killed").unwrap();
    let [killed, other] = ["killed", "other"].map(|name| InstanceId::parse(name).unwrap());
    let hour = Duration::from_hours(1);
    let times = ClaimTimes { remember: hour, orphaned_after: hour };
    let claim = |call, at| Claim {
        key: ClaimKey([1; 16]),
        fingerprint: Fingerprint { coarse: [1; 16], fine: Some([1; 16]) },
        event: EventId(uuid::Uuid::from_u128(call)),
        at,
    };
    let before = now.minus(Duration::from_secs(2));
    let stands = store.claim_write(&claim(1, before), &[], &killed, times).await.unwrap();
    assert_eq!(stands, Standing::First);
    let upstream = RawUpstream::always(crate::support::upstream::OK).await;
    let folder = format!("{:?}", journal.path());
    let settings = [("store.url", database.as_str()), ("journal.dir", &folder)];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    ready(&app).await;
    until("the word of the instance that is back", || async {
        let asked = claim(2, Clock::system().now());
        let stands = store.claim_write(&asked, &[], &other, times).await.unwrap();
        (stands == Standing::Again(Fate::Unknown { at: before })).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_ledger_is_away_only_keyed_writes_are_refused() {
    let upstream = RawUpstream::always(crate::support::upstream::OK).await;
    let settings = [("store.url", "\"postgres://nobody@127.0.0.1:1/none\"")];
    let app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let problem = exchange(&app, keyed("k", "{}")).await.is_problem(503);
    assert_eq!(problem["retryable"], true);
    assert!(!upstream.seen_text().contains("POST"));
    assert_eq!(exchange(&app, post("", "{}")).await.status, 200);
    assert_eq!(exchange(&app, crate::get("/rest/v1/offices", "t")).await.status, 200);
    // The key was given back.
    exchange(&app, keyed("k", "{\"other\":1}")).await.is_problem(503);
    let single = [settings[0], ("idempotency.shared", "false")];
    let app = TestApp::with(&upstream.url(), &single, CLINICS);
    assert_eq!(exchange(&app, keyed("k", "{}")).await.status, 200);
}
