//! accuscope
pub mod domain;
