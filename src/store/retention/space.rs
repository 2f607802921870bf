//! What was freed goes back to the file system, and leaves no trace in the log beside the file.
//!
//! Owns the SQLite side of it: free pages are cut off the file a few at a time, and the write-ahead
//! log, which holds pages as they were, is emptied. PostgreSQL gives back with the table of a day.

use super::super::Store;
use super::super::connection::Pools;
use super::super::error::StoreError;
use super::super::sql::{Int, Sql};

/// Pages of one piece: some milliseconds each.
const PAGES: &str = "pragma incremental_vacuum(1000)";

/// What came of giving space back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Bytes that the file is shorter now.
    pub bytes: u64,
    /// The file cannot give back pages yet, and there is no room to write it anew: bytes needed.
    pub needs_bytes: Option<u64>,
}

impl Store {
    /// Gives free space back, where that is not done by dropping tables.
    ///
    /// A file made without incremental vacuum is written anew, once, if the disk has room for a
    /// second copy.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn give_back(&self) -> Result<Returned, StoreError> {
        let Pools::Sqlite { file, .. } = &self.pools else { return Ok(Returned::default()) };
        let before = self.bytes().await?;
        // 2: incremental.
        if self.pragma("select auto_vacuum from pragma_auto_vacuum").await? != 2 {
            if free_bytes(file).is_some_and(|free| free < before.saturating_mul(2)) {
                return Ok(Returned { bytes: 0, needs_bytes: Some(before.saturating_mul(2)) });
            }
            self.pools.alone(Sql::new("pragma auto_vacuum = incremental")).await?;
            self.pools.alone(Sql::new("vacuum")).await?;
        }
        let mut free = self.pragma("select freelist_count from pragma_freelist_count").await?;
        while free > 0 {
            self.pools.alone(Sql::new(PAGES)).await?;
            let left = self.pragma("select freelist_count from pragma_freelist_count").await?;
            if left >= free {
                break;
            }
            free = left;
        }
        self.pools.alone(Sql::new("pragma wal_checkpoint(truncate)")).await?;
        let after = self.bytes().await?;
        Ok(Returned { bytes: before.saturating_sub(after), needs_bytes: None })
    }

    async fn pragma(&self, text: &'static str) -> Result<i64, StoreError> {
        let row: Option<(Int,)> = self.pools.first(Sql::new(text)).await?;
        Ok(row.map_or(0, |(value,)| value.0))
    }
}

/// Bytes that the disk of a file has left; `None` if the system does not tell.
fn free_bytes(file: &std::path::Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(file).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}
