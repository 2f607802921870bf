//! Silences: stretches without a single event of an environment.
//!
//! Owns the walk from one event to the next distant one, in one statement: it touches one row per silence
//! length, so a few dozen for a few hours however many events there are.

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
        if from >= to {
            return Ok(Vec::new());
        }
        let walk = Walk { env, from, to, longest, is_sqlite: self.pools.is_sqlite() };
        let rows: Vec<(Int,)> = self.pools.all(walk.statement()).await?;
        let visited: Vec<_> =
            rows.into_iter().map(|(micros,)| Timestamp::from_micros(micros.0)).collect();
        Ok(walk.silences(&visited))
    }

    /// How [`Store::silences`] would be run, for tests that forbid scans.
    #[doc(hidden)]
    pub async fn plan_of_silences(
        &self,
        env: Environment,
        (from, to): (Timestamp, Timestamp),
        longest: Duration,
    ) -> Result<Vec<String>, StoreError> {
        let walk = Walk { env, from, to, longest, is_sqlite: self.pools.is_sqlite() };
        self.pools.explain(walk.statement()).await
    }
}

/// Ends what looks for the last event between two bounds, and goes on to the next.
const LAST: &str = ") order by e.key desc limit 1), ";
/// The same for the first event, which is the last thing to look for.
const FIRST: &str = ") order by e.key limit 1))";

/// From event to event: the last one that is no more than `longest` after the one before, or else the first
/// one beyond that.
struct Walk {
    env: Environment,
    from: Timestamp,
    to: Timestamp,
    longest: Duration,
    is_sqlite: bool,
}

impl Walk {
    /// All events of the walk, from the one before `from`, if there is one, to the first one that is not
    /// before `to`.
    fn statement(&self) -> Sql {
        let (from, to) = (end(self.from), end(self.to));
        let longest = end(self.from.plus(self.longest)) - from;
        let mut sql = Sql::new("with recursive walk (key) as (select coalesce(");
        self.event(&mut sql, |sql| {
            sql.push("e.key > ").bind(from - longest).push(" and e.key <= ").bind(from);
        });
        sql.push(LAST);
        self.event(&mut sql, |sql| {
            sql.push("e.key > ").bind(from).push(" and e.key <= ").bind(to);
        });
        sql.push(FIRST);
        // The slots of a microsecond belong to it.
        sql.push(" union all select coalesce(");
        self.event(&mut sql, |sql| {
            sql.push("e.key > (walk.key | 15) and e.key <= (walk.key | 15) + ").bind(longest);
        });
        sql.push(LAST);
        self.event(&mut sql, |sql| {
            sql.push("e.key > (walk.key | 15) + ").bind(longest).push(" and e.key <= ").bind(to);
        });
        sql.push(FIRST);
        sql.push(" from walk where walk.key < ").bind(place::first_key(self.to));
        sql.push(") select key >> 4 from walk where key is not null limit ");
        sql.bind(i64::try_from(MOST_STEPS).unwrap_or(i64::MAX));
        sql
    }

    /// An event between two bounds.
    fn event(&self, sql: &mut Sql, bounds: impl FnOnce(&mut Sql)) {
        sql.push("(select e.key from exchanges e where ");
        bounds(sql);
        if !self.is_sqlite {
            // Bounds that are known before the walk leave out the tables of all other days; SQLite, which
            // has one table, might begin at them instead of where the walk is.
            let (low, high) = (self.from.minus(self.longest), self.to.plus(self.longest));
            sql.push(" and e.key >= ").bind(place::first_key(low));
            sql.push(" and e.key <= ").bind(end(high));
        }
        sql.push(" and e.kind in (select id from kinds where env = ").bind(self.env.as_str());
    }

    /// What lies between the events of the walk.
    fn silences(&self, visited: &[Timestamp]) -> Vec<(Timestamp, Timestamp)> {
        let (from, to) = (self.from, self.to);
        let Some((first, last)) = visited.first().zip(visited.last()) else {
            return vec![(from, to)];
        };
        let between = visited.windows(2).map(|pair| (pair[0], pair[1]));
        let mut silences: Vec<_> =
            between.filter(|(start, end)| start.plus(self.longest) < *end).collect();
        silences.insert(0, (from, *first));
        if visited.len() < MOST_STEPS {
            silences.push((*last, to));
        }
        let cut = |(start, end): (Timestamp, Timestamp)| (start.max(from), end.min(to));
        silences.into_iter().map(cut).filter(|(start, end)| start < end).collect()
    }
}

/// The last key of a time.
const fn end(at: Timestamp) -> i64 {
    place::first_key(at) | 15
}
