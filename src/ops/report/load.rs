//! Gets a [`super::Report`] from the store.
//!
//! Owns which counts are asked for. Each question walks along an index and gives a bounded number of rows
//! for each clinic.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::groups::Again;
use super::seen::{Seen, came_later, invited_then};
use super::{Blocker, COHORT_WEEKS, ClinicReport, Made, Read, Report, WEEKS, by_urgency, make};
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::standing::Stuck;
use crate::domain::adoption::{Bucket, Counts, Goals, Note, Standing, Task, Week, cohort, small};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::health::FAILURES;
use crate::domain::incident::Incident;
use crate::domain::names::ClinicId;
use crate::domain::reason::Reason;
use crate::domain::registry::{Clinic, Registry};
use crate::domain::time::Timestamp;
use crate::store::{
    By, CountedTasks, CountsQuery, CountsRow, RollupQuery, RollupRow, Scoped, Span, StoreError,
    WeekStaff,
};

/// No day before it is ever due.
const FIRST_DAY: Date = jiff::civil::date(1970, 1, 1);
const DAY: Duration = Duration::from_hours(24);

/// Reads the report of a week, of every clinic or of one. Of as many as are `drawn`, from the first on, it is read what
/// failed most where no incident says what is in the way: that is calls by the day, the most of all there is to read.
pub(crate) async fn load(
    store: &Scoped,
    registry: &Registry,
    goals: &Goals,
    week: Week,
    (only, drawn): (Option<&ClinicId>, usize),
    now: Timestamp,
) -> Result<Report, StoreError> {
    let query =
        |bucket, from, to, tasks| CountsQuery { bucket, from, to, clinic: only.cloned(), tasks };
    let back = i64::try_from(WEEKS).unwrap_or(12) - 1;
    let oldest = week.plus(-back).first();
    let weeks = query(Bucket::Week, oldest, week.first(), CountedTasks::Together);
    let tasks = query(Bucket::Week, week.first(), week.first(), CountedTasks::Each);
    let fortnight = week.last().saturating_sub(13.days());
    let days = query(Bucket::Day, fortnight, week.last(), CountedTasks::Together);
    let began = week.plus(1 - COHORT_WEEKS);
    let lately = Span::start_of(fortnight);
    let lines = (week.plus(-back), week);
    let (weeks, mut seen, kinds, tasks, days, grid, firsts, incidents, due, again) = tokio::try_join!(
        store.task_counts(&weeks),
        months_of(store, registry, (oldest, week.last()), only),
        Seen::read(store, registry, (week.first(), week.last()), only, CountedTasks::Each),
        store.task_counts(&tasks),
        store.days_of_use(&days),
        async {
            match only {
                Some(only) => store.cohorts(began, week, Some(only)).await,
                None => beginners(store, began, week).await,
            }
        },
        store.clinic_firsts(week.last()),
        store.incidents(lately),
        async {
            tokio::try_join!(
                store.task_days_due(week.first(), week.last()),
                store.task_days_due(FIRST_DAY, week.last()),
            )
        },
        store.merger_overlaps(lines),
    )?;
    let (days_due, all_due) = due;
    seen.extend(kinds);
    let counted_from = firsts.values().filter_map(|firsts| firsts.counted_from).min();
    let mut weeks = by_week(weeks);
    if let Some(only) = only {
        // What it was before the clinics became one.
        let parts = registry.mergers().parts(only, week.last());
        for part in parts.iter().filter(|part| *part != only) {
            let of_part = CountsQuery {
                clinic: Some(part.clone()),
                ..query(Bucket::Week, oldest, week.first(), CountedTasks::Together)
            };
            weeks.extend(by_week(store.task_counts(&of_part).await?));
            let stretch = (oldest, week.last());
            let of_part =
                Seen::read(store, registry, stretch, Some(part), CountedTasks::Together).await?;
            seen.extend(of_part);
        }
    }
    let mut read = Read {
        seen,
        weeks,
        tasks: by_task(tasks),
        active_days: days.into_iter().collect(),
        firsts,
        incidents: latest(incidents, Span::start_of(week.last()).plus(DAY)),
    };
    let wanted =
        |id: &ClinicId| only.is_none_or(|only| registry.mergers().owner(id, week.last()) == only);
    let Made { mut clinics, former, over } = make(&mut read, registry, wanted, goals, (week, now));
    let is_due = |clinic: &&mut ClinicReport| {
        let due = |days: &BTreeMap<ClinicId, u64>| days.contains_key(&clinic.clinic.id);
        waits(clinic.standing, over && due(&days_due), due(&all_due))
    };
    for clinic in clinics.iter_mut().filter(is_due) {
        clinic.standing = Standing::BeingCounted;
    }
    by_urgency(&mut clinics);
    tell_reasons(store, week, clinics.iter_mut().take(drawn)).await?;
    Ok(Report {
        week,
        over,
        clinics,
        former,
        // A week that is not over would look like people who left.
        grid: cohort::grid(&grid, began, if over { week } else { week.plus(-1) }),
        days_due: days_due.values().sum(),
        all_due: all_due.values().sum(),
        counted_from,
        goals: goals.clone(),
        notes: notes(registry, week, only),
        again: if only.is_none() { again_of(registry, week, again) } else { Vec::new() },
    })
}

/// Says of clinics that no incident is in the way of what failed most.
async fn tell_reasons(
    store: &Scoped,
    week: Week,
    clinics: impl Iterator<Item = &mut ClinicReport>,
) -> Result<(), StoreError> {
    let untold: Vec<&mut ClinicReport> =
        clinics.filter(|clinic| clinic.blocker.is_none()).collect();
    if untold.is_empty() {
        return Ok(());
    }
    let from = Span::start_of(week.last().saturating_sub(13.days()));
    let to = Span::start_of(week.last()).plus(DAY);
    let by = [By::Clinic, By::Ending];
    let query = RollupQuery { failed: true, ..RollupQuery::new(Span::Day, from, to, &by) };
    let of = ClinicScope::only(untold.iter().map(|clinic| clinic.clinic.id.clone()));
    let mut reasons = worst(&store.narrowed(&of).rollup(&query).await?);
    for clinic in untold {
        let reason = reasons.remove(&clinic.clinic.id);
        clinic.blocker = reason.map(|(reason, calls)| Blocker::Reason { reason, calls });
    }
    Ok(())
}

/// Whether nothing is said yet of how a clinic stands, since days of its week or any before are to be counted.
fn waits(standing: Standing, week_is_due: bool, any_is_due: bool) -> bool {
    let nobody = matches!(
        standing,
        Standing::NotStarted | Standing::Stuck(Stuck::NeverStarted { .. } | Stuck::NoUse { .. })
    );
    // That nobody was there is not known before every day is counted.
    week_is_due || nobody && any_is_due
}

/// How many each clinic had by the month; nothing has to be read where as many are invited everywhere as a group needs.
async fn months_of(
    store: &Scoped,
    registry: &Registry,
    (first, last): (Date, Date),
    only: Option<&ClinicId>,
) -> Result<Seen, StoreError> {
    let of_invited = |clinic: &Clinic| {
        let invited = invited_then(clinic, came_later(registry, &clinic.id, first));
        invited.is_some_and(|invited| invited >= small::LEAST)
    };
    let mut asked = registry.clinics().iter().filter(|c| only.is_none_or(|only| c.id == *only));
    if asked.all(of_invited) {
        return Ok(Seen::default());
    }
    Seen::read(store, registry, (first, last), only, CountedTasks::Together).await
}

/// Who began in one week and was there in another, of all clinics, without those whom the sum would tell apart.
async fn beginners(
    store: &Scoped,
    from: Week,
    to: Week,
) -> Result<BTreeMap<(Week, Week), u64>, StoreError> {
    let (mut sums, sizes) =
        tokio::try_join!(store.cohorts(from, to, None), store.cohort_sizes((from, to)))?;
    let mut out: BTreeMap<ClinicId, Vec<Week>> = BTreeMap::new();
    for (clinic, week) in cohort::told_apart(sizes) {
        out.entry(clinic).or_default().push(week);
    }
    for (clinic, weeks) in out {
        for (cell, staff) in store.cohorts(from, to, Some(&clinic)).await? {
            if let Some(sum) = sums.get_mut(&cell).filter(|_| weeks.contains(&cell.0)) {
                *sum = sum.saturating_sub(staff);
            }
        }
    }
    Ok(sums)
}

/// Who counts more than once in weeks of mergers, as far as all of the clinics are seen.
fn again_of(registry: &Registry, week: Week, rows: Vec<WeekStaff>) -> Vec<Again> {
    let again = |(owner, of, staff): WeekStaff| {
        let clinics = registry.mergers().parts(&owner, of.last());
        let seen = clinics.iter().all(|clinic| registry.clinic(clinic).is_some());
        let ago = usize::try_from(week.since(of)).ok().filter(|_| seen)?;
        Some(Again { ago, clinics, staff })
    };
    rows.into_iter().filter_map(again).collect()
}

/// What changed in the weeks that lines show.
fn notes(registry: &Registry, week: Week, only: Option<&ClinicId>) -> Vec<Note> {
    let first = week.plus(1 - i64::try_from(WEEKS).unwrap_or(12)).first();
    let shown = |note: &&Note| {
        (first..=week.last()).contains(&note.day) && only.is_none_or(|id| note.concerns(id))
    };
    let mergers = registry.mergers().each().filter_map(|(part, into, day)| {
        let text = registry.clinic(part)?.name.clone();
        Some(Note { day, kind: NoteKind::Merged, text, clinics: vec![into.clone()] })
    });
    let mergers: Vec<Note> = mergers.collect();
    let mut notes: Vec<Note> =
        registry.notes().iter().chain(&mergers).filter(shown).cloned().collect();
    notes.sort_by_key(|note| note.day);
    notes
}

/// The days of a clinic on which it was used.
pub(crate) async fn days_of_use(
    store: &Scoped,
    clinic: &ClinicId,
    until: Date,
) -> Result<std::collections::BTreeSet<Date>, StoreError> {
    let query = CountsQuery {
        bucket: Bucket::Day,
        from: until.saturating_sub(800.days()),
        to: until,
        clinic: Some(clinic.clone()),
        tasks: CountedTasks::Together,
    };
    let rows = store.task_counts(&query).await?;
    Ok(rows.into_iter().filter(|row| row.counts.staff > 0).map(|row| row.first).collect())
}

fn by_week(rows: Vec<CountsRow>) -> HashMap<ClinicId, BTreeMap<Week, Counts>> {
    let mut found: HashMap<ClinicId, BTreeMap<Week, Counts>> = HashMap::new();
    for row in rows {
        found.entry(row.clinic).or_default().insert(Week::of(row.first), row.counts);
    }
    found
}

fn by_task(rows: Vec<CountsRow>) -> HashMap<ClinicId, BTreeMap<Task, Counts>> {
    let mut found: HashMap<ClinicId, BTreeMap<Task, Counts>> = HashMap::new();
    for row in rows {
        if let Some(task) = row.task {
            found.entry(row.clinic).or_default().insert(task, row.counts);
        }
    }
    found
}

/// The incident of each clinic that counts: an open one, else the one that was there last.
fn latest(incidents: Vec<Incident>, before: Timestamp) -> HashMap<ClinicId, Blocker> {
    let mut found: HashMap<ClinicId, (bool, Timestamp, Blocker)> = HashMap::new();
    for incident in incidents.into_iter().filter(|incident| incident.since < before) {
        let Some(clinic) = incident.key.clinic else { continue };
        let open = incident.closed_at.is_none_or(|closed| closed >= before);
        let blocker = Blocker::Incident {
            number: incident.number,
            cause: incident.key.cause,
            category: incident.category,
            since: incident.since,
            open,
        };
        let new = (open, incident.last_seen, blocker);
        match found.get(&clinic) {
            Some(known) if (known.0, known.1) >= (new.0, new.1) => {}
            _ => drop(found.insert(clinic, new)),
        }
    }
    found.into_iter().map(|(clinic, (.., blocker))| (clinic, blocker)).collect()
}

/// What failed most at each clinic.
fn worst(rows: &[RollupRow]) -> HashMap<ClinicId, (Reason, u64)> {
    let mut found: HashMap<ClinicId, (Reason, u64)> = HashMap::new();
    for row in rows {
        let (Some(clinic), Some(ending)) = (&row.clinic, row.ending) else { continue };
        let failed = ending.reason().filter(|reason| FAILURES.contains(&reason.category()));
        let Some(reason) = failed else { continue };
        match found.get(clinic) {
            Some((_, calls)) if *calls >= row.calls => {}
            _ => drop(found.insert(clinic.clone(), (reason, row.calls))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_while_days_are_being_counted() {
        let never = Standing::Stuck(Stuck::NeverStarted { days: 40 });
        let gone = Standing::Stuck(Stuck::NoUse { last: FIRST_DAY, open_days: 9 });
        for standing in [never, gone, Standing::NotStarted] {
            assert!(waits(standing, false, true), "{standing:?}");
            assert!(!waits(standing, false, false), "{standing:?}");
        }
        for standing in [Standing::Live, Standing::Stuck(Stuck::Fewer { staff: 4, before: 9 })] {
            assert!(waits(standing, true, true), "{standing:?}");
            assert!(!waits(standing, false, true), "{standing:?}");
        }
    }
}
