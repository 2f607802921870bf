//! One record as an `AuditEvent` of FHIR R4 (4.0.1), with the entities that IHE's Basic Audit Log
//! Patterns use for the patient and the `X-Request-Id`.
//!
//! No profile of IHE's is claimed: those are about FHIR interactions, and Accuro's are not. What the
//! resource has no element for is kept as `entity.detail`, so that nothing of the record is lost.

use serde_json::{Value, json};

use crate::domain::audit::{CallResult, Entry, Event, Kind, Record};
use crate::domain::labels::Method;
use crate::domain::reason::Reason;

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ENTITY_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

/// The record as a resource.
#[must_use]
pub fn audit_event(record: &Record) -> Value {
    let entry = &record.entry;
    let mut resource = json!({
        "resourceType": "AuditEvent",
        "id": format!("{}-{}", record.instance, record.seq),
        "type": event_type(entry.kind),
        "action": action(entry),
        "recorded": record.ts.to_string(),
        "agent": agents(record),
        "source": {
            "observer": known("accuscope instance", "instance", record.instance.as_str()),
            "type": [coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")],
        },
        "entity": entities(record),
    });
    let subtypes = subtypes(entry);
    if !subtypes.is_empty() {
        resource["subtype"] = Value::Array(subtypes);
    }
    if let Some((code, words)) = outcome(entry) {
        resource["outcome"] = json!(code);
        resource["outcomeDesc"] = json!(words);
    }
    resource
}

fn event_type(kind: Kind) -> Value {
    match kind {
        Kind::Intent | Kind::Outcome | Kind::Refused => coding(
            "http://terminology.hl7.org/CodeSystem/audit-event-type",
            "rest",
            "RESTful Operation",
        ),
        Kind::Lookup => coding(DICOM, "110112", "Query"),
        Kind::SignIn => coding(DICOM, "110114", "User Authentication"),
        Kind::Export => coding(DICOM, "110106", "Export"),
        Kind::Admin => coding(DICOM, "110113", "Security Alert"),
        Kind::System => coding(DICOM, "110100", "Application Activity"),
    }
}

fn subtypes(entry: &Entry) -> Vec<Value> {
    let mut subtypes = Vec::new();
    match entry.detail.map(|detail| detail.event) {
        Some(Event::Started) => subtypes.push(coding(DICOM, "110120", "Application Start")),
        Some(Event::Stopped) => subtypes.push(coding(DICOM, "110121", "Application Stop")),
        Some(Event::SignedIn | Event::SignInRefused) => {
            subtypes.push(coding(DICOM, "110122", "Login"));
        }
        Some(Event::SignedOut | Event::SignedOutEverywhere) => {
            subtypes.push(coding(DICOM, "110123", "Logout"));
        }
        _ => {}
    }
    if let Some(method) = entry.method {
        let interaction = match method {
            Method::Post => "create",
            Method::Put => "update",
            Method::Patch => "patch",
            Method::Delete => "delete",
            _ => "operation",
        };
        let system = "http://hl7.org/fhir/restful-interaction";
        subtypes.push(coding(system, interaction, interaction));
    }
    if let Some(operation) = &entry.operation {
        let code = operation.as_str();
        subtypes.push(coding("urn:accuscope:operation", code, code));
    }
    subtypes.push(coding("urn:accuscope:audit-kind", entry.kind.as_str(), entry.kind.as_str()));
    subtypes
}

fn action(entry: &Entry) -> &'static str {
    match (entry.method, entry.detail.map(|detail| detail.event)) {
        (Some(Method::Post), _)
        | (None, Some(Event::TokenCreated | Event::AccountAdded | Event::ShareMade)) => "C",
        (Some(Method::Put | Method::Patch), _) | (None, Some(Event::Settled)) => "U",
        (None, Some(event)) if changes_an_account(event) => "U",
        (Some(Method::Delete), _)
        | (None, Some(Event::TokenRevoked | Event::AccountRemoved | Event::ShareRevoked)) => "D",
        (
            None,
            Some(
                Event::OpenedCall
                | Event::EventsExported
                | Event::AuditExported
                | Event::ReadAccessLog
                | Event::ShareOpened,
            ),
        ) => "R",
        _ => "E",
    }
}

const fn changes_an_account(event: Event) -> bool {
    matches!(
        event,
        Event::MadeSupport
            | Event::MadeOncall
            | Event::MadeManager
            | Event::MadeAdmin
            | Event::LimitedToClinic
            | Event::SeesAllClinics
            | Event::AccountDisabled
            | Event::AccountEnabled
            | Event::AccountReset
            | Event::SecondFactorSet
            | Event::SecondFactorRemoved
            | Event::SecondFactorReset
            | Event::PassphraseSet
    )
}

/// Code and words of how it ended; an intent has not.
fn outcome(entry: &Entry) -> Option<(&'static str, &'static str)> {
    let words = |otherwise| entry.reason.map_or(otherwise, Reason::as_str);
    match (entry.kind, entry.result, entry.detail.map(|detail| detail.event)) {
        (Kind::Intent, ..) => None,
        (_, Some(CallResult::Applied), _) => Some(("0", "applied")),
        (_, Some(CallResult::Rejected), _) => Some(("4", words("rejected"))),
        (_, Some(CallResult::Unknown), _) => Some(("8", "unknown: may have been applied")),
        (Kind::Refused, ..) => Some(("4", words("not sent"))),
        (_, _, Some(Event::SignInRefused | Event::KeptOut | Event::NotDone)) => {
            Some(("4", "refused"))
        }
        (_, _, Some(Event::Gap | Event::TailDamaged | Event::TornLineCut)) => {
            Some(("8", "the audit was not complete"))
        }
        _ => Some(("0", "done")),
    }
}

fn agents(record: &Record) -> Vec<Value> {
    let entry = &record.entry;
    let mut agents = Vec::new();
    let user_type = || {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
        json!({ "coding": [coding(system, "IRCP", "information recipient")] })
    };
    if let Some(user) = &entry.user {
        let mut agent = json!({
            "type": user_type(),
            "who": known("account", "account", user.as_str()),
            "requestor": true,
        });
        if let Some(role) = entry.role {
            let role = coding("urn:accuscope:role", role.as_str(), role.as_str());
            agent["role"] = json!([{ "coding": [role] }]);
        }
        agents.push(agent);
    }
    if let Some(actor) = &entry.actor_ref {
        agents.push(json!({
            "type": user_type(),
            "who": known("staff member or service", "actor-ref", &actor.to_string()),
            "requestor": agents.is_empty(),
        }));
    }
    if entry.event_id.is_some() && entry.method.is_some() {
        let app = entry.app.as_ref();
        agents.push(json!({
            "type": { "coding": [coding(DICOM, "110153", "Source Role ID")] },
            "who": app.map_or_else(
                || json!({ "display": "unknown application" }),
                |app| known("application", "app", app.as_str()),
            ),
            "requestor": agents.is_empty(),
        }));
        agents.push(json!({
            "type": { "coding": [coding(DICOM, "110152", "Destination Role ID")] },
            "who": { "display": "Accuro EMR" },
            "requestor": false,
        }));
    }
    if agents.is_empty() {
        let of_system = entry.kind == Kind::System;
        agents.push(json!({
            "type": { "coding": [coding(DICOM, "110150", "Application")] },
            "who": known("accuscope instance", "instance", record.instance.as_str()),
            "requestor": !of_system,
        }));
    }
    agents
}

fn entities(record: &Record) -> Vec<Value> {
    let entry = &record.entry;
    let mut entities = Vec::new();
    if let Some(patient) = &entry.patient_ref {
        entities.push(json!({
            "what": known("patient", "patient-ref", &patient.to_string()),
            "type": coding(ENTITY_TYPE, "1", "Person"),
            "role": coding(ENTITY_ROLE, "1", "Patient"),
        }));
    }
    if let Some(id) = &entry.request_id {
        let system = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";
        entities.push(json!({
            "what": { "identifier": { "value": id.as_str() } },
            "type": coding(system, "XrequestId", "transport specific unique identifier where http X-Request-Id is used"),
        }));
    }
    if let Some(trace) = entry.trace_id {
        entities.push(json!({
            "what": { "identifier": { "system": "https://www.w3.org/TR/trace-context/", "value": trace.to_string() } },
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "name": "W3C trace id",
        }));
    }
    if let Some(clinic) = &entry.clinic {
        entities.push(json!({
            "what": known("clinic", "clinic", clinic.as_str()),
            "type": coding(ENTITY_TYPE, "3", "Organization"),
        }));
    }
    let details: Vec<Value> = [
        ("seq", Some(record.seq.to_string())),
        ("prev", Some(record.prev.to_string())),
        ("hash", Some(record.hash.to_string())),
        ("event_id", entry.event_id.map(|id| id.to_string())),
        ("route", entry.route.as_ref().map(ToString::to_string)),
        ("method", entry.method.map(|method| method.to_string())),
        ("context", entry.context.map(|context| context.to_string())),
        ("token_ref", entry.token_ref.as_ref().map(ToString::to_string)),
        ("idempotency_ref", entry.idempotency_ref.as_ref().map(ToString::to_string)),
        ("status", entry.status.map(|status| status.to_string())),
        ("result", entry.result.map(|result| result.to_string())),
        ("reason", entry.reason.map(|reason| reason.to_string())),
        ("detail", entry.detail.map(|detail| detail.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(json!({ "type": name, "valueString": value? })))
    .collect();
    entities.push(json!({
        "what": { "identifier": {
            "system": "urn:accuscope:audit-record",
            "value": format!("{}-{}", record.instance, record.seq),
        } },
        "type": coding(ENTITY_TYPE, "2", "System Object"),
        "name": "audit record",
        "detail": details,
    }));
    entities
}

/// A reference to something that only accuscope knows.
fn known(display: &str, system: &str, value: &str) -> Value {
    let identifier = json!({ "system": format!("urn:accuscope:{system}"), "value": value });
    json!({ "identifier": identifier, "display": display })
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}
