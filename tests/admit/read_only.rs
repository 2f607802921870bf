//! "Nothing can be saved": by settings, by a person's switch; reads flow.

use crate::support::app::CLINICS;
use crate::support::audit::audit;
use crate::support::upstream::OK;
use crate::support::{Client, RawUpstream, TestApp, exchange};
use crate::{event_of, get, post};

const OFFICES: &str = "/rest/v1/offices";

#[tokio::test(flavor = "multi_thread")]
async fn by_settings_writes_are_refused_in_words_and_reads_flow() {
    let upstream = RawUpstream::always(OK).await;
    let app = TestApp::with(&upstream.url(), &[("proxy.read_only", "true")], CLINICS);
    let refused = exchange(&app, post("", "{}")).await;
    let problem = refused.is_problem(503);
    assert_eq!(problem["reason"], "read_only");
    assert!(problem["detail"].as_str().unwrap().contains("Nothing was changed"));
    let event = event_of(&app, &refused).await;
    assert_eq!((&event["reason"], &event["attempts"]), (&"read_only".into(), &0.into()));
    assert_eq!(exchange(&app, get(OFFICES, "t")).await.status, 200);
    assert!(!upstream.seen_text().contains("POST"));
    assert!(app.metric("accuscope_read_only{cause=\"configured\"}").await > 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_switches_writes_off_and_on_and_the_audit_says_who() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    let turn = async |to: &str| {
        let body = format!("sure=yes&writes={to}");
        let length = body.len();
        let mut client = Client::connect(app.at.ops).await;
        client
            .send(format!(
                "POST /writes HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
            ))
            .await;
        client.answer().await.status
    };
    let home = async || crate::support::app::page(app.at.ops, "/writes").await.1;
    assert!(home().await.contains("Writes are on"));
    assert_eq!(turn("off").await, 303);
    assert_eq!(exchange(&app, post("", "{}")).await.is_problem(503)["reason"], "read_only");
    assert_eq!(exchange(&app, get(OFFICES, "t")).await.status, 200);
    let page = home().await;
    assert!(page.contains("Writes are off") && page.contains("cannot save"), "{page}");
    app.metric_is("accuscope_read_only{cause=\"switched\"}", 1.0).await;
    assert_eq!(turn("on").await, 303);
    assert_eq!(exchange(&app, post("", "{}")).await.status, 200);
    assert_eq!(turn("sideways").await, 422);
    app.stop().await;
    let details: Vec<String> = audit(&app.folder().join("journal"))
        .iter()
        .filter_map(|record| record.entry.detail.map(|detail| detail.to_string()))
        .filter(|detail| detail.starts_with("read_only"))
        .collect();
    assert_eq!(details, ["read_only_on", "read_only_off"]);
}
