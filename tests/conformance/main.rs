//! "Is it HTTP, by the book?": the rules that bind a gateway, one row a rule, and what attackers send,
//! over real sockets to a real app in front of an upstream that keeps every byte.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::print_stdout,
    reason = "the counts and times are results, not only whether they do"
)]

mod case;
mod corpus;
mod cve;
mod flood;
mod rules;
mod slow;
#[expect(dead_code, reason = "shared with tests/it, which uses the rest")]
#[path = "../it/support/mod.rs"]
mod support;
mod trace_context;
