//! Published holes of other proxies, one test each: the class of mistake, tried on this one.

use crate::case::Bench;
use crate::flood::{PREFACE, frame, head};
use crate::support::app::CLINICS;
use crate::support::upstream::{OK, json};
use crate::support::{RawUpstream, TestApp, exchange, soon};

/// An app that has to show a key.
fn locked() -> String {
    let digest = "0".repeat(64);
    format!("{CLINICS}\n[[apps]]\nid = \"a\"\nname = \"A\"\nkey_sha256 = \"{digest}\"\n")
}

/// Pingora: a body that was left unread became the next request.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_4366_the_body_of_a_call_that_is_answered_here_is_no_request() {
    let bench = Bench::start().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: p\r\n\r\n";
    for fields in ["Expect: x\r\n", "Max-Forwards: 0\r\n"] {
        let length = smuggled.len();
        let request = format!(
            "OPTIONS /a HTTP/1.1\r\nHost: p\r\n{fields}Content-Length: {length}\r\n\r\n{smuggled}"
        );
        let seen = bench.ask(request).await;
        assert!(seen.requests.is_empty(), "{fields}: {seen:?}");
        assert!(seen.replies.len() <= 2, "{fields}: {seen:?}");
    }
}

/// h2, Pingora: streams that the server is made to reset cost the attacker nothing (`MadeYouReset`).
#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_8671_resets_that_a_client_provokes_end_its_connection() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let mut client = app.client().await;
    client.send([PREFACE, &frame(4, 0, 0, &[])].concat()).await;
    for number in 0..5_000u32 {
        let stream = number * 2 + 1;
        // A window update of nothing is an error of the stream (RFC 9113, 6.9).
        let bytes = [head(stream, "/reset", &[]), frame(8, 0, stream, &[0; 4])].concat();
        if !client.try_send(&bytes).await {
            break;
        }
    }
    soon("the end of the connection", client.rest()).await;
    app.metric_is("accuscope_calls_in_flight", 0.0).await;
    assert_eq!(exchange(&app, "GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await.status, 200);
}

/// Pingora: bytes behind a wish to upgrade went on before the answer to it.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_2833_bytes_after_upgrade_go_nowhere() {
    let bench = Bench::start().await;
    for connection in ["upgrade", "Upgrade, HTTP2-Settings"] {
        let seen = bench
            .ask(format!(
                "GET /a HTTP/1.1\r\nHost: p\r\nConnection: {connection}\r\nUpgrade: h2c\r\n\r\n\
                 GET /smuggled HTTP/1.1\r\nHost: p\r\n\r\n"
            ))
            .await;
        assert!(seen.requests.iter().all(|request| request.target() == "/a"), "{seen:?}");
        assert!(!seen.went_on && seen.requests[0].values("upgrade").is_empty(), "{seen:?}");
    }
}

/// Pingora: a body of HTTP/1.0 that ended with the connection, and several codings.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_2835_a_request_body_never_ends_with_the_connection() {
    let bench = Bench::start().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: p\r\n\r\n";
    for head in [
        "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.0\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    ] {
        let seen = bench.ask(format!("{head}{smuggled}")).await;
        assert!(seen.requests.is_empty() && !seen.went_on, "{head}: {seen:?}");
    }
    // Without any framing there is no body, and what follows is not one either.
    let seen = bench.ask(format!("POST /a HTTP/1.0\r\n\r\n{smuggled}")).await;
    assert!(seen.requests.iter().all(|request| request.body.is_empty()), "{seen:?}");
    assert!(seen.requests.iter().all(|request| request.target() == "/a"), "{seen:?}");
}

/// Pingora: answers were kept by path alone, whoever asked.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_2836_nobody_gets_an_answer_that_was_made_for_another() {
    let upstream = RawUpstream::answering(|request| {
        let who = request.header("authorization").unwrap_or("nobody");
        let body = format!("\"{who} {}\"", request.target());
        [
            format!("HTTP/1.1 200 OK\r\ncache-control: public, max-age=60\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len()),
            body,
        ]
        .concat()
        .into_bytes()
    })
    .await;
    let app = TestApp::start(&upstream.url());
    for who in ["Bearer one", "Bearer two", "Bearer one"] {
        for tenant in
            ["e1a47a6d-f563-4f0f-a7f3-b6539ba21330", "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11"]
        {
            let target = format!("/rest/v1/provider-portal/offices?uuid={tenant}");
            let request =
                format!("GET {target} HTTP/1.1\r\nHost: p\r\nAuthorization: {who}\r\n\r\n");
            assert_eq!(exchange(&app, request).await.text(), format!("\"{who} {target}\""));
        }
    }
}

/// oauth2-proxy: a query that looked like a path without a lock.
#[tokio::test(flavor = "multi_thread")]
async fn cve_ghsa_7rh7_c77v_6434_a_query_does_not_choose_the_operation() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    let target = "/rest/v1/provider-portal/patients/8812?x=/oauth/token&y=/../offices";
    let answer = exchange(&app, format!("GET {target} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
    assert_eq!(app.event(&answer.support_code()).await["operation"], "patient.read");
    let app = TestApp::with(&upstream.url(), &[], &locked());
    let request = "GET /rest/x?/healthz HTTP/1.1\r\nHost: p\r\n\r\n";
    assert_eq!(exchange(&app, request).await.is_problem(403)["reason"], "app_key_unknown");
}

/// oauth2-proxy: `X_Forwarded_…` passed the check of `X-Forwarded-…`, and the server read both alike.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_64484_an_underscore_is_no_hyphen() {
    let bench = Bench::start().await;
    for name in [
        "X_Forwarded_User",
        "Accuscope_App_Key",
        "Accuscope-App_Key",
        "Content_Length",
        "Transfer_Encoding",
        "X_Http_Method_Override",
    ] {
        let seen = bench.ask(format!("POST /a HTTP/1.1\r\nHost: p\r\n{name}: 5\r\n\r\n")).await;
        assert!(seen.is_refused(&[400]), "{name}: {seen:?}");
    }
    // Nothing is decided by this one, under either name.
    let seen = bench.ask("GET /a HTTP/1.1\r\nHost: p\r\ndevice_id: 5\r\n\r\n").await;
    assert!(seen.has_passed(), "{seen:?}");
}

/// oauth2-proxy: who called itself a health check was let in.
#[tokio::test(flavor = "multi_thread")]
async fn cve_ghsa_5hvv_m4w4_gf6v_nobody_is_let_in_by_a_user_agent() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[], &locked());
    for agent in ["GoogleHC/1.0", "kube-probe/1.30", "ELB-HealthChecker/2.0", "accuscope"] {
        let request = format!("GET /ping HTTP/1.1\r\nHost: p\r\nUser-Agent: {agent}\r\n\r\n");
        exchange(&app, request).await.is_problem(403);
    }
    assert_eq!(upstream.connections().opened, 0);
}

/// oauth2-proxy: the path was taken from a field that anybody can send.
#[tokio::test(flavor = "multi_thread")]
async fn cve_ghsa_7x63_xv5r_3p2x_no_field_chooses_the_path_or_the_method() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let path = "/rest/v1/provider-portal/patients/8812";
    for field in ["X-Forwarded-Uri", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: p\r\n{field}: /oauth/token\r\n\r\n");
        let code = exchange(&app, request).await.support_code();
        let event = app.event(&code).await;
        assert_eq!(
            (&event["operation"], &event["mutation"]),
            (&"patient.read".into(), &false.into())
        );
    }
    // What a server may take for a write is a write: its intent is in the audit before it is sent.
    for field in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: p\r\n{field}: DELETE\r\n\r\n");
        let code = exchange(&app, request).await.support_code();
        assert_eq!(app.event(&code).await["mutation"], true, "{field}");
    }
    app.stop().await;
    let said =
        crate::support::audit::said(&crate::support::audit::audit(&app.folder().join("journal")));
    assert_eq!(said, ["intent", "outcome 200 applied"].repeat(3));
}

/// oauth2-proxy: a fragment belonged to the path of the rule, and not to that of the server.
#[tokio::test(flavor = "multi_thread")]
async fn cve_ghsa_pxq7_h93f_9jrg_a_fragment_is_no_part_of_a_path() {
    let bench = Bench::start().await;
    for target in ["/a#/oauth/token", "/a%23#", "/#", "http://p/a#b", "/a?b#c"] {
        let seen = bench.ask(format!("GET {target} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
        assert!(seen.is_refused(&[400]), "{target}: {seen:?}");
    }
    // An encoded one goes on encoded.
    let seen = bench.ask("GET /a%23b HTTP/1.1\r\nHost: p\r\n\r\n").await;
    assert!(seen.has_passed() && seen.requests[0].target() == "/a%23b", "{seen:?}");
}

/// oauth2-proxy: of an address with two `@`, the check took one part and the server another.
#[tokio::test(flavor = "multi_thread")]
async fn cve_ghsa_c5c4_8r6x_56w3_a_name_with_two_readings_is_none() {
    let bench = Bench::start().await;
    for request in [
        "GET / HTTP/1.1\r\nHost: p@evil@p\r\n\r\n",
        "GET http://p@evil@p/ HTTP/1.1\r\nHost: p\r\n\r\n",
        "GET http://p%40evil@p/ HTTP/1.1\r\nHost: p\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: p:80@evil\r\n\r\n",
    ] {
        let seen = bench.ask(request).await;
        assert!(seen.is_refused(&[400]), "{request:?}: {seen:?}");
    }
    // A clinic is one of the registered ones, whole, or none.
    let upstream = RawUpstream::answering(|_| json(200, "{}")).await;
    let app = TestApp::start(&upstream.url());
    for clinic in ["maple-ridge@cedar-hill", "maple-ridge,cedar-hill", "maple-ridge%00"] {
        let request = format!("GET /a HTTP/1.1\r\nHost: p\r\nAccuscope-Clinic: {clinic}\r\n\r\n");
        let code = exchange(&app, request).await.support_code();
        assert!(app.event(&code).await["clinic"].is_null(), "{clinic}");
    }
}
