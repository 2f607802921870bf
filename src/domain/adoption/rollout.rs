//! What is planned for a clinic.
//!
//! Owns the value: what the settings say of one clinic that the report measures it by.

use jiff::civil::Date;

use super::{GateChanges, OpeningHours};
use crate::domain::mergers::Merged;

/// What is planned for a clinic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollout {
    /// The day from which its staff could use it.
    pub enabled: Option<Date>,
    /// How many were invited.
    pub invited_staff: Option<u64>,
    /// When it is open.
    pub hours: OpeningHours,
    /// Gates of its own.
    pub gates: GateChanges,
    /// The clinic that it became part of.
    pub merged: Option<Merged>,
}
