//! The adoption report over the wire: a thousand clinics, 25 months of figures, and what a manager never
//! reaches from it.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use accuscope::clock::Clock;
use accuscope::domain::labels::Environment;
use accuscope::domain::names::ClinicId;
use accuscope::domain::registry::{Clinic, Phase, Registry, Rollout};
use accuscope::domain::time::Timestamp;
use accuscope::ops::{Auth, OpsState, router};
use accuscope::store::{Store, StoreUrl};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// The Tuesday after week 47 of 2026, at ten in Vancouver.
const NOW: &str = "2026-11-24T18:00:00Z";
const CLINICS: i64 = 1_000;
/// The Monday of week 47, in days since 1970.
const MONDAY: i64 = 20_773;

fn registry() -> Registry {
    let clinic = |number: i64| Clinic {
        id: ClinicId::parse(&format!("c-{number}")).unwrap(),
        name: format!("Clinic number {number} of a large rollout"),
        tenant: uuid::Uuid::from_u128(number.unsigned_abs().into()),
        time_zone: jiff::tz::TimeZone::get("America/Vancouver").unwrap(),
        phase: [Phase::Pilot, Phase::Expanding, Phase::Live][usize::try_from(number % 3).unwrap()],
        went_live: None,
        rollout: Rollout {
            enabled: Some(jiff::civil::date(2024, 10, 1)),
            invited_staff: Some(20),
            ..Rollout::default()
        },
    };
    Registry::new((0..CLINICS).map(clinic).collect(), vec![]).unwrap()
}

/// Statements that leave the figures of 25 months: weeks, days and months of every clinic.
fn figures() -> Vec<String> {
    let numbers = |name: &str, from: i64, to: i64| {
        format!("{name}(i) as (select {from} union all select i + 1 from {name} where i < {to})")
    };
    let c = numbers("c", 0, CLINICS - 1);
    let columns = "(span, task, bucket, clinic_label, staff, calls, done, empty, first_time, failed, \
         given_up, changed, unknown_calls)";
    let counts = |span: i64, tasks: i64, most: i64, bucket: &str| {
        format!(
            "insert into task_counts {columns} with recursive {c}, {t}, {b} \
             select {span}, t.i, {bucket}, l.id, 10 + c.i % 9, 900, 200 + b.i, 20, 190 + b.i, 1, 1, 30, 2 \
             from c join labels l on l.text = 'c-' || c.i cross join t cross join b",
            t = numbers("t", 0, tasks),
            b = numbers("b", 0, most),
        )
    };
    vec![
        format!("insert into labels (text) with recursive {c} select 'c-' || i from c"),
        counts(2, 0, 108, &format!("{MONDAY} - 7 * b.i")),
        counts(3, 0, 24, &format!("{MONDAY} - 15 - 30 * b.i")),
        counts(1, 0, 60, &format!("{MONDAY} + 6 - b.i")),
        // Each task by itself, for a quarter.
        counts(2, 8, 12, &format!("{MONDAY} - 7 * b.i"))
            .replace("cross join b", "cross join b where t.i > 0"),
        format!(
            "insert into cohort_counts (started, week, clinic_label, staff) with recursive {c}, {s}, {w} \
             select {MONDAY} - 7 * s.i, {MONDAY} - 7 * w.i, l.id, 3 from c join labels l on l.text = 'c-' || c.i \
             cross join s cross join w where w.i <= s.i",
            s = numbers("s", 0, 20),
            w = numbers("w", 0, 20),
        ),
        format!(
            "insert into clinic_firsts (clinic_label, counted_from, signed_in, found, done, changed, last_done) \
             select id, {MONDAY} - 756, {MONDAY} - 756, {MONDAY} - 755, {MONDAY} - 755, {MONDAY} - 750, \
             {MONDAY} + 4 from labels where text like 'c-%'"
        ),
    ]
}

async fn fill(url: &StoreUrl) {
    for sql in figures() {
        let sql = sqlx::AssertSqlSafe(sql);
        if let Some(file) = url.file() {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            sqlx::query(sql).execute(&pool).await.unwrap();
            pool.close().await;
        } else {
            let pool = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
            sqlx::query(sql).execute(&pool).await.unwrap();
            pool.close().await;
        }
    }
}

async fn get(site: &axum::Router, address: &str) -> String {
    let request = Request::get(address).body(Body::empty()).unwrap();
    let answer = site.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn a_large_rollout(url: &StoreUrl, what: &str) {
    let store = Store::open(url).await.unwrap();
    fill(url).await;
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
