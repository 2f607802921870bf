//! accuscope
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod indexer;
pub mod journal;
pub mod keys;
pub mod ops;
pub mod proxy;
pub mod sim;
pub mod store;
pub mod telemetry;
