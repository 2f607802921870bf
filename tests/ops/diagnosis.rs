//! "Why can't I see this patient?": from a code or a form to a verdict, and what can be done there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use accuscope::domain::audit::Event;
use accuscope::domain::cause::Cause;
use accuscope::domain::event::Exchange;
use accuscope::domain::names::{ClinicId, KeyId};
use accuscope::domain::reason::Reason;
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::role::Role;
use accuscope::keys::Keyring;
use accuscope::ops::Auth;

use crate::support::{Answer, Site, call, failed, now};

/// A number that must never come back.
const NUMBER: &str = "9123456780";
const PERSON: &str = "zoe.tremblay";

fn keys() -> Arc<Keyring> {
    Arc::new(Keyring::of_one(KeyId::parse("k1").unwrap(), &[7; 32]))
}

fn reference(kind: ReferenceKind, text: &str) -> Reference {
    let clinic = ClinicId::parse("lakeshore").unwrap();
    keys().reference(kind, Some(&clinic), text.as_bytes())
}

/// One person is refused one chart; the person's other charts work, and colleagues open that chart.
fn restricted_chart() -> Vec<Exchange> {
    let patient = reference(ReferenceKind::Patient, NUMBER);
    let person = reference(ReferenceKind::Actor, PERSON);
    let mut calls = Vec::new();
    for number in 0..6u64 {
        let ago = i64::try_from(number).unwrap() * 60;
        let mut refused =
            failed(Reason::Forbidden, 403, call("lakeshore", 7_000 + number, 300 + ago));
        refused.actor_ref = Some(person.clone());
        refused.patient_ref = Some(patient.clone());
        calls.push(refused);
    }
    for number in 0..40u64 {
        let ago = i64::try_from(number).unwrap() * 60;
        let mut own = call("lakeshore", 8_000 + number, 100 + ago);
        own.actor_ref = Some(person.clone());
        let mut colleague = call("lakeshore", 9_000 + number, 110 + ago);
        colleague.patient_ref = Some(patient.clone());
        calls.extend([own, colleague, call("harbour-view", 10_000 + number, 105 + ago)]);
    }
    calls
}

async fn site(auth: Auth) -> Site {
    let site = Site::start_with_keys(auth, keys()).await;
    site.insert(&restricted_chart()).await;
    site
}

/// The question about the person and the patient, as the form sends it.
fn form(extra: &str) -> String {
    format!("clinic=lakeshore&at=10:40&window=1h&patient={NUMBER}&actor={PERSON}{extra}")
}

async fn verdict(site: &Site) -> (String, Answer) {
    let found = site.post_as("", "/find", &form("&why=ticket")).await;
    assert_eq!(found.status, 303, "{}", found.text);
    let address = found.location().to_owned();
    let page = site.get(&address).await;
    (address, page)
}

#[tokio::test]
async fn one_form_leads_to_the_verdict_with_all_that_support_needs() {
    let site = site(Auth::Off).await;
    let (_, page) = verdict(&site).await;
    for expected in [
        "Accuro won’t let this person open this one chart.",
        "The chart is masked, or this person lacks permission for it",
        "1 person, 1 patient",
        "6 calls",
        "The clinic’s administrator",
        "Not us. Not Accuro.",
        "Very likely",
        "See the evidence",
        "Tell me when it works",
        "To the clinic’s administrator",
        "To the person who asked",
        "With the verdict",
        "Agrees",
        "So we ruled out",
        "This person",
        "Person A",
        "This person’s calls around it",
        "Was this right?",
        "Hand to on call",
        "Vancouver time",
    ] {
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
    }
    assert!(!page.text.contains("PST") && !page.text.contains("PDT"));
    let french = site.get(&format!("{}?lang=fr", verdict(&site).await.0)).await.text;
    assert!(french.contains("lang=\"fr-CA\"") && french.contains("aria-current=\"true\">Français"));
}

#[tokio::test]
async fn what_was_typed_stands_nowhere_and_the_audit_says_who_was_looked_up_and_why() {
    let site = site(Auth::Off).await;
    let (address, page) = verdict(&site).await;
    let kept = site.store.diagnoses_of(None, 1).await.unwrap().remove(0);
    let kept = site.store.diagnosis(&kept.id).await.unwrap().unwrap();
    let patient = reference(ReferenceKind::Patient, NUMBER);
    for text in [&address, &page.text, &kept.question, &kept.answer, &kept.picture] {
        assert!(!text.contains(NUMBER) && !text.contains(PERSON), "{text}");
    }
    assert!(kept.question.contains(&patient.to_string()));
    assert!(!page.text.contains(&patient.to_string()), "a whole reference is shown");
    let entries = site.witness.entries.lock().unwrap();
    assert_eq!(entries[0].deed, Event::DiagnosedForTicket);
    assert_eq!(entries[0].about.patient, Some(patient));
    assert_eq!(entries[0].about.actor, Some(reference(ReferenceKind::Actor, PERSON)));
    assert_eq!(entries[1].deed, Event::OpenedDiagnosis);
}

#[tokio::test]
async fn every_mistake_has_a_clear_answer_that_repeats_nothing() {
    let site = site(Auth::Off).await;
    for (form, says) in [
        (form(""), "Say why: looking somebody up is recorded"),
        (form("&why=curious"), "Say why: looking somebody up is recorded"),
        ("clinic=tremblay-clinic&at=10:40".into(), "Choose one of the clinics"),
        ("clinic=lakeshore&at=9123456780".into(), "Give a time such as 10:40"),
        ("clinic=lakeshore&at=10:40&day=2026-11-25".into(), "That is in the future"),
        ("clinic=lakeshore&at=10:40&why=ticket&patient=Tremblay".into(), "no patient number"),
        (format!("q={NUMBER}"), "no support code"),
        ("clinic=lakeshore&clinic=x".into(), "There is a problem"),
    ] {
        let answer = site.post_as("", "/find", &form).await;
        assert_eq!(answer.status, 422, "{form}");
        assert!(answer.text.contains(says), "{says} for {form} in {}", answer.text);
        for typed in ["remblay", "curious", PERSON] {
            assert!(!answer.text.contains(typed), "{form}");
        }
        assert!(!answer.text.contains(NUMBER), "{form}");
    }
    assert_eq!(site.witness.deeds(), [], "nothing was looked up");
    for address in ["/d/0123456789abcdefghijklmn", "/d/9123456780"] {
        let answer = site.get(address).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("We have no such diagnosis") && !answer.text.contains(NUMBER));
    }
}

#[tokio::test]
async fn a_time_without_records_says_so_and_is_in_the_audit() {
    let site = site(Auth::Off).await;
    let found =
        site.post_as("", "/find", "clinic=old-mill&at=03:00&day=2026-11-20&window=1h").await;
    assert_eq!(found.status, 303);
    let page = site.get(found.location()).await.text;
    assert!(page.contains("We weren’t recording then."), "{page}");
    assert!(page.contains("Nothing was recorded then"), "{page}");
    assert_eq!(site.witness.deeds(), [Event::Diagnosed, Event::OpenedDiagnosis]);
}

#[tokio::test]
async fn a_place_and_a_time_with_several_troubles_are_a_choice() {
    let site = site(Auth::Off).await;
    let one = site.post_as("", "/find", "clinic=lakeshore&at=10:40").await;
    assert!(one.location().starts_with("/d/"), "one thing went wrong");
    site.insert(&[failed(Reason::UpstreamError, 500, call("lakeshore", 77, 240))]).await;
    let several = site.post_as("", "/find", "clinic=lakeshore&at=10:40").await;
    assert_eq!(several.status, 200);
    assert!(several.text.contains("2 things went wrong around 10:40"), "{}", several.text);
    let id = several.text.split("name=\"q\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let chosen = site.post_as("", "/find", &format!("q={id}")).await;
    assert!(chosen.location().starts_with("/d/"), "{}", chosen.text);
}

#[tokio::test]
async fn feedback_is_audited_kept_once_for_each_person_and_counted() {
    let site = site(Auth::Off).await;
    let (address, _) = verdict(&site).await;
    let say = async |form: &str| site.post_as("", &format!("{address}/feedback"), form).await;
    assert_eq!(say("right=no").await.status, 303);
    assert_eq!(say("right=no&was=Tremblay").await.status, 303);
    assert_eq!(site.store.feedback_about(Cause::ChartRestricted).await.unwrap().wrong, 0);
    assert_eq!(say("right=no&was=permission").await.status, 303);
    let page = site.get(&address).await.text;
    assert!(page.contains("It was: A role or permission."), "{page}");
    say("right=yes").await;
    let count = site.store.feedback_about(Cause::ChartRestricted).await.unwrap();
    assert_eq!((count.right, count.wrong), (1, 0));
    let page = site.get(&address).await.text;
    assert!(page.contains("Of 1 answer about this verdict so far, 1 said that it was right."));
    let deeds = site.witness.deeds();
    for deed in [Event::DiagnosisDenied, Event::DiagnosisConfirmed] {
        assert_eq!(deeds.iter().filter(|other| **other == deed).count(), 1, "{deed}");
    }
    site.witness.broken.store(true, Ordering::SeqCst);
    assert_eq!(say("right=no&was=app").await.status, 503, "what is not kept does not count");
    assert_eq!(site.store.feedback_about(Cause::ChartRestricted).await.unwrap().wrong, 0);
}

#[tokio::test]
async fn somebody_who_waits_is_told_on_every_page_when_it_works() {
    let site = site(Auth::Off).await;
    let (address, _) = verdict(&site).await;
    let watch = async |turn: &str| site.post_as("", &format!("{address}/watch"), turn).await;
    assert_eq!(watch("turn=on").await.status, 303);
    assert!(site.get(&address).await.text.contains("You will be told"));
    let told = "You asked to be told.";
    assert!(!site.get("/").await.text.contains(told));
    let later = now().plus(Duration::from_mins(5));
    site.state.clock.set(later);
    let mut works = call("lakeshore", 99, -200);
    works.actor_ref = Some(reference(ReferenceKind::Actor, PERSON));
    let other_patient = works.clone();
    site.insert(&[other_patient]).await;
    assert!(!site.get("/").await.text.contains(told), "another chart is not the one");
    site.state.clock.set(later.plus(Duration::from_mins(1)));
    let mut works = Exchange { id: call("lakeshore", 98, -210).id, ..works };
    works.patient_ref = Some(reference(ReferenceKind::Patient, NUMBER));
    site.insert(&[works]).await;
    let page = site.get("/").await.text;
    assert!(page.contains(told) && page.contains(&format!("href=\"{address}\"")), "{page}");
    watch("turn=off").await;
    assert!(!site.get("/").await.text.contains(told));
}

#[tokio::test]
async fn the_same_question_can_be_asked_again_and_the_first_answer_stays() {
    let site = site(Auth::Off).await;
    let (address, first) = verdict(&site).await;
    let again = site.post_as("", &format!("{address}/again"), "").await;
    assert_eq!(again.status, 303);
    assert_ne!(again.location(), address);
    let fact = "1 person, 1 patient";
    assert!(site.get(again.location()).await.text.contains(fact) && first.text.contains(fact));
    assert!(site.get("/find").await.text.matches("class=\"rowlink\"").count() == 2);
}

#[tokio::test]
async fn a_record_that_lagged_lowers_the_confidence_and_says_as_of_when() {
    let site = site(Auth::Off).await;
    site.state.clock.set(now().plus(Duration::from_mins(20)));
    let (_, page) = verdict(&site).await;
    assert!(page.text.contains("As of 10:46"), "{}", page.text);
    assert!(page.text.contains("Likely: level 3 of 5"), "{}", page.text);
}

#[tokio::test]
async fn only_support_on_call_and_admins_ask_and_read() {
    let site = site(Auth::Sessions).await;
    let support = site.sign_in(Role::Support).await;
    let found = site.post_as(&support, "/find", &form("&why=caller")).await;
    let address = found.location().to_owned();
    for role in [Role::Support, Role::Oncall, Role::Admin] {
        let cookie = site.sign_in(role).await;
        assert_eq!(site.get_as(&cookie, &address).await.status, 200, "{role}");
    }
    let manager = site.sign_in(Role::Manager).await;
    let refused = site.get_as(&manager, &address).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.text.contains("one chart"), "{}", refused.text);
    for path in ["/find", &format!("{address}/again"), &format!("{address}/watch")] {
        assert_eq!(site.post_as(&manager, path, "turn=on").await.status, 403, "{path}");
    }
    site.witness.broken.store(true, Ordering::SeqCst);
    assert_eq!(site.get_as(&support, &address).await.status, 503, "not shown without a record");
}
