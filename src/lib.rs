//! accuscope
pub mod clock;
pub mod domain;
pub mod ops;
pub mod store;
