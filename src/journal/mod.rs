//! The exchanges journal: append-only segments of JSON lines, the record of what happened.
//!
//! Owns the folder, its lock and the instance id kept there; the writer ([`Recorder`]) and reading
//! back ([`Tail`]). The index can be rebuilt from here at any time. Nothing here waits for the
//! store or knows it. The hash-chained [`audit`] journal stands beside this one in the same folder.
//!
//! Beside events, the journal holds marks (`domain::mark`): start, a sign of life a minute, stop, and how
//! many events were lost while the disk did not take them.
//!
//! Promises: a recorded line is on disk within 100 ms and synced within about a second; what cannot
//! be written is counted, never silently lost; memory stays bounded while the disk does not answer.

pub mod audit;
mod disk;
mod folder;
mod fresh;
mod pending;
pub mod private;
mod segment;
mod tail;
mod torn;
mod writer;

pub use folder::{Folder, JournalError, instance_of, is_in_use, segments};
pub use fresh::FreshEvents;
pub use pending::Counts;
pub use segment::{Position, Segment};
pub use tail::{Batch, Tail};
pub use writer::{Recorder, Writer};

#[cfg(test)]
mod tests;
