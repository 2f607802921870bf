//! What comes back: kinds, shapes, pages, errors.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use accuscope::domain::catalogue::{Answer, Catalogue, Endpoint};
use accuscope::domain::labels::{Context, Method};
use accuscope::sim::SimConfig;
use accuscope::sim::config::default_tenants;
use accuscope::sim::world::Role;
use serde_json::{Value, json};

use crate::support::{PORTAL, Stage, items};

#[tokio::test]
async fn every_endpoint_of_the_catalogue_answers_as_its_kind() {
    let stage = Stage::new().await;
    let clinic = stage.clinic("MRFP");
    let patient = clinic.patients.iter().find(|patient| patient.office.is_none()).unwrap();
    let booking = clinic.appointments.iter().find(|booking| booking.office == 1).unwrap();
    let doctor = stage.sign_in("MRFP", Role::Administrator).await;
    let background = stage.background("MRFP").await;
    let portal = stage.patient_portal("MRFP", patient.id).await;
    let place = clinic.patient(patient.id).unwrap().0;
    let entry = (100_000 + place * 16).to_string();
    let mut answered = BTreeSet::new();
    // The clinic's own clients and bookings are deleted last.
    let catalogue = Catalogue::embedded().unwrap();
    let mut endpoints: Vec<&Endpoint> = catalogue.endpoints().iter().collect();
    endpoints.sort_by_key(|endpoint| endpoint.method == Method::Delete);
    for endpoint in endpoints {
        let operation = endpoint.operation.as_str();
        if operation.starts_with("auth.") && operation != "auth.change_office" {
            continue;
        }
        let path = endpoint
            .route
            .as_str()
            .replace("{patientId}", &patient.id.to_string())
            .replace("{appointmentId}", &booking.id.to_string())
            .replace("{documentId}", &entry)
            .replace("{labId}", &entry)
            .replace("{officeId}", "1")
            .replace("{providerId}", "101")
            .replace("{userId}", "0")
            .replace("{id}", &(clinic.accounts.len() - 1).to_string());
        let query = match operation {
            "patient.search" | "patient.public_search" => "?lastName=a".to_owned(),
            "auth.change_office" => "?officeId=2".to_owned(),
            _ => String::new(),
        };
        let caller = match endpoint.context {
            Some(Context::Client) => &background,
            Some(Context::Patient) => &portal,
            _ => &doctor,
        };
        let request = caller.request(endpoint.method, &format!("{path}{query}"));
        let request = if endpoint.method.is_safe() {
            request
        } else {
            request.json(&json!({
                "lastName": "Testwell", "firstName": "Umber", "dateOfBirth": "1984-02-29",
                "patientId": patient.id, "providerId": 101, "date": "2027-03-02",
                "startTime": "07:15", "drug": "placebo", "title": "t", "status": "arrived",
                "userName": "new.user", "clientId": "new-client",
            }))
        };
        let response = request.send().await.unwrap();
        let status = response.status();
        let kind = response.headers().get("content-type").cloned();
        let kind = kind.map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = response.bytes().await.unwrap();
        assert!(status.is_success(), "{operation} {status} {}", String::from_utf8_lossy(&body));
        if endpoint.list {
            items(&serde_json::from_slice(&body).unwrap());
        }
        match endpoint.answer {
            Answer::Json if !body.is_empty() => {
                assert!(kind.starts_with("application/json"), "{operation} {kind}");
                serde_json::from_slice::<Value>(&body).unwrap();
            }
            Answer::Html => assert!(kind.starts_with("text/html"), "{operation} {kind}"),
            _ => {}
        }
        answered.insert(operation.to_owned());
        if operation == "auth.change_office" {
            let back = doctor.request(Method::Put, &format!("{PORTAL}/current-office?officeId=1"));
            assert_eq!(back.send().await.unwrap().status(), 204);
        }
    }
    assert!(answered.len() > 40, "{answered:?}");
    let page = stage.url("/oauth/authorize?response_type=code&client_id=x");
    let page = stage.http.get(page).send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn lists_come_as_arrays_and_as_envelopes_and_creations_in_many_forms() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let patient = stage.clinic("MRFP").patients.iter().find(|p| p.office.is_none()).unwrap().id;
    let chart = format!("{PORTAL}/patients/{patient}");
    let mut shapes = BTreeSet::new();
    for list in ["documents", "letters", "medications", "labs", "allergies", "history"] {
        let answer: Value = nurse.get(&format!("{chart}/{list}")).await.json().await.unwrap();
        let keys = answer.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>().join(","));
        shapes.insert(keys.unwrap_or_default());
    }
    assert!(shapes.len() >= 3, "{shapes:?}");
    let upload = nurse.request(Method::Post, &format!("{chart}/documents")).body("%PDF-1.4");
    let upload = upload.send().await.unwrap();
    assert_eq!(upload.status(), 201);
    assert!(upload.headers()["location"].to_str().unwrap().contains(&patient.to_string()));
    let born = json!({"lastName": "Testwell", "firstName": "Zoë", "dateOfBirth": "2020-01-31"});
    let added = nurse.request(Method::Post, &format!("{PORTAL}/patients")).json(&born);
    assert!(added.send().await.unwrap().json::<Value>().await.unwrap().is_i64());
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let numbers = |page: &[Value]| {
        page.iter().map(|one| one["patientId"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let search = format!("{PORTAL}/patients?lastName=f");
    let whole = numbers(&nurse.list(&format!("{search}&pageSize=200")).await);
    let first = numbers(&nurse.list(&format!("{search}&pageSize=3")).await);
    assert_eq!(first, whole[..3]);
    let next = format!("{search}&pageSize=3&startingId={}", whole[3]);
    assert_eq!(numbers(&nurse.list(&next).await), whole[3..6]);
}

#[tokio::test]
async fn bad_input_is_refused_and_repeated() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let patients = format!("{PORTAL}/patients");
    for (body, status, repeated) in [
        (json!({"firstName": "Umber"}), 400, "lastName"),
        (json!({"lastName": "A", "firstName": "B", "dateOfBirth": "31/12/84"}), 400, "31/12/84"),
        (json!({"lastName": "A", "phn": "9123456789"}), 422, "9123456789"),
    ] {
        let response = nurse.request(Method::Post, &patients).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status, "{body}");
        assert!(response.text().await.unwrap().contains(repeated), "{body}");
    }
    let plain = nurse.request(Method::Post, &patients).body("x").send().await.unwrap();
    assert_eq!(plain.status(), 415);
    assert_eq!(nurse.status(&patients).await, 400, "a search without a field");
    assert_eq!(nurse.status(&format!("{patients}/abc")).await, 400);
    assert_eq!(nurse.status(&format!("{patients}/1")).await, 404);
    assert_eq!(nurse.status("/rest/v1/nothing/here").await, 404);
    let wrong = nurse.request(Method::Delete, &patients).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
}

#[tokio::test]
async fn merged_charts_and_open_bookings_answer_as_they_do_in_life() {
    let stage = Stage::new().await;
    for (acronym, expected) in [("MRFP", 404), ("LSFP", 410)] {
        let nurse = stage.sign_in(acronym, Role::Nurse).await;
        let mut open = stage.clinic(acronym).patients.iter().filter(|p| p.office.is_none());
        let (old, into) = (open.next().unwrap().id, open.next().unwrap().id);
        let chart = format!("{PORTAL}/patients/{old}");
        assert_eq!(nurse.status(&chart).await, 200);
        let merge = json!({"do": "merge_patient", "tenant": acronym, "patient": old, "into": into});
        stage.order(merge).await;
        assert_eq!(nurse.status(&chart).await, expected, "{acronym}");
    }
    let nurse = stage.sign_in("PRC", Role::Nurse).await;
    let booking = stage.clinic("PRC").appointments[0].id;
    let edit = json!({"do": "edit_slot", "tenant": "PRC", "appointment": booking, "lasts": "2m"});
    stage.order(edit).await;
    let path = format!("{PORTAL}/scheduler/appointments/{booking}");
    let update = || nurse.request(Method::Put, &path).json(&json!({"status": "arrived"})).send();
    assert_eq!(update().await.unwrap().status(), 409);
    stage.seconds.fetch_add(121, Ordering::Relaxed);
    assert_eq!(update().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_still_logged() {
    let stage = Stage::with(SimConfig { max_body_bytes: 1_000, ..SimConfig::default() }).await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let path = format!("{PORTAL}/patients/1/documents");
    let response = nurse.request(Method::Post, &path).body("x".repeat(1_001)).send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(stage.log("operation=document.create").await.len(), 1);
}

#[tokio::test]
async fn gzip_is_given_to_those_who_ask() {
    let stage = Stage::new().await;
    let nurse = stage.sign_in("MRFP", Role::Nurse).await;
    let request = nurse.request(Method::Get, "/rest/v1/providers");
    let response = request.header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let zipped = response.bytes().await.unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut text)
        .unwrap();
    assert_eq!(text, nurse.get("/rest/v1/providers").await.text().await.unwrap());
}

#[tokio::test]
async fn equal_seeds_give_equal_answers_tokens_included() {
    let mut answers = Vec::new();
    for seed in [7, 7, 8] {
        let config = SimConfig { seed, tenants: default_tenants(), ..SimConfig::default() };
        let stage = Stage::with(config).await;
        let nurse = stage.sign_in("NSWH", Role::Nurse).await;
        let found = nurse.get(&format!("{PORTAL}/patients?lastName=t&pageSize=5")).await;
        answers.push((nurse.token.clone(), found.text().await.unwrap()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0], answers[2]);
}
