//! A site whose people sign in with the provider.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use accuscope::clock::Clock;
use accuscope::config::OidcConfig;
use accuscope::domain::audit::Event;
use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::group_rights::GroupRights;
use accuscope::domain::labels::Environment;
use accuscope::domain::names::{AccountId, ClinicId};
use accuscope::domain::registry::{Clinic, Phase, Registry};
use accuscope::domain::role::Role;
use accuscope::ops::{Auth, Oidc, OpsState, Witness, Witnessed, router};
use accuscope::store::{SecretDigest, SignInLink, Store, StoreError, StoreHandle, StoreUrl};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::browser::walk;
use crate::provider::{CLIENT, Provider, SECRET, SITE};

/// Settings for a provider; its secret's file is written when the site starts.
pub(crate) fn config(provider: &Provider, accounts: bool) -> OidcConfig {
    let group = |name: &str, role| (name.to_owned(), role);
    OidcConfig {
        issuer: provider.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret_file: PathBuf::new(),
        site: SITE.to_owned(),
        scopes: vec!["profile".to_owned()],
        groups_claim: "groups".to_owned(),
        accounts,
        rights: GroupRights {
            roles: vec![group("desk", Role::Support), group("duty", Role::Oncall)],
            clinics: vec![("west".to_owned(), ClinicScope::parse("lakeshore").unwrap())],
        },
    }
}

#[derive(Default)]
struct Kept(Mutex<Vec<Witnessed>>);

impl Witness for Kept {
    fn keep(&self, entry: Witnessed) -> futures_util::future::BoxFuture<'_, bool> {
        self.0.lock().unwrap().push(entry);
        Box::pin(std::future::ready(true))
    }

    fn store_failed(&self, error: &StoreError) {
        panic!("{error}");
    }
}

pub(crate) struct Site {
    router: Router,
    store: Store,
    witness: Arc<Kept>,
    clock: Clock,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    cookies: Vec<String>,
    pub(crate) text: String,
}

impl Answer {
    /// The pair of a cookie that was set and not ended.
    pub(crate) fn set(&self, name: &str) -> Option<String> {
        let set =
            self.cookies.iter().find(|set| set.starts_with(name) && !set.contains("Max-Age=0"))?;
        Some(set.split(';').next().unwrap().to_owned())
    }

    pub(crate) fn session(&self) -> String {
        self.set("__Host-accuscope=").unwrap()
    }
}

impl Site {
    pub(crate) async fn start(mut config: OidcConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        config.client_secret_file = folder.path().join("secret");
        std::fs::write(&config.client_secret_file, format!("{SECRET}\n")).unwrap();
        let url = StoreUrl::sqlite(&folder.path().join("s.db"));
        let store = Store::open(&url).await.unwrap();
        let clock = Clock::system();
        let witness = Arc::new(Kept::default());
        let slot = StoreHandle::from(store.clone());
        let environment = Environment::Sandbox;
        let mut state = OpsState::new(slot, registry(), environment, Auth::Sessions, clock.clone());
        state.witness = witness.clone();
        state.oidc = Some(Arc::new(Oidc::new(config).unwrap()));
        Self { router: router(state), store, witness, clock, _folder: folder }
    }

    pub(crate) fn deeds(&self) -> Vec<Event> {
        self.witness.0.lock().unwrap().iter().map(|entry| entry.deed).collect()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        Answer {
            status: parts.status.as_u16(),
            location: parts.headers.get("location").map(text).unwrap_or_default(),
            cookies: parts.headers.get_all("set-cookie").iter().map(text).collect(),
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, address: &str, cookie: &str) -> Answer {
        let request = Request::get(address).header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, address: &str, form: &str) -> Answer {
        let request = Request::post(address)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Leaves for the provider and is sent back: the cookie that was carried, and the address.
    pub(crate) async fn until_back(&self, provider: &Provider) -> (String, String) {
        let away = self.get("/sign-in/with-provider", "").await;
        assert_eq!(away.status, 302, "{}", away.text);
        let asked = "code_challenge_method=S256";
        assert!(away.location.contains(asked) && away.location.contains("nonce="));
        let cookie = away.set("__Host-accuscope-leaving=").unwrap();
        let back = walk(&provider.issuer, &away.location).await;
        (cookie, back.strip_prefix(SITE).unwrap().to_owned())
    }

    pub(crate) async fn sign_in(&self, provider: &Provider) -> Answer {
        let (cookie, back) = self.until_back(provider).await;
        self.get(&back, &cookie).await
    }

    /// An account with a passphrase.
    pub(crate) async fn account(&self, name: &str, passphrase: &str, role: Role) {
        let id = AccountId::parse(name).unwrap();
        let now = self.clock.now();
        self.store.add_account(1, &id, role, &ClinicScope::all(), now).await.unwrap();
        let code = "link-for-tests-0123456789";
        let link = SignInLink::for_passphrase(&id, role, now);
        let digest = SecretDigest::of(code.as_bytes());
        self.store.create_sign_in_link(digest, &link, now).await.unwrap();
        let form = format!("passphrase={passphrase}&again={passphrase}");
        let made = self.post(&format!("/sign-in/{code}"), &form).await;
        assert_eq!(made.status, 303, "{}", made.text);
    }
}

fn registry() -> Arc<Registry> {
    let clinic = |id: &str, tenant| Clinic {
        id: ClinicId::parse(id).unwrap(),
        name: id.to_owned(),
        tenant: uuid::Uuid::from_u128(tenant),
        time_zone: jiff::tz::TimeZone::UTC,
        phase: Phase::Live,
        went_live: None,
        rollout: accuscope::domain::registry::Rollout::default(),
    };
    let clinics = vec![clinic("harbour-view", 1), clinic("lakeshore", 2)];
    Arc::new(Registry::new(clinics, vec![]).unwrap())
}
