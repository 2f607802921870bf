//! Who is reading, and what they may see.
//!
//! Owns permissions, sessions, the visit that every page begins with, and the guard against forms
//! of other sites.

pub(crate) mod guard;
pub(crate) mod policy;
pub(crate) mod session;
pub(crate) mod visit;
