//! What spreadsheets and FHIR readers get.

use super::*;
use crate::domain::audit::chain::Head;
use crate::domain::audit::{CallResult, Entry, Event, Kind, Record, json};
use crate::domain::names::{AccountId, ClinicId, InstanceId};
use crate::domain::reference::Reference;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

fn record(entry: Entry) -> Record {
    let mut head = Head::START;
    let instance = InstanceId::parse("i-1").unwrap();
    head.append(entry, Timestamp::from_seconds(1_795_540_325), &instance, &mut Vec::new())
}

fn outcome() -> Entry {
    let line = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","operation":"appointment.update","domain":"scheduling","method":"PUT","route":"/rest/v1/appointments/{appointmentId}","mutation":true,"status":200,"upstream_status":200,"outcome":"ok","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","trace_id":"0af7651916cd43dd8448eb211c80319c"}"#;
    Entry::outcome(&crate::domain::event::json::read_line(line.as_bytes()).unwrap(), None)
}

#[test]
fn a_row_has_every_member_of_the_line() {
    let record = record(outcome());
    let mut line = Vec::new();
    json::write_line(&record, &mut line);
    let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
    let cells = csv::cells(&record);
    for (name, cell) in csv::COLUMNS.iter().zip(&cells) {
        let value = match &line[*name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(*cell, value, "{name}");
    }
    assert_eq!(line.as_object().unwrap().len(), csv::COLUMNS.len());
}

#[test]
fn no_cell_is_a_formula() {
    let mut entry = outcome();
    entry.clinic = ClinicId::parse("-1-cmd").ok();
    entry.user = AccountId::parse("@sum").ok();
    let cells = csv::cells(&record(entry));
    assert_eq!((cells[8].as_str(), cells[20].as_str()), ("'-1-cmd", "'@sum"));
}

/// What R4 asks of every `AuditEvent` (hl7.org/fhir/R4/auditevent.html): `type`, `recorded`, an
/// `agent` with `requestor`, `source.observer`; and of a coding and a reference that they say something.
#[test]
fn a_resource_has_what_r4_asks_for() {
    for kind in Kind::ALL {
        for detail in Event::ALL {
            let mut entry = outcome();
            if !matches!(kind, Kind::Intent | Kind::Outcome | Kind::Refused) {
                entry = Entry::new(*kind);
                entry.user = AccountId::parse("zoe").ok();
                entry.role = Some(Role::Admin);
            }
            entry.kind = *kind;
            entry.detail = Some(detail.plain());
            let resource = fhir::audit_event(&record(entry));
            assert_eq!(resource["resourceType"], "AuditEvent");
            assert!(resource["type"]["code"].is_string());
            assert_eq!(resource["recorded"], "2026-11-24T17:12:05.000000Z");
            assert!(["C", "R", "U", "D", "E"].contains(&resource["action"].as_str().unwrap()));
            let agents = resource["agent"].as_array().unwrap();
            let asking = agents.iter().filter(|agent| agent["requestor"] == true).count();
            assert_eq!(asking, 1, "{resource}");
            assert!(agents.iter().all(|agent| agent["who"].is_object()));
            assert!(resource["source"]["observer"]["identifier"]["value"].is_string());
            for entity in resource["entity"].as_array().unwrap() {
                assert!(entity["what"]["identifier"]["value"].is_string());
                // sev-1: a name or a query, never both.
                assert!(entity["query"].is_null());
            }
        }
    }
}

#[test]
fn patient_request_and_trace_are_entities() {
    let entry = outcome();
    let resource = fhir::audit_event(&record(entry.clone()));
    let entities = resource["entity"].as_array().unwrap();
    let value = |at: usize| entities[at]["what"]["identifier"]["value"].as_str().unwrap();
    assert_eq!(Reference::parse(value(0)), entry.patient_ref);
    assert_eq!(entities[0]["role"]["code"], "1");
    assert_eq!(
        (value(1), entities[1]["type"]["code"].as_str()),
        (entry.request_id.as_ref().unwrap().as_str(), Some("XrequestId"))
    );
    assert_eq!(value(2), "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn how_it_ended_is_told_apart() {
    let of = |kind, result| {
        let mut entry = outcome();
        (entry.kind, entry.result) = (kind, result);
        fhir::audit_event(&record(entry))["outcome"].clone()
    };
    assert_eq!(of(Kind::Outcome, Some(CallResult::Applied)), "0");
    assert_eq!(of(Kind::Outcome, Some(CallResult::Rejected)), "4");
    assert_eq!(of(Kind::Outcome, Some(CallResult::Unknown)), "8");
    assert_eq!(of(Kind::Refused, None), "4");
    assert!(of(Kind::Intent, None).is_null(), "an intent has not ended");
}
