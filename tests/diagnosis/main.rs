//! Whether the diagnosis is right: a corpus of scenarios, the histories that they grow into, and the
//! measure of the answers.
//!
//! The scenarios are data (`scenarios/*.toml`), written from the contract and not from the engine.

#![expect(clippy::unwrap_used, reason = "a test without its parts has failed")]

mod answer;
mod ask;
mod corpus;
mod dump;
mod evaluate;
mod event;
mod far;
mod history;
mod live;
mod plan;
mod question;
mod recording;
mod scenario;
mod vocabulary;
mod world;
