//! Who is let in, and what they see.

use std::sync::atomic::Ordering;

use accuscope::domain::labels::Method;
use accuscope::sim::world::Role;
use serde_json::{Value, json};

use crate::support::{PORTAL, Stage};

#[tokio::test]
async fn a_refresh_token_works_once_and_the_error_repeats_it() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("HVM", Role::Nurse).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", nurse.refresh.as_str())];
    assert_eq!(stage.token_call("HVM", &fields).await.status(), 200);
    let second = stage.token_call("HVM", &fields).await;
    assert_eq!(second.status(), 400);
    let body: Value = second.json().await.unwrap();
    assert_eq!(body["error"], "invalid_grant");
    assert!(body["error_description"].as_str().unwrap().contains(&nurse.refresh));
}

#[tokio::test]
async fn an_expired_token_is_refused_with_the_token_in_body_and_header() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("LSFP", Role::Nurse).await;
    assert_eq!(nurse.token.split('.').count(), 3, "this clinic's tokens are JWTs");
    assert_eq!(nurse.status("/rest/v1/offices").await, 200);
    stage.seconds.fetch_add(3_600, Ordering::Relaxed);
    let refused = nurse.get("/rest/v1/offices").await;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains(&format!("Access token expired: {}", nurse.token)));
    assert!(refused.text().await.unwrap().contains(&nurse.token));
}

#[tokio::test]
async fn a_token_opens_only_its_own_clinic() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let bearer = format!("Bearer {}", nurse.token);
    let other = stage.clinic("HVM").spec.uuid.to_string();
    for (uuid, expected) in [
        (nurse.tenant.as_str(), 200),
        (&other, 403),
        ("00000000-0000-4000-8000-000000000000", 401),
        ("typo", 401),
    ] {
        let url = stage.url(&format!("/rest/v1/offices?uuid={uuid}"));
        let response = stage.http.get(url).header("authorization", &bearer).send().await.unwrap();
        assert_eq!(response.status(), expected, "{uuid}");
    }
    let nobody = stage.http.get(stage.url("/rest/v1/offices")).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
}

#[tokio::test]
async fn what_is_not_granted_is_left_out_without_an_error() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let search = format!("{PORTAL}/patients?lastName=m&pageSize=200");
    let before = nurse.list(&search).await;
    let bookings = format!("{PORTAL}/scheduler/appointments?date=2026-11-24");
    assert!(!before.is_empty() && !nurse.list(&bookings).await.is_empty());
    let grant = json!({"do": "grant", "tenant": "MRFP", "user": nurse.login, "providers": [101]});
    stage.order(grant).await;
    let after = nurse.list(&search).await;
    assert!(after.len() < before.len());
    assert!(after.iter().all(|patient| patient["providerId"] == 101));
    assert_eq!(nurse.list("/rest/v1/providers").await.len(), 1);
    stage
        .order(json!({"do": "grant", "tenant": "MRFP", "user": nurse.login, "providers": []}))
        .await;
    for empty in [search.as_str(), &bookings, "/rest/v1/providers"] {
        assert!(nurse.list(empty).await.is_empty(), "{empty}");
    }
    stage.order(json!({"do": "restore_grants", "tenant": "MRFP", "user": nurse.login})).await;
    assert_eq!(nurse.list(&search).await.len(), before.len());
}

#[tokio::test]
async fn a_patient_of_one_office_is_not_found_in_another() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let clinic = stage.clinic("MRFP");
    let patient = clinic.patients.iter().find(|patient| patient.office == Some(2)).unwrap().id;
    let chart = format!("{PORTAL}/patients/{patient}");
    for (office, expected) in [(1, 404), (2, 200), (1, 404)] {
        let change = nurse.request(Method::Put, &format!("{PORTAL}/current-office"));
        assert_eq!(change.json(&json!({"officeId": office})).send().await.unwrap().status(), 204);
        assert_eq!(nurse.status(&chart).await, expected, "office {office}");
    }
    let nowhere = nurse.request(Method::Put, &format!("{PORTAL}/current-office?officeId=77"));
    assert_eq!(nowhere.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_mask_closes_one_chart_to_one_person_and_a_hidden_one_leaves_no_trace() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let doctor = stage.sign_in("MRFP", Role::Physician).await;
    let mut open = stage.clinic("MRFP").patients.iter().filter(|p| p.office.is_none());
    let (patient, neighbour) = (open.next().unwrap(), open.next().unwrap());
    let chart = |id: i64| format!("{PORTAL}/patients/{id}");
    let find = format!("{PORTAL}/patients?patientId={}", patient.id);
    for (how, status, listed) in
        [("forbidden", 403, 1), ("unauthorized", 401, 1), ("hidden", 404, 0)]
    {
        let mask = json!({"do": "mask", "tenant": "MRFP", "patient": patient.id,
            "users": [nurse.login], "how": how});
        stage.order(mask).await;
        assert_eq!(nurse.status(&chart(patient.id)).await, status, "{how}");
        assert_eq!(nurse.list(&find).await.len(), listed, "{how}");
        assert_eq!(nurse.status(&chart(neighbour.id)).await, 200, "{how}");
        assert_eq!(doctor.status(&chart(patient.id)).await, 200, "{how}");
        stage.order(json!({"do": "unmask", "tenant": "MRFP", "patient": patient.id})).await;
    }
    stage.order(json!({"do": "mask", "tenant": "MRFP", "patient": patient.id})).await;
    assert_eq!(doctor.status(&chart(patient.id)).await, 403, "closed to all");
}

#[tokio::test]
async fn a_role_without_a_section_is_refused_there_only() {
    let stage = Stage::new().await;
    for (acronym, denial) in [("MRFP", 403), ("FWI", 401)] {
        let desk = stage.sign_in(acronym, Role::FrontDesk).await;
        let office = stage.clinic(acronym).account(&desk.login).unwrap();
        let office = stage.clinic(acronym).accounts[office].office;
        let patients = &stage.clinic(acronym).patients;
        let patient = patients.iter().find(|p| p.office.is_none_or(|o| o == office)).unwrap().id;
        let chart = format!("{PORTAL}/patients/{patient}");
        for (path, expected) in
            [("", 200), ("/documents", 200), ("/labs", denial), ("/medications", denial)]
        {
            assert_eq!(desk.status(&format!("{chart}{path}")).await, expected, "{acronym} {path}");
        }
        let deny = json!({"do": "deny_section", "tenant": acronym, "section": "documents",
            "role": "front_desk", "how": "forbidden"});
        stage.order(deny).await;
        assert_eq!(desk.status(&format!("{chart}/documents")).await, 403);
    }
}

#[tokio::test]
async fn a_token_of_one_kind_is_refused_on_the_paths_of_another() {
    let stage = Stage::new().await;
    let background = stage.background("MRFP").await;
    let patient = stage.clinic("MRFP").patients[0].id;
    let portal = stage.patient_portal("MRFP", patient).await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let chart = format!("{PORTAL}/patients/{patient}");
    assert_eq!(background.status(&chart).await, 403);
    assert_eq!(portal.status(&chart).await, 403);
    assert_eq!(portal.status("/rest/v1/patient-portal/demographics").await, 200);
    assert_eq!(nurse.status("/rest/v1/patient-portal/demographics").await, 403);
    assert_eq!(background.status("/rest/v1/patients/search?lastName=m").await, 200);
}

#[tokio::test]
async fn revoked_credentials_stop_sign_ins_and_live_tokens_go_on() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("HVM", Role::Nurse).await;
    stage.order(json!({"do": "revoke_client", "tenant": "HVM"})).await;
    let refused = stage.token_call("HVM", &[("grant_type", "client_credentials")]).await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"], "invalid_client");
    assert_eq!(nurse.status("/rest/v1/offices").await, 200);
    let elsewhere = stage.token_call("MRFP", &[("grant_type", "client_credentials")]).await;
    assert_eq!(elsewhere.status(), 200);
    stage
        .order(json!([{"do": "restore_client", "tenant": "HVM"},
        {"do": "revoke_tokens", "tenant": "HVM", "user": nurse.login}]))
        .await;
    assert_eq!(nurse.status("/rest/v1/offices").await, 401);
    stage.order(json!({"do": "disable_tenant", "tenant": "HVM"})).await;
    let refused = stage.token_call("HVM", &[("grant_type", "client_credentials")]).await;
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn the_sign_in_page_gives_a_code_that_works_once() {
    let stage = Stage::new().await;
    let clinic = stage.clinic("RBP");
    let (client, person) = (clinic.client("chart-app").unwrap(), clinic.staff().next().unwrap());
    let form = [
        ("client_id", client.login.as_str()),
        ("redirect_uri", "https://app.example/back"),
        ("state", "s1"),
        ("username", &person.login),
        ("password", &person.password),
    ];
    let answer = stage.http.post(stage.url("/oauth/authorize")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert!(location.ends_with("&state=s1"));
    let fields = [("grant_type", "authorization_code"), ("code", code)];
    assert_eq!(stage.token_call("RBP", &fields).await.status(), 200);
    assert_eq!(stage.token_call("RBP", &fields).await.status(), 400);
}
