//! A site with a store, tokens and a few calls.

use std::sync::{Arc, Mutex};

use accuscope::clock::Clock;
use accuscope::domain::catalogue::Catalogue;
use accuscope::domain::event::{Exchange, json};
use accuscope::domain::ids::{EventId, RequestId, SupportCode};
use accuscope::domain::labels::Environment;
use accuscope::domain::names::{ClinicId, KeyId};
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::reference::ReferenceKind;
use accuscope::domain::registry::{Clinic, Phase, Registry};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::domain::trace_context::TraceId;
use accuscope::keys::Keyring;
use accuscope::ops::{Auth, OpsState, Witness, Witnessed, router};
use accuscope::store::{Batch, NewToken, SecretDigest, Store, StoreError, StoreUrl};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) struct Site {
    router: axum::Router,
    pub(crate) events: Vec<Exchange>,
    pub(crate) witness: Arc<Book>,
    _folder: tempfile::TempDir,
}

/// Keeps what was witnessed.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) entries: Mutex<Vec<Witnessed>>,
}

impl Witness for Book {
    fn keep(&self, entry: Witnessed) -> futures_util::future::BoxFuture<'_, bool> {
        self.entries.lock().unwrap().push(entry);
        Box::pin(std::future::ready(true))
    }

    fn store_failed(&self, error: &StoreError) {
        panic!("{error}");
    }
}

/// Ten in the morning in Vancouver.
pub(crate) const NOW: &str = "2026-11-24T18:00:00Z";

pub(crate) fn keys() -> Keyring {
    Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32])
}

pub(crate) fn clinic(id: &str) -> ClinicId {
    ClinicId::parse(id).unwrap()
}

fn registry() -> Registry {
    let clinic = |id: &str, tenant, zone| Clinic {
        id: clinic(id),
        name: format!("{id} clinic"),
        tenant: uuid::Uuid::from_u128(tenant),
        time_zone: jiff::tz::TimeZone::get(zone).unwrap(),
        phase: Phase::Live,
        went_live: Some(jiff::civil::date(2026, 9, 14)),
        rollout: accuscope::domain::registry::Rollout {
            invited_staff: Some(8),
            ..Default::default()
        },
    };
    let clinics =
        vec![clinic("maple-ridge", 1, "America/Vancouver"), clinic("harbour-view", 2, "UTC")];
    Registry::new(clinics, vec![]).unwrap()
}

/// Calls of the last minutes; every fifth one is refused.
fn events() -> Vec<Exchange> {
    const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:50:00Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","status":200,"upstream_status":200,"outcome":"ok","duration_us":12345,"upstream_us":12000,"attempts":1,"scopes":["user/patients.read"],"instance":"i-1"}"#;
    let model = json::read_line(LINE.as_bytes()).unwrap();
    let maple = clinic("maple-ridge");
    let event = |number: u64| {
        let ts = Timestamp::from_seconds(model.ts.seconds() + i64::try_from(number).unwrap());
        let id = EventId::new(ts, u128::from(number) * 0x9e37_79b9_7f4a_7c15);
        let refused = number % 5 == 4;
        let reference = |kind, text: &[u8]| Some(keys().reference(kind, Some(&maple), text));
        Exchange {
            id,
            ts,
            status: if refused { 403 } else { 200 },
            ending: if refused { Ending::failed(Reason::Forbidden) } else { Ending::Ok },
            request_id: RequestId::from_event(id),
            trace_id: TraceId::from_bits(id.0.as_u128() ^ 1),
            support_code: SupportCode::from_bits(number * 0x1234_5678),
            actor_ref: reference(ReferenceKind::Actor, b"drwho"),
            patient_ref: reference(ReferenceKind::Patient, b"8812"),
            ..model.clone()
        }
    };
    let mut events: Vec<Exchange> = (0..20).map(event).collect();
    // One call whose app sent a request id that could name a person.
    let stand_in = keys().reference(ReferenceKind::Request, None, b"zoe-tremblay-3");
    events[3].request_id = RequestId::from_reference(&stand_in);
    events
}

impl Site {
    pub(crate) async fn new(auth: Auth) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&folder.path().join("store.db"))).await.unwrap();
        let (registry, events, now) = (registry(), events(), Timestamp::parse(NOW).unwrap());
        let batch = Batch { events: &events, checkpoint: None, registry: &registry, at: now };
        store.insert(&batch).await.unwrap();
        store.count_tasks(&registry).await.unwrap();
        for (number, role) in (1u128..).zip(Role::ALL) {
            let token = NewToken {
                id: uuid::Uuid::from_u128(number),
                digest: SecretDigest::of(role.as_str().as_bytes()),
                role: *role,
                name: role.as_str(),
                created: now,
                clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
                expires: None,
            };
            store.create_token(&token).await.unwrap();
        }
        let environment = Environment::Sandbox;
        let clock = Clock::fixed(now);
        let mut state = OpsState::new(store.into(), Arc::new(registry), environment, auth, clock);
        state.keys = Some(Arc::new(keys()));
        state.catalogue = Some(Arc::new(Catalogue::embedded().unwrap()));
        let witness = Arc::new(Book::default());
        state.witness = Arc::<Book>::clone(&witness);
        Self { router: router(state), events, witness, _folder: folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Asks with the token of a role; tests' tokens are their roles' names.
    pub(crate) async fn get(&self, role: &str, address: &str) -> Answer {
        let request = Request::get(address).header("authorization", format!("Bearer {role}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, role: &str, address: &str, body: &'static str) -> Answer {
        let request = Request::post(address)
            .header("authorization", format!("Bearer {role}"))
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The problem document's detail, after a look at its form.
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.headers["cache-control"], "no-store");
        let body = self.json();
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], "about:blank");
        body["detail"].as_str().unwrap().to_owned()
    }
}
