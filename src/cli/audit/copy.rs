//! The store's copy of the audit, compared with the chain record by record.
//!
//! Owns what counts as a difference. A copy that is only behind is no difference, and a store that cannot
//! be reached is said and nothing more: the chain is the record.

use std::collections::VecDeque;

use crate::cli::exit::store;
use crate::config::Config;
use crate::domain::names::InstanceId;
use crate::store::{AuditCopy, Store, StoreUrl};

/// Rows that are fetched at once.
const PAGE: u32 = 1_000;

/// The first row that is not what the chain says, and how many there are.
#[derive(Default)]
pub(super) struct Differences {
    pub(super) first: Option<String>,
    pub(super) count: u64,
    /// Rows that are as they should be.
    pub(super) same: u64,
    /// Records that are not copied yet.
    pub(super) behind: u64,
}

/// The copy of one instance's chain, read along with the chain.
pub(super) struct StoreCopy {
    runtime: tokio::runtime::Runtime,
    store: Store,
    instance: InstanceId,
    copied_to: u64,
    rows: VecDeque<AuditCopy>,
    after: u64,
    ended: bool,
    found: Differences,
}

impl StoreCopy {
    /// Opens the store of the settings, for the records after `start`.
    ///
    /// # Errors
    ///
    /// Why there is nothing to compare with, in words.
    pub(super) fn open(config: &Config, instance: InstanceId, start: u64) -> Result<Self, String> {
        let missing = |url: StoreUrl| url.file().is_some_and(|file| !file.exists());
        if StoreUrl::parse(&config.store.url).is_ok_and(missing) {
            return Err("there is no store yet".to_owned());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let opened = runtime.block_on(async {
            let store = store(config).await.map_err(|failure| failure.message)?;
            let copied = store.audit_copied(&instance).await.map_err(|error| error.to_string())?;
            Ok::<_, String>((store, copied.map_or(0, |copied| copied.seq)))
        });
        let (store, copied_to) = opened?;
        let (rows, found) = (VecDeque::new(), Differences::default());
        Ok(Self { runtime, store, instance, copied_to, rows, after: start, ended: false, found })
    }

    /// The next record of the chain, with its line.
    pub(super) fn compare(&mut self, seq: u64, line: &[u8]) -> Result<(), String> {
        loop {
            self.fill()?;
            match self.rows.front() {
                Some(row) if row.seq < seq => {
                    let row = row.seq;
                    self.differs(row, "is in the store and not in the audit");
                    self.rows.pop_front();
                }
                Some(row) if row.seq == seq => {
                    let same = row.line.as_bytes() == line.trim_ascii_end();
                    match (same, row.columns_fit) {
                        (true, true) => self.found.same += 1,
                        (true, false) => {
                            self.differs(
                                seq,
                                "has columns in the store that its line does not say",
                            );
                        }
                        (false, _) => self.differs(seq, "is another one in the store"),
                    }
                    self.rows.pop_front();
                    return Ok(());
                }
                _ if seq <= self.copied_to => {
                    self.differs(seq, "is missing in the store");
                    return Ok(());
                }
                _ => {
                    self.found.behind += 1;
                    return Ok(());
                }
            }
        }
    }

    /// The chain has ended. While accuscope serves, it has grown since it was read, and rows beyond its
    /// end say nothing.
    pub(super) fn finish(mut self, in_use: bool) -> Result<Differences, String> {
        loop {
            self.fill()?;
            let Some(row) = self.rows.pop_front() else { break };
            if !in_use {
                self.differs(row.seq, "is in the store and not in the audit");
            }
        }
        self.runtime.block_on(self.store.close());
        Ok(self.found)
    }

    fn fill(&mut self) -> Result<(), String> {
        if !self.rows.is_empty() || self.ended {
            return Ok(());
        }
        let page = self.store.audit_copies(&self.instance, self.after, PAGE);
        let page = self.runtime.block_on(page).map_err(|error| error.to_string())?;
        self.ended = page.len() < PAGE as usize;
        self.after = page.last().map_or(self.after, |row| row.seq);
        self.rows.extend(page);
        Ok(())
    }

    fn differs(&mut self, seq: u64, how: &str) {
        self.found.count += 1;
        self.found.first.get_or_insert_with(|| format!("record {seq} {how}"));
    }
}
