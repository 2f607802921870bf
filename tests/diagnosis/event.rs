//! From a call and its end to the event.
//!
//! Owns the fields that need no story: routes, references, identifiers, durations, structure.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of made-up calls and minutes"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use accuscope::domain::catalogue::{Catalogue, Endpoint, TOKEN_OPERATION};
use accuscope::domain::digest::Digest;
use accuscope::domain::event::Exchange;
use accuscope::domain::ids::{EventId, RequestId, SupportCode};
use accuscope::domain::labels::{Context, Environment, Outcome, Source};
use accuscope::domain::names::{AppId, InstanceId, Office, ScopeName};
use accuscope::domain::reason::Reason;
use accuscope::domain::time::Timestamp;
use accuscope::domain::trace_context::{SpanId, TraceId};

use crate::answer::{Answer, Time};
use crate::plan::Planned;
use crate::scenario::{Scenario, fnv1a};
use crate::world::{self, References, Who};

/// How long accuscope waits for Accuro's first byte.
const PATIENCE_US: u64 = 30_000_000;

/// The token that a call carries.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub(crate) number: u64,
    /// It is past its life.
    pub(crate) expired: bool,
    /// The rule that refused a new one.
    pub(crate) lost_by: Option<usize>,
}

impl Token {
    /// One that is alive.
    pub(crate) const fn of(number: u64) -> Self {
        Self { number, expired: false, lost_by: None }
    }
}

/// Makes events.
pub(crate) struct Maker {
    endpoints: BTreeMap<String, Endpoint>,
    references: References,
    at: Timestamp,
    name: u64,
}

impl Maker {
    pub(crate) fn new(scenario: &Scenario, at: Timestamp) -> Self {
        let catalogue = Catalogue::embedded().unwrap();
        let endpoints = catalogue.endpoints().iter().rev();
        Self {
            endpoints: endpoints.map(|e| (e.operation.as_str().to_owned(), e.clone())).collect(),
            references: References::new(),
            at,
            name: scenario.seed(),
        }
    }

    pub(crate) fn endpoint(&self, operation: &str) -> &Endpoint {
        self.endpoints.get(operation).unwrap_or_else(|| panic!("no such operation: {operation}"))
    }

    pub(crate) fn domain(&self, operation: &str) -> &'static str {
        self.endpoint(operation).domain.as_str()
    }

    /// The event of a call.
    pub(crate) fn event(
        &self,
        scenario: &Scenario,
        call: &Planned,
        token: Token,
        answer: Answer,
        rng: &mut fastrand::Rng,
    ) -> Exchange {
        let endpoint = self.endpoint(&call.operation);
        let sign_in = call.operation == TOKEN_OPERATION;
        let second_clock = rng.bool();
        let skew_us = if second_clock { scenario.skew_s * 1_000_000 } else { 0 };
        let ts = Timestamp::from_micros(self.at.micros() + call.at_us + skew_us);
        let clinic = world::clinic(call.clinic);
        let reason = answer.ending.reason();
        let app = (reason != Some(Reason::AppKeyUnknown)).then(|| call.who.app());
        let waited_us = waited(&call.operation, answer.time, rng);
        let ours_us = rng.u64(120..700);
        let has_patient = endpoint.route.as_str().contains("{patientId}") && !scenario.no_patient;
        let login = call.who.login().filter(|_| !scenario.no_actor);
        let no_token = sign_in || reason == Some(Reason::TokenMissing);
        let secret = format!("{:x}-{}", self.name, token.number);
        Exchange {
            id: EventId::new(ts, rng.u128(..)),
            ts,
            env: Environment::Sandbox,
            app: app.map(|app| AppId::parse(app).unwrap()),
            context: if no_token { Context::NoToken } else { context(call.who) },
            operation: endpoint.operation.clone(),
            domain: endpoint.domain,
            method: endpoint.method,
            route: endpoint.route.clone(),
            api_version: endpoint.api_version,
            mutation: endpoint.mutation,
            status: answer.status,
            upstream_status: answer.upstream,
            ending: answer.ending,
            result_count: count(endpoint, answer, rng),
            duration_us: waited_us.unwrap_or(0) + ours_us,
            upstream_us: waited_us.filter(|_| answer.ending.outcome() != Outcome::Aborted),
            attempts: u16::from(answer.source != Source::Accuscope),
            source: answer.source,
            actor_ref: login.map(|login| self.references.actor(&clinic, &login)),
            patient_ref: call.patient.filter(|_| has_patient).map(|patient| {
                self.references.patient(&clinic, &world::patient_id(call.clinic, patient))
            }),
            token_ref: (!no_token).then(|| self.references.token(&secret)),
            office: call.office.filter(|_| !sign_in).and_then(|o| Office::parse(&o.to_string())),
            scopes: if no_token { Arc::from([]) } else { scopes(call.who, reason, endpoint) },
            shape: shape(endpoint, answer, rng),
            error_signature: signature(&call.operation, answer),
            request_id: RequestId::from_event(EventId::new(ts, rng.u128(..))),
            trace_id: TraceId::from_bits(rng.u128(..)),
            span_id: SpanId::from_bits(rng.u64(..)),
            support_code: SupportCode::from_bits(rng.u64(..)),
            bytes_in: if endpoint.mutation { rng.u64(80..4_000) } else { 0 },
            bytes_out: rng.u64(20..20_000),
            instance: InstanceId::parse(if second_clock { "node-b" } else { "node-a" }).unwrap(),
            clinic: Some(clinic),
        }
    }
}

const fn context(who: Who) -> Context {
    match who {
        Who::Person(_) => Context::Provider,
        Who::Service => Context::Client,
        Who::Portal => Context::Patient,
    }
}

/// A time around the operation's usual one, with a long tail.
fn waited(operation: &str, time: Time, rng: &mut fastrand::Rng) -> Option<u64> {
    let factor = match time {
        Time::Factor(factor) => factor,
        Time::Patience => return Some(PATIENCE_US),
        Time::Nothing => return None,
    };
    let usual_us = 40_000.0 + (fnv1a(operation) % 160_000) as f64;
    let spread = (0..3).map(|_| rng.f64()).sum::<f64>() - 1.5;
    let tail = if rng.u32(..60) == 0 { 2.0 + 3.0 * rng.f64() } else { 1.0 };
    Some(((usual_us * factor * (spread * 0.8).exp() * tail) as u64).min(PATIENCE_US - 1))
}

fn count(endpoint: &Endpoint, answer: Answer, rng: &mut fastrand::Rng) -> Option<u32> {
    match answer.ending.outcome() {
        Outcome::Ok if endpoint.list => Some(rng.u32(1..30)),
        Outcome::Empty => Some(0),
        _ => None,
    }
}

/// Two usual structures an operation, since optional fields come and go.
fn shape(endpoint: &Endpoint, answer: Answer, rng: &mut fastrand::Rng) -> Option<Digest> {
    let kind = match (answer.ending.outcome(), answer.reshaped) {
        (Outcome::Ok, true) => "new",
        (Outcome::Ok, false) if rng.u32(..4) == 0 => "without options",
        (Outcome::Ok, false) => "usual",
        (Outcome::Empty, _) => "empty",
        _ => return None,
    };
    Some(Digest::from_bits(fnv1a(&format!("{} {kind}", endpoint.operation))))
}

fn signature(operation: &str, answer: Answer) -> Option<Digest> {
    let reason = answer.ending.reason().filter(|reason| *reason != Reason::EmptyResult)?;
    answer.upstream?;
    Some(Digest::from_bits(fnv1a(&format!("{operation} {reason}"))))
}

/// What the token was granted; not what it lacks where that is the trouble.
fn scopes(who: Who, reason: Option<Reason>, endpoint: &Endpoint) -> Arc<[ScopeName]> {
    let words = ["patients", "appointments", "documents", "labs", "medications"];
    let kind = match who {
        Who::Person(_) => "user",
        Who::Service => "system",
        Who::Portal => "patient",
    };
    let lacks =
        |word: &str| reason == Some(Reason::ScopeRejected) && endpoint.domain.as_str() == word;
    let scope = |word: &&str| ScopeName::parse(&format!("{kind}/{word}.read")).unwrap();
    words.iter().filter(|word| !lacks(word)).map(scope).collect()
}
