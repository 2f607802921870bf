//! "A key leaked, and we could not close the door without a restart."

use crate::launch::{Place, digest};
use crate::support::upstream::OK;
use crate::support::{RawUpstream, until};

fn app(keys: &str) -> String {
    format!("[[apps]]\nid = \"intake-web\"\nname = \"Intake tablet\"\nkeys = [{keys}]\n")
}

fn key(id: &str, more: &str) -> String {
    format!("{{ id = \"{id}\", sha256 = \"{}\"{more} }}", digest(id))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_rotated_and_taken_back_while_calls_are_served() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", &app(&key("old", "")));
    let serving = place.serve().await;
    let status = async |key: &str| {
        let (status, body) = serving.call("/a", &format!("accuscope-app-key: {key}\r\n")).await;
        if status != 200 {
            assert_eq!((status, &body["reason"]), (403, &"app_key_unknown".into()));
        }
        status
    };
    assert_eq!((status("old").await, status("new").await), (200, 403));

    place.write("", &app(&[key("old", ""), key("new", "")].join(", ")));
    serving.hang_up().await;
    assert_eq!((status("old").await, status("new").await), (200, 200));

    place.write("", &app(&[key("old", ", revoked = true"), key("new", "")].join(", ")));
    serving.hang_up().await;
    assert_eq!((status("old").await, status("new").await), (403, 200));
    let series = |key: &str| {
        format!("accuscope_app_key_last_used_timestamp_seconds{{app=\"intake-web\",key=\"{key}\"}}")
    };
    assert!(serving.metric(&series("old")).await > 1.0, "that somebody still has it is seen");
    assert!(serving.metric(&series("new")).await > 1.0);

    place.write("", &app(&[key("old", ", not_after = 2026-01-01"), key("new", "")].join(", ")));
    serving.hang_up().await;
    assert_eq!((status("old").await, status("new").await), (403, 200));
    let page = until("the store", || async {
        let (status, page) = crate::support::app::page(serving.ops, "/settings/apps").await;
        (status == 200).then_some(page)
    })
    .await;
    for shown in ["intake-web", "Expired", "Valid", "just now"] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains(&digest("new")), "a digest is nobody's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_the_last_key_away_does_not_open_the_door() {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    place.write("", &app(&key("only", "")));
    let serving = place.serve().await;
    place.write("", &app(""));
    serving.hang_up().await;
    assert!(serving.log().contains("no app has a key any more"), "{}", serving.log());
    assert_eq!(serving.call("/a", "").await.0, 403);
}

#[test]
fn without_keys_nobody_but_this_machine_is_let_in() {
    let place = Place::new("http://127.0.0.1:9");
    place.write("proxy.listen = \"0.0.0.0:0\"", "");
    let (status, _, error) = place.run("serve");
    assert_eq!(status, 2, "{error}");
    assert!(error.contains("key proxy.listen: must be a loopback address"), "{error}");
}
