//! From a live scenario to its answer.
//!
//! Owns the form of `scenarios.toml` and the order: a healthy half hour, the scenario's steps, the
//! question once the last call is indexed.

use std::fmt::Write as _;
use std::time::Duration;

use accuscope::demo::work::Op;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cast::{Cast, Holder, ordinary_patient};
use super::stage::{Back, CLINICS, Stage};
use crate::ask::Said;

/// Ordinary rounds before anything goes wrong: twenty minutes.
const LEAD_ROUNDS: u32 = 3;

/// One live scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LiveScenario {
    /// What the ticket says, for people.
    pub(super) name: String,
    cause: String,
    /// Other causes that are right; the cause's own name without.
    #[serde(default)]
    accept: Vec<String>,
    /// As in the corpus: `code`, or `clinic` and what else is known.
    ask: String,
    /// `sim`, `tls` or `name`.
    #[serde(default = "sim")]
    upstream: String,
    /// Whether the ticket's patient is known in office 2 only.
    #[serde(default)]
    of_one_office: bool,
    /// The question's `window`.
    window: Option<String>,
    /// How long before the question the ticket's time was.
    #[serde(default)]
    asked_minutes_ago: u64,
    steps: Vec<LiveStep>,
}

/// One step. What is absent is not done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LiveStep {
    /// An order to the simulated Accuro; texts that begin with `$` stand for what the stage has.
    order: Option<Value>,
    /// Whether Accuro stops listening.
    #[serde(default)]
    accuro_stops: bool,
    /// Ordinary minutes of everybody.
    #[serde(default)]
    rounds: u32,
    /// Minutes that pass in silence.
    #[serde(default)]
    minutes: u64,
    /// Who makes a call, or signs in where `call` is `auth.token`.
    who: Option<String>,
    call: Option<String>,
    /// `subject` or `others`.
    #[serde(default = "subject")]
    patient: String,
    #[serde(default = "once")]
    times: u32,
    /// A search for nobody, a body that is refused, another key, or the office to change to.
    variation: Option<String>,
    office: Option<u32>,
    /// Whether the ticket is about it.
    #[serde(default)]
    ticket: bool,
}

fn sim() -> String {
    "sim".to_owned()
}
fn subject() -> String {
    "subject".to_owned()
}
const fn once() -> u32 {
    1
}

/// What came of it.
pub(super) struct Played {
    pub(super) right: bool,
    pub(super) cause: String,
    pub(super) confidence: f64,
    pub(super) scope: String,
    pub(super) persistence: String,
    pub(super) answered_in: Duration,
    pub(super) transcript: String,
}

/// The scenarios.
pub(super) fn read() -> Vec<LiveScenario> {
    #[derive(Deserialize)]
    struct File {
        scenarios: Vec<LiveScenario>,
    }
    toml::from_str::<File>(include_str!("scenarios.toml"))
        .unwrap_or_else(|e| panic!("{e}"))
        .scenarios
}

struct Player {
    stage: Stage,
    cast: Cast,
    patient: usize,
    transcript: String,
    last_code: Option<String>,
    ticket_code: Option<String>,
    operation: String,
}

/// Plays a scenario and asks.
pub(super) async fn play(scenario: &LiveScenario) -> Played {
    let stage = Stage::start(&scenario.upstream).await;
    let cast = Cast::assemble(&stage).await;
    let wanted = |office: Option<u32>| office == scenario.of_one_office.then_some(2);
    let patients = &stage.tenant(0).patients;
    let patient = patients.iter().position(|patient| wanted(patient.office)).unwrap();
    let mut player = Player {
        stage,
        cast,
        patient,
        transcript: String::new(),
        last_code: None,
        ticket_code: None,
        operation: String::new(),
    };
    for _ in 0..LEAD_ROUNDS {
        player.round().await;
    }
    for step in &scenario.steps {
        player.step(step).await;
    }
    player.indexed(&scenario.name).await;
    let question = player.question(scenario);
    let begun = tokio::time::Instant::now();
    let answer = player.stage.ask(&question).await;
    let answered_in = begun.elapsed();
    let said: Said = serde_json::from_value(answer.clone()).unwrap();
    let accept =
        if scenario.accept.is_empty() { &vec![scenario.cause.clone()] } else { &scenario.accept };
    writeln!(player.transcript, "asked: {question}").unwrap();
    writeln!(player.transcript, "answer in {} ms: {answer}", answered_in.as_millis()).unwrap();
    player.stage.stop().await;
    Played {
        right: accept.contains(&said.cause),
        cause: said.cause,
        confidence: said.confidence,
        scope: said.scope,
        persistence: said.persistence,
        answered_in,
        transcript: player.transcript,
    }
}

impl Player {
    async fn round(&mut self) {
        let last = self.cast.round(&self.stage).await;
        self.last_code = last.or(self.last_code.take());
    }

    async fn step(&mut self, step: &LiveStep) {
        if step.accuro_stops {
            self.stage.stop_accuro().await;
            writeln!(self.transcript, "Accuro stops listening").unwrap();
        }
        if let Some(order) = &step.order {
            let order = self.filled(order);
            self.stage.order(&order).await;
            writeln!(self.transcript, "order: {order}").unwrap();
        }
        for _ in 0..step.rounds {
            self.round().await;
        }
        self.stage.pass(step.minutes * 60);
        let Some(name) = &step.who else { return };
        let places = self.cast.named(name);
        for number in 0..step.times {
            let place = places[number as usize % places.len()];
            let mut holder = self.cast.holders[place].clone();
            if step.variation.as_deref() == Some("strange key") {
                holder.key = Some("nobody-was-given-this-key".to_owned());
            }
            if let Some(office) = step.office {
                holder.office = office;
            }
            let operation = step.call.as_deref().expect("a call");
            let back = self.call(&mut holder, operation, step, number).await;
            writeln!(self.transcript, "{name}: {operation} got {}", back.status).unwrap();
            holder.key = None;
            self.cast.holders[place] = holder;
            if step.ticket {
                self.ticket_code.clone_from(&back.support_code);
                operation.clone_into(&mut self.operation);
            }
            self.last_code = back.support_code.or(self.last_code.take());
            self.stage.pass(25);
        }
    }

    async fn call(
        &self,
        holder: &mut Holder,
        operation: &str,
        step: &LiveStep,
        number: u32,
    ) -> Back {
        if operation == "auth.token" {
            return self.stage.sign_in(holder).await;
        }
        let op = Op::ALL.iter().find(|op| op.operation() == operation);
        let op = *op.unwrap_or_else(|| panic!("nobody can call {operation}"));
        let patient = match step.patient.as_str() {
            "subject" if holder.clinic == 0 => self.patient,
            _ => ordinary_patient(&self.stage, holder.clinic, number as usize),
        };
        let tenant = self.stage.tenant(holder.clinic);
        let (uuid, id) = (tenant.spec.uuid, tenant.patients[patient].id);
        let json = |body: Value| Some(("application/json", body.to_string().into_bytes()));
        match step.variation.as_deref() {
            None | Some("strange key") => {
                // Even numbers find somebody, see `demo::request`.
                self.stage.call(holder, op, patient, 2 + number % 10 * 2).await
            }
            Some("nobody of that name") => self.stage.call(holder, op, patient, 0).await,
            Some("no such patient") => {
                let target = format!("/rest/v1/provider-portal/patients/99999901?uuid={uuid}");
                self.stage.send(holder, "GET", &target, None).await
            }
            Some("invalid body") => {
                let target = format!("/rest/v1/provider-portal/patients/{id}?uuid={uuid}");
                self.stage.send(holder, "PUT", &target, json(json!({"dateOfBirth": "soon"}))).await
            }
            Some("incomplete booking") => {
                let target = format!("/rest/v1/provider-portal/scheduler/appointments?uuid={uuid}");
                self.stage.send(holder, "POST", &target, json(json!({"patientId": id}))).await
            }
            Some("edited booking") => {
                let booking = self.booking();
                let target = format!(
                    "/rest/v1/provider-portal/scheduler/appointments/{booking}?uuid={uuid}"
                );
                let body = json(json!({"status": "arrived"}));
                self.stage.send(holder, "PUT", &target, body).await
            }
            Some("another clinic's tenant") => {
                let other = self.stage.tenant(2).spec.uuid;
                let target = format!("/rest/v1/provider-portal/patients/{id}?uuid={other}");
                self.stage.send(holder, "GET", &target, None).await
            }
            Some(other) => panic!("no such variation: {other}"),
        }
    }

    /// A booking of today in the office of the ticket's person.
    fn booking(&self) -> i64 {
        let office = self.cast.holders[0].office;
        let all = &self.stage.tenant(0).appointments;
        all.iter().find(|booking| booking.office == office).unwrap().id
    }

    /// An order with its `$` texts filled in.
    fn filled(&self, order: &Value) -> Value {
        match order {
            Value::Array(all) => all.iter().map(|one| self.filled(one)).collect(),
            Value::Object(all) => {
                all.iter().map(|(key, value)| (key.clone(), self.filled(value))).collect()
            }
            Value::String(text) => {
                let login = |place: usize| self.stage.login(&self.cast.holders[place]);
                match text.as_str() {
                    "$clinic" => json!(self.stage.tenant(0).spec.acronym),
                    "$second" => json!(self.stage.tenant(1).spec.acronym),
                    "$third" => json!(self.stage.tenant(2).spec.acronym),
                    "$fourth" => json!(self.stage.tenant(3).spec.acronym),
                    "$user" => json!(login(0)),
                    "$patient" => json!(self.stage.tenant(0).patients[self.patient].id),
                    "$another_patient" => {
                        let at = ordinary_patient(&self.stage, 0, 9);
                        json!(self.stage.tenant(0).patients[at].id)
                    }
                    "$booking" => json!(self.booking()),
                    _ => match text.split_once("$client_at_") {
                        Some((_, place)) => {
                            json!(self.stage.client(place.parse().unwrap(), "chart-app"))
                        }
                        None => order.clone(),
                    },
                }
            }
            other => other.clone(),
        }
    }

    /// Waits until the last call can be found.
    async fn indexed(&self, name: &str) {
        let Some(code) = &self.last_code else { return };
        let path = format!("/api/v1/exchanges?support_code={code}");
        let found = async {
            loop {
                let page = self.stage.ops(&path).await;
                let items = page.as_ref().and_then(|page| page["items"].as_array());
                if items.is_some_and(|items| !items.is_empty()) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), found).await;
        assert!(waited.is_ok(), "{name}: the last call is not indexed");
    }

    fn question(&self, scenario: &LiveScenario) -> Value {
        let mut asked = serde_json::Map::new();
        for part in scenario.ask.split('+') {
            let (key, value) = match part {
                "code" => ("support_code", self.ticket_code.clone().expect("a ticket's call")),
                "clinic" => ("clinic", CLINICS[0].to_owned()),
                "patient" => {
                    ("patient", self.stage.tenant(0).patients[self.patient].id.to_string())
                }
                "actor" => ("actor", self.stage.login(&self.cast.holders[0]).unwrap()),
                "operation" => ("operation", self.operation.clone()),
                other => panic!("no such part of a question: {other}"),
            };
            asked.insert(key.to_owned(), json!(value));
        }
        if asked.contains_key("clinic") {
            let ago = Duration::from_secs(scenario.asked_minutes_ago * 60);
            asked.insert("at".to_owned(), json!(self.stage.clock.now().minus(ago).to_string()));
            if let Some(window) = &scenario.window {
                asked.insert("window".to_owned(), json!(window));
            }
        }
        Value::Object(asked)
    }
}
