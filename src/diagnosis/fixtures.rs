//! Calls for tests.

use crate::domain::event::json;
use crate::domain::ids::EventId;
use crate::domain::names::KeyId;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::store::Sighting;

/// Noon UTC on 2026-11-24.
pub(crate) const NOON: i64 = 1_795_521_600;

/// So many minutes after noon.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(NOON + 60 * minutes)
}

pub(crate) fn reference(kind: ReferenceKind, number: u8) -> Reference {
    Reference::new(kind, KeyId::parse("k1").unwrap(), [number; Reference::BYTES])
}

/// A chart that was read, by person 1, so many minutes after noon.
pub(crate) fn call(minutes: i64) -> Sighting {
    const LINE: &str = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T12:00:00Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","status":200,"upstream_status":200,"outcome":"ok","duration_us":90000,"attempts":1,"source":"upstream","instance":"i-1"}"#;
    let event = json::read_line(LINE.as_bytes()).unwrap();
    let mut call = Sighting::from(&event);
    call.ts = at(minutes);
    call.id = EventId::new(call.ts, 7);
    call.actor = Some(reference(ReferenceKind::Actor, 1));
    call.patient = Some(reference(ReferenceKind::Patient, 1));
    call.token = Some(reference(ReferenceKind::Token, 1));
    call
}
