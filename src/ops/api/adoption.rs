//! `GET /api/v1/adoption`: the figures behind the adoption report, as JSON or for a spreadsheet.
//!
//! Owns the query and both answers. Counts only, with the rule for small groups; nothing here leads to a
//! single call or person, so every role may ask.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::problem::Problem;
use super::stretch::AdoptionQuery;
use super::vocabulary;
use crate::domain::adoption::sheet::{Line, cells, columns};
use crate::domain::adoption::{Bucket, Counts, Task};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::ops::access::policy::Permission;
use crate::ops::report::seen::{Seen, came_later, invited_then};
use crate::store::{CountedTasks, CountsQuery, CountsRow, StoreError};

/// Most rows of an answer.
const MOST_ROWS: usize = 120_000;
/// The figures, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Adoption)]
pub(super) struct AdoptionBody<'r> {
    /// The first day of the first stretch.
    #[schema(format = Date)]
    from: String,
    /// The last day of the last stretch.
    #[schema(format = Date)]
    to: String,
    /// How long a stretch is: `day`, `week` (ISO, from Monday) or `month`, of the clinic's own calendar.
    by: &'static str,
    /// Days that wait to be counted: figures may still grow.
    days_due: u64,
    /// One item for each clinic and stretch in which somebody did something.
    items: Vec<LineBody<'r>>,
    /// Always null: all are on one page.
    #[schema(required)]
    next: Option<String>,
}

/// The figures of one clinic and stretch.
#[derive(Serialize, ToSchema)]
#[schema(as = AdoptionItem)]
struct LineBody<'r> {
    /// The clinic's id.
    clinic: &'r str,
    /// What people call it.
    name: &'r str,
    /// How far it is in the rollout.
    #[schema(schema_with = vocabulary::phase)]
    phase: &'static str,
    /// The first day.
    #[schema(format = Date)]
    first: String,
    /// The last day.
    #[schema(format = Date)]
    last: String,
    /// How many staff were invited; null where nobody said.
    #[schema(required)]
    staff_invited: Option<u64>,
    /// Staff who got at least one task done; null where fewer than five people could be meant.
    #[schema(required)]
    staff: Option<u64>,
    /// What they did; null where fewer than five people could be meant.
    #[schema(required)]
    tasks: Option<DeedsBody>,
    /// Calls of which the app did not say who made them. They are in no other figure.
    unknown_calls: u64,
    /// Each task by itself; left out are those that nobody tried, those that fewer than five did in the month, with one
    /// more so that they are not what is left of the sum, and all where people are too few.
    by_task: BTreeMap<&'static str, TaskBody>,
}

/// What people did.
#[derive(Serialize, ToSchema)]
#[schema(as = AdoptionTasks)]
struct DeedsBody {
    /// Tasks done: runs of calls of one person to one end that got an answer.
    done: u64,
    /// Of those, the ones in which there was nothing.
    nothing_found: u64,
    /// Of those, the ones without a failed call.
    worked_first_time: u64,
    /// Of those, the ones that changed something.
    changed: u64,
    /// Tasks that failed.
    failed: u64,
    /// Tasks that the app gave up.
    given_up: u64,
    /// Calls of all of them.
    calls: u64,
}

/// One task.
#[derive(Serialize, ToSchema)]
#[schema(as = AdoptionTask)]
struct TaskBody {
    /// Staff who did it; null where they are one to four.
    #[schema(required)]
    staff: Option<u64>,
    /// What they did.
    #[serde(flatten)]
    tasks: DeedsBody,
}

impl From<Counts> for DeedsBody {
    fn from(counts: Counts) -> Self {
        let deeds = counts.deeds;
        Self {
            done: deeds.done,
            nothing_found: deeds.empty,
            worked_first_time: deeds.first_time,
            changed: deeds.changed,
            failed: deeds.failed,
            given_up: deeds.given_up,
            calls: deeds.calls,
        }
    }
}

/// Gives the figures of the adoption report: who used it, what they did, by clinic and stretch of time.
///
/// A task is a person's run of calls to one end, however many calls it took. Staff are counted by keyed
/// references, each once in a stretch and at a clinic, and never named.
#[utoipa::path(
    get, path = "/api/v1/adoption", tag = "health",
    params(
        ("from" = Option<String>, Query, description = "A day, or an RFC 3339 time; twelve weeks back unless given."),
        ("to" = Option<String>, Query, description = "The last day, counted too; today unless given."),
        ("by" = Option<String>, Query, description = "`day`, `week` or `month`; `week` unless given."),
        ("clinic" = Option<String>, Query, description = "Only this clinic; from a merger on, the one that it became part of."),
    ),
    responses(
        (status = 200, content((AdoptionBody = "application/json"), (String = "text/csv"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn figures(
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let store = caller.enter(Permission::Health).await?;
    let registry = &caller.state.registry;
    let query = AdoptionQuery::read(&uri, registry.local_day(None, caller.now))?;
    if query.clinic.as_ref().is_some_and(|clinic| registry.clinic(clinic).is_none()) {
        return Err(Problem::not_found("clinic"));
    }
    let counts = CountsQuery {
        bucket: query.by,
        from: query.from,
        to: query.to,
        clinic: query.clinic.clone(),
        tasks: CountedTasks::Both,
    };
    let last = query.by.around(query.to).1;
    let read = async {
        let mut rows = store.task_counts(&counts).await?;
        let mut seen = Seen::read(
            store,
            registry,
            (query.from, last),
            query.clinic.as_ref(),
            CountedTasks::Both,
        )
        .await?;
        for (clinic, on) in goes_on(registry, query.clinic.as_ref(), last) {
            let from = counts.from.max(query.by.around(on).0);
            let there = CountsQuery { from, clinic: Some(clinic.clone()), ..counts.clone() };
            rows.extend(store.task_counts(&there).await?);
            seen.extend(
                Seen::read(store, registry, (from, last), Some(clinic), CountedTasks::Both).await?,
            );
        }
        Ok::<_, StoreError>((rows, seen, store.task_days_due(query.from, last).await?))
    };
    let (rows, seen, days_due) = read.await.map_err(|error| caller.failed(&error))?;
    let lines = lines(rows, &seen, registry, query.by);
    if lines.len() > MOST_ROWS {
        let detail =
            "That is too much for one answer; ask for one clinic, or for longer stretches.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    if wants_csv(&headers) {
        return sheet(&lines, query.from, query.to);
    }
    let body = AdoptionBody {
        from: query.from.to_string(),
        to: last.to_string(),
        by: query.by.as_str(),
        days_due: days_due.values().sum(),
        items: lines.iter().map(body).collect(),
        next: None,
    };
    Ok(([(VARY, "accept")], Json(body)).into_response())
}

/// The clinics that a clinic became part of by a day, each with the first day of that.
fn goes_on<'r>(
    registry: &'r Registry,
    clinic: Option<&'r ClinicId>,
    last: Date,
) -> Vec<(&'r ClinicId, Date)> {
    let mergers = registry.mergers();
    let mut found: Vec<(&ClinicId, Date)> = Vec::new();
    let mut at = clinic;
    while let Some((into, on)) =
        at.and_then(|id| mergers.of_clinic(id)).filter(|(_, on)| *on <= last)
    {
        // What was part of it before it became part of yet another one is counted from the later day on.
        let on = found.last().map_or(on, |(_, before)| on.max(*before));
        found.push((into, on));
        at = Some(into);
    }
    found.retain(|(clinic, _)| registry.clinic(clinic).is_some());
    found
}

/// Puts the rows of each clinic and stretch together.
pub(crate) fn lines<'r>(
    rows: Vec<CountsRow>,
    seen: &Seen,
    registry: &'r Registry,
    bucket: Bucket,
) -> Vec<Line<'r>> {
    let mut lines: BTreeMap<(Date, ClinicId), Line<'r>> = BTreeMap::new();
    for row in rows {
        let Some(clinic) = registry.clinic(&row.clinic) else { continue };
        let (first, last) = bucket.around(row.first);
        let empty = || Line {
            clinic,
            first,
            last,
            seen: 0,
            invited: invited_then(clinic, came_later(registry, &clinic.id, first)),
            untold: BTreeSet::new(),
            all: Counts::default(),
            tasks: Vec::new(),
        };
        let line = lines.entry((first, row.clinic)).or_insert_with(empty);
        match row.task {
            None => {
                line.all = row.counts;
                line.seen = seen.around(&clinic.id, first, last, row.counts.staff);
            }
            Some(task) => line.tasks.push((task, row.counts)),
        }
    }
    for line in lines.values_mut() {
        let each = line.tasks.iter().map(|(task, counts)| (*task, counts));
        line.untold = seen.untold(&line.clinic.id, (line.first, line.last), each);
    }
    lines.into_values().collect()
}

fn body<'r>(line: &Line<'r>) -> LineBody<'r> {
    let figures = line.figures();
    let of_task = |(task, counts): &(Task, Counts)| {
        (task.as_str(), TaskBody { staff: line.staff_of(*task), tasks: (*counts).into() })
    };
    LineBody {
        clinic: line.clinic.id.as_str(),
        name: &line.clinic.name,
        phase: line.clinic.phase.as_str(),
        first: line.first.to_string(),
        last: line.last.to_string(),
        staff_invited: line.clinic.rollout.invited_staff,
        staff: line.staff(),
        tasks: figures.map(DeedsBody::from),
        unknown_calls: line.all.unknown_calls,
        by_task: line.tasks.iter().filter(|(task, _)| line.tells(*task)).map(of_task).collect(),
    }
}

fn wants_csv(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = values
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    // The first that can be given wins: programs that want a sheet say so first.
    kinds.find(|kind| ["text/csv", "application/json", "*/*"].contains(&kind.as_str()))
        == Some("text/csv".to_owned())
}

/// The lines as a file for a spreadsheet.
fn text(lines: &[Line<'_>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns())?;
    for line in lines {
        writer.write_record(cells(line))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Rows of the store as a file for a spreadsheet.
pub(crate) fn sheet_of(
    rows: Vec<CountsRow>,
    seen: &Seen,
    registry: &Registry,
    bucket: Bucket,
) -> Result<Vec<u8>, csv::Error> {
    text(&lines(rows, seen, registry, bucket))
}

fn sheet(lines: &[Line<'_>], from: Date, to: Date) -> Result<Response, Problem> {
    let failed = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be made.");
    let bytes = text(lines).map_err(failed)?;
    let name = format!("attachment; filename=\"accuscope-adoption-{from}-{to}.csv\"");
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
        (VARY, "accept".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_given_to_who_asks_for_it_first() {
        for (accept, csv) in [
            ("text/csv", true),
            ("text/csv, application/json;q=0.5", true),
            ("application/json, text/csv", false),
            ("*/*", false),
            ("text/html, Text/CSV;q=0.1", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(wants_csv(&headers), csv, "{accept}");
        }
        assert!(!wants_csv(&HeaderMap::new()));
    }
}
