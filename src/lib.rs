//! accuscope
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod journal;
pub mod keys;
pub mod sim;
pub mod telemetry;
