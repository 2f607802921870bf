//! `conformance` against the simulated Accuro: it answers as the catalogue says, and where it does not,
//! that is said.

use std::fs;
use std::path::Path;

use accuscope::sim::world::Role;
use serde_json::{Value, json};

use crate::support::Stage;

async fn conformance(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let ended = tokio::process::Command::new(env!("CARGO_BIN_EXE_accuscope"))
        .arg("conformance")
        .args(arguments)
        .current_dir(folder)
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

fn verdict<'a>(answer: &'a Value, operation: &str) -> &'a str {
    let lines = answer["endpoints"].as_array().unwrap();
    let line = lines.iter().find(|line| line["operation"] == operation).unwrap();
    line["verdict"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_is_asked_for_what_only_reads_and_breaches_are_named() {
    let stage = Stage::new().await;
    let doctor = stage.sign_in("MRFP", Role::Physician).await;
    let patient = stage.clinic("MRFP").patients[0].id.to_string();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), format!("{}\n", doctor.token)).unwrap();
    fs::write(folder.path().join("patient"), &patient).unwrap();
    let base = format!("http://{}", stage.sim.address());
    let asked = [
        "--base-url",
        &base,
        "--token-file",
        "token",
        "--tenant",
        &doctor.tenant,
        "--patient-file",
        "patient",
        "--json",
    ];
    let (status, printed, said) = conformance(folder.path(), &asked).await;
    assert_eq!(status, 0, "{printed}{said}");
    let answer: Value = serde_json::from_str(&printed).unwrap();
    for (operation, expected) in [
        ("office.list", "fine"),
        ("office.read", "fine"),
        ("patient.read", "fine"),
        ("patient.self.read", "refused"),
    ] {
        assert_eq!(verdict(&answer, operation), expected, "{operation}: {printed}");
    }
    for secret in [doctor.token.as_str(), &patient] {
        assert!(!printed.contains(&format!("/{secret}")) && !said.contains(secret));
    }
    let changed = |log: Vec<Value>| log.iter().filter(|one| one["method"] != "GET").count();
    assert_eq!(changed(stage.log("").await), 1, "only reads are sent, after the sign-in above");

    stage
        .order(json!({"do": "fault", "operation": "office.list",
        "effect": {"kind": "status", "status": 503, "body": "empty"}}))
        .await;
    let (status, table, _) = conformance(folder.path(), &asked[..6]).await;
    assert_eq!(status, 1);
    let line = table.lines().find(|line| line.starts_with("office.list")).unwrap();
    assert!(line.contains("503") && line.contains("broken"), "{line}");
    assert!(table.contains(" 1 otherwise, "), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_a_missing_file_and_production_are_refused_with_words() {
    let folder = tempfile::tempdir().unwrap();
    let (status, _, said) = conformance(folder.path(), &["--base-url", "ftp://Tremblay"]).await;
    assert_eq!(status, 2);
    assert!(said.contains("--base-url: must be http(s)://host") && !said.contains("Tremblay"));
    let here = ["--base-url", "http://127.0.0.1:9"];
    let (status, _, said) =
        conformance(folder.path(), &[&here[..], &["--token-file", "t"]].concat()).await;
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("t: cannot be read"), "{said}");
    let (status, _, said) = conformance(folder.path(), &here).await;
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("http://127.0.0.1:9 does not answer"), "{said}");
    fs::write(folder.path().join("accuscope.toml"), "environment = \"production\"\n").unwrap();
    let (status, _, said) = conformance(folder.path(), &here).await;
    assert_eq!(status, 2, "{said}");
}
