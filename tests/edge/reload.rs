//! "I changed a line, and nothing happened", "I changed a line, and everything broke."

use std::fs;

use crate::launch::{CEDAR, MAPLE, Place};
use crate::support::upstream::{OK, pause};
use crate::support::{Client, Peer, RawUpstream, soon, until};

fn clinic(id: &str, tenant: &str) -> String {
    format!("[[clinics]]\nid = \"{id}\"\nname = \"{id}\"\ntenant = \"{tenant}\"\n")
}

const RELOADED: &str = "accuscope_config_last_reload_successful";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_taken_over_by_itself() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", &clinic("maple-ridge", MAPLE));
    let serving = place.serve().await;
    let unknown = async || {
        serving.call(&format!("/a?uuid={CEDAR}"), "").await;
        serving.metric("accuscope_unknown_clinic_calls_total").await
    };
    assert!((unknown().await - 1.0).abs() < 0.5);
    place.write("", &(clinic("maple-ridge", MAPLE) + &clinic("cedar-hill", CEDAR)));
    serving.logged("new settings are in force", 1).await;
    assert!((unknown().await - 1.0).abs() < 0.5, "the clinic is known now");
    let series = "accuscope_patient_searches_total{clinic=\"cedar-hill\",outcome=\"ok\"} 0";
    let (_, metrics) = crate::support::app::page(serving.telemetry, "/metrics").await;
    assert!(metrics.contains(series), "its series begin at 0");
    let (_, page) = crate::support::app::page(serving.ops, "/clinics").await;
    assert!(page.contains("cedar-hill"), "the site knows it as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_changes_nothing_and_is_named() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", &clinic("maple-ridge", MAPLE));
    let serving = place.serve().await;
    for (lines, problem) in [
        ("proxy.head_timeout = \"0s\"", "key proxy.head_timeout: must be longer than 0"),
        ("proxy.hed_timeout = \"1s\"", "did you mean proxy.head_timeout"),
        ("environment = \"production\"", "environment cannot change while the process runs"),
        ("upstream.base_url = \"http://127.0.0.1:9\"", "upstream.base_url cannot change"),
        (
            "privacy.keys = { k1 = { file = \"/none\" } }",
            "the key k1: the file /none cannot be read",
        ),
    ] {
        place.write(lines, "");
        serving.hang_up().await;
        assert!(serving.log().contains(problem), "{problem} is not in {}", serving.log());
        assert!(serving.metric(RELOADED).await < 0.5);
    }
    serving.call(&format!("/a?uuid={MAPLE}"), "").await;
    assert!(serving.metric("accuscope_unknown_clinic_calls_total").await < 0.5);
    place.write("", &clinic("maple-ridge", MAPLE));
    serving.hang_up().await;
    assert!(serving.metric(RELOADED).await > 0.5);
    let audit: String = fs::read_dir(place.path("journal"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("audit"))
        .map(|file| fs::read_to_string(file).unwrap_or_default())
        .collect();
    assert_eq!(audit.matches("settings_refused").count(), 5, "{audit}");
    assert_eq!(audit.matches("settings_taken").count(), 1, "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_restart_is_named_and_the_rest_is_taken() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", "");
    let serving = place.serve().await;
    place.write("ops.listen = \"127.0.0.2:0\"\nproxy.max_connections = 7", &clinic("a", MAPLE));
    serving.hang_up().await;
    let log = serving.log();
    assert!(log.contains("proxy.max_connections, ops.listen"), "{log}");
    assert!(serving.metric("accuscope_config_restart_needed").await > 0.5);
    serving.call(&format!("/a?uuid={MAPLE}"), "").await;
    assert!(serving.metric("accuscope_unknown_clinic_calls_total").await < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_patience_counts_from_the_next_call_and_cuts_none() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            pause(1_500).await;
            peer.send(OK).await;
        }
    })
    .await;
    let place = Place::new(&upstream.url());
    place.write("upstream.response_timeout = \"20s\"", "");
    let serving = place.serve().await;
    let mut client = Client::connect(serving.proxy).await;
    client.send("GET /a HTTP/1.1\r\nhost: p\r\n\r\n").await;
    until("the call", || async {
        (serving.metric("accuscope_calls_in_flight").await > 0.5).then_some(())
    })
    .await;
    place.write("upstream.response_timeout = \"100ms\"", "");
    serving.hang_up().await;
    assert_eq!(serving.call("/a", "").await.0, 504);
    assert_eq!(soon("the older call", client.answer()).await.status, 200);
}
