//! The report's pictures, and what it promises in words.

use super::{Asked, one, view};
use crate::domain::adoption::cohort::Grid;
use crate::domain::adoption::funnel::funnel;
use crate::ops::components::shell::shell;
use crate::ops::pages::gallery::{Picture, frame, manager};
use crate::ops::report::fixtures;

pub(crate) fn pages() -> Vec<Picture> {
    let report = fixtures::report();
    let running = report.week.plus(1);
    let asked = Asked { week: report.week, running, all: false };
    let f = frame("/adoption?week=2026-W47");
    let manager = manager(&f);
    let mut all = vec![("adoption", manager.clone(), view::view(&report, asked, &manager))];
    let mut empty = fixtures::report();
    empty.clinics.clear();
    empty.grid = Grid::default();
    (empty.counted_from, empty.days_due, empty.over) = (None, 3, false);
    let so_far = Asked { week: running, ..asked };
    all.push(("adoption-empty", f.clone(), view::view(&empty, so_far, &f)));
    for (name, id) in [("adoption-one", "north-shore"), ("adoption-stuck", "cedar-street")] {
        let own = report.clinics.iter().find(|c| c.clinic.id.as_str() == id).unwrap();
        let steady = Some(jiff::civil::date(2026, 10, 2));
        let enabled = Some(jiff::civil::date(2026, 8, 31));
        let way = funnel(enabled, &own.firsts, steady);
        all.push((name, f.clone(), one::view(&report, own, &way, asked, &f)));
    }
    all
}

#[test]
fn the_report_names_the_stuck_first_and_says_why() {
    let (_, frame, page) = pages().remove(0);
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
