//! A running accuscope before a running simulated Accuro, on a clock that only moves when told.
//!
//! Owns sockets, settings, people's tokens and the calls through the proxy. Every call is a real
//! one; only the time of day is set, so that a morning passes in a second.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use accuscope::app::{App, Running};
use accuscope::clock::Clock;
use accuscope::config::Config;
use accuscope::demo::request::{Outgoing, Place, request};
use accuscope::demo::work::{Op, Step};
use accuscope::domain::time::Timestamp;
use accuscope::sim::config::{TenantSpec, default_tenants};
use accuscope::sim::world::{Role, Tenant, World, client_login};
use accuscope::sim::{Sim, SimConfig};
use serde_json::{Value, json};
use sha2::Digest as _;
use tempfile::TempDir;

use super::cast::{Holder, Who};

/// The clinics' ids, in the order of the simulator's first tenants.
pub(super) const CLINICS: [&str; 4] = ["maple-ridge", "harbour-view", "lakeshore", "foothills"];
const APPS: [&str; 4] = ["chart-app", "intake-web", "sync-service", "patient-app"];
/// Ten in the morning in Vancouver.
const START: &str = "2026-11-24T18:00:00Z";
const SEED: u64 = 11;
/// Patients of each clinic: enough for the scenarios, and quickly grown.
const PATIENTS: u32 = 90;

/// Everything that runs.
pub(super) struct Stage {
    sim: Option<Sim>,
    running: Option<Running>,
    pub(super) world: World,
    pub(super) clock: Clock,
    http: reqwest::Client,
    control: String,
    _folder: TempDir,
}

/// What a call came back with.
pub(super) struct Back {
    pub(super) status: u16,
    /// None where the app hung up.
    pub(super) support_code: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Stage {
    /// Starts both. `upstream` is `sim`, or an address that cannot be reached in some way.
    pub(super) async fn start(upstream: &str) -> Self {
        // The second one of a process finds it installed, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let clock = Clock::fixed(Timestamp::parse(START).unwrap());
        let tenants = default_tenants().into_iter().take(CLINICS.len());
        let tenants = tenants.map(|spec| TenantSpec { patients: PATIENTS, ..spec }).collect();
        let clients = APPS.map(str::to_owned).to_vec();
        let config = SimConfig { seed: SEED, tenants, clients, ..SimConfig::default() };
        let world = World::grow(&config, today(&clock));
        let view = clock.clone();
        let sim = Sim::start(config, Arc::new(move || view.now())).await.unwrap();
        let base_url = match upstream {
            "sim" => format!("http://{}", sim.address()),
            "tls" => format!("https://{}", sim.address()),
            "name" => "http://accuro.invalid:8443".to_owned(),
            other => panic!("no such upstream: {other}"),
        };
        let folder = tempfile::tempdir().unwrap();
        let text = settings(&folder, &base_url, &world);
        let file = folder.path().join("accuscope.toml");
        let config = Config::parse(&text, &file, std::iter::empty()).unwrap();
        let running = App::open(config, clock.clone()).unwrap().start().unwrap();
        let builder = reqwest::Client::builder().timeout(Duration::from_secs(10));
        let http = builder.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let control = format!("http://{}", sim.control_address());
        Self {
            sim: Some(sim),
            running: Some(running),
            world,
            clock,
            http,
            control,
            _folder: folder,
        }
    }

    pub(super) async fn stop(mut self) {
        self.stop_accuro().await;
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Nobody listens at Accuro's address any more.
    pub(super) async fn stop_accuro(&mut self) {
        if let Some(sim) = self.sim.take() {
            sim.stop().await;
        }
    }

    pub(super) fn tenant(&self, clinic: usize) -> &Tenant {
        &self.world.tenants[clinic]
    }

    /// Lets seconds pass.
    pub(super) fn pass(&self, seconds: u64) {
        self.clock.set(self.clock.now().plus(Duration::from_secs(seconds)));
    }

    /// Gives the simulator an order.
    pub(super) async fn order(&self, order: &Value) {
        let sent = self.http.post(format!("{}/do", self.control)).json(order);
        let answer = sent.send().await.unwrap();
        let status = answer.status();
        assert_eq!(status, 200, "{order}: {}", answer.text().await.unwrap());
    }

    /// Signs somebody in through the proxy; what the token call came back with.
    pub(super) async fn sign_in(&self, holder: &mut Holder) -> Back {
        let tenant = self.tenant(holder.clinic);
        let acronym = tenant.spec.acronym.clone();
        let client = tenant.client(holder.app).unwrap();
        let mut form = vec![
            ("client_id", client.login.clone()),
            ("client_secret", client.password.clone()),
            ("acronym", acronym.clone()),
        ];
        match holder.who {
            Who::Person { account } => form.extend([
                ("grant_type", "password".to_owned()),
                ("username", tenant.accounts[account].login.clone()),
                ("password", tenant.accounts[account].password.clone()),
            ]),
            Who::Service => form.push(("grant_type", "client_credentials".to_owned())),
            Who::Portal { patient } => {
                let asked = json!({"tenant": acronym, "client": client.login, "patient": patient});
                let url = format!("{}/codes", self.control);
                let answer = self.http.post(url).json(&asked).send().await.unwrap();
                let answer: Value = answer.json().await.unwrap();
                let code = answer["code"].as_str().unwrap().to_owned();
                form.extend([("grant_type", "authorization_code".to_owned()), ("code", code)]);
            }
        }
        let sent = self.to_proxy(reqwest::Method::POST, "/oauth/token", holder).form(&form);
        let back = back(sent).await;
        if let Ok(answer) = serde_json::from_slice::<Value>(&back.body)
            && let Some(token) = answer["access_token"].as_str()
        {
            token.clone_into(&mut holder.token);
        }
        back
    }

    /// Makes a call of the catalogue. `patient` is a place in the clinic's list.
    pub(super) async fn call(&self, holder: &Holder, op: Op, patient: usize, number: u32) -> Back {
        let today = today(&self.clock);
        let tenant = self.tenant(holder.clinic);
        let place = Place { seed: SEED, tenant, office: holder.office, today };
        let step = Step { op, patient: Some(patient), number };
        let Outgoing { method, target, body } = request(step, place);
        self.send(holder, method.as_str(), &target, body.map(|(kind, body)| (kind, body.to_vec())))
            .await
    }

    /// Makes any call.
    pub(super) async fn send(
        &self,
        holder: &Holder,
        method: &str,
        target: &str,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Back {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut sent = self.to_proxy(method, target, holder);
        if !holder.token.is_empty() {
            sent = sent.header("authorization", format!("Bearer {}", holder.token));
        }
        if let Some((kind, body)) = body {
            sent = sent.header("content-type", kind).body(body);
        }
        back(sent).await
    }

    fn to_proxy(
        &self,
        method: reqwest::Method,
        target: &str,
        holder: &Holder,
    ) -> reqwest::RequestBuilder {
        let proxy = self.running.as_ref().unwrap().addresses.proxy;
        let sent = self
            .http
            .request(method, format!("http://{proxy}{target}"))
            .header("accept", "application/json")
            .header("accuscope-app-key", holder.key.as_deref().unwrap_or(&key(holder.app)))
            .header("accuscope-clinic", CLINICS[holder.clinic]);
        match self.login(holder) {
            Some(login) => sent.header("accuscope-actor", login),
            None => sent,
        }
    }

    /// What the app calls whoever it is.
    pub(super) fn login(&self, holder: &Holder) -> Option<String> {
        match holder.who {
            Who::Person { account } => {
                Some(self.tenant(holder.clinic).accounts[account].login.clone())
            }
            Who::Service => Some("sync-service".to_owned()),
            Who::Portal { .. } => None,
        }
    }

    /// A page of the ops listener; `None` unless it is there.
    pub(super) async fn ops(&self, path: &str) -> Option<Value> {
        let ops = self.running.as_ref().unwrap().addresses.ops;
        let answer = self.http.get(format!("http://{ops}{path}")).send().await.unwrap();
        answer.json().await.ok()
    }

    /// Asks why.
    pub(super) async fn ask(&self, question: &Value) -> Value {
        let ops = self.running.as_ref().unwrap().addresses.ops;
        let url = format!("http://{ops}/api/v1/diagnoses");
        let answer = self.http.post(url).json(question).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{question}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// The people with a role at a clinic, by their places in the list of accounts.
    pub(super) fn with_role(&self, clinic: usize, role: Role) -> Vec<usize> {
        let accounts = self.tenant(clinic).accounts.iter().enumerate();
        accounts.filter(|(_, account)| account.role == role).map(|(place, _)| place).collect()
    }

    /// The client id of an app at a clinic.
    pub(super) fn client(&self, clinic: usize, app: &str) -> String {
        client_login(app, &self.tenant(clinic).spec.acronym)
    }
}

fn today(clock: &Clock) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(clock.now().to_jiff()).date()
}

async fn back(sent: reqwest::RequestBuilder) -> Back {
    let Ok(answer) = sent.send().await else {
        return Back { status: 0, support_code: None, body: Vec::new() };
    };
    let code = answer.headers().get("accuscope-support-code");
    let support_code = code.map(|code| code.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let body = answer.bytes().await.map(|body| body.to_vec()).unwrap_or_default();
    Back { status, support_code, body }
}

/// The key of an app.
fn key(app: &str) -> String {
    format!("key-of-{app}-for-the-live-scenarios")
}

fn settings(folder: &TempDir, base_url: &str, world: &World) -> String {
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("k1"), crate::world::KEY).unwrap();
    let mut text = format!(
        "environment = \"sandbox\"\nproxy.listen = \"127.0.0.1:0\"\nproxy.drain_timeout = \"1s\"\n\
         ops.listen = \"127.0.0.1:0\"\nops.auth = \"off\"\ntelemetry.listen = \"127.0.0.1:0\"\n\
         upstream.base_url = \"{base_url}\"\nupstream.response_timeout = \"1500ms\"\n\
         store.url = \"sqlite:{}\"\njournal.dir = \"{}\"\n\
         privacy.keys = {{ k1 = {{ file = \"{}\" }} }}\n",
        path("store.db"),
        path("journal"),
        path("k1"),
    );
    for (id, tenant) in CLINICS.iter().zip(&world.tenants) {
        let uuid = tenant.spec.uuid;
        write!(text, "\n[[clinics]]\nid = \"{id}\"\nname = \"{id}\"\ntenant = \"{uuid}\"\n")
            .unwrap();
    }
    // The patients' app may work for some clinics only, so that one can be refused.
    for app in APPS {
        let digest = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(key(app)));
        let clinics: &[&str] = if app == "patient-app" { &CLINICS[..2] } else { &[] };
        write!(
            text,
            "\n[[apps]]\nid = \"{app}\"\nname = \"{app}\"\nkey_sha256 = \"{digest}\"\n\
             clinics = {clinics:?}\n"
        )
        .unwrap();
    }
    text
}
