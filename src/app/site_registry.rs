//! What the site keeps of the registry, in force at this process: taken from the store, kept on the disk.
//!
//! Owns the copy in the journal's folder, with which a process starts and goes on while the store is
//! away, and the way between it and the store. A store that knows less than the copy (made anew, or
//! brought back from an earlier time) is given what it lost. What the entries mean together with the
//! file is `config::lists`'s business; replacing the registry is `super::reload`'s.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::domain::kept_registry::{EntryKind, KeptEntry, KeptRegistry};
use crate::domain::registry::{AppKeyDigest, Registry};
use crate::domain::time::Timestamp;
use crate::journal::private;
use crate::ops::Applied;
use crate::store::{Store, StoreError, StoreHandle};
use crate::telemetry::events;

/// The copy's name in the journal's folder.
const FILE: &str = "registry.json";
/// How long the store, or the disk, may take to answer; it is asked again soon.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Serialize, Deserialize)]
struct Copy {
    stamp: i64,
    last_number: u32,
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    kind: String,
    id: String,
    number: u32,
    version: i64,
    body: String,
}

/// What the site kept, as this machine knows it: the copy in a journal's folder. Nothing where there is
/// none; one that cannot be read is named in the log and counts as none.
#[must_use]
pub fn kept_copy(journal: &Path) -> KeptRegistry {
    let file = journal.join(FILE);
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return KeptRegistry::default();
        }
        Err(error) => {
            events::registry_copy_unread(&error.to_string());
            return KeptRegistry::default();
        }
    };
    let kept = serde_json::from_slice::<Copy>(&bytes).ok().and_then(from_copy);
    kept.unwrap_or_else(|| {
        events::registry_copy_unread("it is not what this program writes");
        KeptRegistry::default()
    })
}

fn from_copy(copy: Copy) -> Option<KeptRegistry> {
    let entry = |entry: Entry| {
        let Entry { kind, id, number, version, body } = entry;
        EntryKind::parse(&kind).map(|kind| KeptEntry { kind, id, number, version, body })
    };
    let entries = copy.entries.into_iter().map(entry).collect::<Option<Vec<_>>>()?;
    Some(KeptRegistry { stamp: copy.stamp, last_number: copy.last_number, entries })
}

/// Keeps a copy, whole or not at all.
fn keep_copy(journal: &Path, kept: &KeptRegistry) -> std::io::Result<()> {
    let entry = |entry: &KeptEntry| Entry {
        kind: entry.kind.to_string(),
        id: entry.id.clone(),
        number: entry.number,
        version: entry.version,
        body: entry.body.clone(),
    };
    let entries = kept.entries.iter().map(entry).collect();
    let copy = Copy { stamp: kept.stamp, last_number: kept.last_number, entries };
    let text = serde_json::to_vec(&copy)?;
    private::replace(journal, FILE, &text)
}

/// What is to be in the copy.
#[derive(Default)]
struct Newest {
    kept: Mutex<KeptRegistry>,
    /// Held while a copy is written.
    writing: Mutex<()>,
}

impl Newest {
    fn lock(&self) -> MutexGuard<'_, KeptRegistry> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What this process knows of it.
pub(super) struct SiteRegistry {
    store: StoreHandle,
    journal: PathBuf,
    /// What is in force.
    kept: KeptRegistry,
    /// The same, for those who write copies of it.
    newest: Arc<Newest>,
    /// The stamp of what was refused, so that it is said once.
    refused: Option<i64>,
    /// The uses of keys that the store knows of.
    told: HashMap<AppKeyDigest, Timestamp>,
    /// Those who wait until the last change is in force here.
    pub(super) asks: mpsc::Receiver<Applied>,
}

impl SiteRegistry {
    /// With what the copy held at the start.
    pub(super) fn new(
        store: StoreHandle,
        journal: &Path,
        kept: KeptRegistry,
        asks: mpsc::Receiver<Applied>,
    ) -> Self {
        let journal = journal.to_owned();
        let newest = Arc::default();
        Self { store, journal, kept, newest, refused: None, told: HashMap::new(), asks }
    }

    /// What is in force.
    pub(super) const fn kept(&self) -> &KeptRegistry {
        &self.kept
    }

    /// What the store has that is not in force here yet. A store that does not answer in time has
    /// nothing new.
    pub(super) async fn news(&self) -> Option<KeptRegistry> {
        let store = self.store.get()?;
        let news = tokio::time::timeout(PATIENCE, self.ask(store)).await;
        // What did not work is tried at the next look.
        news.ok()?.ok()?
    }

    async fn ask(&self, store: &Store) -> Result<Option<KeptRegistry>, StoreError> {
        let stamp = store.registry_stamp().await?;
        if stamp == self.kept.stamp || Some(stamp) == self.refused {
            return Ok(None);
        }
        if stamp < self.kept.stamp {
            if store.restore_registry(&self.kept).await? {
                events::registry_restored(self.kept.entries.len());
            }
            return Ok(None);
        }
        store.kept_registry().await.map(Some)
    }

    /// It is in force from now on.
    pub(super) fn take(&mut self, kept: KeptRegistry) {
        self.kept = kept;
    }

    /// Keeps a copy of what is in force. A disk that does not answer holds up neither a call nor the next
    /// change: whoever comes to write writes what is in force by then.
    pub(super) async fn keep_copy(&self) {
        let (journal, newest) = (self.journal.clone(), Arc::clone(&self.newest));
        newest.lock().clone_from(&self.kept);
        let writing = tokio::task::spawn_blocking(move || {
            let one_at_a_time = newest.writing.lock();
            let kept = newest.lock().clone();
            let written = keep_copy(&journal, &kept);
            drop(one_at_a_time);
            written
        });
        match tokio::time::timeout(PATIENCE, writing).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => events::registry_copy_unkept(&error.to_string()),
            Ok(Err(_)) | Err(_) => events::registry_copy_unkept("the disk does not answer"),
        }
    }

    /// It cannot be in force, and is not asked for again.
    pub(super) const fn refuse(&mut self, kept: &KeptRegistry) {
        self.refused = Some(kept.stamp);
    }

    /// Tells the store which keys were used since it was last told.
    pub(super) async fn tell_uses(&mut self, registry: &Registry) {
        let Some(store) = self.store.get() else { return };
        let keys = registry.apps().iter().flat_map(|app| &app.keys);
        let used = keys.filter_map(|key| Some((key.digest, key.last_use.get()?)));
        let new: Vec<_> =
            used.filter(|(key, at)| self.told.get(key).is_none_or(|told| told < at)).collect();
        let told = tokio::time::timeout(PATIENCE, store.note_key_uses(&new)).await;
        if matches!(told, Ok(Ok(()))) {
            self.told.extend(new);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::domain::kept_registry::EntryChange;

    #[test]
    fn a_copy_comes_back_as_it_was_and_a_broken_one_counts_as_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept_copy(dir.path()), KeptRegistry::default());
        let put = EntryChange::Put {
            kind: EntryKind::Clinic,
            id: "old-mill".to_owned(),
            body: "name = \"Old Mill\"\n".to_owned(),
        };
        let kept = KeptRegistry::default().after(&[put], Timestamp::from_seconds(7));
        keep_copy(dir.path(), &kept).unwrap();
        assert_eq!(kept_copy(dir.path()), kept);
        let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(dir.path().join(FILE), "{\"stamp\":1").unwrap();
        assert_eq!(kept_copy(dir.path()), KeptRegistry::default());
    }
}
