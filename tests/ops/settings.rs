//! Clinics, apps and keys as an admin edits them: what is kept, what is refused, and what stays typed.

use accuscope::domain::audit::Event;
use accuscope::domain::kept_registry::EntryKind;
use accuscope::domain::role::Role;
use accuscope::ops::Auth;

use crate::support::{Answer, Site};

const TENANT: &str = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";

async fn admin() -> (Site, String) {
    let site = Site::start(Auth::Sessions).await;
    let cookie = site.sign_in(Role::Admin).await;
    site.witness.entries.lock().unwrap().clear();
    (site, cookie)
}

fn clinic(act: &str, version: i64, id: &str, more: &str) -> String {
    format!(
        "act={act}&version={version}&id={id}&name=Cedar+Hill&tenant={TENANT}&timezone=America%2FVancouver&phase=pilot{more}"
    )
}

/// The version that the form of a page holds.
fn version(answer: &Answer) -> i64 {
    let (_, after) = answer.text.split_once("name=\"version\" value=\"").unwrap();
    after.split('"').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_clinic_is_entered_changed_and_removed_and_each_is_in_the_audit_first() {
    let (site, cookie) = admin().await;
    let form = clinic("add", 0, "cedar-hill", "&invited_staff=12&hours=mon-fri+09%3A00-16%3A00");
    let added = site.post_as(&cookie, "/settings/clinics", &form).await;
    assert_eq!((added.status.as_u16(), added.location()), (303, "/settings/clinics/cedar-hill"));
    let page = site.get_as(&cookie, "/settings/clinics/cedar-hill").await;
    for shown in ["Cedar Hill", TENANT, "mon-fri 09:00-16:00", "value=\"12\""] {
        assert!(page.text.contains(shown), "{shown} is not in {}", page.text);
    }
    let form = clinic("save", version(&page), "cedar-hill", "").replace("Cedar", "Red+Cedar");
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &form).await.status, 303);
    let page = site.get_as(&cookie, "/settings/clinics/cedar-hill").await;
    assert!(page.text.contains("Red Cedar Hill"), "{}", page.text);
    let form = format!("act=remove&id=cedar-hill&version={}", version(&page));
    let removed = site.post_as(&cookie, "/settings/clinics", &form).await;
    assert_eq!((removed.status.as_u16(), removed.location()), (303, "/settings/clinics"));
    assert_eq!(site.get_as(&cookie, "/settings/clinics/cedar-hill").await.status, 404);
    let deeds = [Event::ClinicAdded, Event::ClinicChanged, Event::ClinicRemoved];
    assert_eq!(site.witness.deeds(), deeds);
    for entry in site.witness.entries.lock().unwrap().iter() {
        assert_eq!(entry.clinic.as_ref().unwrap().as_str(), "cedar-hill");
        assert_eq!((entry.role, entry.about.entry), (Some(Role::Admin), Some(1)));
    }
}

#[tokio::test]
async fn what_a_field_does_not_take_is_named_at_the_field_and_everything_typed_stays() {
    let (site, cookie) = admin().await;
    let good = clinic("add", 0, "cedar-hill", "");
    for (field, typed, words) in [
        ("id", "Cedar_Hill%3Cb%3E", "a clinic"),
        ("name", "", "one line of at most 120 characters"),
        ("name", "two%0Alines", "one line of at most 120 characters"),
        ("tenant", "9123456780", "must be a UUID"),
        ("timezone", "Pacific%2FNowhere", "IANA time zone database"),
        ("phase", "party", "one of onboarding, pilot"),
        ("went_live", "yesterday", "must be a date"),
        ("enabled", "2026-13-01", "must be a date"),
        ("invited_staff", "many", "a whole number"),
        ("invited_staff", "-1", "a whole number"),
        ("hours", "always", "days with hours"),
        ("holidays", "christmas", "a list of dates"),
        ("other_tenant", "x", "must be a UUID"),
        ("other_tenant", TENANT, "listed for both environments"),
    ] {
        let pairs = good.split('&').filter(|pair| pair.split('=').next() != Some(field));
        let form = format!("{}&{field}={typed}&x=1", pairs.collect::<Vec<_>>().join("&"));
        let answer = site.post_as(&cookie, "/settings/clinics", &form).await;
        assert_eq!(answer.status, 422, "{field}={typed}: {}", answer.text);
        assert!(answer.text.contains(words), "{field}={typed}: {}", answer.text);
        if !words.contains("both") {
            assert!(
                answer.text.contains(&format!("href=\"#s-{field}\"")),
                "{field}: {}",
                answer.text
            );
        }
        for kept in ["Cedar", TENANT] {
            assert!(
                answer.text.contains(kept)
                    || typed.contains(kept)
                    || field == "name"
                    || field == "tenant",
                "{field}"
            );
        }
        assert!(!answer.text.contains("<b>"), "it is escaped");
    }
    assert!(site.store.kept_registry().await.unwrap().entries.is_empty());
    assert!(site.witness.deeds().is_empty(), "nothing was done");
}

#[tokio::test]
async fn a_merger_is_told_of_a_day_at_most_a_year_ahead() {
    let (site, cookie) = admin().await;
    let other = clinic("add", 0, "old-mill", "").replace(TENANT, &TENANT.replace("30", "31"));
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &other).await.status, 303);
    let of = async |version, day: &str| {
        let merged = format!("&merged_into=old-mill&merged_on={day}");
        let form = clinic("add", version, "cedar-hill", &merged);
        site.post_as(&cookie, "/settings/clinics", &form).await
    };
    for day in ["2099-01-01", "9999-12-31", "1999-12-31"] {
        let answer = of(0, day).await;
        assert_eq!(answer.status, 422, "{day}: {}", answer.text);
        for shown in ["a date from 2000 to a year from now", "href=\"#s-merged_on\"", day] {
            assert!(answer.text.contains(shown), "{day}: {shown} is not in {}", answer.text);
        }
    }
    assert_eq!(site.store.kept_registry().await.unwrap().entries.len(), 1);
    assert_eq!(of(0, "2027-11-01").await.status, 303);
}

#[tokio::test]
async fn the_second_of_two_admins_is_told_and_loses_nothing() {
    let (site, cookie) = admin().await;
    let form = clinic("add", 0, "cedar-hill", "");
    site.post_as(&cookie, "/settings/clinics", &form).await;
    let seen = version(&site.get_as(&cookie, "/settings/clinics/cedar-hill").await);
    let first = clinic("save", seen, "cedar-hill", "").replace("Cedar", "First");
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &first).await.status, 303);
    let second = clinic("save", seen, "cedar-hill", "&invited_staff=7").replace("Cedar", "Second");
    let told = site.post_as(&cookie, "/settings/clinics", &second).await;
    assert_eq!(told.status, 409);
    for shown in
        ["Somebody else was faster", "Second Hill", "Now: </strong>First Hill", "value=\"7\""]
    {
        assert!(told.text.contains(shown), "{shown} is not in {}", told.text);
    }
    let now = site.get_as(&cookie, "/settings/clinics/cedar-hill").await;
    assert!(now.text.contains("First Hill"), "the first one's is in place");
    // Saying it again, having seen that, puts it in place.
    let again = clinic("save", version(&told), "cedar-hill", "").replace("Cedar", "Second");
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &again).await.status, 303);
    // Removed meanwhile: what was typed is there to be added anew.
    let seen = version(&site.get_as(&cookie, "/settings/clinics/cedar-hill").await);
    let remove = format!("act=remove&id=cedar-hill&version={seen}");
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &remove).await.status, 303);
    let late = clinic("save", seen, "cedar-hill", "").replace("Cedar", "Late");
    let told = site.post_as(&cookie, "/settings/clinics", &late).await;
    assert_eq!(told.status, 409);
    assert!(
        told.text.contains("It was removed") && told.text.contains("Late Hill"),
        "{}",
        told.text
    );
}

#[tokio::test]
async fn a_form_that_is_sent_twice_adds_one() {
    let (site, cookie) = admin().await;
    let form = clinic("add", 0, "cedar-hill", "");
    assert_eq!(site.post_as(&cookie, "/settings/clinics", &form).await.status, 303);
    let again = site.post_as(&cookie, "/settings/clinics", &form).await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("there is an entry of that id already"), "{}", again.text);
    let other = form.replace("cedar-hill", "cedar-hill-2");
    let same_tenant = site.post_as(&cookie, "/settings/clinics", &other).await;
    assert_eq!(same_tenant.status, 422);
    assert!(same_tenant.text.contains("have the same tenant"), "{}", same_tenant.text);
    assert_eq!(site.store.kept_registry().await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn nothing_is_changed_without_a_record_of_it() {
    let (site, cookie) = admin().await;
    site.witness.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer =
        site.post_as(&cookie, "/settings/clinics", &clinic("add", 0, "cedar-hill", "")).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("Nothing was changed"), "{}", answer.text);
    assert!(site.store.kept_registry().await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn an_app_cannot_list_a_clinic_that_is_not_there_and_a_clinic_that_is_listed_stays() {
    let (site, cookie) = admin().await;
    let app = |clinics: &str| format!("act=add&id=web&name=Web&clinics={clinics}");
    let none = site.post_as(&cookie, "/settings/apps", &app("cedar-hill")).await;
    assert_eq!(none.status, 422);
    assert!(none.text.contains("lists the clinic cedar-hill, which is not registered"));
    site.post_as(&cookie, "/settings/clinics", &clinic("add", 0, "cedar-hill", "")).await;
    assert_eq!(site.post_as(&cookie, "/settings/apps", &app("cedar-hill")).await.status, 303);
    let seen = version(&site.get_as(&cookie, "/settings/clinics/cedar-hill").await);
    let remove = format!("act=remove&id=cedar-hill&version={seen}");
    let refused = site.post_as(&cookie, "/settings/clinics", &remove).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("lists the clinic cedar-hill"), "{}", refused.text);
    let kept = site.store.kept_registry().await.unwrap();
    assert!(kept.entry(EntryKind::Clinic, "cedar-hill").is_some());
}

#[tokio::test]
async fn on_call_sees_the_settings_and_no_form() {
    let site = Site::start(Auth::Sessions).await;
    let cookie = site.sign_in(Role::Oncall).await;
    for room in [
        "",
        "/clinics",
        "/clinics/lakeshore",
        "/apps",
        "/retention",
        "/catalogue",
        "/environment",
        "/health",
    ] {
        let page = site.get_as(&cookie, &format!("/settings{room}")).await;
        assert_eq!(page.status, 200, "{room}");
        assert!(!page.text.contains("action=\"/settings"), "{room}: {}", page.text);
    }
}
