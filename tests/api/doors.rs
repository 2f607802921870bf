//! Who gets in.

use accuscope::ops::Auth;
use axum::body::Body;
use axum::http::Request;

use crate::support::Site;

const READS: [&str; 4] =
    ["/api/v1/exchanges", "/api/v1/clinics", "/api/v1/clinics/maple-ridge", "/api/v1/status"];

#[tokio::test]
async fn nobody_gets_in_without_a_token_that_works() {
    let site = Site::new(Auth::Sessions).await;
    for address in READS {
        for token in ["", "Bearer nobody", "Basic support", "Bearer "] {
            let mut request = Request::get(address);
            if !token.is_empty() {
                request = request.header("authorization", token);
            }
            let answer = site.send(request.body(Body::empty()).unwrap()).await;
            answer.problem(401);
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            assert!(!answer.text.contains("nobody"));
        }
    }
}

#[tokio::test]
async fn managers_see_figures_and_never_a_call() {
    let site = Site::new(Auth::Sessions).await;
    let call = format!("/api/v1/exchanges/{}", site.events[0].id);
    for role in ["support", "oncall", "manager", "admin"] {
        for address in ["/api/v1/clinics", "/api/v1/clinics/maple-ridge", "/api/v1/status"] {
            assert_eq!(site.get(role, address).await.status, 200, "{role} {address}");
        }
        let body = r#"{"kind": "patient", "clinic": "maple-ridge", "identifier": "8812"}"#;
        let answers = [
            site.get(role, "/api/v1/exchanges").await,
            // A manager learns nothing from a wrong query or id either.
            site.get(role, "/api/v1/exchanges?limit=1").await,
            site.get(role, &call).await,
            site.post(role, "/api/v1/references", body).await,
        ];
        for answer in answers {
            if role == "manager" {
                assert!(answer.problem(403).contains("Single calls are for"));
            } else {
                assert_eq!(answer.status, 200, "{role}: {}", answer.text);
            }
        }
    }
    site.get("manager", "/api/v1/exchanges?nonsense=1").await.problem(403);
    site.get("manager", "/api/v1/exchanges/none").await.problem(403);
}

#[tokio::test]
async fn a_site_without_sign_in_asks_for_no_token() {
    let site = Site::new(Auth::Off).await;
    for address in READS {
        let request = Request::get(address).body(Body::empty()).unwrap();
        assert_eq!(site.send(request).await.status, 200, "{address}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document_and_no_page() {
    let site = Site::new(Auth::Sessions).await;
    site.get("support", "/api/v1/patients").await.problem(404);
    site.get("support", "/api/v1/").await.problem(404);
    site.get("support", "/api/v1/clinics/%FF").await.problem(400);
    let long = "x".repeat(20_000).leak();
    site.post("support", "/api/v1/references", long).await.problem(413);
    site.get("support", "/api/v1/references").await.problem(405);
    site.get("support", "/api/v1/clinics/nowhere").await.problem(404);
    site.get("support", "/api/v1/clinics/Zo%C3%AB%20Tremblay").await.problem(404);
    site.get("support", "/api/v1/exchanges/8812").await.problem(404);
    let unknown = "/api/v1/exchanges/01939f6e-5a2b-7c3d-8e4f-0123456789ab";
    site.get("support", unknown).await.problem(404);
}
