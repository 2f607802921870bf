//! A fortnight that never was: events as the proxy would have recorded them.
//!
//! Owns the calendar of the clinics: who works when, what they do, what goes wrong. Day by day, so
//! that it takes the memory of two days. The same seed and end give the same events. People, charts
//! and answers are the simulator's, so that live calls go on where the history ends.

mod day;
mod event;
mod incidents;
mod samples;

use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cast::{Cast, Habit};
use super::clinics::{CLINICS, sim_config};
use super::work::Op;
use crate::domain::catalogue::{Catalogue, CatalogueError, Endpoint};
use crate::domain::event::Exchange;
use crate::domain::names::NameError;
use crate::domain::time::Timestamp;
use crate::sim::world::World;
use crate::sim::{Rehearsal, SimError};

use event::Maker;
pub use event::{Make, MakeReference, MakeShape};
pub use incidents::Incident;
use samples::Samples;

/// How many days lie in the history.
pub const DAYS: i32 = 14;

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The simulator cannot be asked.
    #[error("the simulated Accuro cannot be asked for samples")]
    Sim(#[from] SimError),
    /// The endpoint catalogue cannot be read, or lacks an operation of the demo.
    #[error("the endpoint catalogue cannot be used")]
    Catalogue(#[from] CatalogueError),
    /// The catalogue lacks an operation that the demo uses.
    #[error("the endpoint catalogue lacks an operation of the demo")]
    Operation,
    /// A name of the demo breaks the rules of names.
    #[error("a name of the demo cannot be used")]
    Name(#[from] NameError),
    /// A time zone of the demo is not in the database.
    #[error("the time zone database lacks a zone of the demo")]
    TimeZone,
}

/// The events of a fortnight, one day at a time, in the order of time.
pub struct History {
    seed: u64,
    world: Arc<World>,
    habits: Vec<Habit>,
    zones: Vec<TimeZone>,
    incidents: Vec<Incident>,
    samples: Samples,
    maker: Maker,
    now: Timestamp,
    from: Timestamp,
    next: Option<Date>,
    last: Date,
    sessions: u64,
    carried: Vec<Exchange>,
}

impl History {
    /// Prepares the fortnight that ends at `now`.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] where the catalogue or the demo's own tables are broken; tests read them.
    pub fn new(
        seed: u64,
        world: Arc<World>,
        cast: &Cast,
        now: Timestamp,
        make: Make,
    ) -> Result<Self, HistoryError> {
        let rows = rows()?;
        let today = TimeZone::UTC.to_datetime(now.to_jiff()).date();
        let rehearsal = Rehearsal::new(sim_config(seed), now)?;
        let zone = |name| TimeZone::get(name).map_err(|_| HistoryError::TimeZone);
        let fortnight = std::time::Duration::from_hours(24 * u64::from(DAYS.unsigned_abs()));
        Ok(Self {
            seed,
            habits: cast.habits(),
            zones: CLINICS.iter().map(|c| zone(c.timezone)).collect::<Result<_, _>>()?,
            incidents: incidents::incidents(cast, now),
            samples: Samples::new(rehearsal, seed, today, rows.clone()),
            maker: Maker::new(make, rows)?,
            world,
            now,
            from: now.minus(fortnight),
            // A day of a clinic may begin on the day before, in UTC, and end on the day after.
            next: Some(today.saturating_sub((DAYS + 1).days())),
            last: today.saturating_add(1.days()),
            sessions: 0,
            carried: Vec::new(),
        })
    }

    /// What went wrong, oldest first.
    #[must_use]
    pub fn incidents(&self) -> &[Incident] {
        &self.incidents
    }
}

impl Iterator for History {
    type Item = Vec<Exchange>;

    /// The next day's events, in order; days without events are left out.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let date = self.next?;
            self.next = date.tomorrow().ok().filter(|next| *next <= self.last);
            self.maker.forget_tokens();
            for clinic in 0..CLINICS.len() {
                self.clinic_day(clinic, date);
            }
            self.carried.sort_by_key(|event| (event.ts, event.id));
            // The easternmost clinic begins its next day first; nothing before that can come.
            let complete = self.next.and_then(|next| self.first_of(next)).unwrap_or(self.now);
            let at = self.carried.partition_point(|event| event.ts < complete);
            let later = self.carried.split_off(at);
            let done = std::mem::replace(&mut self.carried, later);
            if !done.is_empty() {
                return Some(done);
            }
        }
    }
}

impl History {
    /// When a date begins at the clinic where it begins first.
    fn first_of(&self, date: Date) -> Option<Timestamp> {
        self.zones.iter().filter_map(|zone| day::begins(zone, date)).min()
    }
}

/// The catalogue's rows of the demo's operations, in the order of [`Op::ALL`].
fn rows() -> Result<Vec<Endpoint>, HistoryError> {
    let catalogue = Catalogue::embedded()?;
    let row = |op: &Op| {
        let mut rows = catalogue.endpoints().iter();
        rows.find(|e| e.operation.as_str() == op.operation()).cloned()
    };
    Op::ALL.iter().map(|op| row(op).ok_or(HistoryError::Operation)).collect()
}

#[cfg(test)]
mod tests;
