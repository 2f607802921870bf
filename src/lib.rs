//! accuscope
pub mod domain;
pub mod ops;
pub mod store;
