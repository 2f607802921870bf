//! Who is reading, and what they may see.

pub(crate) mod policy;
