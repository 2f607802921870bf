//! Fresh stores, and events to put in.

use std::sync::atomic::{AtomicU32, Ordering};

use accuscope::domain::event::{Exchange, json};
use accuscope::domain::ids::{EventId, RequestId, SupportCode};
use accuscope::domain::names::{AppId, ClinicId, KeyId, OperationName};
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::registry::{Clinic, Phase, Registry};
use accuscope::domain::time::Timestamp;
use accuscope::domain::trace_context::{SpanId, TraceId};
use accuscope::store::{
    Batch, Checkpoint, Entered, Entrance, Inserted, SecretDigest, Session, Store, StoreUrl, Uses,
};

/// Noon UTC on 2026-11-24: five in the morning of the same day in Vancouver... in winter, four.
pub(crate) const NOON: i64 = 1_795_521_600;

/// Runs a test on a fresh store of every kind that there is.
pub(crate) fn on_each(test: &impl AsyncFn(&Store)) {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        test(&store).await;
        store.close().await;
    });
}

/// Runs a test on an empty database of every kind that there is.
pub(crate) fn on_each_url(test: &impl AsyncFn(&StoreUrl)) {
    on_each_place(test, false);
}

/// The same where PostgreSQL gives a database of its own rather than a schema: transactions of
/// other tests then keep nothing of this one alive.
pub(crate) fn on_each_own_database(test: &impl AsyncFn(&StoreUrl)) {
    on_each_place(test, true);
}

fn on_each_place(test: &impl AsyncFn(&StoreUrl), own_database: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // In memory where there is such a folder: nothing here has to survive a power cut.
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.unwrap();
        test(&StoreUrl::sqlite(&dir.path().join("store.db"))).await;
        if let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") {
            if own_database {
                on_postgres_alone(&server, test).await;
            } else {
                on_postgres(&server, test).await;
            }
        }
    });
}

async fn on_postgres(server: &str, test: &impl AsyncFn(&StoreUrl)) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("test_{}_{number}", std::process::id());
    let admin = sqlx::PgPool::connect(server).await.unwrap();
    let run = |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&admin);
    run(format!("create schema {schema}")).await.unwrap();
    let url = StoreUrl::parse(server).unwrap().with_setting("search_path", &schema);
    test(&url).await;
    run(format!("drop schema {schema} cascade")).await.unwrap();
}

/// The name of the database that [`on_each_own_database`] makes on a test's thread.
pub(crate) fn own_database() -> String {
    let thread = format!("{:?}", std::thread::current().id());
    let digits: String = thread.chars().filter(char::is_ascii_digit).collect();
    format!("test_alone_{}_{digits}", std::process::id())
}

async fn on_postgres_alone(server: &str, test: &impl AsyncFn(&StoreUrl)) {
    let name = own_database();
    let admin = sqlx::PgPool::connect(server).await.unwrap();
    let run = |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&admin);
    run(format!("create database {name}")).await.unwrap();
    let (place, _) = server.rsplit_once('/').unwrap();
    test(&StoreUrl::parse(&format!("{place}/{name}")).unwrap()).await;
    run(format!("drop database {name} with (force)")).await.unwrap();
}

/// The same database, where PostgreSQL reads a small table by its indices, too.
pub(crate) fn without_table_scans(url: &StoreUrl) -> StoreUrl {
    match url.file() {
        Some(_) => url.clone(),
        None => url.with_setting("enable_seqscan", "off"),
    }
}

pub(crate) fn clinic(id: &str) -> ClinicId {
    ClinicId::parse(id).unwrap()
}

/// The registry, and from a day on Signal Hill is part of Maple Ridge.
pub(crate) fn registry_merged(on: Option<jiff::civil::Date>) -> Registry {
    let mut clinics = registry().clinics().to_vec();
    clinics[1].rollout.merged =
        on.map(|on| accuscope::domain::registry::Merged { into: clinic("maple-ridge"), on });
    Registry::new(clinics, vec![]).unwrap()
}

pub(crate) fn registry() -> Registry {
    let clinic = |id: &str, tenant, zone| Clinic {
        id: clinic(id),
        name: id.to_owned(),
        tenant: uuid::Uuid::from_u128(tenant),
        time_zone: jiff::tz::TimeZone::get(zone).unwrap(),
        phase: Phase::Live,
        went_live: None,
        rollout: accuscope::domain::registry::Rollout::default(),
    };
    let clinics = vec![
        clinic("maple-ridge", 1, "America/Vancouver"),
        clinic("signal-hill", 2, "America/St_Johns"),
    ];
    Registry::new(clinics, vec![]).unwrap()
}

pub(crate) fn reference(kind: ReferenceKind, number: u8) -> Reference {
    Reference::new(kind, KeyId::parse("k1").unwrap(), [number; Reference::BYTES])
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOON + seconds)
}

/// A successful read of one chart at Maple Ridge; every id is made of `number`.
pub(crate) fn event(number: u64, seconds: i64) -> Exchange {
    const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T12:00:00Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","status":200,"upstream_status":200,"outcome":"ok","duration_us":12345,"upstream_us":12000,"attempts":1,"source":"upstream","office":"12","scopes":["user/patients.read","user/labs.read"],"shape":"f123456789abcdef","bytes_out":27,"instance":"i-1"}"#;
    let mut event = json::read_line(LINE.as_bytes()).unwrap();
    event.ts = at(seconds);
    let random = u128::from(number) << 64 | u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    event.id = EventId::new(event.ts, random ^ u128::from(number));
    event.request_id = RequestId::from_event(event.id);
    event.trace_id = TraceId::from_bits(random ^ 0x00ab_cdef);
    event.span_id = SpanId::from_bits(!number);
    event.support_code = SupportCode::from_bits(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    event.actor_ref = Some(reference(ReferenceKind::Actor, 1));
    event.patient_ref = Some(reference(ReferenceKind::Patient, 1));
    event.token_ref = Some(reference(ReferenceKind::Token, 1));
    event
}

/// An event with every nullable field null and every id the event's own.
pub(crate) fn bare_event(number: u64, seconds: i64) -> Exchange {
    let full = event(number, seconds);
    let bits = full.id.0.as_u128();
    Exchange {
        clinic: None,
        app: None,
        api_version: None,
        upstream_status: None,
        result_count: None,
        upstream_us: None,
        actor_ref: None,
        patient_ref: None,
        token_ref: None,
        office: None,
        scopes: [].into(),
        shape: None,
        error_signature: None,
        trace_id: TraceId::from_bits(bits),
        span_id: SpanId::from_bits(full.id.0.as_u64_pair().1),
        ..full
    }
}

pub(crate) fn failed(reason: Reason, event: Exchange) -> Exchange {
    Exchange { ending: Ending::failed(reason), status: 403, ..event }
}

pub(crate) fn by(app: &str, operation: &str, event: Exchange) -> Exchange {
    Exchange {
        app: Some(AppId::parse(app).unwrap()),
        operation: OperationName::parse(operation).unwrap(),
        ..event
    }
}

pub(crate) async fn insert(store: &Store, events: &[Exchange]) -> Inserted {
    insert_to(store, events, None).await
}

pub(crate) async fn insert_to(
    store: &Store,
    events: &[Exchange],
    checkpoint: Option<&Checkpoint>,
) -> Inserted {
    let registry = registry();
    let batch = Batch { events, checkpoint, registry: &registry, at: at(100) };
    store.insert(&batch).await.unwrap()
}

/// Says that a part of a test was not run, and why.
pub(crate) fn say_skipped(what: &str) {
    use std::io::Write as _;
    let mut errors = std::io::stderr().lock();
    writeln!(errors, "skipped: {what}").unwrap();
}

/// Lets somebody in without an account, under a secret of its own.
pub(crate) fn stranger<'e>(
    uses: Uses<'e>,
    secret: SecretDigest,
    session: &'e Session,
) -> Entrance<'e> {
    Entrance { uses, account: None, before: None, secret, session }
}

/// Begins a session that uses nothing up.
pub(crate) async fn begin_session(store: &Store, secret: SecretDigest, session: &Session) {
    let entered = store.enter(stranger(Uses::Nothing, secret, session)).await.unwrap();
    assert_eq!(entered, Entered::In { fresh: false });
}
