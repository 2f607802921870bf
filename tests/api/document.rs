//! The OpenAPI document is true: it lists what there is, and answers look as it says.

use accuscope::ops::Auth;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::support::Site;

async fn document(site: &Site) -> Value {
    // It is open to everybody.
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let answer = site.send(request).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

/// Follows references within the document.
fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(path) => document.pointer(path.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => schema,
    }
}

/// Says where a value is not what a schema allows.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(document, schema);
    if let Some(parts) = schema["allOf"].as_array() {
        // Of a flattened whole, each part allows the other's fields.
        return parts.iter().flat_map(|part| part_faults(document, part, value, at)).collect();
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let fits = |option: &Value| faults(document, option, value, at).is_empty();
        return if options.iter().any(fits) { vec![] } else { vec![format!("{at}: none fits")] };
    }
    let mut found = part_faults(document, schema, value, at);
    if let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
        let strange = fields.keys().filter(|field| !known.contains_key(*field));
        found.extend(strange.map(|field| format!("{at}.{field}: not described")));
    }
    found
}

fn part_faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(document, schema);
    let mut found = Vec::new();
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    };
    if !allowed {
        found.push(format!("{at}: {kind}, described as {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        found.push(format!("{at}: not in the list"));
    }
    for field in schema["required"].as_array().into_iter().flatten() {
        if value.get(field.as_str().unwrap()).is_none() {
            found.push(format!("{at}.{field}: missing"));
        }
    }
    for (field, described) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(inner) = value.get(field) {
            found.extend(faults(document, described, inner, &format!("{at}.{field}")));
        }
    }
    for inner in value.as_array().into_iter().flatten() {
        found.extend(faults(document, &schema["items"], inner, &format!("{at}[]")));
    }
    found
}

#[tokio::test]
async fn answers_look_as_the_document_says() {
    let site = Site::new(Auth::Sessions).await;
    let document = document(&site).await;
    let call = format!("/api/v1/exchanges/{}", site.events[4].id);
    for (address, path) in [
        ("/api/v1/exchanges?limit=7", "/api/v1/exchanges"),
        (call.as_str(), "/api/v1/exchanges/{id}"),
        ("/api/v1/clinics", "/api/v1/clinics"),
        ("/api/v1/clinics/maple-ridge", "/api/v1/clinics/{id}"),
        ("/api/v1/status", "/api/v1/status"),
        ("/api/v1/adoption", "/api/v1/adoption"),
        ("/api/v1/adoption?by=day&from=2026-11-24", "/api/v1/adoption"),
        ("/api/v1/adoption?by=year", "/api/v1/adoption"),
        ("/api/v1/adoption?clinic=nowhere", "/api/v1/adoption"),
        ("/api/v1/exchanges?limit=0", "/api/v1/exchanges"),
        ("/api/v1/exchanges/none", "/api/v1/exchanges/{id}"),
    ] {
        let answer = site.get("support", address).await;
        let responses = &document["paths"][path]["get"]["responses"];
        let content = &responses[answer.status.as_str()]["content"];
        let kind = answer.headers["content-type"].to_str().unwrap();
        let schema = &content[kind]["schema"];
        assert!(schema.is_object(), "{address}: {} {kind} is not described", answer.status);
        let found = faults(&document, schema, &answer.json(), "");
        assert!(found.is_empty(), "{address}: {found:#?}");
    }
}

#[tokio::test]
async fn every_address_of_the_document_is_there_and_guarded() {
    let site = Site::new(Auth::Sessions).await;
    let document = document(&site).await;
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 9);
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            let request = Request::builder()
                .method(method.to_ascii_uppercase().as_str())
                .uri(path.replace("{id}", "maple-ridge"))
                .body(Body::empty())
                .unwrap();
            assert_eq!(site.send(request).await.status, 401, "{method} {path}");
            assert!(operation["responses"]["401"].is_object(), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
        }
    }
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[tokio::test]
async fn every_parameter_of_the_document_is_taken() {
    let site = Site::new(Auth::Sessions).await;
    let document = document(&site).await;
    let parameters =
        document["paths"]["/api/v1/exchanges"]["get"]["parameters"].as_array().unwrap();
    assert!(parameters.len() >= 17, "{}", parameters.len());
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap();
        let answer = site.get("support", &format!("/api/v1/exchanges?{name}=%20")).await;
        // Known, if not always with that value.
        assert!(!answer.text.contains("not known"), "{name}: {}", answer.text);
    }
}
