//! The dictionary of what figures are told apart by, and its copy in memory.
//!
//! Owns the table `figure_kinds`. Its rows are never changed or deleted, so each is read once; what a
//! transaction adds is remembered only after its commit. Clinic and time are not part of it: they are
//! the key of the roll-ups.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};

/// Operation, app, domain, context, ending, latency: the table's columns, labels but for the last.
pub(super) type FigureKind = [i64; 6];

const COLUMNS: &str =
    "operation_label, app_label, domain_label, context_label, ending_label, latency";

/// Kinds kept in memory before it starts anew: a bound on what a strange import can cost.
const MOST: usize = 100_000;
/// Kinds of one statement.
const CHUNK: usize = 500;

/// Kinds that the process has met.
#[derive(Default)]
pub(super) struct FigureKinds(RwLock<HashMap<FigureKind, i64>>);

/// The numbers of the kinds of one batch.
#[derive(Default)]
pub(super) struct FigureKindIds {
    /// In the order in which they were asked for.
    pub(super) numbers: Vec<i64>,
    new: Vec<(FigureKind, i64)>,
}

impl FigureKinds {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<FigureKind, i64>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every kind.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Remembers what a committed transaction added.
    pub(super) fn committed(&self, ids: FigureKindIds) {
        if ids.new.is_empty() {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST {
            known.clear();
        }
        known.extend(ids.new);
    }

    /// The numbers of kinds, added where they are new. Sorted, so that two instances that add the same
    /// ones wait in line and not in a circle.
    pub(super) async fn ensure(
        &self,
        tx: &mut Tx,
        kinds: &[FigureKind],
    ) -> Result<FigureKindIds, StoreError> {
        let missing: BTreeSet<FigureKind> = {
            let known = self.read();
            kinds.iter().filter(|kind| !known.contains_key(*kind)).copied().collect()
        };
        let missing: Vec<FigureKind> = missing.into_iter().collect();
        let mut found: HashMap<FigureKind, i64> = HashMap::with_capacity(missing.len());
        for chunk in missing.chunks(CHUNK) {
            // Most are there when a process has just started, and numbers are not spent on those.
            found.extend(stored(tx, chunk).await?);
            let new: Vec<FigureKind> =
                chunk.iter().filter(|kind| !found.contains_key(*kind)).copied().collect();
            if !new.is_empty() {
                let mut sql = Sql::new("insert into figure_kinds (");
                sql.push(COLUMNS).push(") ");
                values(&mut sql, &new);
                sql.push(" on conflict do nothing");
                tx.execute(sql).await?;
                found.extend(stored(tx, &new).await?);
            }
        }
        let known = self.read();
        let unknown = StoreError::UnknownValue { table: "figure_kinds", column: "id" };
        let number = |kind| found.get(kind).or_else(|| known.get(kind)).copied();
        let numbers = kinds.iter().map(number).collect::<Option<Vec<i64>>>().ok_or(unknown)?;
        Ok(FigureKindIds { numbers, new: found.into_iter().collect() })
    }
}

/// Those of the kinds that are stored.
async fn stored(
    tx: &mut Tx,
    kinds: &[FigureKind],
) -> Result<impl Iterator<Item = (FigureKind, i64)>, StoreError> {
    let mut sql = Sql::new("select id, ");
    sql.push(COLUMNS).push(" from figure_kinds where (").push(COLUMNS).push(") in (");
    values(&mut sql, kinds);
    sql.push(")");
    let rows: Vec<(Int, Int, Int, Int, Int, Int, Int)> = tx.all(sql).await?;
    Ok(rows.into_iter().map(|(id, a, b, c, d, e, f)| ([a, b, c, d, e, f].map(|n| n.0), id.0)))
}

fn values(sql: &mut Sql, kinds: &[FigureKind]) {
    for (index, kind) in kinds.iter().enumerate() {
        sql.push(if index == 0 { "values (" } else { ", (" }).bind_all(*kind).push(")");
    }
}
