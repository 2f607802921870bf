//! References over their limit: their columns are cleared, the events stay.
//!
//! Owns the clearing. SQLite overwrites what it clears. PostgreSQL keeps the old row until its page
//! is written anew, so a day's table is rewritten once, when all of the day is over the limit.

use super::super::days::{day_of, start_of};
use super::super::error::StoreError;
use super::super::place;
use super::super::sql::{Int, Sql};
use super::rewrite::Emptied;
use super::{PIECE, Piece, Purge};
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;

impl Purge {
    pub(super) async fn references(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let piece = if self.store.pools.is_sqlite() {
            self.clear_rows(now).await?
        } else {
            self.clear_day(now).await?
        };
        if piece.last && self.class == Class::ActorReferences {
            let people = self.daily_people(now).await?;
            return Ok(Piece { rows: piece.rows + people.rows, ..people });
        }
        Ok(piece)
    }

    /// The start of the statement that clears rows of one table.
    fn clear(&self, table: &'static str) -> Sql {
        let mut sql = Sql::new("update ");
        sql.push(table).push(match self.class {
            Class::ActorReferences => {
                " set actor_ref = null, token_ref = null \
                 where (actor_ref is not null or token_ref is not null)"
            }
            _ => " set patient_ref = null where patient_ref is not null",
        });
        sql
    }

    async fn clear_rows(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let end = place::first_key(self.cutoff);
        let mut tx = self.begin().await?;
        let mut sql = Sql::new("select key from exchanges where key >= ");
        sql.bind(self.from).push(" and key < ").bind(end);
        sql.push(" order by key limit 1 offset ").bind(PIECE - 1);
        let until: Vec<(Int,)> = tx.all(sql).await?;
        let until = until.first().map(|(key,)| key.0);
        let mut sql = self.clear("exchanges");
        sql.push(" and key >= ").bind(self.from);
        sql.push(" and key < ").bind(until.map_or(end, |key| key + 1));
        let rows = tx.execute(sql).await?;
        let piece = Piece { rows, bytes: 0, last: until.is_none() };
        let piece = self.commit(tx, piece, now).await?;
        self.from = until.map_or(end, |key| key + 1);
        Ok(piece)
    }

    async fn clear_day(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let days = self.store.days().await?;
        let from = day_of(place::time_of(self.from, 0));
        let next = days.into_iter().find(|day| *day >= from && *day < day_of(self.cutoff));
        let mut tx = self.begin().await?;
        let Some(day) = next else {
            let mut sql = self.clear("exchanges_odd");
            sql.push(" and key < ").bind(place::first_key(self.cutoff));
            let rows = tx.execute(sql).await?;
            return self
                .rewriting(tx, Emptied::ODD, Piece { rows, bytes: 0, last: true }, now)
                .await;
        };
        let mut sql = self.clear("exchanges");
        sql.push(" and key >= ").bind(place::first_key(start_of(day)));
        sql.push(" and key < ").bind(place::first_key(start_of(day + 1)));
        let rows = tx.execute(sql).await?;
        let piece = Piece { rows, bytes: 0, last: false };
        let piece = self.rewriting(tx, Emptied::Day(day), piece, now).await?;
        // The next run goes on here.
        self.store.end_mark(self.class, start_of(day + 1)).await?;
        self.from = place::first_key(start_of(day + 1));
        Ok(piece)
    }

    /// Who used what on which day: sets of references.
    async fn daily_people(&mut self, now: Timestamp) -> Result<Piece, StoreError> {
        let mut tx = self.begin().await?;
        let (mut rows, mut emptied) = (0, Vec::new());
        for (_, delete, table) in DAILY {
            let mut sql = Sql::new(delete);
            sql.bind(day_of(self.cutoff));
            let of_table = tx.execute(sql).await?;
            if of_table > 0 && !self.store.pools.is_sqlite() {
                Emptied::Table(table).note(&mut tx).await?;
                emptied.push(Emptied::Table(table));
            }
            rows += of_table;
        }
        let piece = self.commit(tx, Piece { rows, bytes: 0, last: true }, now).await?;
        for table in emptied {
            self.store.rewrite(table).await?;
        }
        Ok(piece)
    }
}

/// Tables of references by the day: the count of what is due, the removal, and its name.
pub(super) const DAILY: [(&str, &str, &str); 4] = [
    (
        "select count(*) from daily_actors where day < ",
        "delete from daily_actors where clinic_label in (select clinic_label from clinics_seen) and day < ",
        "daily_actors",
    ),
    (
        "select count(*) from daily_tasks where day < ",
        "delete from daily_tasks where clinic_label in (select clinic_label from clinics_seen) and day < ",
        "daily_tasks",
    ),
    (
        "select count(*) from first_uses where last_day < ",
        "delete from first_uses where last_day < ",
        "first_uses",
    ),
    (
        "select count(*) from same_actors where noted_day < ",
        "delete from same_actors where noted_day < ",
        "same_actors",
    ),
];
