//! The registry as far as it was entered on the site, and when each app's key was last used.
//!
//! Owns three tables. A change is taken only if nothing else was changed since it was checked, so what was
//! found to fit together still does. What an entry means is `config::lists`'s business.

use std::collections::HashMap;

use super::Store;
use super::connection::Tx;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::kept_registry::{EntryChange, EntryKind, KeptEntry, KeptRegistry};
use crate::domain::registry::AppKeyDigest;
use crate::domain::time::Timestamp;

type EntryRow = (String, String, Int, Int, String);

impl Store {
    /// The stamp of the last change; 0 where nothing was ever entered.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn registry_stamp(&self) -> Result<i64, StoreError> {
        let sql = Sql::new("select stamp from registry_state where id = 1");
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        Ok(row.map_or(0, |row| row.0.0))
    }

    /// Every entry, as of one moment.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote a row.
    pub async fn kept_registry(&self) -> Result<KeptRegistry, StoreError> {
        loop {
            // Two reads outside a transaction; a change in between shows in the stamp.
            let (stamp, last_number) = state(self).await?;
            let entries = entries(self).await?;
            if self.registry_stamp().await? == stamp {
                return Ok(KeptRegistry { stamp, last_number, entries });
            }
        }
    }

    /// Changes entries, if nothing was changed since `seen`. `None` if something was.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn change_registry(
        &self,
        seen: &KeptRegistry,
        changes: &[EntryChange],
        now: Timestamp,
    ) -> Result<Option<KeptRegistry>, StoreError> {
        let after = seen.after(changes, now);
        let mut tx = self.pools.begin().await?;
        if !advance(&mut tx, seen.stamp, &after).await? {
            return Ok(None);
        }
        for change in changes {
            let (EntryChange::Put { kind, id, .. } | EntryChange::Remove { kind, id }) = change;
            remove(&mut tx, *kind, id).await?;
            if let Some(entry) = after.entry(*kind, id) {
                insert(&mut tx, entry).await?;
            }
        }
        tx.commit().await?;
        Ok(Some(after))
    }

    /// Gives a store that knows less than this process what it has lost: it was made anew, or is a copy
    /// of an earlier time. `false` if it knows as much by now.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn restore_registry(&self, kept: &KeptRegistry) -> Result<bool, StoreError> {
        let stamp = self.registry_stamp().await?;
        let mut tx = self.pools.begin().await?;
        if stamp >= kept.stamp || !advance(&mut tx, stamp, kept).await? {
            return Ok(false);
        }
        tx.execute(Sql::new("delete from registry_entries")).await?;
        for entry in &kept.entries {
            insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Notes when keys were last used; an earlier time than the noted one changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn note_key_uses(
        &self,
        uses: &[(AppKeyDigest, Timestamp)],
    ) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let mut tx = self.pools.begin().await?;
        for (digest, at) in uses {
            let mut sql = Sql::new("insert into app_key_uses (digest, used_at) values (");
            sql.bind(digest.0.as_slice()).push(", ").bind(at.micros());
            sql.push(
                ") on conflict (digest) do update set used_at = excluded.used_at \
                 where app_key_uses.used_at < excluded.used_at",
            );
            tx.execute(sql).await?;
        }
        tx.commit().await
    }

    /// When each key was last used, at any instance.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn key_uses(&self) -> Result<HashMap<AppKeyDigest, Timestamp>, StoreError> {
        let sql = Sql::new("select digest, used_at from app_key_uses");
        let rows: Vec<(Vec<u8>, Int)> = self.pools.all(sql).await?;
        let use_of = |(digest, at): (Vec<u8>, Int)| {
            let digest = <[u8; 32]>::try_from(digest).ok()?;
            Some((AppKeyDigest(digest), Timestamp::from_micros(at.0)))
        };
        Ok(rows.into_iter().filter_map(use_of).collect())
    }
}

async fn state(store: &Store) -> Result<(i64, u32), StoreError> {
    let sql = Sql::new("select stamp, last_number from registry_state where id = 1");
    let row: Option<(Int, Int)> = store.pools.first(sql).await?;
    let (stamp, last) = row.map_or((0, 0), |row| (row.0.0, row.1.0));
    Ok((stamp, number(last, "registry_state", "last_number")?))
}

async fn entries(store: &Store) -> Result<Vec<KeptEntry>, StoreError> {
    let text = "select kind, id, number, version, body from registry_entries order by number";
    let rows: Vec<EntryRow> = store.pools.all(Sql::new(text)).await?;
    let entry = |(kind, id, no, version, body): EntryRow| {
        let unknown = StoreError::UnknownValue { table: "registry_entries", column: "kind" };
        Ok(KeptEntry {
            kind: EntryKind::parse(&kind).ok_or(unknown)?,
            id,
            number: number(no.0, "registry_entries", "number")?,
            version: version.0,
            body,
        })
    };
    rows.into_iter().map(entry).collect()
}

fn number(value: i64, table: &'static str, column: &'static str) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::UnknownValue { table, column })
}

/// Moves the stamp on, if it still is what it was. Two who do that at once wait for each other here.
async fn advance(tx: &mut Tx, seen: i64, after: &KeptRegistry) -> Result<bool, StoreError> {
    let mut sql = Sql::new("update registry_state set stamp = ");
    sql.bind(after.stamp).push(", last_number = ").bind(i64::from(after.last_number));
    sql.push(" where id = 1 and stamp = ").bind(seen);
    Ok(tx.execute(sql).await? == 1)
}

async fn remove(tx: &mut Tx, kind: EntryKind, id: &str) -> Result<(), StoreError> {
    let mut sql = Sql::new("delete from registry_entries where kind = ");
    sql.bind(kind.as_str()).push(" and id = ").bind(id);
    tx.execute(sql).await.map(drop)
}

async fn insert(tx: &mut Tx, entry: &KeptEntry) -> Result<(), StoreError> {
    let mut sql =
        Sql::new("insert into registry_entries (kind, id, number, version, body) values (");
    sql.bind(entry.kind.as_str()).push(", ").bind(entry.id.as_str()).push(", ");
    sql.bind(i64::from(entry.number)).push(", ").bind(entry.version).push(", ");
    sql.bind(entry.body.as_str()).push(")");
    tx.execute(sql).await.map(drop)
}
