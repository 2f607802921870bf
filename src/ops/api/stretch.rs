//! The query of `GET /api/v1/adoption`: from which day to which, by what, of which clinic.
//!
//! Owns its reading. A mistake is named by its parameter and never repeated.

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use jiff::civil::Date;

use super::problem::Problem;
use crate::domain::adoption::{Bucket, Week};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// Most days of a stretch.
const MOST_DAYS: i64 = 800;
/// Weeks that are given where the query does not say which.
const USUAL_WEEKS: i64 = 12;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AdoptionQuery {
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) by: Bucket,
    pub(super) clinic: Option<ClinicId>,
}

impl AdoptionQuery {
    /// Reads the query; without `from` and `to` it is the last twelve weeks.
    pub(super) fn read(uri: &Uri, today: Date) -> Result<Self, Problem> {
        let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(uri).map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "The query is no list of name=value pairs.")
        })?;
        let (mut from, mut to, mut by, mut clinic) = (None, None, None, None);
        for (name, value) in &pairs.0 {
            let (slot, expected): (&mut Option<Date>, _) = match name.as_str() {
                "from" => (&mut from, "from"),
                "to" => (&mut to, "to"),
                "by" => {
                    let read = Bucket::parse(value);
                    by = Some(read.ok_or_else(|| Problem::parameter("by", "day, week or month"))?);
                    continue;
                }
                "clinic" => {
                    let read = ClinicId::parse(value).ok();
                    clinic = Some(read.ok_or_else(|| Problem::parameter("clinic", "a clinic id"))?);
                    continue;
                }
                _ => {
                    let detail = "A parameter is not known; these are: from, to, by, clinic.";
                    return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
                }
            };
            let expected_form = "a day such as 2026-11-16, or an RFC 3339 time";
            *slot = Some(day(value).ok_or_else(|| Problem::parameter(expected, expected_form))?);
        }
        let by = by.unwrap_or(Bucket::Week);
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| Week::of(to).plus(1 - USUAL_WEEKS).first());
        if to < from {
            return Err(Problem::field("to", "before from"));
        }
        // What begins before the first day is given whole: a week is no week without its Monday.
        let query = Self { from: by.around(from).0, to, by, clinic };
        if query.to.duration_since(query.from).as_hours() / 24 > MOST_DAYS {
            return Err(Problem::field("from", "more than 800 days before to"));
        }
        Ok(query)
    }
}

fn day(text: &str) -> Option<Date> {
    let utc = |at: Timestamp| jiff::tz::TimeZone::UTC.to_datetime(at.to_jiff()).date();
    let plain = Date::strptime("%Y-%m-%d", text).ok();
    plain.or_else(|| Timestamp::parse(text).ok().map(utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(query: &str) -> Result<AdoptionQuery, Problem> {
        let uri = format!("/api/v1/adoption{query}").parse().unwrap();
        AdoptionQuery::read(&uri, date(2026, 11, 24))
    }

    #[test]
    fn a_stretch_begins_with_its_first_day() {
        for (query, from, to, by) in [
            ("", date(2026, 9, 7), date(2026, 11, 24), Bucket::Week),
            (
                "?from=2026-11-18&to=2026-11-22",
                date(2026, 11, 16),
                date(2026, 11, 22),
                Bucket::Week,
            ),
            (
                "?from=2026-11-18&to=2026-11-22&by=day",
                date(2026, 11, 18),
                date(2026, 11, 22),
                Bucket::Day,
            ),
            (
                "?from=2026-11-18T23:00:00-08:00&by=month",
                date(2026, 11, 1),
                date(2026, 11, 24),
                Bucket::Month,
            ),
        ] {
            let found = read(query).unwrap();
            assert_eq!((found.from, found.to, found.by), (from, to, by), "{query}");
        }
    }

    #[test]
    fn a_mistake_is_named_and_never_repeated() {
        for (query, detail) in [
            ("?from=Tremblay", "from: not a day such as"),
            ("?to=2026-13-01", "to: not a day such as"),
            ("?by=year", "by: not day, week or month"),
            ("?clinic=Tremblay", "clinic: not a clinic id"),
            ("?from=2026-11-24&to=2026-11-01&by=day", "to: before from"),
            ("?from=2026-11-20&to=2026-11-17&by=week", "to: before from"),
            ("?from=2020-01-01", "from: more than 800 days before to"),
            ("?patient=Tremblay", "A parameter is not known"),
        ] {
            let problem = serde_json::to_value(read(query).unwrap_err()).unwrap();
            assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{query}: {problem}");
            assert!(!problem.to_string().contains("Tremblay"), "{query}");
        }
    }
}
