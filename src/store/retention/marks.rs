//! How far each class is purged.
//!
//! Owns the table `purge_marks`. An event that comes after its time was purged is not taken in: it
//! would count twice in figures that are kept longer, and stay until the next run. Where only the
//! references of its time were purged, it comes in without them.

use super::super::Store;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::place;
use super::super::sql::{Int, Sql};
use crate::domain::event::Exchange;
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;

/// What comes too late, by its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Marks {
    events: Timestamp,
    patients: Timestamp,
    actors: Timestamp,
}

const NEVER: Timestamp = Timestamp::from_micros(i64::MIN);

/// What becomes of an event that comes late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Late {
    /// It is not taken in.
    Refused,
    /// It is taken in, perhaps without references.
    Without {
        /// Of the patient.
        patient: bool,
        /// Of the actor and the token.
        actor: bool,
    },
}

impl Marks {
    /// From when on events are whole: there, and with every reference that they came with.
    pub(in super::super) fn whole_from(self) -> Timestamp {
        self.events.max(self.patients).max(self.actors)
    }

    /// From when on people are known.
    pub(in super::super) const fn people_from(self) -> Timestamp {
        self.actors
    }

    pub(in super::super) fn judge(self, event: &Exchange) -> Late {
        if event.ts < self.events {
            return Late::Refused;
        }
        Late::Without { patient: event.ts < self.patients, actor: event.ts < self.actors }
    }

    /// The marks, as a transaction sees them.
    pub(in super::super) async fn read(tx: &mut Tx) -> Result<Self, StoreError> {
        let rows: Vec<(String, Int)> =
            tx.all(Sql::new("select class, begun from purge_marks")).await?;
        let mark = |class: Class| {
            let row = rows.iter().find(|(name, _)| name == class.as_str());
            row.map_or(NEVER, |(_, begun)| Timestamp::from_micros(begun.0))
        };
        Ok(Self {
            events: mark(Class::Events),
            patients: mark(Class::PatientReferences),
            actors: mark(Class::ActorReferences),
        })
    }
}

impl Store {
    /// Sets the mark before anything is removed, and gives the key from which on there is something
    /// left to do.
    pub(super) async fn begin_mark(
        &self,
        class: Class,
        cutoff: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut sql = Sql::new("insert into purge_marks (class, begun, done) values (");
        sql.bind(class.as_str()).push(", ").bind(cutoff.micros()).push(", ").bind(i64::MIN);
        sql.push(
            ") on conflict (class) do update set begun = \
             case when excluded.begun > purge_marks.begun then excluded.begun else purge_marks.begun end",
        );
        self.pools.execute(sql).await?;
        self.done_key(class).await
    }

    /// The key from which on something of a class may be left.
    pub(super) async fn done_key(&self, class: Class) -> Result<i64, StoreError> {
        let mut sql = Sql::new("select done from purge_marks where class = ");
        sql.bind(class.as_str());
        let done: Option<(Int,)> = self.pools.first(sql).await?;
        let done = done.map_or(i64::MIN, |(done,)| done.0);
        Ok(if done == i64::MIN { done } else { place::first_key(Timestamp::from_micros(done)) })
    }

    pub(super) async fn end_mark(&self, class: Class, cutoff: Timestamp) -> Result<(), StoreError> {
        self.pools.execute(end(class, cutoff)).await.map(drop)
    }
}

/// Nothing of a class is left that is older than a time.
pub(super) fn end(class: Class, cutoff: Timestamp) -> Sql {
    let mut sql = Sql::new("update purge_marks set done = ");
    sql.bind(cutoff.micros()).push(" where class = ").bind(class.as_str());
    sql.push(" and done < ").bind(cutoff.micros());
    sql
}
