//! "Whose problem is it?", "where is that call?": each room answers from what is recorded.

use accuscope::domain::audit::Event;
use accuscope::domain::event::Exchange;
use accuscope::domain::reason::Reason;
use accuscope::ops::Auth;

use crate::support::{Site, call, failed, now, refused_clinic, task};

#[tokio::test]
async fn now_names_the_refused_clinic_since_when_and_whose_it_is() {
    let site = Site::start(Auth::Off).await;
    site.insert(&refused_clinic()).await;
    let page = site.get("/").await.text;
    for expected in [
        "Harbour View Medical can’t reach Accuro. Other clinics can.",
        "10:12, 34 min ago",
        "17:12 UTC",
        "1 of 3 clinics, 7 people",
        "The clinic’s administrator",
        "Not us. Not Accuro.",
        "<title>1 clinic failing. Now, accuscope (sandbox)</title>",
        "Live. Updated just now",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(page.contains("Lakeshore &lt;Family&gt; Practice"), "names are escaped");
}

#[tokio::test]
async fn an_empty_store_never_says_that_all_is_well() {
    let site = Site::start(Auth::Off).await;
    let page = site.get("/").await.text;
    assert!(page.contains("We don’t know: no calls are being recorded."), "{page}");
    assert!(!page.contains("Everything is working"));
}

#[tokio::test]
async fn a_site_without_its_store_says_so_and_what_is_unaffected() {
    let site = Site::start(Auth::Off).await;
    let mut state = site.state.clone();
    state.store = accuscope::store::StoreHandle::default();
    let router = accuscope::ops::router(state);
    let request = axum::http::Request::get("/").body(axum::body::Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(response.status(), 503);
}

#[tokio::test]
async fn what_our_rules_stopped_and_what_came_from_no_clinic_is_counted_beside_our_own_failures() {
    let site = Site::start(Auth::Off).await;
    let of_none = |number| Exchange { clinic: None, ..call("lakeshore", number, 60) };
    let mut calls: Vec<_> = (1..=7).map(|n| call("lakeshore", n, 90)).collect();
    calls.extend((8..=11).map(|n| failed(Reason::AppKeyUnknown, 401, of_none(n))));
    calls.push(failed(Reason::AuditUnavailable, 503, call("lakeshore", 12, 30)));
    site.insert(&calls).await;
    let page = site.get("/").await.text;
    let said = "1 of 12 calls failed because of us in the last hour. Our rules stopped 4.";
    assert!(page.contains(said), "{page}");
    assert!(page.contains("4 calls of the last hour came from no clinic"), "{page}");
    let page = site.get_as("lang=fr", "/").await.text;
    assert!(page.contains("Nos règles en ont arrêté 4."), "{page}");
}

#[tokio::test]
async fn recording_that_stopped_makes_every_state_not_known() {
    let site = Site::start(Auth::Off).await;
    site.insert(&refused_clinic()).await;
    site.state.clock.set(now().plus(std::time::Duration::from_mins(15)));
    let page = site.get("/").await.text;
    assert!(page.contains("What you see is from 10:46, 15 min ago."), "{page}");
    assert!(page.contains("<title>Stale. Not known. Now"), "{page}");
    assert!(!page.contains("</svg>Working</span>"), "{page}");
}

#[tokio::test]
async fn a_clinics_page_compares_it_with_the_others() {
    let site = Site::start(Auth::Off).await;
    site.insert(&refused_clinic()).await;
    let page = site.get("/clinics/harbour-view").await.text;
    for expected in [
        "Last call that worked 10:11",
        "The one task in use here fails.",
        "1 other clinic made 180 calls",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert_eq!(site.get("/clinics/nowhere").await.status, 404);
}

#[tokio::test]
async fn a_code_read_aloud_leads_to_the_verdict_and_stands_in_no_address() {
    let site = Site::start(Auth::Off).await;
    let refused = failed(Reason::Forbidden, 403, call("lakeshore", 77, 480));
    let code = refused.support_code.to_string();
    site.insert(&[refused.clone(), call("lakeshore", 78, 470)]).await;
    let spoken = code.to_lowercase().replace('-', "+");
    let found = site.post_as("", "/find", &format!("q={spoken}")).await;
    assert_eq!(found.status, 303);
    let linked = site.get(&format!("/code/{code}")).await;
    let call = format!("/calls/{}", refused.id);
    assert_eq!((linked.status.as_u16(), linked.location()), (302, call.as_str()));
    let mut addresses = vec![found.location().to_owned()];
    for typed in [refused.trace_id.to_string(), refused.id.to_string()] {
        let found = site.post_as("", "/find", &format!("q={typed}")).await;
        addresses.push(found.location().to_owned());
    }
    for address in &addresses {
        assert!(address.starts_with("/d/") && address.len() == 27, "{address}");
        assert!(site.get(address).await.text.contains(&call), "the diagnosis lists the call");
    }
    addresses.dedup();
    assert_eq!(addresses.len(), 3, "each question has an address of its own");
    let clinic = site.post_as("", "/find", "q=harbour").await;
    assert_eq!(clinic.location(), "/clinics/harbour-view");
    let none = site.post_as("", "/find", "q=0000-0000").await;
    assert_eq!(none.status, 422);
    // Eight letters may be a surname, eight digits a day of birth or a number.
    for typed in ["Petersen", "19800203", "98765432", "Smith, John 1980-02-03", "9876543210"] {
        let none = site.post_as("", "/find", &format!("q={}", typed.replace(' ', "+"))).await;
        assert_eq!(none.status, 422, "{typed}");
        let plain = none.text.to_lowercase().replace('-', "");
        for word in typed.to_lowercase().replace(['-', ','], "").split(' ') {
            assert!(!plain.contains(word), "{typed} is told again");
        }
        let by_address = site.get(&format!("/code/{}", typed.replace(' ', "%20"))).await;
        assert_eq!(by_address.status, 404, "{typed}");
    }
}

#[tokio::test]
async fn the_box_leads_to_rooms_and_runbooks_and_to_incidents_that_are_there() {
    let site = Site::start(Auth::Off).await;
    for (typed, address) in [
        ("adoption", "/adoption"),
        ("upstream+outage", "/runbooks/AccuscopeUpstreamOutage"),
        ("harb", "/clinics/harbour-view"),
    ] {
        let answer = site.post_as("", "/find", &format!("q={typed}")).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, address), "{typed}");
    }
    // What is no incident's number may be a patient's, and goes into no address and no page.
    let answer = site.post_as("", "/find", "q=incident+88123").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("There is no incident of that number"), "{}", answer.text);
    assert!(!answer.text.contains("88123"), "{}", answer.text);
}

#[tokio::test]
async fn calls_are_asked_for_by_a_clinics_name_and_what_is_none_is_not_given_back() {
    let site = Site::start(Auth::Off).await;
    for (form, address) in [
        ("clinic=&outcome=failed", "/calls?outcome=failed"),
        ("clinic=harbour-view&outcome=", "/calls?clinic=harbour-view"),
        ("clinic=harb&category=auth", "/calls?clinic=harbour-view&category=auth"),
        ("clinic=harbour-view&patient=9123456780&after=x", "/calls?clinic=harbour-view&after=x"),
    ] {
        let answer = site.post_as("", "/calls", form).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, address), "{form}");
    }
    let answer = site.post_as("", "/calls", "clinic=Tremblay&outcome=failed").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Choose one of the clinics"), "{}", answer.text);
    assert!(!answer.text.contains("Tremblay"), "{}", answer.text);
    let chosen = "<option value=\"failed\" selected>";
    assert!(answer.text.contains(chosen), "what else was chosen stays: {}", answer.text);
}

#[tokio::test]
async fn a_call_says_what_happened_and_hides_who() {
    let site = Site::start(Auth::Off).await;
    let refused = failed(Reason::Forbidden, 403, call("lakeshore", 77, 480));
    site.insert(&[call("lakeshore", 84, 500), refused.clone(), call("lakeshore", 91, 470)]).await;
    let page = site.get(&format!("/calls/{}", refused.id)).await.text;
    for expected in [
        "Open a chart: Accuro refused this person.",
        "2 of 3 worked",
        "after this call",
        "This person’s calls around it",
        "Call before",
        "What we did not keep",
        &refused.trace_id.to_string(),
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    for hidden in [refused.actor_ref.unwrap().to_string(), refused.patient_ref.unwrap().to_string()]
    {
        assert!(!page.contains(&hidden), "a whole reference is shown");
    }
}

#[tokio::test]
async fn calls_are_filtered_and_paged_and_counted() {
    let site = Site::start(Auth::Off).await;
    let mut calls = refused_clinic();
    calls.push(task("document.list", call("lakeshore", 55_555, 3)));
    site.insert(&calls).await;
    let page = site.get("/calls?clinic=harbour-view&outcome=failed").await.text;
    assert!(page.contains("<h1>102 calls: failed</h1>"), "{page}");
    let next = page.split("after=").nth(1).unwrap().split('"').next().unwrap();
    let second =
        site.get(&format!("/calls?clinic=harbour-view&outcome=failed&after={next}")).await.text;
    assert!(second.contains("Older") && second.contains("Newest"), "{second}");
    let documents = site.get("/calls?operation=document.list").await.text;
    assert!(documents.contains("1 call, 0 failed"), "{documents}");
    let none = site.get("/calls?clinic=lakeshore&reason=gone").await.text;
    assert!(none.contains("No call fits all of that") && none.contains("so we were recording"));
    assert!(site.witness.deeds().contains(&Event::ListedCalls));
}

#[tokio::test]
async fn what_is_kept_is_listed_column_by_column_with_limit_and_oldest_row() {
    let site = Site::start(Auth::Off).await;
    site.insert(&refused_clinic()).await;
    let page = site.get("/kept").await.text;
    for table in accuscope::store::TableKept::all() {
        let (_, card) = page.split_once(&format!(">{}</h2>", table.name)).expect(table.name);
        let card = card.split("</section>").next().unwrap();
        for column in table.columns {
            assert!(
                card.contains(&format!("<dt lang=\"en\">{}</dt>", column.name)),
                "{}",
                column.name
            );
        }
    }
    for expected in ["90 days", "retention.patient_references", "Nothing was over its limit yet."] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(site.get("/").await.text.contains("href=\"/kept\""));
}

#[tokio::test]
async fn an_address_that_could_name_a_person_is_left_at_once() {
    let site = Site::start(Auth::Off).await;
    let answer = site.get("/calls?chart=9123456780&clinic=lakeshore&who=Tremblay").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (301, "/calls?clinic=lakeshore"));
}
