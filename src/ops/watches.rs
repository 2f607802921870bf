//! Who wants to know when something works, and what they are told.
//!
//! Owns the look: at most every few seconds for each account, when one of its pages is loaded, so that
//! no task has to run for it. A watch is fulfilled by the first look that finds a call that worked.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use super::state::OpsState;
use crate::diagnosis::works_again;
use crate::domain::ids::DiagnosisId;
use crate::domain::time::Timestamp;
use crate::store::{Scoped, StoreError};

/// How long a look is good for.
const LOOK: Duration = Duration::from_secs(10);
/// Watches of one account that are looked at.
const MOST: u32 = 10;
/// Accounts whose looks are remembered.
const ACCOUNTS: usize = 1_000;

/// Something that somebody waited for works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// Which diagnosis.
    pub(crate) diagnosis: DiagnosisId,
    /// The call that worked.
    pub(crate) works_at: Timestamp,
}

/// The last look for each account.
#[derive(Default)]
pub(crate) struct Watches {
    looks: Mutex<HashMap<String, (Timestamp, Vec<News>)>>,
}

impl Watches {
    /// What an account waited for, and works. A store that does not answer is no news.
    pub(crate) async fn look(
        &self,
        state: &OpsState,
        store: &Scoped,
        account: &str,
        now: Timestamp,
    ) -> Vec<News> {
        if let Some(known) = self.known(account, now) {
            return known;
        }
        match news(store, account).await {
            Ok(found) => {
                self.remember(account, now, &found);
                found
            }
            Err(error) => {
                state.witness.store_failed(&error);
                Vec::new()
            }
        }
    }

    /// Forgets an account's look: what it waits for has changed.
    pub(crate) fn forget(&self, account: &str) {
        if let Ok(mut looks) = self.looks.lock() {
            looks.remove(account);
        }
    }

    fn known(&self, account: &str, now: Timestamp) -> Option<Vec<News>> {
        let looks = self.looks.lock().ok()?;
        let (at, news) = looks.get(account)?;
        (now.since(*at) < LOOK && *at <= now).then(|| news.clone())
    }

    fn remember(&self, account: &str, now: Timestamp, news: &[News]) {
        if let Ok(mut looks) = self.looks.lock() {
            if looks.len() >= ACCOUNTS {
                looks.clear();
            }
            looks.insert(account.to_owned(), (now, news.to_vec()));
        }
    }
}

async fn news(store: &Scoped, account: &str) -> Result<Vec<News>, StoreError> {
    let mut found = Vec::new();
    for watch in store.watches_of(account, MOST).await? {
        let works_at = match watch.works_at {
            Some(at) => Some(at),
            None => works_again(store, &watch).await?,
        };
        if let Some(works_at) = works_at {
            found.push(News { diagnosis: watch.diagnosis, works_at });
        }
    }
    Ok(found)
}
