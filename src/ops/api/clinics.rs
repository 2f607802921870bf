//! `GET /api/v1/clinics` and `GET /api/v1/clinics/{id}`: the registry, and today's figures.
//!
//! Owns the answers. "Today" is the clinic's own day. Figures come from roll-ups, never from single
//! calls.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::problem::Problem;
use super::vocabulary;
use crate::domain::adoption::small;
use crate::domain::health::{ClinicHealth, Trouble};
use crate::domain::labels::{Category, Outcome};
use crate::domain::latency::{BUCKETS, quantile_us};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::Ending;
use crate::domain::registry::Clinic;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::store::{ActorQuery, By, ClinicSeen, RollupQuery, RollupRow, Scoped, Span, StoreError};

/// Every clinic, in the registry's order.
#[derive(Serialize, ToSchema)]
#[schema(as = Clinics)]
pub(super) struct ClinicsBody<'c> {
    /// The clinics.
    items: Vec<ClinicBody<'c>>,
    /// Always null: all clinics are on one page.
    #[schema(required)]
    next: Option<String>,
}

/// One clinic.
#[derive(Serialize, ToSchema)]
#[schema(as = Clinic)]
pub(super) struct ClinicBody<'c> {
    /// Its id.
    id: &'c str,
    /// What people call it.
    name: &'c str,
    /// Its IANA time zone.
    timezone: &'c str,
    /// How far it is in the rollout.
    #[schema(schema_with = vocabulary::phase)]
    phase: &'static str,
    /// The first day of real use; null where it is not known.
    #[schema(required, format = Date)]
    went_live: Option<String>,
    /// How it does at this moment.
    #[schema(schema_with = vocabulary::state)]
    state: &'static str,
    /// What is wrong; null where nothing is.
    #[schema(required, schema_with = vocabulary::trouble)]
    cause: Option<&'static str>,
    /// Its first recorded call; null where there is none.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    first_call: Option<Timestamp>,
    /// Its last recorded call; null where there is none.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    last_call: Option<Timestamp>,
    /// Figures of its own day.
    today: TodayBody,
}

/// Figures of a clinic's own day.
#[derive(Serialize, ToSchema)]
#[schema(as = Today)]
struct TodayBody {
    /// The day.
    #[schema(format = Date)]
    date: String,
    /// All calls.
    calls: u64,
    /// Those that worked.
    ok: u64,
    /// Those that found nothing.
    empty: u64,
    /// Those that failed.
    failed: u64,
    /// Those that the app gave up.
    aborted: u64,
    /// Failed calls by category; categories without any are left out.
    failed_by_category: BTreeMap<&'static str, u64>,
    /// Distinct staff and services; null where they are fewer than five and the token sees no single call.
    #[schema(required)]
    staff: Option<u64>,
    /// One call in twenty took longer, in microseconds; null without calls.
    #[schema(required)]
    duration_p95_us: Option<u64>,
}

/// One clinic, with what it asked for today.
#[derive(Serialize, ToSchema)]
#[schema(as = ClinicDetail)]
pub(super) struct ClinicDetailBody<'c> {
    /// What the list shows.
    #[serde(flatten)]
    clinic: ClinicBody<'c>,
    /// Today's calls by operation, the most used first.
    operations: Vec<OperationBody>,
}

/// Today's calls of one operation.
#[derive(Serialize, ToSchema)]
#[schema(as = OperationToday)]
struct OperationBody {
    /// The operation.
    operation: String,
    /// All calls.
    calls: u64,
    /// Those that failed.
    failed: u64,
}

/// Lists the clinics, with today's figures.
#[utoipa::path(
    get, path = "/api/v1/clinics", tag = "health",
    responses(
        (status = 200, body = ClinicsBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(caller: Caller) -> Result<Response, Problem> {
    let store = caller.enter(Permission::Health).await?;
    let figures = load(&caller, store, None).await.map_err(|error| caller.failed(&error))?;
    let items = caller.state.registry.clinics().iter().map(|clinic| figures.body(clinic)).collect();
    Ok(Json(ClinicsBody { items, next: None }).into_response())
}

/// Shows one clinic, with today's figures.
#[utoipa::path(
    get, path = "/api/v1/clinics/{id}", tag = "health",
    params(("id" = String, Path, description = "The clinic's id.")),
    responses(
        (status = 200, body = ClinicDetailBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn one(caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let store = caller.enter(Permission::Health).await?;
    let id = ClinicId::parse(&id).ok();
    let clinic = id.as_ref().and_then(|id| caller.state.registry.clinic(id));
    let clinic = clinic.ok_or_else(|| Problem::not_found("clinic"))?;
    let loaded =
        tokio::try_join!(load(&caller, store, Some(clinic)), today(&caller, store, clinic));
    let (figures, operations) = loaded.map_err(|error| caller.failed(&error))?;
    let body = ClinicDetailBody { clinic: figures.body(clinic), operations };
    Ok(Json(body).into_response())
}

/// What is known of some clinics.
struct Figures {
    days: HashMap<ClinicId, jiff::civil::Date>,
    rows: Vec<RollupRow>,
    staff: HashMap<(ClinicId, jiff::civil::Date), u64>,
    seen: Vec<ClinicSeen>,
    health: Vec<ClinicHealth>,
    /// Whether who asks sees single calls.
    sees_calls: bool,
}

const DAY: Duration = Duration::from_hours(24);

async fn load(
    caller: &Caller,
    store: &Scoped,
    only: Option<&Clinic>,
) -> Result<Figures, StoreError> {
    let registry = &caller.state.registry;
    let day = |clinic: &Clinic| registry.local_day(Some(&clinic.id), caller.now);
    let clinics = registry.clinics().iter();
    let clinics = clinics.filter(|clinic| only.is_none_or(|only| only.id == clinic.id));
    let days: HashMap<_, _> = clinics.map(|clinic| (clinic.id.clone(), day(clinic))).collect();
    // Around midnight the clinics' days differ.
    let utc = registry.local_day(None, caller.now);
    let from = days.values().min().copied().unwrap_or(utc);
    let to = days.values().max().copied().unwrap_or(utc);
    let clinic = only.map(|clinic| clinic.id.clone());
    let by = [By::Bucket, By::Clinic, By::Ending, By::Latency];
    let mut sums =
        RollupQuery::new(Span::Day, Span::start_of(from), Span::start_of(to).plus(DAY), &by);
    sums.clinic.clone_from(&clinic);
    let people = ActorQuery { clinic, from, to, by_day: true, by_clinic: true, by_domain: false };
    let (rows, people, seen, reading) = tokio::try_join!(
        store.rollup(&sums),
        store.active_actors(&people),
        store.clinics_seen(),
        caller.reading(store),
    )?;
    let staff = people.into_iter().filter_map(|row| Some(((row.clinic?, row.day?), row.actors)));
    let health = reading.verdict().clinics;
    Ok(Figures {
        days,
        rows,
        staff: staff.collect(),
        seen,
        health,
        sees_calls: caller.may(Permission::Calls),
    })
}

impl Figures {
    fn body<'c>(&self, clinic: &'c Clinic) -> ClinicBody<'c> {
        let health = self.health.iter().find(|health| health.clinic == clinic.id);
        let seen = self.seen.iter().find(|seen| seen.clinic.as_ref() == Some(&clinic.id));
        ClinicBody {
            id: clinic.id.as_str(),
            name: &clinic.name,
            timezone: clinic.time_zone.iana_name().unwrap_or("UTC"),
            phase: clinic.phase.as_str(),
            went_live: clinic.went_live.map(|day| day.to_string()),
            state: health.map_or(UNKNOWN, |health| health.state.as_str()),
            cause: health.and_then(|health| health.trouble).map(Trouble::as_str),
            first_call: seen.map(|seen| seen.first),
            last_call: seen.map(|seen| seen.last),
            today: self.today(&clinic.id),
        }
    }

    fn today(&self, clinic: &ClinicId) -> TodayBody {
        let day = self.days.get(clinic).copied().unwrap_or_default();
        let mut today = TodayBody {
            date: day.to_string(),
            calls: 0,
            ok: 0,
            empty: 0,
            failed: 0,
            aborted: 0,
            failed_by_category: BTreeMap::new(),
            staff: small::today(
                self.staff.get(&(clinic.clone(), day)).copied().unwrap_or(0),
                self.sees_calls,
            ),
            duration_p95_us: None,
        };
        let mut durations = [0; BUCKETS as usize];
        let is_today = |row: &&RollupRow| {
            row.clinic.as_ref() == Some(clinic) && row.bucket == Some(Span::start_of(day))
        };
        for row in self.rows.iter().filter(is_today) {
            if let Some(ending) = row.ending {
                count(&mut today, ending, row.calls);
            }
            let bucket = row.latency.and_then(|bucket| durations.get_mut(usize::from(bucket)));
            if let Some(bucket) = bucket {
                *bucket += row.calls;
            }
        }
        today.duration_p95_us = quantile_us(&durations, 0.95);
        today
    }
}

const UNKNOWN: &str = crate::domain::health::State::Quiet.as_str();

fn count(today: &mut TodayBody, ending: Ending, calls: u64) {
    today.calls += calls;
    match ending.outcome() {
        Outcome::Ok => today.ok += calls,
        Outcome::Empty => today.empty += calls,
        Outcome::Aborted => today.aborted += calls,
        Outcome::Failed => {
            today.failed += calls;
            if let Some(category) = ending.category() {
                *today.failed_by_category.entry(Category::as_str(category)).or_default() += calls;
            }
        }
    }
}

/// Today's calls of one clinic by operation, the most used first.
async fn today(
    caller: &Caller,
    store: &Scoped,
    clinic: &Clinic,
) -> Result<Vec<OperationBody>, StoreError> {
    let start = Span::start_of(caller.state.registry.local_day(Some(&clinic.id), caller.now));
    let by = [By::Operation, By::Ending];
    let mut query = RollupQuery::new(Span::Day, start, start.plus(DAY), &by);
    query.clinic = Some(clinic.id.clone());
    let mut found: BTreeMap<OperationName, (u64, u64)> = BTreeMap::new();
    for row in store.rollup(&query).await? {
        let (Some(operation), Some(ending)) = (row.operation, row.ending) else { continue };
        let (calls, failed) = found.entry(operation).or_default();
        *calls += row.calls;
        if ending.outcome() == Outcome::Failed {
            *failed += row.calls;
        }
    }
    let body = |(operation, (calls, failed)): (OperationName, (u64, u64))| OperationBody {
        operation: operation.as_str().to_owned(),
        calls,
        failed,
    };
    let mut operations: Vec<OperationBody> = found.into_iter().map(body).collect();
    operations.sort_by_key(|operation| std::cmp::Reverse(operation.calls));
    Ok(operations)
}
