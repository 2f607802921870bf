//! accuscope
pub mod domain;
pub mod store;
