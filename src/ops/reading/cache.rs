//! One reading for everybody who asks at about the same time.
//!
//! Owns how long a reading counts as now. Ten open pages that hear of one change cost one reading, and one
//! more for each set of clinics that somebody is limited to.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::slow::SlowFigures;
use super::{Reading, load, slow};
use crate::diagnosis::watch::Board;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::store::{Scoped, StoreError};

/// A reading is shared for so long.
const FRESH: Duration = Duration::from_secs(1);
/// Sets of clinics whose readings are kept.
const MOST_SCOPES: usize = 256;
/// What is usual is kept for so long.
const USUAL: Duration = Duration::from_mins(10);

/// The last reading.
#[derive(Default)]
pub(crate) struct ReadingCache {
    kept: Mutex<Kept>,
    /// What the watch sees.
    pub(crate) board: Board,
}

#[derive(Default)]
struct Kept {
    reading: Option<Arc<Reading>>,
    /// The same for those who see some clinics only.
    within: HashMap<ClinicScope, Arc<Reading>>,
    slow: Option<(Timestamp, Arc<SlowFigures>)>,
}

impl ReadingCache {
    /// The reading of now within the store's scope, read at most once a second however many ask.
    /// `registry` has every clinic.
    pub(crate) async fn get(
        &self,
        store: &Scoped,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<Arc<Reading>, StoreError> {
        let mut kept = self.kept.lock().await;
        let whole = self.whole(&mut kept, store, registry, now).await?;
        if store.scope().is_all() {
            return Ok(whole);
        }
        if let Some(own) = kept.within.get(store.scope()) {
            return Ok(Arc::clone(own));
        }
        let own = Arc::new(load::within(&whole, store).await?);
        if kept.within.len() >= MOST_SCOPES {
            kept.within.clear();
        }
        kept.within.insert(store.scope().clone(), Arc::clone(&own));
        Ok(own)
    }

    async fn whole(
        &self,
        kept: &mut Kept,
        store: &Scoped,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<Arc<Reading>, StoreError> {
        // Distances count both ways, since a clock may be set back.
        let near = |at: Timestamp, span: Duration| at.since(now).max(now.since(at)) <= span;
        if let Some(reading) = kept.reading.as_ref().filter(|reading| near(reading.now, FRESH)) {
            return Ok(Arc::clone(reading));
        }
        let everything = store.to_compare().whole();
        let slow = match &kept.slow {
            Some((at, slow)) if near(*at, USUAL) && at.floor_to(3_600) == now.floor_to(3_600) => {
                Arc::clone(slow)
            }
            _ => {
                let slow = Arc::new(slow::load(&everything, now).await?);
                kept.slow = Some((now, Arc::clone(&slow)));
                slow
            }
        };
        let reading =
            Arc::new(load::load(&everything, registry, &slow, self.board.get(now), now).await?);
        kept.within.clear();
        kept.reading = Some(Arc::clone(&reading));
        Ok(reading)
    }
}
