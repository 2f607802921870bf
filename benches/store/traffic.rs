//! Made-up traffic of a month of clinics: who calls what, when, and how it ends.
//!
//! Owns the mix. It is drawn from a fixed seed, so two runs write the same rows.

use accuscope::domain::digest::Digest;
use accuscope::domain::event::{Exchange, json};
use accuscope::domain::ids::{EventId, RequestId, SupportCode};
use accuscope::domain::labels::{Method, WorkflowDomain};
use accuscope::domain::names::{AppId, ClinicId, KeyId, OperationName, RouteTemplate};
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::time::Timestamp;
use accuscope::domain::trace_context::{SpanId, TraceId};

const CLINICS: usize = 30;
const STAFF: u64 = 15;
const PATIENTS: u64 = 4_000;

/// Operation, domain, route, share of calls in percent, whether it is about one patient.
const OPERATIONS: [(&str, WorkflowDomain, &str, u64, bool); 10] = [
    ("patient.search", WorkflowDomain::Patients, "/rest/v1/provider-portal/patients", 18, false),
    ("patient.read", WorkflowDomain::Patients, "/rest/v1/provider-portal/patients/{id}", 22, true),
    (
        "appointment.list",
        WorkflowDomain::Scheduling,
        "/rest/v1/provider-portal/schedule",
        14,
        false,
    ),
    ("allergy.list", WorkflowDomain::Clinical, "/rest/v1/patients/{id}/allergies", 10, true),
    (
        "medication.list",
        WorkflowDomain::Medications,
        "/rest/v1/patients/{id}/medications",
        10,
        true,
    ),
    ("lab.list", WorkflowDomain::Labs, "/rest/v1/patients/{id}/labs", 8, true),
    ("document.list", WorkflowDomain::Documents, "/rest/v1/patients/{id}/documents", 8, true),
    ("document.read", WorkflowDomain::Documents, "/rest/v1/documents/{id}", 5, false),
    ("token.create", WorkflowDomain::Auth, "/oauth/token", 3, false),
    ("office.list", WorkflowDomain::Reference, "/rest/v1/offices", 2, false),
];

/// Draws events, the oldest first.
pub(crate) struct Traffic {
    random: fastrand::Rng,
    model: Exchange,
    clinics: Vec<ClinicId>,
    apps: Vec<AppId>,
    key: KeyId,
    now_us: i64,
    gap_us: u64,
}

impl Traffic {
    /// `gap_us`: mean time between two calls.
    pub(crate) fn new(gap_us: u64) -> Self {
        const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-02T15:00:00Z","env":"production","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/x","api_version":"v1","status":200,"upstream_status":200,"outcome":"ok","attempts":1,"source":"upstream","instance":"i-1"}"#;
        let model = json::read_line(LINE.as_bytes()).unwrap();
        Self {
            random: fastrand::Rng::with_seed(7),
            clinics: (0..CLINICS)
                .map(|n| ClinicId::parse(&format!("clinic-{n}")).unwrap())
                .collect(),
            apps: ["intake-web", "recall", "scribe"].map(|id| AppId::parse(id).unwrap()).into(),
            key: KeyId::parse("k1").unwrap(),
            now_us: model.ts.micros(),
            model,
            gap_us,
        }
    }

    /// References of one person are the same at every call.
    fn reference(&self, kind: ReferenceKind, clinic: usize, number: u64) -> Reference {
        use sha2::Digest as _;
        let text = format!("{kind} {clinic} {number}");
        let digest = sha2::Sha256::digest(text.as_bytes());
        let mut head = [0; Reference::BYTES];
        head.copy_from_slice(&digest[..Reference::BYTES]);
        Reference::new(kind, self.key.clone(), head)
    }

    pub(crate) fn next(&mut self) -> Exchange {
        self.now_us += i64::try_from(self.random.u64(0..self.gap_us * 2)).unwrap();
        let ts = Timestamp::from_micros(self.now_us);
        let id = EventId::new(ts, self.random.u128(..));
        // Large clinics call more than small ones.
        let clinic = self.random.usize(0..CLINICS).min(self.random.usize(0..CLINICS));
        let staff = self.random.u64(0..STAFF);
        let mut share = self.random.u64(0..100);
        let (operation, domain, route, _, about_patient) = *OPERATIONS
            .iter()
            .find(|operation| {
                let hit = share < operation.3;
                share = share.saturating_sub(operation.3);
                hit
            })
            .unwrap();
        let mutation = about_patient && self.random.u64(0..20) == 0;
        let ending = match self.random.u64(0..100) {
            0..88 => Ending::Ok,
            88..94 => Ending::failed(Reason::EmptyResult),
            94..96 => Ending::failed(Reason::Forbidden),
            96..97 => Ending::failed(Reason::TokenExpired),
            97..98 => Ending::failed(Reason::NotFound),
            98..99 => Ending::failed(Reason::UpstreamUnavailable),
            _ => Ending::Aborted,
        };
        let failed = matches!(ending, Ending::Failed(_));
        let upstream_us = 20_000 + self.random.u64(0..400) * self.random.u64(0..400);
        let hour = self.now_us.unsigned_abs() / 3_600_000_000;
        Exchange {
            id,
            ts,
            clinic: Some(self.clinics[clinic].clone()),
            app: Some(self.apps[self.random.usize(0..3)].clone()),
            operation: OperationName::parse(operation).unwrap(),
            domain,
            route: RouteTemplate::parse(route).unwrap(),
            method: if mutation { Method::Post } else { Method::Get },
            mutation,
            status: if failed { 403 } else { 200 },
            upstream_status: Some(if failed { 403 } else { 200 }),
            ending,
            result_count: (!about_patient).then(|| self.random.u32(0..40)),
            duration_us: upstream_us + self.random.u64(300..3_000),
            upstream_us: Some(upstream_us),
            actor_ref: Some(self.reference(ReferenceKind::Actor, clinic, staff)),
            patient_ref: about_patient
                .then(|| self.random.u64(0..PATIENTS))
                .map(|patient| self.reference(ReferenceKind::Patient, clinic, patient)),
            token_ref: Some(self.reference(ReferenceKind::Token, clinic, hour * STAFF + staff)),
            shape: Some(Digest::from_bits((1 + self.random.u64(..200)) << 50)),
            error_signature: failed.then(|| Digest::from_bits((1 + self.random.u64(..20)) << 50)),
            request_id: if self.random.bool() {
                RequestId::from_event(id)
            } else {
                let uuid = uuid::Uuid::from_u128(self.random.u128(..));
                RequestId::parse(&uuid.hyphenated().to_string()).unwrap()
            },
            trace_id: TraceId::from_bits(self.random.u128(..)),
            span_id: SpanId::from_bits(self.random.u64(..)),
            support_code: SupportCode::from_bits(self.random.u64(..)),
            bytes_in: if mutation { self.random.u64(100..4_000) } else { 0 },
            bytes_out: self.random.u64(80..40_000),
            ..self.model.clone()
        }
    }

    pub(crate) fn batch(&mut self, size: usize) -> Vec<Exchange> {
        (0..size).map(|_| self.next()).collect()
    }
}
