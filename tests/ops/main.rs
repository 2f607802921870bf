//! What people meet on the ops site, asked over its router with a real store behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access_log;
mod accounts;
mod adoption;
mod diagnosis;
mod doors;
mod french;
mod incidents;
mod large_rollout;
mod matrix;
mod metrics;
mod rooms;
mod scope;
mod second_factor;
mod settings;
mod sharing;
mod silences;
mod support;
