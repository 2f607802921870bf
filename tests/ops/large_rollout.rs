//! A large rollout: a thousand clinics and 25 months of figures, straight into a store.
//!
//! Owns the registry and the statements. Shared by a test of what the pages say and a measurement of how long they
//! take (`benches/adoption`).

use accuscope::domain::names::ClinicId;
use accuscope::domain::registry::{Clinic, Phase, Registry, Rollout};
use accuscope::store::StoreUrl;

/// The Tuesday after week 47 of 2026, at ten in Vancouver.
pub(crate) const NOW: &str = "2026-11-24T18:00:00Z";
pub(crate) const CLINICS: i64 = 1_000;
/// The Monday of week 47, in days since 1970.
const MONDAY: i64 = 20_773;

pub(crate) fn registry() -> Registry {
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
fn figures(whole: bool) -> Vec<String> {
    let (days, weeks) = if whole { (760, 108) } else { (60, 12) };
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
        counts(1, 0, days, &format!("{MONDAY} + 6 - b.i")),
        // Each task by itself.
        counts(2, 8, weeks, &format!("{MONDAY} - 7 * b.i"))
            .replace("cross join b", "cross join b where t.i > 0"),
        counts(3, 8, 24, &format!("{MONDAY} - 15 - 30 * b.i"))
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
        format!(
            "insert into clinics_seen (clinic_label, first_ts, last_ts) \
             select id, 1730000000000000, 1795000000000000 from labels where text like 'c-%'"
        ),
        // Calls by the day, of ten kinds: operation, app, domain, context, ending and latency are some label.
        format!(
            "insert into figure_kinds (operation_label, app_label, domain_label, context_label, ending_label, \
             latency) with recursive {k} select 1, 1, 1, 1, 0, k.i from k",
            k = numbers("k", 0, 9),
        ),
        format!(
            "insert into rollup_day (clinic_label, bucket, kind, calls, duration_us) with recursive {c}, {b} \
             select l.id, {MONDAY} + 6 - b.i, f.id, 90, 9000000 from c join labels l on l.text = 'c-' || c.i \
             cross join b cross join figure_kinds f",
            b = numbers("b", 0, days),
        ),
    ]
}

/// Puts the figures into a store that is open; `whole` means every day and task of the 25 months.
pub(crate) async fn fill(url: &StoreUrl, whole: bool) {
    for sql in figures(whole) {
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
