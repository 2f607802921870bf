//! A running simulator with a clock that only moves when told, and people with tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use accuscope::domain::labels::Method;
use accuscope::domain::time::Timestamp;
use accuscope::sim::world::{Role, Tenant, World};
use accuscope::sim::{Sim, SimConfig};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// Tuesday 24 November 2026, 17:12 UTC.
const START: i64 = 1_795_540_320;

/// A running simulator, a client, and a clock that only moves when told.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) http: reqwest::Client,
    pub(crate) seconds: Arc<AtomicI64>,
    pub(crate) world: World,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(SimConfig::default()).await
    }

    pub(crate) async fn with(config: SimConfig) -> Self {
        // The second test of a process finds it installed, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let seconds = Arc::new(AtomicI64::new(START));
        let clock = seconds.clone();
        let clock = Arc::new(move || Timestamp::from_seconds(clock.load(Ordering::Relaxed)));
        let world = World::grow(&config, jiff::civil::date(2026, 11, 24));
        let sim = Sim::start(config, clock).await.unwrap();
        let builder = reqwest::Client::builder().timeout(Duration::from_secs(10));
        let redirects = reqwest::redirect::Policy::none();
        let http = builder.redirect(redirects).build().unwrap();
        Self { sim, http, seconds, world }
    }

    pub(crate) fn clinic(&self, acronym: &str) -> &Tenant {
        self.world.tenants.iter().find(|tenant| tenant.spec.acronym == acronym).unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sim.address())
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", self.sim.control_address());
        let response = self.http.post(url).json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    pub(crate) async fn order(&self, body: Value) -> Value {
        let (status, answer) = self.control("/do", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn log(&self, query: &str) -> Vec<Value> {
        let url = format!("http://{}/log?{query}", self.sim.control_address());
        let answer: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        answer["deliveries"].as_array().unwrap().clone()
    }

    pub(crate) async fn token_call(&self, acronym: &str, fields: &[(&str, &str)]) -> Response {
        let client = self.clinic(acronym).client("chart-app").unwrap();
        let mut form =
            vec![("client_id", client.login.as_str()), ("client_secret", &client.password)];
        form.extend_from_slice(fields);
        self.http.post(self.url("/oauth/token")).form(&form).send().await.unwrap()
    }

    /// The token of the first person with a role.
    pub(crate) async fn sign_in(&self, acronym: &str, role: Role) -> Caller<'_> {
        let clinic = self.clinic(acronym);
        let person = clinic.staff().find(|account| account.role == role).unwrap();
        let fields = [
            ("grant_type", "password"),
            ("username", person.login.as_str()),
            ("password", &person.password),
            ("acronym", acronym),
        ];
        let answer = self.token_call(acronym, &fields).await;
        self.caller(acronym, &person.login, &answer.json().await.unwrap())
    }

    pub(crate) async fn background(&self, acronym: &str) -> Caller<'_> {
        let answer = self.token_call(acronym, &[("grant_type", "client_credentials")]).await;
        self.caller(acronym, "", &answer.json().await.unwrap())
    }

    pub(crate) async fn patient_portal(&self, acronym: &str, patient: i64) -> Caller<'_> {
        let client = self.clinic(acronym).client("chart-app").unwrap().login.clone();
        let asked = json!({"tenant": acronym, "client": client, "patient": patient});
        let (_, code) = self.control("/codes", asked).await;
        let code = code["code"].as_str().unwrap();
        let fields = [("grant_type", "authorization_code"), ("code", code)];
        let answer = self.token_call(acronym, &fields).await;
        self.caller(acronym, "", &answer.json().await.unwrap())
    }

    pub(crate) fn caller(&self, acronym: &str, login: &str, answer: &Value) -> Caller<'_> {
        Caller {
            stage: self,
            tenant: self.clinic(acronym).spec.uuid.to_string(),
            login: login.to_owned(),
            token: answer["access_token"].as_str().unwrap().to_owned(),
            refresh: answer["refresh_token"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// Somebody with a token.
pub(crate) struct Caller<'s> {
    pub(crate) stage: &'s Stage,
    pub(crate) tenant: String,
    pub(crate) login: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

impl Caller<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap();
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = self.stage.url(&format!("{path}{joint}uuid={}", self.tenant));
        self.stage
            .http
            .request(method, url)
            .header("authorization", format!("bearer {}", self.token))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::Get, path).send().await.unwrap()
    }

    pub(crate) async fn status(&self, path: &str) -> u16 {
        self.get(path).await.status().as_u16()
    }

    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        items(&self.get(path).await.json().await.unwrap())
    }
}

pub(crate) fn items(answer: &Value) -> Vec<Value> {
    let envelopes = ["contents", "items", "results", "data"];
    let inner = envelopes.iter().find_map(|name| answer.get(name)).unwrap_or(answer);
    inner.as_array().unwrap().clone()
}

pub(crate) const PORTAL: &str = "/rest/v1/provider-portal";
