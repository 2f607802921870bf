//! The wire guard: strict HTTP/1 framing of requests, in front of the HTTP library.
//!
//! Owns the decision whether the bytes of a connection are requests that every server reads the same
//! way (RFC 9112). Libraries are lenient by design; a proxy that is lenient lets an attacker smuggle
//! one request inside another. The guard passes valid bytes on unchanged. At the first head that is
//! not valid it puts a marker request in its place and lets nothing further through, so that the
//! refusal is answered in order, by the ordinary path, with the ordinary counters.
//!
//! It also writes interim responses (103 Early Hints), which the library cannot send. Does not
//! parse for meaning; HTTP/2 connections pass unread, and their requests are looked at one by one
//! ([`stream`]).

mod connection;
mod framing;
mod head;
mod io;
mod names;
mod stream;
mod writing;

pub(super) use connection::{ConnectionState, RefusedHead};
pub(super) use io::{Guarded, Measures};
pub(super) use stream::refused_stream;

#[cfg(test)]
mod tests;
