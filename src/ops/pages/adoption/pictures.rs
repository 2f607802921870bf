//! The report's pictures, and what it promises in words.

use super::{Asked, one, sharing, view};
use crate::domain::adoption::cohort::Grid;
use crate::domain::adoption::funnel::funnel;
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::{Counts, GateChanges, Note, Standing, Week};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::registry::Merged;
use crate::domain::role::Role;
use crate::domain::share::{Maker, Share};
use crate::ops::components::bare::bare;
use crate::ops::components::shell::{Frame, Page, shell};
use crate::ops::pages::gallery::{Picture, frame, manager};
use crate::ops::report::{Report, fixtures};
use crate::ops::words::language::Language;

pub(crate) fn pages(language: Language) -> Vec<Picture> {
    let report = fixtures::report();
    let running = report.week.plus(1);
    let asked = Asked { week: report.week, running, all: false, shared: false };
    let f = frame("/adoption?week=2026-W47", language);
    let manager = manager(&f);
    let mut all = vec![("adoption", manager.clone(), view::view(&report, asked, None, &manager))];
    let mut sharing = sharing::Sharing { most_days: Some(30), ..sharing::Sharing::default() };
    sharing.shares = vec![share(2, None), share(1, Some(report.week))];
    let address =
        "https://ops.example/shared/Jx0cQ2nGm5vXr8Zb1yK4tLw7eP9sUd3HfAiNoBgCqRk".to_owned();
    let expires = f.now.plus(std::time::Duration::from_hours(7 * 24));
    sharing.said = Some(Ok(sharing::Done::Made(address, expires)));
    let page = view::view(&report, asked, Some(&sharing), &manager);
    all.push(("adoption-share", manager.clone(), page));
    let mut empty = fixtures::report();
    empty.clinics.clear();
    empty.grid = Grid::default();
    (empty.counted_from, empty.days_due, empty.over) = (None, 3, false);
    let so_far = Asked { week: running, ..asked };
    all.push(("adoption-empty", f.clone(), view::view(&empty, so_far, None, &f)));
    for (name, id) in [("adoption-one", "north-shore"), ("adoption-stuck", "cedar-street")] {
        let own = report.clinics.iter().find(|c| c.clinic.id.as_str() == id).unwrap();
        let steady = Some(jiff::civil::date(2026, 10, 2));
        let enabled = Some(jiff::civil::date(2026, 8, 31));
        let way = funnel(enabled, &own.firsts, steady);
        all.push((name, f.clone(), one::view(&report, own, &way, None, asked, &f)));
    }
    all.push(("adoption-joined", f.clone(), joined(&f)));
    all
}

/// A clinic that another one became part of in the week, with gates of its own.
fn joined(f: &Frame) -> Page {
    let mut report = fixtures::report();
    let place = |report: &Report, id: &str| {
        report.clinics.iter().position(|c| c.clinic.id.as_str() == id).unwrap()
    };
    let mut part = report.clinics.remove(place(&report, "cedar-street"));
    let own = place(&report, "north-shore");
    let (into, on) = (report.clinics[own].clinic.id.clone(), jiff::civil::date(2026, 11, 18));
    part.clinic.rollout.merged = Some(Merged { into: into.clone(), on });
    let (kind, text) = (NoteKind::Merged, part.clinic.name.clone());
    report.notes.push(Note { day: on, kind, text, clinics: vec![into] });
    *part.weeks.last_mut().unwrap() = Counts::default();
    report.former.push(part);
    let gates = GateChanges { tasks: Some(5), weeks: Some(4), ..GateChanges::default() };
    report.clinics[own].clinic.rollout.gates = gates;
    let of_phase = GateChanges { staff_percent: Some(60), ..GateChanges::default() };
    report.goals.phases.insert(report.clinics[own].clinic.phase, of_phase);
    report.clinics[own].goals = report.goals.of(&report.clinics[own].clinic);
    let own = &report.clinics[own];
    let asked =
        Asked { week: report.week, running: report.week.plus(1), all: false, shared: false };
    let way = funnel(Some(jiff::civil::date(2026, 8, 31)), &own.firsts, None);
    one::view(&report, own, &way, None, asked, f)
}

#[test]
fn a_clinic_says_what_became_part_of_it_and_what_was_before() {
    let page = joined(&frame("/adoption/north-shore", Language::English)).body.into_string();
    // Of the week of the merger there is no page of its own.
    assert!(!page.contains("/adoption/cedar-street?week=2026-W47"));
    for words in [
        "Cedar Street Clinic, since Wed 18 Nov",
        "Cedar Street Clinic joined in this week",
        "/adoption/cedar-street?week=2026-W46\">Cedar Street Clinic</a></th>",
        "merger: Cedar Street Clinic",
        "Its own threshold",
        "For clinics in Expanding",
        "98.5% of tasks worked first time, 4 weeks in a row",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(!page.contains("on the week before"), "nothing to compare with");
}

#[test]
fn whoever_sees_only_a_clinic_that_is_part_of_another_reads_what_became_of_it() {
    let mut report = fixtures::report();
    report.clinics.retain(|clinic| clinic.clinic.id.as_str() == "cedar-street");
    let mut part = report.clinics.remove(0);
    let into = crate::domain::names::ClinicId::parse("north-shore").unwrap();
    let on = jiff::civil::date(2026, 11, 4);
    part.clinic.rollout.merged = Some(Merged { into, on });
    for week in part.weeks.iter_mut().rev().take(3) {
        *week = Counts::default();
    }
    report.former.push(part);
    let asked =
        Asked { week: report.week, running: report.week.plus(1), all: false, shared: false };
    for (language, heading, words) in [
        (
            Language::English,
            "Week 47: Cedar Street Clinic has been part of another clinic since Wed 4 Nov",
            "What it does now counts there",
        ),
        (
            Language::French,
            "Semaine 47\u{a0}: Cedar Street Clinic fait partie d’une autre clinique depuis le mer. 4 nov.",
            "Ce qu’elle fait maintenant compte là-bas",
        ),
    ] {
        let page = view::view(&report, asked, None, &frame("/adoption", language));
        assert_eq!(page.title, heading);
        let drawn = page.body.into_string();
        assert!(drawn.contains(words), "{words} in {drawn}");
        assert!(drawn.contains("/adoption/cedar-street?week=2026-W44"), "{drawn}");
        // Nothing is said of a clinic that the reader does not see.
        for word in ["north-shore", "North Shore", "registered", "inscrite", "1</dd> <small>of 0"] {
            assert!(!drawn.contains(word), "{word} in {drawn}");
        }
    }
    let own = &report.former[0];
    let f = frame("/adoption/cedar-street", Language::English);
    let drawn = |into: Option<&crate::domain::registry::Clinic>| {
        one::view(&report, own, &[], into, asked, &f).body.into_string()
    };
    assert!(drawn(None).contains("another clinic, which you do not see, from Wed 4 Nov on"));
    let seen = fixtures::report();
    let into = &seen.clinics.iter().find(|c| c.clinic.id.as_str() == "north-shore").unwrap().clinic;
    assert!(drawn(Some(into)).contains("/adoption/north-shore\">North Shore"));
}

fn share(number: u32, week: Option<Week>) -> Share {
    let now = frame("/adoption", Language::English).now;
    let hours = |hours| std::time::Duration::from_hours(hours);
    Share {
        number,
        account: "m.roy".into(),
        of_account: true,
        clinics: ClinicScope::all(),
        week,
        created: now.minus(hours(30)),
        expires: now.plus(hours(100)),
        revoked: None,
        opened: week.map(|_| now.minus(hours(2))),
        maker: Maker::Here(Role::Manager, ClinicScope::all()),
    }
}

/// What somebody with a link sees.
#[test]
fn of_a_week_that_is_being_counted_nothing_is_said() {
    let mut report = fixtures::report();
    for clinic in &mut report.clinics {
        clinic.standing = Standing::BeingCounted;
    }
    report.days_due = 40;
    let asked =
        Asked { week: report.week, running: report.week.plus(1), all: false, shared: false };
    let f = frame("/adoption", Language::English);
    let page = view::view(&report, asked, None, &f).body.into_string();
    assert!(
        page.contains("is still being counted") && page.contains("Said once the week"),
        "{page}"
    );
    for word in ["Stuck", "no clinic used it", "Call the clinic", "Down ", "on the week before"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn the_page_of_a_link_says_the_same_and_leads_nowhere() {
    let report = fixtures::report();
    let running = report.week.plus(1);
    let asked = Asked { week: report.week, running, all: true, shared: true };
    let nobody = Frame { reader: None, ..frame("/adoption", Language::English) };
    let drawn = bare(&nobody, &view::view(&report, asked, None, &nobody)).into_string();
    assert!(drawn.contains("Cedar Street Clinic"), "{drawn}");
    assert!(drawn.contains("North Shore Women’s Health"), "{drawn}");
    for way in ["<a ", "<form", "<nav", "/incidents", "/calls", "/adoption", "Incident "] {
        assert!(!drawn.contains(way), "{way} in {drawn}");
    }
}

#[test]
fn the_report_names_the_stuck_first_and_says_why() {
    let (_, frame, page) = pages(Language::English).remove(0);
    let drawn = shell(&frame, &page).into_string();
    assert_eq!(page.title, "Week 47: eight of nine clinics used it. One is stuck");
    assert!(drawn.contains("Cedar Street Clinic stopped using it on Thu 12 Nov."), "{drawn}");
    assert!(drawn.contains("lately: a section is closed to this person"), "{drawn}");
    let ready = "North Shore Women’s Health is ready to move up to Live.";
    assert!(drawn.contains(ready), "{drawn}");
    let place = |name: &str| drawn.find(&format!("?week=2026-W47\">{name}<")).unwrap();
    assert!(place("Cedar Street Clinic") < place("North Shore Women’s Health"));
    for word in ["Staff are counted, never named or ranked", "118 calls unknown"] {
        assert!(drawn.contains(word), "{word}");
    }
    assert!(!drawn.contains("/calls"), "nothing leads a manager to a single call");
}
