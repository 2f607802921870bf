//! The dictionary of names, and its copy in memory.
//!
//! Owns the table `labels`. Names are few (hundreds) and are never deleted, so each is read from
//! the database once. A name that a transaction adds is remembered only after the commit: the id of
//! one that is rolled back will be given to another name.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use super::connection::{Pools, Tx};
use super::error::StoreError;
use super::sql::{Int, Sql};

/// Names that the process has met, both ways.
#[derive(Default)]
pub(super) struct Labels(RwLock<Known>);

#[derive(Default)]
struct Known {
    ids: HashMap<Arc<str>, i64>,
    texts: HashMap<i64, Arc<str>>,
}

/// The ids of the names that one job needs.
#[derive(Default)]
pub(super) struct LabelIds {
    ids: HashMap<Arc<str>, i64>,
    new: Vec<(Arc<str>, i64)>,
}

impl LabelIds {
    /// One name, with an id that no name has.
    pub(super) fn of_one(text: &str) -> Self {
        Self { ids: HashMap::from([(Arc::from(text), -1)]), new: Vec::new() }
    }

    /// The id of a name, if there is one.
    pub(super) fn get(&self, text: &str) -> Option<i64> {
        self.ids.get(text).copied()
    }

    /// The id of a name that was asked for when this was made.
    pub(super) fn of(&self, text: &str) -> Result<i64, StoreError> {
        self.get(text).ok_or(StoreError::UnknownValue { table: "labels", column: "text" })
    }
}

impl Labels {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers names that are committed.
    pub(super) fn learn(&self, labels: impl IntoIterator<Item = (Arc<str>, i64)>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (text, id) in labels {
            known.ids.insert(Arc::clone(&text), id);
            known.texts.insert(id, text);
        }
    }

    /// Remembers what a committed transaction added.
    pub(super) fn committed(&self, ids: LabelIds) {
        if !ids.new.is_empty() {
            self.learn(ids.new);
        }
    }

    /// Forgets every name.
    pub(super) fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }

    fn split<'t>(&self, texts: BTreeSet<&'t str>) -> (LabelIds, Vec<&'t str>) {
        let known = self.read();
        let mut found = LabelIds::default();
        let mut missing = Vec::new();
        for text in texts {
            match known.ids.get_key_value(text) {
                Some((text, id)) => drop(found.ids.insert(Arc::clone(text), *id)),
                None => missing.push(text),
            }
        }
        (found, missing)
    }

    /// The ids of names, added where they are new. Sorted names keep two instances that add the
    /// same ones from waiting for each other in a circle.
    pub(super) async fn ensure(
        &self,
        tx: &mut Tx,
        texts: BTreeSet<&str>,
    ) -> Result<LabelIds, StoreError> {
        let (mut found, missing) = self.split(texts);
        for chunk in missing.chunks(500) {
            let mut insert = Sql::new("insert into labels (text) values ");
            for (index, text) in chunk.iter().enumerate() {
                insert.push(if index == 0 { "(" } else { ", (" }).bind(*text).push(")");
            }
            insert.push(" on conflict (text) do nothing");
            tx.execute(insert).await?;
            let rows: Vec<(Int, String)> = tx.all(select_by_text(chunk)).await?;
            for (id, text) in rows {
                let text: Arc<str> = text.into();
                found.ids.insert(Arc::clone(&text), id.0);
                found.new.push((text, id.0));
            }
        }
        Ok(found)
    }

    /// The ids of those names that exist.
    pub(super) async fn find(
        &self,
        pools: &Pools,
        texts: BTreeSet<&str>,
    ) -> Result<LabelIds, StoreError> {
        let (mut found, missing) = self.split(texts);
        for chunk in missing.chunks(500) {
            let rows: Vec<(Int, String)> = pools.all(select_by_text(chunk)).await?;
            let rows = rows.into_iter().map(|(id, text)| (Arc::from(text), id.0));
            for (text, id) in rows {
                found.ids.insert(Arc::clone(&text), id);
                self.learn([(text, id)]);
            }
        }
        Ok(found)
    }

    /// Makes sure that [`Labels::text`] knows these ids.
    pub(super) async fn prepare(
        &self,
        pools: &Pools,
        ids: impl Iterator<Item = i64>,
    ) -> Result<(), StoreError> {
        let missing: BTreeSet<i64> = {
            let known = self.read();
            ids.filter(|id| !known.texts.contains_key(id)).collect()
        };
        let missing: Vec<i64> = missing.into_iter().collect();
        for chunk in missing.chunks(500) {
            let mut sql = Sql::new("select id, text from labels where id in (");
            sql.bind_all(chunk.iter().copied()).push(")");
            let rows: Vec<(Int, String)> = pools.all(sql).await?;
            self.learn(rows.into_iter().map(|(id, text)| (Arc::from(text), id.0)));
        }
        Ok(())
    }

    /// The name of an id that was prepared.
    pub(super) fn text(&self, id: i64) -> Option<Arc<str>> {
        self.read().texts.get(&id).cloned()
    }
}

fn select_by_text(texts: &[&str]) -> Sql {
    let mut sql = Sql::new("select id, text from labels where text in (");
    sql.bind_all(texts.iter().copied()).push(")");
    sql
}
