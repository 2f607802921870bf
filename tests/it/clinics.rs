//! "The call is booked on the wrong clinic, or an app gets where it should not."

use sha2::{Digest, Sha256};

use crate::support::app::CLINICS;
use crate::support::upstream::{OK, json};
use crate::support::{RawUpstream, TestApp, exchange};

const MAPLE: &str = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";
const CEDAR: &str = "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11";
const STRANGER: &str = "ffffffff-1d5e-4b43-9a56-0c1d6f4b7a11";

fn keyed_apps() -> String {
    let entry = |id: &str, key: &str, clinics: &str| {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(key.as_bytes()));
        format!(
            "[[apps]]\nid = \"{id}\"\nname = \"{id}\"\nkey_sha256 = \"{digest}\"\nclinics = [{clinics}]\n"
        )
    };
    format!(
        "{CLINICS}{}{}",
        entry("intake", "key-intake", "\"maple-ridge\""),
        entry("everywhere", "key-everywhere", "")
    )
}

fn call(target: &str, fields: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: p\r\n{fields}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_a_known_key_gets_nowhere() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[], &keyed_apps());
    for fields in [
        "",
        "Accuscope-App-Key: guessed\r\n",
        "Accuscope-App-Key:\r\n",
        "Accuscope-App-Key: key-intake\r\nAccuscope-App-Key: key-everywhere\r\n",
    ] {
        let answer = exchange(&app, call("/rest/v1/offices", fields)).await;
        let problem = answer.is_problem(403);
        assert_eq!(
            (&problem["category"], &problem["reason"]),
            (&"policy".into(), &"app_key_unknown".into())
        );
        assert_eq!(problem["retryable"], false);
        assert!(!answer.text().contains("guessed"));
        let event = app.event(&answer.support_code()).await;
        assert_eq!((&event["source"], &event["attempts"]), (&"accuscope".into(), &0.into()));
        assert!(event["app"].is_null() && event["upstream_us"].is_null());
    }
    assert_eq!(upstream.connections().opened, 0);
    app.metric_is("accuscope_refusals_total{reason=\"app_key_unknown\"}", 4.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_that_is_not_the_apps_is_closed_to_it_whichever_way_it_is_named() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[], &keyed_apps());
    let key = "Accuscope-App-Key: key-intake\r\n";
    for (target, fields) in [
        (format!("/rest/v1/offices?uuid={CEDAR}"), key.to_owned()),
        (format!("/rest/v1/offices?x=1&uuid={}", CEDAR.to_uppercase()), key.to_owned()),
        (format!("/rest/v1/offices?UUID={CEDAR}"), key.to_owned()),
        (format!("/rest/v1/offices?uuid[]={CEDAR}"), key.to_owned()),
        (
            "/rest/v1/offices".to_owned(),
            format!("{key}Accuscope-Clinic: maple-ridge\r\nAccuscope-Clinic: cedar-hill\r\n"),
        ),
        ("/rest/v1/offices".to_owned(), format!("{key}Accuscope-Clinic: cedar-hill\r\n")),
        (
            format!("/rest/v1/offices?uuid={MAPLE}"),
            format!("{key}Accuscope-Clinic: cedar-hill\r\n"),
        ),
    ] {
        let answer = exchange(&app, call(&target, &fields)).await;
        assert_eq!(answer.is_problem(403)["reason"], "clinic_not_allowed", "{target} {fields}");
    }
    assert_eq!(upstream.connections().opened, 0);
    let fine = exchange(&app, call(&format!("/rest/v1/offices?uuid={MAPLE}"), key)).await;
    assert_eq!(fine.status, 200);
    let event = app.event(&fine.support_code()).await;
    assert_eq!((&event["app"], &event["clinic"]), (&"intake".into(), &"maple-ridge".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clinic_is_told_by_key_then_tenant_then_header_then_grant() {
    let upstream = RawUpstream::answering(|request| match request.target() {
        target if target.starts_with("/oauth/token") => {
            json(200, r#"{"access_token":"granted-token","expires_in":3600}"#)
        }
        _ => json(200, "{}"),
    })
    .await;
    let app = TestApp::with(&upstream.url(), &[], &keyed_apps());
    let anywhere = "Accuscope-App-Key: key-everywhere\r\n";
    let grant = format!(
        "POST /oauth/token?uuid={CEDAR} HTTP/1.1\r\nHost: p\r\n{anywhere}Content-Length: 0\r\n\r\n"
    );
    assert_eq!(exchange(&app, grant).await.status, 200);
    let token = "Authorization: Bearer granted-token\r\n";
    for (target, fields, clinic) in [
        ("/x".to_owned(), "Accuscope-App-Key: key-intake\r\n".to_owned(), Some("maple-ridge")),
        (
            format!("/x?uuid={CEDAR}"),
            format!("{anywhere}Accuscope-Clinic: maple-ridge\r\n"),
            Some("cedar-hill"),
        ),
        (
            "/x".to_owned(),
            format!("{anywhere}{token}Accuscope-Clinic: maple-ridge\r\n"),
            Some("maple-ridge"),
        ),
        ("/x".to_owned(), format!("{anywhere}{token}"), Some("cedar-hill")),
        ("/x".to_owned(), anywhere.to_owned(), None),
        (format!("/x?uuid={STRANGER}"), anywhere.to_owned(), None),
        ("/x?uuid=Tremblay".to_owned(), anywhere.to_owned(), None),
    ] {
        let answer = exchange(&app, call(&target, &fields)).await;
        assert_eq!(answer.status, 200);
        let event = app.event(&answer.support_code()).await;
        assert_eq!(event["clinic"].as_str(), clinic, "{target} {fields}");
    }
    app.metric_is("accuscope_unknown_clinic_calls_total", 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_hide_who_and_whom_and_stay_the_same() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let ask = |clinic: &str, patient: &str, actor: &str| {
        call(
            &format!("/rest/v1/provider-portal/patients/{patient}?uuid={clinic}"),
            &format!("Accuscope-Actor: {actor}\r\nAuthorization: bearer secret-token\r\n"),
        )
    };
    let mut seen = Vec::new();
    for (clinic, patient, actor) in [
        (MAPLE, "8812", "zoe"),
        (MAPLE, "88%312", "zoe"),
        (CEDAR, "8812", "zoe"),
        (MAPLE, "8813", "max"),
    ] {
        let answer = exchange(&app, ask(clinic, patient, actor)).await;
        seen.push(app.event(&answer.support_code()).await);
    }
    for event in &seen {
        for (name, prefix) in
            [("patient_ref", "pt_k1_"), ("actor_ref", "ac_k1_"), ("token_ref", "tk_k1_")]
        {
            let reference = event[name].as_str().unwrap();
            assert!(reference.starts_with(prefix) && reference.len() == 32, "{event}");
        }
        assert_eq!(event["route"], "/rest/v1/provider-portal/patients/{patientId}");
        assert_eq!(event["operation"], "patient.read");
        assert_eq!(event["token_ref"], seen[0]["token_ref"]);
    }
    assert_eq!(seen[0]["patient_ref"], seen[1]["patient_ref"], "percent-encoding changes nobody");
    assert_ne!(seen[0]["patient_ref"], seen[2]["patient_ref"], "another clinic, another reference");
    assert_ne!(seen[0]["actor_ref"], seen[2]["actor_ref"]);
    assert_ne!(seen[0]["patient_ref"], seen[3]["patient_ref"]);
    // The reference of the contract, computed by hand.
    let mut mac = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&[7; 32]).unwrap();
    hmac::Mac::update(&mut mac, b"patient\0maple-ridge\08812");
    let digest = hmac::Mac::finalize(mac).into_bytes();
    let wanted = data_encoding::BASE32_NOPAD.encode(&digest).to_lowercase();
    assert_eq!(seen[0]["patient_ref"], format!("pt_k1_{}", &wanted[..26]));
}
