//! Admission: which calls may go to Accuro now, which may go twice, and which must not go again.
//!
//! Owns the rules as state machines over numbers and enums; time comes in as a parameter. What is
//! shared by every call is atomic, so that a call that meets no trouble takes no lock. Does not send,
//! wait, or know HTTP; `proxy::admit` and `proxy::retry` do.
//!
//! | file | what |
//! | --- | --- |
//! | [`class`] | what is shielded together, and who gives way to whom |
//! | [`window`] | counts of the last seconds |
//! | [`retry`] | may a read be sent again, and when |
//! | [`breaker`] | is Accuro to be left alone |
//! | [`concurrency`] | how many calls Accuro can take at a time |
//! | [`read_only`] | are writes switched off, and by what |
//! | [`idempotency`], [`claims`] | is a keyed write the first of its key |

pub mod breaker;
pub mod claims;
pub mod class;
pub mod concurrency;
pub mod idempotency;
pub mod read_only;
pub mod retry;
pub mod window;
