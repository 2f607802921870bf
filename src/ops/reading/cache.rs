//! One reading for everybody who asks at about the same time.
//!
//! Owns how long a reading counts as now. Ten open pages that hear of one change cost one reading.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::slow::SlowFigures;
use super::{Reading, load, slow};
use crate::diagnosis::watch::Board;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError};

/// A reading is shared for so long.
const FRESH: Duration = Duration::from_secs(1);
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
    slow: Option<(Timestamp, Arc<SlowFigures>)>,
}

impl ReadingCache {
    /// The reading of now, read at most once a second however many ask.
    pub(crate) async fn get(
        &self,
        store: &Store,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<Arc<Reading>, StoreError> {
        let mut kept = self.kept.lock().await;
        // Distances count both ways, since a clock may be set back.
        let near = |at: Timestamp, span: Duration| at.since(now).max(now.since(at)) <= span;
        if let Some(reading) = kept.reading.as_ref().filter(|reading| near(reading.now, FRESH)) {
            return Ok(Arc::clone(reading));
        }
        let slow = match &kept.slow {
            Some((at, slow)) if near(*at, USUAL) && at.floor_to(3_600) == now.floor_to(3_600) => {
                Arc::clone(slow)
            }
            _ => {
                let slow = Arc::new(slow::load(store, now).await?);
                kept.slow = Some((now, Arc::clone(&slow)));
                slow
            }
        };
        let reading = Arc::new(load::load(store, registry, &slow, self.board.get(now), now).await?);
        kept.reading = Some(Arc::clone(&reading));
        Ok(reading)
    }
}
