//! "How do I know that nothing leaks?": `prove-redaction`, the same code that an operator runs, on both
//! databases, with an old and a new key.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::app::CLINICS;

const KEYS: &str = r#"
[privacy]
active_key = "k2"
[privacy.keys]
k1 = { file = "k1" }
k2 = { file = "k2" }
[[apps]]
id = "intake-web"
name = "Intake tablet"
key_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
clinics = ["cedar-hill"]
"#;

/// Runs the proof in a folder that holds settings and keys, as an operator would; the report.
fn prove(folder: &Path, store: &str, arguments: &[&str]) -> (bool, Value) {
    let text = format!(
        "environment = \"production\"\nupstream.base_url = \"https://emr.invalid/api\"\n\
         store.url = \"{store}\"\n{KEYS}{CLINICS}"
    );
    fs::write(folder.join("accuscope.toml"), text).unwrap();
    for (key, byte) in [("k1", 1), ("k2", 2)] {
        fs::write(folder.join(key), [byte; 32]).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_accuscope"))
        .args(["prove-redaction", "--quick", "--json"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.is_empty(), "{said}");
    (output.status.success(), serde_json::from_slice(&output.stdout).unwrap())
}

fn proves_that_nothing_leaks(report: &Value) {
    assert_eq!(report["leaks"], serde_json::json!([]), "{report:#}");
    assert_eq!(report["doubts"], serde_json::json!([]), "{report:#}");
    assert_eq!(report["planted"], report["planted_found"]);
    assert!(report["planted"].as_u64().unwrap() > 1_000, "{report:#}");
    assert!(report["placements"].as_u64().unwrap() >= 123);
    assert!(report["canaries"].as_u64().unwrap() > 3_000);
}

fn has_sink(report: &Value, name: &str) -> bool {
    let sinks = report["sinks"].as_array().unwrap();
    sinks.iter().any(|sink| sink["sink"].as_str().unwrap().contains(name))
}

#[test]
fn canaries_through_every_placement_reach_no_sink_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let (clean, report) = prove(folder.path(), "sqlite:accuscope.db", &[]);
    proves_that_nothing_leaks(&report);
    assert!(clean);
    for sink in ["exchanges-", "audit-", "store.db", "-wal", "stdout", "metrics", "OTLP", "page /"]
    {
        assert!(has_sink(&report, sink), "{sink}");
    }
    // Nothing of the operator's own was made or changed.
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["accuscope.toml", "k1", "k2"]);
}

#[test]
fn canaries_through_every_placement_reach_no_sink_on_postgres() {
    let Ok(server) = std::env::var("ACCUSCOPE_TEST_POSTGRES_URL") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (clean, report) = prove(folder.path(), &server, &["--seed", "2"]);
    proves_that_nothing_leaks(&report);
    assert!(clean);
    for sink in ["PostgreSQL table exchanges", "PostgreSQL planner statistics"] {
        assert!(has_sink(&report, sink), "{sink}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let left: Vec<String> = runtime.block_on(async {
        let pool = sqlx::PgPool::connect(&server).await.unwrap();
        let schemas = "select nspname from pg_namespace where nspname like 'accuscope\\_proof\\_%'";
        sqlx::query_scalar(schemas).fetch_all(&pool).await.unwrap()
    });
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_installation_that_cannot_start_is_no_proof() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("accuscope.toml"), "environment = \"sandbox\"\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_accuscope"))
        .arg("prove-redaction")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("upstream.base_url"));
}
