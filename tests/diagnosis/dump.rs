//! Writes one scenario into files, for use by hand: `scripts/dump-scenario NAME [FOLDER]`.

use std::fs;
use std::path::{Path, PathBuf};

use accuscope::domain::event::json;
use serde_json::json;

use crate::history::grow;
use crate::question::question;
use crate::scenario::all;
use crate::world::{KEY, settings};

/// Writes `events.ndjson`, `question.json`, `expected.json`, `accuscope.toml` and the key.
fn write(name: &str, folder: &Path) {
    let scenarios = all();
    let found = scenarios.iter().find(|(_, scenario)| scenario.name == name);
    let (half, scenario) = found.unwrap_or_else(|| panic!("no such scenario: {name}"));
    let history = grow(scenario);
    let mut lines = Vec::new();
    for event in &history.events {
        json::write_line(event, &mut lines);
    }
    let expected = json!({
        "scenario": name, "half": format!("{half:?}"), "asked_at": history.now.to_string(),
        "accepted": scenario.accepted(), "scope": scenario.expect.scope,
        "most_confidence": scenario.expect.max_confidence,
    });
    let text = format!(
        "environment = \"sandbox\"\n\n[upstream]\nbase_url = \"http://127.0.0.1:9000\"\n\n\
         [ops]\nauth = \"off\"\n\n[store]\nurl = \"sqlite:accuscope.db\"\n\n\
         [privacy]\nactive_key = \"k1\"\n[privacy.keys]\nk1 = {{ file = \"k1\" }}\n\n{}",
        settings(scenario.clinics)
    );
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("events.ndjson"), lines).unwrap();
    fs::write(folder.join("question.json"), format!("{:#}\n", question(scenario, &history)))
        .unwrap();
    fs::write(folder.join("expected.json"), format!("{expected:#}\n")).unwrap();
    fs::write(folder.join("accuscope.toml"), text).unwrap();
    fs::write(folder.join("k1"), KEY).unwrap();
}

#[test]
fn a_scenario_can_be_written_into_files() {
    let name = std::env::var("ACCUSCOPE_SCENARIO").ok();
    let fresh = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("ACCUSCOPE_SCENARIO_DIR").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| fresh.path().to_owned());
    write(name.as_deref().unwrap_or("chart_restricted/403-by-code"), &folder);
    let events = fs::read_to_string(folder.join("events.ndjson")).unwrap();
    assert!(events.lines().count() > 20);
    assert!(events.lines().all(|line| json::read_line(line.as_bytes()).is_ok()));
}
