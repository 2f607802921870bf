//! The figures of the adoption report by other code: strings and quadratic loops over exported lines.
//!
//! Shares nothing with the store's counting but the names of the figures.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use accuscope::domain::adoption::{Bucket, Counts, Deeds, Week};
use accuscope::domain::event::json;
use accuscope::domain::names::ClinicId;
use accuscope::store::{CountedTasks, CountsQuery, ExchangeFilter, Store};
use jiff::civil::{Date, date};
use serde_json::Value;

use crate::kinds;
use crate::support::clinic;

/// Clinics and their zones, of the random histories and of the demo.
pub(crate) const CLINICS: [(&str, &str); 10] = [
    ("maple-ridge", "America/Vancouver"),
    ("signal-hill", "America/St_Johns"),
    ("harbour-view", "America/Vancouver"),
    ("lakeshore", "America/Vancouver"),
    ("foothills", "America/Edmonton"),
    ("prairie-rose", "America/Regina"),
    ("riverbend", "America/Winnipeg"),
    ("north-shore", "America/Toronto"),
    ("cedar-street", "America/Halifax"),
    ("old-mill", "America/St_Johns"),
];
/// Operation, domain, whether it changes something, and the task by hand.
pub(crate) const OPERATIONS: [(&str, &str, bool, Option<&str>); 9] = [
    ("patient.search", "patients", false, Some("find_patient")),
    ("patient.read", "patients", false, Some("open_chart")),
    ("allergy.list", "clinical", false, Some("open_chart")),
    ("appointment.list", "scheduling", false, Some("see_schedule")),
    ("appointment.create", "scheduling", true, Some("book")),
    ("appointment.cancel", "scheduling", true, Some("change_appointment")),
    ("lab.list", "labs", false, Some("results")),
    ("office.list", "reference", false, None),
    ("auth.token", "auth", false, None),
];
/// The tasks of what else the demo's people do.
const OF_THE_DEMO: [(&str, &str); 20] = [
    ("patient.create", "open_chart"),
    ("patient.update", "open_chart"),
    ("history.list", "open_chart"),
    ("schedule.list", "see_schedule"),
    ("appointment.read", "see_schedule"),
    ("appointment.history.list", "see_schedule"),
    ("appointment.history.read", "see_schedule"),
    ("appointment.materials.list", "see_schedule"),
    ("appointment.materials.read", "see_schedule"),
    ("appointment.update", "change_appointment"),
    ("document.list", "documents"),
    ("document.read", "documents"),
    ("document.create", "documents"),
    ("letter.list", "documents"),
    ("letter.create", "documents"),
    ("lab.read", "results"),
    ("medication.list", "medications"),
    ("prescription.list", "medications"),
    ("prescription.create", "medications"),
    ("patient.public_search", "find_patient"),
];

/// What the other code counts of one clinic, stretch and task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum {
    people: HashSet<String>,
    calls: u64,
    done: u64,
    empty: u64,
    first_time: u64,
    failed: u64,
    given_up: u64,
    changed: u64,
    unknown: u64,
}

impl Sum {
    fn counts(&self) -> Counts {
        let deeds = Deeds {
            calls: self.calls,
            done: self.done,
            empty: self.empty,
            first_time: self.first_time,
            failed: self.failed,
            given_up: self.given_up,
            changed: self.changed,
        };
        Counts { staff: self.people.len() as u64, deeds, unknown_calls: self.unknown }
    }
}

fn text<'v>(line: &'v Value, field: &str) -> Option<&'v str> {
    line[field].as_str()
}

fn day_of(line: &Value) -> Date {
    let clinic = text(line, "clinic").unwrap();
    let zone = CLINICS.iter().find(|(id, _)| *id == clinic).unwrap().1;
    let ts: jiff::Timestamp = text(line, "ts").unwrap().parse().unwrap();
    ts.in_tz(zone).unwrap().date()
}

fn task_of(line: &Value) -> Option<&'static str> {
    let operation = text(line, "operation")?;
    let drawn = OPERATIONS.iter().find(|row| row.0 == operation).and_then(|row| row.3);
    drawn.or_else(|| OF_THE_DEMO.iter().find(|row| row.0 == operation).map(|row| row.1))
}

fn first_day(bucket: Bucket, day: Date) -> Date {
    match bucket {
        Bucket::Day => day,
        // The Monday at or before it, found by walking.
        Bucket::Week => {
            let mut monday = day;
            while monday.weekday() != jiff::civil::Weekday::Monday {
                monday = monday.yesterday().unwrap();
            }
            monday
        }
        Bucket::Month => date(day.year(), day.month(), 1),
    }
}

pub(crate) type Key = (Bucket, String, Date, Option<String>);

/// Clinic and reference: the reference that counts for it there.
pub(crate) type Same = HashMap<(String, String), String>;

fn person(same: &Same, clinic: &str, actor: &str) -> String {
    let found = same.get(&(clinic.to_owned(), actor.to_owned()));
    found.cloned().unwrap_or_else(|| actor.to_owned())
}

/// Recounts everything, and who was active in which week of which clinic since when.
struct Recount {
    sums: BTreeMap<Key, Sum>,
    /// Clinic and reference: the days of use.
    uses: HashMap<(String, String), BTreeSet<Date>>,
}

/// Where a day counts: Signal Hill is part of Maple Ridge from a day on.
fn holder(clinic: &str, day: Date, merged: Option<Date>) -> String {
    let joined = clinic == "signal-hill" && merged.is_some_and(|on| on <= day);
    if joined { "maple-ridge" } else { clinic }.to_owned()
}

fn recount(lines: &[Value], same: &Same, merged: Option<Date>) -> Recount {
    let mut made = Recount { sums: BTreeMap::new(), uses: HashMap::new() };
    let staff = |line: &&Value| {
        text(line, "clinic").is_some()
            && matches!(text(line, "context"), Some("provider" | "none" | "unknown"))
            && task_of(line).is_some()
    };
    let lines: Vec<&Value> = lines.iter().filter(staff).collect();
    let mut groups: BTreeMap<(String, Date, String, String, String), Vec<&Value>> = BTreeMap::new();
    for line in lines {
        let clinic = text(line, "clinic").unwrap().to_owned();
        let (day, task) = (day_of(line), task_of(line).unwrap().to_owned());
        let Some(actor) = text(line, "actor_ref") else {
            for bucket in Bucket::ALL {
                for task in [Some(task.clone()), None] {
                    let key = (bucket, holder(&clinic, day, merged), first_day(bucket, day), task);
                    made.sums.entry(key).or_default().unknown += 1;
                }
            }
            continue;
        };
        let patient = text(line, "patient_ref").unwrap_or("-").to_owned();
        groups.entry((clinic, day, task, actor.to_owned(), patient)).or_default().push(line);
    }
    for ((clinic, day, task, actor, _), mut lines) in groups {
        lines.sort_by_key(|line| text(line, "ts").unwrap());
        let mut runs: Vec<Vec<&Value>> = Vec::new();
        let micros = |line: &Value| {
            text(line, "ts").unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond()
        };
        for line in lines {
            match runs.last_mut() {
                Some(run) if micros(line) - micros(run.last().unwrap()) <= 120_000_000 => {
                    run.push(line);
                }
                _ => runs.push(vec![line]),
            }
        }
        for run in runs {
            let any = |is: &dyn Fn(&Value) -> bool| run.iter().any(|line| is(line));
            let ok = any(&|line| text(line, "outcome") == Some("ok"));
            let nothing = any(&|line| text(line, "category") == Some("not_found"));
            let bad = any(&|line| {
                text(line, "outcome") == Some("failed")
                    && text(line, "category") != Some("not_found")
            });
            let changed = any(&|line| {
                text(line, "outcome") == Some("ok") && line["mutation"] == Value::Bool(true)
            });
            let done = ok || nothing;
            for bucket in Bucket::ALL {
                for task in [Some(task.clone()), None] {
                    let at = holder(&clinic, day, merged);
                    let somebody = person(same, &at, &actor);
                    let key = (bucket, at, first_day(bucket, day), task);
                    let sum = made.sums.entry(key).or_default();
                    sum.calls += run.len() as u64;
                    sum.done += u64::from(done);
                    sum.empty += u64::from(nothing && !ok);
                    sum.first_time += u64::from(done && !bad);
                    sum.failed += u64::from(bad && !done);
                    sum.given_up += u64::from(!bad && !done);
                    sum.changed += u64::from(changed);
                    if done {
                        sum.people.insert(somebody);
                    }
                }
            }
            if done {
                made.uses.entry((clinic.clone(), actor.clone())).or_default().insert(day);
            }
        }
    }
    made
}

/// Clinic of the beginning, its week, and the week of being there.
type Cells = BTreeMap<(String, Week, Week), u64>;

impl Recount {
    /// Everybody by the clinic at which they began, however it is called later.
    fn cohorts(&self, same: &Same, merged: Option<Date>) -> Cells {
        let mut cells = Cells::new();
        let all = self.uses.values().flatten();
        let weeks: BTreeSet<Week> = all.map(|day| Week::of(*day)).collect();
        for week in weeks {
            for (clinic, _) in CLINICS {
                // Who is whom, as it is known where the clinic is by the end of the week.
                let at = holder(clinic, week.last(), merged);
                let mut people: HashMap<String, Vec<(&str, Date)>> = HashMap::new();
                for ((place, actor), days) in &self.uses {
                    let of = people.entry(person(same, &at, actor)).or_default();
                    of.extend(days.iter().map(|day| (place.as_str(), *day)));
                }
                for uses in people.values() {
                    let of = |(place, day): &(&str, Date)| holder(place, *day, merged);
                    // The first uses of each reference's clinic say where somebody began.
                    let firsts = CLINICS.iter().filter_map(|(place, _)| {
                        let there = uses.iter().filter(|(at, _)| at == place);
                        there.min_by_key(|(_, day)| *day).copied()
                    });
                    let firsts: Vec<(&str, Date)> = firsts.collect();
                    let here = firsts.iter().filter(|first| of(first) == clinic);
                    let Some(began) = here.map(|(_, day)| *day).min() else { continue };
                    let was_there = firsts
                        .iter()
                        .any(|(place, day)| *day < began && holder(place, began, merged) == clinic);
                    let is_there = uses.iter().any(|(place, day)| {
                        Week::of(*day) == week
                            && holder(place, *day, merged) == holder(clinic, *day, merged)
                    });
                    if is_there && !was_there {
                        *cells.entry((clinic.to_owned(), Week::of(began), week)).or_default() += 1;
                    }
                }
            }
        }
        cells
    }
}

impl Recount {
    /// How often somebody counts at both clinics in the week in which they became one.
    fn overlaps(&self, same: &Same, merged: Option<Date>) -> Vec<(ClinicId, Week, u64)> {
        let Some(week) = merged.map(Week::of) else { return Vec::new() };
        let of_clinic = |id: &str| {
            let sum = self.sums.get(&(Bucket::Week, id.to_owned(), week.first(), None));
            sum.map_or(0, |sum| sum.people.len())
        };
        let of_week = self.uses.iter().filter(|((id, _), days)| {
            ["maple-ridge", "signal-hill"].contains(&id.as_str())
                && days.iter().any(|day| Week::of(*day) == week)
        });
        let once: HashSet<String> =
            of_week.map(|((_, actor), _)| person(same, "maple-ridge", actor)).collect();
        let again = of_clinic("maple-ridge") + of_clinic("signal-hill") - once.len();
        (again > 0).then(|| (clinic("maple-ridge"), week, again as u64)).into_iter().collect()
    }
}

// ── What the store says ──

pub(crate) async fn stored(store: &Store) -> BTreeMap<Key, Counts> {
    let mut found = BTreeMap::new();
    for bucket in Bucket::ALL {
        for clinic in [None, Some(clinic("maple-ridge")), Some(clinic("signal-hill"))] {
            let query = CountsQuery {
                bucket,
                from: date(2026, 9, 1),
                to: date(2026, 12, 31),
                clinic: clinic.clone(),
                tasks: CountedTasks::Both,
            };
            for row in store.task_counts(&query).await.unwrap() {
                assert!(clinic.is_none() || clinic == Some(row.clinic.clone()));
                let task = row.task.map(|task| task.as_str().to_owned());
                let key = (bucket, row.clinic.to_string(), row.first, task);
                assert_eq!(*found.entry(key).or_insert(row.counts), row.counts);
            }
        }
    }
    found
}

async fn exported(store: &Store) -> Vec<Value> {
    let (mut walk, mut lines) = (store.export(ExchangeFilter::default()), Vec::new());
    loop {
        let piece = walk.next_piece().await.unwrap();
        if piece.is_empty() {
            return lines;
        }
        for event in piece {
            let mut line = Vec::new();
            json::write_line(&event, &mut line);
            lines.push(serde_json::from_slice(&line).unwrap());
        }
    }
}

/// Compares everything that the store says with what its own export says.
pub(crate) async fn agrees(store: &Store, same: &Same) {
    agrees_merged(store, same, None).await;
}

/// The same where Signal Hill is part of Maple Ridge from a day on.
pub(crate) async fn agrees_merged(store: &Store, same: &Same, merged: Option<Date>) {
    let recounted = recount(&exported(store).await, same, merged);
    let expected: BTreeMap<Key, Counts> =
        recounted.sums.iter().map(|(key, sum)| (key.clone(), sum.counts())).collect();
    assert_eq!(stored(store).await, expected);
    kinds::agree(store, &expected).await;
    let (from, to) = (Week::of(date(2026, 9, 1)), Week::of(date(2026, 12, 31)));
    let overlaps = recounted.overlaps(same, merged);
    assert_eq!(store.merger_overlaps((from, to)).await.unwrap(), overlaps);
    let cells = recounted.cohorts(same, merged);
    let mut stored = Cells::new();
    let mut sums: BTreeMap<(Week, Week), u64> = BTreeMap::new();
    for (id, _) in CLINICS {
        for ((began, week), staff) in store.cohorts(from, to, Some(&clinic(id))).await.unwrap() {
            stored.insert((id.to_owned(), began, week), staff);
            *sums.entry((began, week)).or_default() += staff;
        }
    }
    assert_eq!(stored, cells);
    assert_eq!(store.cohorts(from, to, None).await.unwrap(), sums);
    for ((id, began, week), staff) in &cells {
        let all = cells.get(&(id.clone(), *began, *began)).copied().unwrap_or(0);
        assert!(*staff <= all, "{id}: {staff} of {all} came back in {week}");
    }
    let firsts = store.clinic_firsts(date(2026, 12, 31)).await.unwrap();
    for (id, _) in CLINICS {
        let mut days: BTreeSet<Date> = BTreeSet::new();
        for ((place, _), used) in &recounted.uses {
            if place == id {
                days.extend(used);
            } else if holder(place, date(2026, 12, 31), merged) == id {
                // What was there before was there on the day on which they became one, if it still was.
                let on = merged.unwrap();
                let of_place = recounted.uses.iter().filter(|((at, _), _)| at == place);
                let lasts = of_place.flat_map(|(_, days)| days.iter()).max();
                if lasts.is_some_and(|last| *last >= on) {
                    days.extend(used.iter().map(|day| (*day).max(on)));
                }
            }
        }
        let known = firsts.get(&clinic(id)).copied().unwrap_or_default();
        assert_eq!((known.done, known.last_done), (days.first().copied(), days.last().copied()));
    }
}
