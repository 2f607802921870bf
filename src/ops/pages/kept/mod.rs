//! What is kept and until when: every table and column, from the schema's own list.
//!
//! Owns the page. What a column holds and under which limit it is stands in `store::retention`; the
//! limits come from the settings.

pub(super) mod view;

use axum::response::Response;

use crate::domain::retention::Class;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::store::{LedgerLine, Scoped, StoreError};

/// Lines of the ledger that are shown.
const LEDGER_LINES: u32 = 30;

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The oldest of each class that has rows.
    pub(crate) oldest: Vec<(Class, Option<Timestamp>)>,
    /// What was removed lately, the newest first.
    pub(crate) ledger: Vec<LedgerLine>,
}

pub(super) async fn load(store: &Scoped, now: Timestamp) -> Result<Kept, StoreError> {
    let mut kept = Kept { ledger: store.purge_ledger(LEDGER_LINES).await?, ..Kept::default() };
    for class in Class::ALL {
        kept.oldest.push((*class, store.oldest(*class, now).await?));
    }
    Ok(kept)
}

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match load(store, visit.now).await {
        Ok(kept) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &view::view(&kept, &visit.state.limits, &frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}
