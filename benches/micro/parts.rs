//! The parts, each a function that is called as often as wanted and never becomes part of another.

use std::hint::black_box;

use accuscope::domain::catalogue::Catalogue;
use accuscope::domain::event::{Exchange, json};
use accuscope::domain::labels::Method;
use accuscope::domain::names::{ClinicId, KeyId};
use accuscope::domain::probe::JsonProbe;
use accuscope::domain::reference::ReferenceKind;
use accuscope::keys::Keyring;
use accuscope::telemetry::metrics::Metrics;

/// A part by its name in tables.
pub(crate) type Part = fn(&Parts, u64);

/// Every part.
pub(crate) const ALL: &[(&str, Part)] = &[
    ("catalogue: which operation a path is", catalogue),
    ("reference: HMAC of a token", reference),
    ("probe: a JSON list of 2 KiB", probe),
    ("event: as a line of the journal", write_line),
    ("event: read back from its line", read_line),
    ("metrics: count a call", metrics),
];

/// What the parts work with.
pub(crate) struct Parts {
    catalogue: Catalogue,
    keys: Keyring,
    clinic: ClinicId,
    answer: Vec<u8>,
    event: Exchange,
    line: Vec<u8>,
    metrics: Metrics,
}

const LINE: &str = r#"{"v":1,"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05.123456Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","mutation":false,"status":200,"upstream_status":200,"outcome":"ok","duration_us":1234,"upstream_us":1000,"attempts":1,"source":"upstream","actor_ref":"ac_k1_abcdefghijklmnopqrstuvwxya","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya","scopes":[],"shape":"0123456789abcdef","request_id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","support_code":"YH6H-XHCD","bytes_in":0,"bytes_out":2048,"instance":"i-abc"}"#;

impl Parts {
    pub(crate) fn new() -> Self {
        let clinic = ClinicId::parse("maple-ridge").unwrap();
        let item =
            r#"{"id":7,"status":"booked","start":"2026-11-24T09:30:00","room":null,"late":false}"#;
        let event = json::read_line(LINE.as_bytes()).unwrap();
        let mut line = Vec::new();
        json::write_line(&event, &mut line);
        Self {
            catalogue: Catalogue::embedded().unwrap(),
            keys: Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]),
            answer: format!("[{}]", [item; 25].join(",")).into_bytes(),
            metrics: Metrics::new("bench", "sandbox", &[&clinic]),
            clinic,
            event,
            line,
        }
    }
}

#[inline(never)]
fn catalogue(parts: &Parts, number: u64) {
    const PATHS: [&str; 4] = [
        "/rest/v1/provider-portal/patients/8812",
        "/rest/v1/provider-portal/patients/8812/medications",
        "/rest/v1/provider-portal/appointments",
        "/rest/v1/nobody/knows/8812",
    ];
    let path = PATHS[usize::try_from(number % 4).unwrap()];
    let found = parts.catalogue.identify(black_box(Method::Get), black_box(path));
    black_box(found.operation.clone());
}

#[inline(never)]
fn reference(parts: &Parts, number: u64) {
    let mut token = [b'a'; 64];
    token[..8].copy_from_slice(&number.to_be_bytes());
    let made = parts.keys.reference(ReferenceKind::Token, Some(&parts.clinic), black_box(&token));
    black_box(made);
}

#[inline(never)]
fn probe(parts: &Parts, _: u64) {
    let mut probe = JsonProbe::default();
    probe.feed(black_box(&parts.answer));
    black_box(probe.finish());
}

#[inline(never)]
fn write_line(parts: &Parts, _: u64) {
    let mut line = Vec::with_capacity(1_024);
    json::write_line(black_box(&parts.event), &mut line);
    black_box(line);
}

#[inline(never)]
fn read_line(parts: &Parts, _: u64) {
    black_box(json::read_line(black_box(&parts.line)).unwrap());
}

#[inline(never)]
fn metrics(parts: &Parts, _: u64) {
    parts.metrics.count(black_box(&parts.event), Some(parts.event.trace_id));
}
