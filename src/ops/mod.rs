//! The ops site: pages for people.
//!
//! Owns pages, sessions and markup. Reads the store only; never calls Accuro and knows nothing of
//! the call path.

mod access;
mod assets;
mod components;
mod freshness;
mod pages;
mod preferences;
mod reading;
mod words;

/// Stand-in until the ops branch lands.
pub struct Parts {
    pub store: crate::store::StoreHandle,
    pub registry: std::sync::Arc<crate::domain::registry::Registry>,
    pub catalogue: std::sync::Arc<crate::domain::catalogue::Catalogue>,
    pub keys: std::sync::Arc<crate::keys::Keyring>,
    pub environment: crate::domain::labels::Environment,
    pub auth: crate::config::OpsAuth,
    pub clock: crate::clock::Clock,
    pub stop: tokio_util::sync::CancellationToken,
}
pub struct OpsState;
impl OpsState {
    pub fn new(_: Parts) -> Self {
        Self
    }
}
pub fn router(_: OpsState) -> axum::Router {
    axum::Router::new()
}
