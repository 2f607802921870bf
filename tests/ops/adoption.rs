//! The adoption report over the wire: a thousand clinics, 25 months of figures, and what a manager never
//! reaches from it.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use accuscope::clock::Clock;
use accuscope::domain::labels::Environment;
use accuscope::domain::time::Timestamp;
use accuscope::ops::{Auth, OpsState, router};
use accuscope::store::{Store, StoreUrl};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::large_rollout::{NOW, fill, registry};

async fn get(site: &axum::Router, address: &str) -> String {
    let request = Request::get(address).body(Body::empty()).unwrap();
    let answer = site.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn a_large_rollout(url: &StoreUrl, what: &str) {
    let store = Store::open(url).await.unwrap();
    fill(url, false).await;
    let clock = Clock::fixed(Timestamp::parse(NOW).unwrap());
    let environment = Environment::Sandbox;
    let state =
        OpsState::new(store.clone().into(), Arc::new(registry()), environment, Auth::Off, clock);
    let site = router(state);
    let mut report = Vec::new();
    for address in [
        "/adoption",
        "/adoption",
        "/adoption?week=2026-W47&show=all",
        "/adoption/c-7",
        "/adoption.csv",
        "/api/v1/adoption?clinic=c-7&from=2024-11-01",
    ] {
        #[expect(clippy::disallowed_methods, reason = "a stop watch")]
        let began = Instant::now();
        let page = get(&site, address).await;
        report.push(format!("{what} {address}: {:?}, {} bytes\n", began.elapsed(), page.len()));
        match address {
            "/adoption" => {
                assert!(page.contains("Week 47: all 1,000 clinics used it"));
                assert!(page.contains("Show all 1,000"));
                assert!(page.len() < 300_000, "{}", page.len());
            }
            "/adoption.csv" => assert_eq!(page.lines().count(), 1_001),
            _ => {}
        }
        assert!(!page.contains("ac_k"), "{address}");
    }
    std::io::stderr().lock().write_all(report.concat().as_bytes()).unwrap();
    store.close().await;
}

#[test]
fn a_thousand_clinics_and_25_months_fit_on_a_page() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        a_large_rollout(&StoreUrl::sqlite(&dir.path().join("store.db")), "SQLite").await;
        if let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") {
            let schema = format!("test_adoption_{}", std::process::id());
            let admin = sqlx::PgPool::connect(&server).await.unwrap();
            let run = |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&admin);
            run(format!("create schema {schema}")).await.unwrap();
            let url = StoreUrl::parse(&server).unwrap().with_setting("search_path", &schema);
            a_large_rollout(&url, "PostgreSQL").await;
            run(format!("drop schema {schema} cascade")).await.unwrap();
        }
    });
}
