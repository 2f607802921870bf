//! "Accuro does not get what my app sent."

use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange};

async fn echo() -> (RawUpstream, TestApp) {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&upstream.url());
    (upstream, app)
}

fn request_lines(upstream: &RawUpstream) -> Vec<String> {
    let text = upstream.seen_text();
    text.lines().filter(|line| line.ends_with(" HTTP/1.1")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn path_and_query_go_on_byte_for_byte() {
    let (upstream, app) = echo().await;
    let targets = [
        "/",
        "/rest/v1/provider-portal/patients/8812",
        "/a/../b",
        "/a/%2e%2e/b/./c",
        "//double//slashes//",
        "/semi;colon=1;x,y",
        "/bad%zzescape%",
        "/%E4%B8%AD%00%0d%0a",
        "/unwise{}|\\^[]\"",
        "/plus+and:at@and'quote(x)!$*~",
        "/a?",
        "/a??b=?&c",
        "/a?z=1&a=2&z=3&&=&x",
        "/a?q=%20+%2B%26&empty=&none",
        "/a?url=http://x/y?z#".trim_end_matches('#'),
        "/?only=query",
    ];
    let mut client = app.client().await;
    for target in targets {
        client.send(format!("GET {target} HTTP/1.1\r\nHost: proxy\r\n\r\n")).await;
        assert_eq!(client.answer().await.status, 200, "{target}");
    }
    let wanted: Vec<String> = targets.iter().map(|t| format!("GET {t} HTTP/1.1")).collect();
    assert_eq!(request_lines(&upstream), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_goes_on_as_it_is() {
    let (upstream, app) = echo().await;
    let methods =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X-Y_Z"];
    let mut client = app.client().await;
    for method in methods {
        client.send(format!("{method} /a HTTP/1.1\r\nHost: proxy\r\n\r\n")).await;
        assert_eq!(client.answer_to(method).await.status, 200, "{method}");
    }
    let wanted: Vec<String> = methods.iter().map(|m| format!("{m} /a HTTP/1.1")).collect();
    assert_eq!(request_lines(&upstream), wanted);
    let events = app.events_of(methods.len()).await;
    assert_eq!(events[7]["method"], "PROPFIND");
    assert_eq!(events[8]["method"], "OTHER", "methods are case-sensitive");
    assert_eq!(events[9]["method"], "OTHER");
}

#[tokio::test(flavor = "multi_thread")]
async fn absolute_and_asterisk_targets_become_what_an_origin_server_takes() {
    let (upstream, app) = echo().await;
    let mut client = app.client().await;
    for (asked, sent) in [
        ("GET http://other.example/x?y HTTP/1.1", "GET /x?y HTTP/1.1"),
        ("GET HTTP://other.example:81 HTTP/1.1", "GET / HTTP/1.1"),
        ("GET http://other.example?q=1 HTTP/1.1", "GET /?q=1 HTTP/1.1"),
        ("OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1"),
    ] {
        client.send(format!("{asked}\r\nHost: proxy\r\n\r\n")).await;
        assert_eq!(client.answer().await.status, 200, "{asked}");
        assert_eq!(request_lines(&upstream).last().unwrap(), sent);
    }
    assert!(!upstream.seen_text().contains("other.example"), "the upstream's own name is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_in_the_base_url_stands_before_every_path() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::start(&format!("{}/accuro/api/", upstream.url()));
    let mut client = app.client().await;
    for asked in ["GET /rest/v1/offices?x=/..", "GET /", "GET /../up", "OPTIONS *"] {
        client.send(format!("{asked} HTTP/1.1\r\nHost: p\r\n\r\n")).await;
        assert_eq!(client.answer().await.status, 200, "{asked}");
    }
    let lines = [
        "GET /accuro/api/rest/v1/offices?x=/.. HTTP/1.1",
        "GET /accuro/api/ HTTP/1.1",
        "GET /accuro/api/../up HTTP/1.1",
        "OPTIONS * HTTP/1.1",
    ];
    assert_eq!(request_lines(&upstream), lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn end_to_end_fields_go_on_and_hop_by_hop_fields_stay() {
    let (upstream, app) = echo().await;
    let request = "GET /a HTTP/1.1\r\n\
        Host: proxy.example:8080\r\n\
        X-Order: one\r\n\
        Authorization: Bearer secret-token\r\n\
        X-Order: two, three\r\n\
        Accept: application/json;q=0.5, */*\r\n\
        X-Empty:\r\n\
        X-Latin: caf\u{e9}\r\n\
        Cookie: a=1; b=2\r\n\
        X-Order: four\r\n\
        Forwarded: for=1.2.3.4\r\n\
        Via: 1.0 fred\r\n\
        Proxy-Connection: keep-alive\r\n\
        Keep-Alive: timeout=5\r\n\
        Connection: keep-alive, X-Hop , x-hop-two\r\n\
        Connection: x-hop-three\r\n\
        X-Hop: 1\r\n\
        X-Hop-Two: 2\r\n\
        X-Hop-Three: 3\r\n\
        TE: gzip\r\n\
        Accuscope-Clinic: maple-ridge\r\n\
        Accuscope-Actor: zoe\r\n\
        Accuscope-App-Key: k\r\n\
        Accuscope-Later: x\r\n\
        \r\n";
    assert_eq!(exchange(&app, request).await.status, 200);
    let seen = upstream.seen_text();
    let value = |name: &str| crate::support::client::values(&seen, name).join("|");
    for (name, wanted) in [
        ("x-order", "one|two, three|four"),
        ("authorization", "Bearer secret-token"),
        ("accept", "application/json;q=0.5, */*"),
        ("x-empty", ""),
        ("x-latin", "caf\u{e9}"),
        ("cookie", "a=1; b=2"),
        ("forwarded", "for=1.2.3.4"),
        ("host", &upstream.address.to_string()),
    ] {
        assert_eq!(value(name), wanted, "{name}\n{seen}");
    }
    let via = value("via");
    assert!(via.starts_with("1.0 fred|1.1 accuscope"), "{via}");
    let lower = seen.to_ascii_lowercase();
    for gone in
        ["hop", "keep-alive", "proxy-connection", "connection:", "te:", "accuscope-", "accuscope_"]
    {
        let found = lower
            .lines()
            .skip(1)
            .any(|line| line.starts_with(gone) || line.starts_with(&format!("x-{gone}")));
        assert!(!found, "{gone} in\n{seen}");
    }
    for added in
        ["user-agent", "accept-encoding", "content-length", "transfer-encoding", "x-forwarded"]
    {
        assert!(!lower.contains(&format!("\n{added}")), "{added} was invented");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_keeps_its_end_to_end_fields_and_loses_the_hop_by_hop_ones() {
    let upstream = RawUpstream::always(
        "HTTP/1.1 299 Quite Fine\r\n\
        Set-Cookie: a=1\r\n\
        Date: Tue, 24 Nov 2026 17:12:00 GMT\r\n\
        Set-Cookie: b=2\r\n\
        WWW-Authenticate: Bearer realm=\"x\", error=\"y\"\r\n\
        Allow: GET\r\n\
        Connection: keep-alive, X-Hop\r\n\
        X-Hop: 1\r\n\
        Keep-Alive: timeout=5\r\n\
        Proxy-Connection: x\r\n\
        Upgrade: h2c\r\n\
        Content-Encoding: strange\r\n\
        X-Request-Id: of-the-upstream\r\n\
        Accuscope-Support-Code: XXXX-XXXX\r\n\
        Content-Length: 2\r\n\r\nhi",
    )
    .await;
    let app = TestApp::start(&upstream.url());
    let id = "01939f6e-5a2b-7c3d-8e4f-0123456789ab";
    let answer =
        exchange(&app, format!("GET /a HTTP/1.1\r\nHost: p\r\nX-Request-Id: {id}\r\n\r\n")).await;
    assert!(answer.head.starts_with("HTTP/1.1 299 Quite Fine\r\n"), "{}", answer.head);
    assert_eq!(answer.values("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"x\", error=\"y\""));
    assert_eq!(answer.header("date"), Some("Tue, 24 Nov 2026 17:12:00 GMT"));
    assert_eq!(answer.header("content-encoding"), Some("strange"));
    assert_eq!(answer.header("allow"), Some("GET"));
    assert_eq!(answer.header("x-request-id"), Some(id), "one id, the app's");
    assert_ne!(answer.support_code(), "XXXX-XXXX");
    for gone in ["x-hop", "keep-alive", "proxy-connection", "upgrade", "connection"] {
        assert_eq!(answer.header(gone), None, "{}", answer.head);
    }
    assert_eq!(answer.text(), "hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn max_forwards_is_counted_and_answered_here_at_zero() {
    let (upstream, app) = echo().await;
    let ask = |method: &str, forwards: &str| {
        format!("{method} /a HTTP/1.1\r\nHost: p\r\nMax-Forwards: {forwards}\r\n\r\n")
    };
    for (method, forwards, sent) in [
        ("OPTIONS", "3", "max-forwards: 2"),
        ("TRACE", "1", "max-forwards: 0"),
        ("GET", "0", "max-forwards: 0"),
    ] {
        assert_eq!(exchange(&app, ask(method, forwards)).await.status, 200);
        let seen = upstream.seen().pop().unwrap();
        assert!(String::from_utf8(seen).unwrap().contains(sent), "{method} {forwards}");
    }
    let sent = request_lines(&upstream).len();
    let options = exchange(&app, ask("OPTIONS", "0")).await;
    assert_eq!((options.status, options.body.len()), (200, 0));
    assert!(options.header("allow").unwrap().contains("PATCH"));
    let event = app.event(&options.support_code()).await;
    assert_eq!((&event["outcome"], &event["source"]), (&"ok".into(), &"accuscope".into()));
    exchange(&app, ask("TRACE", "0")).await.is_problem(405);
    assert_eq!(request_lines(&upstream).len(), sent, "nothing was sent on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_is_refused_and_nothing_is_sent_on() {
    let (upstream, app) = echo().await;
    let answer =
        exchange(&app, "CONNECT accuro.example:443 HTTP/1.1\r\nHost: accuro.example:443\r\n\r\n")
            .await;
    answer.is_problem(405);
    assert!(answer.header("allow").is_some());
    assert_eq!(upstream.connections().opened, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_back_to_this_process_ends_at_once() {
    let app = {
        // The proxy is its own upstream: its port has to be known before it starts.
        let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = probe.local_addr().unwrap();
        drop(probe);
        TestApp::with(
            &format!("http://{address}"),
            &[("proxy.listen", &format!("\"{address}\""))],
            crate::support::app::CLINICS,
        )
    };
    let answer = exchange(&app, "GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
    assert_eq!((answer.status, answer.json()["reason"].as_str()), (508, Some("bad_request")));
    assert_eq!(app.events_of(2).await.len(), 2, "the outer call and the inner one");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_is_not_sent_on_and_bytes_after_it_are_no_request() {
    let (upstream, app) = echo().await;
    let mut client = app.client().await;
    client
        .send(
            "GET /chat HTTP/1.1\r\nHost: p\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\
             GET /smuggled HTTP/1.1\r\nHost: p\r\n\r\n",
        )
        .await;
    assert_eq!(client.answer().await.status, 200);
    let refused = client.answer().await;
    refused.is_problem(400);
    assert!(client.is_closed().await);
    let seen = upstream.seen_text();
    assert!(seen.contains("/chat") && !seen.contains("/smuggled"), "{seen}");
    assert!(!seen.to_ascii_lowercase().contains("upgrade"), "{seen}");

    // A client that waits for the answer may go on with ordinary requests.
    let mut client = app.client().await;
    for path in ["/one", "/two"] {
        client
            .send(format!(
                "GET {path} HTTP/1.1\r\nHost: p\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
            ))
            .await;
        assert_eq!(client.answer().await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_of_protocol_that_nobody_asked_for_is_no_answer() {
    let upstream = RawUpstream::always(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nsecret",
    )
    .await;
    let app = TestApp::start(&upstream.url());
    let answer = exchange(&app, "GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
    assert_eq!(answer.is_problem(502)["reason"], "body_broken");
}
