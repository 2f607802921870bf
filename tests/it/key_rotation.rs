//! "After the key was changed, support no longer finds last month's calls": references are made under
//! the active key, looked for under every listed one, and a key that is gone finds nothing.

use std::path::Path;

use accuscope::app::{App, Running};
use accuscope::clock::Clock;
use accuscope::config::Config;
use serde_json::Value;

use crate::support::app::{CLINICS, settings_text};
use crate::support::upstream::json;
use crate::support::{Client, RawUpstream, until};

const PATIENT: &str = "9123456780";

fn start(folder: &Path, upstream: &str, keys: &[&str]) -> Running {
    start_with(folder, upstream, keys, CLINICS)
}

fn start_with(folder: &Path, upstream: &str, keys: &[&str], clinics: &str) -> Running {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut files = Vec::new();
    for key in keys {
        let file = folder.join(key);
        std::fs::write(&file, [key.as_bytes()[1]; 32]).unwrap();
        files.push(format!("{key} = {{ file = \"{}\" }}", file.display()));
    }
    let text = settings_text(folder, upstream, &[], clinics);
    let mine =
        format!("privacy.active_key = \"{}\"\nprivacy.keys = {{ {} }}", keys[0], files.join(", "));
    let lines = text
        .lines()
        .map(|line| if line.starts_with("privacy.keys") { mine.clone() } else { line.to_owned() });
    let text = lines.collect::<Vec<_>>().join("\n");
    let file = folder.join("accuscope.toml");
    let config = Config::parse(&text, &file, std::iter::empty()).unwrap();
    App::open(config, Clock::system()).unwrap().start().unwrap()
}

async fn ask(at: std::net::SocketAddr, method: &str, path: &str, body: &str) -> Value {
    let mut client = Client::connect(at).await;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    client.send(head).await;
    client.answer().await.json()
}

/// One call about the patient.
async fn call(running: &Running) {
    let mut client = Client::connect(running.addresses.proxy).await;
    let path = format!("/rest/v1/provider-portal/patients/{PATIENT}");
    let tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";
    client.send(format!("GET {path}?uuid={tenant} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
    assert_eq!(client.answer().await.status, 200);
}

/// The references that the API gives for the patient, the active key's first.
async fn references(running: &Running) -> Vec<String> {
    let body = format!(r#"{{"kind":"patient","clinic":"maple-ridge","identifier":"{PATIENT}"}}"#);
    // Until the store is reached there are no answers.
    let answer = until("the references", || async {
        let answer = ask(running.addresses.ops, "POST", "/api/v1/references", &body).await;
        answer["references"].is_array().then_some(answer)
    })
    .await;
    assert!(!answer.to_string().contains(PATIENT), "{answer}");
    let found = answer["references"].as_array().unwrap();
    found.iter().map(|reference| reference.as_str().unwrap().to_owned()).collect()
}

/// Waits until so many calls are found under references.
async fn finds(running: &Running, references: &[String], number: usize) {
    let query: Vec<String> =
        references.iter().map(|reference| format!("patient_ref={reference}")).collect();
    let path = format!("/api/v1/exchanges?{}", query.join("&"));
    until("the calls", || async {
        let answer = ask(running.addresses.ops, "GET", &path, "").await;
        let items = answer["items"].as_array()?;
        (items.len() == number).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_makes_new_references_and_the_old_ones_are_still_found() {
    let upstream = RawUpstream::answering(|_| json(200, "{}")).await;
    let folder = tempfile::tempdir().unwrap();

    let running = start(folder.path(), &upstream.url(), &["k1"]);
    call(&running).await;
    let old = references(&running).await;
    assert!(old.len() == 1 && old[0].starts_with("pt_k1_"), "{old:?}");
    finds(&running, &old, 1).await;
    running.stop().await;

    let running = start(folder.path(), &upstream.url(), &["k2", "k1"]);
    call(&running).await;
    let both = references(&running).await;
    assert!(both.len() == 2 && both[0].starts_with("pt_k2_"), "{both:?}");
    assert_eq!(both[1], old[0], "the same key makes the same reference");
    finds(&running, &both, 2).await;
    finds(&running, &both[..1], 1).await;
    running.stop().await;

    // Once a key is destroyed, nothing leads from the patient to what was recorded under it.
    let running = start(folder.path(), &upstream.url(), &["k2"]);
    let new = references(&running).await;
    assert_eq!(new, both[..1]);
    finds(&running, &new, 1).await;
    running.stop().await;
}

const MAPLE_RIDGE: &str = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";

/// One call of a staff member.
async fn staff_call(running: &Running, tenant: &str) {
    let mut client = Client::connect(running.addresses.proxy).await;
    let path = format!("/rest/v1/provider-portal/patients/{PATIENT}");
    let head = format!(
        "GET {path}?uuid={tenant} HTTP/1.1\r\nHost: p\r\nAuthorization: Bearer abc\r\nAccuscope-Actor: zoe-tremblay\r\n\r\n"
    );
    client.send(head).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_counts_once_over_a_rotation_of_keys() {
    let upstream = RawUpstream::answering(|_| json(200, "{}")).await;
    let folder = tempfile::tempdir().unwrap();
    for keys in [&["k1"][..], &["k2", "k1"]] {
        let running = start(folder.path(), &upstream.url(), keys);
        staff_call(&running, MAPLE_RIDGE).await;
        staff_call(&running, MAPLE_RIDGE).await;
        let all = references(&running).await;
        finds(&running, &all, keys.len() * 2).await;
        running.stop().await;
    }
    let journal = std::fs::read_dir(folder.path().join("journal")).unwrap();
    let lines: String = journal
        .map(|file| file.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("exchanges"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert_eq!(lines.matches("\"same_person\"").count(), 1, "once for each person: {lines}");
    assert!(!lines.contains("tremblay"));

    assert_eq!(one_each_month(folder.path(), CLINICS).await, ["maple-ridge"]);

    // A store that is filled from an export counts the person once as well.
    let exported = folder.path().join("exported.ndjson");
    let output = exported.to_str().unwrap();
    program(folder.path(), CLINICS, &["export", "--output", output]);
    let lines = std::fs::read_to_string(&exported).unwrap();
    assert_eq!(lines.matches("\"same_person\"").count(), 1, "{lines}");
    assert_eq!((lines.matches("ac_k1_").count(), lines.matches("ac_k2_").count()), (3, 3));
    let elsewhere = tempfile::tempdir().unwrap();
    program(elsewhere.path(), CLINICS, &["import", output]);
    assert_eq!(one_each_month(elsewhere.path(), CLINICS).await, ["maple-ridge"]);
}

/// Two clinics, of which one became part of the other a long time ago.
const MERGED: &str = "[[clinics]]\nid = \"maple-ridge\"\nname = \"Maple Ridge\"\n\
    tenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"\n\
    [[clinics]]\nid = \"old-mill\"\nname = \"Old Mill\"\n\
    tenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21331\"\n\
    merged_into = \"maple-ridge\"\nmerged_on = 2020-01-01\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_counts_once_at_clinics_that_became_one() {
    let upstream = RawUpstream::answering(|_| json(200, "{}")).await;
    let folder = tempfile::tempdir().unwrap();
    let running = start_with(folder.path(), &upstream.url(), &["k1"], MERGED);
    for tenant in [MAPLE_RIDGE, "e1a47a6d-f563-4f0f-a7f3-b6539ba21331", MAPLE_RIDGE] {
        staff_call(&running, tenant).await;
    }
    let calls = async |clinic: &str| {
        let path = format!("/api/v1/exchanges?clinic={clinic}");
        let answer = ask(running.addresses.ops, "GET", &path, "").await;
        answer["items"].as_array().map(Vec::len)
    };
    // What came with the old tenant is recorded as it came.
    until("the calls", || async {
        (calls("maple-ridge").await == Some(2) && calls("old-mill").await == Some(1)).then_some(())
    })
    .await;
    running.stop().await;
    assert_eq!(one_each_month(folder.path(), MERGED).await, ["maple-ridge"]);
}

/// Runs the program with the settings of a folder.
fn program(folder: &Path, clinics: &str, arguments: &[&str]) {
    let file = folder.join("accuscope.toml");
    std::fs::write(&file, settings_text(folder, "http://127.0.0.1:9", &[], clinics)).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_accuscope"));
    let output = command.arg("--config").arg(&file).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The clinics at which one person is counted; nobody else is, and the person once a month.
async fn one_each_month(folder: &Path, clinics: &str) -> Vec<String> {
    let url = accuscope::store::StoreUrl::sqlite(&folder.join("store.db"));
    let store = accuscope::store::Store::open(&url).await.unwrap();
    let file = folder.join("accuscope.toml");
    let text = settings_text(folder, "http://127.0.0.1:9", &[], clinics);
    let registry = Config::parse(&text, &file, std::iter::empty()).unwrap().registry;
    // The serving process may have counted already.
    store.count_tasks(&registry).await.unwrap();
    let query = accuscope::store::CountsQuery {
        bucket: accuscope::domain::adoption::Bucket::Month,
        from: jiff::civil::date(2020, 1, 1),
        to: jiff::civil::date(9000, 1, 1),
        clinic: None,
        tasks: accuscope::store::CountedTasks::Together,
    };
    let rows = store.task_counts(&query).await.unwrap();
    let staff: Vec<u64> = rows.iter().map(|row| row.counts.staff).collect();
    // Two months, if the test ran over the end of one.
    assert!(matches!(staff[..], [1] | [1, 1]), "{staff:?}");
    store.close().await;
    let mut clinics: Vec<String> = rows.iter().map(|row| row.clinic.to_string()).collect();
    clinics.dedup();
    clinics
}
