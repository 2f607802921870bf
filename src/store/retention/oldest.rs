//! The oldest row of each class, and how many rows are due.
//!
//! Owns both questions. The first follows indices and is asked all the time; the second counts, for
//! a person who wants to know before anything is removed.

use super::super::Store;
use super::super::days::{day_of, start_of};
use super::super::error::StoreError;
use super::super::place;
use super::super::rollup::Span;
use super::super::sql::{Int, Sql};
use super::access::{DIAGNOSES, ENDED, Ended};
use super::figures::{COUNTS, first_kept};
use super::references::DAILY;
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;

impl Store {
    /// The time of the oldest row of a class; `None` if there is none, and for what is not rows.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn oldest(
        &self,
        class: Class,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        match class {
            Class::Events => self.oldest_event(None, "").await,
            Class::PatientReferences => {
                self.oldest_event(Some(class), " and patient_ref is not null").await
            }
            Class::ActorReferences => {
                let holds = " and (actor_ref is not null or token_ref is not null)";
                let event = self.oldest_event(Some(class), holds).await?;
                let used = self.oldest_bucket("daily_actors", "min(r.day)").await?.map(start_of);
                let done = self.oldest_bucket("daily_tasks", "min(r.day)").await?.map(start_of);
                Ok(event.into_iter().chain(used).chain(done).min())
            }
            Class::MinuteFigures => self.oldest_figure(Span::Minute).await,
            Class::HourFigures => self.oldest_figure(Span::Hour).await,
            Class::DayFigures => self.oldest_figure(Span::Day).await,
            Class::Access => self.oldest_ended(&ENDED, now).await,
            Class::Diagnoses => self.oldest_ended(&DIAGNOSES, now).await,
            Class::Incidents => {
                self.least_of([
                    "select min(closed_at) from incidents",
                    "select min(told_at) from alerts",
                ])
                .await
            }
            Class::Audit => {
                self.least_of([
                    "select min(ended_at) from purge_ledger",
                    "select min(ts) from audit",
                ])
                .await
            }
            Class::Journal => Ok(None),
        }
    }

    /// The least of what some statements give.
    async fn least_of(
        &self,
        statements: [&'static str; 2],
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut oldest = None;
        for min in statements {
            let row: Option<(Option<Int>,)> = self.pools.first(Sql::new(min)).await?;
            let found = row.and_then(|(micros,)| micros);
            oldest = oldest.into_iter().chain(found.map(|micros| micros.0)).min();
        }
        Ok(oldest.map(Timestamp::from_micros))
    }

    async fn oldest_event(
        &self,
        class: Option<Class>,
        holds: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        // What is purged already is not looked at again.
        let from = match class {
            Some(class) => self.done_key(class).await?,
            None => i64::MIN,
        };
        let mut sql = Sql::new("select key, late_us from exchanges where key >= ");
        sql.bind(from).push(holds).push(" order by key limit 1");
        let row: Option<(Int, Option<Int>)> = self.pools.first(sql).await?;
        Ok(row.map(|(key, late)| place::time_of(key.0, late.map_or(0, |late| late.0))))
    }

    async fn oldest_bucket(
        &self,
        table: &'static str,
        first: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        let mut sql = Sql::new("select min((select ");
        sql.push(first).push(" from ").push(table);
        sql.push(" r where r.clinic_label = c.clinic_label)) from clinics_seen c");
        let row: Option<(Option<Int>,)> = self.pools.first(sql).await?;
        Ok(row.and_then(|(bucket,)| bucket).map(|bucket| bucket.0))
    }

    async fn oldest_figure(&self, span: Span) -> Result<Option<Timestamp>, StoreError> {
        let bucket = self.oldest_bucket(span.table(), "min(r.bucket)").await?;
        Ok(bucket.map(|bucket| Timestamp::from_seconds(bucket.saturating_mul(span.seconds()))))
    }

    async fn oldest_ended(
        &self,
        tables: &[Ended],
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut oldest: Option<i64> = None;
        for (table, ended) in tables {
            let mut sql = Sql::new("select min(");
            sql.push(ended).push(") from ").push(table);
            let row: Option<(Option<Int>,)> = self.pools.first(sql).await?;
            let ended = row.and_then(|(ended,)| ended).map(|ended| ended.0);
            oldest = oldest.into_iter().chain(ended).min();
        }
        Ok(oldest.map(Timestamp::from_micros).filter(|ended| *ended <= now))
    }

    /// How many rows of a class are older than its cutoff. References of events that go whole, since
    /// they are before `events_cutoff`, are not counted a second time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn due(
        &self,
        class: Class,
        cutoff: Timestamp,
        events_cutoff: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut due = 0;
        for sql in self.due_statements(class, cutoff, events_cutoff) {
            let row: Option<(Int,)> = self.pools.first(sql).await?;
            due += row.map_or(0, |(count,)| count.0.cast_unsigned());
        }
        Ok(due)
    }

    fn due_statements(
        &self,
        class: Class,
        cutoff: Timestamp,
        events_cutoff: Timestamp,
    ) -> Vec<Sql> {
        let by_day = |at| if self.pools.is_sqlite() { at } else { start_of(day_of(at)) };
        let events = |holds: &'static str| {
            let mut sql = Sql::new("select count(*) from exchanges where key < ");
            sql.bind(place::first_key(by_day(cutoff))).push(holds);
            sql
        };
        let references = |holds: &'static str| {
            let mut sql = events(holds);
            sql.push(" and key >= ").bind(place::first_key(by_day(events_cutoff)));
            sql
        };
        let figures = |span: Span| {
            let mut sql = Sql::new("select count(*) from ");
            sql.push(span.table()).push(" where bucket < ").bind(first_kept(span, cutoff));
            sql
        };
        match class {
            Class::Events => vec![events("")],
            Class::PatientReferences => vec![references(" and patient_ref is not null")],
            Class::ActorReferences => {
                let people = DAILY.map(|(count, ..)| {
                    let mut sql = Sql::new(count);
                    sql.bind(day_of(by_day(cutoff)));
                    sql
                });
                let calls = references(" and (actor_ref is not null or token_ref is not null)");
                people.into_iter().chain([calls]).collect()
            }
            Class::MinuteFigures => vec![figures(Span::Minute)],
            Class::HourFigures => vec![figures(Span::Hour)],
            Class::DayFigures => {
                let counts = COUNTS.map(|(count, _)| {
                    let mut sql = Sql::new(count);
                    sql.bind(first_kept(Span::Day, cutoff));
                    sql
                });
                counts.into_iter().chain([figures(Span::Day)]).collect()
            }
            Class::Access => ended(&ENDED, cutoff),
            Class::Diagnoses => ended(&DIAGNOSES, cutoff),
            Class::Incidents => {
                let mut closed = Sql::new("select count(*) from incidents where closed_at < ");
                closed.bind(cutoff.micros());
                let mut alerts = Sql::new("select count(*) from alerts where told_at < ");
                alerts.bind(cutoff.micros());
                vec![closed, alerts]
            }
            Class::Audit => {
                let mut sql = Sql::new("select count(*) from purge_ledger where ended_at < ");
                sql.bind(cutoff.micros());
                vec![sql]
            }
            Class::Journal => Vec::new(),
        }
    }
}

fn ended(tables: &[Ended], cutoff: Timestamp) -> Vec<Sql> {
    let count = |(table, ended): &Ended| {
        let mut sql = Sql::new("select count(*) from ");
        sql.push(table).push(" where ").push(ended).push(" < ").bind(cutoff.micros());
        sql
    };
    tables.iter().map(count).collect()
}
