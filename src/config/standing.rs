//! How the settings in force stand to the file: for the people who changed it.

use super::SetAside;
use crate::domain::time::Timestamp;

/// Since when which settings are in force.
#[derive(Clone, Debug)]
pub struct Standing {
    /// When the settings in force were read.
    pub since: Timestamp,
    /// When a later file was refused, and why; `None` if the last one was taken over.
    pub refused: Option<(Timestamp, String)>,
    /// What of the file waits for a restart.
    pub waiting: Vec<&'static str>,
    /// The stamp of what the site keeps of the registry, as far as it is in force here.
    pub kept: i64,
    /// What of it does not count, and why.
    pub set_aside: Vec<SetAside>,
}

impl Standing {
    /// Settings that were read at start.
    #[must_use]
    pub const fn at_start(since: Timestamp) -> Self {
        Self { since, refused: None, waiting: Vec::new(), kept: 0, set_aside: Vec::new() }
    }
}
