//! Tries to subtract: nothing that is published adds up to what a group of fewer than five did.
//!
//! Every figure of tasks done is a sum over days, clinics and kinds of tasks. What somebody can work out from all of them
//! is what they span, so the test looks there, by elimination, for a sum that is about a hidden group alone. Days, weeks
//! and months are made here by other code than the store's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::seen::Seen;
use crate::domain::adoption::{Bucket, Counts, Deeds, Task, small};
use crate::domain::names::ClinicId;
use crate::domain::registry::{Merged, Registry, tests::clinic};
use crate::ops::api::lines;
use crate::store::CountsRow;

const CLINICS: [&str; 3] = ["old-mill", "maple-ridge", "harbour-view"];
const TASKS: [Task; 3] = [Task::FindPatient, Task::Book, Task::Results];
/// Days of three weeks and two months.
const DAYS: i64 = 16;
const PRIME: u64 = 2_147_483_647;

/// Clinic, day, kind of task, and who did it.
type Did = (usize, i64, usize, u8);
/// What of the figures cannot be told apart any further: clinic that it happened at, day, kind. That nobody did it is
/// known of a day without a line only.
type Atom = (usize, Date, usize);

fn day(number: i64) -> Date {
    date(2026, 10, 24).saturating_add(number.days())
}

fn id(place: usize) -> ClinicId {
    ClinicId::parse(CLINICS[place]).unwrap()
}

/// Three clinics, of which the first and perhaps the second become part of the next one.
fn registry(mergers: [Option<i64>; 2], invited: [Option<u64>; 3]) -> Registry {
    let made = |place: usize| {
        let mut made = clinic(CLINICS[place], place as u128 + 1);
        made.rollout.invited_staff = invited[place];
        let on = mergers.get(place).copied().flatten();
        made.rollout.merged = on.map(|on| Merged { into: id(place + 1), on: day(on) });
        made
    };
    Registry::new((0..3).map(made).collect(), vec![]).unwrap()
}

/// Who has a day, by hand.
fn holder(place: usize, on: Date, mergers: [Option<i64>; 2]) -> usize {
    match mergers.get(place).copied().flatten() {
        Some(from) if day(from) <= on => holder(place + 1, on, mergers),
        _ => place,
    }
}

/// What the store would have counted, by its own rule: days by whom they belong to.
fn counted(did: &BTreeSet<Did>, bucket: Bucket, mergers: [Option<i64>; 2]) -> Vec<CountsRow> {
    type Cell = (BTreeSet<(usize, u8)>, u64);
    let mut cells: BTreeMap<(Date, usize, Option<Task>), Cell> = BTreeMap::new();
    for (place, on, task, who) in did {
        let on = day(*on);
        for task in [None, Some(TASKS[*task])] {
            let at = (bucket.around(on).0, holder(*place, on, mergers), task);
            let (people, done) = cells.entry(at).or_default();
            people.insert((*place, *who));
            *done += 1;
        }
    }
    let row = |((first, place, task), (people, done)): (_, Cell)| {
        let deeds = Deeds { done, ..Deeds::default() };
        let counts = Counts { staff: people.len() as u64, deeds, unknown_calls: 0 };
        CountsRow { clinic: id(place), first, task, counts }
    };
    cells.into_iter().map(row).collect()
}

fn atoms(did: &BTreeSet<Did>, mergers: [Option<i64>; 2]) -> BTreeSet<Atom> {
    let used: BTreeSet<(usize, i64)> =
        did.iter().map(|(place, on, ..)| (holder(*place, day(*on), mergers), *on)).collect();
    let of_day = |on: i64| (0..3).flat_map(move |place| (0..3).map(move |task| (place, on, task)));
    let all = (0..DAYS).flat_map(of_day);
    let unknown =
        all.filter(|(place, on, _)| used.contains(&(holder(*place, day(*on), mergers), *on)));
    unknown.map(|(place, on, task)| (place, day(on), task)).collect()
}

/// Every published figure of tasks done, as the atoms that it is the sum of.
fn published(
    did: &BTreeSet<Did>,
    registry: &Registry,
    mergers: [Option<i64>; 2],
) -> Vec<BTreeSet<Atom>> {
    let atoms = atoms(did, mergers);
    let [days, weeks, months] = Bucket::ALL.map(|bucket| counted(did, bucket, mergers));
    let finer: Vec<_> = days
        .iter()
        .map(|row| (Bucket::Day, row.clone()))
        .chain(weeks.iter().map(|row| (Bucket::Week, row.clone())))
        .collect();
    let seen = Seen::of(registry, months.clone(), &finer);
    let mut found = Vec::new();
    for (bucket, rows) in Bucket::ALL.into_iter().zip([days, weeks, months]) {
        for line in lines(rows, &seen, registry, bucket) {
            let of_line = |task: Option<usize>| -> BTreeSet<Atom> {
                let of = |(place, on, of): &&Atom| {
                    line.first <= *on
                        && *on <= line.last
                        && id(holder(*place, *on, mergers)) == line.clinic.id
                        && task.is_none_or(|task| task == *of)
                };
                atoms.iter().filter(of).copied().collect()
            };
            if line.figures().is_some() {
                found.push(of_line(None));
            }
            let told = TASKS.iter().enumerate().filter(|(_, task)| line.tells(**task));
            found.extend(told.map(|(number, _)| of_line(Some(number))));
        }
    }
    found
}

/// Whether some sum of figures is about some atoms alone.
fn gives_away(published: &[BTreeSet<Atom>], hidden: &BTreeSet<Atom>) -> bool {
    let all: BTreeSet<Atom> = published.iter().flatten().copied().collect();
    // The others first: what has none of them left after elimination is about hidden ones alone.
    let (inside, outside): (Vec<Atom>, Vec<Atom>) =
        all.into_iter().partition(|atom| hidden.contains(atom));
    let columns: Vec<Atom> = outside.iter().chain(&inside).copied().collect();
    let row = |figure: &BTreeSet<Atom>| -> Vec<u64> {
        columns.iter().map(|atom| u64::from(figure.contains(atom))).collect()
    };
    let mut rows: Vec<Vec<u64>> = published.iter().map(row).collect();
    let mut done = 0;
    for column in 0..outside.len() {
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(done, pivot);
        let inverse = power(rows[done][column], PRIME - 2);
        let top: Vec<u64> = rows[done].iter().map(|value| value * inverse % PRIME).collect();
        for row in rows.iter_mut().skip(done + 1).filter(|row| row[column] != 0) {
            let factor = PRIME - row[column];
            for (value, of_top) in row.iter_mut().zip(&top) {
                *value = (*value + factor * of_top) % PRIME;
            }
        }
        done += 1;
    }
    rows[done..].iter().flatten().any(|value| *value != 0)
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut base, mut result) = (base, 1);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        (base, exponent) = (base * base % PRIME, exponent / 2);
    }
    result
}

/// The groups that are to stay hidden, each as what it did: of a clinic in a month, before or after clinics came to it
/// or went, all that it did or a kind of task; and of a clinic that is part of another one all that happens there.
fn hidden(
    did: &BTreeSet<Did>,
    registry: &Registry,
    mergers: [Option<i64>; 2],
) -> Vec<BTreeSet<Atom>> {
    type Key = (usize, Vec<usize>, i8, Option<usize>);
    let with = |place: usize, on: Date| -> Vec<usize> {
        let owner = holder(place, on, mergers);
        (0..3).filter(|other| holder(*other, on, mergers) == owner).collect()
    };
    let key = |place: usize, on: Date, task: Option<usize>| -> Key {
        (holder(place, on, mergers), with(place, on), on.month(), task)
    };
    let mut groups: BTreeMap<Key, BTreeSet<(usize, u8)>> = BTreeMap::new();
    let mut joined: BTreeMap<usize, BTreeSet<(usize, u8)>> = BTreeMap::new();
    for (place, number, task, who) in did {
        let on = day(*number);
        for task in [None, Some(*task)] {
            groups.entry(key(*place, on, task)).or_default().insert((*place, *who));
        }
        if holder(*place, on, mergers) != *place {
            joined.entry(*place).or_default().insert((*place, *who));
        }
    }
    let is_few = |people: &BTreeSet<(usize, u8)>, invited: u64| {
        (people.len() as u64).max(invited) < small::LEAST
    };
    let all = atoms(did, mergers);
    let mut found: Vec<BTreeSet<Atom>> = Vec::new();
    for (of, people) in &groups {
        let (owner, with, _, task) = of;
        // Invited before others came: as many as are left without those.
        let in_the_end = (0..3).filter(|other| holder(*other, Date::MAX, mergers) == *owner);
        let later = in_the_end.filter(|other| !with.contains(other) && other != owner);
        let invited = |place: usize| registry.clinics()[place].rollout.invited_staff;
        let later: Option<u64> = later.map(invited).sum();
        let then = invited(*owner).zip(later).map_or(0, |(all, later)| all.saturating_sub(later));
        if is_few(people, if task.is_none() { then } else { 0 }) {
            let is_of = |atom: &&Atom| key(atom.0, atom.1, task.map(|_| atom.2)) == *of;
            found.push(all.iter().filter(is_of).copied().collect());
        }
    }
    for (place, _) in joined.iter().filter(|(_, people)| is_few(people, 0)) {
        let is_of = |atom: &&Atom| atom.0 == *place && holder(*place, atom.1, mergers) != *place;
        found.push(all.iter().filter(is_of).copied().collect());
    }
    found
}

fn history() -> impl Strategy<Value = BTreeSet<Did>> {
    // Most kinds and people are at work now and then only, so that there are small groups of every sort.
    let did = (0usize..3, 0i64..DAYS, 0usize..3, 0u8..9);
    (prop::collection::vec(did, 5..90), 1u8..9, 1u8..9).prop_map(|(did, few, fewer)| {
        let kept = did.into_iter().map(|(place, on, task, who)| {
            let most = [few, 9, fewer][place].min([9, fewer, few][task]);
            (place, on, task, who % most)
        });
        kept.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_figure_less_others_is_about_fewer_than_five(
        did in history(),
        first in prop::option::of(1i64..DAYS),
        second in prop::option::weighted(0.3, 1i64..DAYS),
        invited in prop::array::uniform3(prop::option::weighted(0.4, 1u64..12)),
    ) {
        let mergers = [first, second];
        let registry = registry(mergers, invited);
        let published = published(&did, &registry, mergers);
        for group in hidden(&did, &registry, mergers) {
            prop_assert!(!gives_away(&published, &group), "{group:?}");
        }
    }
}

#[test]
fn the_attack_finds_what_is_left_open() {
    let atom = |on| (0, day(on), 0);
    let week: BTreeSet<Atom> = (0..5).map(atom).collect();
    let mut figures = vec![week.clone()];
    figures.extend((1..5).map(|on| BTreeSet::from([atom(on)])));
    let monday = BTreeSet::from([atom(0)]);
    assert!(gives_away(&figures, &monday), "the week less its other days");
    assert!(!gives_away(&figures[..4], &monday), "one of them is not told");
    assert!(!gives_away(&figures, &BTreeSet::new()));
}

/// As it was: whole weeks and months at the clinic that goes on, days where they were.
#[test]
fn a_week_that_is_owned_whole_would_give_the_old_clinic_away() {
    let at = |place: usize, on| (place, day(on), 0);
    let days: Vec<BTreeSet<Atom>> = (0..7).map(|on| BTreeSet::from([at(1, on)])).collect();
    let whole: BTreeSet<Atom> = (0..7).flat_map(|on| [at(1, on), at(0, on)]).collect();
    let old: BTreeSet<Atom> = (0..7).map(|on| at(0, on)).collect();
    let figures: Vec<_> = days.into_iter().chain([whole]).collect();
    assert!(gives_away(&figures, &old));
}
