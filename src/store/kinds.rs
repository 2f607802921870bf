//! The dictionary of kinds, and its copy in memory.
//!
//! Owns the table `kinds`. Kinds are never changed or deleted, so each is read once; what a
//! transaction adds is remembered only after its commit.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use super::connection::{Pools, Tx};
use super::error::StoreError;
use super::kind::{COLUMNS, Kind, KindDigest, RawKind, SELECT};
use super::sql::{Arg, Int, Sql};
use crate::domain::event::Exchange;

/// Kinds kept in memory before it starts anew: far more than a deployment has, and a bound on what
/// a strange import can cost.
const MOST: usize = 50_000;

/// Kinds that the process has met, both ways.
#[derive(Default)]
pub(super) struct Kinds(RwLock<Known>);

#[derive(Default)]
struct Known {
    numbers: HashMap<Arc<Kind>, i64>,
    kinds: HashMap<i64, Arc<Kind>>,
}

/// The numbers of the kinds of one batch.
#[derive(Default)]
pub(super) struct KindIds {
    /// Of each event, in the batch's order.
    pub(super) numbers: Vec<i64>,
    new: Vec<(Arc<Kind>, i64)>,
}

impl Kinds {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, kinds: impl IntoIterator<Item = (Arc<Kind>, i64)>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.kinds.len() > MOST {
            *known = Known::default();
        }
        for (kind, number) in kinds {
            known.numbers.insert(Arc::clone(&kind), number);
            known.kinds.insert(number, kind);
        }
    }

    /// Forgets every kind.
    pub(super) fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }

    /// Remembers what a committed transaction added.
    pub(super) fn committed(&self, ids: KindIds) {
        if !ids.new.is_empty() {
            self.learn(ids.new);
        }
    }

    /// The numbers of the events' kinds, added where they are new.
    pub(super) async fn ensure(
        &self,
        tx: &mut Tx,
        events: impl Iterator<Item = &Exchange>,
    ) -> Result<KindIds, StoreError> {
        let kinds: Vec<Kind> = events.map(Kind::of).collect();
        let mut missing: HashMap<&Kind, KindDigest> = HashMap::new();
        {
            let known = self.read();
            for kind in kinds.iter().filter(|kind| !known.numbers.contains_key(*kind)) {
                missing.entry(kind).or_insert_with(|| kind.digest());
            }
        }
        let mut found: HashMap<Arc<Kind>, i64> = HashMap::new();
        let mut missing: Vec<(&Kind, KindDigest)> = missing.into_iter().collect();
        // In one order everywhere, so that two instances do not wait for each other in a circle.
        missing.sort_by_key(|(_, digest)| *digest);
        for chunk in missing.chunks(100) {
            tx.execute(insert_statement(chunk)).await?;
            let mut sql = Sql::new("select id, digest from kinds where digest in (");
            sql.bind_all(chunk.iter().map(|(_, digest)| Arg::from(digest.as_slice()))).push(")");
            let rows: Vec<(Int, Vec<u8>)> = tx.all(sql).await?;
            let rows: HashMap<Vec<u8>, i64> = rows.into_iter().map(|(id, d)| (d, id.0)).collect();
            for (kind, digest) in chunk {
                if let Some(number) = rows.get(digest.as_slice()) {
                    found.insert(Arc::new((*kind).clone()), *number);
                }
            }
        }
        let known = self.read();
        let unknown = StoreError::UnknownValue { table: "kinds", column: "digest" };
        let number = |kind: &Kind| found.get(kind).or_else(|| known.numbers.get(kind)).copied();
        let numbers = kinds.iter().map(number).collect::<Option<Vec<i64>>>().ok_or(unknown)?;
        Ok(KindIds { numbers, new: found.into_iter().collect() })
    }

    /// The kinds of numbers that rows name.
    pub(super) async fn get(
        &self,
        pools: &Pools,
        numbers: BTreeSet<i64>,
    ) -> Result<HashMap<i64, Arc<Kind>>, StoreError> {
        let (mut found, missing) = self.split(numbers);
        for number in missing {
            let rows = pools.all(select(number)).await?;
            self.take(number, rows, &mut found)?;
        }
        Ok(found)
    }

    /// The same inside a transaction that holds SQLite's one writer: another connection that has to be
    /// opened for it would wait for this very transaction.
    pub(super) async fn get_in(
        &self,
        tx: &mut Tx,
        numbers: BTreeSet<i64>,
    ) -> Result<HashMap<i64, Arc<Kind>>, StoreError> {
        let (mut found, missing) = self.split(numbers);
        for number in missing {
            let rows = tx.all(select(number)).await?;
            self.take(number, rows, &mut found)?;
        }
        Ok(found)
    }

    /// Those that are known, and the numbers of the others.
    fn split(&self, numbers: BTreeSet<i64>) -> (HashMap<i64, Arc<Kind>>, Vec<i64>) {
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        let known = self.read();
        for number in numbers {
            match known.kinds.get(&number) {
                Some(kind) => drop(found.insert(number, Arc::clone(kind))),
                None => missing.push(number),
            }
        }
        (found, missing)
    }

    fn take(
        &self,
        number: i64,
        rows: Vec<RawKind>,
        found: &mut HashMap<i64, Arc<Kind>>,
    ) -> Result<(), StoreError> {
        if let Some(kind) = rows.into_iter().next() {
            let kind = Arc::new(kind.kind()?);
            self.learn([(Arc::clone(&kind), number)]);
            found.insert(number, kind);
        }
        Ok(())
    }
}

fn select(number: i64) -> Sql {
    let mut sql = Sql::new("select ");
    sql.push(SELECT).push(" from kinds e where e.id = ").bind(number);
    sql
}

fn insert_statement(kinds: &[(&Kind, KindDigest)]) -> Sql {
    let mut sql = Sql::new("insert into kinds (digest");
    for (column, _) in COLUMNS {
        sql.push(", ").push(column);
    }
    for (index, (kind, digest)) in kinds.iter().enumerate() {
        sql.push(if index == 0 { ") values (" } else { "), (" });
        sql.bind(digest.as_slice()).push(", ").bind_all(kind.values());
    }
    sql.push(") on conflict (digest) do nothing");
    sql
}
