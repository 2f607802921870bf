//! What the JSON API promises, asked over its router: who gets what, in which form, and that nothing
//! sent to it comes back.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod answers;
mod diagnoses;
mod document;
mod doors;
mod support;
