//! The list of metrics on the site.

use accuscope::domain::role::Role;
use accuscope::ops::Auth;
use accuscope::telemetry::metrics::listed;

use crate::support::Site;

#[tokio::test]
async fn every_metric_is_listed_and_leads_to_the_runbooks_that_speak_of_it_and_back() {
    let site = Site::start(Auth::Sessions).await;
    let manager = site.sign_in(Role::Manager).await;
    let page = site.get_as(&manager, "/runbooks/metrics").await.text;
    for metric in listed() {
        assert!(page.contains(&format!("id=\"{}\"", metric.name)), "{}", metric.name);
    }
    assert!(page.contains("href=\"/runbooks/AccuscopeClinicAuthFailing\""), "{page}");
    let runbook = site.get_as(&manager, "/runbooks/AccuscopeClinicAuthFailing").await.text;
    assert!(
        runbook.contains("href=\"/runbooks/metrics#accuscope_clinic_auth_state\""),
        "{runbook}"
    );
    let list = site.get_as(&manager, "/runbooks").await.text;
    assert!(list.contains("href=\"/runbooks/metrics\""), "{list}");
}

#[tokio::test]
async fn a_search_shows_what_has_all_words_and_gives_nothing_back() {
    let site = Site::start(Auth::Off).await;
    let find =
        async |words: &str| site.post_as("", "/runbooks/metrics", &format!("q={words}")).await.text;
    let page = find("missed+CLINIC").await;
    assert!(page.contains("accuscope_clinic_missed_calls") && page.contains("1 metric of"));
    assert!(!page.contains("accuscope_overhead_seconds"), "{page}");
    let page = find("Tremblay+9123456780").await;
    assert!(page.contains("No metric has all of these words."), "{page}");
    assert!(!page.contains("Tremblay") && !page.contains("9123456780"), "{page}");
}
