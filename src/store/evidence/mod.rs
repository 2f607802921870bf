//! The calls around a question, for the diagnosis: few columns, many rows, bounded on both sides.
//!
//! Owns the reads. Each walks one index from a moment outwards and stops after so many rows, so what
//! a diagnosis costs does not grow with the table. What the calls mean is decided in
//! `crate::diagnosis`.

mod sighting;
mod silence;

use super::Store;
use super::days;
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::labels::LabelIds;
use super::order::Order;
use super::place::{self, MOST_LATE_US};
use super::search::Search;
use super::sql::Sql;
use super::walk::{Stretch, Walk};
use crate::domain::ids::SupportCode;
use crate::domain::names::{ClinicId, KeyId};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;

pub use self::sighting::Sighting;

/// How many calls are read on either side of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// The moment.
    pub at: Timestamp,
    /// Most calls before it.
    pub before: u32,
    /// Most calls from it on.
    pub after: u32,
}

impl Store {
    /// The calls that fit, nearest to a moment, in no particular order.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn sightings(
        &self,
        filter: &ExchangeFilter,
        around: Around,
    ) -> Result<Vec<Sighting>, StoreError> {
        let search = self.search(filter).await?;
        let mut found = Vec::new();
        for (walk, limit) in [(Walk::NewestFirst, around.before), (Walk::OldestFirst, around.after)]
        {
            let mut side = Vec::new();
            for lead in search.walks.iter().filter(|_| limit > 0) {
                side.append(&mut self.side(&search, filter, lead, walk, around, limit).await?);
            }
            // Several walks bring up to the limit each.
            side.sort_by_key(|call| (call.ts, call.id));
            if walk == Walk::NewestFirst {
                side.reverse();
            }
            side.truncate(limit as usize);
            found.append(&mut side);
        }
        Ok(found)
    }

    /// The calls of one walk, up to a limit. PostgreSQL is asked for the nearest day first: to plan a walk
    /// through weeks of tables takes it far longer than to walk.
    async fn side(
        &self,
        search: &Search,
        filter: &ExchangeFilter,
        lead: &Sql,
        walk: Walk,
        around: Around,
        limit: u32,
    ) -> Result<Vec<Sighting>, StoreError> {
        let whole = Bounds::of(filter, walk, around);
        let pieces = match search.order {
            Order::Key | Order::Section if !self.pools.is_sqlite() => whole.pieces(walk),
            _ => vec![whole],
        };
        let mut found = Vec::new();
        for piece in pieces {
            let missing = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(limit));
            if missing == 0 {
                break;
            }
            let sql = statement(search, filter, lead, walk, piece, missing);
            found.append(&mut self.sighted(sql).await?);
        }
        Ok(found)
    }

    /// How [`Store::sightings`] would be run, for tests that forbid scans.
    #[doc(hidden)]
    pub async fn plan_of_sightings(
        &self,
        filter: &ExchangeFilter,
        around: Around,
    ) -> Result<Vec<String>, StoreError> {
        let search = self.search(filter).await?;
        let mut lines = Vec::new();
        for walk in [Walk::NewestFirst, Walk::OldestFirst] {
            for lead in &search.walks {
                let bounds = Bounds::of(filter, walk, around);
                let sql = statement(&search, filter, lead, walk, bounds, 10);
                lines.append(&mut self.pools.explain(sql).await?);
            }
        }
        Ok(lines)
    }
}

/// What a question looks for in every day's table: a code, and a patient at a clinic over three months. The
/// texts are what counts, not the values, which no call has.
pub(super) fn of_every_day() -> Vec<Sql> {
    let (Ok(clinic), Ok(key)) = (ClinicId::parse("none"), KeyId::parse("none")) else {
        return Vec::new();
    };
    let ids = LabelIds::of_one(clinic.as_str());
    let code = SupportCode::from_bits(0);
    let code = ExchangeFilter { support_code: Some(code), ..ExchangeFilter::default() };
    let nobody = Reference::new(ReferenceKind::Patient, key, [0; Reference::BYTES]);
    let (from, to) = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX / 32));
    let patient = ExchangeFilter {
        clinic: Some(clinic),
        patient_refs: vec![nobody],
        from: Some(from),
        to: Some(to),
        ..ExchangeFilter::default()
    };
    let (by_code, by_patient) = (code.search(&ids, &[], false), patient.search(&ids, &[], false));
    let walk = Walk::NewestFirst;
    let bounds = Bounds::of(&patient, walk, Around { at: to, before: 1, after: 0 });
    let codes = by_code
        .walks
        .iter()
        .map(|lead| Stretch { search: &by_code, lead, walk, from: None, until: None }.events(0));
    let patients =
        by_patient.walks.iter().map(|lead| statement(&by_patient, &patient, lead, walk, bounds, 1));
    codes.chain(patients).collect()
}

fn statement(
    search: &Search,
    filter: &ExchangeFilter,
    lead: &Sql,
    walk: Walk,
    bounds: Bounds,
    limit: u32,
) -> Sql {
    let mut sql = Sql::new("select ");
    sql.push(sighting::SELECT).push(" from exchanges e where ").append(lead);
    let order = search.order.between(bounds.low, bounds.high);
    if let Some(low) = bounds.low {
        order.from(&mut sql, low);
    }
    if let Some(high) = bounds.high {
        order.before(&mut sql, high);
    }
    // The time itself decides at the edges.
    if let Some(from) = filter.from {
        sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) >= ").bind(from.micros());
    }
    if let Some(to) = filter.to {
        sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) < ").bind(to.micros());
    }
    order.sort(sql.append(&search.rest), walk);
    sql.push(" limit ").bind(i64::from(limit));
    sql
}

/// One bound on each side of the key: of two, SQLite would start its walk at either, and read all that
/// lies between them. The bound on the far side lets PostgreSQL leave out the days beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    low: Option<i64>,
    /// Excluded.
    high: Option<i64>,
}

/// Where walks end mostly: days between the nearest one and the ends of the next pieces.
const NEXT_DAYS: [i64; 3] = [0, 1, 4];

impl Bounds {
    fn of(filter: &ExchangeFilter, walk: Walk, around: Around) -> Self {
        let moment = place::first_key(around.at);
        let from = filter.from.map(place::first_key);
        let beyond =
            |to: Timestamp| Timestamp::from_micros(to.micros().saturating_add(MOST_LATE_US));
        let to = filter.to.map(|to| place::first_key(beyond(to)));
        let (low, high) = match walk {
            Walk::NewestFirst => (from, Some(to.map_or(moment, |to| to.min(moment)))),
            Walk::OldestFirst => (Some(from.map_or(moment, |from| from.max(moment))), to),
        };
        Self { low, high }
    }

    /// The same in pieces, the nearest first: what is left of its day, the next day, a few days, the rest.
    fn pieces(self, walk: Walk) -> Vec<Self> {
        let start = |day: i64| place::first_key(days::start_of(day));
        let day = |key: i64| days::day_of(place::time_of(key, 0));
        let cuts = match (walk, self.low, self.high) {
            (Walk::NewestFirst, _, Some(high)) => {
                let nearest = day(high.saturating_sub(1));
                let mut cuts = NEXT_DAYS.map(|days| start(nearest - days));
                cuts.reverse();
                cuts
            }
            (Walk::OldestFirst, Some(low), _) => {
                let next = day(low) + 1;
                NEXT_DAYS.map(|days| start(next + days))
            }
            _ => return vec![self],
        };
        let inside = |cut: &i64| {
            self.low.is_none_or(|low| low < *cut) && self.high.is_none_or(|high| *cut < high)
        };
        let cuts = cuts.into_iter().filter(inside);
        let edges: Vec<Option<i64>> =
            [self.low].into_iter().chain(cuts.map(Some)).chain([self.high]).collect();
        let piece = |pair: &[Option<i64>]| Self { low: pair[0], high: pair[1] };
        let mut pieces: Vec<Self> = edges.windows(2).map(piece).collect();
        if walk == Walk::NewestFirst {
            pieces.reverse();
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_planned_before_it_is_asked_is_of_every_day() {
        let planned = of_every_day();
        assert_eq!(planned.len(), 2);
        assert!(planned.iter().all(Sql::is_of_every_day));
    }

    #[test]
    fn a_walk_takes_its_days_apart_and_leaves_none_out() {
        const DAY: i64 = 86_400_000_000 << 4;
        const NOON: i64 = DAY / 2;
        type Row = (Walk, [Option<i64>; 2], &'static [[Option<i64>; 2]]);
        let (newest, oldest) = (Walk::NewestFirst, Walk::OldestFirst);
        #[rustfmt::skip]
        let table: [Row; 7] = [
            (newest, [None, Some(9 * DAY + NOON)],
                &[[Some(9 * DAY), Some(9 * DAY + NOON)], [Some(8 * DAY), Some(9 * DAY)],
                    [Some(5 * DAY), Some(8 * DAY)], [None, Some(5 * DAY)]]),
            (newest, [Some(7 * DAY + 1), Some(9 * DAY + NOON)],
                &[[Some(9 * DAY), Some(9 * DAY + NOON)], [Some(8 * DAY), Some(9 * DAY)],
                    [Some(7 * DAY + 1), Some(8 * DAY)]]),
            (newest, [Some(9 * DAY + 1), Some(9 * DAY + NOON)], &[[Some(9 * DAY + 1), Some(9 * DAY + NOON)]]),
            // The bound is excluded: nothing of the day that it begins.
            (newest, [None, Some(9 * DAY)],
                &[[Some(8 * DAY), Some(9 * DAY)], [Some(7 * DAY), Some(8 * DAY)],
                    [Some(4 * DAY), Some(7 * DAY)], [None, Some(4 * DAY)]]),
            (oldest, [Some(9 * DAY + NOON), None],
                &[[Some(9 * DAY + NOON), Some(10 * DAY)], [Some(10 * DAY), Some(11 * DAY)],
                    [Some(11 * DAY), Some(14 * DAY)], [Some(14 * DAY), None]]),
            (oldest, [Some(9 * DAY + NOON), Some(11 * DAY)],
                &[[Some(9 * DAY + NOON), Some(10 * DAY)], [Some(10 * DAY), Some(11 * DAY)]]),
            (oldest, [Some(9 * DAY), Some(9 * DAY + 1)], &[[Some(9 * DAY), Some(9 * DAY + 1)]]),
        ];
        for (walk, [low, high], pieces) in table {
            let found: Vec<_> =
                Bounds { low, high }.pieces(walk).iter().map(|b| [b.low, b.high]).collect();
            assert_eq!(found, pieces, "{low:?} {high:?}");
        }
    }
}
