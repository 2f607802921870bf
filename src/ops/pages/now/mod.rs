//! Now: whose trouble this moment is, since when, whom it affects, whose to fix.
//!
//! Owns the first page. Its sentence and facts come from `domain::health`; this file asks for the
//! reading and shows what it says.

mod charts;
mod facts;
pub(crate) mod view;
