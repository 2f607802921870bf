//! Adoption: is the rollout working? One week, every clinic, and a page for each of them.
//!
//! Owns the addresses, `/adoption?week=2026-W47`, `/adoption/{clinic}?week=…` and the links of [`sharing`]. Counts only: a page says
//! nothing about one person and leads to no single call.

mod clinics;
pub(crate) mod figures;
mod grids;
pub(crate) mod lists;
pub(crate) mod one;
mod one_tables;
#[cfg(test)]
pub(crate) mod pictures;
pub(crate) mod shared;
pub(crate) mod sharing;
pub(crate) mod view;

use axum::extract::{Path, RawQuery};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::domain::adoption::funnel::{funnel, steady_since};
use crate::domain::adoption::{Bucket, Week};
use crate::domain::labels::Environment;
use crate::domain::names::ClinicId;
use crate::domain::registry::{Clinic, Registry};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::api::sheet_of;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::report::load::{days_of_use, load};
use crate::ops::report::seen::Seen;
use crate::store::{CountedTasks, CountsQuery, Scoped, StoreError};

/// What an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Which week.
    pub(crate) week: Week,
    /// The week that is running.
    pub(crate) running: Week,
    /// Whether every clinic is listed, however many they are.
    pub(crate) all: bool,
    /// Whether it is shown by a link: then nothing on it leads anywhere.
    pub(crate) shared: bool,
}

impl Asked {
    /// Reads the query part of an address. Without a week it is the last one that is over; what cannot be
    /// read is left out.
    pub(crate) fn parse(query: &str, running: Week) -> Self {
        let value =
            |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
        let week = value("week").and_then(|text| Week::parse(text).ok());
        Self {
            // Of a week to come there is nothing to say.
            week: week.unwrap_or(running.plus(-1)).min(running),
            running,
            all: value("show") == Some("all"),
            shared: false,
        }
    }
}

fn asked(visit: &Visit, query: Option<String>) -> Asked {
    let today = visit.home().time_zone().to_datetime(visit.now.to_jiff()).date();
    Asked::parse(&query.unwrap_or_default(), Week::of(today))
}

/// The page of all clinics.
pub(crate) async fn page(visit: Visit, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let asked = asked(&visit, query);
    show(&visit, &headers, store, asked, StatusCode::OK, None).await
}

/// The page, with what a form on it has done.
async fn show(
    visit: &Visit,
    headers: &HeaderMap,
    store: &Scoped,
    asked: Asked,
    status: StatusCode,
    said: Option<Result<sharing::Done, [&'static str; 2]>>,
) -> Response {
    let (registry, goals) = (&visit.state.registry, &visit.state.goals);
    let read = async {
        let fresh = store.freshness().await?;
        let drawn = if asked.all { usize::MAX } else { clinics::MOST_ROWS };
        let report = load(store, registry, goals, asked.week, (None, drawn), visit.now).await?;
        let sharing = sharing::load(visit, headers, store).await?;
        Ok::<_, StoreError>((report, fresh, sharing))
    };
    match read.await {
        Ok((report, fresh, sharing)) => {
            let sharing = sharing.map(|sharing| sharing::Sharing { said, ..sharing });
            let frame = visit.frame(Freshness::of(fresh.indexed_at, visit.now));
            let page = view::view(&report, asked, sharing.as_ref(), &frame);
            let mut response = visit.show(&frame, &page);
            *response.status_mut() = status;
            response
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// A link into the site, or its words alone where the page leads nowhere.
fn leading(asked: Asked, class: Option<&str>, href: &str, words: &Markup) -> Markup {
    html! {
        @if asked.shared { (words) } @else { a class=[class] href=(href) { (words) } }
    }
}

/// The page of one clinic.
pub(crate) async fn page_of(
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let asked = asked(&visit, query);
    let (registry, goals) = (&visit.state.registry, &visit.state.goals);
    let clinic = ClinicId::parse(&id).ok().and_then(|id| registry.clinic(&id));
    let Some(clinic) = clinic else { return visit.refuse(Refusal::NotFound) };
    if let Some(to) = goes_on(registry, clinic, asked.week) {
        return (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    }
    let read = async {
        let only = (Some(&clinic.id), 1);
        let report = load(store, registry, goals, asked.week, only, visit.now).await?;
        let days = days_of_use(store, &clinic.id, asked.week.last()).await?;
        Ok::<_, StoreError>((report, days, store.freshness().await?))
    };
    match read.await {
        Ok((report, days, fresh)) => {
            let Some(own) = report.clinics.first() else { return visit.refuse(Refusal::NotFound) };
            let steady = steady_since(&days, own.goals.active_days);
            let way = funnel(clinic.rollout.enabled, &own.firsts, steady);
            let frame = visit.frame(Freshness::of(fresh.indexed_at, visit.now));
            let merged = clinic.rollout.merged.as_ref();
            let into = merged.and_then(|merged| registry.clinic(&merged.into));
            visit.show(&frame, &one::view(&report, own, &way, into, asked, &frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// Where the report of a clinic goes on that was part of another one by the end of a week: at that clinic, or, where
/// the reader does not see it, at the last week of its own.
fn goes_on(registry: &Registry, clinic: &Clinic, week: Week) -> Option<String> {
    let owner = registry.mergers().owner(&clinic.id, week.last());
    if *owner == clinic.id {
        return None;
    }
    if registry.clinic(owner).is_some() {
        return Some(format!("/adoption/{owner}?week={week}"));
    }
    let last = Week::of(clinic.rollout.merged.as_ref()?.on).plus(-1);
    Some(format!("/adoption/{}?week={last}", clinic.id))
}

/// The week as a file for a spreadsheet.
pub(crate) async fn file(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let week = asked(&visit, query).week;
    let counts = CountsQuery {
        bucket: Bucket::Week,
        from: week.first(),
        to: week.first(),
        clinic: None,
        tasks: CountedTasks::Both,
    };
    let registry = &visit.state.registry;
    let stretch = (week.first(), week.last());
    let seen = Seen::read(store, registry, stretch, None, CountedTasks::Both);
    let (rows, seen) = match tokio::try_join!(store.task_counts(&counts), seen) {
        Ok(read) => read,
        Err(error) => return visit.store_failed(&error),
    };
    let Ok(bytes) = sheet_of(rows, &seen, registry, Bucket::Week) else {
        return visit.refuse(Refusal::StoreFailed);
    };
    let sandbox = match visit.state.environment {
        Environment::Sandbox => "-sandbox",
        Environment::Production => "",
    };
    let name = format!("attachment; filename=\"accuscope-adoption-{week}{sandbox}.csv\"");
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    (StatusCode::OK, headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clinic_scope::ClinicScope;
    use crate::domain::registry::{Merged, tests::clinic};
    use jiff::civil::date;

    #[test]
    fn an_address_of_a_clinic_that_became_part_of_another_leads_there_from_that_week_on() {
        let id = |text| ClinicId::parse(text).unwrap();
        let mut part = clinic("old-mill", 2);
        part.rollout.merged = Some(Merged { into: id("maple-ridge"), on: date(2026, 11, 18) });
        let registry = Registry::new(vec![clinic("maple-ridge", 1), part.clone()], vec![]).unwrap();
        let week = |day| Week::of(date(2026, 11, day));
        let to = |registry: &Registry, day| goes_on(registry, &part, week(day));
        assert_eq!(to(&registry, 9), None, "a week of its own");
        assert_eq!(to(&registry, 16).as_deref(), Some("/adoption/maple-ridge?week=2026-W47"));
        assert_eq!(to(&registry, 23).as_deref(), Some("/adoption/maple-ridge?week=2026-W48"));
        let narrow = registry.within(&ClinicScope::only([id("old-mill")]));
        assert_eq!(to(&narrow, 23).as_deref(), Some("/adoption/old-mill?week=2026-W46"));
        assert_eq!(goes_on(&registry, &clinic("maple-ridge", 1), week(23)), None);
    }

    #[test]
    fn an_address_names_its_week_and_nothing_of_the_future() {
        let running = Week::of(date(2026, 11, 24));
        for (query, week, all) in [
            ("", -1, false),
            ("week=2026-W47", -1, false),
            ("week=2026-W48&show=all", 0, true),
            ("week=2027-W05", 0, false),
            ("week=2026-W01", -47, false),
            ("week=Tremblay&show=Tremblay", -1, false),
        ] {
            let asked = Asked::parse(query, running);
            assert_eq!((asked.week, asked.all), (running.plus(week), all), "{query}");
        }
    }
}
