//! An invented week 47 at the nine clinics of `reading::fixtures`, for tests and pictures.

use std::collections::BTreeMap;

use jiff::civil::date;

use super::{Blocker, Made, Read, Report, WEEKS, make};
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::{Counts, Deeds, Firsts, Goals, Note, Task, Week, cohort};
use crate::domain::cause::Cause;
use crate::domain::labels::Category;
use crate::domain::names::ClinicId;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::ops::reading::fixtures;

/// Id, staff in the first and in the last of the weeks, of a thousand tasks those that failed first, tasks
/// in use, days of use.
const SKETCHES: [(&str, u64, u64, u64, usize, u64); 8] = [
    ("harbour-view", 0, 13, 6, 6, 9),
    ("maple-grove", 13, 14, 16, 8, 13),
    ("cedar-street", 9, 2, 79, 2, 5),
    ("lakeshore", 17, 19, 4, 8, 12),
    ("foothills", 8, 19, 7, 7, 14),
    ("north-shore", 6, 24, 3, 7, 11),
    ("riverbend", 4, 27, 4, 8, 10),
    ("prairie-rose", 0, 10, 5, 3, 7),
];

fn counts(staff: u64, failed_permille: u64) -> Counts {
    let done = staff * 270;
    let failed = done * failed_permille / 1_000;
    let deeds = Deeds {
        calls: done * 5,
        done,
        empty: done / 20,
        first_time: done - failed,
        failed: failed / 3,
        given_up: done / 900,
        changed: done / 6,
    };
    Counts { staff, deeds, unknown_calls: if staff == 14 { 118 } else { 0 } }
}

fn note(day: jiff::civil::Date, kind: NoteKind, text: &str, clinics: &[&str]) -> Note {
    let clinics = clinics.iter().map(|id| ClinicId::parse(id).unwrap()).collect();
    Note { day, kind, text: text.to_owned(), clinics }
}

/// The week of the report.
pub(crate) fn week() -> Week {
    Week::of(date(2026, 11, 16))
}

/// The report as it is read on the Tuesday after.
pub(crate) fn report() -> Report {
    let registry = fixtures::registry();
    let mut read = Read::default();
    for (id, then, now, failed, tasks, days) in SKETCHES {
        let clinic = ClinicId::parse(id).unwrap();
        let last = WEEKS as u64 - 1;
        let of_week = |n: u64| {
            let staff = (then * (last - n) + now * n) / last;
            let staff = if id == "cedar-street" && n < last { 9 } else { staff };
            (week().plus(n.cast_signed() - last.cast_signed()), counts(staff, failed))
        };
        read.weeks.insert(clinic.clone(), (0..=last).map(of_week).collect());
        let of_task = |(n, task): (usize, &Task)| {
            let staff = if n < tasks { now - now * n as u64 / 9 } else { 0 };
            (*task, counts(staff, failed))
        };
        let by_task: BTreeMap<Task, Counts> = Task::ALL.iter().enumerate().map(of_task).collect();
        read.tasks.insert(clinic.clone(), by_task);
        read.active_days.insert(clinic.clone(), days);
        let day = |month, day| Some(date(2026, month, day));
        let firsts = Firsts {
            counted_from: day(8, 31),
            signed_in: day(9, 1),
            found: day(9, 1),
            done: day(9, 1),
            changed: day(9, 4),
            last_done: if id == "cedar-street" { day(11, 12) } else { day(11, 20) },
        };
        read.firsts.insert(clinic, firsts);
    }
    let id = |text: &str| ClinicId::parse(text).unwrap();
    let since = Timestamp::parse("2026-11-16T17:20:00Z").unwrap();
    let incident = Blocker::Incident {
        number: 141,
        cause: Cause::SectionRestricted,
        category: Some(Category::Auth),
        since,
        open: false,
    };
    read.incidents.insert(id("cedar-street"), incident);
    let now = fixtures::now();
    let Made { mut clinics, former, over } =
        make(&mut read, &registry, |_| true, &Goals::default(), (week(), now));
    for clinic in clinics.iter_mut().filter(|clinic| clinic.clinic.id == id("maple-grove")) {
        clinic.blocker = Some(Blocker::Reason { reason: Reason::ResponseTimeout, calls: 214 });
    }
    let staff = (0..8i64).flat_map(|started| {
        (started..8).map(move |at| {
            let began = [9, 14, 3, 18, 21, 16, 12, 2][usize::try_from(started).unwrap()];
            let ago = u64::try_from(at - started).unwrap();
            let week = |n: i64| week().plus(n - 7);
            ((week(started), week(at)), began - (began * ago.min(5)) / 12)
        })
    });
    let staff: BTreeMap<_, _> = staff.collect();
    Report {
        week: week(),
        over,
        clinics,
        former,
        grid: cohort::grid(&staff, week().plus(-7), week()),
        days_due: 0,
        all_due: 0,
        counted_from: Some(date(2026, 8, 31)),
        goals: Goals::default(),
        notes: vec![
            note(date(2026, 10, 14), NoteKind::Release, "Chart companion 2.4", &[]),
            note(
                date(2026, 11, 3),
                NoteKind::Training,
                "Training at the front desk",
                &["cedar-street"],
            ),
        ],
        again: Vec::new(),
    }
}
