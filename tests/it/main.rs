//! The whole program over real sockets, from outside: a raw client on one side, an upstream that does
//! what a test says on the other. Each file is a complaint that somebody could make.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod connections;
mod forwarding;
mod support;
