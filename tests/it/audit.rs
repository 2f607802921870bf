//! "Who changed this chart, and did it arrive?": no write without a record, whatever happens.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use accuscope::domain::audit::{Event, Kind};
use accuscope::domain::names::AccountId;

use crate::support::app::{CLINICS, page};
use crate::support::audit::{audit, said};
use crate::support::upstream::{OK, json, pause};
use crate::support::{Peer, RawUpstream, TestApp, exchange, soon, until};

const POST: &str = "POST /rest/v1/a HTTP/1.1\r\nHost: p\r\nContent-Length: 2\r\n\r\n{}";
const GET: &str = "GET /rest/v1/a HTTP/1.1\r\nHost: p\r\n\r\n";

fn folder(app: &TestApp) -> PathBuf {
    app.folder().join("journal")
}

/// Waits until the audit says so much about calls.
async fn said_of(folder: &Path, records: usize) -> Vec<String> {
    until("the audit's records", || async {
        Some(said(&audit(folder))).filter(|said| said.len() >= records)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_in_the_audit_before_accuro_sees_it() {
    let journal = Arc::new(OnceLock::<PathBuf>::new());
    let seen = Arc::clone(&journal);
    let upstream = RawUpstream::answering(move |request| {
        let id = request.header("x-request-id").unwrap();
        let about: Vec<Kind> = audit(seen.get().unwrap())
            .into_iter()
            .filter(|record| record.entry.request_id.as_ref().is_some_and(|r| r.as_str() == id))
            .map(|record| record.entry.kind)
            .collect();
        let is_write = request.method() != "GET";
        let as_promised = about == if is_write { vec![Kind::Intent] } else { vec![] };
        json(if as_promised { 200 } else { 500 }, "{\"id\":1}")
    })
    .await;
    let mut app = TestApp::start(&upstream.url());
    journal.set(folder(&app)).unwrap();
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET", "X-OWN"] {
        let request = format!("{method} /rest/v1/a HTTP/1.1\r\nHost: p\r\n\r\n");
        assert_eq!(exchange(&app, request).await.status, 200, "{method}");
    }
    app.stop().await;
    let records = audit(&folder(&app));
    assert_eq!(said(&records), ["intent", "outcome 200 applied"].repeat(5));
    let (first, last) = (&records[0].entry, &records.last().unwrap().entry);
    assert_eq!(first.detail, Some(Event::Started.plain()));
    assert_eq!(last.detail, Some(Event::Stopped.plain()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_holds_references_and_no_identifier() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let request = "PUT /rest/v1/provider-portal/patients/9123456780?uuid=e1a47a6d-f563-4f0f-a7f3-b6539ba21330 HTTP/1.1\r\nHost: p\r\nAuthorization: Bearer zoe-secret\r\nAccuscope-Actor: zoe.tremblay\r\nIdempotency-Key: zoe-tremblay-1\r\nContent-Length: 2\r\n\r\n{}";
    exchange(&app, request).await;
    app.stop().await;
    let records = audit(&folder(&app));
    let intent = &records.iter().find(|r| r.entry.kind == Kind::Intent).unwrap().entry;
    assert_eq!(intent.clinic.as_ref().unwrap().as_str(), "maple-ridge");
    assert!(intent.actor_ref.is_some() && intent.token_ref.is_some());
    let key = intent.idempotency_ref.as_ref().unwrap().to_string();
    assert!(key.starts_with("ik_k1_"), "{key}");
    let file = fs::read_to_string(folder(&app).join("audit-00000001.ndjson")).unwrap();
    for secret in ["9123456780", "zoe", "tremblay", "e1a47a6d"] {
        assert!(!file.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_write_is_told_as_far_as_it_is_known() {
    let upstream = RawUpstream::answering(|request| match request.target() {
        "/200" => json(200, "{\"id\":1}"),
        "/409" => json(409, "{}"),
        "/500" => json(500, "{}"),
        "/page" => {
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\n<html".to_vec()
        }
        _ => b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
            .to_vec(),
    })
    .await;
    let settings = [("proxy.body_idle_timeout", "\"300ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    for (target, told) in [
        ("/200", "outcome 200 applied"),
        ("/409", "outcome 409 rejected conflict"),
        ("/500", "outcome 500 unknown upstream_error"),
    ] {
        exchange(&app, POST.replace("/rest/v1/a", target)).await;
        let said = said_of(&folder(&app), 2).await;
        let outcome = until("the outcome", || async {
            said_of(&folder(&app), said.len()).await.into_iter().find(|said| *said == told)
        })
        .await;
        assert_eq!(outcome, told);
    }
    for target in ["/page", "/broken"] {
        let mut client = app.client().await;
        let request = POST.replace("/rest/v1/a", target);
        client.send(request.replace("Host: p", "Host: p\r\nAccept: application/json")).await;
        // The second one breaks off.
        drop(client.try_answer_to("POST").await);
    }
    app.metric_is("accuscope_writes_unresolved", 3.0).await;
    assert!(app.metric("accuscope_writes_oldest_unresolved_timestamp_seconds").await > 0.0);
    app.stop().await;
    let told = said(&audit(&folder(&app)));
    for outcome in ["outcome 200 unknown unexpected_body", "outcome 200 unknown body_broken"] {
        assert!(told.iter().any(|told| told == outcome), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_nothing_was_changed() {
    let upstream = RawUpstream::always(OK).await;
    let url = upstream.url();
    drop(upstream);
    let mut app = TestApp::start(&url);
    exchange(&app, POST).await.is_problem(502);
    app.stop().await;
    let told = ["intent", "refused connect_failed"];
    assert_eq!(said(&audit(&folder(&app))), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_refused_here_is_in_the_audit_too() {
    let upstream = RawUpstream::always(OK).await;
    let apps = format!(
        "{CLINICS}\n[[apps]]\nid = \"a\"\nname = \"A\"\nkey_sha256 = \"{}\"\n",
        "0".repeat(64)
    );
    let mut app = TestApp::with(&upstream.url(), &[], &apps);
    exchange(&app, POST).await.is_problem(403);
    exchange(&app, GET).await.is_problem(403);
    app.stop().await;
    assert_eq!(said(&audit(&folder(&app))), ["refused app_key_unknown"]);
    assert_eq!(upstream.connections().opened, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_app_hangs_up_is_followed_to_its_end() {
    for reset in [false, true] {
        let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
            peer.request().await;
            pause(200).await;
            peer.send(json(201, "{\"id\":1}")).await;
            peer.closed().await;
        })
        .await;
        let mut app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send(POST).await;
        upstream.has_seen("POST /rest").await;
        if reset {
            client.socket.set_zero_linger().unwrap();
        }
        drop(client);
        let events = app.events_of(1).await;
        assert_eq!((&events[0]["status"], &events[0]["outcome"]), (&499.into(), &"aborted".into()));
        assert_eq!(events[0]["upstream_status"], 201);
        let (events, cut) = app.stop().await;
        assert_eq!((events.len(), cut), (1, 0));
        assert_eq!(said(&audit(&folder(&app))), ["intent", "outcome 201 applied"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_app_hangs_up_is_not_followed_for_ever() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let settings = [("upstream.response_timeout", "\"400ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut client = app.client().await;
    client.send(POST).await;
    upstream.has_seen("POST /rest").await;
    drop(client);
    upstream.ended(1).await;
    let (events, _) = app.stop().await;
    assert_eq!((events.len(), &events[0]["status"]), (1, &499.into()));
    assert_eq!(said(&audit(&folder(&app))), ["intent", "outcome unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_writes_and_then_says_that_their_result_is_unknown() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let settings = [("proxy.drain_timeout", "\"300ms\"")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let mut gone = app.client().await;
    gone.send(POST).await;
    let mut here = app.client().await;
    here.send(POST.replace("/a", "/b")).await;
    upstream.has_seen("POST /rest/v1/a").await;
    upstream.has_seen("POST /rest/v1/b").await;
    drop(gone);
    let (events, cut) = app.stop().await;
    assert_eq!((events.len(), cut), (2, 2));
    let mut told = said(&audit(&folder(&app)));
    told.sort();
    assert_eq!(told, ["intent", "intent", "outcome unknown", "outcome unknown"]);
}

/// Runs a command of the program on an app's settings.
async fn command(app: &TestApp, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accuscope"));
    command.arg("--config").arg(app.folder().join("accuscope.toml")).args(arguments);
    command.env("USER", "zoe");
    let running = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = soon("a command", running).await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_look_up_and_commands_change_is_in_the_same_chain() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    until("the store", || async { app.store() }).await;
    assert_eq!(page(app.at.ops, "/calls").await.0, 200);
    let (worked, text) = command(&app, &["token", "create", "--role", "support"]).await;
    assert!(worked, "{text}");
    // The running process takes in what a command beside it leaves.
    let said = said_of(&folder(&app), 2).await;
    assert_eq!(said, ["lookup listed_calls", "admin token_created"]);
    // What was typed for a clinic is written nowhere, unless it is one.
    let typed = "karen-smith-9876543210";
    let (worked, text) = command(&app, &["diagnose", "--clinic", typed]).await;
    assert!(!worked && !text.contains(typed), "{text}");
    let (worked, text) = command(&app, &["diagnose", "--clinic", "maple-ridge"]).await;
    assert!(worked, "{text}");
    let asked = ["diagnose", "--clinic", "maple-ridge", "--operation", "patient.raed"];
    let (worked, text) = command(&app, &asked).await;
    assert!(!worked && text.contains("operation") && !text.contains("raed"), "{text}");
    let patient = app.folder().join("patient");
    fs::write(&patient, "88127\n").unwrap();
    let asked =
        ["diagnose", "--clinic", "maple-ridge", "--patient-file", patient.to_str().unwrap()];
    let (worked, text) = command(&app, &asked).await;
    assert!(worked, "{text}");
    fs::remove_file(patient).unwrap();
    let said = said_of(&folder(&app), 5).await;
    assert_eq!(said[2..], ["lookup diagnosed"; 3]);
    let records = audit(&folder(&app));
    let asked = records.iter().map(|record| &record.entry);
    let asked = asked.filter(|entry| entry.detail == Some(Event::Diagnosed.plain()));
    let about: Vec<bool> = asked.map(|entry| entry.patient_ref.is_some()).collect();
    assert_eq!(about, [false, false, true], "whose chart was looked at");
    let mut all = Vec::new();
    crate::leaks::files(app.folder(), &mut all);
    for file in all {
        // A segment or a log of the store may go while the process runs.
        let bytes = match fs::read(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read.unwrap(),
        };
        let found = bytes.windows(typed.len()).any(|window| window == typed.as_bytes());
        assert!(!found, "{}", file.display());
    }
    app.stop().await;
    // Under another key of the same name nobody would be found, so nothing is said.
    let key = app.folder().join("k1");
    let own = fs::read(&key).unwrap();
    fs::write(&key, [9; 32]).unwrap();
    let (worked, text) = command(&app, &["diagnose", "--clinic", "maple-ridge"]).await;
    assert!(!worked && text.contains("k1"), "{text}");
    fs::write(&key, own).unwrap();
    // Without a running process, a command writes the chain itself.
    let (worked, text) = command(&app, &["export"]).await;
    assert!(worked, "{text}");
    let (worked, text) = command(&app, &["audit", "export", "--format", "csv"]).await;
    assert!(worked && text.contains("shell.zoe"), "{text}");
    let (worked, text) = command(&app, &["audit", "verify"]).await;
    assert!(worked && text.contains("are as they were written"), "{text}");
    let records = audit(&folder(&app));
    let told = crate::support::audit::said(&records);
    assert_eq!(told[5..], ["export events_exported", "export audit_exported"]);
    let users = records.iter().filter_map(|record| record.entry.user.as_ref());
    assert_eq!(users.map(AccountId::as_str).collect::<Vec<_>>(), ["shell.zoe"; 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_nobody_knows_the_result_of_is_listed_until_somebody_has_looked() {
    let upstream = RawUpstream::always("HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n").await;
    let mut app = TestApp::start(&upstream.url());
    assert_eq!(exchange(&app, POST).await.status, 500);
    app.metric_is("accuscope_writes_unresolved", 1.0).await;
    let (_, text) = command(&app, &["audit", "unresolved"]).await;
    assert!(text.contains("may or may not have been made"), "{text}");
    let event = text.split("event ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let (worked, text) = command(&app, &["audit", "settle", &event, "applied"]).await;
    assert!(worked, "{text}");
    app.metric_is("accuscope_writes_unresolved", 0.0).await;
    let (worked, text) = command(&app, &["audit", "settle", &event, "rejected"]).await;
    assert!(!worked && text.contains("no write without a known result"), "{text}");
    let (_, text) = command(&app, &["audit", "unresolved"]).await;
    assert!(text.contains("every write has a known result"), "{text}");
    app.stop().await;
    assert_eq!(said(&audit(&folder(&app))).last().unwrap(), "outcome applied settled");
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_is_named_by_file_line_and_record() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    for _ in 0..3 {
        exchange(&app, POST).await;
    }
    app.stop().await;
    let file = folder(&app).join("audit-00000001.ndjson");
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, whole.replacen("\"applied\"", "\"unknown\"", 1)).unwrap();
    let (worked, text) = command(&app, &["audit", "verify"]).await;
    assert!(!worked && text.contains("audit-00000001.ndjson:3: record 3: edited"), "{text}");
    assert!(text.contains("2 records before it fit together"), "{text}");
    assert!(text.contains("the store's copy differs in 1 records: record 3"), "{text}");
    let cut: String = whole.split_inclusive('\n').take(4).collect();
    fs::write(&file, cut).unwrap();
    let last = whole.lines().last().unwrap();
    let of = |name: &str| serde_json::from_str::<serde_json::Value>(last).unwrap()[name].clone();
    let head = format!("{}:{}", of("seq"), of("hash").as_str().unwrap());
    let (worked, text) = command(&app, &["audit", "verify"]).await;
    assert!(!worked && text.contains("ndjson:5: record 5: truncated"), "{text}");
    // Who cuts the tail may cut what stands beside it, too; not what was kept elsewhere.
    let beside = folder(&app).join("checkpoints.ndjson");
    let kept = folder(&app).join("kept-elsewhere");
    fs::rename(&beside, &kept).unwrap();
    let (worked, text) = command(&app, &["audit", "verify", "--no-store"]).await;
    assert!(worked && text.contains("no checkpoints"), "a chain cannot show it by itself: {text}");
    let (worked, text) = command(&app, &["audit", "verify"]).await;
    assert!(!worked && text.contains("the store's copy differs"), "{text}");
    assert!(text.contains("record 5 is in the store and not in the audit"), "{text}");
    let copy = kept.display().to_string();
    let (worked, text) = command(&app, &["audit", "verify", "--checkpoints", &copy]).await;
    assert!(!worked && text.contains("ndjson:5: record 5: truncated"), "{text}");
    let (worked, text) = command(&app, &["audit", "verify", "--head", &head]).await;
    assert!(!worked && text.contains("ndjson:5: record 5: truncated"), "{text}");
    let (worked, text) = command(&app, &["audit", "verify", "--head", "x"]).await;
    assert!(!worked && text.contains("--head"), "{text}");
}
