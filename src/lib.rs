//! accuscope
pub mod clock;
pub mod config;
pub mod domain;
pub mod journal;
pub mod keys;
pub mod proxy;
pub mod ops;
pub mod store;
pub mod sim;
pub mod telemetry;
