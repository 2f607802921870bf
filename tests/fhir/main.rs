//! The audit's FHIR export, every kind of record, against the published definitions of FHIR R4.
//!
//! The validator is a package of npm's (`npm --prefix tests/fhir ci`). Where it is not installed, the test
//! says so and passes, unless `ACCUSCOPE_TEST_FHIR` is set, as `./test` does.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use accuscope::domain::audit::chain::Head;
use accuscope::domain::audit::{CallResult, Entry, Event, Kind};
use accuscope::domain::event::{Exchange, json};
use accuscope::domain::labels::Method;
use accuscope::domain::names::{AccountId, InstanceId};
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;

fn call() -> Exchange {
    let line = r#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"appointment.update","domain":"scheduling","method":"PUT","route":"/rest/v1/appointments/{appointmentId}","mutation":true,"status":200,"upstream_status":200,"outcome":"ok","attempts":1,"actor_ref":"ac_k1_abcdefghijklmnopqrstuvwxya","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya","trace_id":"0af7651916cd43dd8448eb211c80319c"}"#;
    json::read_line(line.as_bytes()).unwrap()
}

fn by_a_person(kind: Kind, event: Event) -> Entry {
    Entry {
        user: Some(AccountId::parse("r.okafor").unwrap()),
        role: Some(Role::Support),
        detail: Some(event.plain()),
        ..Entry::new(kind)
    }
}

/// Every kind, every result, every detail, and calls of which little is known.
fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for method in Method::ALL {
        let call = Exchange { method: *method, ..call() };
        entries.push(Entry::of_call(Kind::Intent, &call, None));
    }
    let unknown = Exchange {
        clinic: None,
        app: None,
        actor_ref: None,
        patient_ref: None,
        token_ref: None,
        ..call()
    };
    for call in [call(), unknown] {
        for result in CallResult::ALL {
            entries.push(Entry { result: Some(*result), ..Entry::outcome(&call, None) });
        }
        for reason in Reason::ALL {
            entries.push(Entry::refused(&call, None, Some(*reason)));
            let failed = Exchange { ending: Ending::failed(*reason), ..call.clone() };
            entries.push(Entry::outcome(&failed, None));
        }
    }
    for kind in Kind::ALL {
        entries.push(Entry::new(*kind));
        for event in Event::ALL {
            entries.push(by_a_person(*kind, *event));
            entries.push(Entry { detail: Some(event.of(12)), ..Entry::new(*kind) });
        }
    }
    entries
}

fn write(folder: &Path) -> usize {
    let (mut head, mut lines) = (Head::START, Vec::new());
    let instance = InstanceId::parse("i-1").unwrap();
    let entries = entries();
    for (entry, second) in entries.iter().zip(1_795_000_000..) {
        let _ = head.append(entry.clone(), Timestamp::from_seconds(second), &instance, &mut lines);
    }
    fs::write(folder.join("audit-00000001.ndjson"), lines).unwrap();
    entries.len()
}

#[test]
fn every_kind_of_record_is_a_valid_audit_event_of_fhir_r4() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path());
    let bundle = dir.path().join("bundle.json");
    let export = Command::new(env!("CARGO_BIN_EXE_accuscope"))
        .args(["audit", "export", "--format", "fhir", "--dir"])
        .args([dir.path(), Path::new("--output"), &bundle])
        .status()
        .unwrap();
    assert!(export.success());
    let text = fs::read_to_string(&bundle).unwrap();
    assert_eq!(text.matches("\"resourceType\":\"AuditEvent\"").count(), written);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fhir");
    if !here.join("node_modules/fhir").is_dir() {
        let mut out = std::io::stderr();
        let skipped = b"skipped: FHIR validation needs npm --prefix tests/fhir ci\n";
        std::io::Write::write_all(&mut out, skipped).unwrap();
        assert!(std::env::var_os("ACCUSCOPE_TEST_FHIR").is_none(), "the validator is missing");
        return;
    }
    let checked = Command::new("node").arg(here.join("run.mjs")).arg(&bundle).output().unwrap();
    let said = String::from_utf8([checked.stdout, checked.stderr].concat()).unwrap();
    assert!(checked.status.success(), "{said}");
    assert!(said.contains(&format!("{written} resources, 0 problems")), "{said}");
}
