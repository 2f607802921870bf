//! The record's canonical JSON (RFC 8785): members sorted by name, no spaces, one line.
//!
//! Every value is a number below 2^53, null, or text of an alphabet that needs no escaping, so writing
//! the members in order is all that the canonical form asks for. The hash covers the bytes of the line
//! without the member `hash` and the newline.

mod read;
mod write;

pub use read::{RecordError, read_entry, read_line, sealed_hash};
pub use write::{write_entry, write_line};

/// The version of the form that this program writes and reads.
pub const VERSION: u64 = 1;
/// Digits of a hash.
pub const HASH_DIGITS: usize = 64;
