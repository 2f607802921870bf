//! The event as the API shows it: the contract's JSON form, field by field.
//!
//! Owns the type that the OpenAPI document describes. A test holds it to the line that the journal
//! writes, byte for byte.

use serde::Serialize;
use utoipa::ToSchema;

use super::vocabulary;
use crate::domain::event::{Exchange, json};
use crate::domain::labels::Category;
use crate::domain::names::{AppId, ClinicId, ScopeName};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// One proxied exchange. Holds nothing about a patient but keyed references.
#[derive(Serialize, ToSchema)]
#[schema(as = Exchange)]
pub(super) struct EventBody<'e> {
    /// The version of this form, 1.
    v: u64,
    /// Identifies the event; a UUID whose first 48 bits are its time.
    #[schema(format = "uuid")]
    id: String,
    /// When the request's first byte came, with microseconds.
    #[schema(value_type = String, format = DateTime)]
    ts: Timestamp,
    /// Which Accuro.
    #[schema(schema_with = vocabulary::environment)]
    env: &'static str,
    /// The clinic; null where it could not be told.
    #[schema(required)]
    clinic: Option<&'e str>,
    /// The calling application; null where it could not be told.
    #[schema(required)]
    app: Option<&'e str>,
    /// Under whose authority.
    #[schema(schema_with = vocabulary::context)]
    context: &'static str,
    /// The operation of the endpoint catalogue.
    operation: &'e str,
    /// The workflow domain.
    #[schema(schema_with = vocabulary::domain)]
    domain: &'static str,
    /// The HTTP method.
    #[schema(schema_with = vocabulary::method)]
    method: &'static str,
    /// The path's template, never the path.
    route: &'e str,
    /// The API's version, such as `v1`.
    #[schema(required)]
    api_version: Option<String>,
    /// Whether it could change the chart.
    mutation: bool,
    /// What the app got; 499 where it hung up first.
    status: u16,
    /// What Accuro said; null if nothing.
    #[schema(required)]
    upstream_status: Option<u16>,
    /// How it ended.
    #[schema(schema_with = vocabulary::outcome)]
    outcome: &'static str,
    /// Whose move it is; null where it worked.
    #[schema(required, schema_with = vocabulary::category)]
    category: Option<&'static str>,
    /// Why it failed; null where it worked.
    #[schema(required, schema_with = vocabulary::reason)]
    reason: Option<&'static str>,
    /// Items in a list answer.
    #[schema(required)]
    result_count: Option<u32>,
    /// Microseconds from the first byte in to the last byte out.
    duration_us: u64,
    /// Of those, microseconds of waiting for Accuro's first byte; null if nothing was sent.
    #[schema(required)]
    upstream_us: Option<u64>,
    /// Times sent to Accuro; 0 when answered here.
    attempts: u16,
    /// Where the answer came from.
    #[schema(schema_with = vocabulary::source)]
    source: &'static str,
    /// Who, as a keyed reference.
    #[schema(required)]
    actor_ref: Option<String>,
    /// Which patient, as a keyed reference.
    #[schema(required)]
    patient_ref: Option<String>,
    /// Which token, as a keyed reference.
    #[schema(required)]
    token_ref: Option<String>,
    /// In which office.
    #[schema(required)]
    office: Option<String>,
    /// Scopes granted to the token, where the grant went through here.
    scopes: Vec<&'e str>,
    /// Digest of the answer's structure, 16 hexadecimal digits.
    #[schema(required)]
    shape: Option<String>,
    /// Digest of the error body with everything variable taken out.
    #[schema(required)]
    error_signature: Option<String>,
    /// The app's id of the call, or what stands for it.
    request_id: &'e str,
    /// The distributed trace.
    trace_id: String,
    /// The span in it.
    span_id: String,
    /// What a person reads aloud.
    support_code: String,
    /// Bytes of the request's body.
    bytes_in: u64,
    /// Bytes of the answer's body.
    bytes_out: u64,
    /// Which accuscope process.
    instance: &'e str,
}

impl<'e> EventBody<'e> {
    pub(super) fn of(event: &'e Exchange) -> Self {
        let text = |value: &Option<crate::domain::reference::Reference>| {
            value.as_ref().map(ToString::to_string)
        };
        Self {
            v: json::VERSION,
            id: event.id.to_string(),
            ts: event.ts,
            env: event.env.as_str(),
            clinic: event.clinic.as_ref().map(ClinicId::as_str),
            app: event.app.as_ref().map(AppId::as_str),
            context: event.context.as_str(),
            operation: event.operation.as_str(),
            domain: event.domain.as_str(),
            method: event.method.as_str(),
            route: event.route.as_str(),
            api_version: event.api_version.map(|version| version.to_string()),
            mutation: event.mutation,
            status: event.status,
            upstream_status: event.upstream_status,
            outcome: event.ending.outcome().as_str(),
            category: event.ending.category().map(Category::as_str),
            reason: event.ending.reason().map(Reason::as_str),
            result_count: event.result_count,
            duration_us: event.duration_us,
            upstream_us: event.upstream_us,
            attempts: event.attempts,
            source: event.source.as_str(),
            actor_ref: text(&event.actor_ref),
            patient_ref: text(&event.patient_ref),
            token_ref: text(&event.token_ref),
            office: event.office.map(|office| office.to_string()),
            scopes: event.scopes.iter().map(ScopeName::as_str).collect(),
            shape: event.shape.map(|digest| digest.to_string()),
            error_signature: event.error_signature.map(|digest| digest.to_string()),
            request_id: event.request_id.as_str(),
            trace_id: event.trace_id.to_string(),
            span_id: event.span_id.to_string(),
            support_code: event.support_code.to_string(),
            bytes_in: event.bytes_in,
            bytes_out: event.bytes_out,
            instance: event.instance.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_shows_what_the_journal_keeps_byte_for_byte() {
        for line in [
            r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05.123456Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","status":403,"upstream_status":403,"outcome":"failed","reason":"forbidden","result_count":3,"duration_us":12345,"upstream_us":12000,"attempts":1,"actor_ref":"ac_k1_abcdefghijklmnopqrstuvwxya","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya","office":"12","scopes":["user/patients.read","user/labs.read"],"shape":"f123456789abcdef","error_signature":"0123456789abcdef","bytes_out":27}"#,
            r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}"#,
        ] {
            let event = json::read_line(line.as_bytes()).unwrap();
            let mut written = Vec::new();
            json::write_line(&event, &mut written);
            let shown = serde_json::to_string(&EventBody::of(&event)).unwrap();
            assert_eq!(format!("{shown}\n"), String::from_utf8(written).unwrap());
        }
    }
}
