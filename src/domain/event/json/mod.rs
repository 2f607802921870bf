//! The event's JSON form: the structured log line, the journal's record, export and import at once.
//!
//! Owns writing (by hand, since every value is of a fixed alphabet and needs no escaping, and since
//! this runs once a call) and reading with errors that name the field and never its content.

mod read;
mod write;

pub use read::{EventError, read_line};
pub use write::write_line;

/// The version of the form that this program writes and reads.
pub const VERSION: u64 = 1;

#[cfg(test)]
mod tests;
