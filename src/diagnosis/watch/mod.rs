//! The diagnosis without a ticket: every few seconds, whose trouble this moment is.
//!
//! Owns the rule for clinics and for everybody, the reads behind it, and what keeps incidents in step
//! with it. It uses the engine's own reading of a call and its own search for change points. One
//! person's refusals are no trouble of a clinic and are left to the diagnosis of a ticket.
//!
//! | file | what |
//! | --- | --- |
//! | [`evidence`] | the latest calls, bounded |
//! | [`run`] | a row of bad calls of one sort: since when, how many, whether it is over |
//! | [`clinic`] | what that makes of one clinic |
//! | [`rule`] | what it makes of all of them: the widest trouble swallows the others |
//! | [`usual`] | how long a clinic's calls usually take |
//! | [`keeper`] | the loop: findings become incidents, and the board tells the open ones |

mod clinic;
mod evidence;
mod keeper;
mod rule;
mod run;
#[cfg(test)]
mod tests;
mod usual;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::domain::incident::Ongoing;
use crate::domain::time::Timestamp;

pub use keeper::Watch;
pub(crate) use usual::p95_by_clinic;

/// A board older than this is not believed: the watch has stopped.
const BELIEVED_FOR: Duration = Duration::from_secs(20);

/// What the watch saw last.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// When.
    pub at: Timestamp,
    /// The open incidents.
    pub open: Vec<Ongoing>,
}

/// Where the watch leaves what it sees. Cloning gives another view of the same.
#[derive(Clone, Default)]
pub struct Board(Arc<RwLock<Option<Arc<Sight>>>>);

impl Board {
    /// What the watch saw; `None` while it has not looked lately.
    #[must_use]
    pub fn get(&self, now: Timestamp) -> Option<Arc<Sight>> {
        let sight = self.0.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        // Distances count both ways, since a clock may be set back.
        let apart = now.since(sight.at).max(sight.at.since(now));
        (apart <= BELIEVED_FOR).then_some(sight)
    }

    /// Leaves what was seen.
    pub fn set(&self, sight: Sight) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(sight));
    }
}
