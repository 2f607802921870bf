//! From a call of the past to its event.
//!
//! Owns the fields that need no story: names, references, identifiers, durations. How the call
//! ended comes in.

use std::collections::HashMap;
use std::sync::Arc;

use super::samples::Sample;
use crate::demo::cast::Person;
use crate::demo::clinics::{CLINICS, DemoClinic, app_of};
use crate::demo::work::{Job, Op, is_sign_in, shows_patient};
use crate::domain::catalogue::Endpoint;
use crate::domain::digest::{Digest, Structure};
use crate::domain::event::Exchange;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::{Context, Environment, Source};
use crate::domain::names::{AppId, ClinicId, InstanceId, NameError, Office, ScopeName};
use crate::domain::reason::Ending;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::domain::trace_context::{SpanId, TraceId};
use crate::sim::world::World;

/// Makes a reference of an identifier, as the proxy does: kind, clinic, identifier.
pub type MakeReference =
    Arc<dyn Fn(ReferenceKind, Option<&ClinicId>, &[u8]) -> Reference + Send + Sync>;

/// Makes what an event keeps of an answer's structure, with the keys of the installation.
pub type MakeShape = Arc<dyn Fn(Structure) -> Digest + Send + Sync>;

/// What needs the keys of the installation.
#[derive(Clone)]
pub struct Make {
    /// References of people and tokens.
    pub reference: MakeReference,
    /// Shapes of answers.
    pub shape: MakeShape,
}

/// How long accuscope waits for Accuro's first byte, in microseconds.
const PATIENCE_US: u64 = 30_000_000;

/// One call of the past.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) ts: Timestamp,
    pub(super) clinic: usize,
    pub(super) job: Job,
    pub(super) person: Option<Person>,
    pub(super) op: Op,
    pub(super) patient: Option<usize>,
    pub(super) office: Option<u32>,
    /// The number of the token that the call carries; `None` for none.
    pub(super) session: Option<u64>,
}

/// How it ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// Accuro answered, taking so many times as long as usual.
    Answered(Sample, f64),
    /// Accuro did not answer in time.
    TimedOut,
    /// The app hung up.
    Aborted,
}

/// Makes events.
pub(super) struct Maker {
    make: Make,
    rows: Vec<Endpoint>,
    clinics: Vec<ClinicId>,
    apps: HashMap<&'static str, AppId>,
    scopes: Arc<[ScopeName]>,
    instance: InstanceId,
    people: HashMap<(usize, usize), Reference>,
    patients: HashMap<(usize, usize), Reference>,
    tokens: HashMap<u64, Reference>,
    services: HashMap<usize, Reference>,
}

impl Maker {
    pub(super) fn new(make: Make, rows: Vec<Endpoint>) -> Result<Self, NameError> {
        let clinic = |clinic: &DemoClinic| ClinicId::parse(clinic.id);
        let jobs = [Job::Doctor, Job::FrontDesk, Job::Background, Job::Portal];
        let app = |job: &Job| Ok((app_of(*job), AppId::parse(app_of(*job))?));
        Ok(Self {
            make,
            rows,
            clinics: CLINICS.iter().map(clinic).collect::<Result<_, _>>()?,
            apps: jobs.iter().map(app).collect::<Result<_, _>>()?,
            scopes: ["read", "write"]
                .into_iter()
                .map(ScopeName::parse)
                .collect::<Result<_, _>>()?,
            instance: InstanceId::parse("demo-past")?,
            people: HashMap::new(),
            patients: HashMap::new(),
            tokens: HashMap::new(),
            services: HashMap::new(),
        })
    }

    /// The catalogue's row of an operation.
    pub(super) fn row(&self, op: Op) -> &Endpoint {
        &self.rows[op as usize]
    }

    /// Tokens of a day that has ended are used no more.
    pub(super) fn forget_tokens(&mut self) {
        self.tokens.clear();
    }

    /// Makes the event of a call.
    pub(super) fn event(
        &mut self,
        call: &Call,
        end: End,
        world: &World,
        rng: &mut fastrand::Rng,
    ) -> Exchange {
        let (actor_ref, patient_ref, token_ref) = self.references(call, world);
        let row = &self.rows[call.op as usize];
        let id = EventId::new(call.ts, rng.u128(..));
        let usual_us = drawn_us(call.op, rng);
        let ours_us = rng.u64(120..700);
        let is_token = is_sign_in(call.op);
        let mut event = Exchange {
            id,
            ts: call.ts,
            env: Environment::Sandbox,
            clinic: Some(self.clinics[call.clinic].clone()),
            app: self.apps.get(app_of(call.job)).cloned(),
            context: if is_token { Context::NoToken } else { call.job.context() },
            operation: row.operation.clone(),
            domain: row.domain,
            method: row.method,
            route: row.route.clone(),
            api_version: row.api_version,
            mutation: row.mutation,
            status: 0,
            upstream_status: None,
            ending: Ending::Aborted,
            result_count: None,
            duration_us: usual_us + ours_us,
            upstream_us: Some(usual_us),
            attempts: 1,
            source: Source::Upstream,
            actor_ref,
            patient_ref,
            token_ref: if is_token { None } else { token_ref },
            office: call.office.and_then(|office| Office::parse(&office.to_string())),
            scopes: if is_token { Arc::from([]) } else { self.scopes.clone() },
            shape: None,
            error_signature: None,
            request_id: RequestId::from_event(EventId::new(call.ts, rng.u128(..))),
            trace_id: TraceId::from_bits(rng.u128(..)),
            span_id: SpanId::from_bits(rng.u64(..)),
            support_code: SupportCode::from_bits(rng.u64(..)),
            bytes_in: 0,
            bytes_out: 0,
            instance: self.instance.clone(),
        };
        match end {
            End::Answered(sample, factor) => {
                let waited_us = times(usual_us, factor);
                event.status = sample.status;
                event.upstream_status = Some(sample.status);
                event.ending = sample.ending;
                event.result_count = sample.count;
                event.shape = sample.structure.map(|structure| (self.make.shape)(structure));
                event.error_signature = sample.signature;
                event.bytes_in = sample.bytes_in;
                event.bytes_out = sample.bytes_out;
                event.upstream_us = Some(waited_us);
                event.duration_us = waited_us + ours_us + sample.bytes_out / 20;
            }
            End::TimedOut => {
                event.status = 504;
                event.ending = Ending::failed(crate::domain::reason::Reason::ResponseTimeout);
                event.duration_us = PATIENCE_US + ours_us;
                event.upstream_us = Some(PATIENCE_US);
            }
            End::Aborted => {
                event.status = 499;
                event.duration_us = usual_us / 2 + ours_us;
                event.upstream_us = None;
            }
        }
        event
    }

    fn references(
        &mut self,
        call: &Call,
        world: &World,
    ) -> (Option<Reference>, Option<Reference>, Option<Reference>) {
        let make = &self.make.reference;
        let clinic = &self.clinics[call.clinic];
        let tenant = &world.tenants[call.clinic];
        let of = |kind, text: &str| make(kind, Some(clinic), text.as_bytes());
        let actor = match (call.person, call.job) {
            (Some(person), _) => {
                let key = (call.clinic, person.account);
                let login = &tenant.accounts[person.account].login;
                let fresh = || of(ReferenceKind::Actor, login);
                Some(self.people.entry(key).or_insert_with(fresh).clone())
            }
            (None, Job::Background) => {
                let fresh = || of(ReferenceKind::Actor, app_of(Job::Background));
                Some(self.services.entry(call.clinic).or_insert_with(fresh).clone())
            }
            (None, _) => None,
        };
        let patient = call.patient.filter(|_| shows_patient(call.op)).map(|at| {
            let fresh = || of(ReferenceKind::Patient, &tenant.patients[at].id.to_string());
            self.patients.entry((call.clinic, at)).or_insert_with(fresh).clone()
        });
        let token = call.session.map(|session| {
            let fresh = || make(ReferenceKind::Token, None, format!("past-{session}").as_bytes());
            self.tokens.entry(session).or_insert_with(fresh).clone()
        });
        (actor, patient, token)
    }
}

/// A time that Accuro may have taken, in microseconds: around the usual, with a long tail.
fn drawn_us(op: Op, rng: &mut fastrand::Rng) -> u64 {
    let spread = (0..3).map(|_| rng.f64()).sum::<f64>() - 1.5;
    let tail = if rng.u32(..50) == 0 { 2.0 + 3.0 * rng.f64() } else { 1.0 };
    times(op.usual_ms() * 1_000, (spread * 0.9).exp() * tail)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds of one call, far below 2^52, times a small positive factor"
)]
fn times(us: u64, factor: f64) -> u64 {
    (us as f64 * factor) as u64
}
