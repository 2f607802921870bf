//! Calls: the recorded calls, newest first, by whatever is known of them.
//!
//! Owns the explorer. What is looked for stands in the address as far as it names no person; a
//! person or a patient is looked for by the diagnosis, which posts.

pub(crate) mod query;
pub(crate) mod view;
