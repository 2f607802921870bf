//! The simulated Accuro, over real sockets: it answers its whole catalogue, lets in whom it should,
//! leaves out what it should, and breaks what it is told to break.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod answers;
mod conformance;
mod support;
mod trouble;
