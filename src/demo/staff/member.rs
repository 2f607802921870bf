//! One person, service or patient with an application: signing in, calling, signing in again.
//!
//! Owns the session and the headers of a call. Answers are read and forgotten; what they mean is
//! for accuscope to find out.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::CrewConfig;
use crate::demo::cast::{Habit, Person};
use crate::demo::clinics::{CLINICS, app_key, app_of};
use crate::demo::request::{Outgoing, Place, request};
use crate::demo::work::{Job, Op, Step};
use crate::domain::labels::Method;
use crate::domain::time::Timestamp;
use crate::domain::trace_context::{SpanId, TraceId, TraceParent};
use crate::sim::world::{Account, World};

/// What everybody shares.
pub(super) struct Office {
    pub(super) http: reqwest::Client,
    pub(super) config: CrewConfig,
    pub(super) world: Arc<World>,
    pub(super) seed: u64,
    pub(super) today: Date,
}

/// Who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Person(Person),
    /// The background service of a clinic.
    Service(usize),
    /// A patient of a clinic, by place in its list.
    Patient(usize, usize),
}

struct Session {
    access: String,
    refresh: Option<String>,
    until: Timestamp,
    /// Refusals in a row.
    refused: u32,
}

/// One of those who work.
pub(super) struct Member {
    who: Who,
    pub(super) job: Job,
    pub(super) habits: Vec<Habit>,
    /// Places of those patients whom they work with.
    pub(super) patients: Vec<usize>,
    session: Option<Session>,
}

impl Member {
    pub(super) fn new(who: Who, job: Job, habits: Vec<Habit>, world: &World) -> Self {
        let patients = patients_of(who, job, world);
        Self { who, job, habits, patients, session: None }
    }

    /// The clinic's place in the list.
    pub(super) const fn clinic(&self) -> usize {
        match self.who {
            Who::Person(person) => person.clinic,
            Who::Service(clinic) | Who::Patient(clinic, _) => clinic,
        }
    }

    /// Makes a call, signing in before it where needed. Gives how many calls were made.
    pub(super) async fn call(
        &mut self,
        step: Step,
        office: &Office,
        rng: &mut fastrand::Rng,
    ) -> u64 {
        let mut calls = 0;
        let now = office.config.clock.now();
        if self.session.as_ref().is_none_or(|session| session.until <= now) {
            calls += 1;
            self.sign_in(office, rng).await;
            if self.session.is_some() && office.world.tenants[self.clinic()].offices.len() > 1 {
                calls += self.ask(Step { op: Op::ChangeOffice, ..step }, office, rng).await;
            }
        }
        calls + self.ask(step, office, rng).await
    }

    async fn ask(&mut self, step: Step, office: &Office, rng: &mut fastrand::Rng) -> u64 {
        let Some(token) = self.session.as_ref().map(|session| session.access.clone()) else {
            return 0;
        };
        if step.op == Op::ChangeOffice && !matches!(self.who, Who::Person(_)) {
            return 0;
        }
        let tenant = &office.world.tenants[self.clinic()];
        let here = self.account(&office.world).map_or(1, |account| account.office);
        let place = Place { seed: office.seed, tenant, office: here, today: office.today };
        let Outgoing { method, target, body } = request(step, place);
        let accept = if step.op == Op::ReadDocument { "*/*" } else { "application/json" };
        let call = self.headers(office, method, &target, rng);
        let call = call.header("authorization", format!("Bearer {token}")).header("accept", accept);
        let call = match body {
            Some((kind, content)) => call.header("content-type", kind).body(content),
            None => call,
        };
        let status = read(call).await.map(|(status, _)| status);
        if let Some(session) = &mut self.session {
            session.refused = if status == Some(401) { session.refused + 1 } else { 0 };
        }
        // A single 401 may be about a permission; two in a row look like a dead token.
        if self.session.as_ref().is_some_and(|session| session.refused >= 2) {
            self.session = None;
        }
        1
    }

    async fn sign_in(&mut self, office: &Office, rng: &mut fastrand::Rng) {
        let tenant = &office.world.tenants[self.clinic()];
        let Some(client) = tenant.client(app_of(self.job)) else { return };
        let refresh = self.session.take().and_then(|session| session.refresh);
        let mut form = vec![
            ("client_id", client.login.clone()),
            ("client_secret", client.password.clone()),
            ("acronym", tenant.spec.acronym.clone()),
        ];
        match (refresh, self.who) {
            (Some(refresh), _) => form
                .extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh)]),
            (None, Who::Service(_)) => {
                form.push(("grant_type", "client_credentials".to_owned()));
            }
            (None, Who::Person(person)) => {
                let account = &tenant.accounts[person.account];
                form.extend([
                    ("grant_type", "password".to_owned()),
                    ("username", account.login.clone()),
                    ("password", account.password.clone()),
                ]);
            }
            (None, Who::Patient(_, patient)) => {
                let patient = tenant.patients[patient].id;
                let Some(code) = code(office, &tenant.spec.acronym, &client.login, patient).await
                else {
                    return;
                };
                form.extend([("grant_type", "authorization_code".to_owned()), ("code", code)]);
            }
        }
        let call = self.headers(office, Method::Post, "/oauth/token", rng).form(&form);
        let Some((200, body)) = read(call).await else { return };
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |key: &str| answer[key].as_str().map(str::to_owned);
        let life = Duration::from_secs(answer["expires_in"].as_u64().unwrap_or(0));
        self.session = text("access_token").map(|access| Session {
            access,
            refresh: text("refresh_token"),
            until: office.config.clock.now().plus(life),
            refused: 0,
        });
    }

    /// A request with what accuscope and tracing want to know.
    fn headers(
        &self,
        office: &Office,
        method: Method,
        target: &str,
        rng: &mut fastrand::Rng,
    ) -> reqwest::RequestBuilder {
        let clinic = CLINICS[self.clinic()].id;
        let app = app_of(self.job);
        let trace = TraceParent {
            trace_id: TraceId::from_bits(rng.u128(..)),
            span_id: SpanId::from_bits(rng.u64(..)),
            flags: 1,
        };
        let id = uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid();
        let method = reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap_or_default();
        let url = format!("http://{}{target}", office.config.proxy);
        let call = office
            .http
            .request(method, url)
            .header("accuscope-app-key", app_key(office.seed, app))
            .header("accuscope-clinic", clinic)
            .header("traceparent", trace.to_header())
            .header("x-request-id", id.to_string());
        match (self.account(&office.world), self.who) {
            (Some(account), _) => call.header("accuscope-actor", account.login.as_str()),
            (None, Who::Service(_)) => call.header("accuscope-actor", app),
            (None, _) => call,
        }
    }

    fn account<'w>(&self, world: &'w World) -> Option<&'w Account> {
        let Who::Person(person) = self.who else { return None };
        world.tenants[person.clinic].accounts.get(person.account)
    }
}

fn patients_of(who: Who, job: Job, world: &World) -> Vec<usize> {
    let Who::Person(person) = who else { return vec![0, 1, 2] };
    let tenant = &world.tenants[person.clinic];
    let account = &tenant.accounts[person.account];
    let own = match job {
        Job::Doctor => tenant.providers.get(person.account).map(|provider| provider.id),
        _ => None,
    };
    let known = tenant.patients.iter().enumerate().filter(|(_, patient)| {
        patient.office.is_none_or(|office| office == account.office)
            && own.is_none_or(|own| own == patient.provider)
    });
    known.map(|(place, _)| place).collect()
}

/// The code that a patient's sign-in page would have given.
async fn code(office: &Office, acronym: &str, client: &str, patient: i64) -> Option<String> {
    let url = format!("http://{}/codes", office.config.control);
    let asked = json!({"tenant": acronym, "client": client, "patient": patient});
    let (_, body) = read(office.http.post(url).json(&asked)).await?;
    let answer: Value = serde_json::from_slice(&body).ok()?;
    answer["code"].as_str().map(str::to_owned)
}

/// Sends a request and reads the answer to its end. `None` where there is no whole answer: that is
/// what the demo is about, and no error of the demo.
async fn read(call: reqwest::RequestBuilder) -> Option<(u16, bytes::Bytes)> {
    let answer = call.send().await.ok()?;
    let status = answer.status().as_u16();
    answer.bytes().await.ok().map(|body| (status, body))
}
