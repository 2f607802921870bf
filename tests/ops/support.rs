//! A site on a fresh store, with calls at two clinics.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::audit::Event;
use accuscope::domain::event::{Exchange, json};
use accuscope::domain::ids::{EventId, RequestId, SupportCode};
use accuscope::domain::labels::Environment;
use accuscope::domain::names::{ClinicId, InstanceId, KeyId, OperationName, SegmentName};
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::registry::{Clinic, Phase, Registry};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::domain::trace_context::TraceId;
use accuscope::keys::Keyring;
use accuscope::ops::{Auth, OpsState, Witness, Witnessed, router};
use accuscope::store::{
    Batch, Checkpoint, LinkPurpose, SecretDigest, SignInLink, Store, StoreError, StoreHandle,
    StoreUrl,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// 10:46 in British Columbia.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T17:46:00Z").unwrap()
}

pub(crate) struct Site {
    router: Router,
    pub(crate) store: Store,
    pub(crate) witness: Arc<Kept>,
    pub(crate) state: OpsState,
    dir: tempfile::TempDir,
}

/// Keeps what was witnessed; refuses to if told so.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) entries: Mutex<Vec<Witnessed>>,
    pub(crate) broken: std::sync::atomic::AtomicBool,
    pub(crate) store_may_fail: std::sync::atomic::AtomicBool,
}

impl Kept {
    pub(crate) fn deeds(&self) -> Vec<Event> {
        self.entries.lock().unwrap().iter().map(|entry| entry.deed).collect()
    }
}

impl Witness for Kept {
    fn keep(&self, entry: Witnessed) -> futures_util::future::BoxFuture<'_, bool> {
        self.entries.lock().unwrap().push(entry);
        let works = !self.broken.load(std::sync::atomic::Ordering::SeqCst);
        Box::pin(std::future::ready(works))
    }

    fn store_failed(&self, error: &StoreError) {
        let expected = self.store_may_fail.load(std::sync::atomic::Ordering::SeqCst);
        assert!(expected, "{error}");
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The session cookie that was set, as a browser would send it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

impl Site {
    pub(crate) async fn start(auth: Auth) -> Self {
        Self::start_with(auth, None).await
    }

    pub(crate) async fn start_with_keys(auth: Auth, keys: Arc<Keyring>) -> Self {
        Self::start_with(auth, Some(keys)).await
    }

    async fn start_with(auth: Auth, keys: Option<Arc<Keyring>>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&dir.path().join("s.db"))).await.unwrap();
        let witness = Arc::new(Kept::default());
        let slot = StoreHandle::from(store.clone());
        let clock = Clock::fixed(now());
        let mut state = OpsState::new(slot, registry(), Environment::Sandbox, auth, clock);
        state.witness = witness.clone();
        state.keys = keys;
        Self { router: router(state.clone()), store, witness, state, dir }
    }

    /// The same site, set up otherwise.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut OpsState)) -> Self {
        change(&mut self.state);
        self.router = router(self.state.clone());
        self
    }

    pub(crate) async fn insert(&self, events: &[Exchange]) {
        let checkpoint = Checkpoint {
            instance: InstanceId::parse("i-1").unwrap(),
            segment: SegmentName::parse("1.ndjson").unwrap(),
            offset: 1,
        };
        let at = self.state.clock.now();
        let registry = registry();
        let batch = Batch { events, checkpoint: Some(&checkpoint), registry: &registry, at };
        self.store.insert(&batch).await.unwrap();
    }

    /// The answer with its body still to come.
    pub(crate) async fn open(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// What a browser sends, with the token that every form of a page has in it.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_as_it_is(with_token(request).await).await
    }

    /// Sends a request that no page of the site made.
    pub(crate) async fn send_as_it_is(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.get_as("", address).await
    }

    pub(crate) async fn get_as(&self, cookie: &str, address: &str) -> Answer {
        let request = Request::get(address).header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post_as(&self, cookie: &str, address: &str, form: &str) -> Answer {
        let request = Request::post(address)
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Lets no session begin, as a store does that goes away in the middle of signing in; or lets it again.
    pub(crate) async fn shut_sessions(&self, shut: bool) {
        self.witness.store_may_fail.store(shut, std::sync::atomic::Ordering::SeqCst);
        let file = self.dir.path().join("s.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let sql = if shut {
            "create trigger shut before insert on sessions begin select raise(abort, 'away'); end"
        } else {
            "drop trigger shut"
        };
        sqlx::query(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// Makes a link, follows it, and gives the session's cookie.
    pub(crate) async fn sign_in(&self, role: Role) -> String {
        let code = format!("one-time-link-for-{role}");
        self.link(&code, role).await;
        self.post_as("", &format!("/sign-in/{code}"), "").await.cookie()
    }

    pub(crate) async fn link(&self, code: &str, role: Role) {
        let link = SignInLink {
            purpose: LinkPurpose::SignIn,
            role,
            account: "r.okafor".into(),
            expires: now().plus(Duration::from_mins(10)),
        };
        let digest = SecretDigest::of(code.as_bytes());
        self.store.create_sign_in_link(digest, &link, now()).await.unwrap();
    }
}

/// The token of a session's forms, computed once more, so that the site's own code does not check itself.
pub(crate) fn token_of(secret: &str) -> String {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(b"accuscope: a form of this session");
    data_encoding::BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

/// A page as it is in every session: without the token of its forms.
pub(crate) fn of_any_session(page: &str) -> String {
    let mut parts = page.split("name=\"csrf-token\" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + part.split_once('"').map_or("", |(_, rest)| rest))
}

async fn with_token(request: Request<Body>) -> Request<Body> {
    let cookies = request.headers().get("cookie").and_then(|all| all.to_str().ok()).unwrap_or("");
    let mut pairs = cookies.split("; ");
    let secret = pairs.find_map(|pair| pair.strip_prefix("__Host-accuscope="));
    let is_form = !request.method().is_safe() && !request.headers().contains_key("authorization");
    let Some(token) = secret.filter(|_| is_form).map(token_of) else { return request };
    let (parts, body) = request.into_parts();
    let form = body.collect().await.unwrap().to_bytes();
    let form = std::str::from_utf8(&form).unwrap();
    Request::from_parts(parts, Body::from(format!("csrf-token={token}&{form}")))
}

pub(crate) fn registry() -> Arc<Registry> {
    let clinic = |id: &str, name: &str, tenant, zone| Clinic {
        id: ClinicId::parse(id).unwrap(),
        name: name.to_owned(),
        tenant: uuid::Uuid::from_u128(tenant),
        time_zone: jiff::tz::TimeZone::get(zone).unwrap(),
        phase: Phase::Live,
        went_live: None,
        rollout: accuscope::domain::registry::Rollout::default(),
    };
    let clinics = vec![
        clinic("harbour-view", "Harbour View Medical", 1, "America/Vancouver"),
        clinic("lakeshore", "Lakeshore <Family> Practice", 2, "America/Vancouver"),
        clinic("old-mill", "Old Mill Medical", 3, "America/Toronto"),
    ];
    Arc::new(Registry::new(clinics, vec![]).unwrap())
}

/// A successful read of a chart, so many seconds before now; every id is made of `number`.
pub(crate) fn call(clinic: &str, number: u64, seconds_ago: i64) -> Exchange {
    const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T12:00:00Z","env":"sandbox","clinic":"lakeshore","app":"intake-web","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","status":200,"upstream_status":200,"outcome":"ok","duration_us":123450,"upstream_us":120000,"attempts":1,"source":"upstream","office":"12","scopes":[],"bytes_out":27,"instance":"i-1"}"#;
    let mut call = json::read_line(LINE.as_bytes()).unwrap();
    call.clinic = Some(ClinicId::parse(clinic).unwrap());
    call.ts = Timestamp::from_seconds(now().seconds() - seconds_ago);
    let random = u128::from(number) << 64 | u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    call.id = EventId::new(call.ts, random);
    call.request_id = RequestId::from_event(call.id);
    call.trace_id = TraceId::from_bits(random);
    call.support_code = SupportCode::from_bits(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let reference = |kind, byte| Reference::new(kind, KeyId::parse("k1").unwrap(), [byte; 17]);
    let person = u8::try_from(number % 7).unwrap();
    call.actor_ref = Some(reference(ReferenceKind::Actor, person));
    call.patient_ref = Some(reference(ReferenceKind::Patient, 200));
    call
}

pub(crate) fn failed(reason: Reason, status: u16, call: Exchange) -> Exchange {
    Exchange { ending: Ending::failed(reason), status, upstream_status: Some(status), ..call }
}

pub(crate) fn task(operation: &str, call: Exchange) -> Exchange {
    Exchange { operation: OperationName::parse(operation).unwrap(), ..call }
}

/// Both clinics at work for an hour; Harbour View is refused since 10:12.
pub(crate) fn refused_clinic() -> Vec<Exchange> {
    let mut calls = Vec::new();
    for second in (5..3_600).step_by(20) {
        let number = u64::try_from(second).unwrap();
        let harbour = call("harbour-view", number, second);
        calls.push(if second <= 34 * 60 {
            failed(Reason::TokenRejected, 401, harbour)
        } else {
            harbour
        });
        calls.push(call("lakeshore", number + 10_000, second));
    }
    calls
}
