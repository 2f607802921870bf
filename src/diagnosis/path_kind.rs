//! Whose paths an operation is on: the patient portal's, the provider portal's, a service's.
//!
//! Owns the reading of that from a route's template.

use super::alike::Core;
use super::scene::{Scene, Seen};
use crate::domain::labels::Context;

/// Whose paths an operation is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathKind {
    Patient,
    Provider,
    Client,
    Anybody,
}

impl PathKind {
    pub(super) fn of(seen: &Seen) -> Self {
        let has = |segment: &str| seen.call.route.as_str().split('/').any(|part| part == segment);
        if has("patient-portal") {
            Self::Patient
        } else if has("provider-portal") {
            Self::Provider
        } else if has("authorized-clients")
            || seen.call.operation.as_str() == "patient.public_search"
        {
            Self::Client
        } else {
            Self::Anybody
        }
    }

    /// Whether a token of that kind is not for these paths.
    pub(super) const fn refuses(self, context: Context) -> bool {
        match self {
            Self::Anybody => false,
            Self::Patient => matches!(context, Context::Provider | Context::Client),
            Self::Provider => matches!(context, Context::Patient | Context::Client),
            Self::Client => matches!(context, Context::Patient | Context::Provider),
        }
    }

    pub(super) fn of_core(scene: &Scene, core: &Core) -> Self {
        core.calls.first().map_or(Self::Anybody, |index| Self::of(&scene.seen[*index]))
    }
}
