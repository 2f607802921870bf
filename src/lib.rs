//! accuscope
pub mod domain;
pub mod ops;
