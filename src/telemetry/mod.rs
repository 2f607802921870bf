//! What accuscope tells of itself: every metric, every log line, every span.
//!
//! Owns their names and the start-up of logging and export. Accepts no free text: log fields are
//! enums, numbers and settings. Serves nothing; the telemetry listener is the application's.

pub mod events;
pub mod logging;
pub mod metrics;
mod objective;
mod registered;
pub mod spans;
mod tripwire;
