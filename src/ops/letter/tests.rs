//! What the letter says, and what never stands in it.

use super::{Origin, write};
use crate::domain::labels::Environment;
use crate::domain::refusal_words::Language;
use crate::ops::report::fixtures;

fn origin(environment: Environment) -> Origin<'static> {
    Origin { environment, site: Some("https://ops.example/"), language: Language::English }
}

#[test]
fn the_letter_says_what_the_page_says() {
    let letter = write(&fixtures::report(), origin(Environment::Production));
    let heading = "Week 47: eight of nine clinics used it. One is stuck";
    assert_eq!(letter.subject, format!("accuscope: {heading}"));
    for said in [
        heading,
        "Cedar Street Clinic stopped using it on Thu 12 Nov.",
        "North Shore Women’s Health is ready to move up to Live.",
        "https://ops.example/adoption?week=2026-W47",
        "Staff are counted, never named or ranked",
    ] {
        assert!(letter.text.contains(said), "{said} in {}", letter.text);
        assert!(letter.html.contains(said), "{said} in {}", letter.html);
    }
    assert!(!letter.text.contains("sandbox"));
    for way in ["/calls", "/incidents", "/adoption/", "ac_k", "<img", "src="] {
        assert!(!letter.html.contains(way) && !letter.text.contains(way), "{way}");
    }
}

#[test]
fn a_sandbox_says_so_and_without_a_site_there_is_no_link() {
    let sandbox = Origin { site: None, ..origin(Environment::Sandbox) };
    let letter = write(&fixtures::report(), sandbox);
    assert!(letter.subject.starts_with("[Sandbox] accuscope: "), "{}", letter.subject);
    assert!(letter.text.contains("not of real clinics") && letter.html.contains("not of real"));
    assert!(!letter.text.contains("http") && !letter.html.contains("href"));
}

#[test]
fn few_people_are_no_figure() {
    let mut report = fixtures::report();
    report.clinics.retain(|clinic| clinic.clinic.id.as_str() == "cedar-street");
    report.clinics[0].clinic.rollout.invited_staff = Some(4);
    for week in &mut report.clinics[0].weeks {
        week.staff = week.staff.min(2);
    }
    report.clinics[0].seen.fill(2);
    let letter = write(&report, origin(Environment::Production));
    for part in [&letter.text, &letter.html] {
        assert!(part.contains("Fewer than 5") && part.contains("fewer than 5"), "{part}");
        assert!(!part.contains("2 of 4") && !part.contains("on the week before"), "{part}");
    }
}

#[test]
fn a_french_letter_says_the_same_in_french() {
    let french = Origin { language: Language::French, ..origin(Environment::Sandbox) };
    let letter = write(&fixtures::report(), french);
    assert_eq!(
        letter.subject,
        "[Bac à sable] accuscope : Semaine 47 : huit cliniques sur neuf l’ont utilisé. Une est bloquée"
    );
    for said in [
        "Cedar Street Clinic ne l’utilise plus depuis le jeu. 12 nov.",
        "Du lun. 16 nov. au dim. 22 nov. 2026",
        "North Shore Women’s Health est prête à passer à la phase En usage.",
        "Le personnel est compté, jamais nommé ni classé",
    ] {
        assert!(letter.text.contains(said), "{said} in {}", letter.text);
        assert!(letter.html.contains(said), "{said} in {}", letter.html);
    }
    for english in ["clinic ", "Week", "staff", "Nov", "of 9"] {
        assert!(!letter.text.contains(english), "{english} in {}", letter.text);
    }
    assert!(letter.html.contains("<html lang=\"fr\""), "{}", letter.html);
}

#[test]
fn a_name_with_markup_is_text() {
    let mut report = fixtures::report();
    report.clinics[0].clinic.name = "<b>Harbour</b> & \"View\"".to_owned();
    let letter = write(&report, origin(Environment::Production));
    assert!(!letter.html.contains("<b>"), "{}", letter.html);
    assert!(letter.text.contains("<b>Harbour</b>"));
}
