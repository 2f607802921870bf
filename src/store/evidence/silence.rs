//! Silences: stretches without a single event of an environment.
//!
//! Owns the walk from one event to the next distant one; it touches one row per silence length, so
//! a few dozen for a few hours however many events there are.

use std::time::Duration;

use crate::domain::labels::Environment;
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::place;
use crate::store::sql::{Int, Sql};

/// Most steps of one walk: a week in steps of ten minutes.
const MOST_STEPS: usize = 1_100;

impl Store {
    /// The silences longer than `longest` that overlap a stretch, cut to it, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn silences(
        &self,
        env: Environment,
        from: Timestamp,
        to: Timestamp,
        longest: Duration,
    ) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
        let mut silences = Vec::new();
        let before = self.event_in(env, from.minus(longest), from, true).await?;
        // `None`: it was silent already.
        let mut last = before;
        for _ in 0..MOST_STEPS {
            let start = last.unwrap_or(from);
            if start >= to {
                break;
            }
            if last.is_some()
                && let Some(next) = self.event_in(env, start, start.plus(longest), true).await?
            {
                last = Some(next);
                continue;
            }
            let beyond = if last.is_some() { start.plus(longest) } else { start };
            let next = self.event_in(env, beyond, to, false).await?;
            silences.push((start.max(from), next.unwrap_or(to)));
            match next {
                Some(next) => last = Some(next),
                None => break,
            }
        }
        silences.retain(|(start, end)| start < end);
        Ok(silences)
    }

    /// The first or last event after one time and up to another.
    async fn event_in(
        &self,
        env: Environment,
        after: Timestamp,
        until: Timestamp,
        last: bool,
    ) -> Result<Option<Timestamp>, StoreError> {
        // The slots of a microsecond belong to it.
        let end = |at: Timestamp| place::first_key(at) | 15;
        let mut sql = Sql::new("select e.key >> 4 from exchanges e where e.key > ");
        sql.bind(end(after)).push(" and e.key <= ").bind(end(until));
        sql.push(" and e.kind in (select id from kinds where env = ").bind(env.as_str());
        sql.push(if last { ") order by e.key desc limit 1" } else { ") order by e.key limit 1" });
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        Ok(row.map(|(micros,)| Timestamp::from_micros(micros.0)))
    }
}
