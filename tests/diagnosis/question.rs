//! The question of a scenario, as the JSON that the API takes.

use serde_json::{Map, Value, json};

use crate::history::History;
use crate::scenario::Scenario;
use crate::world::{self, SUBJECT_PATIENT, Who};

/// The body of `POST /api/v1/diagnoses`.
pub(crate) fn question(scenario: &Scenario, history: &History) -> Value {
    let mut asked = Map::new();
    let call = || {
        let before = history.ticket.iter().rev().find(|id| history.event(**id).ts <= history.at);
        let id = before.or(history.ticket.first());
        history.event(*id.unwrap_or_else(|| panic!("{}: no call of the ticket", scenario.name)))
    };
    for part in scenario.ask.split('+') {
        let (key, value) = match part {
            "code" => ("support_code", call().support_code.to_string()),
            "request_id" => ("request_id", call().request_id.as_str().to_owned()),
            "clinic" => ("clinic", world::clinic(0).to_string()),
            "patient" => ("patient", world::patient_id(0, SUBJECT_PATIENT)),
            "actor" => ("actor", whose(scenario).login().expect("a name")),
            "operation" => ("operation", operation(scenario)),
            other => panic!("{}: no such part of a question: {other}", scenario.name),
        };
        asked.insert(key.to_owned(), json!(value));
    }
    if asked.contains_key("clinic") {
        if scenario.names_time {
            asked.insert("at".to_owned(), json!(history.at.to_string()));
        }
        if let Some(window) = &scenario.window {
            asked.insert("window".to_owned(), json!(window));
        }
    }
    Value::Object(asked)
}

fn whose(scenario: &Scenario) -> Who {
    let of_service = |calls: &crate::scenario::Calls| calls.ticket && calls.who == "service";
    if scenario.calls.iter().any(of_service) { Who::Service } else { Who::Person(0) }
}

fn operation(scenario: &Scenario) -> String {
    let of_ticket = scenario.calls.iter().find(|calls| calls.ticket);
    let named = scenario.question_operation.clone();
    named.or_else(|| of_ticket.map(|calls| calls.operation.clone())).expect("an operation")
}
